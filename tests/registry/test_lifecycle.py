"""Lifecycle sentences become ECR's policy text: each field, in order, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.lifecycle import PROTECTED_COUNT, compiled
from registry.limits import LIFECYCLE_POLICY_LENGTH, LIFECYCLE_RULES
from registry.shape import ExpireShape, KeepShape, ProtectShape, SentenceShape
from tests.synth import SMALL, declared

#: https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
RULE_KEYS = {"rulePriority", "description", "selection", "action"}
SELECTION_KEYS = {
    "tagStatus",
    "tagPatternList",
    "tagPrefixList",
    "countType",
    "countUnit",
    "countNumber",
    "storageClass",
}
SHORTEST = 100  # characters of a policy text (API)


def rules(*sentences: str) -> list[dict[str, Any]]:
    """The rules of a lifecycle as ECR reads them."""
    registry = declared(
        SMALL + f"lifecycles: {{x: [{', '.join(sentences)}]}}\nrepositories: {{web/api: {{lifecycle: x}}}}"
    )
    policy = registry.repositories[0].lifecycle
    assert policy is not None
    document = json.loads(policy.text)
    assert list(document) == ["rules"]
    return list(document["rules"])


@pytest.mark.parametrize(
    ("sentence", "description", "selection"),
    [
        (
            '{protect: {tagged: "prod*"}}',
            "protect images tagged prod*",
            {
                "tagStatus": "tagged",
                "tagPatternList": ["prod*"],
                "countType": "imageCountMoreThan",
                "countNumber": PROTECTED_COUNT,
            },
        ),
        (
            '{keep: {tagged: "v*", last: 5}}',
            "keep the last 5 images tagged v*",
            {"tagStatus": "tagged", "tagPatternList": ["v*"], "countType": "imageCountMoreThan", "countNumber": 5},
        ),
        (
            "{keep: {untagged: true, last: 3}}",
            "keep the last 3 untagged images",
            {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 3},
        ),
        (
            "{keep: {any: true, last: 100}}",
            "keep the last 100 images of any kind",
            {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 100},
        ),
        (
            '{expire: {tagged: "pr-*", after_days: 7}}',
            "expire images tagged pr-* 7 days after their push",
            {
                "tagStatus": "tagged",
                "tagPatternList": ["pr-*"],
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": 7,
            },
        ),
        (
            "{expire: {untagged: true, after_days: 1}}",
            "expire untagged images 1 day after their push",
            {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1},
        ),
        (
            "{expire: {any: true, after_days: 365}}",
            "expire images of any kind 365 days after their push",
            {"tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 365},
        ),
    ],
)
def test_a_sentence_is_one_rule(sentence: str, description: str, selection: dict[str, Any]) -> None:
    assert rules(sentence) == [
        {"rulePriority": 1, "description": description, "selection": selection, "action": {"type": "expire"}}
    ]


def test_the_place_of_a_sentence_is_its_priority() -> None:
    found = rules(
        '{protect: {tagged: "a"}}', '{keep: {tagged: "b", last: 1}}', "{expire: {untagged: true, after_days: 1}}"
    )
    assert [rule["rulePriority"] for rule in found] == [1, 2, 3]
    assert [rule["selection"].get("tagPatternList") for rule in found] == [["a"], ["b"], None]


def test_the_built_in_lifecycle_expires_untagged_images_and_nothing_else() -> None:
    policy = declared(SMALL + "repositories: {web/api: }").repositories[0].lifecycle
    assert policy is not None
    (rule,) = json.loads(policy.text)["rules"]
    assert rule["selection"] == {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 14,
    }


def test_protect_keeps_more_images_than_a_repository_can_hold() -> None:
    assert PROTECTED_COUNT >= 10 * 100_000  # ECR's default quota, which can be raised


def test_no_sentence_is_no_policy() -> None:
    assert compiled("x", ()) is None


patterns = st.text("ab*.-_1", min_size=1, max_size=8)
chosen = st.one_of(
    patterns.map(lambda pattern: {"tagged": pattern}), st.just({"untagged": True}), st.just({"any": True})
)
counts = st.integers(1, 10**6)
sentences = st.one_of(
    st.builds(lambda tagged: SentenceShape(protect=ProtectShape(tagged=tagged)), patterns),
    st.builds(lambda said, last: SentenceShape(keep=KeepShape(last=last, **said)), chosen, counts),
    st.builds(lambda said, days: SentenceShape(expire=ExpireShape(after_days=days, **said)), chosen, counts),
)


def nulls(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(nulls, value.values()))
    return any(map(nulls, value)) if isinstance(value, list) else value is None


def test_the_shortest_policy_is_long_enough_for_ecr() -> None:
    shortest = compiled("x", [SentenceShape(keep=KeepShape(last=1, tagged="a"))])
    assert shortest is not None
    assert len(shortest.text) >= SHORTEST
