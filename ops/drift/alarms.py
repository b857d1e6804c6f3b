"""Alarms, dashboards and the channels of chats: what CloudWatch and Amazon Q Developer tell people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from ops.drift.kind import Found, Named, Properties, StackKind, literal, read_json, unless_gone
from ops.drift.repository_settings import Settings
from registry import naming
from registry.locations import Location
from registry.model import Registry, SlackChannel
from registry.monitoring import names
from registry.monitoring.chat import DENY_ALL, LOGGING_LEVEL, ChatConfiguration, chat_configurations_in
from registry.monitoring.metrics import Metric
from registry.monitoring.watch import Told, alarms_in, dashboards_in

# Alarms


def _alarm(said: Callable[[str], Any]) -> Settings:
    """What an alarm measures, when it speaks, and whom it tells, of a definition in CloudWatch's words.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
    """
    enabled = said("ActionsEnabled")
    return {
        "alarmDescription": said("AlarmDescription"),
        "actionsEnabled": True if enabled is None else enabled,
        "alarmActions": sorted(said("AlarmActions") or []),
        "okActions": sorted(said("OKActions") or []),
        "insufficientDataActions": sorted(said("InsufficientDataActions") or []),
        "measured": _measured(said),
        "threshold": said("Threshold"),
        "comparisonOperator": said("ComparisonOperator"),
        "evaluationPeriods": said("EvaluationPeriods"),
        "datapointsToAlarm": said("DatapointsToAlarm"),
        "treatMissingData": said("TreatMissingData"),
    }


def _measured(said: Callable[[str], Any]) -> dict[str, Any]:
    if queries := said("Metrics"):
        known = ("Id", "Expression", "Period", "ReturnData", "MetricStat")
        return {"Metrics": [{key: each[key] for key in known if key in each} for each in queries]}
    dimensions = sorted(said("Dimensions") or [], key=lambda each: str(each["Name"]))
    single = {name: said(name) for name in ("Namespace", "MetricName", "Statistic", "Period")}
    return {**single, "Dimensions": [{"Name": each["Name"], "Value": each["Value"]} for each in dimensions]}


def _heard(registry: Registry, at: Location, told: Told) -> list[str]:
    return [
        naming.topic_arn(at, (names.chat_topic_name if chat else names.topic_name)(registry.name, team))
        for team, chat in told.topics
    ]


def _alarms_declared(registry: Registry, at: Location) -> Named:
    found = {}
    for told in alarms_in(registry, at):
        it, heard = told.alarm, _heard(registry, at, told)
        said: dict[str, Any] = {
            "AlarmDescription": it.description,
            "AlarmActions": heard,
            "OKActions": heard,
            "Threshold": it.threshold,
            "ComparisonOperator": it.comparison,
            "EvaluationPeriods": it.periods,
            "DatapointsToAlarm": it.breaching,
            "TreatMissingData": it.missing,
        }
        if isinstance(it.measured, Metric):
            said |= {
                "Namespace": it.measured.namespace,
                "MetricName": it.measured.name,
                "Statistic": it.measured.statistic,
                "Period": it.period,
                "Dimensions": [{"Name": name, "Value": value} for name, value in it.measured.dimensions],
            }
        else:
            query = {"Id": "watched", "Expression": it.measured.text, "Period": it.period, "ReturnData": True}
            said["Metrics"] = [query]
        found[it.name] = _alarm(said.get)
    return found


def _alarms(client: Any, registry: Registry, at: Location) -> Found:
    """One call for a hundred; https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html"""

    def reader(row: Any) -> Callable[[], Settings]:
        return lambda: _alarm(row.get)

    pages = client.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=names.watch_prefix(registry.name), AlarmTypes=["MetricAlarm"]
    )
    return {row["AlarmName"]: reader(row) for page in pages for row in page.get("MetricAlarms", [])}


# Dashboards


def _dashboards_declared(registry: Registry, at: Location) -> Named:
    return {it.name: {"dashboardBody": read_json(it.body)} for it in dashboards_in(registry, at)}


def _dashboards(client: Any, registry: Registry, at: Location) -> Found:
    def reader(name: str) -> Callable[[], Settings | None]:
        def read() -> Settings:
            return {"dashboardBody": read_json(client.get_dashboard(DashboardName=name)["DashboardBody"])}

        return lambda: unless_gone(read)

    return {it.name: reader(it.name) for it in dashboards_in(registry, at)}


# Channels of chats


def _channel(
    channel: Iterable[str], topics: Iterable[str], role: object, guardrails: Iterable[str], level: str, state: str
) -> Settings:
    """Whom it tells and what of; without the guardrail a channel's members could do what the role may.

    Of Microsoft the id of a channel is once written with `%3a` and once with `:`.
    """
    return {
        "channel": "/".join(map(unquote, channel)),
        "snsTopicArns": sorted(topics),
        "iamRoleArn": role,
        "guardrailPolicyArns": sorted(guardrails),
        "loggingLevel": level,
        "state": state,
    }


def _channel_id(configuration: ChatConfiguration) -> tuple[str, ...]:
    it = configuration.channel
    return (it.workspace, it.channel) if isinstance(it, SlackChannel) else (it.tenant, it.team, it.channel)


def _channels_declared(slack: bool) -> Callable[[Registry, Location], Named]:
    def declared(registry: Registry, at: Location) -> Named:
        role = naming.role_arn(at.account, at.region, registry.roles.path, names.chat_role_name(registry.name))
        return {
            it.name: _channel(
                _channel_id(it),
                (naming.topic_arn(place, names.chat_topic_name(registry.name, team)) for place, team in it.topics),
                role,
                [DENY_ALL],
                LOGGING_LEVEL,
                "ENABLED",
            )
            for it in chat_configurations_in(registry, at)
            if isinstance(it.channel, SlackChannel) is slack
        }

    return declared


def _has_channels(slack: bool) -> Callable[[Registry, Location], bool]:
    """Nobody is asked about a chat that the file does not use."""
    declared = _channels_declared(slack)
    return lambda registry, at: registry.monitors(at) and bool(declared(registry, at))


def _live_channel(row: Mapping[str, Any], *channel: str) -> Settings:
    return _channel(
        (row[key] for key in channel),
        row["SnsTopicArns"],
        row["IamRoleArn"],
        row.get("GuardrailPolicyArns", []),
        row.get("LoggingLevel", "NONE"),
        row.get("State", "ENABLED"),
    )


def _slack_channels(client: Any, registry: Registry, at: Location) -> Found:
    pages = client.get_paginator("describe_slack_channel_configurations").paginate()
    rows = [row for page in pages for row in page["SlackChannelConfigurations"]]
    return _of_registry(registry, rows, "SlackTeamId", "SlackChannelId")


def _teams_channels(client: Any, registry: Registry, at: Location) -> Found:
    pages = client.get_paginator("list_microsoft_teams_channel_configurations").paginate()
    rows = [row for page in pages for row in page["TeamChannelConfigurations"]]
    return _of_registry(registry, rows, "TenantId", "TeamId", "ChannelId")


def _of_registry(registry: Registry, rows: Iterable[Mapping[str, Any]], *channel: str) -> Found:
    def reader(row: Mapping[str, Any]) -> Callable[[], Settings]:
        return lambda: _live_channel(row, *channel)

    prefix = names.chat_prefix(registry.name)
    named = ((row.get("ConfigurationName", ""), row) for row in rows)
    return {name: reader(row) for name, row in named if name.startswith(prefix)}


def _channel_deployed(*channel: str) -> Callable[[Properties], tuple[str, Settings]]:
    def deployed(properties: Properties) -> tuple[str, Settings]:
        topics = properties.get("SnsTopicArns", [])
        known = all(isinstance(each, str) for each in topics)
        settings = _channel(
            (properties[key] for key in channel),
            topics if known else (),
            properties["IamRoleArn"],
            properties.get("GuardrailPolicies", []),
            properties.get("LoggingLevel", "NONE"),
            "ENABLED",
        )
        return properties["ConfigurationName"], literal(settings if known else {**settings, "snsTopicArns": topics})

    return deployed


def _asked_in(at: Location) -> str:
    """The API is in four regions, each with the same configurations.

    https://docs.aws.amazon.com/general/latest/gr/chatbot.html
    """
    return "us-east-2"


ALARM: Final = StackKind(
    noun="alarm",
    type="AWS::CloudWatch::Alarm",
    service="cloudwatch",
    where=Registry.monitors,
    optional=True,
    declared=_alarms_declared,
    deployed=lambda properties: (properties["AlarmName"], literal(_alarm(properties.get))),
    find=_alarms,
)
DASHBOARD: Final = StackKind(
    noun="dashboard",
    type="AWS::CloudWatch::Dashboard",
    service="cloudwatch",
    where=lambda registry, at: registry.monitors(at) and bool(dashboards_in(registry, at)),
    optional=True,
    declared=_dashboards_declared,
    deployed=lambda properties: (
        properties["DashboardName"],
        literal({"dashboardBody": read_json(properties["DashboardBody"])}),
    ),
    find=_dashboards,
)
SLACK_CHANNEL: Final = StackKind(
    noun="Slack channel",
    type="AWS::Chatbot::SlackChannelConfiguration",
    service="chatbot",
    region=_asked_in,
    where=_has_channels(True),
    optional=True,
    declared=_channels_declared(True),
    deployed=_channel_deployed("SlackWorkspaceId", "SlackChannelId"),
    find=_slack_channels,
)
TEAMS_CHANNEL: Final = StackKind(
    noun="Microsoft Teams channel",
    type="AWS::Chatbot::MicrosoftTeamsChannelConfiguration",
    service="chatbot",
    region=_asked_in,
    where=_has_channels(False),
    optional=True,
    declared=_channels_declared(False),
    deployed=_channel_deployed("TeamsTenantId", "TeamId", "TeamsChannelId"),
    find=_teams_channels,
)
