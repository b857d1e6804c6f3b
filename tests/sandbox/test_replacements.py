"""`make deploy` as people type it, over changes that CloudFormation could only replace: it stops, and the way works."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

from registry.model import Registry
from sandbox.environment import environment
from tests.sandbox.conftest import HOME, REPLICA, Sandbox, Scenario
from tests.synth import ROOT

CUSTOM_NAMED = "CloudFormation cannot update a stack when a custom-named resource requires replacing"


def make(sandbox: Sandbox, registry: Registry, file: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "deploy", f"REGISTRY={file}", *words],
        cwd=ROOT,
        env=environment(sandbox.place, registry.account, registry.region),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def deployed(sandbox: Sandbox, registry: Registry, file: Path, *words: str) -> None:
    finished = make(sandbox, registry, file, *words)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def stopped(sandbox: Sandbox, registry: Registry, file: Path) -> str:
    """What `make deploy` says that stops before anything is touched."""
    before = events(sandbox, registry)
    finished = make(sandbox, registry, file)
    assert finished.returncode == 2, finished.stdout + finished.stderr  # make's own
    assert events(sandbox, registry) == before
    return finished.stdout


def events(sandbox: Sandbox, registry: Registry) -> dict[tuple[str, str], Any]:
    """When each stack was last updated, by region and name."""
    return {
        (region, row["StackName"]): (row["StackStatus"], row.get("LastUpdatedTime"))
        for region in (HOME, REPLICA)
        for row in sandbox.client(registry, region, "cloudformation").describe_stacks()["Stacks"]
    }


def removed(sandbox: Sandbox, registry: Registry, file: Path, *words: str) -> None:
    finished = sandbox.ecrctl(registry, "retire", "--registry", str(file), "--yes", *words)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def imported(sandbox: Sandbox, registry: Registry, file: Path, *names: str) -> None:
    finished = sandbox.ecrctl(registry, "import", *names, "--registry", str(file), "--yes")
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_the_encryption_of_a_repository(sandbox: Sandbox, scenario: Scenario) -> None:
    registry, file = scenario("210000000161", "repositories: {web/api: , web/ui: }")
    deployed(sandbox, registry, file)
    kms = "repositories: {web/api: {encryption_type: KMS}, web/ui: {image_tag_mutability: MUTABLE}}"
    scenario(registry.account, kms)
    said = stopped(sandbox, registry, file)
    assert "error: a repository keeps the encryption it was created with" in said
    assert f"acme-Repositories-web in {registry.account}/{HOME}: repository web/api\n" in said
    client = sandbox.client(registry)
    assert (
        client.describe_repositories(repositoryNames=["web/ui"])["repositories"][0]["imageTagMutability"] == "IMMUTABLE"
    )

    forced = make(sandbox, registry, file, "FORCE=1")  # what it spares people
    assert forced.returncode == 2
    assert CUSTOM_NAMED in forced.stdout + forced.stderr

    scenario(registry.account, "repositories: {web/ui: {image_tag_mutability: MUTABLE}}")
    deployed(sandbox, registry, file)
    client.delete_repository(repositoryName="web/api", force=True)
    scenario(registry.account, kms)
    deployed(sandbox, registry, file)
    live = client.describe_repositories(repositoryNames=["web/api"])["repositories"][0]
    assert live["encryptionConfiguration"]["encryptionType"] == "KMS"


def test_the_upstream_of_a_cache_rule_and_the_path_of_roles(sandbox: Sandbox, scenario: Scenario) -> None:
    account = "210000000162"

    def rest(upstream: str, path: str) -> str:
        rule = f"pull_through_cache_rules: {{cache: {{upstream_registry: {upstream}}}}}" if upstream else ""
        return f"""\
access: {{path: {path}}}
principals: {{ci: {{github: acme/web, owner_id: 1, repository_id: 2, branch: main}}}}
repositories: {{web/api: {{push: [ci]}}}}
{rule}"""

    registry, file = scenario(account, rest("k8s", "/"))
    deployed(sandbox, registry, file)
    scenario(account, rest("quay", "/ci/"))
    said = stopped(sandbox, registry, file)
    assert f"    acme-Registry in {account}/{HOME}: pull-through cache rule cache\n" in said
    assert f"    acme-Access in {account}/{HOME}: role acme-ci, managed policy acme-ci-ecr-1\n" in said

    scenario(account, rest("", "/"))
    deployed(sandbox, registry, file)
    scenario(account, rest("quay", "/"))
    deployed(sandbox, registry, file)
    (rule,) = sandbox.client(registry).describe_pull_through_cache_rules()["pullThroughCacheRules"]
    assert rule["upstreamRegistryUrl"] == "quay.io"


def test_more_shards(sandbox: Sandbox, scenario: Scenario) -> None:
    account, names = "210000000163", ["web/a1", "web/a2", "web/a3"]

    def rest(shards: int) -> str:
        several = f"namespaces: {{web: {{shards: {shards}}}}}\n" if shards > 1 else ""
        return f"{several}repositories: {{{', '.join(f'{name}: ' for name in names)}}}"

    registry, file = scenario(account, rest(1))
    deployed(sandbox, registry, file)
    digest = sandbox.push(registry, "web/a2", "v1", "kept")
    scenario(account, rest(2))
    assert "error: repositories move to another stack" in stopped(sandbox, registry, file)
    removed(sandbox, registry, file)
    imported(sandbox, registry, file, *names)
    deployed(sandbox, registry, file)

    scenario(account, rest(3))
    said = stopped(sandbox, registry, file)
    (losing,) = re.findall(r"it is in acme-(\S+) in", said) or ["Repositories-webS1"]
    deployed(sandbox, registry, file, "FORCE=1", f"STACKS={account}/{HOME}/{losing} --exclusively")
    imported(sandbox, registry, file, "web/a2")
    deployed(sandbox, registry, file)
    assert sandbox.tags(registry, "web/a2") == {"v1": digest}
    assert {stack for _, stack in events(sandbox, registry)} >= {f"acme-Repositories-webS{n}" for n in (1, 2, 3)}


def test_home_and_replica_are_swapped(sandbox: Sandbox, scenario: Scenario) -> None:
    account = "210000000164"
    rest = "principals: {ci: {github: acme/web, owner_id: 1, repository_id: 2, branch: main}}\n"
    rest += "repositories: {web/api: {push: [ci]}}\n"
    registry, file = scenario(account, f"replicas: {{{REPLICA}: }}\n{rest}")
    deployed(sandbox, registry, file)
    head = f'registry: {{name: acme, account: "{account}", region: {REPLICA}}}\n'
    file.write_text(f"{head}replicas: {{{HOME}: }}\n{rest}")
    said = stopped(sandbox, registry, file)
    assert "the home region changed" in said
    assert "managed policy acme-ecr-audit" in said
    removed(sandbox, registry, file)
    deployed(sandbox, registry, file)
    assert (REPLICA, "acme-Access") in events(sandbox, registry)
    assert (HOME, "acme-Access") not in events(sandbox, registry)


def test_the_registry_is_renamed(sandbox: Sandbox, scenario: Scenario) -> None:
    account = "210000000165"
    registry, file = scenario(account, "repositories: {web/api: }")
    deployed(sandbox, registry, file)
    digest = sandbox.push(registry, "web/api", "v1", "kept")
    file.write_text(file.read_text().replace("name: acme", "name: other"))
    said = stopped(sandbox, registry, file)
    assert "error: stacks of the registry acme have what other would create" in said
    assert said.count("error:") == 1
    assert "way out: put `name: acme` back" in said
    removed(sandbox, registry, file, "--name", "acme")
    imported(sandbox, registry, file, "web/api")
    deployed(sandbox, registry, file)
    assert sandbox.tags(registry, "web/api") == {"v1": digest}
    assert {stack for _, stack in events(sandbox, registry)} >= {
        "other-Access",
        "other-Registry",
        "other-Repositories-web",
    }
    assert not any(stack.startswith("acme-") for _, stack in events(sandbox, registry))
