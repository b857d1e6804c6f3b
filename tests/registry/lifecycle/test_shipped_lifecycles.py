"""No lifecycle that is shipped loses what runs: every example over drawn inventories; and cases that people told of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.lifecycle.algorithm import simulate
from registry.lifecycle.check import checked_policy
from registry.lifecycle.in_use import removed_images
from registry.lifecycle.indexes import Manifests
from registry.lifecycle.policy import Rule, rules_of
from registry.load import load
from registry.model import Repository
from tests.registry.lifecycle.simulated import NOW, acted, digest, image, keep, older, run
from tests.registry.lifecycle.simulated import images as read
from tests.synth import ROOT, SHIPPED

#: What images are tagged besides: versions, builds, experiments; a moving filter's `*` stands for one of the middles.
OTHERS = ("v1.9.3", "v2.0.0", "v2.0.1-rc", "pr-12", "exp-7", "sha-0123abc", "model-3", "x-final", "a-daily", "1.2.3")
MIDDLES = ("", "1", "1.9", "-2026")


def environments(repository: Repository) -> list[str]:
    """Tags by which images run: those that move, and the fixed ones that a promotion writes."""
    moving = repository.exclusion_filters if repository.image_tag_mutability.startswith("IMMUTABLE") else ()
    tags = [filter_.replace("*", middle) for filter_ in moving for middle in MIDDLES]
    return sorted({*tags, *(f"{tag}-20260101T000000Z" for tag in tags if tag == "prod")})


def lifecycles(path: Path) -> list[tuple[str, tuple[Rule, ...], list[str]]]:
    """Each policy of a file once, with every tag by which images of its repositories run."""
    registry, _ = load(path)
    tags: dict[str, set[str]] = {}
    for repository in registry.repositories:
        if repository.lifecycle:
            tags.setdefault(repository.lifecycle.text, set()).update(environments(repository))
    return [(text, rules_of(text, "p"), sorted(found)) for text, found in tags.items() if found]


CASES = [(path.parent.name, rules, tags) for path in SHIPPED for _, rules, tags in lifecycles(path)]


def test_every_example_that_moves_tags_is_looked_at() -> None:
    assert {name for name, _, _ in CASES} == {"seed", "company", "app", "100000000001", "100000000002"}


@pytest.mark.parametrize(("name", "rules", "tags"), CASES, ids=lambda value: value if isinstance(value, str) else "")
@given(data=st.data())
def test_no_image_that_carries_an_environment_or_moving_tag_is_lost(
    name: str, rules: tuple[Rule, ...], tags: list[str], data: st.DataObject
) -> None:
    drawn = data.draw(
        st.lists(
            st.tuples(
                st.sets(st.sampled_from(OTHERS), max_size=3), st.sampled_from([None, *tags]), st.integers(1, 5_000)
            ),
            min_size=1,
            max_size=12,
        )
    )
    rows = [
        image(f"drawn-{number}", *sorted(others), *([tag] if tag else []), pushed=age)
        for number, (others, tag, age) in enumerate(drawn)
    ]
    newer = [image(f"newer-{number}", f"v9.{number}", pushed=0.1) for number in range(40)]
    outcome = simulate(rules, read([*rows, *newer]), Manifests(), NOW.timestamp())
    runs = {digest(f"drawn-{number}") for number, (_, tag, _) in enumerate(drawn) if tag}
    assert {mark.image.digest for mark in removed_images(outcome)} & runs == set()


def test_the_seed_keeps_the_image_that_runs_in_production_however_many_are_newer() -> None:
    ((_, rules, _),) = lifecycles(ROOT / "examples" / "seed" / "registry.yaml")
    rows = [image("runs", "v1.9.3", "v1.x", "prod", pushed=300)]
    rows += [image(f"n{number}", f"v2.0.{number}", pushed=number + 1) for number in range(9)]
    outcome = simulate(rules, read(rows), Manifests(), NOW.timestamp())
    assert {mark.image.digest for mark in outcome.marks} == {digest(f"n{number}") for number in range(5, 9)}


def warned(*written: dict[str, Any]) -> set[str]:
    return {finding.rule for finding in checked_policy(json.dumps({"rules": list(written)}).encode(), "p.json")}


def test_forty_images_of_any_kind_push_out_the_deployed_one() -> None:
    """https://github.com/ministryofjustice/cloud-platform/issues/839: many pull requests, one default rule."""
    rule = keep(1, 40, status="any")
    rows = [image("deployed", "prisoner-money-3f2a", pushed=60)]
    rows += [image(f"pr{number}", f"pr-{number}", pushed=number / 10) for number in range(40)]
    assert acted(run([rule], rows)) == {"deployed": ("expire", 1)}
    assert "lifecycle-any-tagged" in warned(rule)
    asked_for = [keep(1, 1_000_000, "protect-*"), {**rule, "rulePriority": 2}]
    rows[0] = image("deployed", "prisoner-money-3f2a", "protect-money", pushed=60)
    assert acted(run(asked_for, rows)) == {}
    assert "lifecycle-any-tagged" not in warned(*asked_for)


def test_images_of_half_a_year_go_though_they_are_still_built_upon() -> None:
    """https://github.com/METR/inspect-action/pull/565: the oldest task images had to be made anew."""
    written = [older(1, 30, status="untagged"), older(2, 180, status="any")]
    rows = [image("task", "task-bridge-1.0", pushed=181, pulled=1), image("new", "task-bridge-2.0", pushed=2)]
    assert acted(run(written, rows)) == {"task": ("expire", 2)}
    assert "lifecycle-any-tagged" in warned(*written)


def test_prod_and_staging_in_one_list_protect_neither() -> None:
    """https://github.com/instantdb/instant/pull/2759: meant as "or", and found in review."""
    written = [keep(1, 9_999, "prod", "staging"), older(2, 90, status="any"), older(3, 7, status="untagged")]
    assert "lifecycle-any-last" in warned(*written)
    written = [keep(1, 9_999, "prod", "staging"), older(2, 7, status="untagged"), older(3, 90, status="any")]
    rows = [
        image("p", "prod", "sha-1", pushed=100),
        image("s", "staging", pushed=100),
        image("b", "prod", "staging", pushed=100),
    ]
    assert acted(run(written, rows)) == {"p": ("expire", 3), "s": ("expire", 3)}
    assert {"lifecycle-and", "lifecycle-any-tagged"} <= warned(*written)
    fixed = [keep(1, 9_999, "prod"), keep(2, 9_999, "staging"), older(3, 90, status="any")]
    assert acted(run(fixed, rows)) == {}
    assert warned(*fixed) == set()


def test_a_hundred_images_of_pull_requests_evict_what_production_pulls() -> None:
    """https://github.com/chanzuckerberg/single-cell-data-portal/issues/5885; containers-roadmap #1078."""
    rows = [image("prod", "sha-prod", "prod", pushed=6)]
    rows += [image(f"dev{number}", f"sha-{number}", pushed=number / 50) for number in range(100)]
    assert acted(run([keep(1, 100, "*")], rows)) == {"prod": ("expire", 1)}
    assert "lifecycle-any-tagged" in warned(keep(1, 100, "*"))


def test_a_tag_is_kept_by_counting_to_one_because_it_is_on_one_image_at_a_time() -> None:
    """https://github.com/wellcomecollection/catalogue-pipeline/pull/2975."""
    written = [
        keep(1, 1, "dev"),
        keep(2, 1, "latest"),
        keep(3, 1, "prod"),
        keep(4, 2, "*"),
        keep(5, 5, status="untagged"),
    ]
    rows = [image("old", "prod", "sha-1", pushed=400), *(image(f"n{n}", f"sha-n{n}", pushed=n) for n in range(1, 5))]
    assert acted(run(written, rows)) == {"n3": ("expire", 4), "n4": ("expire", 4)}
    assert warned(*written) == set()
