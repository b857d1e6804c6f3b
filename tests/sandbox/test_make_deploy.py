"""`make deploy` as people run it: drift stops it, settings are applied, and what left the app is not forgotten."""

from __future__ import annotations

import subprocess
from pathlib import Path

from registry.model import Registry
from sandbox.environment import environment
from tests.sandbox.conftest import HOME, REPLICA, Sandbox, Scenario
from tests.synth import ROOT


def make_deploy(sandbox: Sandbox, registry: Registry, file: Path, *variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "deploy", f"REGISTRY={file}", *variables],
        cwd=ROOT,
        env=environment(sandbox.place, registry.account, registry.region),
        capture_output=True,
        text=True,
        check=False,
    )


def stacks(sandbox: Sandbox, registry: Registry, region: str = HOME) -> set[str]:
    rows = sandbox.client(registry, region, "cloudformation").describe_stacks()["Stacks"]
    return {row["StackName"] for row in rows if row["StackName"].startswith("acme-")}


def test_what_left_the_app_fails_the_deploy_until_it_was_shown_and_removed(
    sandbox: Sandbox, scenario: Scenario
) -> None:
    account = "210000000111"
    repositories = "repositories: {web/api: , old/kept: , old/scratch: {empty_on_delete: true}}"
    rest = f"account_settings: {{blob_mounting: ENABLED}}\nreplicas: {{{REPLICA}: }}\n{repositories}"
    registry, file = scenario(account, rest)
    first = make_deploy(sandbox, registry, file)
    assert first.returncode == 0, first.stdout + first.stderr
    assert f"every stack of acme in {account} is in the app" in first.stdout
    for region in (HOME, REPLICA):
        setting = sandbox.client(registry, region).get_account_setting(name="BLOB_MOUNTING")
        assert setting["value"] == "ENABLED"
    digest = sandbox.push(registry, "old/kept", "v1", "kept")
    sandbox.push(registry, "old/scratch", "v1", "lost on purpose")

    scenario(account, "repositories: {web/api: }")
    left = make_deploy(sandbox, registry, file)
    assert left.returncode == 2, left.stdout + left.stderr  # make's own
    assert f"acme-Repositories-old in {account}/{HOME}" in left.stdout
    assert f"acme-Registry in {account}/{REPLICA}" in left.stdout
    assert "    kept:    old/kept; 1 image stays in it" in left.stdout
    assert "    emptied: old/scratch; 1 image is deleted with it" in left.stdout
    assert stacks(sandbox, registry, REPLICA) == {"acme-Registry", "acme-Repositories-old", "acme-Repositories-web"}

    removed = sandbox.ecrctl(registry, "retire", "--registry", str(file), "--yes")
    assert removed.returncode == 0, removed.stderr
    assert removed.stdout.endswith("removed 4 stacks\n")
    assert stacks(sandbox, registry, REPLICA) == set()
    assert stacks(sandbox, registry) == {"acme-Access", "acme-Registry", "acme-Repositories-web"}
    assert sandbox.tags(registry, "old/kept") == {"v1": digest}
    names = {row["repositoryName"] for row in sandbox.client(registry).describe_repositories()["repositories"]}
    assert {"web/api", "old/kept"} <= names
    assert "old/scratch" not in names
    assert make_deploy(sandbox, registry, file).returncode == 0


def test_a_change_by_hand_stops_the_deploy_unless_it_is_forced(sandbox: Sandbox, scenario: Scenario) -> None:
    registry, file = scenario("210000000112", "repositories: {web/api: , web/ui: }")
    assert sandbox.deploy(registry, file).returncode == 0
    client = sandbox.client(registry)
    client.put_image_tag_mutability(repositoryName="web/ui", imageTagMutability="MUTABLE")
    scenario(registry.account, 'repositories: {web/api: {tags: {a: "1"}}, web/ui: }')
    stopped = make_deploy(sandbox, registry, file)
    assert stopped.returncode == 2
    assert "imageTagMutability" in stopped.stdout
    assert "make deploy FORCE=1" in stopped.stderr
    arn = client.describe_repositories(repositoryNames=["web/api"])["repositories"][0]["repositoryArn"]
    assert {tag["Key"] for tag in client.list_tags_for_resource(resourceArn=arn)["tags"]}.isdisjoint({"a"})

    forced = make_deploy(sandbox, registry, file, "FORCE=1")
    assert forced.returncode == 0, forced.stdout + forced.stderr
    assert {tag["Key"] for tag in client.list_tags_for_resource(resourceArn=arn)["tags"]} >= {"a"}
