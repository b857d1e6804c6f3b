"""An account that has registry-wide settings of its own before its first deploy."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.conftest import HOME, REPLICA, Sandbox, Scenario

REST = f"""\
replicas: {{{REPLICA}: }}
scanning: {{scan_on_push: ["web/*", "data/*"]}}
creation_templates: {{quay: {{applied_for: [PULL_THROUGH_CACHE]}}}}
pull_through_cache_rules: {{quay: {{upstream_registry: quay}}}}
repositories: {{web/api: , data/x: }}
acceptances: [{{rule: cache-declared, reason: a test}}]
"""


def test_settings_of_the_accounts_own_are_named_and_imported_and_then_deployed(
    sandbox: Sandbox, scenario: Scenario
) -> None:
    account = "210000000131"
    registry, file = scenario(account, REST)
    client = sandbox.client(registry)

    def destination(prefix: str) -> dict[str, object]:
        filters = [{"filter": prefix, "filterType": "PREFIX_MATCH"}]
        return {"destinations": [{"region": REPLICA, "registryId": account}], "repositoryFilters": filters}

    def scanned(*filters: str) -> list[dict[str, object]]:
        entries = [{"filter": each, "filterType": "WILDCARD"} for each in filters]
        return [{"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": entries}]

    # The same as the file says, put together to rules in another way.
    client.put_replication_configuration(
        replicationConfiguration={"rules": [destination("web/"), destination("data/")]}
    )
    client.put_registry_scanning_configuration(scanType="BASIC", rules=scanned("data/*", "web/*"))
    client.create_pull_through_cache_rule(
        ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io", upstreamRegistry="quay"
    )

    stopped = sandbox.ecrctl(registry, "drift", "--before-deploy", "--registry", str(file))
    assert stopped.returncode == 1
    for noun in ("scanning configuration", "replication configuration", "pull-through cache rule quay"):
        assert noun in stopped.stdout
    assert "creation template" not in stopped.stdout
    assert "ecrctl import --all" in stopped.stderr
    with pytest.raises(AssertionError, match="already exists"):
        sandbox.put(file)
    assert sandbox.ecrctl(registry, "clear-failed", "--registry", str(file), "--yes").returncode == 0

    options = ("import", "--registry-wide", "--yes")
    client.put_registry_scanning_configuration(scanType="BASIC", rules=scanned("web/*"))
    different = sandbox.ecrctl_of(registry, file, *options)
    assert different.returncode == 1
    assert f"scanning configuration in {HOME}: rules\n        live: " in different.stderr
    client.put_registry_scanning_configuration(scanType="BASIC", rules=scanned("data/*", "web/*"))

    imported = sandbox.ecrctl_of(registry, file, *options)
    assert imported.returncode == 0, imported.stdout + imported.stderr
    assert "imported, and the same as in the file" in imported.stdout
    assert len(client.describe_registry()["replicationConfiguration"]["rules"]) == 2  # as it was
    again = sandbox.ecrctl_of(registry, file, *options)
    assert again.returncode == 0, again.stderr
    assert "nothing to import" in again.stdout

    assert sandbox.ecrctl(registry, "drift", "--before-deploy", "--registry", str(file)).returncode == 0
    sandbox.put(file)
    assert sandbox.ecrctl(registry, "drift", "--registry", str(file)).returncode == 0
    described = sandbox.client(registry, service="cloudformation").describe_stacks(StackName="acme-Registry")
    assert described["Stacks"][0]["EnableTerminationProtection"] is True

    scenario(account, "repositories: {web/api: , data/x: }")  # what was imported is the file's now, and goes with it
    sandbox.put(file)
    assert client.describe_registry()["replicationConfiguration"]["rules"] == []


def test_a_registry_policy_and_a_replication_of_everything_are_imported_as_they_are(
    sandbox: Sandbox, scenario: Scenario
) -> None:
    account = "210000000132"
    region = HOME.rpartition("/")[2]
    statement = {
        "Sid": "OrganizationPulls",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        "Resource": f"arn:aws:ecr:{region}:{account}:repository/*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    text = f"""\
replicas: {{{REPLICA}: {{all_repositories: true}}}}
registry_policy: {policy}
repositories: {{web/api: {{scan_on_push: false}}}}
acceptances:
  - {{rule: replica-all-repositories, reason: a test}}
  - {{rule: scanning-flag, reason: a test}}
"""
    registry, file = scenario(account, text)
    client = sandbox.client(registry)
    client.put_registry_policy(policyText=policy)
    everything = {"destinations": [{"region": REPLICA, "registryId": account}]}
    client.put_replication_configuration(replicationConfiguration={"rules": [everything]})

    imported = sandbox.ecrctl_of(registry, file, "import", "--registry-wide", "--yes")
    assert imported.returncode == 0, imported.stdout + imported.stderr
    sandbox.put(file)
    assert sandbox.ecrctl(registry, "drift", "--registry", str(file)).returncode == 0
    assert json.loads(client.get_registry_policy()["policyText"])["Statement"] == [statement]
    (rule,) = client.describe_registry()["replicationConfiguration"]["rules"]
    assert not rule.get("repositoryFilters")
    (made,) = client.describe_repositories(repositoryNames=["web/api"])["repositories"]
    assert made["imageScanningConfiguration"] == {"scanOnPush": False}

    client.delete_registry_policy()
    client.put_replication_configuration(replicationConfiguration={"rules": []})
    fixed = sandbox.ecrctl(registry, "drift", "--fix", "--registry", str(file), "--yes")
    assert fixed.returncode == 0, fixed.stdout + fixed.stderr
    assert json.loads(client.get_registry_policy()["policyText"])["Statement"] == [statement]
    assert client.describe_registry()["replicationConfiguration"]["rules"] == [rule]
