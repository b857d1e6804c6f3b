"""Which role pods get, and who can read the credential of a cache: as the file says, as AWS answers, as put back.

Cases of others: a service account has one association, and a second is refused (eksctl #7753, provider-upjet-aws
#1437); a secret that is scheduled for deletion keeps its name (rebuy-de/aws-nuke #380).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ops.aws import cloud as ops_cloud
from ops.drift import fix
from ops.drift.cache_secrets import CACHE_SECRET
from ops.drift.compare import State, against_deployed
from ops.drift.deployed import Deployed
from ops.drift.kind import Kind
from ops.drift.pod_identity import POD_IDENTITY
from ops.drift.reading import Keys, Live, ResourceKey, declared, live
from ops.drift.repository_settings import Settings
from registry.access.audit import audit_policy
from registry.model import Registry
from tests.ops.drift.fixing import AT, BY_NOUN, as_declared, steps
from tests.ops.stubs import ACCOUNT, HOME, Cloud, stubbed
from tests.synth import SMALL
from tests.synth import declared as registry_of

CLUSTER = f"arn:aws:eks:{HOME}:{ACCOUNT}:cluster/main"
FILE = f"""{SMALL}
principals:
  updater: {{pod_identity: {{cluster: "{CLUSTER}", namespace: argocd, service_account: updater, association: true}}}}
  other: {{pod_identity: {{cluster: "{CLUSTER}", namespace: argocd, service_account: other}}}}
pull_through_cache_rules: {{hub: {{upstream_registry: docker-hub, secret: ecr-pullthroughcache/hub}}}}
repositories: {{web/api: {{read: [updater, other]}}}}
"""
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ecr-registry/acme/acme-updater"
PODS = ResourceKey(AT, "pod identity association", "main/argocd/updater")
SECRET = ResourceKey(AT, "cache secret", "ecr-pullthroughcache/hub")
NAMED = {"SecretId": SECRET.name}
OPEN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with stubbed(monkeypatch) as made:
        yield made


@pytest.fixture(scope="module")
def registry() -> Registry:
    return registry_of(FILE)


def read(kind: Kind, registry: Registry) -> dict[str, Settings]:
    found = kind.find(ops_cloud.client(kind.service, HOME), registry, AT)
    return {name: settings for name, reader in found.items() if (settings := reader()) is not None}


WHO = {"clusterName": "main", "namespace": "argocd", "serviceAccount": "updater"}


def associated(cloud: Cloud, **changed: Any) -> None:
    cloud.expect("list_pod_identity_associations", {"associations": [{"associationId": "a-1"}]}, WHO)
    found = {"roleArn": ROLE, "disableSessionTags": False, **changed}
    cloud.expect(
        "describe_pod_identity_association",
        {"association": found},
        {"clusterName": "main", "associationId": "a-1"},
    )


def test_an_empty_page_is_not_the_last(cloud: Cloud, registry: Registry) -> None:
    cloud.expect("list_pod_identity_associations", {"associations": [], "nextToken": "2"}, WHO)
    cloud.expect(
        "list_pod_identity_associations", {"associations": [{"associationId": "a-1"}]}, {**WHO, "nextToken": "2"}
    )
    cloud.expect("describe_pod_identity_association", {"association": {"roleArn": ROLE}})
    assert read(POD_IDENTITY, registry)[PODS.name]["roleArn"] == ROLE


@pytest.mark.parametrize(
    ("changed", "differs"),
    [
        ({}, []),
        ({"roleArn": f"{ROLE}2"}, ["roleArn"]),
        ({"disableSessionTags": True}, ["disableSessionTags"]),  # the role trusts no request without them
        ({"targetRoleArn": f"{ROLE}2"}, ["targetRoleArn"]),  # pods get that role in the end
    ],
)
def test_an_association_that_gives_pods_another_role_is_drift(
    changed: dict[str, Any], differs: list[str], cloud: Cloud, registry: Registry
) -> None:
    associated(cloud, **changed)
    found = {PODS: read(POD_IDENTITY, registry)[PODS.name]}
    (*rows,) = (it for it in steps(registry, {**as_declared(registry), **found}) if it.thing == PODS)
    assert [row.setting for it in rows for row in it.rows] == differs
    assert all("only a deploy may" in it.reason and it.change is None for it in rows)


@pytest.mark.parametrize("answer", [{"associations": []}, "ResourceNotFoundException"], ids=["removed", "no cluster"])
def test_an_association_that_is_gone_is_named_with_the_way_back(answer: Any, cloud: Cloud, registry: Registry) -> None:
    if isinstance(answer, str):
        cloud.refuse("list_pod_identity_associations", answer)
    else:
        cloud.expect("list_pod_identity_associations", answer)
    assert read(POD_IDENTITY, registry) == {}
    found = {thing: it for thing, it in as_declared(registry).items() if thing != PODS}
    (step,) = steps(registry, found)
    assert (step.thing, step.rows[0].state) == (PODS, State.MISSING)
    assert "write it back, and deploy" in step.reason


def secret(cloud: Cloud, policy: Any = None, **said: Any) -> None:
    cloud.expect("describe_secret", {"Name": SECRET.name, **said}, NAMED)
    if "DeletedDate" not in said:
        cloud.expect("get_resource_policy", {"ResourcePolicy": json.dumps(policy)} if policy else {}, NAMED)


@pytest.mark.parametrize(
    ("said", "differs"),
    [
        ({}, None),
        ({"policy": OPEN}, "resourcePolicy"),
        ({"KmsKeyId": f"arn:aws:kms:{HOME}:{ACCOUNT}:key/k"}, "kmsKeyId"),
        ({"DeletedDate": 0}, "scheduledForDeletion"),
    ],
)
def test_a_secret_that_ecr_cannot_read_or_others_can_is_drift(
    said: dict[str, Any], differs: str | None, cloud: Cloud, registry: Registry
) -> None:
    secret(cloud, **said)
    found = {SECRET: read(CACHE_SECRET, registry)[SECRET.name]}
    made = steps(registry, {**as_declared(registry), **found})
    assert [row.setting for it in made for row in it.rows] == ([differs] if differs else [])
    if differs == "resourcePolicy":
        cloud.expect("delete_resource_policy", {}, NAMED)
    elif differs == "scheduledForDeletion":
        cloud.expect("restore_secret", {}, NAMED)
    else:
        assert all("alias/aws/secretsmanager" in it.reason for it in made)
    assert fix.put_back(made, lambda step: True) == (differs in ("resourcePolicy", "scheduledForDeletion"))


def test_a_secret_that_is_gone_is_not_made_again(cloud: Cloud, registry: Registry) -> None:
    cloud.refuse("describe_secret", "ResourceNotFoundException")
    assert read(CACHE_SECRET, registry) == {}
    found = {thing: it for thing, it in as_declared(registry).items() if thing != SECRET}
    (step,) = steps(registry, found)
    assert "store the credential in it" in step.reason


@pytest.mark.parametrize(("thing", "setting"), [(PODS, "roleArn"), (SECRET, "kmsKeyId")], ids=["pods", "secret"])
def test_one_that_exists_already_is_named_before_a_deploy(thing: ResourceKey, setting: str, registry: Registry) -> None:
    wanted = {thing: as_declared(registry)[thing]}
    last, found = Deployed(settings={}, registries=frozenset({AT})), Live(there=frozenset(wanted), settings=wanted)
    (row,) = against_deployed(BY_NOUN, wanted, last, found, Keys())
    assert row.state is State.EXISTS_OUTSIDE_STACK
    live_now = {**as_declared(registry), thing: {**wanted[thing], setting: "another"}}
    (step,) = (it for it in steps(registry, live_now, last={}) if it.thing == thing)
    assert step.change is None


def test_a_policy_that_others_gave_a_secret_stops_no_deploy(registry: Registry) -> None:
    wanted = as_declared(registry)
    _, said = CACHE_SECRET.deployed({"Name": SECRET.name})
    found = Live(there=frozenset(wanted), settings={SECRET: {**wanted[SECRET], "resourcePolicy": OPEN}})
    last = Deployed(settings={SECRET: said}, registries=frozenset({AT}))
    assert list(against_deployed(BY_NOUN, {SECRET: wanted[SECRET]}, last, found, Keys())) == []


def test_credentials_that_may_not_read_them_compare_the_rest(cloud: Cloud, registry: Registry) -> None:
    cloud.refuse("list_pod_identity_associations", "AccessDeniedException")
    cloud.refuse("describe_secret", "AccessDeniedException")
    kinds = (POD_IDENTITY, CACHE_SECRET)
    found = live(registry, [AT], kinds, declared(registry, [AT], kinds))
    assert set(found.refused.values()) == {"eks:ListPodIdentityAssociations", "secretsmanager:DescribeSecret"}


def test_auditors_may_read_them_and_no_value(registry: Registry) -> None:
    by_sid = {it["Sid"]: it for it in audit_policy(registry, ACCOUNT)["Statement"]}
    assert by_sid["AuditClusters"]["Resource"] == [CLUSTER]
    assert by_sid["AuditPodIdentities"]["Resource"] == [f"{CLUSTER.replace(':cluster/', ':podidentityassociation/')}/*"]
    assert by_sid["AuditSecrets"]["Action"] == ["secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"]
    without = audit_policy(registry_of(f"{SMALL}repositories: {{web/api: }}"), ACCOUNT)
    assert [it["Sid"] for it in without["Statement"]] == ["AuditRepositories", "AuditRegistry", "AuditAccess"]
