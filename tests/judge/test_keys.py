"""Keys made here, and the role that ECR creates in: who may use them, whom they trust, and what bounds the role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from registry import naming
from registry.access.creation_role import creation_role_arn, creation_role_policies
from registry.access.registry_policy import registry_policy
from registry.locations import Location
from tests.judge.engine import Case, judged, second_opinion
from tests.synth import Templates, declared, resources, synthesized

HOME, OTHER = Location("123456789012", "us-east-1"), Location("210987654321", "us-east-1")
TEXT = """\
registry: {name: acme, account: "123456789012", region: us-east-1}
replicas: {210987654321/us-east-1: }
access:
  path: /ci/
  permissions_boundary:
    "123456789012": arn:aws:iam::123456789012:policy/home
    "210987654321": arn:aws:iam::210987654321:policy/vault
kms_keys: {alias/images: }
principals: {main: {github: acme/web, owner_id: 1, repository_id: 2, branch: main}}
namespaces: {web: {encryption_type: KMS, kms_key: alias/images, push: [main]}}
repositories: {web/api: , tools: }
"""
REGISTRY = declared(TEXT)
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
KEY = naming.key_arn(HOME, "12345678-1234-1234-1234-123456789012")
VIA = {"kms:ViaService": "ecr.us-east-1.amazonaws.com", "kms:CallerAccount": HOME.account}
EXECUTES = naming.execution_role_arn("acme", HOME.account, HOME.region)
CREATES = creation_role_arn("acme", HOME.account, HOME.region)
ADMINISTRATOR = f"arn:aws:iam::{HOME.account}:role/administrator"
SHARED = f"arn:aws:iam::{HOME.account}:role/cdk-hnb659fds-cfn-exec-role-{HOME.account}-{HOME.region}"
ENGINES = pytest.mark.parametrize("engine", [judged, second_opinion])


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return synthesized(REGISTRY, tmp_path_factory.mktemp("keys"))[1]


def may(engine: Any, principal: str, action: str, context: Mapping[str, Any], policy: Mapping[str, Any]) -> bool:
    case = Case(id="one", principal=principal, action=action, resource=KEY, account=HOME.account, identity=[EVERYTHING],
                resource_policy=policy, context=dict(context))  # fmt: skip
    answer: bool = engine([case])["one"]
    return answer


def test_a_key_serves_ecr_for_who_creates_repositories_and_nobody_else(templates: Templates) -> None:
    """By one engine: to the other, IAM alone is enough, while at KMS it counts where the key policy says so."""
    (key,) = resources(templates[f"{HOME}/Registry"], "AWS::KMS::Key")
    asked = [
        (EXECUTES, "kms:CreateGrant", VIA, True),
        (CREATES, "kms:CreateGrant", VIA, True),
        (EXECUTES, "kms:CreateGrant", {"kms:CallerAccount": HOME.account}, False),
        (EXECUTES, "kms:CreateGrant", {**VIA, "kms:ViaService": "s3.us-east-1.amazonaws.com"}, False),
        (EXECUTES, "kms:Decrypt", VIA, False),
        (SHARED, "kms:CreateGrant", VIA, False),
        (f"{EXECUTES}2", "kms:CreateGrant", VIA, False),
        (ADMINISTRATOR, "kms:CreateGrant", VIA, False),
        (ADMINISTRATOR, "kms:CreateGrant", {}, False),
        (ADMINISTRATOR, "kms:Decrypt", {}, False),
        (ADMINISTRATOR, "kms:PutKeyPolicy", {}, True),
    ]
    policy = key["Properties"]["KeyPolicy"]
    answers = [(who, action, context, may(judged, who, action, context, policy)) for who, action, context, _ in asked]
    assert answers == asked


@ENGINES
def test_the_creation_role_uses_the_key_of_its_alias_for_grants_alone(engine: Any) -> None:
    (policy,) = creation_role_policies(declared(TEXT), OTHER.account)
    key = naming.key_arn(OTHER, "12345678-1234-1234-1234-123456789012")
    ours = {"kms:ResourceAliases": ["alias/images"]}
    asked = {
        ("kms:CreateGrant", True): ours,
        ("kms:Decrypt", False): ours,
        ("kms:GenerateDataKey", False): ours,
        ("kms:RetireGrant", False): {"kms:ResourceAliases": ["alias/production"]},
        ("kms:CreateGrant", False): {},
    }
    cases = [
        Case(id=f"{action} {wanted}", principal=creation_role_arn("acme", OTHER.account, OTHER.region), action=action,
             resource=key, account=OTHER.account, identity=[policy], context=context, resource_policy={
                 "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
                 "Principal": {"AWS": f"arn:aws:iam::{OTHER.account}:root"}}]})
        for (action, wanted), context in asked.items()
    ]  # fmt: skip
    assert engine(cases) == {f"{action} {wanted}": wanted for action, wanted in asked}


def test_every_role_made_here_is_bounded_in_its_account_and_trusts_whom_it_is_for(templates: Templates) -> None:
    found = {
        (path.partition("/")[0], role["Properties"]["RoleName"]): role["Properties"]
        for path, template in templates.items()
        for role in resources(template, "AWS::IAM::Role")
    }
    bounds = {key: role["PermissionsBoundary"] for key, role in found.items()}
    assert bounds == {
        (HOME.account, "acme-main"): f"arn:aws:iam::{HOME.account}:policy/home",
        (OTHER.account, "acme-ecr-creation"): f"arn:aws:iam::{OTHER.account}:policy/vault",
    }
    assert found[HOME.account, "acme-main"]["Path"] == "/ci/ecr-registry/acme/"
    (statement,) = found[OTHER.account, "acme-ecr-creation"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "ecr.amazonaws.com"}
    for path, template in templates.items():
        for policy in resources(template, "AWS::IAM::ManagedPolicy"):
            assert policy["Properties"]["Path"] == "/ci/ecr-registry/acme/", path


@ENGINES
def test_a_name_without_a_namespace_is_replicated_to_itself_alone(engine: Any) -> None:
    policy = registry_policy(REGISTRY, OTHER)
    cases = [
        Case(id=name, principal=f"arn:aws:iam::{HOME.account}:role/x", action="ecr:ReplicateImage",
             resource=naming.repository_arn(OTHER, name), account=OTHER.account, identity=[EVERYTHING],
             resource_policy=policy)
        for name in ("tools", "tools2", "tools/x", "web/api", "webs/api")
    ]  # fmt: skip
    allowed = {"tools": True, "tools2": False, "tools/x": False, "web/api": True, "webs/api": False}
    assert engine(cases) == allowed
