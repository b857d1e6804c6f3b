"""The engines against a truth table written by hand: they are asked what IAM is documented to answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.judge.engine import Case, Policy, judged, second_opinion

HOME, OTHER = "123456789012", "210987654321"
OWN = f"arn:aws:ecr:ap-northeast-2:{HOME}:repository/web/api"
ROLE, FOREIGN = f"arn:aws:iam::{HOME}:role/ci", f"arn:aws:iam::{OTHER}:role/eks-node"
GITHUB = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{HOME}:oidc-provider/{GITHUB}"
SUBJECT = "repo:acme@84790634/web@1304267049:ref:refs/heads/main"


def allow(action: str | list[str], *, effect: str = "Allow", **rest: Any) -> Policy:
    return {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, **rest}]}


def case(id: str, principal: str = ROLE, action: str = "ecr:BatchGetImage", resource: str = OWN, **rest: Any) -> Case:
    return Case(id=id, principal=principal, action=action, resource=resource, account=resource.split(":")[4], **rest)


PULL = allow("ecr:BatchGetImage", Resource=OWN)
EVERYTHING = allow("ecr:*", Resource="*")
ROOT_OF_OTHER: dict[str, Any] = {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}
NODE = allow("ecr:BatchGetImage", **ROOT_OF_OTHER, Condition={
    "ArnEquals": {"aws:PrincipalArn": FOREIGN}, "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}
})  # fmt: skip
UNIT = allow("ecr:BatchGetImage", Principal="*", Condition={
    "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"]}
})  # fmt: skip
LAMBDA = allow("ecr:BatchGetImage", Principal={"Service": "lambda.amazonaws.com"}, Condition={
    "StringLike": {"aws:SourceArn": f"arn:aws:lambda:ap-northeast-2:{HOME}:function:*"}
})  # fmt: skip
ORG = {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}


def trust(**condition: Any) -> Policy:
    return allow("sts:AssumeRoleWithWebIdentity", Principal={"Federated": PROVIDER}, Condition=condition)


EXACT = trust(StringEquals={f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": SUBJECT})
LIKE = trust(
    StringEquals={f"{GITHUB}:aud": "sts.amazonaws.com"}, StringLike={f"{GITHUB}:sub": "repo:acme/web:ref:refs/tags/v*"}
)


def token(id: str, subject: str, policy: Policy = EXACT, audience: str = "sts.amazonaws.com") -> Case:
    return case(
        id, PROVIDER, "sts:AssumeRoleWithWebIdentity", ROLE, resource_policy=policy,
        context={f"{GITHUB}:aud": audience, f"{GITHUB}:sub": subject},
    )  # fmt: skip


def paths(unit: str) -> dict[str, list[str]]:
    return {"aws:PrincipalOrgPaths": [f"o-a1b2c3d4e5/r-ab12/{unit}/"]}


DENIED = allow("ecr:BatchGetImage", effect="Deny", Resource=OWN)
TRUTH = [
    (case("own", identity=[PULL]), True),
    (case("another action", action="ecr:PutImage", identity=[PULL]), False),
    (case("sibling", resource=OWN.replace("api", "ui"), identity=[PULL]), False),
    (case("prefix twin", resource=OWN + "s", identity=[PULL]), False),
    (case("foreign region", resource=OWN.replace("ap-northeast-2", "us-west-2"), identity=[PULL]), False),
    (case("nothing"), False),
    (case("explicit deny", identity=[EVERYTHING, allow("ecr:*", effect="Deny", Resource=OWN)]), False),
    (case("repository denies", identity=[EVERYTHING],
          resource_policy=allow("ecr:*", effect="Deny", Principal="*")), False),
    (case("both halves", FOREIGN, identity=[EVERYTHING], resource_policy=NODE, context=ORG), True),
    (case("no half there", FOREIGN, resource_policy=NODE, context=ORG), False),
    (case("no half here", FOREIGN, identity=[EVERYTHING], context=ORG), False),
    (case("twin there", FOREIGN + "s", identity=[EVERYTHING], resource_policy=NODE, context=ORG), False),
    (case("left the organization", FOREIGN, identity=[EVERYTHING], resource_policy=NODE), False),
    (case("in the unit", FOREIGN, identity=[EVERYTHING], resource_policy=UNIT,
          context=paths("ou-ab12-11111111")), True),
    (case("below the unit", FOREIGN, identity=[EVERYTHING], resource_policy=UNIT,
          context=paths("ou-ab12-11111111/ou-ab12-22222222")), True),
    (case("beside the unit", FOREIGN, identity=[EVERYTHING], resource_policy=UNIT,
          context=paths("ou-ab12-22222222")), False),
    (case("Lambda", "lambda.amazonaws.com", resource_policy=LAMBDA,
          context={"aws:SourceArn": f"arn:aws:lambda:ap-northeast-2:{HOME}:function:x"}), True),
    (case("Lambda elsewhere", "lambda.amazonaws.com", resource_policy=LAMBDA,
          context={"aws:SourceArn": f"arn:aws:lambda:ap-northeast-2:{OTHER}:function:x"}), False),
    (token("the subject", SUBJECT), True),
    (token("another branch", SUBJECT + "s"), False),
    (token("the classic form", "repo:acme/web:ref:refs/heads/main"), False),
    (token("a recycled name", SUBJECT.replace("1304267049", "1304267050")), False),
    (token("another audience", SUBJECT, audience="https://github.com/acme"), False),
    (token("a tag of the pattern", "repo:acme/web:ref:refs/tags/v1", LIKE), True),
    (token("a tag of another", "repo:acme/web:ref:refs/tags/1", LIKE), False),
    (token("another repository", "repo:acme/web2:ref:refs/tags/v1", LIKE), False),
]  # fmt: skip


@pytest.mark.parametrize("engine", [judged, second_opinion])
def test_the_engine_answers_as_iam_is_documented_to(engine: Any) -> None:
    assert engine([case for case, _ in TRUTH]) == {case.id: answer for case, answer in TRUTH}


def test_a_case_the_engine_does_not_understand_fails() -> None:
    with pytest.raises(AssertionError):
        judged([case("no such action", action="ecr:PutImages", identity=[EVERYTHING])])


@pytest.mark.parametrize("engine", [judged, second_opinion])
def test_actions_that_other_statements_name_are_asked_for_themselves(engine: Any) -> None:
    policy = allow(["ecr:BatchGet*", "ecr:DescribeImages"], Resource=OWN)
    actions = ("BatchGetImage", "DescribeImages", "PutImage", "ListImages", "DeleteRepository")
    asked = [case(action, action=f"ecr:{action}", identity=[policy]) for action in actions]
    denied = [replace(it, id=f"{it.id} denied", identity=[policy, DENIED]) for it in asked]
    assert [name for name, yes in engine([*asked, *denied]).items() if yes] == [
        *("BatchGetImage", "DescribeImages", "DescribeImages denied"),
    ]
