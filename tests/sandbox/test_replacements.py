"""`make deploy` over changes that CloudFormation could only replace: it stops, and the way works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from registry.load import load
from registry.model import Registry
from tests.sandbox.conftest import HOME, REPLICA, Sandbox, Scenario


def deployed(sandbox: Sandbox, registry: Registry, file: Path) -> None:
    finished = sandbox.make_deploy(registry, file)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def bootstrapped(sandbox: Sandbox, registry: Registry, file: Path) -> None:
    """What `make bootstrap` makes for the file as it is now."""
    now, _ = load(file)
    sandbox.bootstrap(now, *now.stack_locations_in(registry.account))
    sandbox.allow(now, registry.account)


def stopped(sandbox: Sandbox, registry: Registry, file: Path) -> str:
    """What `make deploy` says that stops before anything is touched."""
    before = events(sandbox, registry)
    finished = sandbox.make_deploy(registry, file)
    assert finished.returncode == 1, finished.stdout + finished.stderr
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
    finished = sandbox.ecrctl_of(registry, file, "retire", "--yes", *words)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def imported(sandbox: Sandbox, registry: Registry, file: Path, *names: str) -> None:
    finished = sandbox.ecrctl_of(registry, file, "import", *names, "--yes")
    assert finished.returncode == 0, finished.stdout + finished.stderr


def provider(account: str) -> str:
    """The key that says that GitHub's provider is there: it stays when its stack goes."""
    return f'oidc_providers: ["arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com"]'


def declared(*, encryption: str, upstream: str, path: str, kept: bool = True) -> str:
    """A registry with everything that can only be replaced; without it where it is taken out on the way."""
    return f"""\
access: {{path: {path}}}
principals: {{ci: {{github: acme/web, owner_id: 1, repository_id: 2, branch: main}}}}
namespaces: {{web: {{push: [ci]}}}}
repositories:
  web/ui:
  {f"web/api: {{encryption_type: {encryption}}}" if kept else ""}
{f"pull_through_cache_rules: {{cache: {{upstream_registry: {upstream}}}}}" if kept else ""}"""


def test_an_encryption_an_upstream_and_a_path(sandbox: Sandbox, scenario: Scenario) -> None:
    account = "210000000161"
    registry, file = scenario(account, declared(encryption="AES256", upstream="k8s", path="/"))
    sandbox.put(file)
    changed = declared(encryption="KMS", upstream="quay", path="/ci/")
    scenario(account, changed)
    said = stopped(sandbox, registry, file)
    assert said.count("error:") == 3
    assert f"    acme-Repositories-web in {account}/{HOME}: repository web/api\n" in said
    assert f"    acme-Registry in {account}/{HOME}: pull-through cache rule cache\n" in said
    roles = "managed policy acme-ecr-audit, role acme-ci, managed policy acme-ci-ecr-1"
    assert f"    acme-Access in {account}/{HOME}: {roles}\n" in said

    bootstrapped(sandbox, registry, file)
    with pytest.raises(AssertionError, match="acme-Access: UPDATE_ROLLBACK_COMPLETE"):  # what people are spared
        sandbox.make_deploy(registry, file, force=True)

    scenario(account, declared(encryption="AES256", upstream="k8s", path="/", kept=False))
    bootstrapped(sandbox, registry, file)
    deployed(sandbox, registry, file)
    client, formation = sandbox.client(registry), sandbox.client(registry, service="cloudformation")
    client.delete_repository(repositoryName="web/api", force=True)
    formation.update_termination_protection(StackName="acme-Access", EnableTerminationProtection=False)
    formation.delete_stack(StackName="acme-Access")
    formation.get_waiter("stack_delete_complete").wait(StackName="acme-Access", WaiterConfig={"Delay": 1})
    scenario(account, changed)
    assert "list its ARN in `access.oidc_providers`" in stopped(sandbox, registry, file)
    scenario(account, changed.replace("path: /ci/", f"path: /ci/, {provider(account)}"))
    bootstrapped(sandbox, registry, file)
    deployed(sandbox, registry, file)
    (live,) = client.describe_repositories(repositoryNames=["web/api"])["repositories"]
    assert live["encryptionConfiguration"]["encryptionType"] == "KMS"
    (rule,) = client.describe_pull_through_cache_rules()["pullThroughCacheRules"]
    assert rule["upstreamRegistryUrl"] == "quay.io"
    assert (
        sandbox.client(registry, service="iam").get_role(RoleName="acme-ci")["Role"]["Path"] == "/ci/ecr-registry/acme/"
    )


def test_more_shards(sandbox: Sandbox, scenario: Scenario) -> None:
    """With more repositories, and typed: `python -m benchmarks.large`."""
    account, names = "210000000163", ["web/a1", "web/a2", "web/a3"]

    def rest(shards: int) -> str:
        several = f"namespaces: {{web: {{shards: {shards}}}}}\n" if shards > 1 else ""
        return f"{several}repositories: {{{', '.join(f'{name}: ' for name in names)}}}"

    registry, file = scenario(account, rest(1))
    bootstrapped(sandbox, registry, file)
    sandbox.put(file)
    digest, created = sandbox.push(registry, "web/a2", "v1", "kept"), born(sandbox, registry)
    scenario(account, rest(2))
    assert "error: repositories move to another stack" in stopped(sandbox, registry, file)
    removed(sandbox, registry, file)
    imported(sandbox, registry, file, "--all")
    deployed(sandbox, registry, file)

    scenario(account, rest(3))
    said = stopped(sandbox, registry, file)
    (losing,) = re.findall(
        rf"acme-Repositories-webS3 in {account}/{HOME} would create a resource that acme-(\S+) in", said
    )
    before = ["acme-Repositories-webS1", "acme-Repositories-webS2"]
    assert f"acme-{losing}" in before
    assert sandbox.make_deploy(registry, file, force=True, only=before).returncode == 0
    imported(sandbox, registry, file, "--all")
    deployed(sandbox, registry, file)
    assert sandbox.tags(registry, "web/a2") == {"v1": digest}
    assert born(sandbox, registry) == created
    assert sandbox.ecrctl(registry, "drift", "--registry", str(file)).returncode == 0
    assert {stack for _, stack in events(sandbox, registry)} >= {f"acme-Repositories-webS{n}" for n in (1, 2, 3)}


def test_a_principal_moves_to_another_access_stack(sandbox: Sandbox, scenario: Scenario) -> None:
    """Its role is another one then, of the same name."""
    account = "210000000166"

    def rest(stack: str) -> str:
        ci = "ci: {github: acme/web, owner_id: 1, repository_id: 2, branch: main"
        return f"principals: {{{ci}{stack}}}}}\nrepositories: {{web/api: {{push: [ci]}}}}"

    registry, file = scenario(account, rest(""))
    sandbox.put(file)
    iam = sandbox.client(registry, service="iam")
    before = iam.get_role(RoleName="acme-ci")["Role"]["RoleId"]
    scenario(account, rest(", stack: more"))
    said = stopped(sandbox, registry, file)
    assert "error: principals move to another Access stack" in said
    assert f"acme-Access-more in {account}/{HOME} would create a resource that acme-Access in" in said

    assert sandbox.make_deploy(registry, file, force=True, only=["acme-Access"]).returncode == 0
    deployed(sandbox, registry, file)
    assert iam.get_role(RoleName="acme-ci")["Role"]["RoleId"] != before
    assert sandbox.ecrctl(registry, "drift", "--registry", str(file)).returncode == 0

    scenario(account, rest(""))
    assert "error: principals move to another Access stack" in stopped(sandbox, registry, file)
    removed(sandbox, registry, file)  # nobody else is in the stack that it leaves
    deployed(sandbox, registry, file)
    assert not any(stack == "acme-Access-more" for _, stack in events(sandbox, registry))


def born(sandbox: Sandbox, registry: Registry) -> dict[str, Any]:
    """When each repository was created: one that is deleted and made again is another one."""
    return {
        it["repositoryName"]: it["createdAt"] for it in sandbox.client(registry).describe_repositories()["repositories"]
    }


def test_home_and_replica_are_swapped(sandbox: Sandbox, scenario: Scenario) -> None:
    account = "210000000164"
    rest = "principals: {ci: {github: acme/web, owner_id: 1, repository_id: 2, branch: main}}\n"
    rest += "repositories: {web/api: {push: [ci]}}\n"
    registry, file = scenario(account, f"replicas: {{{REPLICA}: }}\n{rest}")
    sandbox.put(file)
    head = f'registry: {{name: acme, account: "{account}", region: {REPLICA}}}\n'
    file.write_text(f"{head}replicas: {{{HOME}: }}\n{rest}")
    said = stopped(sandbox, registry, file)
    assert "the home region changed" in said
    assert "managed policy acme-ecr-audit" in said
    removed(sandbox, registry, file)
    file.write_text(f"{file.read_text()}access: {{{provider(account)}}}\n")
    bootstrapped(sandbox, registry, file)
    deployed(sandbox, registry, file)
    assert (REPLICA, "acme-Access") in events(sandbox, registry)
    assert (HOME, "acme-Access") not in events(sandbox, registry)


def test_the_registry_is_renamed(sandbox: Sandbox, scenario: Scenario) -> None:
    account = "210000000165"
    registry, file = scenario(account, "repositories: {web/api: }")
    sandbox.put(file)
    digest = sandbox.push(registry, "web/api", "v1", "kept")
    file.write_text(file.read_text().replace("name: acme", "name: other"))
    said = stopped(sandbox, registry, file)
    assert "error: stacks of the registry acme have the resources that other would create" in said
    assert said.count("error:") == 1
    assert "way out: write `name: acme`" in said
    removed(sandbox, registry, file, "--name", "acme")
    bootstrapped(sandbox, registry, file)
    imported(sandbox, registry, file, "web/api")
    deployed(sandbox, registry, file)
    assert sandbox.tags(registry, "web/api") == {"v1": digest}
    assert {stack for _, stack in events(sandbox, registry)} >= {
        "other-Access",
        "other-Registry",
        "other-Repositories-web",
    }
    assert not any(stack.startswith("acme-") for _, stack in events(sandbox, registry))
