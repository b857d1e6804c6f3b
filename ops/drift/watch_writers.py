"""How what watches is put back, and of what delivers why it is not: who writes a pipeline must pass its roles on.

What is made again by the API has the name that CloudFormation knows it by. A subscription has not: its ARN is new. But
CloudFormation does not make it again at all, and a message that does not come is worse:
https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2455
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from ops.drift.topics import subscribed, subscription_name
from ops.drift.writer import Change, Writer, never, text
from registry import naming


def _put_rule(client: Any, change: Change) -> None:
    """The rule and its targets; what somebody added is taken away."""
    wanted = change.wanted
    if change.settings & {"state", "description", "eventPattern"}:
        client.put_rule(
            Name=change.name,
            State=wanted["state"],
            Description=wanted["description"],
            EventPattern=text(wanted["eventPattern"]),
        )
    if "targets" in change.settings:
        added = sorted(set(change.live["targets"] if change.live else ()) - set(wanted["targets"]))
        if added:
            client.remove_targets(Rule=change.name, Ids=added)
        client.put_targets(Rule=change.name, Targets=[{"Id": key, **it} for key, it in wanted["targets"].items()])


def _put_topic(client: Any, change: Change) -> None:
    arn = naming.topic_arn(change.at, change.name)
    client.set_topic_attributes(TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue=change.wanted["kmsKey"])


def _put_topic_policy(client: Any, change: Change) -> None:
    arn = naming.topic_arn(change.at, change.name)
    policy = text(change.wanted["policyDocument"])
    client.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)


def _subscribe(client: Any, change: Change) -> None:
    topic, protocol, endpoint = change.name.split(" ", 2)
    said = {"RawMessageDelivery": "true"} if change.wanted["rawMessageDelivery"] else {}
    if queue := change.wanted["deadLetterTargetArn"]:
        said["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": queue})
    client.subscribe(TopicArn=naming.topic_arn(change.at, topic), Protocol=protocol, Endpoint=endpoint, Attributes=said)


def _put_subscription(client: Any, change: Change) -> None:
    arn, wanted = _arn_of(client, change), change.wanted
    queue = wanted["deadLetterTargetArn"]
    values = {
        "rawMessageDelivery": ("RawMessageDelivery", "true" if wanted["rawMessageDelivery"] else "false"),
        "deadLetterTargetArn": (
            "RedrivePolicy",
            json.dumps({"deadLetterTargetArn": queue}) if queue else "",
        ),
        "filterPolicy": ("FilterPolicy", "{}"),  # which lets everything pass; SNS then says that there is none
    }
    for setting in sorted(change.settings & values.keys()):
        name, value = values[setting]
        client.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)


def _unsubscribe(client: Any, change: Change) -> None:
    client.unsubscribe(SubscriptionArn=_arn_of(client, change))


def _arn_of(client: Any, change: Change) -> str:
    topic = change.name.split(" ", 1)[0]
    found = (
        str(row["SubscriptionArn"])
        for row in subscribed(client, change.at, topic)
        if subscription_name(topic, row["Protocol"], row["Endpoint"]) == change.name
    )
    return next(found, "")


def _queue(client: Any, change: Change, **attributes: str) -> None:
    url = client.get_queue_url(QueueName=change.name)["QueueUrl"]
    client.set_queue_attributes(QueueUrl=url, Attributes=attributes)


def _put_queue(client: Any, change: Change) -> None:
    seconds = str(change.wanted["messageRetentionPeriod"])
    _queue(client, change, MessageRetentionPeriod=seconds, SqsManagedSseEnabled="true")


def _put_queue_policy(client: Any, change: Change) -> None:
    _queue(client, change, Policy=text(change.wanted["policyDocument"]))


def _put_alarm(client: Any, change: Change) -> None:
    """The whole alarm; its state stays. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
    said = {key[:1].upper() + key[1:]: value for key, value in change.wanted.items() if key != "measured"}
    said["OKActions"] = said.pop("OkActions")
    client.put_metric_alarm(AlarmName=change.name, **said, **change.wanted["measured"])


def _put_dashboard(client: Any, change: Change) -> None:
    client.put_dashboard(DashboardName=change.name, DashboardBody=text(change.wanted["dashboardBody"]))


_OUTSIDE: Final = (
    "it is in no stack, and `ecrctl import` does not take it: delete it in AWS, then `make deploy` creates it"
)
_REVERT: Final = "writing it needs iam:PassRole; `cdk deploy --revert-drift` of the Delivery stack writes it again"
_MADE_AGAIN: Final = (
    "what hung on it is gone as well; `cdk deploy --revert-drift` of the Monitoring stack makes it again"
)
_MAIL: Final = "who gets the message confirms it by the link in it; `aws sns subscribe` sends the link again"
_KEY: Final = (
    "`aws kms cancel-key-deletion` and `aws kms enable-key` switch it on; a policy is put back by "
    "`cdk deploy --revert-drift` of the Monitoring stack"
)
_CHANNEL: Final = (
    "writing it needs iam:PassRole; `cdk deploy --revert-drift` of the Monitoring stack writes it again, and what "
    "somebody switched off in the console is switched on there"
)


class _Everything(dict[str, str]):
    """Every setting, and the thing itself, for one reason."""

    def __init__(self, reason: str) -> None:
        super().__init__({"": reason})

    def __contains__(self, setting: object) -> bool:
        return True

    def __missing__(self, setting: str) -> str:
        return self[""]


def _not_written(reason: str) -> Writer:
    return Writer(create=never, update=never, unchangeable=_Everything(reason), outside=_OUTSIDE)


#: By the noun of a Kind.
WATCH_WRITERS: Final[Mapping[str, Writer]] = {
    "event rule": Writer(
        create=_put_rule,
        update=_put_rule,
        together=(frozenset({"state", "description", "eventPattern"}),),
        outside=_OUTSIDE,
    ),
    "topic": Writer(create=never, update=_put_topic, unchangeable={"": _MADE_AGAIN}, outside=_OUTSIDE),
    "topic policy": Writer(
        create=never, update=_put_topic_policy, outside=_OUTSIDE, part_of=("topic", lambda name: name)
    ),
    "topic key": _not_written(_KEY),
    "subscription": Writer(
        create=_subscribe,
        update=_put_subscription,
        delete=_unsubscribe,
        part_of=("topic", lambda name: name.partition(" ")[0]),
        unchangeable={"confirmed": _MAIL},
        outside=_OUTSIDE,
    ),
    "queue": Writer(create=never, update=_put_queue, unchangeable={"": _MADE_AGAIN}, outside=_OUTSIDE),
    "queue policy": Writer(
        create=never, update=_put_queue_policy, outside=_OUTSIDE, part_of=("queue", lambda name: name)
    ),
    "alarm": Writer(create=_put_alarm, update=_put_alarm, outside=_OUTSIDE),
    "dashboard": Writer(create=_put_dashboard, update=_put_dashboard, outside=_OUTSIDE),
    "Slack channel": _not_written(_CHANNEL),
    "Microsoft Teams channel": _not_written(_CHANNEL),
    "build project": _not_written(_REVERT),
    "pipeline": _not_written(_REVERT),
}
