"""What happens later: repositories and replicas leave and come back, deploys fail midway."""

from __future__ import annotations

import json
from functools import partial

import pytest

from ops.drift.repository_settings import live_settings
from tests.sandbox.conftest import HOME, REPLICA, Sandbox, Scenario
from tests.sandbox.failing_app import TAKEN, cannot_be_created


def test_a_repository_that_left_the_file_keeps_its_images_and_comes_back_by_import(
    sandbox: Sandbox, scenario: Scenario
) -> None:
    account, rest = "210000000001", f"replicas: {{{REPLICA}: }}\nrepositories: {{web/api: , web/ui: }}"
    registry, file = scenario(account, rest)
    sandbox.put(file)
    digest = sandbox.push(registry, "web/api", "v1", "kept")

    scenario(account, rest.replace("web/api: , ", ""))
    sandbox.put(file)
    for region in (HOME, REPLICA):
        assert sandbox.tags(registry, "web/api", region) == {"v1": digest}

    scenario(account, rest)
    refused = sandbox.deploy(registry, file)
    assert refused.returncode == 1
    assert "already exists" in refused.stderr
    assert sandbox.tags(registry, "web/api") == {"v1": digest}

    changed = rest.replace("web/api: ", "web/api: {image_tag_mutability: MUTABLE}")
    scenario(account, changed)
    different = sandbox.ecrctl_of(registry, file, "import", "web/api", "--yes")
    assert different.returncode == 1
    assert 'imageTagMutability\n        live: "IMMUTABLE"\n        file: "MUTABLE"' in different.stderr

    scenario(account, rest)
    imported = sandbox.ecrctl_of(registry, file, "import", "web/api", "--yes")
    assert imported.returncode == 0, imported.stderr
    drift = sandbox.cdk(registry, file, "drift", "--all", "--fail")
    assert drift.returncode == 0, drift.stdout + drift.stderr
    assert sandbox.put(file) == []
    for region in (HOME, REPLICA):
        assert sandbox.tags(registry, "web/api", region) == {"v1": digest}

    scenario(account, changed)
    sandbox.put(file)
    for region in (HOME, REPLICA):
        settings = live_settings(sandbox.client(registry, region), "web/api")
        assert settings is not None
        assert settings["imageTagMutability"] == "MUTABLE"


def test_an_import_takes_in_nothing_that_was_not_listed(sandbox: Sandbox, scenario: Scenario) -> None:
    account, rest = "210000000002", "repositories: {web/api: , web/ui: , web/new: }"
    registry, file = scenario(account, "repositories: {web/ui: }")
    sandbox.put(file)
    registry, file = scenario(account, "repositories: {web/ui: , web/api: , web/other: }")
    sandbox.put(file)
    scenario(account, "repositories: {web/ui: }")
    sandbox.put(file)
    scenario(account, rest.replace("web/new", "web/other"))
    imported = sandbox.ecrctl_of(registry, file, "import", "web/api", "--yes")
    assert imported.returncode == 0, imported.stderr
    cloudformation = sandbox.client(registry, service="cloudformation")
    held = cloudformation.list_stack_resources(StackName="acme-Repositories-web")["StackResourceSummaries"]
    assert sorted(row["PhysicalResourceId"] for row in held) == ["web/api", "web/ui"]


def test_a_replica_that_left_the_file_leaves_no_replication_behind(sandbox: Sandbox, scenario: Scenario) -> None:
    account, rest = "210000000003", f"replicas: {{{REPLICA}: }}\nrepositories: {{web/api: }}"
    registry, file = scenario(account, rest)
    sandbox.put(file)
    assert sandbox.client(registry).describe_registry()["replicationConfiguration"]["rules"] != []
    scenario(account, "repositories: {web/api: }")
    sandbox.put(file)
    assert sandbox.client(registry).describe_registry()["replicationConfiguration"]["rules"] == []
    sandbox.push(registry, "web/api", "v1", "at home only")
    assert sandbox.tags(registry, "web/api") != {}
    assert sandbox.tags(registry, "web/api", REPLICA) == {}


def test_a_push_between_first_deploys_never_makes_a_replica_of_its_own(sandbox: Sandbox, scenario: Scenario) -> None:
    account = "210000000004"
    registry, file = scenario(account, "repositories: {web/api: }")
    sandbox.put(file)
    sandbox.push(registry, "web/api", "v1", "before the replica")
    scenario(account, f"replicas: {{{REPLICA}: }}\nrepositories: {{web/api: }}")
    sandbox.put(file)
    sandbox.push(registry, "web/api", "v2", "after it")
    settings = live_settings(sandbox.client(registry, REPLICA), "web/api")
    assert settings is not None
    assert (settings["imageTagMutability"], settings["scanOnPush"]) == ("IMMUTABLE", True)
    assert set(sandbox.tags(registry, "web/api", REPLICA)) == {"v2"}


@pytest.mark.parametrize("region", [HOME, REPLICA])
def test_an_update_that_fails_midway_is_undone_and_the_next_one_finishes(
    sandbox: Sandbox, scenario: Scenario, region: str
) -> None:
    account = "210000000005" if region == HOME else "210000000006"
    before = f"replicas: {{{REPLICA}: }}\nrepositories: {{web/api: , web/ui: }}"
    after = before.replace("web/api: ", 'web/api: {image_tag_mutability: MUTABLE, tags: {a: "1"}}, web/new: ')
    registry, file = scenario(account, before)
    sandbox.put(file)
    digest = sandbox.push(registry, "web/api", "v1", "not lost")
    settings = live_settings(sandbox.client(registry, region), "web/api")
    stack = sandbox.client(registry, region, "cloudformation").get_template(StackName="acme-Repositories-web")
    sandbox.client(registry, region, "ssm").put_parameter(Name=TAKEN, Type="String", Value="mine")

    scenario(account, after)
    failed = sandbox.deploy(registry, file, add=partial(cannot_be_created, "acme-Repositories-web", region))
    assert failed.returncode == 1
    assert TAKEN.strip("/") in failed.stderr or "already exists" in failed.stderr
    cloudformation = sandbox.client(registry, region, "cloudformation")
    described = cloudformation.describe_stacks(StackName="acme-Repositories-web")["Stacks"][0]
    assert described["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert live_settings(sandbox.client(registry, region), "web/api") == settings
    assert sandbox.tags(registry, "web/api", region) == {"v1": digest}
    assert live_settings(sandbox.client(registry, region), "web/new") is None
    undone = cloudformation.get_template(StackName="acme-Repositories-web")
    assert json.dumps(undone["TemplateBody"]) == json.dumps(stack["TemplateBody"])

    sandbox.put(file)
    for where in (HOME, REPLICA):
        now = live_settings(sandbox.client(registry, where), "web/api")
        assert now is not None
        assert (now["imageTagMutability"], now["tags"]) == ("MUTABLE", {"a": "1"})
        assert live_settings(sandbox.client(registry, where), "web/new") is not None
        assert sandbox.tags(registry, "web/api", where) == {"v1": digest}


def test_a_first_deploy_that_fails_leaves_nothing_that_makes_the_next_one_fail(
    sandbox: Sandbox, scenario: Scenario
) -> None:
    registry, file = scenario("210000000007", "repositories: {web/api: }")
    ssm = sandbox.client(registry, service="ssm")
    ssm.put_parameter(Name=TAKEN, Type="String", Value="mine")
    failing = partial(cannot_be_created, "acme-Repositories-web", HOME)
    assert sandbox.deploy(registry, file, add=failing).returncode == 1
    assert live_settings(sandbox.client(registry), "web/api") is None
    cleared = sandbox.ecrctl(registry, "clear-failed", "--registry", str(file), "--yes")
    assert cleared.returncode == 0, cleared.stderr
    assert "removed acme-Repositories-web in ap-northeast-2" in cleared.stdout
    assert sandbox.ecrctl(registry, "clear-failed", "--registry", str(file), "--yes").stdout == ""
    sandbox.put(file)
    assert live_settings(sandbox.client(registry), "web/api") is not None


def test_a_repository_said_to_be_emptied_goes_with_its_images(sandbox: Sandbox, scenario: Scenario) -> None:
    account = "210000000008"
    registry, file = scenario(account, "repositories: {web/api: , web/gone: {empty_on_delete: true}}")
    sandbox.put(file)
    sandbox.push(registry, "web/gone", "v1", "to be lost on purpose")
    scenario(account, "repositories: {web/api: }")
    sandbox.put(file)
    assert live_settings(sandbox.client(registry), "web/gone") is None


def test_a_repository_of_another_stack_is_named_with_it_and_taken_over_once_it_is_handed_over(
    sandbox: Sandbox, scenario: Scenario
) -> None:
    registry, file = scenario("210000000009", "repositories: {web/ui: }")
    sandbox.put(file)
    cloudformation = sandbox.client(registry, service="cloudformation")
    theirs = {
        "Type": "AWS::ECR::Repository",
        "DeletionPolicy": "Retain",
        "Properties": {"RepositoryName": "web/api", "ImageTagMutability": "IMMUTABLE",
                       "ImageScanningConfiguration": {"ScanOnPush": True}},
    }  # fmt: skip
    cache = {
        "Type": "AWS::ECR::PullThroughCacheRule",
        "DeletionPolicy": "Retain",
        "Properties": {"EcrRepositoryPrefix": "quay", "UpstreamRegistry": "quay", "UpstreamRegistryUrl": "quay.io"},
    }
    other = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x", "Name": "/legacy"}}

    def legacy(resources: dict[str, object], operation: str) -> None:
        call = getattr(cloudformation, f"{operation}_stack")
        call(StackName="legacy-ecr", TemplateBody=json.dumps({"Resources": resources}))
        cloudformation.get_waiter(f"stack_{operation}_complete").wait(
            StackName="legacy-ecr", WaiterConfig={"Delay": 1, "MaxAttempts": 300}
        )

    legacy({"Theirs": theirs, "Cache": cache, "Other": other}, "create")
    _, file = scenario(
        registry.account,
        "repositories: {web/ui: , web/api: {lifecycle: none}}\nlifecycles: {none: []}\n"
        "pull_through_cache_rules: {quay: {upstream_registry: quay}}\n"
        "acceptances: [{rule: cache-declared, reason: a test}, {rule: cache-template, reason: a test}]",
    )
    stopped = sandbox.ecrctl(registry, "drift", "--before-deploy", "--registry", str(file))
    assert stopped.returncode == 1
    assert "exists, in the stack legacy-ecr" in stopped.stdout
    refused = sandbox.ecrctl_of(registry, file, "import", "web/api", "--yes")
    assert refused.returncode == 1
    assert f"web/api in {HOME} is in the stack legacy-ecr" in refused.stderr
    left = sandbox.ecrctl_of(registry, file, "import", "--all", "--yes")
    assert left.returncode == 1
    for thing in ("repository web/api", "pull-through cache rule quay"):
        assert f"{thing}\t{HOME}\t\tin the stack legacy-ecr" in left.stdout

    legacy({"Other": other}, "update")
    imported = sandbox.ecrctl_of(registry, file, "import", "--all", "--yes")
    assert imported.returncode == 0, imported.stdout + imported.stderr
    held = cloudformation.list_stack_resources(StackName="acme-Registry")["StackResourceSummaries"]
    assert "quay" in {row["PhysicalResourceId"] for row in held}
