"""The Monitoring stack: what is watched in one region of an account, and who hears of it."""

from __future__ import annotations

from typing import Any

from constructs import Construct
from constructs.alarm import Alarm
from constructs.dashboard import Dashboard
from constructs.dead_letter_queue import DeadLetterQueue
from constructs.encrypted_topic import EncryptedTopic
from constructs.event_rule import TopicRule
from constructs.topic_key import TopicKey

from registry import naming
from registry.locations import Location
from registry.model import Registry, Targets
from registry.monitoring import names
from registry.monitoring.chat import ROLE, chat_configurations_in
from registry.monitoring.event_rules import event_rules
from registry.monitoring.watch import alarms_in, dashboards_in, topic_teams
from stacks.base import BaseStack


class MonitoringStack(BaseStack):
    """A topic for everybody and one for each team, their key, a queue for what is not delivered; event rules, alarms,
    dashboards, chats.
    """

    def __init__(self, scope: Construct, *, registry: Registry, at: Location) -> None:
        """Declare what `registry.monitoring` watches at a location; `scope` is the region within its account."""
        super().__init__(scope, naming.MONITORING_UNIT, registry=registry, at=at, holds="monitoring")
        watched = registry.monitoring
        assert watched is not None  # or there is no such stack
        key = watched.key_in(at) or TopicKey(self, "Key", registry_name=registry.name, at=at).ref
        #: ARNs of the topics of everybody (None) and of teams; those of chats where somebody has a channel.
        self.topics: dict[str | None, str] = {}
        self.chat_topics: dict[str | None, str] = {}
        self.dead_letters = DeadLetterQueue(self, "DeadLetters", registry_name=registry.name, at=at)
        for team in (None, *(each.name for each in topic_teams(registry, at))):
            self._make_topics(registry, at, team, key, watched.audiences[team])
        for rule in event_rules(registry, at):
            TopicRule(
                self,
                rule.logical_id,
                rule=rule,
                topic=self.topics[rule.team],
                chat_topic=self.chat_topics.get(rule.team),
                dead_letters=self.dead_letters.attr_arn,
            )
        for told in alarms_in(registry, at):
            heard = [self.chat_topics[team] if chat else self.topics[team] for team, chat in told.topics]
            Alarm(self, told.alarm.id, alarm=told.alarm, topics=heard)
        for dashboard in dashboards_in(registry, at):
            Dashboard(self, naming.logical_id(dashboard.namespace or "", "Dashboard"), dashboard=dashboard)
        self._make_chats(registry, at)

    def _make_topics(self, registry: Registry, at: Location, team: str | None, key: str, targets: Targets) -> None:
        same: dict[str, Any] = {
            "registry_name": registry.name,
            "at": at,
            "key": key,
            "dead_letters": self.dead_letters.attr_arn,
        }
        name = names.topic_name(registry.name, team)
        topic = naming.logical_id(team or "", "Topic")
        self.topics[team] = EncryptedTopic(self, topic, name=name, endpoints=targets.by_protocol(), **same).ref
        if targets.chat:
            name = names.chat_topic_name(registry.name, team)
            topic = naming.logical_id(team or "", "ChatTopic")
            self.chat_topics[team] = EncryptedTopic(self, topic, name=name, **same).ref

    def _make_chats(self, registry: Registry, at: Location) -> None:
        """The channels of the account, if they are declared here; topics of other regions come first (build.py)."""
        configurations = chat_configurations_in(registry, at)
        if not configurations:
            return
        from constructs.chat_configuration import chat_configuration  # its service's classes take time to import
        from constructs.chat_role import ChatRole

        role = ChatRole(self, ROLE, registry=registry, account=at.account)
        for each in configurations:
            topics = [
                self.chat_topics[team]
                if place == at
                else naming.topic_arn(place, names.chat_topic_name(registry.name, team))
                for place, team in each.topics
            ]
            chat_configuration(self, configuration=each, role=role.attr_arn, topics=topics)
