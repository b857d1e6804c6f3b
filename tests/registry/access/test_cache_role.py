"""The role in which ECR pulls from another account, and what that account has to allow."""

from __future__ import annotations

from typing import Any

import pytest

from registry.access.cache_role import (
    cache_role_policies,
    cache_role_trust,
    needs_cache_role,
    role_of_cache,
    upstream_accounts,
)
from registry.access.other_accounts import policies_for_account
from registry.model import Registry
from tests.synth import SMALL, declared

HOME, OTHER, UPSTREAM = "123456789012", "210987654321", "345678901234"
ROLE = f"arn:aws:iam::{HOME}:role/acme-ecr-cache"


def registry(rule: str, account: str = UPSTREAM) -> Registry:
    return declared(
        f"{SMALL}replicas: {{us-west-2: {{namespaces: [web]}}, {OTHER}/eu-west-1: {{namespaces: [web]}}}}\n"
        f"pull_through_cache_rules: {{base: {{upstream_registry: ecr, "
        f"upstream_registry_url: {account}.dkr.ecr.us-east-1.amazonaws.com{rule}}}}}\n"
        "creation_templates: {ROOT: {applied_for: [PULL_THROUGH_CACHE]}}\nrepositories: {web/api: }\n"
    )


def roles(found: Registry) -> dict[str, str | None]:
    (rule,) = found.pull_through_cache_rules.values()
    return {str(at): role_of_cache(found, rule, at) for at in found.cache_locations(rule)}


@pytest.mark.parametrize(
    ("rule", "upstream", "wanted"),
    [
        ("", UPSTREAM, {f"{HOME}/ap-northeast-2": ROLE}),
        ("", HOME, {f"{HOME}/ap-northeast-2": None}),
        (
            f", locations: [us-west-2, {OTHER}/eu-west-1]",
            HOME,
            {f"{HOME}/us-west-2": None, f"{OTHER}/eu-west-1": ROLE.replace(HOME, OTHER)},
        ),
        (
            f", locations: [us-west-2, {OTHER}/eu-west-1], custom_role_arn: 'arn:aws:iam::{HOME}:role/own'",
            UPSTREAM,
            {f"{HOME}/us-west-2": f"arn:aws:iam::{HOME}:role/own", f"{OTHER}/eu-west-1": ROLE.replace(HOME, OTHER)},
        ),
    ],
)
def test_a_role_is_made_in_each_account_that_pulls_from_another(
    rule: str, upstream: str, wanted: dict[str, str | None]
) -> None:
    found = registry(rule, upstream)
    assert roles(found) == wanted
    for account in (HOME, OTHER):
        assert needs_cache_role(found, account) == (ROLE.replace(HOME, account) in wanted.values())


def test_the_role_pulls_below_the_upstream_prefix_and_fills_below_its_own() -> None:
    found = registry(", upstream_repository_prefix: images, locations: [ap-northeast-2, us-west-2]")
    (policy,) = cache_role_policies(found, HOME)
    said = {each["Sid"]: (each["Action"], each["Resource"]) for each in policy["Statement"]}
    upstream, own = f"arn:aws:ecr:us-east-1:{UPSTREAM}:repository/", f"{HOME}:repository/base/*"
    assert said["Login"] == (["ecr:GetAuthorizationToken"], "*")
    assert said["PullUpstream"][1] == [f"{upstream}images/*"]
    assert said["FillCache"][1] == [f"arn:aws:ecr:ap-northeast-2:{own}", f"arn:aws:ecr:us-west-2:{own}"]
    assert "ecr:PutImage" in said["FillCache"][0]
    assert "ecr:PutImage" not in said["PullUpstream"][0]
    (without,) = cache_role_policies(registry(""), HOME)
    assert [each["Resource"] for each in without["Statement"] if each["Sid"] == "PullUpstream"] == [[f"{upstream}*"]]


def test_ecr_alone_assumes_the_role_for_its_account() -> None:
    (statement,) = cache_role_trust(HOME)["Statement"]
    assert statement["Principal"] == {"Service": "pullthroughcache.ecr.amazonaws.com"}
    assert statement["Condition"] == {"StringEqualsIfExists": {"aws:SourceAccount": HOME}}


def test_the_upstream_account_is_told_whom_it_has_to_let_pull() -> None:
    found = registry(f", upstream_repository_prefix: images, locations: [ap-northeast-2, {OTHER}/eu-west-1]")
    assert upstream_accounts(found) == {UPSTREAM}
    ((who, (policy,)),) = policies_for_account(found, UPSTREAM).items()
    assert who == "registry policy in us-east-1"

    def of(statement: dict[str, Any]) -> tuple[str, str]:
        return statement["Principal"]["AWS"], statement["Condition"]["ArnEquals"]["aws:PrincipalArn"]

    assert [of(each) for each in policy["Statement"]] == [
        (f"arn:aws:iam::{account}:root", ROLE.replace(HOME, account)) for account in (HOME, OTHER)
    ]
    for each in policy["Statement"]:
        assert each["Resource"] == [f"arn:aws:ecr:us-east-1:{UPSTREAM}:repository/images/*"]
        assert each["Action"] == [
            "ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:GetDownloadUrlForLayer", "ecr:GetImageCopyStatus",
        ]  # fmt: skip
    assert len({each["Sid"] for each in policy["Statement"]}) == 2
    assert policies_for_account(found, HOME) == {}
