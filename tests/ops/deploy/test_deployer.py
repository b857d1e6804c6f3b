"""`ecrctl bootstrap --deployer`: who may assume the role that deploys, and what it may do."""

from __future__ import annotations

import json
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.aws.permissions import policy_documents
from ops.cli import app
from registry.errors import ExitCode
from registry.load import load
from tests.synth import SMALL


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "registry.yaml"
    file.write_text(f"{SMALL}repositories: {{web/api: }}\n")
    return file


def template(file: Path, *words: str) -> dict[str, Any]:
    finished = CliRunner().invoke(app, ["bootstrap", "--registry", str(file), "--deployer", *words])
    assert finished.exit_code == ExitCode.FINE, finished.output
    found: dict[str, Any] = json.loads(finished.output)
    return found


def test_its_trust_is_one_repository_and_one_environment(file: Path) -> None:
    role = template(file, "acme/registry", "--environment", "prod")["Resources"]["Role"]["Properties"]
    assert role["RoleName"] == "acme-ecr-deployer"
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {
                "Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
            },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": "repo:acme/registry:environment:prod",
                }
            },
        }
    ]  # fmt: skip


def test_the_ids_of_owner_and_repository_are_part_of_the_trust(file: Path) -> None:
    text = json.dumps(template(file, "acme@1/registry@22"))
    assert '"repo:acme@1/registry@22:environment:registry"' in text


def test_it_may_do_what_a_deploy_needs_and_the_policies_are_attached(file: Path) -> None:
    resources = template(file, "acme/registry")["Resources"]
    registry, _ = load(file)
    documents = [it["Properties"]["PolicyDocument"] for it in resources.values() if "Policy" in it["Type"]]
    assert documents == list(policy_documents("deploy", registry, registry.account))
    attached = [each["Ref"] for each in resources["Role"]["Properties"]["ManagedPolicyArns"]]
    assert attached == [name for name, it in resources.items() if "Policy" in it["Type"]]


def test_a_deploy_cannot_change_its_own_role(file: Path) -> None:
    """Its path is none that CloudFormation may touch for this registry."""
    from registry.access.cloudformation import execution_policies

    registry, _ = load(file)
    reaching = [
        statement
        for document in execution_policies(registry, registry.account)
        for statement in document["Statement"]
        if any(fnmatch("arn:aws:iam::123456789012:role/acme-ecr-deployer", arn) for arn in statement["Resource"])
        and any(action.startswith("iam:") for action in statement["Action"])
    ]
    # From any role it may take the registry's own policies, and those of the deployer are none.
    assert [(it["Sid"], it["Condition"]["ArnLike"]["iam:PolicyARN"]) for it in reaching] == [
        (
            "Detachments",
            [f"arn:aws:iam::123456789012:policy/{path}ecr-registry/acme/*" for path in ("", "*/")],
        )
    ]


def test_a_boundary_of_the_account_bounds_it_too(file: Path) -> None:
    boundary = "arn:aws:iam::123456789012:policy/boundary"
    file.write_text(f'{SMALL}access: {{permissions_boundary: "{boundary}"}}\nrepositories: {{web/api: }}\n')
    assert template(file, "acme/registry")["Resources"]["Role"]["Properties"]["PermissionsBoundary"] == boundary


def test_the_provider_is_made_only_where_it_is_asked_for_and_stays(file: Path) -> None:
    made = template(file, "acme/registry")
    assert made["Parameters"]["GitHubProvider"]["Default"] == "exists"
    assert made["Resources"]["Provider"]["Condition"] in made["Conditions"]
    assert made["Resources"]["Provider"]["DeletionPolicy"] == "Retain"


@pytest.mark.parametrize("wrong", ["acme", "acme/*", "*/registry", "acme/registry:ref", "https://github.com/acme/x"])
def test_what_is_no_repository_of_github_is_refused(file: Path, wrong: str) -> None:
    finished = CliRunner().invoke(app, ["bootstrap", "--registry", str(file), "--deployer", wrong])
    assert finished.exit_code == ExitCode.INVALID
    assert "ORG/REPO" in finished.output


def test_a_pattern_as_environment_is_no_pattern(file: Path) -> None:
    """A `*` would make the comparison a pattern, and every environment would match."""
    finished = CliRunner().invoke(
        app, ["bootstrap", "--registry", str(file), "--deployer", "acme/registry", "--environment", "*"]
    )
    assert finished.exit_code == ExitCode.INVALID
