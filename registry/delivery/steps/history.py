"""What a tag such as prod was on, from the fixed tags of its promotions: docs/decisions/0057-promotion-memory.md.

`prod-20261126T081500Z` on an image says that it was promoted then, `prod-20261126T081500Z-rollback` that prod went back
to it, and `-void` behind either that it never came to that. Nothing else is stored anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

Kind = Literal["promotion", "rollback"]
#: The time in a tag, in UTC: strftime's and date's words for it.
TIME_FORMAT: Final = "%Y%m%dT%H%M%SZ"
_VOID: Final = "-void"
_ROLLBACK: Final = "-rollback"
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, order=True)
class Record:
    """One promotion or rollback, and the image it was to. `time` is UTC."""

    time: datetime
    kind: Kind
    digest: str

    def tag(self, environment: str) -> str:
        """The fixed tag that says so."""
        return f"{environment}-{self.time.strftime(TIME_FORMAT)}{_ROLLBACK if self.kind == 'rollback' else ''}"

    def void_tag(self, environment: str) -> str:
        """The fixed tag that cancels it."""
        return f"{self.tag(environment)}{_VOID}"


@dataclass(frozen=True, slots=True)
class History:
    """What is known of one environment. `current` is the digest that its tag is on; None where there is no such tag.

    `records` are those that count, the oldest first; `tags` are all tags that say something of it, with their digests;
    `last` is the time of the newest of them.
    """

    environment: str
    current: str | None
    records: tuple[Record, ...]
    tags: Mapping[str, str]
    last: datetime | None

    @property
    def stack(self) -> tuple[str, ...]:
        """What it should be on, at the end, and before that what a rollback comes to, one after the other."""
        return replayed(self.records)

    @property
    def unfinished(self) -> Record | None:
        """The newest record, where the tag is still on what was before it."""
        if not self.records or self.current == _top(self.stack):
            return None
        return self.records[-1] if self.current == _top(replayed(self.records[:-1])) else None

    @property
    def by_hand(self) -> bool:
        """Whether the tag is on something that no promotion put it on, or was taken away."""
        return self.current != _top(self.stack) and self.unfinished is None

    @property
    def seen(self) -> dict[str, str]:
        """What must not change under a promotion: what the tag is on, and the records."""
        return {**self.tags, **({self.environment: self.current} if self.current else {})}

    def writes(self, kind: Kind, digest: str, now: datetime) -> tuple[tuple[tuple[str, str], ...], Record]:
        """The fixed tags to put before the tag is moved, in their order, with their digests; and the last as a record.

        That says what is wanted; one before it what the tag is on, where it was moved by hand.
        """
        forgotten = self.current if self.by_hand else None
        first = [forgotten] if forgotten and forgotten != digest else []
        *earlier, time = self.next_times(now, len(first) + 1)
        own = Record(time, kind, digest)
        before = [
            (Record(at, "promotion", it).tag(self.environment), it) for at, it in zip(earlier, first, strict=True)
        ]
        return (*before, (own.tag(self.environment), digest)), own

    def next_times(self, now: datetime, count: int) -> tuple[datetime, ...]:
        """Times for new records, each later than every one that is there; the last is `now` wherever that is possible.

        Records are in the order of their times, also where the clocks of two machines differ.
        """
        now = now.replace(microsecond=0)
        first = now - (count - 1) * _SECOND
        if self.last is not None:
            first = max(first, self.last + _SECOND)
        return tuple(first + number * _SECOND for number in range(count))


def history(tags: Mapping[str, str], environment: str) -> History:
    """What tags of a repository, with their digests, say of an environment."""
    pattern = re.compile(rf"{re.escape(environment)}-([0-9]{{8}}T[0-9]{{6}}Z)({_ROLLBACK})?({_VOID})?")
    records, void, times, named = set[Record](), set[tuple[datetime, Kind]](), list[datetime](), dict[str, str]()
    for tag, digest in tags.items():
        match = pattern.fullmatch(tag)
        time = _time(match[1]) if match else None
        if match is None or time is None:
            continue
        kind: Kind = "rollback" if match[2] else "promotion"
        named[tag] = digest
        times.append(time)
        if match[3]:
            void.add((time, kind))
        else:
            records.add(Record(time, kind, digest))
    return History(
        environment=environment,
        current=tags.get(environment),
        records=tuple(sorted(it for it in records if (it.time, it.kind) not in void)),
        tags=named,
        last=max(times, default=None),
    )


def replayed(records: Iterable[Record]) -> tuple[str, ...]:
    """The images that records come to, the present one last: a promotion adds one, a rollback takes later ones away."""
    stack: list[str] = []
    for record in records:
        if record.kind == "rollback":
            while stack and stack[-1] != record.digest:
                stack.pop()
        if not stack or stack[-1] != record.digest:
            stack.append(record.digest)
    return tuple(stack)


def _top(stack: tuple[str, ...]) -> str | None:
    return stack[-1] if stack else None


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:  # the 31st of February, in a tag of somebody else's
        return None
