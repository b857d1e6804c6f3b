"""What is watched and who hears of it, once the file has been read: every default filled in, frozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from registry.locations import Location
from registry.model.alarms import Alarms, Quotas
from registry.shape import EventKind, FindingSeverity


@dataclass(frozen=True, slots=True, order=True)
class SlackChannel:
    """A channel of Slack, by ids."""

    workspace: str
    channel: str

    def __str__(self) -> str:
        return f"{self.workspace}/{self.channel}"


@dataclass(frozen=True, slots=True, order=True)
class MicrosoftTeamsChannel:
    """A channel of Microsoft Teams, by ids."""

    tenant: str
    team: str
    channel: str

    def __str__(self) -> str:
        return f"{self.tenant}/{self.team}/{self.channel}"


ChatChannel = SlackChannel | MicrosoftTeamsChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Where messages go: e-mail addresses, HTTPS endpoints, SQS queues by ARN, channels of chats."""

    email: tuple[str, ...]
    https: tuple[str, ...]
    sqs: tuple[str, ...]
    slack: tuple[SlackChannel, ...]
    microsoft_teams: tuple[MicrosoftTeamsChannel, ...]

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.email or self.https or self.sqs or self.chat)

    @property
    def chat(self) -> tuple[ChatChannel, ...]:
        """The channels of both chats, which have a topic of their own: docs/decisions/0068-chat.md."""
        return (*self.slack, *self.microsoft_teams)

    def by_protocol(self) -> Iterator[tuple[str, str]]:
        """Each with the word that Amazon SNS has for how it is reached."""
        for protocol, endpoints in (("email", self.email), ("https", self.https), ("sqs", self.sqs)):
            yield from ((protocol, endpoint) for endpoint in endpoints)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringTeam:
    """A team that hears of its own repositories: those of `namespaces`, or those that have its `owner`."""

    name: str
    namespaces: tuple[str, ...]
    owner: str | None
    severity: FindingSeverity
    targets: Targets


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """What is watched in every location of a registry. `targets` hear of everything, `teams` of their own.

    `alarms` are None where none are made, `dashboards` namespaces that get one, `*` all of them.
    `keys` maps a region to the KMS key of the topics, `*` to that of all others; where there is none one is made.
    """

    severity: FindingSeverity
    events: tuple[EventKind, ...]
    trail: str | None
    keys: Mapping[str, str]
    targets: Targets
    teams: tuple[MonitoringTeam, ...]
    quotas: Quotas
    alarms: Alarms | None
    dashboards: tuple[str, ...]

    @property
    def audiences(self) -> Mapping[str | None, Targets]:
        """Where messages go, for everybody (None) and by the names of the teams."""
        return {None: self.targets, **{team.name: team.targets for team in self.teams}}

    def key_in(self, location: Location) -> str | None:
        """Alias, id or ARN of the existing key in a location; None where one is made."""
        return self.keys.get(str(location), self.keys.get(location.region, self.keys.get("*")))
