"""Two policies that mean the same are the same, and no two that do not."""

from __future__ import annotations

from typing import Any

import pytest

from ops.drift.normalize import lifecycle, policy


def statement(**changed: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage"], **changed}


def document(*statements: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements) or [statement()], **changed}


ROOT, OTHER, ROLE = "arn:aws:iam::123456789012:root", "210987654321", "arn:aws:iam::123456789012:role/ci"


def roles(*arns: str) -> dict[str, Any]:
    return {"ArnEquals": {"aws:PrincipalArn": list(arns)}}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (document(), document(statement(Action="ecr:BatchGetImage"))),
        (document(), document(statement(Action="ecr:batchgetimage"))),
        (document(statement(Action=["a:B", "c:D"])), document(statement(Action=["c:D", "a:B", "a:B"]))),
        (document(), {"Version": "2012-10-17", "Statement": statement()}),
        (document(), document(statement(Sid="AnyName"))),
        (document(), document(statement(Principal={"AWS": "*"}))),
        (document(statement(Principal={"AWS": ROOT})), document(statement(Principal={"AWS": ["123456789012"]}))),
        (
            document(statement(Principal={"AWS": ["arn:a", "arn:b"]})),
            document(statement(Principal={"AWS": ["arn:b", "arn:a"]})),
        ),
        (document(statement(Action="a:B"), statement()), document(statement(), statement(Action="a:B"))),
        (
            document(statement(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
            document(statement(Condition={"StringEquals": {"aws:principalorgid": ["o-1"]}})),
        ),
        (
            document(statement(Condition={"Bool": {"aws:SecureTransport": True}})),
            document(statement(Condition={"Bool": {"aws:SecureTransport": "true"}})),
        ),
        (document(statement(Principal={"AWS": 210987654321})), document(statement(Principal={"AWS": OTHER}))),
        ({"Statement": [statement()]}, document(Version="2008-10-17")),
        (document(), document(Version="2008-10-17")),  # what the console writes: without a variable they are one
        (
            document(statement(Principal={"AWS": [ROOT, "210987654321"]}, Action=["a:B", "c:D"])),
            document(
                statement(Principal={"AWS": "210987654321"}, Action="c:D"),
                statement(Principal={"AWS": ROOT}, Action=["a:B", "c:D"]),
                statement(Principal={"AWS": "210987654321"}, Action="a:B"),
            ),
        ),
        (None, None),
        (
            document(statement(Condition={"StringLike": {"aws:SourceArn": ["arn:a", "arn:b"]}})),
            document(
                statement(Condition={"StringLike": {"aws:SourceArn": "arn:b"}}),
                statement(Condition={"StringLike": {"aws:SourceArn": "arn:a"}}),
            ),
        ),
        (  # a role of the one account is none of the other
            document(
                statement(Principal={"AWS": [ROOT, OTHER]}, Condition=roles(ROLE, ROLE.replace("123456789012", OTHER)))
            ),
            document(
                statement(Principal={"AWS": ROOT}, Condition=roles(ROLE)),
                statement(Principal={"AWS": OTHER}, Condition=roles(ROLE.replace("123456789012", OTHER))),
            ),
        ),
    ],
)
def test_policies_that_are_written_otherwise_are_the_same(one: Any, other: Any) -> None:
    assert policy(one) == policy(other)


@pytest.mark.parametrize(
    "other",
    [
        document(statement(Effect="Deny")),
        document(statement(Action=["ecr:BatchGetImage", "ecr:PutImage"])),
        document(statement(Principal={"AWS": ROOT})),
        document(statement(Principal={"Service": "*"})),
        document(statement(), statement(Effect="Deny")),
        document(statement(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
        document(statement(Resource="*")),
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "NotPrincipal": "*", "Action": "ecr:BatchGetImage"}],
        },
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "NotAction": "ecr:BatchGetImage"}],
        },
        {"Statement": []},
        {},
        None,
    ],
)
def test_policies_that_allow_something_else_are_not(other: Any) -> None:
    assert policy(document()) != policy(other)


def test_the_version_counts_where_a_variable_is() -> None:
    statements = [statement(Condition={"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/${aws:username}"}})]
    assert policy(document(*statements)) != policy(document(*statements, Version="2008-10-17"))


def test_what_two_principals_may_of_each_other_is_another_policy() -> None:
    both = document(
        statement(Principal={"AWS": ROOT}, Action="a:B"), statement(Principal={"AWS": "210987654321"}, Action="c:D")
    )
    assert policy(both) != policy(document(statement(Principal={"AWS": [ROOT, "210987654321"]}, Action=["a:B", "c:D"])))
    excluded = document(statement(NotAction=["a:B", "c:D"]))
    assert policy(excluded) != policy(document(statement(NotAction="a:B"), statement(NotAction="c:D")))


@pytest.mark.parametrize("operator", ["StringNotEquals", "ForAllValues:StringLike", "ArnNotLike", "NotIpAddress"])
def test_values_of_which_all_count_stay_together(operator: str) -> None:
    both = document(statement(Condition={operator: {"aws:PrincipalArn": ["a", "b"]}}))
    each = document(*(statement(Condition={operator: {"aws:PrincipalArn": it}}) for it in ("a", "b")))
    assert policy(both) != policy(each)


def test_a_role_that_is_nobody_of_the_principal_is_left_out_and_only_that() -> None:
    nobody = document(statement(Principal={"AWS": OTHER}, Condition=roles(ROLE)))
    assert policy(nobody) == {"Version": None, "Statement": []}
    like = document(statement(Principal={"AWS": OTHER}, Condition={"ArnNotEquals": {"aws:PrincipalArn": ROLE}}))
    assert policy(like) != policy(nobody)
    anybody = document(statement(Principal="*", Condition=roles(ROLE)))
    assert policy(anybody) != policy(nobody)


def test_a_role_counts_beside_a_condition_that_names_nothing() -> None:
    """What no value is wanted of is not split, so that both roles are in one statement: the one lets somebody in."""
    both = roles(ROLE, ROLE.replace("123456789012", OTHER)) | {"StringEqualsIfExists": {"aws:PrincipalTag/x": []}}
    assert policy(document(statement(Principal={"AWS": ROOT}, Condition=both)))["Statement"]


def test_a_key_in_two_cases_is_two_conditions() -> None:
    one = statement(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1", "aws:principalorgid": "o-2"}})
    other = statement(Condition={"StringEquals": {"aws:principalorgid": "o-2"}})
    assert policy(document(one)) != policy(document(other))


def test_a_policy_of_millions_of_parts_is_compared_as_it_is_written() -> None:
    """In 6 KB there is room for more parts than memory; order still says nothing."""
    accounts, actions = [f"{number:012}" for number in range(200)], [f"ecr:{number}" for number in range(30)]
    many = {"StringEquals": {"aws:PrincipalTag/x": [str(number) for number in range(300)]}}
    large = statement(Principal={"AWS": accounts}, Action=actions, Condition=many)
    turned = {**large, "Principal": {"AWS": accounts[::-1]}, "Action": actions[::-1]}
    assert policy(document(large)) == policy(document(turned))
    assert len(policy(document(large))["Statement"]) == 1
    keys = {f"aws:PrincipalTag/{number}": [str(it) for it in range(60)] for number in range(6)}
    assert len(policy(document(statement(Condition={"StringEquals": keys})))["Statement"]) == 1


def test_the_roles_of_many_accounts_are_those_of_each() -> None:
    """What grants to a hundred roles come to: a hundred accounts under one condition, with all the roles."""
    accounts = [f"{number:012}" for number in range(100)]
    together = statement(
        Principal={"AWS": accounts},
        Action=["a:B", "c:D", "e:F"],
        Condition=roles(*(f"arn:aws:iam::{it}:role/ci" for it in accounts)),
    )
    each = [
        statement(Principal={"AWS": it}, Action=["c:D", "a:B", "e:F"], Condition=roles(f"arn:aws:iam::{it}:role/ci"))
        for it in accounts
    ]
    assert policy(document(together)) == policy(document(*each))


def test_a_condition_with_another_value_or_another_operator_is_another() -> None:
    seen = [
        str(policy(document(statement(Condition={operator: {key: value}}))))
        for operator in ("StringEquals", "StringLike")
        for key in ("aws:PrincipalArn", "aws:SourceArn")
        for value in ("arn:a", "ARN:A")
    ]
    assert len(set(seen)) == 8


PROJECT = "arn:aws:codebuild:eu-central-1:123456789012:project/web"


def on_behalf(operator: str, source: str, key: str = "aws:SourceArn") -> Any:
    return policy(document(statement(Condition={operator: {key: source}})))


@pytest.mark.parametrize("operator", ["ArnLike", "arnlike", "StringEquals", "StringLike"])
@pytest.mark.parametrize("key", ["aws:SourceArn", "aws:PrincipalArn", "AWS:sourcearn"])
def test_operators_that_compare_an_arn_alike_are_one(operator: str, key: str) -> None:
    assert on_behalf(operator, PROJECT, key) == on_behalf("ArnEquals", PROJECT, key)


@pytest.mark.parametrize(
    ("operator", "source", "same"),
    [
        ("ArnLike", "arn:aws:codebuild:*:123456789012:project/*", True),
        ("StringLike", f"{PROJECT}*", True),  # in the last part `*` takes any text with either
        ("StringLike", "arn:aws:codebuild:*:123456789012:project/web", False),  # here a `:` with the one alone
        ("StringEquals", f"{PROJECT}*", False),  # that one is a star
        ("StringEquals", f"{PROJECT}?", False),
        ("StringLike", "arn:aws:codebuild:${aws:RequestedRegion}:123456789012:project/web", False),
        ("StringLike", "arn:*", False),
        ("StringEqualsIgnoreCase", PROJECT, False),
        ("ArnNotEquals", PROJECT, False),
        ("ForAllValues:ArnLike", PROJECT, False),
        ("StringLikeIfExists", PROJECT, False),
    ],
)
def test_an_operator_that_compares_an_arn_otherwise_is_another(operator: str, source: str, same: bool) -> None:
    assert (on_behalf(operator, source) == on_behalf("ArnEquals", source)) is same


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("ArnLike", "StringEquals"),
        ("StringEquals", "ArnEquals"),
        ("ArnLike", "ArnEquals"),
        ("StringLike", "StringEquals"),
    ],
)
def test_a_key_below_two_operators_keeps_both(one: str, two: str) -> None:
    other = PROJECT.replace("web", "api")
    both = {one: {"aws:SourceArn": PROJECT}, two: {"aws:SourceArn": other}}
    meant = policy(document(statement(Condition=both)))
    assert meant == policy(document(statement(Condition=dict(reversed(both.items())))))
    for alone in (PROJECT, other):
        assert meant != on_behalf("ArnEquals", alone)


def rule(priority: int, **selection: Any) -> dict[str, Any]:
    return {
        "rulePriority": priority,
        "selection": {"tagStatus": "tagged", "countType": "imageCountMoreThan", "countNumber": 1, **selection},
        "action": {"type": "expire"},
    }


def test_lifecycle_rules_are_the_same_in_any_order_and_with_the_standard_class_said() -> None:
    one = {"rules": [rule(1, tagPatternList=["a*", "b*"]), rule(2, tagPrefixList=["c"])]}
    other = {
        "rules": [rule(2, tagPrefixList=["c"], storageClass="standard"), rule(1, tagPatternList=["b*", "a*"])],
    }
    assert lifecycle(one) == lifecycle(other)
    assert lifecycle(None) is None


def test_priorities_are_an_order_descriptions_for_people_and_a_prefix_a_pattern() -> None:
    one = {"rules": [rule(1, tagPatternList=["a*"]), rule(2, tagPatternList=["b*"])]}
    other = {"rules": [rule(30, tagPrefixList=["b"]), {**rule(10, tagPatternList=["a*"]), "description": "keep one"}]}
    assert lifecycle(one) == lifecycle(other)
    turned = {"rules": [rule(2, tagPatternList=["a*"]), rule(1, tagPatternList=["b*"])]}
    assert lifecycle(one) != lifecycle(turned)


@pytest.mark.parametrize(
    "other",
    [
        [rule(1, tagPatternList=["b*"])],
        [rule(1, tagPrefixList=["a*"])],
        [rule(1, tagPatternList=["a*"], storageClass="archive")],
        [rule(1, tagPatternList=["a*"], countNumber=2)],
        [rule(1, tagPatternList=["a*"]), rule(2, tagPatternList=["b*"])],
        [],
    ],
)
def test_another_lifecycle_rule_is_another(other: list[dict[str, Any]]) -> None:
    assert lifecycle({"rules": [rule(1, tagPatternList=["a*"])]}) != lifecycle({"rules": other})
