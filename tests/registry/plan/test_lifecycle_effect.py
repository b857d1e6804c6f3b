"""Whether a policy takes more, from rules alone: never a no where the simulation finds an image."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.lifecycle.algorithm import simulate
from registry.lifecycle.images import Image
from registry.lifecycle.indexes import Manifests
from registry.lifecycle.policy import rules_of
from registry.plan.lifecycle_effect import takes_more
from tests.examples import examples

Rule = dict[str, Any]
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def at(day: int) -> datetime:
    """The time of a day, from 0."""
    return FIRST + timedelta(days=day)


NOW = at(400)
TAGGED = st.sampled_from([["v*"], ["prod*"], ["v1*"], ["*"], ["v*", "prod*"], ["dev"]]).map(
    lambda patterns: {"tagStatus": "tagged", "tagPatternList": patterns}
)
COUNTS = st.sampled_from([1, 2, 5, 1_000_000]).map(
    lambda number: {"countType": "imageCountMoreThan", "countNumber": number}
)
DAYS = st.builds(
    lambda kind, number: {"countType": kind, "countUnit": "days", "countNumber": number},
    st.just("sinceImagePushed"),
    st.sampled_from([1, 7, 30]),
)
UNPULLED = st.sampled_from([7, 30]).map(
    lambda n: {"countType": "sinceImagePulled", "countUnit": "days", "countNumber": n}
)
EXPIRE, ARCHIVE = {"type": "expire"}, {"type": "transition", "targetStorageClass": "archive"}
RULES = st.one_of(
    st.tuples(TAGGED, COUNTS | DAYS, st.just(EXPIRE)),
    st.tuples(TAGGED, UNPULLED, st.just(ARCHIVE)),
    st.tuples(st.just({"tagStatus": "untagged"}), DAYS | COUNTS, st.just(EXPIRE)),
)
LAST = st.tuples(st.just({"tagStatus": "any"}), DAYS | COUNTS, st.just(EXPIRE))


@st.composite
def policies(draw: st.DrawFn) -> str | None:
    drawn = draw(st.lists(RULES, max_size=4, unique_by=lambda it: json.dumps(it[0])))
    drawn += draw(st.lists(LAST, max_size=1))
    rules = [
        {"rulePriority": number, "selection": {**selection, **count}, "action": action}
        for number, (selection, count, action) in enumerate(drawn, start=1)
    ]
    return json.dumps({"rules": rules}) if rules else None


@st.composite
def inventories(draw: st.DrawFn) -> tuple[Image, ...]:
    tags = st.lists(st.sampled_from(["v1", "v2", "v10", "prod", "prod-1", "dev", "x"]), max_size=2, unique=True)
    rows = draw(st.lists(st.tuples(tags, st.integers(340, 399), st.integers(0, 30)), max_size=12))
    return tuple(
        Image(
            digest=f"sha256:{number}",
            pushed=at(day),
            tags=tuple(words) or None,
            pulled=at(min(day + later, 400)) if later else None,
        )
        for number, (words, day, later) in enumerate(rows)
    )


def taken(policy: str | None, images: tuple[Image, ...]) -> dict[str, str]:
    """The images that go, and how."""
    if policy is None:
        return {}
    outcome = simulate(rules_of(policy, "p"), images, Manifests(), NOW.timestamp())
    return {mark.image.digest: mark.rule.action for mark in outcome.marks}


@examples(120)
@given(policies(), policies(), st.lists(inventories(), min_size=3, max_size=3))
def test_where_it_says_no_no_list_of_images_makes_a_difference(
    old: str | None, new: str | None, lists: list[tuple[Image, ...]]
) -> None:
    if takes_more(new, old):
        return
    for images in lists:
        before, after = taken(old, images), taken(new, images)
        worse = {it for it, how in after.items() if it not in before or (how == "expire" and before[it] != "expire")}
        assert worse == set()


@given(policies())
def test_a_policy_takes_no_more_than_itself(policy: str | None) -> None:
    assert takes_more(policy, policy) == ""


def policy(*rules: Rule) -> str:
    return json.dumps({"rules": [{"rulePriority": n, **it} for n, it in enumerate(rules, start=1)]})


def untagged(days: int) -> Rule:
    count = {"countType": "sinceImagePushed", "countUnit": "days", "countNumber": days}
    return {"selection": {"tagStatus": "untagged", **count}, "action": EXPIRE}


def keep(pattern: str, number: int) -> Rule:
    selection = {"tagStatus": "tagged", "tagPatternList": [pattern], "countType": "imageCountMoreThan"}
    return {"selection": {**selection, "countNumber": number}, "action": EXPIRE}


def aged(pattern: str, days: int) -> Rule:
    selection = {"tagStatus": "tagged", "tagPatternList": [pattern], "countType": "sinceImagePushed"}
    return {"selection": {**selection, "countUnit": "days", "countNumber": days}, "action": EXPIRE}


@pytest.mark.parametrize(
    ("old", "new", "more"),
    [
        (None, policy(untagged(14)), "expires untagged images 14 days after their push"),
        (policy(untagged(14)), None, ""),
        (policy(untagged(14)), policy(untagged(30)), ""),
        (policy(untagged(14)), policy(untagged(13)), "expires untagged images 13 days after their push"),
        (policy(keep("v*", 5)), policy(keep("v1*", 5)), ""),
        (policy(keep("v1*", 5)), policy(keep("v*", 5)), "expires all but the last 5 images tagged v*"),
        (policy(keep("v*", 5)), policy(keep("prod*", 1_000_000), keep("v*", 5)), ""),
        # An image tagged v1 and prod-1, ten days old, stays by the first one alone.
        (
            policy(aged("prod*", 30), aged("v*", 7)),
            policy(aged("v*", 7)),
            "expires images tagged v* 7 days after their push",
        ),
        (policy(aged("prod*", 7), aged("v*", 30)), policy(aged("v*", 30)), ""),
        (
            policy(keep("prod*", 1_000_000), keep("v*", 5)),
            policy(keep("v*", 5), keep("prod*", 1_000_000)),
            "expires all but the last 5 images tagged v*",
        ),
    ],
)
def test_what_is_said(old: str | None, new: str | None, more: str) -> None:
    assert takes_more(new, old) == more
