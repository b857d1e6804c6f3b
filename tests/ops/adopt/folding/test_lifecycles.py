"""Policies become the sentences that do the same, or stay as they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ops.adopt.folding.lifecycles import as_sentences, fold_lifecycles, key_of
from registry.load import load
from registry.resolve.lifecycles import PROTECTED_COUNT
from tests.live_accounts import days, images, lifecycle, rule
from tests.synth import ROOT, SEED

TAGGED: dict[str, Any] = {"tagStatus": "tagged"}


@pytest.mark.parametrize(
    ("policy", "sentences"),
    [
        (lifecycle(rule(days(14), tagStatus="untagged")), [{"expire": {"untagged": True, "after_days": 14}}]),
        (lifecycle(rule(images(30), tagStatus="any"), step=7), [{"keep": {"any": True, "last": 30}}]),
        (
            lifecycle(rule(images(3), "a text", **TAGGED, tagPrefixList=["v"])),
            [{"keep": {"tagged": "v*", "last": 3}}],
        ),
        (
            lifecycle(rule(images(3), **TAGGED, tagPatternList=["v*", "*-final"])),
            [{"keep": {"tagged": {"all_of": ["v*", "*-final"]}, "last": 3}}],
        ),
        (
            lifecycle(*(rule(images(PROTECTED_COUNT), **TAGGED, tagPatternList=[it]) for it in ("prod*", "live"))),
            [{"protect": {"tagged": {"any_of": ["prod*", "live"]}}}],
        ),
        (
            lifecycle(*(rule(days(9), **TAGGED, tagPatternList=[it]) for it in ("a*", "b*", "c*"))),
            [{"expire": {"tagged": {"any_of": ["a*", "b*", "c*"]}, "after_days": 9}}],
        ),
        (  # ECR counts each for itself, so that they are no one sentence
            lifecycle(*(rule(images(9), **TAGGED, tagPatternList=[it]) for it in ("a*", "b*"))),
            [{"keep": {"tagged": "a*", "last": 9}}, {"keep": {"tagged": "b*", "last": 9}}],
        ),
        (
            {
                "rules": [
                    {
                        "rulePriority": 1,
                        "selection": {
                            "tagStatus": "any",
                            "countType": "sinceImagePulled",
                            "countUnit": "days",
                            "countNumber": 90,
                        },
                        "action": {"type": "transition", "targetStorageClass": "archive"},
                    },
                    {
                        "rulePriority": 2,
                        "selection": {
                            "tagStatus": "any",
                            "storageClass": "archive",
                            "countType": "sinceImageTransitioned",
                            "countUnit": "days",
                            "countNumber": 400,
                        },
                        "action": {"type": "expire"},
                    },
                ]
            },
            [{"archive": {"any": True, "unpulled_days": 90}}, {"expire_archived": {"any": True, "after_days": 400}}],
        ),
        (lifecycle(rule(images(3), **TAGGED, tagPrefixList=["a b"])), None),  # no tag has a space; no sentence says it
        (lifecycle(rule(images(3), **TAGGED, tagPatternList=["*a*b*c*d*e*"])), None),
    ],
)
def test_a_policy_as_sentences(policy: dict[str, Any], sentences: Any) -> None:
    assert as_sentences(policy) == sentences


@pytest.mark.parametrize("place", ["selection", "action", "rulePriority"])
def test_a_policy_of_a_form_to_come_is_no_sentence(place: str) -> None:
    """Whatever ECR adds: the file's check says what it does not know."""
    (known,) = lifecycle(rule(images(3), tagStatus="any"))["rules"]
    inside = known[place]
    fewer = [{**known, place: {k: it for k, it in inside.items() if k != key}} for key in inside] if inside != 1 else []
    for changed in (*fewer, {key: it for key, it in known.items() if key != place}):
        policy = {"rules": [changed], "later": 1}
        assert as_sentences(policy) is None or place == "rulePriority"
        assert fold_lifecycles({"a/b": policy}, ()).name_of[key_of(policy)] == "a-b"
    assert as_sentences({"later": []}) is None


def test_each_policy_has_one_name_by_those_who_use_it() -> None:
    weekly, monthly = (lifecycle(rule(days(number), tagStatus="untagged")) for number in (7, 30))
    folded = fold_lifecycles(
        {"web/a": weekly, "web/b": {**weekly}, "data/a": weekly, "data/b": monthly, "data/c": monthly, "x/y": None}, ()
    )
    assert list(folded.written) == ["data", "nothing-expires", "standard"]
    assert folded.name_of[key_of(weekly)] == "standard"
    assert folded.name_of[key_of(monthly)] == "data"
    assert folded.written["nothing-expires"] == []


def test_the_built_in_lifecycle_needs_no_name_of_its_own() -> None:
    policy = lifecycle(rule(days(14), "their words", tagStatus="untagged"), step=3)
    folded = fold_lifecycles({"web/a": policy}, ())
    assert folded.written == {}
    assert folded.name_of[key_of(policy)] == "untagged-14-days"


def test_what_people_said_of_a_rule_is_kept_and_what_we_say_ourselves_is_not_repeated() -> None:
    told = lifecycle(rule(days(7), "for the auditors", tagStatus="untagged"))
    assert fold_lifecycles({"a/b": told}, ()).descriptions == {"a-b": ("for the auditors",)}
    ours = lifecycle(rule(days(7), "expire untagged images 7 days after their push", tagStatus="untagged"))
    assert fold_lifecycles({"a/b": ours}, ()).descriptions == {"a-b": ()}


def test_a_lifecycle_that_must_stay_raw_stays_so() -> None:
    policy = lifecycle(rule(days(7), "told", tagStatus="untagged"))
    folded = fold_lifecycles({"a/b": policy}, {key_of(policy)})
    assert folded.written == {"a-b": policy}


@pytest.mark.parametrize("file", [SEED, ROOT / "examples" / "company" / "registry.yaml"], ids=["seed", "company"])
def test_sentences_of_our_examples_come_back(file: Any) -> None:
    for repository in load(file)[0].repositories:
        if repository.lifecycle is not None:
            assert as_sentences(json.loads(repository.lifecycle.text)) is not None
