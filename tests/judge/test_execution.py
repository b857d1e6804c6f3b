"""CloudFormation may do what the handlers of every resource of every example need, and nothing that is not theirs.

The handlers' permissions are those of CloudFormation's own resource schemas, which cfn-lint brings along.
"""

from __future__ import annotations

import pytest

from registry.access import size
from registry.execution import PATH, execution_policies, execution_policy_arns
from registry.load import load
from registry.model import Registry
from tests.judge.engine import Case, judged, second_opinion
from tests.judge.handlers import BOUNDARY, ROLE, needed
from tests.synth import ROOT, Templates, synthesized

FILES = [ROOT / "examples" / name / "registry.yaml" for name in ("minimal", "seed", "company")]
FILES += [ROOT / "tests" / "golden" / f"{name}.yaml" for name in ("access", "kms-keys", "other-account")]
STRANGE = (
    ("iam:CreateUser", "arn:aws:iam::{account}:user/eve"),
    ("iam:CreateRole", "arn:aws:iam::{account}:role/administrator"),
    ("iam:UpdateAssumeRolePolicy", "arn:aws:iam::{account}:role/administrator"),
    ("iam:AttachRolePolicy", "arn:aws:iam::{account}:role/administrator"),
    ("iam:PassRole", "arn:aws:iam::{account}:role/administrator"),
    ("iam:PutRolePolicy", "arn:aws:iam::{account}:role/{name}-ci"),
    ("iam:CreatePolicyVersion", "arn:aws:iam::{account}:policy" + PATH + "CloudFormation-{name}-1"),
    ("ecr:CreateRepository", "arn:aws:ecr:sa-east-1:{account}:repository/web/api"),
    ("ecr:BatchGetImage", "arn:aws:ecr:{region}:{account}:repository/web/api"),
    ("ecr:PutImage", "arn:aws:ecr:{region}:{account}:repository/web/api"),
    ("ecr:BatchDeleteImage", "arn:aws:ecr:{region}:{account}:repository/web/api"),
    ("kms:Decrypt", "arn:aws:kms:{region}:{account}:key/12345678-1234-1234-1234-123456789012"),
    ("kms:ScheduleKeyDeletion", "arn:aws:kms:{region}:{account}:key/12345678-1234-1234-1234-123456789012"),
    ("kms:CreateGrant", "arn:aws:kms:{region}:{account}:key/12345678-1234-1234-1234-123456789012"),
    ("s3:GetObject", "arn:aws:s3:::bucket/key"),
    ("sts:AssumeRole", "arn:aws:iam::{account}:role/administrator"),
    ("lambda:CreateFunction", "arn:aws:lambda:{region}:{account}:function:f"),
)


@pytest.fixture(scope="module", params=FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Registry, Templates]:
    registry, _ = load(request.param)
    return registry, synthesized(registry, tmp_path_factory.mktemp("execution"))[1]


def test_every_handler_of_every_resource_has_what_it_needs(example: tuple[Registry, Templates]) -> None:
    cases = list(needed(*example))
    assert len(cases) >= 20
    answers = judged(cases)
    assert [case.id for case in cases if not answers[case.id]] == []
    answers = second_opinion(cases)
    assert [case.id for case in cases if not answers[case.id]] == []


def test_nothing_is_allowed_that_is_not_the_stacks(example: tuple[Registry, Templates]) -> None:
    registry, _ = example
    cases = [
        Case(
            id=f"{at} {action}",
            principal=f"arn:aws:iam::{at.account}:role/{ROLE}-{at.account}-{at.region}",
            action=action,
            resource=arn.format(account=at.account, region=at.region, name=registry.name),
            account=at.account,
            identity=execution_policies(registry, at.account),
            context={"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}
            if action == "iam:AttachRolePolicy"
            else {},
        )
        for at in registry.locations
        for action, arn in STRANGE
    ]
    for answers in (judged(cases), second_opinion(cases)):
        assert [case.id for case in cases if answers[case.id]] == []


def test_a_bounded_role_cannot_be_made_without_its_boundary_nor_lose_it() -> None:
    registry, _ = load(ROOT / "examples" / "company" / "registry.yaml")
    role = f"arn:aws:iam::{registry.account}:role/ci/company-web-main"
    cases = [
        Case(
            id=action,
            principal=f"arn:aws:iam::{registry.account}:role/{ROLE}",
            action=action,
            resource=role,
            account=registry.account,
            identity=execution_policies(registry, registry.account),
            context=context,
        )
        for action, context in (
            ("iam:CreateRole", {}),
            ("iam:PutRolePermissionsBoundary", {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
            (BOUNDARY, {}),
        )
    ]
    assert set(judged(cases).values()) == {False}
    assert set(second_opinion(cases).values()) == {False}


def test_the_policies_fit_iam_and_lie_where_the_stacks_cannot_change_them(
    example: tuple[Registry, Templates],
) -> None:
    registry, _ = example
    for account in registry.accounts:
        documents = execution_policies(registry, account)
        assert 1 <= len(documents) <= 10
        assert all(size(document) <= 6_144 for document in documents)
        for arn in execution_policy_arns(registry, account):
            assert f"policy{PATH}CloudFormation-{registry.name}-" in arn
