"""What a change is: a kind with its risk, what it is about, and the line of the file that makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from registry.cost.charges import Charge, together
from registry.findings import Position, listed
from registry.replacements.find import StackKey

if TYPE_CHECKING:
    from registry.plan.sides import Sides

_VALUES: Final = 3  # of what was, and of what is now, in a change of many
_SUBJECTS: Final = 5
#: A part of the templates: a stack, a logical id and a property of it; an empty word stands for all of them.
Part = tuple[StackKey, str, str]


class Risk(StrEnum):
    """What a reviewer has to fear, the worst first."""

    DESTROYS = "destroys"  #: images may be lost
    OPENS = "opens"  #: somebody may do what they could not do before
    BREAKS = "breaks"  #: the deploy fails, or something that works stops
    COSTS = "costs"  #: AWS bills more
    SAFE = "safe"  #: nothing of these


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of change: what people read of it in docs/plan-rules.md, and in `ecrctl rule ID`."""

    id: str
    risk: Risk
    subject: str  # the heading it stands under
    title: str
    why: str
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of the file, and of AWS by its deploy.

    `where` is its line in the new file, or of the old one (`gone`) where that is no longer written. `subjects` are what
    it is about, the repositories mostly; `concerns` are their owners and the files of their teams. `explains` are the
    parts of the templates that differ because of it. `bill` is what AWS bills because of it.
    """

    kind: Kind
    subjects: tuple[str, ...]
    message: str
    before: str = ""
    after: str = ""
    where: Position | None = None
    gone: bool = False
    concerns: tuple[str, ...] = ()
    explains: frozenset[Part] = frozenset()
    bill: tuple[Charge, ...] = ()

    @property
    def risk(self) -> Risk:
        """The risk of its kind."""
        return self.kind.risk

    @property
    def about(self) -> str:
        """Its subjects in a few words."""
        return listed(self.subjects, _SUBJECTS)

    def as_dict(self) -> dict[str, Any]:
        """The change for programs; line and column count from 1."""
        return {
            "rule": self.kind.id,
            "risk": str(self.risk),
            "subjects": list(self.subjects),
            "message": self.message,
            "before": self.before,
            "after": self.after,
            "file": self.where.file if self.where else None,
            "line": self.where.line if self.where else None,
            "column": self.where.column if self.where else None,
            "inOldFile": self.gone,
            "concerns": list(self.concerns),
            "bill": [it.as_dict() for it in self.bill],
        }


Comparison = Callable[["Sides"], Iterable[Change]]
#: A comparison of what is computed from the rest of the file; it gets the parts that are explained already.
Follower = Callable[["Sides", frozenset[Part]], Iterable[Change]]

KINDS: Final[dict[str, Kind]] = {}
COMPARISONS: Final[list[Comparison]] = []
FOLLOWERS: Final[list[Follower]] = []


def kinds_about(subject: str) -> Callable[..., Kind]:
    """How a file of this room makes its kinds of changes, which stand under one heading."""

    def kind(id: str, risk: Risk, title: str, why: str, link: str = "") -> Kind:
        if id in KINDS:
            raise ValueError(f"two kinds of changes have the id {id}")
        KINDS[id] = Kind(id=id, risk=risk, subject=subject, title=title, why=why, link=link)
        return KINDS[id]

    return kind


def comparison(compare: Comparison) -> Comparison:
    """Register a comparison of two sides."""
    COMPARISONS.append(compare)
    return compare


def follower(compare: Follower) -> Follower:
    """Register a comparison of what follows from other changes."""
    FOLLOWERS.append(compare)
    return compare


def folded(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Changes with one cause as one, the worst first and then by their lines.

    One cause is one kind at one line in the same words: a default that reaches 80 repositories is one change.
    """
    causes: dict[tuple[object, ...], list[Change]] = {}
    for each in changes:
        alone = each.subjects if each.where is None else ()
        causes.setdefault((each.kind.id, each.where, each.gone, each.message, alone), []).append(each)
    order = list(Risk)
    return tuple(
        sorted(
            map(_together, causes.values()),
            key=lambda it: (order.index(it.risk), it.where is None, it.where or it.kind.id, it.kind.id, it.subjects),
        )
    )


def _together(changes: list[Change]) -> Change:
    first = changes[0]
    return replace(
        first,
        subjects=tuple(sorted({subject for each in changes for subject in each.subjects})),
        before=listed(dict.fromkeys(each.before for each in changes if each.before), _VALUES),
        after=listed(dict.fromkeys(each.after for each in changes if each.after), _VALUES),
        concerns=tuple(sorted({who for each in changes for who in each.concerns})),
        explains=frozenset().union(*(each.explains for each in changes)),
        bill=together(charge for each in changes for charge in each.bill),
    )
