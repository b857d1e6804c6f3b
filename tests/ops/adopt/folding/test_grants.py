"""A policy that grants would make becomes the grants; every other one stays word for word."""

from __future__ import annotations

from typing import Any

import pytest

from ops.adopt.folding.grants import FoldedPolicies, FoldedPolicy, fold_policies, text_of
from registry.access.purposes import GRANTED, LAMBDA_PULL
from registry.limits import PRINCIPAL_NAME
from registry.locations import Location
from tests.live_accounts import HOME, OTHERS, PULL, document, statement

OWN = "123456789012"
AT = Location(OWN, HOME)
PUSH = list(GRANTED["push"].on_repositories)
ROLE = f"arn:aws:iam::{OTHERS[0]}:role/ci/deployer"
ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}


def root(account: str) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{account}:root"}


def source(function: str, region: str = HOME, account: str = OWN) -> dict[str, Any]:
    return {"StringLike": {"aws:SourceArn": f"arn:aws:lambda:{region}:{account}:function:{function}"}}


LAMBDA = {"Service": "lambda.amazonaws.com"}
CODEBUILD = {"Service": "codebuild.amazonaws.com"}
PROJECT = f"arn:aws:codebuild:{HOME}:{OWN}:project/Base_Image"


def acting_for(operator: str, *sources: str, account: str = OWN) -> dict[str, Any]:
    """As AWS's guide of CodeBuild has it: https://docs.aws.amazon.com/codebuild/latest/userguide/sample-ecr.html"""
    wanted: dict[str, Any] = {"StringEquals": {"aws:SourceAccount": account}}
    for source in sources:
        wanted.setdefault(operator, {}).setdefault("aws:SourceArn", []).append(source)
    return wanted


FUNCTIONS = list(LAMBDA_PULL.on_repositories)


def folded(*policies: dict[str, Any], left: Any = (), raw: Any = ()) -> FoldedPolicies:
    return fold_policies(policies, AT, left, raw)


def grants(policy: dict[str, Any]) -> dict[str, list[str]]:
    """Who gets what, by the names in the file."""
    found = folded(policy)
    result: dict[str, list[str]] = {}
    for key, identity in sorted(found.by_text[text_of(policy)].grants):
        result.setdefault(found.names[identity], []).append(key)
    return result


@pytest.mark.parametrize(
    ("policy", "to"),
    [
        (document(statement(root(OTHERS[0]))), {f"account-{OTHERS[0]}": ["pull"]}),
        (document(statement({"AWS": OTHERS[0]}), version="2008-10-17"), {f"account-{OTHERS[0]}": ["pull"]}),
        (document(statement("*", Condition=ORGANIZATION)), {"organization": ["pull"]}),
        (document(statement({"AWS": "*"}, Condition=ORGANIZATION)), {"organization": ["pull"]}),
        (
            document(
                statement(
                    "*",
                    Condition={
                        "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"]}
                    },
                )
            ),
            {"unit-ab12-11111111": ["pull"]},
        ),
        (document(statement(LAMBDA, FUNCTIONS, Condition=source("*"))), {f"functions-{OWN}": ["pull"]}),
        (document(statement(LAMBDA, FUNCTIONS, Condition=source("resize"))), {"function-resize": ["pull"]}),
        (document(statement(LAMBDA, FUNCTIONS, Condition=source("thumb-*"))), {"function-thumb": ["pull"]}),
        (
            document(statement(LAMBDA, FUNCTIONS, Condition={"ArnLike": source("thumb-*")["StringLike"]})),
            {"function-thumb": ["pull"]},
        ),
        (
            document(statement(CODEBUILD, Condition=acting_for("StringEquals", PROJECT))),
            {"codebuild-base-image": ["pull"]},
        ),
        (document(statement(CODEBUILD, Condition=acting_for("ArnLike", PROJECT))), {"codebuild-base-image": ["pull"]}),
        (document(statement(CODEBUILD, Condition=acting_for(""))), {f"codebuild-{OWN}": ["pull"]}),
        (
            document(statement(CODEBUILD, Condition=acting_for("ArnEquals", PROJECT, f"{PROJECT}2"))),
            {"codebuild-base-image": ["pull"], "codebuild-base-image2": ["pull"]},
        ),
        (  # an account and a service in one statement, which grants write as two
            document(
                statement({**CODEBUILD, **root(OTHERS[0])}, Condition=acting_for("ArnEquals", PROJECT)),
                statement(root(OTHERS[1])),
            ),
            {f"account-{OTHERS[1]}": ["pull"]},
        ),
        (
            document(statement(root(OTHERS[0]), [*PULL, *GRANTED["read"].on_repositories[1:]])),
            {f"account-{OTHERS[0]}": ["pull", "read"]},
        ),
        (
            document(statement(root(OTHERS[0]), PUSH, Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}})),
            {"deployer": ["push"]},
        ),
        (  # two grants of one role, in one statement
            document(
                statement(
                    root(OTHERS[0]),
                    [*PUSH, *GRANTED["delete"].on_repositories],
                    Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}},
                )
            ),
            {"deployer": ["delete", "push"]},
        ),
        (  # one grant in two statements
            document(statement(root(OTHERS[0]), PULL[:1]), statement(root(OTHERS[0]), PULL[1:])),
            {f"account-{OTHERS[0]}": ["pull"]},
        ),
    ],
)
def test_what_a_grant_makes_is_a_grant(policy: dict[str, Any], to: dict[str, list[str]]) -> None:
    assert grants(policy) == to
    beside = [it for it in policy["Statement"] if isinstance(it["Principal"], dict) and len(it["Principal"]) > 1]
    assert folded(policy).by_text[text_of(policy)].rest == (document(*beside) if beside else None)


@pytest.mark.parametrize(
    "policy",
    [
        document(statement("*")),
        document(statement(root(OWN))),  # its own roles have IAM policies
        document(statement({"AWS": ROLE})),  # a role, and not whoever has its name
        document(statement(root(OTHERS[0]), [*PULL, "ecr:DescribeImages"])),
        document(statement(root(OTHERS[0]), PULL[:2])),
        document(statement(root(OTHERS[0]), PUSH)),  # an account cannot push here
        document(statement(root(OTHERS[0]), "ecr:*")),
        document(statement(root(OTHERS[0]), Effect="Deny")),
        document({"Effect": "Allow", "NotPrincipal": root(OTHERS[0]), "Action": PULL}),
        document({"Effect": "Allow", "Principal": root(OTHERS[0]), "NotAction": PULL}),
        document(statement(root(OTHERS[0]), Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})),
        document(statement(root(OTHERS[0]), Condition={"StringLike": {"aws:PrincipalArn": f"{ROLE}*"}})),
        document(statement(root(OTHERS[0]), Condition={"StringEquals": {"aws:PrincipalArn": f"{ROLE}*"}})),
        document(  # both have to hold, so nobody is let in
            statement(
                root(OTHERS[0]),
                Condition={"StringEquals": {"aws:PrincipalArn": f"{ROLE}2"}, "ArnEquals": {"aws:PrincipalArn": ROLE}},
            )
        ),
        document(statement(root(OTHERS[0]), Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})),
        document(
            statement(
                root(OTHERS[0]), Condition={"StringEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5", "o-other12345"]}}
            )
        ),
        document(statement("*", Condition={**ORGANIZATION, "Bool": {"aws:SecureTransport": "true"}})),
        document(statement(LAMBDA, FUNCTIONS, Condition=source("*", region="us-west-2"))),
        document(statement(LAMBDA, FUNCTIONS)),
        document(statement(LAMBDA, [*FUNCTIONS, "ecr:SetRepositoryPolicy"], Condition=source("*"))),
        document(statement({"Service": "ecs.amazonaws.com"})),
        document(statement(CODEBUILD)),  # as AWS's guide had it for years (aws-codebuild-user-guide #17)
        document(statement(CODEBUILD, PULL[:2], Condition=acting_for("ArnEquals", PROJECT))),
        document(statement(CODEBUILD, PUSH, Condition=acting_for("ArnEquals", PROJECT))),  # a service pushes nothing
        document(statement(CODEBUILD, Condition={"ArnEquals": {"aws:SourceArn": PROJECT}})),  # the grant asks for more
        document(statement(CODEBUILD, Condition=acting_for("ArnLike", f"{PROJECT}*"))),
        document(statement(CODEBUILD, Condition=acting_for("ArnEquals", PROJECT, account=OTHERS[0]))),
        document(
            statement(
                CODEBUILD, Condition={**acting_for("ArnEquals", PROJECT), "Bool": {"aws:SecureTransport": "true"}}
            )
        ),
        document(statement({"Federated": "cognito-identity.amazonaws.com"})),
    ],
)
def test_what_no_grant_makes_stays_word_for_word(policy: dict[str, Any]) -> None:
    assert folded(policy).by_text[text_of(policy)] == FoldedPolicy(rest=policy)


def of_role(name: str, account: str = OTHERS[0]) -> dict[str, Any]:
    wanted = {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{account}:role/{name}"}}
    return statement(root(account), Condition=wanted)


@pytest.mark.parametrize(
    "one",
    [
        of_role("a b"),
        of_role("${aws:username}"),
        statement("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}),
        statement(root(OTHERS[0]), Condition={"StringEquals": {"aws:PrincipalOrgID": "o-*"}}),
        # AWS's own example of a whole organization by its path
        statement("*", Condition={"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}),
    ],
)
def test_whom_no_principal_can_be_stays_beside_those_who_can(one: dict[str, Any]) -> None:
    bound = statement(root(OTHERS[1]), Condition=ORGANIZATION)
    found = folded(document(one), document(bound))
    assert found.by_text[text_of(document(one))].rest == document(one)
    assert [it.value for it in found.names] == [OTHERS[1]]
    assert found.organization == "o-a1b2c3d4e5"


@pytest.mark.parametrize("role", ["a", "1", "-", "ecr-creation", "x" * 64, "abcdefghijklmnopq-rest", "A_b"])
def test_every_role_has_a_name_that_a_principal_can_have(role: str) -> None:
    found = folded(document(of_role(role)), document(of_role(role, OTHERS[1])))
    assert len(found.names) == 2
    assert all(map(PRINCIPAL_NAME.fullmatch, found.names.values()))


def test_a_statement_that_stays_takes_its_principals_with_it() -> None:
    other, stays = statement({"AWS": OTHERS[1]}), statement({"AWS": [OTHERS[0], OWN]}, Sid="both")
    policy = document(statement({"AWS": OTHERS[0]}), stays, other)
    found = folded(policy).by_text[text_of(policy)]
    assert {identity.value for _, identity in found.grants} == {OTHERS[1]}
    assert found.rest == document(statement({"AWS": OTHERS[0]}), stays)


def test_most_accounts_are_in_the_organization_and_the_others_are_said_to_be_outside() -> None:
    inside, outside = (
        document(statement(root(OTHERS[0]), Condition=ORGANIZATION)),
        document(statement(root(OTHERS[1]))),
    )
    found = folded(inside, outside)
    assert found.organization == "o-a1b2c3d4e5"
    assert found.principals() == {
        f"account-{OTHERS[0]}": {"account": OTHERS[0]},
        f"account-{OTHERS[1]}": {"account": OTHERS[1], "outside_organization": True},
    }


def test_an_account_that_is_bound_here_and_not_there_is_a_grant_where_it_is_not() -> None:
    bound, unbound = document(statement(root(OTHERS[0]), Condition=ORGANIZATION)), document(statement(root(OTHERS[0])))
    found = folded(bound, unbound)
    assert found.by_text[text_of(bound)] == FoldedPolicy(rest=bound)
    assert found.by_text[text_of(unbound)].rest is None


def test_roles_of_one_name_in_two_accounts_have_two_names() -> None:
    policies = [
        document(
            statement(
                root(account), Condition={"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{account}:role/Node_Role"}}
            )
        )
        for account in OTHERS[:2]
    ]
    assert sorted(folded(*policies).principals()) == [f"node-role-{account}" for account in OTHERS[:2]]


def test_what_is_left_on_purpose_is_left() -> None:
    policy = document(statement(root(OTHERS[0])))
    (identity,) = folded(policy).names
    assert folded(policy, left={identity}).by_text[text_of(policy)] == FoldedPolicy(rest=policy)
    assert folded(policy, raw={text_of(policy)}).by_text[text_of(policy)] == FoldedPolicy(rest=policy)
