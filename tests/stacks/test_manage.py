"""A file that manages repositories alone leaves what an account has once to the file that owns it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.drift.kinds import KINDS
from ops.drift.reading import declared as wanted
from registry.access.cloudformation import execution_policies
from tests.synth import ACCOUNT, SMALL, declared, resources, synthesized

ALONE = f"{SMALL}manage: [repositories]\nacceptances: [{{rule: manage-replicas, reason: a test}}]\n"
REPLICATED = "replicas: {us-west-2: , 210987654321/us-west-2: }\nrepositories: {web/api: , data/x: }\n"
ECR_ALONE = {"AWS::ECR::Repository"}


@pytest.mark.parametrize("text", ["repositories: {web/api: }", REPLICATED], ids=["home", "replicas"])
def test_there_is_nothing_of_the_registry_in_any_stack(text: str, tmp_path: Path) -> None:
    _, templates = synthesized(declared(ALONE + text), tmp_path)
    types = {it["Type"] for template in templates.values() for it in template["Resources"].values()}
    assert {it for it in types if it.startswith("AWS::ECR::")} == ECR_ALONE
    assert not [path for path in templates if path.endswith("/Registry")]


def test_replicas_have_the_repositories_and_still_come_first(tmp_path: Path) -> None:
    app, templates = synthesized(declared(ALONE + REPLICATED), tmp_path)
    at_home, replica = (f"{ACCOUNT}/{region}/Repositories-web" for region in ("ap-northeast-2", "us-west-2"))
    assert resources(templates[at_home], "AWS::ECR::Repository") == resources(
        templates[replica], "AWS::ECR::Repository"
    )
    stacks = {stack.node.path: stack for stack in app.node.find_all() if hasattr(stack, "dependencies")}
    assert stacks[replica] in stacks[at_home].dependencies


def test_keys_have_a_stack_that_holds_nothing_else(tmp_path: Path) -> None:
    keys = "kms_keys: {alias/web: }\nrepositories: {web/api: {encryption_type: KMS, kms_key: alias/web}}"
    _, templates = synthesized(declared(ALONE + keys), tmp_path)
    registry = templates[f"{ACCOUNT}/ap-northeast-2/Registry"]
    assert {it["Type"] for it in registry["Resources"].values()} == {"AWS::KMS::Key", "AWS::KMS::Alias"}


def test_drift_does_not_ask_for_what_another_file_answers_for() -> None:
    registry = declared(ALONE + REPLICATED)
    kinds = [kind for kind in KINDS if any(kind.where(registry, at) for at in registry.locations)]
    assert [kind.noun for kind in kinds] == ["repository", "managed policy", "role"]
    assert {thing.noun for thing in wanted(registry, registry.locations, KINDS)} <= {kind.noun for kind in kinds}


def test_its_cloudformation_may_do_nothing_to_the_registry() -> None:
    def actions(text: str, deployed: tuple[tuple[str, str], ...] = ()) -> set[str]:
        registry = declared(text)
        held = [(registry.home, unit) for _, unit in deployed]
        policies = execution_policies(registry, ACCOUNT, held)
        return {action for policy in policies for it in policy["Statement"] for action in it["Action"]}

    text = "repositories: {web/api: }"
    assert "ecr:PutReplicationConfiguration" in actions(SMALL + text)
    assert "ecr:PutReplicationConfiguration" not in actions(ALONE + text)
    assert "ecr:PutRegistryScanningConfiguration" not in actions(ALONE + text)
    had = (("", "Registry"),)
    assert "ecr:PutReplicationConfiguration" in actions(ALONE + text, had)  # to give back what it had
