"""Topics, who may publish to them, who subscribes, and the key: the second half of the way of a message.

A subscription besides those of the template is in no stack, and so in no drift detection of CloudFormation's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from ops.drift.kind import Found, Kind, Named, Properties, StackKind, is_gone, literal, read_json, unless_gone
from ops.drift.repository_settings import Settings
from registry import naming
from registry.locations import Location
from registry.model import Registry
from registry.monitoring import names
from registry.monitoring.policies import topic_key_policy, topic_policy
from registry.monitoring.watch import topic_teams

#: The topics of chats are subscribed by the service itself, at endpoints that begin so.
CHAT_SERVICE: Final = "https://global.sns-api.chatbot.amazonaws.com"


def topics_in(registry: Registry, at: Location) -> Iterator[tuple[str, str | None, bool]]:
    """The topics of a location by name: whose it is (None: everybody's), and whether it is that of their chats."""
    assert registry.monitoring is not None  # Registry.monitors says so
    for team in (None, *(each.name for each in topic_teams(registry, at))):
        yield names.topic_name(registry.name, team), team, False
        if registry.monitoring.audiences[team].chat:
            yield names.chat_topic_name(registry.name, team), team, True


# Topics, their policies and subscriptions


def _key_of(registry: Registry, at: Location) -> str:
    assert registry.monitoring is not None
    return registry.monitoring.key_in(at) or names.monitoring_alias(registry.name)


def _topic(key: str | None) -> Settings:
    return {"encrypted": key is not None, "kmsKey": key}


def _topics_declared(registry: Registry, at: Location) -> Named:
    return {name: _topic(_key_of(registry, at)) for name, _, _ in topics_in(registry, at)}


def _attributes(client: Any, at: Location, topic: str) -> Mapping[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html"""
    return dict(client.get_topic_attributes(TopicArn=naming.topic_arn(at, topic))["Attributes"])


def _topics(client: Any, registry: Registry, at: Location) -> Found:
    """The key of each: SNS answers with what it was told, and CloudFormation tells it the id of its key."""
    wanted = _key_of(registry, at)

    def live(topic: str) -> Settings:
        key = _attributes(client, at, topic).get("KmsMasterKeyId") or None
        bare = key is not None and key != wanted and ":" not in key and not key.startswith("alias/")
        return _topic(naming.key_arn(at, str(key)) if bare else key)

    return _each_topic(registry, at, live)


def _each_topic(registry: Registry, at: Location, live: Callable[[str], Settings]) -> Found:
    def reader(topic: str) -> Callable[[], Settings | None]:
        return lambda: unless_gone(lambda: live(topic))

    return {name: reader(name) for name, _, _ in topics_in(registry, at)}


def _topic_policies(client: Any, registry: Registry, at: Location) -> Found:
    return _each_topic(
        registry, at, lambda topic: {"policyDocument": read_json(_attributes(client, at, topic).get("Policy"))}
    )


def subscription_name(topic: str, protocol: str, endpoint: str) -> str:
    """What a subscription is called here: no name of a topic and no protocol has a space."""
    return f"{topic} {protocol} {endpoint}"


def _subscription(raw: bool, dead_letters: str | None, filtered: Any, confirmed: bool) -> Settings:
    """What decides whether a message arrives, and in which form; a filter keeps messages away."""
    return {
        "rawMessageDelivery": raw,
        "deadLetterTargetArn": dead_letters,
        "filterPolicy": filtered,
        "confirmed": confirmed,
    }


def _subscriptions_declared(registry: Registry, at: Location) -> Named:
    assert registry.monitoring is not None
    dead_letters = naming.queue_arn(at, names.dead_letter_queue_name(registry.name))
    return {
        subscription_name(topic, protocol, endpoint): _subscription(
            protocol == "sqs", None if protocol == "email" else dead_letters, None, True
        )
        for topic, team, chat in topics_in(registry, at)
        if not chat
        for protocol, endpoint in registry.monitoring.audiences[team].by_protocol()
    }


def _subscriptions(client: Any, registry: Registry, at: Location) -> Found:
    """Everything that hears of the topics; one that nobody confirmed has no attributes yet."""
    found: dict[str, Any] = {}
    wanted = _subscriptions_declared(registry, at)

    def read(name: str, arn: str) -> Settings:
        if not arn.startswith("arn:"):
            return {**wanted.get(name, {}), "confirmed": False}
        said = client.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        redrive = read_json(said.get("RedrivePolicy")) or {}
        return _subscription(
            said.get("RawMessageDelivery") == "true",
            redrive.get("deadLetterTargetArn"),
            read_json(said.get("FilterPolicy")),
            said.get("PendingConfirmation") != "true",
        )

    def reader(name: str, arn: str) -> Callable[[], Settings | None]:
        return lambda: unless_gone(lambda: read(name, arn))

    for topic, _, _ in topics_in(registry, at):
        for row in subscribed(client, at, topic):
            name = subscription_name(topic, row["Protocol"], row["Endpoint"])
            found[name] = reader(name, row["SubscriptionArn"])
    return found


def subscribed(client: Any, at: Location, topic: str) -> list[Any]:
    """The subscriptions of a topic; none where it is gone.

    https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
    """
    try:
        pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=naming.topic_arn(at, topic))
        return [row for page in pages for row in page["Subscriptions"]]
    except ClientError as problem:
        if is_gone(problem):
            return []
        raise


def _told_of_subscription(registry: Registry, at: Location, name: str) -> bool:
    """Chats subscribe themselves, to their own topics."""
    topic, _, endpoint = name.split(" ", 2)
    return not (endpoint.startswith(CHAT_SERVICE) and topic.endswith("_chat"))


def _subscription_deployed(properties: Properties) -> tuple[str, Settings]:
    """Nothing is said of a confirmation: a deploy is done without it."""
    topic, said = str(properties["TopicArn"]).rpartition(":")[2], properties.get
    settings = _subscription(
        bool(said("RawMessageDelivery", False)),
        (said("RedrivePolicy") or {}).get("deadLetterTargetArn"),
        said("FilterPolicy"),
        True,
    )
    del settings["confirmed"]
    return subscription_name(topic, properties["Protocol"], properties["Endpoint"]), literal(settings)


# The key that is made for the topics


def _makes_key(registry: Registry, at: Location) -> bool:
    return registry.monitors(at) and registry.monitoring is not None and registry.monitoring.key_in(at) is None


def _keys(client: Any, registry: Registry, at: Location) -> Found:
    """https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html"""
    alias = names.monitoring_alias(registry.name)

    def live() -> Settings:
        key = client.describe_key(KeyId=alias)["KeyMetadata"]
        policy = client.get_key_policy(KeyId=key["Arn"])["Policy"]
        return {"keyState": key["KeyState"], "policyDocument": read_json(policy)}

    return {alias: lambda: unless_gone(live)}


TOPIC: Final = StackKind(
    noun="topic",
    type="AWS::SNS::Topic",
    service="sns",
    where=Registry.monitors,
    optional=True,
    declared=_topics_declared,
    deployed=lambda properties: (properties["TopicName"], literal(_topic(properties.get("KmsMasterKeyId")))),
    find=_topics,
)
TOPIC_POLICY: Final = StackKind(
    noun="topic policy",
    type="AWS::SNS::TopicPolicy",
    service="sns",
    where=Registry.monitors,
    optional=True,
    declared=lambda registry, at: {
        name: {"policyDocument": topic_policy(registry.name, at, name)} for name, _, _ in topics_in(registry, at)
    },
    deployed=lambda properties: (
        str(properties["Topics"][0]).rpartition(":")[2],
        literal({"policyDocument": properties["PolicyDocument"]}),
    ),
    find=_topic_policies,
)
SUBSCRIPTION: Final = StackKind(
    noun="subscription",
    type="AWS::SNS::Subscription",
    service="sns",
    where=Registry.monitors,
    optional=True,
    exclusive=True,
    told=_told_of_subscription,
    declared=_subscriptions_declared,
    deployed=_subscription_deployed,
    find=_subscriptions,
)
#: Not of a stack here: what CloudFormation calls it is an id that no file knows.
TOPIC_KEY: Final = Kind(
    noun="topic key",
    service="kms",
    where=_makes_key,
    optional=True,
    declared=lambda registry, at: {
        names.monitoring_alias(registry.name): {"keyState": "Enabled", "policyDocument": topic_key_policy(at)}
    },
    find=_keys,
)
