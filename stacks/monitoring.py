"""The Monitoring stack: what is watched in one region of an account, and who hears of it."""

from __future__ import annotations

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
from registry.monitoring.event_rules import event_rules
from registry.monitoring.events import WATCHED
from registry.monitoring.watch import alarms_in, dashboards_in, topic_teams
from stacks.base import BaseStack


class MonitoringStack(BaseStack):
    """A topic for everybody and one for each team, their key, a queue for what is not delivered; event rules, alarms,
    dashboards.
    """

    def __init__(self, scope: Construct, *, registry: Registry, at: Location) -> None:
        """Declare what `registry.monitoring` watches at a location; `scope` is the region within its account."""
        super().__init__(scope, naming.MONITORING_UNIT, registry=registry, at=at, holds="monitoring")
        watched = registry.monitoring
        assert watched is not None  # or there is no such stack
        key = watched.key_in(at) or TopicKey(self, "Key", registry_name=registry.name, at=at).ref
        self.dead_letters = DeadLetterQueue(self, "DeadLetters", registry_name=registry.name, at=at)
        audiences: list[tuple[str | None, Targets]] = [(None, watched.targets)]
        audiences += [(team.name, team.targets) for team in topic_teams(registry, at)]
        self.topics = {
            team: EncryptedTopic(
                self,
                naming.logical_id(team or "", "Topic"),
                registry_name=registry.name,
                team=team,
                at=at,
                key=key,
                targets=targets,
                dead_letters=self.dead_letters.attr_arn,
            )
            for team, targets in audiences
        }
        for rule in event_rules(registry, at):
            TopicRule(
                self,
                rule.logical_id,
                rule=rule,
                description=f"{WATCHED[rule.kind].about}" + (f": {rule.team}" if rule.team else ""),
                topic=self.topics[rule.team].ref,
                dead_letters=self.dead_letters.attr_arn,
            )
        for told in alarms_in(registry, at):
            Alarm(
                self,
                told.alarm.id,
                alarm=told.alarm,
                topics=[self.topics[team].ref for team in (None, *told.teams)],
            )
        for dashboard in dashboards_in(registry, at):
            Dashboard(self, naming.logical_id(dashboard.namespace or "", "Dashboard"), dashboard=dashboard)
