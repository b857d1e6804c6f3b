"""Chat configurations: which channels an account tells, and of which topics each of them hears.

A channel can be in one configuration of an account, which takes topics of all regions. So the account has one for a
channel, whoever names it. https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1155
https://docs.aws.amazon.com/chatbot/latest/adminguide/chatbot-regions.html
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from registry import naming
from registry.locations import Location
from registry.model import ChatChannel, Registry, SlackChannel, Targets
from registry.model.once import once
from registry.monitoring import names
from registry.monitoring.watch import dashboard_location, topic_teams

#: Logical id of the role of all channels of an account.
ROLE: Final = "ChatRole"
#: The guardrail of every channel. Without one, or with an empty list, AWS takes AdministratorAccess.
#: https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateSlackChannelConfiguration.html
#: https://github.com/waveaccounting/terraform-aws-chatbot-slack-configuration/pull/6
DENY_ALL: Final = "arn:aws:iam::aws:policy/AWSDenyAll"
LOGGING_LEVEL: Final = "ERROR"
_LONGEST: Final = 80  # of a Slack channel in a name, of which AWS takes 128 characters


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatConfiguration:
    """What tells a channel; `topics` are those of everybody (None) and of teams, each with its location.

    `name` is unique in an account, `id` in the stack, and both say which channel: another one is made anew.
    """

    id: str
    name: str
    channel: ChatChannel
    topics: tuple[tuple[Location, str | None], ...]


@once
def chat_configurations_in(registry: Registry, at: Location) -> tuple[ChatConfiguration, ...]:
    """The configurations that are declared in a location: those of its account, or none."""
    watched = registry.monitoring
    if watched is None or dashboard_location(registry, at.account) != at:
        return ()
    topics: dict[ChatChannel, list[tuple[Location, str | None]]] = {}
    for place in registry.locations:
        if place.account == at.account:
            for team in (None, *(each.name for each in topic_teams(registry, place))):
                for channel in watched.audiences[team].chat:
                    topics.setdefault(channel, []).append((place, team))
    return tuple(_configuration(registry.name, channel, found) for channel, found in topics.items())


def has_chats(registry: Registry, account: str) -> bool:
    """Whether an account tells any channel."""
    at = dashboard_location(registry, account)
    return at is not None and bool(chat_configurations_in(registry, at))


def topic_ids(team: str | None, targets: Targets) -> tuple[str, ...]:
    """The logical ids of the topics of everybody, or of a team, of their policies and subscriptions."""
    topic, chat = naming.logical_id(team or "", "Topic"), naming.logical_id(team or "", "ChatTopic")
    return (
        *(topic, f"{topic}Policy"),
        *(names.subscription_id(topic, *target) for target in targets.by_protocol()),
        *((chat, f"{chat}Policy") if targets.chat else ()),
    )


def _configuration(registry: str, channel: ChatChannel, topics: list[tuple[Location, str | None]]) -> ChatConfiguration:
    if isinstance(channel, SlackChannel):
        kind, word = "Slack", f"{channel.workspace}-{channel.channel}"
        if len(word) > _LONGEST:
            word = _hash(channel)
    else:
        kind, word = "MicrosoftTeams", _hash(channel)  # ids of Microsoft have characters that no name may have
    return ChatConfiguration(
        id=naming.logical_id(word, kind),
        name=f"{names.chat_prefix(registry)}{word}",
        channel=channel,
        topics=tuple(topics),
    )


def _hash(channel: ChatChannel) -> str:
    return hashlib.sha256(str(channel).encode()).hexdigest()[:16]
