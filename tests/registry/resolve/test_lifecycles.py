"""Lifecycle sentences become ECR's policy text: each field, in order, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from registry.findings import Severity
from registry.lifecycle.check import checked_policy
from registry.load import check_sources
from registry.reading.yaml_reader import parse
from registry.resolve.lifecycles import PROTECTED_COUNT, to_ecr_policy
from registry.shape import KeepShape, SentenceShape
from tests.synth import SMALL, declared


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
            '{expire: {tagged: {all_of: [v*, "*-rc"]}, after_days: 7}}',
            "expire images tagged v* and *-rc 7 days after their push",
            {
                "tagStatus": "tagged",
                "tagPatternList": ["v*", "*-rc"],
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": 7,
            },
        ),
        (
            "{expire_archived: {any: true, after_days: 90}}",
            "expire archived images of any kind 90 days after they were archived",
            {
                "tagStatus": "any",
                "storageClass": "archive",
                "countType": "sinceImageTransitioned",
                "countUnit": "days",
                "countNumber": 90,
            },
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


@pytest.mark.parametrize(
    ("sentence", "description", "count"),
    [
        (
            '{archive: {tagged: "v*", after_days: 1}}',
            "archive images tagged v* 1 day after their push",
            {"countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1},
        ),
        (
            '{archive: {tagged: "v*", unpulled_days: 90}}',
            "archive images tagged v* 90 days after their last pull",
            {"countType": "sinceImagePulled", "countUnit": "days", "countNumber": 90},
        ),
        (
            '{archive: {tagged: "v*", last: 20}}',
            "archive all but the last 20 images tagged v*",
            {"countType": "imageCountMoreThan", "countNumber": 20},
        ),
    ],
)
def test_archive_is_a_transition_by_one_of_three_counts(sentence: str, description: str, count: dict[str, Any]) -> None:
    assert rules(sentence) == [
        {
            "rulePriority": 1,
            "description": description,
            "selection": {"tagStatus": "tagged", "tagPatternList": ["v*"], **count},
            "action": {"type": "transition", "targetStorageClass": "archive"},
        }
    ]


def test_any_of_is_a_rule_for_each_pattern_in_the_place_of_the_sentence() -> None:
    found = rules(
        "{protect: {tagged: {any_of: [prod*, stag*]}}}",
        "{expire: {tagged: {any_of: [a, b]}, after_days: 3}}",
        "{expire: {untagged: true, after_days: 1}}",
    )
    assert [rule["selection"].get("tagPatternList") for rule in found] == [["prod*"], ["stag*"], ["a"], ["b"], None]
    assert [rule["rulePriority"] for rule in found] == [1, 2, 3, 4, 5]
    assert found[1]["selection"]["countNumber"] == PROTECTED_COUNT
    assert found[3]["selection"]["countNumber"] == 3


def test_ecrs_own_rules_go_as_they_are_sorted_by_priority() -> None:
    late = {
        "rulePriority": 20,
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 9},
        "action": {"type": "expire"},
    }
    early = {
        "rulePriority": 10,
        "description": "drafts",
        "selection": {
            "tagStatus": "tagged",
            "tagPrefixList": ["pr-"],
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": 9,
        },
        "action": {"type": "expire"},
    }
    registry = declared(
        SMALL + f"lifecycles: {{x: {json.dumps({'rules': [late, early]})}}}\nrepositories: {{a/b: {{lifecycle: x}}}}"
    )
    policy = registry.repositories[0].lifecycle
    assert policy is not None
    assert json.loads(policy.text) == {"rules": [early, late]}


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
    assert to_ecr_policy("x", ()) is None


patterns = st.text("ab*.-_1", min_size=1, max_size=8)
several = st.lists(patterns, min_size=1, max_size=3)
tagged = patterns | several.map(lambda words: {"all_of": words})
any_of = several.map(lambda words: {"any_of": words})
others = st.sampled_from([{"untagged": True}, {"any": True}])
counts = st.integers(1, 10**6)


def sentence(verb: str, selection: st.SearchStrategy[Any], **counted: st.SearchStrategy[int]) -> Any:
    return st.builds(lambda chosen, numbers: {verb: {**chosen, **numbers}}, selection, st.fixed_dictionaries(counted))


chosen = tagged.map(lambda word: {"tagged": word}) | others
by_age = chosen | any_of.map(lambda word: {"tagged": word})
sentences = st.one_of(
    sentence("protect", (tagged | any_of).map(lambda word: {"tagged": word})),
    sentence("keep", chosen, last=counts),
    sentence("expire", by_age, after_days=counts),
    sentence("archive", by_age, after_days=counts),
    sentence("archive", by_age, unpulled_days=counts),
    sentence("archive", chosen, last=counts),
    sentence("expire_archived", by_age, after_days=st.integers(90, 10**6)),
)


@given(st.lists(sentences, min_size=1, max_size=12))
def test_every_policy_of_an_accepted_lifecycle_is_one_that_ecr_accepts(written: list[dict[str, Any]]) -> None:
    text = json.dumps({"lifecycles": {"x": written}, "repositories": {"a/b": {"lifecycle": "x"}}})
    outcome = check_sources(parse(f"{SMALL.rstrip()}\n".encode() + json_body(text), "f.yaml"))
    policy = outcome.registry.repositories[0].lifecycle if outcome.registry else None
    if policy is None:
        event("refused")
        assert outcome.errors
        return
    event("accepted")
    assert [f for f in checked_policy(policy.text.encode(), "p.json") if f.severity is Severity.ERROR] == []
    shapes = sum(len(selection.get("any_of", [0])) for selection in map(selected, written))
    assert len(json.loads(policy.text)["rules"]) == shapes


def json_body(text: str) -> bytes:
    """The keys of a JSON object as lines of YAML."""
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in json.loads(text).items()).encode()


def selected(written: dict[str, Any]) -> dict[str, Any]:
    (inside,) = written.values()
    word = inside.get("tagged")
    return word if isinstance(word, dict) else {}


def test_the_shortest_policy_is_long_enough_for_ecr() -> None:
    shortest = to_ecr_policy("x", (SentenceShape(keep=KeepShape(last=1, tagged="a")),))
    assert shortest is not None
    assert len(shortest.text) >= 100  # characters (API)
