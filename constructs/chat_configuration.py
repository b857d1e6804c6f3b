"""A chat channel that hears of topics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import aws_chatbot as chatbot
from constructs import Construct

from registry.model import SlackChannel
from registry.monitoring.chat import DENY_ALL, LOGGING_LEVEL, ChatConfiguration


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
        "logging_level": LOGGING_LEVEL,
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
