"""What `ecrctl snippet` makes is read by the tools that it is for: public schemas, linters, AWS's own models."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import kubernetes_validate
import pytest
import yaml
from botocore.validate import ParamValidator

from ops.snippet import actions
from ops.snippet.make import TARGETS, Language, Request, Snippet, make
from ops.snippet.subject import NoSnippet
from registry.load import load
from registry.model import Registry
from tests.snippets import TEXT, only, refused_by, registry, said_by, schema, snippet, step, workflow, written
from tests.synth import ROOT, SEED
from tests.test_company import company

Named = tuple[str, Snippet]


RUNS = ("compose", "kubernetes", "ecs", "lambda")


def every(declared: Registry) -> Iterator[Named]:
    """Every repository, tool and principal of a registry, where that is not refused; refusals have a way out."""
    for repository in declared.repositories:
        principals = sorted({it.principal.name for it in repository.grants})
        for target in TARGETS:
            language: Language | None = "node" if target == "docker" else None
            for name in (None,) if target in ("docker", "compose", "kubernetes", "lambda") else (None, *principals):
                for image in (None, "v1.2.3") if target in RUNS else (None,):
                    asked = Request(name=repository.name, target=target, as_=name, language=language, image=image)
                    if (it := made_or_refused(declared, asked)) is not None:
                        yield f"{repository.name} {target} {name} {image}", it


def made_or_refused(declared: Registry, asked: Request) -> Snippet | None:
    refused = ""
    try:
        return make(declared, asked)
    except NoSnippet as problem:
        refused = str(problem)
    assert "\n    way out: " in refused
    return None


@pytest.fixture(scope="module")
def made() -> dict[str, Snippet]:
    found: dict[str, Snippet] = {}
    for prefix, declared in (("company", company()), ("seed", load(SEED)[0]), ("text", registry())):
        found |= {f"{prefix} {name}": it for name, it in every(declared)}
    return found


def files(made: dict[str, Snippet], ending: str) -> dict[str, str]:
    """The files whose paths end so, without those that differ from another in the name of the repository alone."""
    found: dict[str, tuple[str, str]] = {}
    for name, each in made.items():
        for path, text in each.files.items():
            if path.endswith(ending):
                shape = text.replace(each.repository, "…").replace(each.repository.replace("/", "-"), "…")
                found.setdefault(shape, (f"{name} {path}", text))
    return dict(found.values())


def test_every_repository_of_the_company_has_files_for_every_tool_that_a_principal_of_its_fits(
    made: dict[str, Snippet],
) -> None:
    expected = {
        (repository.name, grant.principal.name)
        for repository in company().repositories
        for grant in repository.grants
        if grant.granted in ("push", "promote")
    }
    tools = ("github", "gitlab", "jenkins")
    found = {
        (repository, name)
        for repository, name in expected
        if any(f"company {repository} {tool} {name} None" in made for tool in tools)
    }
    assert expected - found == {("web/frontend", "web-main")}
    for repository in company().repositories:
        for tool in ("docker", "compose", "kubernetes", "lambda"):
            image = "None" if tool == "docker" else "v1.2.3"
            refused = tool == "lambda" and repository.may_move("v1.2.3")  # which Lambda would read once
            assert (f"company {repository.name} {tool} None {image}" in made) is not refused


@pytest.mark.parametrize(
    ("ending", "name"),
    [
        (".gitlab-ci.yml", "gitlab-ci"),
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
    found = {name: text for name, text in files(made, ".yml").items() if ".github/workflows" in name}
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
    for text in files(made, ".yml").values():
        for job in yaml.safe_load(text).get("jobs", {}).values():
            assert not [each["run"] for each in job["steps"] if "${{" in each.get("run", "")]


def test_the_actions_are_those_that_this_project_itself_runs() -> None:
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        for name, commit, version in re.findall(r"uses: (\S+)@(\S+) # (\S+)", file.read_text()):
            if name in actions.ACTIONS:
                assert actions.ACTIONS[name] == (commit, version), file.name


def test_shell_is_read_by_bash_and_shellcheck(made: dict[str, Snippet], tmp_path: Path) -> None:
    texts = {*files(made, ".sh").values()}
    texts |= {f"#!/bin/sh\n{line}\n" for line in shell_lines(made)}
    texts |= {f"#!/usr/bin/env bash\n{it}" for it in workflow_lines(made)}
    paths = []
    for number, text in enumerate(sorted(texts)):
        paths.append(tmp_path / f"{number}.sh")
        paths[-1].write_text(text)
    assert len(paths) > 25
    said = [said_by("/bin/bash", "-n", path) for path in paths]
    assert not any(said), said
    assert (
        said_by(
            "shellcheck", "--norc", "--enable=all", "--exclude=SC2250,SC2310,SC2311,SC2312,SC2154,SC2248", paths=paths
        )
        == ""
    )


def shell_lines(made: dict[str, Snippet]) -> Iterator[str]:
    """What stands in GitLab, CodeBuild, Buildkite and Jenkins, which POSIX shells run."""
    for text in files(made, ".gitlab-ci.yml").values():
        for job in yaml.safe_load(text).values():
            if isinstance(job, dict):
                yield "\n".join([*job["before_script"], *job["script"]])
    for text in files(made, "buildspec.yml").values():
        yield "\n".join(yaml.safe_load(text)["phases"]["build"]["commands"])
    for text in files(made, "pipeline.yml").values():
        yield from (it["command"].replace("$$", "$") for it in yaml.safe_load(text)["steps"] if "command" in it)
    for text in files(made, "Jenkinsfile").values():
        yield from re.findall(r"sh '(.*)'", text)


def workflow_lines(made: dict[str, Snippet]) -> Iterator[str]:
    for text in files(made, ".yml").values():
        for job in yaml.safe_load(text).get("jobs", {}).values():
            yield from (step["run"] for step in job["steps"] if "run" in step)


@pytest.mark.parametrize("language", ["go", "java", "node", "python"])
def test_a_dockerfile_passes_hadolint_and_runs_as_nobody_in_particular(tmp_path: Path, language: str) -> None:
    made = snippet("web/api", "docker", language=language)
    paths = written(made, tmp_path)
    text = (tmp_path / "Dockerfile").read_text()
    assert said_by("hadolint", "--failure-threshold", "style", tmp_path / "Dockerfile") == ""
    assert len(re.findall(r"^FROM ", text, flags=re.MULTILINE)) == 2
    last = text.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001:10001$", last, flags=re.MULTILINE)
    assert not re.search(r":latest|\bADD\b|password|secret", text, flags=re.IGNORECASE)
    assert {it.name for it in paths} == {"Dockerfile", ".dockerignore", "push-web-api.sh"}
    assert ".git\n" in (tmp_path / ".dockerignore").read_text()


def test_hadolint_finds_what_people_do(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM node\nRUN apt-get install curl\nUSER root\n")
    assert "DL3006" in said_by("hadolint", tmp_path / "Dockerfile")


def test_deployments_fit_kubernetes_and_ask_for_no_secret(made: dict[str, Snippet]) -> None:
    found = files(made, "deployment.yaml")
    assert found
    for name, text in found.items():
        document = yaml.safe_load(text)
        kubernetes_validate.validate(document, "1.33", strict=True)
        assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", document["metadata"]["name"]), name
        assert "imagePullSecrets" not in document["spec"]["template"]["spec"]


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
