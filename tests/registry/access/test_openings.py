"""Whom a policy lets in, and what it says to one caller. The engines agree in tests/judge/test_raw_policies.py."""

from __future__ import annotations

from typing import Any

import pytest

from registry.access.openings import openings, opens_to_everybody
from registry.access.policy_language import actions_of, glob, known_key, known_principal, matches, operator
from registry.access.verdicts import Caller, verdicts

ORG, ARN = "aws:PrincipalOrgID", "aws:PrincipalArn"
ROLE = "arn:aws:iam::210987654321:role/ci"


def allow(principal: Any, condition: Any = None, action: Any = "ecr:PutImage", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition or {}, **more}


def opened(*statements: dict[str, Any]) -> list[str]:
    return [str(it.audience) for it in openings({"Statement": statements})]


@pytest.mark.parametrize(
    ("condition", "who"),
    [
        ({"StringEquals": {ORG: "o-a1b2c3d4e5"}}, ["o-a1b2c3d4e5"]),
        ({"StringEqualsIgnoreCase": {"AWS:PRINCIPALORGID": ["o-a", "o-b"]}}, ["o-a", "o-b"]),
        ({"stringequals": {ORG: "o-a"}}, ["o-a"]),
        ({"StringLike": {ORG: "o-a"}}, ["o-a"]),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a/r-b/*"}}, ["o-a/r-b/*"]),
        ({"ForAnyValue:StringEquals": {ORG: "o-a"}}, ["o-a"]),
        ({"ArnLike": {ARN: ROLE}}, [ROLE]),
        ({"StringLike": {ARN: "arn:aws:iam::210987654321:*"}}, ["arn:aws:iam::210987654321:*"]),
        ({"StringEquals": {"aws:PrincipalAccount": ["210987654321"]}}, ["account 210987654321"]),
        ({"StringLike": {"aws:userid": "AROAEXAMPLEEXAMPLE123:*"}}, ["AROAEXAMPLEEXAMPLE123:*"]),
        ({"StringEquals": {ORG: "o-a"}, "ArnEquals": {ARN: ROLE}}, [f"{ROLE} in o-a"]),
        ({"StringEquals": {ORG: "o-a"}, "StringLike": {ORG: "*"}}, ["o-a"]),
        ({"StringEquals": {ORG: "o-a"}, "Bool": {"aws:SecureTransport": "true"}}, ["o-a"]),
        ({"StringEquals": {"aws:PrincipalAccount": "345678901234"}, "ArnEquals": {ARN: ROLE}}, []),
    ],
)
def test_a_condition_closes_where_it_names_who(condition: Any, who: list[str]) -> None:
    assert opened(allow("*", condition)) == who
    assert opened(allow({"AWS": ["*"]}, condition)) == who


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"Bool": {"aws:PrincipalIsAWSService": "true"}},
        {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        {"StringEquals": {"aws:PrincipalTag/team": "web"}},
        {"StringEquals": {"aws:PrincipalType": "AssumedRole"}},
        {"StringEquals": {ORG: "${aws:PrincipalOrgID}"}},
        {"StringEquals": {ORG: ["o-a", "${aws:PrincipalOrgID}"]}},
        {"StringLike": {ORG: "*"}},
        {"StringLike": {ORG: ["o-a", "o-*"]}},
        {"StringLike": {ORG: "o-?"}},
        {"StringEquals": {ORG: []}},
        {"StringEqualsIfExists": {ORG: "o-a"}},
        {"StringNotEquals": {ORG: "o-a"}},
        {"StringNotLike": {ARN: ROLE}},
        {"Null": {ORG: "false"}},
        {"ForAllValues:StringEquals": {ORG: "o-a"}},
        {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a/*"}},
        {"StringLike": {"aws:PrincipalOrgPaths": "o-a/*"}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "*/r-b/*"}},
        {"ArnLike": {ARN: "arn:aws:iam::*:role/ci"}},
        {"ArnLike": {ARN: "arn:aws:iam::21098765432?:role/ci"}},
        {"StringLike": {ARN: "*:210987654321:role/ci"}},
        {"StringLike": {ARN: "arn:*:iam::210987654321:role/ci"}},
        {"StringLike": {"aws:PrincipalAccount": "2109876543*"}},
        {"StringLike": {"aws:userid": "*:ci"}},
        {"StringEquals": {"aws:SourceAccount": "210987654321"}},
        {"Unknown": {ORG: "o-a"}},
    ],
)
def test_a_condition_that_does_not_name_who_closes_nothing(condition: Any) -> None:
    assert opened(allow("*", condition)) == ["everybody"]
    assert opens_to_everybody({"Statement": [allow("*", {"StringEquals": {ORG: "o-a"}}), allow("*", condition)]})


def test_only_where_every_statement_is_closed_is_the_policy() -> None:
    closed = allow("*", {"StringEquals": {ORG: "o-a"}})
    assert not opens_to_everybody({"Statement": [closed, closed]})
    assert opens_to_everybody({"Statement": [allow("*"), closed]})
    assert opens_to_everybody({"Statement": [closed, allow("*")]})
    assert opens_to_everybody({"Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": "1"}, "Action": "ecr:*"}]})


def deny(condition: Any = None, action: Any = "ecr:*", principal: Any = "*") -> dict[str, Any]:
    return {**allow(principal, condition, action), "Effect": "Deny"}


@pytest.mark.parametrize(
    ("denied", "who"),
    [
        (deny(), []),
        (deny(action="ecr:Put*"), []),
        (deny(action="ecr:BatchGetImage"), ["everybody"]),
        (deny(principal={"AWS": ROLE}), ["everybody"]),
        (deny({"StringNotEquals": {ORG: ["o-a", "o-b"]}}), ["o-a", "o-b"]),
        (deny({"StringNotEqualsIfExists": {ORG: "o-a"}}), ["o-a"]),
        (deny({"ArnNotLike": {ARN: ROLE}}), [ROLE]),
        (deny({"StringEquals": {ORG: "o-a"}}), ["everybody"]),
        (deny({"StringNotLike": {ORG: "*"}}), ["everybody"]),
        (deny({"ForAnyValue:StringNotEquals": {ORG: "o-a"}}), ["everybody"]),
        (deny({"StringNotEquals": {ORG: "o-a", "aws:PrincipalAccount": "210987654321"}}), ["everybody"]),
        (deny({"StringNotEquals": {ORG: "o-a"}, "Bool": {"aws:ViaAWSService": "false"}}), ["everybody"]),
        (deny({"StringNotEquals": {ORG: "o-a"}}, action="ecr:BatchGetImage"), ["everybody"]),
        (deny({"StringNotEquals": {ORG: "o-a"}}, principal={"AWS": ROLE}), ["everybody"]),
    ],
)
def test_a_deny_narrows_where_it_surely_does(denied: dict[str, Any], who: list[str]) -> None:
    assert opened(allow("*"), denied) == who


def test_actions_are_read_as_iam_reads_them() -> None:
    def said(**words: Any) -> set[str]:
        return set(actions_of(words))

    assert said(Action="ECR:putimage") == {"ecr:PutImage"}
    assert said(Action=["ecr:Put?mage", "s3:*"]) == {"ecr:PutImage"}
    assert said(Action="*") == said(Action="ecr:*") == said(NotAction="s3:*")
    assert said(NotAction="ecr:pUTimage") == said(Action="*") - {"ecr:PutImage"}
    assert said(NotAction="*") == set()
    assert said(Action="ecr:GetAuthorizationToken") == set()


def test_an_allow_of_everything_but_an_action_opens_the_rest() -> None:
    statement = {"Effect": "Allow", "Principal": "*", "NotAction": "ecr:DeleteRepository"}
    (opening,) = openings({"Statement": [statement]})
    assert opening.audience.everybody
    assert {"ecr:PutImage", "ecr:BatchDeleteImage"} <= opening.actions
    assert "ecr:DeleteRepository" not in opening.actions


def test_a_service_is_let_in_for_an_account_or_for_anybody() -> None:
    service = {"Service": "lambda.amazonaws.com"}
    source = "arn:aws:lambda:*:210987654321:function:*"
    assert opened(allow(service)) == ["lambda.amazonaws.com for anybody"]
    assert opened(allow(service, {"StringLike": {"aws:SourceArn": source}})) == [f"lambda.amazonaws.com for {source}"]
    assert opened(allow(service, {"StringLike": {"aws:SourceArn": "arn:aws:lambda:*:*:function:*"}})) == [
        "lambda.amazonaws.com for anybody"
    ]
    assert opened(
        allow(
            {"Service": "events.amazonaws.com"},
            {"StringLike": {"aws:SourceArn": source.replace("lambda", "events", 1)}},
        )
    ) == ["events.amazonaws.com for anybody"]
    assert opened(allow(service, {"StringEquals": {ORG: "o-a"}})) == []  # no service is in an organization


def test_a_policy_of_any_size_is_read_in_time() -> None:
    many = [f"{number:012d}" for number in range(600)]  # a policy of ECR has 10,240 bytes
    statement = allow(
        "*",
        {
            "StringEquals": {"aws:PrincipalAccount": many, ORG: [f"o-{it}" for it in many]},
            "ArnLike": {ARN: [f"arn:aws:iam::{it}:role/*" for it in many]},
        },
    )
    assert len(openings({"Statement": [statement]})) == 600
    assert not glob("*a" * 2_000 + "b", "a" * 20_000)


CALLER = Caller(arn=ROLE, known={"aws:principalarn": (ROLE,), "aws:principalorgid": ("o-a",)})
ANYBODY = Caller(
    arn="arn:aws:iam::210987654321:role/*any*", known={"aws:principalarn": ("arn:aws:iam::210987654321:role/*any*",)}
)


@pytest.mark.parametrize(
    ("statement", "caller", "said"),
    [
        (allow("*"), CALLER, (True, "named")),
        (allow({"AWS": ROLE}), CALLER, (True, "named")),
        (allow({"AWS": ROLE}), ANYBODY, None),
        (allow({"AWS": "210987654321"}), CALLER, (True, "account")),
        (allow({"AWS": "arn:aws:iam::210987654321:root"}), ANYBODY, (True, "account")),
        (allow({"AWS": "345678901234"}), CALLER, None),
        (allow({"AWS": "arn:aws:sts::210987654321:assumed-role/ci/session"}), CALLER, (False, "named")),
        (allow("*", {"StringEquals": {ORG: "o-a"}}), CALLER, (True, "named")),
        (allow("*", {"StringEquals": {ORG: "o-b"}}), CALLER, None),
        (allow("*", {"StringNotEquals": {ORG: "o-a"}}), CALLER, None),
        (allow("*", {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), CALLER, (False, "named")),
        (allow("*", {"StringLike": {ARN: "arn:aws:iam::210987654321:role/*"}}), ANYBODY, (True, "named")),
        (allow("*", {"StringLike": {ARN: "arn:aws:iam::210987654321:role/c*"}}), ANYBODY, None),
        (allow("*", {"Null": {"aws:SourceArn": "true"}}), CALLER, (True, "named")),
        (allow("*", {"StringEqualsIfExists": {"aws:SourceArn": "x"}}), CALLER, (True, "named")),
        (allow("*", {"StringEquals": {"aws:SourceArn": "x"}}), CALLER, None),
        (allow("*", {"ForAllValues:StringEquals": {"aws:SourceArn": "x"}}), CALLER, (True, "named")),
        (allow("*", {"ForAnyValue:StringNotEquals": {"aws:SourceArn": "x"}}), CALLER, None),
    ],
)
def test_a_statement_says_yes_no_or_perhaps(
    statement: dict[str, Any], caller: Caller, said: tuple[bool, str] | None
) -> None:
    found = list(verdicts({"Statement": [statement]}, caller, "ecr:PutImage"))
    assert [(it.certain, it.reach) for it in found] == ([said] if said else [])
    assert list(verdicts({"Statement": [statement]}, caller, "ecr:ListImages")) == []


def test_words_of_the_language_are_known() -> None:
    assert operator("ForAnyValue:StringLikeIfExists") is not None
    assert operator("forallvalues:arnlike") is not None
    assert [operator(word) for word in ("StringEqual", "NullIfExists", "IfExists", "")] == [None] * 4
    assert known_key("AWS:principalorgid")
    assert known_key("aws:PrincipalTag/a/b")
    assert not any(map(known_key, ("aws:PrincipalTag/", "ecr:ImageTag", "aws:PrincipalOrg")))
    assert known_principal("AWS", "*")
    assert not known_principal("Service", "*")
    assert matches("ArnLike", "arn:aws:iam::*:role/x", ROLE.replace("ci", "x"))
    assert matches("ArnLike", "arn:aws:iam::*", ROLE) is False  # `*` of an ARN does not go past colons
