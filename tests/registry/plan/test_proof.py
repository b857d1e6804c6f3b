"""What IAM Access Analyzer would be asked about two registries, and what its answers come to."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from registry.access.audit import audit_policy
from registry.access.creation_role import creation_role_policies
from registry.access.purposes import GRANTED
from registry.load import check_sources, load
from registry.plan.change import Risk
from registry.plan.proof import NOBODY, Question, Verdict, answered, questions
from registry.plan.run import plan
from registry.plan.sides import Sides, side_of
from registry.reading.include import read_files
from tests.registry.plan.planned import side
from tests.registry.plan.test_templates_explained import templates
from tests.synth import ROOT

WHO = """\
principals:
  ci: {github: acme/web, owner_id: 1, repository_id: 2, branch: main}
  other: {account: "210987654321"}
  third: {account: "310987654321"}
"""


def compared(old: str, new: str) -> tuple[Sides, tuple[Question, ...]]:
    sides = Sides(side(WHO + old), side(WHO + new))
    return sides, questions(sides, *(templates(it.registry) for it in sides.both))


def labels(old: str, new: str) -> list[list[str]]:
    return sorted(sorted(it.about) for it in compared(old, new)[1])


def said(old: str, new: str, verdict: Verdict) -> list[str]:
    sides, asked = compared(old, new)
    found = answered(asked, [verdict] * len(asked), plan(sides))
    return sorted(f"{it.risk} {it.kind.id} {it.about}: {it.message}" for it in found)


ONE = "repositories: {web/api: {pull: [other]}, web/db: {pull: [other]}}\n"
BOTH = "repositories: {web/api: {pull: [other, third]}, web/db: {pull: [other, third]}}\n"
NONE = "repositories: {web/api: , web/db: }\n"


def test_the_same_comparison_is_asked_once_for_all_it_is_about() -> None:
    home = "in ap-northeast-2)"
    assert labels(ONE, BOTH) == [[f"web/api (repository policy {home}", f"web/db (repository policy {home}"]]
    (asked,) = compared(ONE, BOTH)[1]
    assert (asked.identity, asked.new) == (False, asked.whole)
    assert "310987654321" in asked.new
    assert "310987654321" not in asked.old


def test_what_is_the_same_or_goes_is_not_asked_about() -> None:
    assert labels(ONE, ONE) == []
    assert labels(ONE, NONE) == []


def test_a_new_policy_is_asked_about_alone() -> None:
    (asked,) = compared(NONE, ONE)[1]
    assert (asked.old, asked.new) == ("", asked.whole)


def test_a_new_role_is_asked_about_by_its_policies_and_not_by_its_trust() -> None:
    (names,) = labels(NONE, "repositories: {web/api: {push: [ci]}, web/db: }\n")
    assert names == ["acme-ci (policies in ap-northeast-2)"]


def test_a_trust_policy_that_changes_is_compared() -> None:
    old = NONE.replace("web/api: ", "web/api: {push: [ci]}")
    sides = Sides(side(WHO + old), side(WHO.replace("main", "release") + old))
    asked = questions(sides, *(templates(it.registry) for it in sides.both))
    assert [(it.identity, list(it.about)) for it in asked] == [
        (False, ["acme-ci (trust policy in ap-northeast-2)"]),
    ]


PUSHED = "repositories: {web/api: {push: [ci]}}\n"


@pytest.mark.parametrize(
    "new",
    [
        "repositories: {web/api: {push: [ci]}, web/new: {push: [ci]}}\n",
        "replicas: {us-west-2: }\nrepositories: {web/api: {push: [ci], pull: [ci]}}\n",
    ],
)
def test_repositories_that_are_new_are_no_gain_by_themselves(new: str) -> None:
    """The plan compares them with their namespace, and a replica with its home."""
    for asked in compared(PUSHED, new)[1]:
        if asked.identity:
            assert "web/new" in asked.whole or "us-west-2" in asked.whole
            assert "web/new" not in asked.new
            assert "us-west-2" not in asked.new


def test_statements_of_all_policies_of_a_role_are_one_document_with_unique_ids() -> None:
    many = "repositories: {%s}\n"
    row = "a{0}/very-long-name-of-a-repository-number-{0}: {{push: [ci]}}"
    old = many % ", ".join(row.format(n) for n in range(1, 121))
    new = many % ", ".join(row.format(n) for n in range(0, 121))
    (asked,) = (it for it in compared(old, new)[1] if it.identity)
    ids = [it["Sid"] for it in json.loads(asked.whole)["Statement"] if "Sid" in it]
    assert len(json.loads(asked.whole)["Statement"]) > len(ids) == len(set(ids))
    assert len(next(iter(asked.about.values()))) > 1


LESS, MORE = Verdict(more=False, less=True), Verdict(more=True, where=("Pull",))


@pytest.mark.parametrize(
    ("old", "new", "verdict", "told"),
    [
        (ONE, BOTH, MORE, "safe aws-agrees {}: AWS: more access, as other changes here say"),
        (BOTH, ONE, LESS, "safe aws-agrees {}: AWS: less access"),
        (BOTH, ONE, MORE, "opens aws-says-more {}: AWS: more access than before, and no change here says so"),
        (BOTH, ONE, Verdict(more=True, less=True),
         "opens aws-says-more {}: AWS: more and less access than before, and no change here says so"),
        (ONE, BOTH, Verdict(more=False), "safe aws-agrees {}: AWS: the same access"),
        (NONE, ONE, Verdict(more=False), "safe aws-agrees {}: AWS: new, and lets nobody administer anything"),
        (NONE, ONE, MORE,
         "opens aws-says-administers {}: AWS: new, and lets somebody administer repositories or policies"),
    ],
)  # fmt: skip
def test_an_answer_is_a_change_that_opens_only_where_the_plan_does_not_say_so(
    old: str, new: str, verdict: Verdict, told: str
) -> None:
    where = "web/api (repository policy in ap-northeast-2), web/db (repository policy in ap-northeast-2)"
    assert said(old, new, verdict) == [told.format(where)]


def test_a_gain_that_is_told_of_one_repository_says_nothing_of_another() -> None:
    sides, (asked,) = compared(ONE, BOTH)
    one = side(WHO + BOTH.replace("web/db: {pull: [other, third]}", "web/db: {pull: [other]}"))
    told = {it.kind.id: it.subjects for it in answered([asked], [MORE], plan(Sides(sides.old, one)))}
    assert {key: [it.partition(" ")[0] for it in value] for key, value in told.items()} == {
        "aws-agrees": ["web/api"],
        "aws-says-more": ["web/db"],
    }


def test_what_nobody_may_have_is_in_no_grant_and_in_no_role_made_here() -> None:
    granted = {it for each in GRANTED.values() for it in (*each.on_repositories, *each.of_own_roles)}
    registry, _ = load(ROOT / "examples" / "company" / "registry.yaml")
    documents: list[Any] = [
        each
        for account in registry.accounts
        for each in (audit_policy(registry, account), *creation_role_policies(registry, account))
    ]
    granted |= {it for each in documents for statement in each["Statement"] for it in statement["Action"]}
    assert len(granted) > 20
    assert granted & set(NOBODY) == set()
    assert not any("*" in it for it in granted)


def test_the_policies_of_a_company_are_documents_without_functions_of_cloudformation() -> None:
    """AWS takes a document as it is: nothing in it may be for CloudFormation to fill in."""
    company = ROOT / "examples" / "company" / "registry.yaml"
    files = read_files(company)
    of_company = side_of(check_sources(files), files)
    assert of_company is not None
    asked = questions(Sides(of_company, of_company), {}, templates(of_company.registry))
    assert len(asked) > 10
    assert {it.identity for it in asked} == {True, False}
    for each in asked:
        assert not re.search(r'"(Ref|Fn::\w+)":', each.whole)
        assert set(json.loads(each.whole)) == {"Version", "Statement"}


def test_another_risk_of_the_same_resource_is_not_what_aws_found() -> None:
    allow = '{Effect: Allow, Principal: {AWS: ["210987654321", "310987654321"]}, Action: ecr:BatchGetImage}'
    policy = f'{{Version: "2012-10-17", Statement: [{allow}]}}'
    old = f"creation_templates: {{hub: {{applied_for: [REPLICATION], repository_policy: {policy}}}}}\n{NONE}"
    new = old.replace("[REPLICATION]", "[REPLICATION, CREATE_ON_PUSH]").replace(', "310987654321"', "")
    sides, (asked,) = compared(old, new)
    changes = plan(sides)
    assert "template-on-push" in {it.kind.id for it in changes if it.risk is Risk.OPENS}
    assert [it.kind.id for it in answered([asked], [MORE], changes)] == ["aws-says-more"]
