"""Warnings that nobody sees any more, because the file accepts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from registry.findings import TEAM_FILE, Finding, YamlPath
from registry.plan.change import Change, Kind, Risk, comparison, kinds_about
from registry.plan.sides import Line, Side, Sides
from registry.rules import RULES

kind = kinds_about("Accepted warnings")
_WHY = "What the rule warns of is new, and whoever looks at the file alone is not told. Read the reason."
DESTROYS = kind("accepted-destroys", Risk.DESTROYS, "A warning about images that may go is silenced", _WHY)
OPENS = kind("accepted-opens", Risk.OPENS, "A warning about access is silenced", _WHY)
BREAKS = kind("accepted", Risk.BREAKS, "A warning is silenced", _WHY)
LONGER = kind(
    "acceptance-longer", Risk.BREAKS, "A warning is accepted for longer", "Its end was a promise to solve the cause."
)
#: By the first part of a rule's subject what its warnings are about.
_BY_SUBJECT = {"Lifecycles": DESTROYS, "Access": OPENS, "Private": OPENS, "Replicas": DESTROYS, "Tag": OPENS}


@comparison
def acceptances(sides: Sides) -> Iterator[Change]:
    """What is accepted now and was not, or was not there to accept."""
    known = Counter(map(_same, sides.old.accepted))
    found: dict[str, list[Finding]] = {}
    for finding in sides.new.accepted:
        if known[_same(finding)]:
            known[_same(finding)] -= 1
        else:
            found.setdefault(finding.rule, []).append(finding)
    for rule, findings in found.items():
        where, gone = _line(sides, rule)
        for finding in findings:
            yield Change(
                kind=_kind(rule),
                subjects=(rule,),
                message=f"silences {len(findings):,} warning{'' if len(findings) == 1 else 's'}: {findings[0].message}",
                after=str(finding.position),
                where=where,
                gone=gone,
            )
    yield from _longer(sides)


def _same(finding: Finding) -> tuple[str, str, str]:
    """What makes a warning the same, wherever its line is now."""
    return finding.rule, finding.message, finding.given


def _kind(rule: str) -> Kind:
    subject = RULES[rule].subject if rule in RULES else ""
    return next((of for word, of in _BY_SUBJECT.items() if subject.startswith(word)), BREAKS)


def _every(side: Side) -> Iterator[tuple[YamlPath, str, str]]:
    """The acceptances: place, rule and last day."""
    for index, it in enumerate(side.written.root.acceptances):
        yield ("acceptances", index), it.rule, it.until or ""
    for file, team in side.written.teams.items():
        for index, it in enumerate(team.acceptances):
            yield (TEAM_FILE, file, "acceptances", index), it.rule, it.until or ""


def _line(sides: Sides, rule: str) -> Line:
    place = next((at for at, named, _ in _every(sides.new) if named == rule), ("acceptances",))
    return sides.at(place)


def _longer(sides: Sides) -> Iterator[Change]:
    old = {(at[:2] if len(at) > 2 else (), rule): until for at, rule, until in _every(sides.old)}
    for at, rule, until in _every(sides.new):
        before = old.get((at[:2] if len(at) > 2 else (), rule), "")
        if before and (not until or until > before):
            where, gone = sides.at((*at, "until"), at)
            yield Change(
                kind=LONGER,
                subjects=(rule,),
                message="is accepted for longer",
                before=f"until {before}",
                after=f"until {until}" if until else "for ever",
                where=where,
                gone=gone,
            )
