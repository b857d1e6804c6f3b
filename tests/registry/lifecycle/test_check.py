"""A lifecycle policy text alone: what JSON is refused, and where findings point."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.lifecycle.check import PolicyText, checked_policy, read_policy
from tests.synth import SMALL, declared

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


def numbered(*rules: dict[str, Any]) -> list[dict[str, Any]]:
    """Rules with gaps between their priorities, and not in their order."""
    return [{**rule, "rulePriority": 7 * number} for number, rule in enumerate(rules, start=1)][::-1]


def tagged(**tags: list[str]) -> dict[str, Any]:
    return changed(tagStatus="tagged", **tags)


TO_ARCHIVE = {**changed(tagStatus="any", countType="sinceImagePulled", countUnit="days")}
TO_ARCHIVE |= {"action": {"type": "transition", "targetStorageClass": "archive"}}
ARCHIVED = {"storageClass": "archive", "countType": "sinceImageTransitioned", "countUnit": "days", "countNumber": 90}


@pytest.mark.parametrize(
    "rules",
    [
        numbered(RULE, tagged(tagPrefixList=["v"]), changed(tagStatus="any")),
        numbered(tagged(tagPrefixList=["release/1.0", "ä b", "-", ""]), tagged(tagPatternList=["^v[0-9]+$", "a,b"])),
        numbered(tagged(tagPrefixList=["v"]), tagged(tagPatternList=["v*"])),
        numbered(tagged(tagPatternList=["*", "*a*b*c*"]), tagged(tagPatternList=["*"])),
        numbered(tagged(tagPatternList=["v*"]), changed(tagStatus="tagged", tagPatternList=["v*"], **ARCHIVED)),
        numbered(TO_ARCHIVE, changed(tagStatus="any", **ARCHIVED)),
        numbered(changed(storageClass="standard"), {**TO_ARCHIVE, "description": ""}),
        [{**RULE, "rulePriority": 2_000_000_000, "description": "x" * 2_000}],
        numbered(*(tagged(tagPatternList=[f"v{number}-*"]) for number in range(50))),
    ],
)
def test_whatever_ecr_takes_can_be_said_however_odd(rules: list[dict[str, Any]]) -> None:
    """A policy that is live must be importable as it is: what is odd in it is at most a warning."""
    content = policy(*rules).encode()
    assert read_policy(content, "p.json").errors == ()
    (declared_one,) = declared(
        f"{SMALL}lifecycles: {{it: {json.dumps({'rules': rules})}}}\nrepositories: {{web/api: {{lifecycle: it}}}}\n"
    ).repositories
    assert declared_one.lifecycle is not None
    assert json.loads(declared_one.lifecycle.text)["rules"] == sorted(rules, key=lambda rule: int(rule["rulePriority"]))


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
        ('{"rules": NaN}', "p.json:1:11"),
        (b"\xff\xfe", "p.json:1:1"),
        ("[" * 100_000, "p.json:1:41"),
        ('{"rules":\n [' + "9" * 5_000 + "]}", "p.json:2:3"),
        ('{"rules": [{"description": "\\ud800"}]}', "p.json:1:28"),
        ('{"rules": "\ud800"}'.encode(errors="surrogatepass"), "p.json:1:12"),
        ('{"rules": []}'.encode("utf-16"), "p.json:1:1"),
        ("null", "p.json:1:1"),
        ("[]", "p.json:1:1"),
        ('"\\ud83d\\ude00"', "p.json:1:1"),
        (" " * 1_000_001, "p.json:1:1"),
    ],
)
def test_what_is_no_policy_text_is_said_once(text: str | bytes, where: str) -> None:
    assert said(text) == [(where, "policy-text")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('{"<<": {"rules": []}}', [("p.json:1:1", "missing-key"), ("p.json:1:2", "unknown-key")]),
        ("{}", [("p.json:1:1", "missing-key")]),
        ('{"rules": [], "rules": []}', [("p.json:1:15", "duplicate-key")]),
    ],
)
def test_what_is_json_and_no_policy_is_said_where_it_stands(text: str, wanted: list[tuple[str, str]]) -> None:
    assert said(text) == wanted


def test_a_policy_is_taken_as_aws_prints_it() -> None:
    """`aws ecr get-lifecycle-policy`: the policy is a text within the answer, and that is where findings stand."""
    answer = {"registryId": "123456789012", "repositoryName": "web/api", "lifecyclePolicyText": policy(RULE)}
    assert read_policy(json.dumps(answer, indent=4).encode(), "p.json") == PolicyText(policy(RULE), ())
    answer["lifecyclePolicyText"] = policy(changed(countNumber=0), {**RULE, "rulePriority": 1})
    assert sorted(said(json.dumps(answer, indent=4))) == [
        ("p.json:4:28", rule) for rule in ("lifecycle-rule-count", "lifecycle-rule-priority", "lifecycle-untagged-once")
    ]
    assert said('{"lifecyclePolicyText": "{}"}') == [("p.json:1:25", "missing-key")]
    assert said('{"lifecyclePolicyText": 3}') == [
        ("p.json:1:1", "missing-key"), ("p.json:1:2", "unknown-key"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "null", '"\\ud800"', "[]", '{"rules": {}}', '{"rules": [3]}', '{"rules": [{"rulePriority": "1"}]}', "{}",
        '{"rules": []}', '{"rules": [{"description": 3}]}', '{"<<": 1}', policy(changed(tagStatus="any")),
        policy(changed(tagStatus="tagged", tagPatternList=["a", "b"])),
        policy({**changed(tagStatus="any"), "action": {"type": "transition", "targetStorageClass": "archive"}}),
    ],
)  # fmt: skip
def test_messages_about_json_speak_of_json(text: str) -> None:
    for finding in checked_policy(text.encode(), "p.json"):
        for word in (
            "YAML",
            "sentence",
            "namespace",
            "lifecycles",
            "protect",
            "accept",
            "dash",
            "indent",
            "`key: value`",
        ):
            assert word not in str(finding), str(finding)


def test_a_rule_about_any_images_may_stand_before_rules_about_archived_ones() -> None:
    """AWS: "Rule for tagStatus=ANY must have the lowest priority per storage class"."""
    archive = {
        **changed(tagStatus="any", countType="sinceImagePulled", countUnit="days", countNumber=30),
        "action": {"type": "transition", "targetStorageClass": "archive"},
    }
    selection = {"storageClass": "archive", "countType": "sinceImageTransitioned", "countUnit": "days"}
    expire = {**changed(tagStatus="tagged", tagPatternList=["v*"], countNumber=90, **selection), "rulePriority": 2}
    assert {rule for _, rule in said(policy(archive, expire))} == {"lifecycle-any-tagged", "lifecycle-archive"}
    last = {**changed(tagStatus="any", countNumber=90, **selection), "rulePriority": 3}
    assert "lifecycle-any-last" not in {rule for _, rule in said(policy(archive, expire, last))}
    early = {**changed(tagStatus="any", countNumber=90, **selection), "rulePriority": 1}
    assert "lifecycle-any-last" in {rule for _, rule in said(policy(early, expire))}


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
