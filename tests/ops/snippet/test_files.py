"""What `ecrctl snippet` makes is read by the tools that it is for: public schemas, linters, AWS's own models."""

from __future__ import annotations

import json
import re
from pathlib import Path

import botocore.session
import pytest
import yaml
from botocore.validate import ParamValidator

from ops.snippet import actions
from ops.snippet.make import Snippet
from registry.model import PipelineRole
from tests.snippets import (
    TEXT,
    files,
    of_every_example,
    only,
    refused_by,
    said_by,
    schema,
    shell_of,
    snippet,
    step,
    workflow,
    workflows,
)
from tests.synth import ROOT
from tests.test_company import company


@pytest.fixture(scope="module")
def made() -> dict[str, Snippet]:
    return of_every_example()


#: Jobs of an issuer that nobody knows: there are no files for these.
WITHOUT_A_TOOL = {"forge"}


def test_every_repository_of_the_company_has_files_for_every_tool_that_a_principal_of_its_fits(
    made: dict[str, Snippet],
) -> None:
    expected = {
        (repository.name, grant.principal.name)
        for repository in company().repositories
        for grant in repository.grants
        if grant.granted in ("push", "promote")
        and not isinstance(grant.principal, PipelineRole)
        and grant.principal.name not in WITHOUT_A_TOOL
    }
    tools = ("github", "gitlab", "circleci", "bitbucket", "jenkins", "buildkite")
    found = {
        (repository, name)
        for repository, name in expected
        if any(f"company {repository} {tool} {name} None" in made for tool in tools)
    }
    assert expected - found == {("web/frontend", name) for name in ("docs", "legacy-shop", "load-tests", "web-main")}
    for repository in company().repositories:
        for tool in ("docker", "compose", "kubernetes", "lambda"):
            image = "None" if tool == "docker" else "v1.2.3"
            refused = tool == "lambda" and repository.may_move("v1.2.3")  # which Lambda would read once
            assert (f"company {repository.name} {tool} None {image}" in made) is not refused


@pytest.mark.parametrize(
    ("ending", "name"),
    [
        (".gitlab-ci.yml", "gitlab-ci"),
        (".circleci/config.yml", "circle-ci"),
        ("bitbucket-pipelines.yml", "bitbucket-pipelines"),
        ("pipeline.yml", "buildkite"),
        ("compose.yaml", "compose-spec"),
    ],
)
def test_each_fits_its_public_schema(made: dict[str, Snippet], ending: str, name: str) -> None:
    validator, found = schema(name), files(made, ending)
    assert found
    assert {key: said for key, text in found.items() if (said := refused_by(validator, yaml.safe_load(text)))} == {}


def test_the_schema_refuses_what_people_get_wrong() -> None:
    """The seed's own workflow was indented wrongly: its steps were beside the job."""
    text = only(snippet("web/lab", "gitlab"), ".gitlab-ci.yml")
    assert refused_by(schema("gitlab-ci"), yaml.safe_load(text.replace("  script:", "  scripts:")))
    wrong = {"on": "push", "jobs": {"image": {"runs-on": "ubuntu-24.04"}}, "steps": [{"run": "docker push"}]}
    assert refused_by(schema("github-workflows"), wrong)


def test_workflows_fit_githubs_schema_and_let_in_nothing_that_a_stranger_writes(
    made: dict[str, Snippet], tmp_path: Path
) -> None:
    validator = schema("github-workflows")
    found = workflows(made)
    assert len(found) > 8
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for number, text in enumerate(found.values()):
        (folder / f"{number}.yml").write_text(text)
        read = yaml.safe_load(re.sub(r"^on:", '"on":', text, flags=re.MULTILINE))
        assert refused_by(validator, read) == []
        assert not [
            used for used in re.findall(r"uses: (.*)", text) if not re.fullmatch(r"\S+@[0-9a-f]{40} # v\S+", used)
        ]
    assert (
        said_by("zizmor", "--offline", "--no-progress", "--persona", "pedantic", "--min-severity", "low", folder) == ""
    )


def test_no_workflow_has_an_expression_in_a_shell(made: dict[str, Snippet]) -> None:
    for text in workflows(made).values():
        for job in yaml.safe_load(text).get("jobs", {}).values():
            assert not [each["run"] for each in job["steps"] if "${{" in each.get("run", "")]


def test_the_actions_are_those_that_this_project_itself_runs() -> None:
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        for name, commit, version in re.findall(r"uses: (\S+)@(\S+) # (\S+)", file.read_text()):
            if name in actions.ACTIONS:
                assert actions.ACTIONS[name] == (commit, version), file.name


def test_shell_is_read_by_bash(made: dict[str, Snippet], tmp_path: Path) -> None:
    found = shell_of(made)
    assert len(found) > 25
    for text in found:
        (tmp_path / "script").write_text(text)
        assert said_by("/bin/bash", "-n", tmp_path / "script") == ""


@pytest.mark.parametrize("language", ["go", "java", "node", "python"])
def test_a_dockerfile_has_stages_and_runs_as_nobody_in_particular(language: str) -> None:
    made = snippet("web/api", "docker", language=language)
    assert set(made.files) == {"Dockerfile", ".dockerignore", "ci/push-web-api.sh"}
    text = made.files["Dockerfile"]
    first, last = text.split("\nFROM ")[1:]
    assert " AS build\n" in first
    assert "\nUSER 10001:10001\n" in last
    assert re.search(r"^ARG [A-Z_]+=public\.ecr\.aws/\S+:\S+$", text, flags=re.MULTILINE)
    assert not re.search(r":latest|\bADD\b|password|secret", text, flags=re.IGNORECASE)
    assert "\n.git\n" in made.files[".dockerignore"]


def test_deployments_ask_for_no_secret_and_for_no_right(made: dict[str, Snippet]) -> None:
    found = files(made, "deployment.yaml")
    assert found
    for text in found.values():
        document = yaml.safe_load(text)
        pod = document["spec"]["template"]["spec"]
        assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", document["metadata"]["name"])
        assert "imagePullSecrets" not in pod
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"]


def test_task_definitions_are_what_the_api_of_ecs_takes(made: dict[str, Snippet]) -> None:
    shape = (
        botocore.session.get_session().get_service_model("ecs").operation_model("RegisterTaskDefinition").input_shape
    )
    found = files(made, "task-definition.json")
    assert found
    assert shape is not None
    for text in found.values():
        assert not ParamValidator().validate(json.loads(text), shape).has_errors()
    wrong = {**json.loads(text), "executionRole": "x"}
    assert ParamValidator().validate(wrong, shape).has_errors()


def test_functions_pass_cfn_lint(made: dict[str, Snippet], tmp_path: Path) -> None:
    paths = []
    for number, text in enumerate(files(made, "function.yaml").values()):
        paths.append(tmp_path / f"{number}.yaml")
        paths[-1].write_text(text)
    assert paths
    assert said_by("cfn-lint", "--non-zero-exit-code", "informational", "--", paths=paths[:3]) == ""


def test_no_file_has_a_password_a_key_or_a_variable_of_one(made: dict[str, Snippet]) -> None:
    keys = re.compile(r"AKIA|aws_secret|aws_access_key|\{\{ secrets\.|--password |imagePullSecrets:$", re.IGNORECASE)
    for name, each in made.items():
        for path, text in each.files.items():
            assert not keys.search(text), (name, path)


def test_a_buildspec_has_only_what_its_reference_has(made: dict[str, Snippet]) -> None:
    """AWS publishes no schema: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html"""
    for text in files(made, "buildspec.yml").values():
        read = yaml.safe_load(text)
        assert read["version"] == 0.2
        assert set(read) == {"version", "env", "phases"}
        assert set(read["env"]) <= {"shell", "variables", "exported-variables"}
        assert set(read["phases"]) <= {"install", "pre_build", "build", "post_build"}


def test_a_jenkinsfile_has_only_names_that_groovy_takes_for_text(made: dict[str, Snippet]) -> None:
    found = files(made, "Jenkinsfile")
    assert found
    for text in found.values():
        assert text.count("{") == text.count("}")
        assert "\\" not in text
        assert '"""' not in text
        assert "arn:" not in text


def test_the_role_that_a_workflow_names_is_the_one_that_the_stack_makes() -> None:
    used = step(workflow(snippet("web/api", "github")), "aws-actions/configure-aws-credentials")["with"]
    assert used == {
        "role-to-assume": "arn:aws:iam::012345678901:role/ecr-registry/acme/acme-main",
        "aws-region": "ap-northeast-2",
        "allowed-account-ids": "012345678901",
    }
    assert TEXT.count("012345678901")
