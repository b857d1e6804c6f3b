"""The shipped registry on the local AWS: what was declared exists, and nothing else was spoken to.

`python -m sandbox up` makes it, from a shell that tries to lead it astray.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.aws.stacks import resources_of
from ops.drift.repository_settings import declared_settings, differences, live_settings
from registry.load import load
from registry.locations import Location
from registry.model import Registry
from registry.naming import bootstrap_stack, repository_uri
from sandbox.clients import client
from sandbox.place import Place, SandboxError
from tests.sandbox.conftest import Listener, Sandbox, free_port, hostile, sandbox_down, sandbox_up
from tests.sandbox.put import as_the_cli_does, put_bootstrap
from tests.synth import ROOT, SEED

REGIONS = ("ap-northeast-2", "us-west-2")
NAMES = ("my-app", "my-database", "my-web-app")


@dataclass(frozen=True)
class Up:
    """A run of `python -m sandbox up`: where, what it said, and in which shell."""

    place: Place
    output: str
    shell: dict[str, str]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, listener: Listener) -> Iterator[Up]:
    """The seed, deployed by the CDK CLI."""
    folder, port = tmp_path_factory.mktemp("first-light"), free_port()
    shell = hostile(listener)
    finished = sandbox_up(folder, SEED, port, shell)
    try:
        assert finished.returncode == 0, finished.stdout + finished.stderr
        yield Up(Place(folder=folder, port=port), finished.stdout + finished.stderr, shell)
    finally:
        sandbox_down(folder, shell)


@pytest.fixture(scope="module")
def sandbox(up: Up) -> Sandbox:
    """That one, in place of the one that has only what tests put there."""
    return Sandbox(up.place)


@pytest.fixture
def shipped() -> Registry:
    """The registry that is deployed."""
    return load(SEED)[0]


def test_the_run_shows_what_exists_and_how_to_go_on(up: Up) -> None:
    for region in REGIONS:
        for name in NAMES:
            assert repository_uri("123456789012", region, name) in up.output
    assert "read back from us-west-2, the same digest sha256:" in up.output
    assert f". {up.place.environment_file}" in up.output
    assert "down" in up.output


def test_nothing_went_through_the_shells_proxies_or_endpoints(up: Up, listener: Listener) -> None:
    assert up.output
    assert listener.seen == []


@pytest.mark.parametrize("region", REGIONS)
def test_each_repository_has_exactly_the_declared_settings(sandbox: Sandbox, shipped: Registry, region: str) -> None:
    client = sandbox.client(shipped, region)
    found = {row["repositoryName"] for row in client.describe_repositories()["repositories"]}
    assert {name for name in found if not name.startswith("cdk-")} == set(NAMES)
    for repository in shipped.repositories_in(Location(shipped.account, region)):
        live = live_settings(client, repository.name)
        assert live is not None
        assert live["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
        assert live["scanOnPush"] is True
        assert live["encryptionType"] == "AES256"
        assert differences(declared_settings(repository, Location(shipped.account, region)), live) == ()


@pytest.mark.parametrize("region", REGIONS)
def test_every_push_is_scanned(sandbox: Sandbox, shipped: Registry, region: str) -> None:
    configuration = sandbox.client(shipped, region).get_registry_scanning_configuration()["scanningConfiguration"]
    assert configuration == {
        "scanType": "BASIC",
        "rules": [{"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}]}],
    }


def test_home_replicates_the_declared_prefixes_and_the_replica_replicates_nothing(
    sandbox: Sandbox, shipped: Registry
) -> None:
    (rule,) = sandbox.client(shipped).describe_registry()["replicationConfiguration"]["rules"]
    assert rule["destinations"] == [{"region": "us-west-2", "registryId": "123456789012"}]
    assert [entry["filter"] for entry in rule["repositoryFilters"]] == list(NAMES)
    assert sandbox.client(shipped, "us-west-2").describe_registry()["replicationConfiguration"]["rules"] == []


def test_the_audit_policy_exists(sandbox: Sandbox, shipped: Registry) -> None:
    policies = sandbox.client(shipped, service="iam").list_policies(Scope="Local")["Policies"]
    assert "acme-ecr-audit" in {policy["PolicyName"] for policy in policies}


def test_every_stack_is_protected_and_carries_the_registrys_tag(sandbox: Sandbox, shipped: Registry) -> None:
    for region in REGIONS:
        stacks = sandbox.client(shipped, region, "cloudformation").describe_stacks()["Stacks"]
        ours = [stack for stack in stacks if stack["StackName"].startswith("acme-")]
        assert len(ours) == (4 if region == "ap-northeast-2" else 2)
        for stack in ours:
            assert stack["EnableTerminationProtection"] is True
            assert {"Key": "ecr-registry", "Value": "acme"} in stack["Tags"]


def test_a_second_deploy_changes_nothing_and_the_diff_is_empty(sandbox: Sandbox, shipped: Registry) -> None:
    deployed = sandbox.deploy(shipped, SEED)
    assert deployed.returncode == 0, deployed.stderr
    assert deployed.stderr.count("(no changes)") == 6
    diff = sandbox.cdk(shipped, SEED, "diff", "--all", "--fail")
    assert diff.returncode == 0, diff.stderr
    assert "Number of stacks with differences: 0" in diff.stdout + diff.stderr


def test_no_stack_has_drifted(sandbox: Sandbox, shipped: Registry) -> None:
    drift = sandbox.cdk(shipped, SEED, "drift", "--all", "--fail")
    assert drift.returncode == 0, drift.stdout + drift.stderr
    assert "Number of resources with drift: 0" in drift.stdout + drift.stderr


def test_a_fixed_tag_stays_and_a_moving_tag_moves_in_every_region(
    sandbox: Sandbox, shipped: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    first = sandbox.push(shipped, "my-web-app", "v1.0.0", "one")
    with pytest.raises(SandboxError, match=r"my-web-app:v1\.0\.0 was not pushed: .*: Bad Request"):
        sandbox.push(shipped, "my-web-app", "v1.0.0", "two")
    assert "cannot be overwritten because the tag is immutable" in caplog.text
    assert sandbox.push(shipped, "my-web-app", "v1.x", "one") == first
    second = sandbox.push(shipped, "my-web-app", "v1.x", "two")
    for region in REGIONS:
        tags = sandbox.tags(shipped, "my-web-app", region)
        assert (tags["v1.0.0"], tags["v1.x"]) == (first, second)


def test_termination_protection_holds(sandbox: Sandbox, shipped: Registry) -> None:
    cloudformation = sandbox.client(shipped, service="cloudformation")
    with pytest.raises(ClientError, match="TerminationProtection"):
        cloudformation.delete_stack(StackName="acme-Repositories")


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's table of sockets")
def test_the_server_listens_on_its_loopback_port_and_nowhere_else(sandbox: Sandbox) -> None:
    pid = json.loads(sandbox.place.state.read_text())["pid"]
    held = {os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    listening = set()
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            columns = row.split()
            if columns[3] == "0A" and f"socket:[{columns[9]}]" in held:
                listening.add(columns[1])
    assert listening == {f"0100007F:{sandbox.place.port:04X}"}


def test_the_environment_file_points_a_hostile_shell_at_the_sandbox(up: Up, listener: Listener) -> None:
    program = "import boto3; print(len(boto3.client('ecr').describe_repositories()['repositories']))"
    script = f". '{up.place.environment_file}' && python -c \"{program}\" && "
    script += f"cdk diff --context registry={SEED} && ecrctl validate {SEED}"
    finished = subprocess.run(
        ["/bin/sh", "-c", script], cwd=ROOT, env=up.shell, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("4\n")  # ours, and the CDK's own for assets
    assert "no findings" in finished.stdout
    assert listener.seen == []


def test_what_the_tests_put_is_what_a_deploy_by_the_cli_leaves(
    sandbox: Sandbox, shipped: Registry, tmp_path: Path
) -> None:
    for stack in as_the_cli_does(SEED, tmp_path).stacks:
        at = stack.environment
        cloudformation = sandbox.client(shipped, at.region, "cloudformation")
        deployed = cloudformation.get_template(StackName=stack.stack_name)["TemplateBody"]
        assert (deployed if isinstance(deployed, dict) else json.loads(deployed)) == stack.template
        (row,) = cloudformation.describe_stacks(StackName=stack.stack_name)["Stacks"]
        assert {tag["Key"]: tag["Value"] for tag in row["Tags"]} == dict(stack.tags)
        assert row["EnableTerminationProtection"] is stack.termination_protection


def test_a_bootstrap_that_the_tests_put_is_what_the_cli_leaves(sandbox: Sandbox, shipped: Registry) -> None:
    def left(account: str) -> dict[str, Any]:
        cloudformation = client(sandbox.place, account, shipped.region, "cloudformation")
        (stack,) = cloudformation.describe_stacks(StackName=bootstrap_stack(shipped.name))["Stacks"]
        rows = cloudformation.list_stack_resources(StackName=stack["StackName"])["StackResourceSummaries"]
        return {
            **{row["ParameterKey"]: row["ParameterValue"] for row in stack["Parameters"]},
            "template": resources_of(cloudformation, stack["StackName"]),
            "held": {row["LogicalResourceId"] for row in rows},
            "protected": stack["EnableTerminationProtection"],
        }

    by_the_cli, other = left(shipped.account), "250000000009"
    policies = by_the_cli["CloudFormationExecutionPolicies"].split(",")
    put_bootstrap(sandbox.place, shipped, [Location(other, shipped.region)], policies=policies)
    assert left(other) == by_the_cli
