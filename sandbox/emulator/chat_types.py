"""The CloudFormation types of chat channels, which ministack does not know. Nothing is shown in any channel.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Chatbot.html
"""

from typing import Final

from ministack.core.responses import get_account_id
from ministack.services.cloudformation import provisioners

from sandbox.emulator.answers import Json

#: By type its part of an ARN, the property that is the channel, and those that CloudFormation can only replace.
TYPES: Final = {
    "AWS::Chatbot::SlackChannelConfiguration": (
        "slack-channel",
        "SlackChannelId",
        ("ConfigurationName", "SlackWorkspaceId"),
    ),
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": (
        "microsoft-teams-channel",
        "TeamsChannelId",
        ("ConfigurationName", "TeamId", "TeamsTenantId"),
    ),
}
#: By account and channel, the ARN of its configuration.
CHANNELS: dict[tuple[str, str], str] = {}
#: By account and ARN, what the template said of it.
_SAID: dict[tuple[str, str], Json] = {}
#: What the API calls a property of a template that it does not call the same.
_NAMES: Final = {
    "SlackWorkspaceId": "SlackTeamId",
    "TeamsChannelId": "ChannelId",
    "TeamsTenantId": "TenantId",
    "GuardrailPolicies": "GuardrailPolicyArns",
}


def configurations(part: str) -> list[Json]:
    """The configurations of the account, as the API says them; `part` is that of TYPES.

    https://docs.aws.amazon.com/chatbot/latest/APIReference/API_SlackChannelConfiguration.html
    """
    names = {"SlackTeamName": "acme", "SlackChannelName": "registry"} if part == "slack-channel" else {}
    return [
        {"ChatConfigurationArn": arn, "State": "ENABLED", **names}
        | {_NAMES.get(key, key): value for key, value in said.items()}
        for (account, arn), said in _SAID.items()
        if account == get_account_id() and f"/{part}/" in arn
    ]


def install() -> None:
    """Add the types to what ministack provisions."""
    for name, (part, channel, replacing) in TYPES.items():
        provisioners._RESOURCE_HANDLERS[name] = _handlers(name, part, channel)
        provisioners._REPLACING_PROPERTIES[name] = replacing


def _handlers(name: str, part: str, channel: str) -> Json:
    def create(logical_id: str, properties: Json, stack_name: str) -> tuple[str, Json]:
        """A channel is in one configuration (aws-cloudformation/cloudformation-coverage-roadmap #1155)."""
        key = (get_account_id(), properties[channel])
        if key in CHANNELS:
            raise ValueError(f"Resource of type '{name}' with identifier '{CHANNELS[key]}' already exists.")
        arn = f"arn:aws:chatbot::{key[0]}:chat-configuration/{part}/{properties['ConfigurationName']}"
        CHANNELS[key], _SAID[key[0], arn] = arn, properties
        return arn, {"Arn": arn}

    def update(physical_id: str, old: Json, new: Json, stack_name: str) -> tuple[str, Json]:
        """Topics and role change without interruption."""
        _SAID[get_account_id(), physical_id] = new
        return physical_id, {"Arn": physical_id}

    def delete(physical_id: str, properties: Json) -> None:
        """The channel can be told by another one."""
        CHANNELS.pop((get_account_id(), properties[channel]), None)
        _SAID.pop((get_account_id(), physical_id), None)

    return {"create": create, "update": update, "delete": delete}
