"""A lifecycle policy text alone: what JSON is refused, and where findings point."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.policy_text import checked_policy

RULE: dict[str, Any] = {
    "rulePriority": 1,
    "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 3},
    "action": {"type": "expire"},
}


def said(text: str | bytes) -> list[tuple[str, str]]:
    content = text.encode() if isinstance(text, str) else text
    return [(str(finding.position), finding.rule) for finding in checked_policy(content, "p.json")]


def policy(*rules: dict[str, Any]) -> str:
    return json.dumps({"rules": list(rules)}, indent=1)


def changed(**selection: Any) -> dict[str, Any]:
    """The rule with another selection; None takes a field out."""
    merged = {**RULE["selection"], **selection}
    return {**RULE, "selection": {key: value for key, value in merged.items() if value is not None}}


def test_a_policy_that_ecr_accepts_has_no_findings() -> None:
    assert said(policy(RULE)) == []


# From https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ([RULE, {**RULE, "rulePriority": 2}], "lifecycle-untagged-once"),
        ([RULE, {**changed(tagStatus="any"), "rulePriority": 1}], "lifecycle-rule-priority"),
        ([changed(tagStatus="any"), {**RULE, "rulePriority": 2}], "lifecycle-any-last"),
        ([changed(countNumber=0)], "lifecycle-rule-count"),
        ([changed(countUnit="days")], "lifecycle-rule-count"),
        ([changed(countType="sinceImagePushed")], "lifecycle-rule-count"),
        ([changed(countType="sinceImagePulled", countUnit="days")], "lifecycle-rule-action"),
        ([changed(tagStatus="tagged")], "lifecycle-rule-tags"),
        ([changed(tagStatus="tagged", tagPrefixList=["a"], tagPatternList=["b"])], "lifecycle-rule-tags"),
        ([changed(tagPrefixList=["a"])], "lifecycle-rule-tags"),
        ([changed(tagStatus="tagged", tagPatternList=["*a*b*c*d*"])], "lifecycle-pattern"),
        ([changed(storageClass="archive")], "lifecycle-rule-count"),
        ([{**RULE, "action": {"type": "transition"}}], "lifecycle-rule-action"),
        ([{**RULE, "action": {"type": "expire", "targetStorageClass": "archive"}}], "lifecycle-rule-action"),
        ([{**RULE, "action": {"type": "expire", "targetStorageClass": None}}], "empty-value"),
        ([{**RULE, "rulePriority": 0}], "lifecycle-rule-priority"),
        ([{**RULE, "note": "x"}], "unknown-key"),
        ([], "lifecycle-length"),
        (
            [{**changed(tagStatus="tagged", tagPrefixList=[f"v{n}"]), "rulePriority": n} for n in range(1, 52)],
            "lifecycle-length",
        ),
        ([{**RULE, "description": "x" * 31_000}], "lifecycle-length"),
    ],
)
def test_what_ecr_refuses_is_found(rules: list[dict[str, Any]], wanted: str) -> None:
    assert wanted in {rule for _, rule in said(policy(*rules))}


def test_two_rules_for_any_images_are_fine_where_their_storage_classes_differ() -> None:
    archive = {
        "rulePriority": 1,
        "selection": {"tagStatus": "any", "countType": "sinceImagePulled", "countUnit": "days", "countNumber": 90},
        "action": {"type": "transition", "targetStorageClass": "archive"},
    }
    expire = {
        "rulePriority": 2,
        "selection": {
            "tagStatus": "any",
            "storageClass": "archive",
            "countType": "sinceImageTransitioned",
            "countUnit": "days",
            "countNumber": 365,
        },
        "action": {"type": "expire"},
    }
    assert {rule for _, rule in said(policy(archive, expire))} == {"lifecycle-any-tagged", "lifecycle-archive"}


def test_findings_point_into_the_text_also_behind_tabs_and_other_characters() -> None:
    text = '\t{"rules": [\n\t{"rulePriority": 0, "description": "\\ud83d\\ude00 é\\/",\n\t\t"selection": '
    text += json.dumps(RULE["selection"]) + ', "action": {"type": "expire"}}]}'
    assert said(text) == [("p.json:2:19", "lifecycle-rule-priority")]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"rules": [}', "p.json:1:12"),
        ("rules: []", "p.json:1:1"),
        ("", "p.json:1:1"),
        ('{"rules": NaN}', "p.json:1:1"),
        (b"\xff\xfe", "p.json:1:1"),
        ("[" * 100_000, "p.json:1:1"),
        ('{"lifecyclePolicyText": "{}"}', "p.json:1:1"),
    ],
)
def test_what_is_no_policy_text_is_said_once(text: str | bytes, where: str) -> None:
    assert said(text) == [(where, "policy-text")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[]", [("p.json:1:1", "wrong-type")]),
        ("null", [("p.json:1:1", "empty-file")]),
        ("{}", [("p.json:1:1", "missing-key")]),
        ('{"rules": [], "rules": []}', [("p.json:1:15", "duplicate-key")]),
    ],
)
def test_what_is_json_and_no_policy_is_said_where_it_stands(text: str, wanted: list[tuple[str, str]]) -> None:
    assert said(text) == wanted


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["rules", "selection", "action", "x"]), inner),
)


@given(anything | st.builds(lambda rules: {"rules": rules}, st.lists(anything)))
def test_no_json_makes_it_raise(value: Any) -> None:
    for finding in checked_policy(json.dumps(value).encode(), "p.json"):
        assert finding.message


@given(st.binary())
def test_no_bytes_make_it_raise(content: bytes) -> None:
    assert checked_policy(content, "p.json")
