"""Two files share an account: one owns what AWS keeps there once, and the other is told so before it takes it."""

from __future__ import annotations

from pathlib import Path

from registry.load import load
from tests.sandbox.conftest import HOME, Sandbox, Scenario

ACCOUNT = "210000000931"


def test_a_second_file_makes_its_repositories_and_leaves_the_registry_to_its_owner(
    sandbox: Sandbox, scenario: Scenario, tmp_path: Path
) -> None:
    registry, owner = scenario(ACCOUNT, "scanning: {scan_on_push: ['web/*']}\nrepositories: {web/api: }")
    sandbox.put(owner)
    second = tmp_path / "data.yaml"
    head = f'registry: {{name: data, account: "{ACCOUNT}", region: {HOME}}}\nrepositories: {{data/loader: }}\n'
    second.write_text(f"{head}manage: [repositories]\n")
    data, _ = load(second)
    sandbox.bootstrap(data, data.home)
    sandbox.allow(data, ACCOUNT)
    before = sandbox.ecrctl(registry, "drift", "--before-deploy", "--registry", str(second))
    assert before.returncode == 0, before.stdout
    sandbox.put(second)
    for file in (owner, second):
        drift = sandbox.ecrctl(registry, "drift", "--registry", str(file))
        assert drift.returncode == 0, drift.stdout
    stacks = sandbox.client(registry, service="cloudformation").get_paginator("list_stacks").paginate()
    names = {stack["StackName"] for page in stacks for stack in page["StackSummaries"]}
    assert {"data-Access", "data-Repositories-data", "acme-Registry"} <= names
    assert "data-Registry" not in names

    second.write_text(head)  # it would own the registry as well
    stopped = sandbox.ecrctl(registry, "drift", "--before-deploy", "--registry", str(second))
    assert stopped.returncode == 1
    assert "scanning configuration" in stopped.stdout
    assert "exists, in the stack acme-Registry" in stopped.stdout
    assert "manage: [repositories]" in stopped.stderr
    assert "delete" not in stopped.stderr
