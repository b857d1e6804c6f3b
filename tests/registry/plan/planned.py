"""A plan of two small registries, for tests."""

from __future__ import annotations

from textwrap import dedent

from registry.load import check_sources
from registry.plan.change import Change
from registry.plan.run import plan
from registry.plan.sides import Side, Sides, side_of
from registry.reading.sources import Sources
from registry.reading.yaml_reader import parse
from tests.synth import SMALL


def side(text: str, **teams: str) -> Side:
    """The side of a YAML text, which may leave out the registry; team files by the names of their teams."""
    text = dedent(text)
    text = text if text.startswith("registry:") else SMALL + text
    files = {f"teams/{name}.yaml": parse(dedent(it).encode(), f"teams/{name}.yaml") for name, it in teams.items()}
    sources = Sources(parse(text.encode(), "registry.yaml"), files)
    outcome = check_sources(sources)
    assert outcome.registry is not None, "\n".join(map(str, outcome.findings))
    found = side_of(outcome, sources)
    assert found is not None
    return found


def planned(old: str, new: str) -> tuple[Change, ...]:
    """The plan from one text to another."""
    return plan(Sides(side(old), side(new)))


def told(old: str, new: str) -> list[str]:
    """The same as lines: risk, kind, subjects and message."""
    return [f"{it.risk} {it.kind.id} {it.about}: {it.message}" for it in planned(old, new)]
