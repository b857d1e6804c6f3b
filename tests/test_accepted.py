"""Whatever is accepted synthesizes, passes every check of the synth, and comes out as it was declared."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import event, given

from registry.findings import Severity
from registry.load import check_sources
from registry.model import Registry
from tests import documents
from tests.examples import examples
from tests.synth import Templates, resources, synthesized

Drawn = tuple[documents.Map, dict[str, documents.Map]]


@examples(15)
@given(documents.registries())
def test_whatever_is_accepted_synthesizes(drawn: Drawn) -> None:
    outcome = check_sources(documents.sources(*drawn))
    if outcome.registry is None:
        event("refused")
        return
    event("accepted")
    with TemporaryDirectory() as folder:
        _, templates = synthesized(outcome.registry, Path(folder))
    assert_declared(outcome.registry, templates)


def assert_declared(registry: Registry, templates: Templates) -> None:
    """Each region holds each of its repositories once, under its name."""
    for at in registry.locations:
        found: list[Any] = [
            resource["Properties"]["RepositoryName"]
            for path, template in templates.items()
            if path.startswith(f"{at}/")
            for resource in resources(template, "AWS::ECR::Repository")
        ]
        assert sorted(found) == [repository.name for repository in registry.repositories_in(at)]


def test_the_drawn_registries_are_no_small_ones_and_none_has_a_damaged_shape() -> None:
    sizes: set[int] = set()

    @examples(100)
    @given(documents.registries())
    def look(drawn: Drawn) -> None:
        outcome = check_sources(documents.sources(*drawn))
        sizes.add(len(outcome.registry.repositories) if outcome.registry else 0)
        errors = {f.rule for f in outcome.findings if f.severity is Severity.ERROR}
        event(", ".join(sorted(errors)) or "accepted")
        assert not {"wrong-type", "unknown-key", "missing-key"} & errors

    look()
    assert max(sizes) >= 6
