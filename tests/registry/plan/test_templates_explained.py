"""Whatever differs in the templates of two registries, a change of the plan explains it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from registry.load import check_sources
from registry.locations import Location
from registry.model import Registry
from registry.plan.change import Risk
from registry.plan.run import plan
from registry.plan.sides import Side, Sides, side_of
from registry.plan.unexplained import unexplained
from registry.replacements.find import StackKey
from stacks.build import build
from tests.documents import Map, registries, sources
from tests.registry.plan.planned import side
from tests.synth import context

Templates = dict[StackKey, dict[str, Any]]


def templates(registry: Registry) -> Templates:
    """What the app makes, without its checks: they change no template."""
    app = cdk.App(context=context(), builtin_cloud_formation_validation=False)
    build(app, registry, packs=())
    return {
        (Location(it.environment.account, it.environment.region), it.stack_name): json.loads(
            Path(it.template_full_path).read_text()
        )
        for it in app.synth().stacks_recursively
    }


def drawn(document: tuple[Map, dict[str, Map]]) -> Side:
    read = sources(*document)
    outcome = check_sources(read)
    assume(outcome.registry is not None)
    found = side_of(outcome, read)
    assert found is not None
    return found


@settings(max_examples=12, phases=[Phase.generate], suppress_health_check=[HealthCheck.filter_too_much])
@given(registries(), registries())
def test_every_difference_of_two_random_registries_is_explained(
    old: tuple[Map, dict[str, Map]], new: tuple[Map, dict[str, Map]]
) -> None:
    sides = Sides(drawn(old), drawn(new))
    found = plan(sides)
    left = list(unexplained(found, templates(sides.old.registry), templates(sides.new.registry)))
    assert [f"{it.kind.id} {it.about}: {it.message}" for it in left] == []
