"""A pipeline's stack: what runs where with which role, and in which order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.synth import SMALL, declared, resources, synthesized

HEAD = SMALL + 'repositories: {web/api: {moving_tags: [staging, prod, "cache-*"]}}\n'
PIPELINE = """\
pipelines:
  web/api:
    connection: arn:aws:codeconnections:ap-northeast-2:123456789012:connection/12345678-90ab-cdef-1234-567890abcdef
    source: acme/web
"""
STACK = "123456789012/ap-northeast-2/Delivery-webSapi"


def template(folder: Path, more: str = "", head: str = HEAD) -> dict[str, Any]:
    _, found = synthesized(declared(f"{head}{PIPELINE}{more}"), folder)
    return dict(found[STACK])


def stages(found: dict[str, Any]) -> dict[str, list[str]]:
    (pipeline,) = resources(found, "AWS::CodePipeline::Pipeline")
    return {
        stage["Name"]: [action["Name"] for action in sorted(stage["Actions"], key=lambda it: it["RunOrder"])]
        for stage in pipeline["Properties"]["Stages"]
    }


def test_without_further_keys_it_builds_and_publishes(tmp_path: Path) -> None:
    assert stages(template(tmp_path)) == {"Source": ["Source"], "Build": ["BuildAmd64"], "Publish": ["Publish"]}


def test_the_last_environment_waits_for_somebody_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    environments = "    promote_to: [staging, prod]\n"
    found = stages(template(tmp_path / "a", environments))
    assert found["Promote-staging"] == ["Promote"]
    assert found["Promote-prod"] == ["Approve", "Promote"]
    found = stages(template(tmp_path / "b", f"{environments}    approval: [staging]\n"))
    assert found["Promote-staging"] == ["Approve", "Promote"]
    assert found["Promote-prod"] == ["Promote"]


def test_only_builds_are_privileged_and_each_platform_has_a_machine_of_its_kind(tmp_path: Path) -> None:
    found = template(tmp_path, "    platforms: [linux/arm64, linux/amd64]\n    test: [make]\n    promote_to: [prod]\n")
    machines = {
        it["Properties"]["Name"].rpartition("-")[2]: it["Properties"]["Environment"]
        for it in resources(found, "AWS::CodeBuild::Project")
    }
    assert {name for name, it in machines.items() if it["PrivilegedMode"]} == {"BuildAmd64", "BuildArm64"}
    assert machines["BuildArm64"]["Type"] == "ARM_CONTAINER"
    assert {it["Type"] for name, it in machines.items() if name != "BuildArm64"} == {"LINUX_CONTAINER"}


def test_tests_have_a_role_that_may_do_nothing_in_ecr(tmp_path: Path) -> None:
    found = template(tmp_path, "    test: [make test]\n")
    policies = [it["Properties"] for it in resources(found, "AWS::IAM::ManagedPolicy")]
    (policy,) = (it["PolicyDocument"]["Statement"] for it in policies if it["Roles"] == [{"Ref": "TestRole"}])
    assert not [action for statement in policy for action in statement["Action"] if "ecr" in action]
    projects = [it["Properties"] for it in resources(found, "AWS::CodeBuild::Project")]
    (project,) = (it for it in projects if it["Name"].endswith("-Test"))
    assert project["ServiceRole"].endswith("/acme-web=api@test")
    assert json.loads(project["Source"]["BuildSpec"])["phases"]["build"]["commands"] == ["make test"]


def test_it_is_made_after_its_roles_and_after_the_repository(tmp_path: Path) -> None:
    app, found = synthesized(declared(HEAD + PIPELINE), tmp_path)
    (pipeline,) = resources(found[STACK], "AWS::CodePipeline::Pipeline")
    assert {"ArtifactsPolicy", "BuildPolicy1", "PipelinePolicy1", "PromotePolicy1"} <= set(pipeline["DependsOn"])
    delivery = next(it for it in app.node.find_all() if it.node.path == STACK)
    assert [it.node.id for it in delivery.dependencies] == ["Repositories-web"]  # type: ignore[attr-defined]


HOSTILE = ["$(id)", "a'b", 'a"b', "a\nb", "{{resolve:ssm:x}}", "#{Source.CommitId}", "${x}", "-x", "../x", "a;b"]


@pytest.mark.parametrize("word", HOSTILE)
@pytest.mark.parametrize("key", ["branch", "dockerfile", "context", "version_file", "buildkit", "cache", "promote_to"])
def test_no_word_of_the_file_can_be_more_than_a_name(key: str, word: str) -> None:
    """Each is refused where a name or a path stands."""
    value = json.dumps([word] if key == "promote_to" else word)
    with pytest.raises(AssertionError, match="pipeline-"):
        declared(f"{HEAD}{PIPELINE}    {key}: {value}\n")


def test_what_differs_between_pipelines_is_in_no_program(tmp_path: Path) -> None:
    """Two pipelines have the same programs; the names are in variables."""
    found = [
        template(tmp_path / "a", "    branch: one\n    dockerfile: one/Dockerfile\n    promote_to: [prod]\n"),
        template(tmp_path / "b", "    context: two\n    version_file: V\n    promote_to: [staging]\n"),
    ]
    one, other = (
        [it["Properties"]["Source"]["BuildSpec"] for it in resources(each, "AWS::CodeBuild::Project")] for each in found
    )
    assert one == other


def test_a_file_without_a_pipeline_has_no_stack_more(tmp_path: Path) -> None:
    _, found = synthesized(declared(HEAD), tmp_path)
    assert sorted(path.rpartition("/")[2] for path in found) == ["Access", "Registry", "Repositories-web"]
