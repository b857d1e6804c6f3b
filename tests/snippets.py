"""Snippets as tests make them, and the tools that read what came out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from ops.snippet.make import TARGETS, Language, Request, Snippet, Target, make
from ops.snippet.subject import NoSnippet
from registry.load import load
from registry.model import Registry
from tests.synth import SEED, declared
from tests.test_company import company

TOOLS = Path(sys.executable).parent
GITHUB = "github: acme/web, owner_id: 84790634, repository_id: 1304267049"
UUID = "b1a2c3d4-0000-4000-8000-00000000000"
CIRCLE = f"organization: {UUID}1, project: {UUID}2, repository: github.com/acme/web"
BUCKET = f"workspace: acme, workspace_id: {UUID}3, repository_id: {UUID}4"
TEXT = f"""\
registry: {{name: acme, account: "012345678901", region: ap-northeast-2}}
replicas: {{us-west-2: {{namespaces: [web]}}}}
principals:
  main: {{{GITHUB}, branch: main}}
  tags: {{{GITHUB}, tag: "v*"}}
  prod: {{{GITHUB}, environment: prod}}
  pulls: {{{GITHUB}, pull_requests: true}}
  lab: {{gitlab: acme/team/web, branch: main}}
  lab-tags: {{gitlab: acme/team/web, tag: "v*"}}
  circle: {{circleci: {{{CIRCLE}}}, branch: main}}
  circle-tags: {{circleci: {{{CIRCLE}}}, tag: "v*"}}
  bucket: {{bitbucket: {{{BUCKET}, every_branch: true}}}}
  bucket-prod: {{bitbucket: {{{BUCKET}, deployment: {UUID}5}}}}
  runs: {{terraform: {{organization: acme, project: a b, workspace: web, run_phases: [plan, apply]}}}}
  agent: {{role: "arn:aws:iam::012345678901:role/jobs/agent"}}
  tasks: {{role: "arn:aws:iam::012345678901:role/task-execution"}}
  functions: {{lambda_account: "012345678901"}}
defaults: {{moving_tags: [latest, prod, staging, "v*.x", buildcache]}}
repositories:
  web/api: {{push: [main], promote: [prod], pull: [tasks]}}
  web/tags: {{push: [tags], promote: [agent]}}
  web/pulls: {{push: [pulls], image_tag_mutability: MUTABLE}}
  web/lab: {{push: [lab], promote: [lab], pull: [tasks]}}
  web/lab-tags: {{push: [lab-tags]}}
  web/circle: {{push: [circle], promote: [circle], read: [runs]}}
  web/circle-tags: {{push: [circle-tags]}}
  web/bucket: {{push: [bucket], promote: [bucket-prod]}}
  web/agent: {{push: [agent], promote: [agent]}}
  web/function: {{push: [main], pull: [functions]}}
  web/fixed: {{push: [main], moving_tags: []}}
  alone:
"""


def registry(text: str = TEXT) -> Registry:
    """What a text declares."""
    return declared(text)


def snippet(name: str, target: Target, text: str = TEXT, **more: Any) -> Snippet:
    """The files for it."""
    return make(registry(text), Request(name=name, target=target, **more))


def only(made: Snippet, ending: str) -> str:
    """The one file whose path ends so."""
    (found,) = [text for path, text in made.files.items() if path.endswith(ending)]
    return found


def workflow(made: Snippet) -> dict[str, Any]:
    """The workflow of GitHub; its key `on` as it is written."""
    text = re.sub(r"^on:", '"on":', only(made, ".yml"), flags=re.MULTILINE)  # to YAML 1.1 it is true
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def step(of: Mapping[str, Any], action: str) -> dict[str, Any]:
    """The step of the only job that uses an action, or has a name."""
    (job,) = of["jobs"].values()
    (found,) = [it for it in job["steps"] if action in (it.get("uses", "").partition("@")[0], it.get("name"))]
    return dict(found)


def schema(name: str) -> Any:
    """A public schema that check-jsonschema carries, to validate with."""
    text = (resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / f"{name}.json").read_text()
    read = json.loads(text)
    return jsonschema.validators.validator_for(read)(read)


def refused_by(validator: Any, document: Any) -> list[str]:
    """What a schema says of a document."""
    return [f"{'/'.join(map(str, it.absolute_path))}: {it.message[:300]}" for it in validator.iter_errors(document)]


def said_by(tool: str | Path, *words: str | Path, paths: Iterable[Path] = ()) -> str:
    """What a tool that ends with 0 where all is well says of files otherwise."""
    command = [str(TOOLS / tool), *map(str, words), *map(str, paths)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if finished.returncode == 0 else f"{finished.returncode}: {finished.stdout}{finished.stderr}"


def written(made: Snippet, folder: Path) -> list[Path]:
    """The files, in a folder."""
    for path, text in made.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return [folder / path for path in made.files]


RUNS = ("compose", "kubernetes", "ecs", "lambda")


def every(declared: Registry) -> Iterator[tuple[str, Snippet]]:
    """Every repository, tool and principal of a registry, where that is not refused; refusals have a way out."""
    for repository in declared.repositories:
        principals = sorted({it.principal.name for it in repository.grants})
        for target in TARGETS:
            language: Language | None = "node" if target == "docker" else None
            for name in (None,) if target in ("docker", "compose", "kubernetes", "lambda") else (None, *principals):
                for image in (None, "v1.2.3") if target in (*RUNS, "terraform") else (None,):
                    for deployment in (None, "production") if target == "bitbucket" else (None,):
                        asked = Request(
                            name=repository.name, target=target, as_=name, language=language, image=image,
                            deployment=deployment,
                        )  # fmt: skip
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


def of_every_example() -> dict[str, Snippet]:
    """Every snippet of the company, of the seed, and of `TEXT`."""
    found: dict[str, Snippet] = {}
    for prefix, of in (("company", company()), ("seed", load(SEED)[0]), ("text", registry())):
        found |= {f"{prefix} {name}": it for name, it in every(of)}
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


def shell_of(made: dict[str, Snippet]) -> list[str]:
    """Every shell there is: the scripts, and what stands in the files of CI, each with the shell that runs it."""
    texts = {*files(made, ".sh").values()}
    texts |= {f"#!/bin/sh\n{it}\n" for it in _shell_lines(made)}
    return sorted(texts | {f"#!/usr/bin/env bash\n{it}" for it in _workflow_lines(made)})


def _shell_lines(made: dict[str, Snippet]) -> Iterator[str]:
    """What stands in GitLab, CircleCI, Bitbucket, CodeBuild, Buildkite and Jenkins, which POSIX shells run."""
    for text in files(made, ".gitlab-ci.yml").values():
        for job in yaml.safe_load(text).values():
            if isinstance(job, dict):
                yield "\n".join([*job["before_script"], *job["script"]])
    for text in files(made, ".circleci/config.yml").values():
        for job in yaml.safe_load(text)["jobs"].values():
            yield from (it["run"]["command"] for it in job["steps"] if "run" in it)
    for text in files(made, "bitbucket-pipelines.yml").values():
        yield from ("\n".join(it["script"]) for it in bitbucket_steps(yaml.safe_load(text)))
    for text in files(made, "buildspec.yml").values():
        yield "\n".join(yaml.safe_load(text)["phases"]["build"]["commands"])
    for text in files(made, "pipeline.yml").values():
        yield from (it["command"].replace("$$", "$") for it in yaml.safe_load(text)["steps"] if "command" in it)
    for text in files(made, "Jenkinsfile").values():
        yield from re.findall(r"sh '(.*)'", text)


def bitbucket_steps(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The steps of every pipeline of a `bitbucket-pipelines.yml`."""
    pipelines = document["pipelines"]
    items = [*pipelines.get("default", ()), *(it for each in pipelines.get("custom", {}).values() for it in each)]
    return [it["step"] for it in items if "step" in it]


def workflows(made: dict[str, Snippet]) -> dict[str, str]:
    """The workflows of GitHub."""
    return {name: text for name, text in files(made, ".yml").items() if ".github/workflows" in name}


def _workflow_lines(made: dict[str, Snippet]) -> Iterator[str]:
    for text in workflows(made).values():
        for job in yaml.safe_load(text).get("jobs", {}).values():
            yield from (step["run"] for step in job["steps"] if "run" in step)
