"""What a rule is, and how all of them are run over one file.

A rule knows nothing of damage: it looks at what could be read as if that were everything. What damage would make
false is dropped here, in one place: problems that stand in a damaged entry, and, while anything is damaged, the rules
about what is absent (`waits`). Nothing is checked while the registry itself, or what all roles have in common, is
damaged. So a finding may come one run later, and none is false.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from registry.findings import TEAM_FILE, Finding, Severity, YamlPath
from registry.model import Registry
from registry.reading.sources import Sources
from registry.resolve.files import Written
from registry.shape import FileShape


@dataclass(frozen=True, kw_only=True)
class RuleContext:
    """What rules look at: the files as written, and the registry they come to."""

    written: Written
    registry: Registry

    @property
    def root(self) -> FileShape:
        """The root file as written."""
        return self.written.root


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One breach of a rule; `at` is its place in the file, `key` says that the key itself is wrong."""

    at: YamlPath
    message: str
    given: str = ""
    allowed: str = ""
    way_out: str = ""
    key: bool = False


Check = Callable[[RuleContext], Iterable[Problem]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What people read about a kind of finding: docs/rules.md, and `ecrctl rule ID`."""

    id: str
    subject: str  # the heading it stands under
    title: str  # an instruction
    why: str  # what goes wrong otherwise
    severity: Severity
    link: str = ""  # where it comes from: a page of AWS's, or of ours by its path


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Explanation):
    """A rule of ECR, of AWS or of this project."""

    check: Check
    waits: bool = False  # says that something is absent, which damage elsewhere in the file may have taken away


RULES: Final[dict[str, Rule]] = {}


def rule(
    id: str, title: str, link: str, severity: Severity = Severity.ERROR, *, waits: bool = False
) -> Callable[[Check], Check]:
    """Register a check under an id, which findings and acceptances use. Its docstring says why the rule matters.

    :param title: what to do, as an instruction.
    :param link: where it comes from: a page of AWS's, or the path of one of ours.
    :param waits: the check says that something is absent or unused, so it waits while a part of the file is damaged.
    :raises ValueError: for an id that is taken.
    """

    def register(check: Check) -> Check:
        if id in RULES:
            raise ValueError(f"two rules have the id {id}")
        why, subject = " ".join((check.__doc__ or "").split()), subject_of(check.__module__)
        RULES[id] = Rule(
            id=id, subject=subject, title=title, why=why, severity=severity, link=link, check=check, waits=waits
        )
        return check

    return register


def subject_of(module: str) -> str:
    """What the rules of a file are about: the first words of its docstring, or of its room's, after `Rules about`.

    :param module: the name of a module below registry.rules.
    :raises ValueError: for one whose docstring begins otherwise.
    """
    name = ".".join(module.split(".")[:3])
    found = re.match(r"Rules about ([^.:;]+)", sys.modules[name].__doc__ or "")
    if not found:
        raise ValueError(f'the docstring of {name} does not begin with "Rules about"')
    return found[1][0].upper() + found[1][1:]


def run(
    declared: RuleContext, sources: Sources, damaged: frozenset[YamlPath], refused: frozenset[YamlPath] = frozenset()
) -> Iterator[Finding]:
    """All findings of all rules; one that fails says so, and takes no other along.

    :param damaged: the entries of the files that could not be read (`entries_of`).
    :param refused: the places whose values lack their form: no rule says more of these.
    """
    if any(place[:1] in _EVERYTHING for place in damaged):
        return
    for current in RULES.values():
        if damaged and current.waits:
            continue
        try:
            found = (problem for problem in current.check(declared) if problem.at not in refused)
            problems = [problem for problem in found if intact(problem.at, damaged)]
            yield from list(findings_of(current, problems, sources))
        except Exception as problem:  # whatever a file holds, the other findings are told
            yield _failure(current, problem, sources)


#: Damage to these leaves nothing that rules could rely on: the file itself, whose registry it is, whom it trusts.
_EVERYTHING: Final[frozenset[YamlPath]] = frozenset({(), ("registry",), ("access",)})
#: Maps and lists of the file that are one entry each; of the others every item is.
_WHOLE: Final = frozenset(
    {"defaults", "access", "scanning", "registry", "account_settings", "namespace", "registry_policy"}
)


def entries_of(places: Iterable[YamlPath]) -> frozenset[YamlPath]:
    """The entries of the files that places stand in."""
    return frozenset(map(_entry, places))


def _entry(place: YamlPath) -> YamlPath:
    """The entry of a file that a place stands in: one repository, one principal, the defaults."""
    head, rest = (place[:2], place[2:]) if place[:1] == (TEAM_FILE,) else ((), place)
    return head + rest[: 1 if rest[:1] and rest[0] in _WHOLE else 2]


def intact(place: YamlPath, damaged: frozenset[YamlPath]) -> bool:
    """Whether the entry of a place, and all that it is in, could be read."""
    if not damaged:
        return True
    entry = _entry(place)
    return not any(entry[:length] in damaged for length in range(len(entry) + 1))


def _failure(current: Rule, problem: Exception, sources: Sources) -> Finding:
    """An error, not a warning: what a rule could not look at may be wrong."""
    return Finding(
        current.id,
        Severity.ERROR,
        sources.position(()),
        f"this rule could not be checked: {type(problem).__name__}: {problem}",
        "",
        current.title,
        "this is a fault of the rule, not of the file: report it together with the file",
        current.link,
    )


def findings_of(current: Rule, problems: Iterable[Problem], sources: Sources) -> Iterator[Finding]:
    """The findings of one rule; it says the same thing of the same place once."""
    said: set[tuple[object, str]] = set()
    for problem in problems:
        position = sources.position(problem.at, key=problem.key)
        if (position, problem.message) in said:
            continue
        said.add((position, problem.message))
        yield Finding(
            current.id,
            current.severity,
            position,
            problem.message,
            problem.given,
            problem.allowed,
            problem.way_out,
            current.link,
        )
