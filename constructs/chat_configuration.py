"""A chat channel that hears of topics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aws_cdk import aws_chatbot as chatbot
from constructs import Construct

from registry.model import SlackChannel
from registry.monitoring.chat import ChatConfiguration

#: The guardrail of every channel. Without one, or with an empty list, AWS takes AdministratorAccess.
#: https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateSlackChannelConfiguration.html
#: https://github.com/waveaccounting/terraform-aws-chatbot-slack-configuration/pull/6
DENY_ALL: Final = "arn:aws:iam::aws:policy/AWSDenyAll"


def chat_configuration(
    scope: Construct, *, configuration: ChatConfiguration, role: str, topics: Sequence[str]
) -> chatbot.CfnSlackChannelConfiguration | chatbot.CfnMicrosoftTeamsChannelConfiguration:
    """Declare the configuration of a channel; `role` and `topics` are ARNs.

    What could not be shown is in its log, which AWS keeps in us-east-1: /aws/chatbot/NAME.
    """
    channel = configuration.channel
    same: dict[str, Any] = {
        "configuration_name": configuration.name,
        "iam_role_arn": role,
        "guardrail_policies": [DENY_ALL],
        "logging_level": "ERROR",
        "sns_topic_arns": list(topics),
    }
    if isinstance(channel, SlackChannel):
        return chatbot.CfnSlackChannelConfiguration(
            scope,
            configuration.id,
            slack_workspace_id=channel.workspace,
            slack_channel_id=channel.channel,
            **same,
        )
    return chatbot.CfnMicrosoftTeamsChannelConfiguration(
        scope,
        configuration.id,
        teams_tenant_id=channel.tenant,
        team_id=channel.team,
        teams_channel_id=channel.channel,
        **same,
    )
