"""Repositories that ECR creates itself: what `ecrctl access --can` says of them, both engines say of the templates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from registry.access.explain import ask
from registry.model import Registry
from tests.judge.deployed import Deployed, deployed
from tests.judge.engine import judged, second_opinion
from tests.judge.test_raw_policies import questions
from tests.synth import SMALL, declared, synthesized

OURS = "{aws:PrincipalOrgID: o-a1b2c3d4e5}"
#: Grants of namespaces, and policies in AWS's form beside them; `hub/k8s` is nearer than `hub`.
FILE = f"""{SMALL}
access: {{organization: o-a1b2c3d4e5}}
principals:
  ci: {{role: "arn:aws:iam::123456789012:role/ci"}}
  runtime: {{role: "arn:aws:iam::123456789012:role/runtime"}}
  partner: {{role: "arn:aws:iam::345678901234:role/partner"}}
  prod: {{account: "456789012345"}}
  functions: {{lambda_account: "123456789012"}}
namespaces:
  hub: {{pull: [prod, runtime, functions]}}
  sandbox: {{push: [ci], pull: [partner]}}
pull_through_cache_rules: {{hub: {{upstream_registry: quay}}, mirror: {{upstream_registry: k8s}}}}
creation_templates:
  hub: {{applied_for: [PULL_THROUGH_CACHE]}}
  hub/k8s:
    applied_for: [PULL_THROUGH_CACHE]
    repository_policy:
      Statement:
        - {{Effect: Allow, Principal: {{AWS: "arn:aws:iam::345678901234:role/partner"}}, Action: "ecr:BatchGet*"}}
        - {{Effect: Deny, Principal: "*", Action: ecr:BatchGetImage, Condition: {{StringNotEquals: {OURS}}}}}
  ROOT:
    applied_for: [PULL_THROUGH_CACHE]
    repository_policy:
      Statement:
        - {{Effect: Allow, Principal: "*", Action: ["ecr:BatchGet*"], Condition: {{StringEquals: {OURS}}}}}
        - {{Effect: Allow, Principal: "*", Action: ecr:DescribeImages, Condition: {{StringEquals: {OURS}}}}}
        - {{Effect: Deny, Principal: {{AWS: "arn:aws:iam::123456789012:role/runtime"}}, NotAction: ecr:DescribeImages}}
  sandbox: {{applied_for: [CREATE_ON_PUSH]}}
repositories: {{web/api: {{push: [ci], pull: [runtime, partner, prod, functions]}}}}
"""
#: What ECR makes, and of which template: that of the longest prefix.
MADE = {
    "hub/nginx": "hub", "hub/k8s/pause": "hub/k8s", "mirror/pause": "ROOT", "sandbox/try": "sandbox",
}  # fmt: skip


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Registry, Deployed]:
    registry = declared(FILE)
    found = deployed(synthesized(registry, tmp_path_factory.mktemp("created"))[1])
    made = {(registry.home, name): found.created[registry.home, prefix] for name, prefix in MADE.items()}
    return registry, replace(found, repositories=made)


@pytest.mark.parametrize("engine", [judged, second_opinion])
def test_what_access_answers_of_what_ecr_makes_is_what_its_template_does(
    example: tuple[Registry, Deployed], engine: Any
) -> None:
    cases = {case.id: (case, said) for case, said in questions(*example)}
    answers = engine([case for case, _ in cases.values()])
    assert [id for id, (_, said) in cases.items() if answers[id] != said] == []
    assert 10 < sum(said for _, said in cases.values()) < len(cases) - 10


def test_each_template_decides_something(example: tuple[Registry, Deployed]) -> None:
    """Otherwise the test above would say nothing of it."""
    said = {case.resource.partition(":repository/")[2] for case, yes in questions(*example) if yes}
    assert said == set(MADE)


def test_what_nobody_makes_has_no_answer(example: tuple[Registry, Deployed]) -> None:
    registry, _ = example
    ci = next(it for it in registry.principals if it.name == "ci")
    assert ask(registry, ci, "ecr:PutImage", "elsewhere/x") is None
