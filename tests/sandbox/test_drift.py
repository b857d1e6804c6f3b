"""Declared against actual, live: nothing after a deploy, and every hand that went in between."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from registry.model import Registry
from tests.sandbox.conftest import HOME, REPLICA, Sandbox, Scenario

REST = f"""\
replicas: {{{REPLICA}: }}
scanning: {{scan_on_push: ["web/*"]}}
creation_templates: {{hub: {{applied_for: [PULL_THROUGH_CACHE], description: cached}}}}
pull_through_cache_rules:
  quay: {{upstream_registry: quay}}
  hub/lib: {{upstream_registry: docker-hub, secret: ecr-pullthroughcache/hub, locations: [{HOME}, {REPLICA}]}}
  base:
    upstream_registry: ecr
    upstream_registry_url: 345678901234.dkr.ecr.us-east-1.amazonaws.com
    locations: [{REPLICA}]
signing: [{{signing_profile_arn: "arn:aws:signer:{HOME}:ACCOUNT:/signing-profiles/releases"}}]
account_settings: {{blob_mounting: DISABLED}}
repositories:
  web/api: {{moving_tags: [latest], tags: {{cost-center: "42"}}}}
  web/ui: {{encryption_type: KMS, kms_key: alias/ecr}}
  web/own: {{}}
acceptances:
  - {{rule: cache-declared, reason: a test}}
  - {{rule: cache-template, reason: a test}}
"""
LAMBDA = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "ecr:BatchGetImage"}],
}

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
LOGIN = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}],
}


def drift(sandbox: Sandbox, registry: Registry, file: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    finished = sandbox.ecrctl(registry, "drift", "--registry", str(file), "--json", *arguments)
    assert finished.stdout, finished.stderr
    return finished.returncode, json.loads(finished.stdout)


def found(answer: dict[str, Any]) -> list[tuple[str, str, str | None, str, str | None]]:
    return sorted(
        ((row["region"], row["kind"], row["name"], row["state"], row["setting"]) for row in answer["drift"]), key=str
    )


def caches_work_when_their_credential_is_stored(sandbox: Sandbox, registry: Registry, file: Path) -> None:
    """Secrets are deployed without one, and each location has its own."""

    def broken() -> list[tuple[str, str]]:
        finished = sandbox.ecrctl(registry, "cache", "validate", "--registry", str(file), "--json")
        rows = json.loads(finished.stdout)
        assert len(rows) == 4, finished.stderr
        assert finished.returncode == any(not row["works"] for row in rows)
        return [(row["prefix"], row["location"]) for row in rows if not row["works"]]

    stored = json.dumps({"username": "me", "accessToken": "token"})
    for left in ([("hub/lib", REPLICA), ("hub/lib", HOME)], [("hub/lib", REPLICA)], []):
        assert broken() == left
        if left:
            secrets = sandbox.client(registry, left[-1][1], "secretsmanager")
            secrets.put_secret_value(SecretId="ecr-pullthroughcache/hub", SecretString=stored)
    assert drift(sandbox, registry, file)[0] == 0


def test_what_was_deployed_is_as_declared_and_every_change_by_hand_is_seen(
    sandbox: Sandbox, scenario: Scenario
) -> None:
    account = "210000000101"
    rest = REST.replace("ACCOUNT", account)
    registry, file = scenario(account, rest)
    for region in (HOME, REPLICA):
        kms = sandbox.client(registry, region, "kms")
        kms.create_alias(AliasName="alias/ecr", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    code, before = drift(sandbox, registry, file, "--before-deploy")
    assert (code, before["drift"]) == (0, [])  # a first deploy is no drift
    sandbox.put(file)
    code, after = drift(sandbox, registry, file)
    assert (code, after["drift"], after["information"]) == (0, [], [])
    assert drift(sandbox, registry, file, "--before-deploy")[0] == 0
    caches_work_when_their_credential_is_stored(sandbox, registry, file)

    ecr, west = sandbox.client(registry), sandbox.client(registry, REPLICA)
    ecr.set_repository_policy(repositoryName="web/api", policyText=json.dumps(LAMBDA))
    west.put_image_tag_mutability(repositoryName="web/api", imageTagMutability="MUTABLE")
    west.delete_lifecycle_policy(repositoryName="web/ui")
    west.delete_repository(repositoryName="web/own")
    ecr.create_repository(repositoryName="web/by-hand")
    ecr.create_repository(repositoryName="data/elsewhere")
    ecr.put_replication_configuration(replicationConfiguration={"rules": []})
    ecr.put_registry_policy(policyText=json.dumps(LAMBDA))
    west.put_registry_scanning_configuration(scanType="BASIC", rules=[])
    ecr.delete_signing_configuration()
    ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="quay")
    ecr.update_repository_creation_template(prefix="hub", description="changed")
    ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")
    secret = {"SecretId": "ecr-pullthroughcache/hub"}
    stranger = {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    secrets = sandbox.client(registry, service="secretsmanager")
    secrets.put_resource_policy(**secret, ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": [stranger]}))
    sandbox.client(registry, REPLICA, "secretsmanager").delete_secret(**secret)
    changed = [
        (REPLICA, "cache secret", "ecr-pullthroughcache/hub", "differs", "scheduledForDeletion"),
        (HOME, "creation template", "hub", "differs", "description"),
        (HOME, "pull-through cache rule", "quay", "missing", None),
        (HOME, "registry policy", None, "differs", "policyText"),
        (HOME, "replication configuration", None, "differs", "rules"),
        (HOME, "repository", "web/api", "differs", "repositoryPolicy"),
        (HOME, "signing configuration", None, "differs", "rules"),
        (REPLICA, "repository", "web/api", "differs", "imageTagMutability"),
        (REPLICA, "repository", "web/api", "differs", "imageTagMutabilityExclusionFilters"),
        (REPLICA, "repository", "web/own", "missing", None),
        (REPLICA, "repository", "web/ui", "differs", "lifecyclePolicy"),
        (REPLICA, "scanning configuration", None, "differs", "rules"),
    ]
    code, answer = drift(sandbox, registry, file)
    assert code == 1
    of_no_template = [
        (HOME, "account setting", "BLOB_MOUNTING", "differs", "value"),
        (HOME, "cache secret", "ecr-pullthroughcache/hub", "differs", "resourcePolicy"),
    ]
    assert found(answer) == sorted([*of_no_template, *changed], key=str)
    assert [(row["kind"], row["name"], row["state"]) for row in answer["information"]] == [
        ("repository", "web/by-hand", "not declared")
    ]
    code, answer = drift(sandbox, registry, file, "--before-deploy")
    assert (code, found(answer)) == (1, sorted(changed, key=str))

    fixed = sandbox.ecrctl(registry, "drift", "--fix", "--yes", "--registry", str(file))
    assert fixed.returncode == 0, fixed.stdout + fixed.stderr
    assert (
        f"put back: repository web/own in {REPLICA}: create it again as the file declares it, without images"
        in fixed.stdout
    )
    assert "not put back: repository web/by-hand" in fixed.stdout
    code, answer = drift(sandbox, registry, file)
    assert (code, found(answer)) == (0, [])
    assert sandbox.put(file) == []  # what was made again is the stack's, as before
    scenario(
        account,
        rest.replace('cost-center: "42"', 'cost-center: "43"').replace("web/own: {}", "web/own: {tags: {a: b}}"),
    )
    sandbox.put(file)
    arn = west.describe_repositories(repositoryNames=["web/own"])["repositories"][0]["repositoryArn"]
    assert {"Key": "a", "Value": "b"} in west.list_tags_for_resource(resourceArn=arn)["tags"]


def test_before_a_deploy_only_what_a_hand_changed_counts(sandbox: Sandbox, scenario: Scenario) -> None:
    account = "210000000102"
    registry, file = scenario(account, "repositories: {web/api: , web/ui: , web/old: }")
    sandbox.put(file)
    ecr = sandbox.client(registry)
    ecr.put_image_tag_mutability(repositoryName="web/api", imageTagMutability="MUTABLE")
    ecr.put_image_tag_mutability(repositoryName="web/old", imageTagMutability="MUTABLE")
    ecr.create_repository(repositoryName="web/taken")

    # web/api: what was done by hand is written down; web/ui: not deployed yet; web/old leaves.
    mutable = "{image_tag_mutability: MUTABLE}"
    registry, file = scenario(account, f"repositories: {{web/api: {mutable}, web/ui: {mutable}}}")
    assert found(drift(sandbox, registry, file)[1]) == [(HOME, "repository", "web/ui", "differs", "imageTagMutability")]
    assert drift(sandbox, registry, file, "--before-deploy")[0] == 0

    scenario(account, "repositories: {web/api: , web/ui: , web/taken: }")
    registry, file = scenario(account, "repositories: {web/api: , web/ui: , web/taken: }")
    code, answer = drift(sandbox, registry, file, "--before-deploy")
    assert (code, found(answer)) == (
        1,
        [
            (HOME, "repository", "web/api", "differs", "imageTagMutability"),
            (HOME, "repository", "web/taken", "exists outside its stack", None),
        ],
    )
    said = sandbox.ecrctl(registry, "drift", "--registry", str(file), "--before-deploy")
    assert said.returncode == 1
    assert "make deploy FORCE=1" in said.stderr
    assert "the deploy would fail with AlreadyExists" in said.stderr
    assert "ecrctl import --all" in said.stderr


def test_what_a_hand_did_to_access_is_seen_and_put_back(sandbox: Sandbox, scenario: Scenario) -> None:
    account = "210000000103"
    cluster = f"arn:aws:eks:{HOME}:{account}:cluster/main"
    github = "github: acme/web, owner_id: 84790634, repository_id: 1304267049, branch: main"
    rest = f"""\
principals:
  ci: {{{github}}}
  jenkins: {{role: "arn:aws:iam::{account}:role/jenkins"}}
  updater: {{pod_identity: {{cluster: "{cluster}", namespace: argocd, service_account: updater, association: true}}}}
repositories: {{web/api: {{push: [ci], pull: [jenkins], read: [updater]}}}}
"""
    registry, file = scenario(account, rest)
    iam = sandbox.client(registry, HOME, "iam")
    iam.create_role(RoleName="jenkins", AssumeRolePolicyDocument=json.dumps(TRUST))
    sandbox.put(file)
    code, answer = drift(sandbox, registry, file)
    assert (code, answer["drift"], answer["information"]) == (0, [], [])

    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    path = f"arn:aws:iam::{account}:policy/ecr-registry/acme"
    iam.detach_role_policy(RoleName="jenkins", PolicyArn=f"{path}/acme-jenkins-ecr-1")
    iam.attach_role_policy(RoleName="jenkins", PolicyArn=f"{path}/acme-ci-ecr-1")
    iam.attach_role_policy(RoleName="acme-ci", PolicyArn=administrator)
    iam.update_assume_role_policy(RoleName="acme-ci", PolicyDocument=json.dumps(TRUST))
    iam.create_policy(PolicyName="acme-gone-ecr-1", Path="/ecr-registry/acme/", PolicyDocument=json.dumps(LOGIN))
    eks = sandbox.client(registry, HOME, "eks")
    (pods,) = eks.list_pod_identity_associations(clusterName="main")["associations"]
    taken = f"arn:aws:iam::{account}:role/jenkins"
    eks.update_pod_identity_association(clusterName="main", associationId=pods["associationId"], roleArn=taken)
    everything = f"{path}/acme-ecr-audit"
    iam.create_policy_version(PolicyArn=everything, PolicyDocument=json.dumps(LOGIN), SetAsDefault=True)
    known_to_the_template = [
        (HOME, "managed policy", "acme-ecr-audit", "differs", "policyDocument"),
        (HOME, "managed policy", "acme-jenkins-ecr-1", "differs", "attachedTo"),
        (HOME, "pod identity association", "main/argocd/updater", "differs", "roleArn"),
        (HOME, "role", "acme-ci", "differs", "assumeRolePolicyDocument"),
    ]
    code, answer = drift(sandbox, registry, file)
    of_a_role_made_here = [
        (HOME, "managed policy", "acme-ci-ecr-1", "differs", "attachedTo"),
        (HOME, "role", "acme-ci", "differs", "furtherPolicies"),
    ]
    left_over = (HOME, "managed policy", "acme-gone-ecr-1", "left over", None)
    assert (code, found(answer)) == (1, sorted([*known_to_the_template, *of_a_role_made_here, left_over], key=str))
    code, answer = drift(sandbox, registry, file, "--before-deploy")
    assert (code, found(answer)) == (1, known_to_the_template)

    fixed = sandbox.ecrctl(registry, "drift", "--fix", "--yes", "--registry", str(file))
    assert "not put back: managed policy acme-gone-ecr-1" in fixed.stdout
    assert "not put back: pod identity association main/argocd/updater" in fixed.stdout
    code, answer = drift(sandbox, registry, file)
    assert (code, found(answer)) == (1, [left_over, known_to_the_template[2]])
