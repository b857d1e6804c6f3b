"""No name of a file is more than a text in what is made of it: in YAML, a shell, Groovy, an expression of a CI."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import Phase, given
from hypothesis import strategies as st

from ops.snippet.make import TARGETS, Language, Request, Target, make
from ops.snippet.subject import NoSnippet
from ops.snippet.yaml_text import as_yaml, comments
from registry.load import check_sources
from registry.model import Registry
from registry.reading.yaml_reader import parse
from tests.examples import examples
from tests.snippets import BUCKET, CIRCLE, bitbucket_steps, only, refused_by, schema, snippet, step, workflow
from tests.synth import SMALL

#: What IAM takes in a path, what the file takes in a branch, a tag, an environment and an owner, at its worst.
PATHS = [
    "/a'b/", '/a"b/', "/`id`/", "/{{x}}/", "/#x/", "/a;b|c&d/", "/\\u000a/", "/(x)/", "/<<E/", "/'''/", "/!x/", "/%p/",
    "/a\\'b/", "/-x/", "/~/", "/[x]/", "/^/", "/&x/",
]  # fmt: skip
REFS = [
    "main",
    "0o17",
    "1e3",
    "012",
    "on",
    "null",
    "a#b",
    "a+b",
    "@x",
    "%2f",
    "a=b,c",
    "release/*",
    "*",
    "-x",
    ".*",
    "a,b",
]
OWNERS = ["team: web", "a=b", "@acme/web", "-", "1.0", "ünï cöde"]


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def declared(path: str, branch: str, tag: str, environment: str, owner: str) -> Registry | None:
    """A registry with these; None where the file may not have one of them."""
    github = "github: acme/web, owner_id: 1, repository_id: 2"
    text = f"""\
{SMALL}access: {{path: {quoted(path)}}}
principals:
  ci: {{{github}, branch: {quoted(branch)}}}
  tags: {{{github}, tag: {quoted(tag)}}}
  env: {{{github}, environment: {quoted(environment)}}}
  lab: {{gitlab: acme/web, branch: {quoted(branch)}}}
  circle: {{circleci: {{{CIRCLE}}}, branch: {quoted(branch)}}}
  bucket: {{bitbucket: {{{BUCKET}, every_branch: true}}}}
  runs: {{terraform: {{organization: acme, project: a, workspace: web, run_phases: [plan, apply]}}}}
  agent: {{role: {quoted("arn:aws:iam::123456789012:role" + path + "agent")}}}
defaults: {{moving_tags: [prod, latest, buildcache], owner: {quoted(owner)}}}
repositories:
  web/ci: {{push: [ci], promote: [env]}}
  web/tags: {{push: [tags]}}
  web/lab: {{push: [lab], promote: [lab]}}
  web/circle: {{push: [circle], promote: [circle], read: [runs]}}
  web/bucket: {{push: [bucket], promote: [bucket]}}
  web/agent: {{push: [agent], promote: [agent], pull: [agent]}}
"""
    outcome = check_sources(parse(text.encode(), "registry.yaml"))
    return None if outcome.errors else outcome.registry


SAFE = declared("/jobs/", "main", "v1", "prod", "team")
BASH = {"PATH": "/usr/bin:/bin"}
hostile = st.sampled_from(PATHS) | st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="*?$,"), min_size=1, max_size=12
).map(lambda text: f"/{text.strip('/').replace('//', '/') or 'x'}/")


def texts(registry: Registry) -> dict[tuple[str, Target, str], str]:
    found: dict[tuple[str, Target, str], str] = {}
    for repository in registry.repositories:
        for target in TARGETS:
            language: Language | None = "go" if target == "docker" else None
            for name in sorted({it.principal.name for it in repository.grants}):
                asked = Request(name=repository.name, target=target, as_=name, language=language)
                try:
                    files = make(registry, asked).files
                except NoSnippet:
                    continue
                found |= {(repository.name, target, path): text for path, text in files.items()}
    return found


def shape(value: object) -> object:
    """A document without its texts."""
    if isinstance(value, dict):
        return {key: shape(it) for key, it in value.items()}
    return [shape(it) for it in value] if isinstance(value, list) else type(value).__name__


@examples(20, phases=[Phase.explicit, Phase.generate])
@given(
    path=hostile,
    branch=st.sampled_from(REFS),
    tag=st.sampled_from(REFS),
    environment=st.sampled_from(["prod", "a b", "0o17", "on", "x#y"]),
    owner=st.sampled_from(OWNERS),
)
def test_names_change_no_structure_and_every_shell_reads_them_as_text(
    path: str, branch: str, tag: str, environment: str, owner: str
) -> None:
    registry, plain = (declared(it, branch, tag, environment, owner) for it in (path, "/jobs/"))
    if registry is None or plain is None:
        return
    safe, found = texts(plain), texts(registry)
    assert set(found) == set(safe)
    for key, text in found.items():
        if key[2].endswith((".yml", ".yaml")):
            assert shape(yaml.safe_load(text)) == shape(yaml.safe_load(safe[key]))
        elif key[2].endswith(".sh"):
            lines = [line for line in text.splitlines() if not line.startswith(("#", "role="))]
            before = [line for line in safe[key].splitlines() if not line.startswith(("#", "role="))]
            assert lines == before
        else:
            assert text == safe[key].replace("role/jobs/agent", f"role{path}agent") or key[2].endswith(".json")


@pytest.mark.parametrize("path", PATHS)
def test_bash_gets_the_role_as_it_is_written_and_runs_nothing_of_it(path: str, tmp_path: Path) -> None:
    registry = declared(path, "main", "v1", "prod", "team")
    assert registry is not None, "the file takes it"
    script = only(make(registry, Request(name="web/agent", target="jenkins")), "push-web-agent.sh")
    head = script.partition("caller=")[0]
    (tmp_path / "head.sh").write_text(head + 'printf "%s" "$role"\n')
    finished = subprocess.run(
        ["bash", "head.sh"], cwd=tmp_path, env={**BASH, "TAG": "v1"}, capture_output=True, text=True, check=True
    )
    assert finished.stdout == f"arn:aws:iam::123456789012:role{path}agent"
    assert finished.stderr == ""
    assert os.listdir(tmp_path) == ["head.sh"]


@pytest.mark.parametrize("path", PATHS)
def test_github_and_gitlab_get_the_role_as_it_is_written(path: str) -> None:
    registry = declared(path, "main", "v1", "prod", "team")
    assert registry is not None
    arn = f"arn:aws:iam::123456789012:role{path}ecr-registry/acme/acme-"
    made = workflow(make(registry, Request(name="web/ci", target="github", as_="ci")))
    assert step(made, "aws-actions/configure-aws-credentials")["with"]["role-to-assume"] == f"{arn}ci"
    lab = yaml.safe_load(only(make(registry, Request(name="web/lab", target="gitlab")), ".gitlab-ci.yml"))
    assert lab["push-web-lab"]["variables"]["AWS_ROLE_ARN"] == {"value": f"{arn}lab", "expand": False}
    jenkins = only(make(registry, Request(name="web/agent", target="jenkins")), "Jenkinsfile")
    assert "agent/" not in jenkins


@pytest.mark.parametrize("path", PATHS)
def test_other_ci_gets_the_role_as_it_is_written(path: str, tmp_path: Path) -> None:
    registry = declared(path, "main", "v1", "prod", "team")
    assert registry is not None
    arn = f"arn:aws:iam::123456789012:role{path}ecr-registry/acme/acme-"
    circle = yaml.safe_load(only(make(registry, Request(name="web/circle", target="circleci")), "config.yml"))
    for job in circle["jobs"].values():
        said = job["environment"]["AWS_ROLE_ARN"]
        assert said.replace("\\<<", "<<") == f"{arn}circle"
        assert not re.search(r"(?<!\\)<<", said), "CircleCI would read an expression"
    bucket = yaml.safe_load(only(make(registry, Request(name="web/bucket", target="bitbucket")), "pipelines.yml"))
    for each in bitbucket_steps(bucket):
        (line,) = [it for it in each["script"] if "AWS_ROLE_ARN" in it]
        (tmp_path / "line.sh").write_text(f'{line}\nprintf "%s" "$AWS_ROLE_ARN"\n')
        finished = subprocess.run(
            ["bash", "line.sh"], cwd=tmp_path, env=BASH, capture_output=True, text=True, check=True
        )
        assert (finished.stdout, finished.stderr) == (f"{arn}bucket", "")
    made = make(registry, Request(name="web/circle", target="terraform", image="v1.2.3"))
    variables = json.loads(made.files["workspace/ecr.tf.json"])["resource"]["tfe_variable"]
    said = variables["TFC_AWS_RUN_ROLE_ARN"]["value"]
    assert said.replace("%%{", "%{") == f"{arn}runs"
    assert not re.search(r"(?<!%)%\{|(?<!\$)\$\{", said), "Terraform would read a template"


def test_expressions_of_github_are_only_those_of_the_snippet() -> None:
    assert SAFE is not None
    for (_, target, path), text in texts(SAFE).items():
        if target == "github" and path.endswith(".yml"):
            known = (
                r"github\.(ref|sha|ref_name|run_id|run_attempt)|env\.(IMAGE|TAG)|inputs\.(image|environment)|steps\..*"
            )
            assert not [it for it in re.findall(r"\$\{\{ (.*?) \}\}", text) if not re.fullmatch(known, it)]


@pytest.mark.parametrize("ref", REFS)
def test_a_branch_that_yaml_could_take_for_something_else_stays_a_text(ref: str) -> None:
    registry = declared("/", ref, "v1", "prod", "team")
    if registry is None:
        pytest.skip("the file does not take it")
    made = workflow(make(registry, Request(name="web/ci", target="github", as_="ci")))
    (pattern,) = made["on"]["push"]["branches"]
    assert isinstance(pattern, str)
    assert pattern.replace("\\", "").replace("**", "*") == ref
    assert refused_by(schema("github-workflows"), made) == []


@pytest.mark.parametrize(
    "tag", ["$(touch x)", "`touch x`", "v1'; touch x; '", "-v", "a b", "v1\nv2", "a" * 129, "v/1", ""]
)
def test_a_tag_of_git_that_no_image_can_have_stops_before_anything_runs(tag: str, tmp_path: Path) -> None:
    script = only(snippet("web/lab-tags", "gitlab"), "push-web-lab-tags.sh")
    (tmp_path / "push.sh").write_text(script)
    finished = subprocess.run(
        ["bash", "push.sh"], cwd=tmp_path, env={**BASH, "TAG": tag}, capture_output=True, text=True, check=False
    )
    assert finished.returncode in (1, 2)
    assert "aws" not in finished.stderr
    assert os.listdir(tmp_path) == ["push.sh"]


def test_an_environment_that_is_called_like_a_place_of_the_jenkinsfile_stays_what_it_is() -> None:
    text = f"""{SMALL}principals: {{agent: {{role: "arn:aws:iam::123456789012:role/agent"}}}}
repositories: {{web/api: {{promote: [agent], moving_tags: [STAGE, step, parameters]}}}}
"""
    assert "choices: ['STAGE', 'step', 'parameters']" in only(snippet("web/api", "jenkins", text), "Jenkinsfile")


@pytest.mark.parametrize(
    "image", ["v1; id", "$(id)", "sha256:xyz", "a b", "v1\n", "*", "-x", "{{x}}", "", "v1@sha256:0"]
)
def test_what_no_tag_and_no_digest_is_is_refused(image: str) -> None:
    with pytest.raises(NoSnippet, match="neither a tag nor a digest"):
        snippet("web/api", "kubernetes", image=image)


@examples(40)
@given(st.text(max_size=40))
def test_a_text_in_yaml_is_that_text_and_a_comment_is_one_line(text: str) -> None:
    printable = "".join(it for it in text if it.isprintable())
    assert yaml.safe_load(as_yaml({"key": printable})) == {"key": printable}
    assert len(comments(text).splitlines()) == 1


@pytest.mark.parametrize(
    "word", ["on", "Yes", "NULL", "012345678901", "0o17", "1e3", "0x1", "1_000", "~", ".inf", "2026-11-26"]
)
def test_what_another_version_of_yaml_reads_differently_has_quotes(word: str) -> None:
    assert as_yaml([word]) in (f'- "{word}"\n', f"- '{word}'\n")
