"""Who may push to public repositories, and what that takes: roles of this account, and of others."""

from __future__ import annotations

import json
from typing import Any

from registry.access.other_accounts import policies_for_account
from registry.access.policies import role_policies
from registry.access.rows import rows
from registry.access.trust import made_providers
from registry.model import Registry
from tests.synth import ACCOUNT, SMALL, declared

OTHER = "210987654321"
FILE = f"""{SMALL}
principals:
  ci: {{github: acme/web, owner_id: 84790634, repository_id: 1304267049, branch: main}}
  partner: {{role: "arn:aws:iam::{OTHER}:role/publisher"}}
repositories: {{web/api: }}
public_repositories:
  hello: {{push: [ci]}}
  tools/base: {{push: [ci, partner]}}
  other: {{push: [partner]}}
"""
ARN = f"arn:aws:ecr-public::{ACCOUNT}:repository/"


def registry() -> Registry:
    return declared(FILE)


def statements(documents: Any) -> dict[str, Any]:
    return {it["Sid"]: it for document in documents for it in document["Statement"]}


def test_a_role_that_publishes_alone_is_made_with_its_provider_and_logs_in_by_two_actions() -> None:
    """A login without sts:GetServiceBearerToken is refused: fluxcd/pkg #938, seqeralabs/wave #1066."""
    found = {who.name: documents for who, documents in role_policies(registry(), ACCOUNT).items()}
    assert set(found) == {"ci"}
    assert made_providers(registry()) == {"token.actions.githubusercontent.com": ["sts.amazonaws.com"]}
    said = statements(found["ci"])
    assert set(said) == {"PublicLogin", "Publish"}
    assert said["PublicLogin"]["Action"] == ["ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"]
    assert said["Publish"]["Resource"] == [f"{ARN}hello", f"{ARN}tools/base"]


def test_another_accounts_role_is_let_in_by_the_repository_and_by_its_own_side() -> None:
    policies = {it.name: it.policy for it in registry().public_repositories}
    assert policies["hello"] is None
    (statement,) = json.loads(policies["tools/base"] or "")["Statement"]
    assert statement["Principal"] == {"AWS": [f"arn:aws:iam::{OTHER}:root"]}
    assert statement["Condition"] == {"ArnEquals": {"aws:PrincipalArn": [f"arn:aws:iam::{OTHER}:role/publisher"]}}
    (documents,) = policies_for_account(registry(), OTHER).values()
    assert statements(documents)["Publish"]["Resource"] == [f"{ARN}other", f"{ARN}tools/base"]


def test_who_is_in_the_organization_is_let_in_only_while_it_is() -> None:
    text = FILE.replace("repositories: {web", "access: {organization: o-a1b2c3d4e5}\nrepositories: {web", 1)
    (base,) = (it for it in declared(text).public_repositories if it.name == "tools/base")
    (statement,) = json.loads(base.policy or "")["Statement"]
    assert statement["Condition"]["StringEquals"] == {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}


def test_access_says_that_everybody_may_pull() -> None:
    found = {(it.who, it.may, it.where) for it in rows(registry()) if it.where.startswith("public.ecr.aws")}
    assert {(who, may) for who, may, where in found if where.endswith(" hello")} == {
        ("everybody", "pull"),
        ("token.actions.githubusercontent.com repo:acme@84790634/web@1304267049:ref:refs/heads/main", "push"),
    }
    assert len(found) == 7


def test_a_file_without_them_has_the_policies_of_before() -> None:
    text = FILE.partition("public_repositories")[0].replace("web/api: ", "web/api: {push: [ci]}")
    (documents,) = role_policies(declared(text), ACCOUNT).values()
    assert set(statements(documents)) == {"Login", "Push"}
