"""A company's own repository, from `ecrctl init` on: what its README, workflows and Jenkinsfile say is typed in it.

In a path with spaces, with this project published as a repository of git with two versions, and against a sandbox. What
a pull request types first starts as it does in CI; what is typed after that, of the same programs, finds them warm.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.checkout import git, published, typed
from tests.sandbox.conftest import free_port
from tests.synth import ACCOUNT, ROOT, Templates, templates_in
from tests.warm import warm

REGION = "ap-northeast-2"
Shell = dict[str, str]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("a project"))


@pytest.fixture(scope="module")
def shell() -> Shell:
    """A person's, or a CI's; packages are those of this checkout, as docs/own-repository.md says."""
    return {"HOME": str(Path.home()), "PATH": "/usr/bin:/bin", "SETUP_FROM": str(ROOT), "COLUMNS": "200"}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, project: Path, shell: Shell) -> Iterator[Path]:
    """An empty folder, made a repository by the version v0.1.0."""
    folder = tmp_path_factory.mktemp("own") / "a company's registry"
    git("checkout", "--quiet", "v0.1.0", at=project)
    words = f"--name acme --account {ACCOUNT} --region {REGION} --github acme/registry --owner @acme/platform"
    python = ROOT / ".venv" / "bin" / "python"
    run(f"'{python}' -m ops init \"{folder}\" {words} --project '{project}'", project, shell)
    git("checkout", "--quiet", "main", at=project)
    git("init", "--quiet", at=folder)
    try:
        yield folder
    finally:
        typed("make sandbox-stop", folder, shell)


@pytest.fixture(scope="module")
def plain(company: Path, shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """What plain `cdk synth` makes by the version v0.1.0."""
    folder = tmp_path_factory.mktemp("plain")
    run("make setup", company, shell)
    run(f".ecr-as-code/.venv/bin/cdk synth --quiet --output '{folder}'", company, shell)
    return templates_in(folder)


def run(command: str, folder: Path, shell: Shell) -> str:
    finished = typed(command, folder, shell)
    assert finished.returncode == 0, f"$ {command}\n{finished.stdout[-3000:]}"
    assert "Traceback" not in finished.stdout
    return finished.stdout


@contextmanager
def warmed(company: Path) -> Iterator[None]:
    """The version that is taken, warm: `git checkout` of the same commit, which every verb does, leaves that."""
    inside = company / ".ecr-as-code"
    with warm(inside):
        yield
    git("checkout", "--quiet", "--", "scripts", at=inside)
    git("clean", "--quiet", "--force", "scripts", at=inside)


def steps(folder: Path, workflow: str) -> list[str]:
    """The commands of a workflow, in their order."""
    jobs = yaml.safe_load((folder / ".github" / "workflows" / workflow).read_text())["jobs"]
    return [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]


def test_the_commands_of_a_pull_request_pass(company: Path, shell: Shell) -> None:
    wanted = ["make setup", "make validate", "make plan BASE=HEAD^1 ANNOTATE=1", "make synth"]
    assert steps(company, "pull-request.yml") == wanted
    git("add", "--all", at=company)
    for message in ("what is merged already", "what a pull request merges"):
        git("commit", "--quiet", "--allow-empty", "--message", message, at=company)
    said = [run(command, company, shell) for command in wanted]
    assert "nothing changes" in said[2]
    assert said[1] == f"registry.yaml: 1 repository in {REGION}; no findings\n"
    assert (company / "cdk.out" / "manifest.json").exists()
    status = git("status", "--porcelain", "--untracked-files=all", at=company)
    assert ".ecr-as-code/" not in status
    assert "cdk.out" not in status
    assert git("status", "--porcelain", at=company / ".ecr-as-code") == ""


def test_a_plan_is_told_on_its_pull_request_and_what_destroys_waits_for_a_label(
    company: Path, shell: Shell, tmp_path: Path
) -> None:
    origin, tools, state = tmp_path / "origin.git", tmp_path / "bin", tmp_path / "github.json"
    git("add", "--all", at=company)
    git("commit", "--quiet", "--allow-empty", "--message", "merged", at=company)
    merged = git("rev-parse", "HEAD", at=company)
    file = company / "registry.yaml"
    file.write_text(file.read_text().replace("  my-app: ", "  my-app: {empty_on_delete: true} "))
    git("commit", "--quiet", "--all", "--message", "asked for", at=company)
    git("init", "--quiet", "--bare", str(origin), at=tmp_path)
    git("push", "--quiet", str(origin), "HEAD:refs/pull/12/head", at=company)
    git("reset", "--quiet", "--hard", merged, at=company)
    git("remote", "add", "origin", str(origin), at=company)
    tools.mkdir()
    script = (ROOT / "tests" / "ops" / "plan" / "fake_gh.py").read_text().split("\n", 1)[1]
    (tools / "gh").write_text(f"#!{ROOT / '.venv' / 'bin' / 'python'}\n{script}")
    (tools / "gh").chmod(0o755)
    state.write_text(json.dumps({"number": 12, "labels": [], "comments": [], "calls": []}))
    job = {**shell, "PATH": f"{tools}:{shell['PATH']}", "FAKE_GITHUB": str(state), "NUMBER": "12", "GH_TOKEN": "token"}
    job["GITHUB_STEP_SUMMARY"] = str(tmp_path / "summary.md")
    try:
        set_up, fetch, plan = steps(company, "plan.yml")
        run(set_up, company, job)
        run(fetch, company, job)
        with warmed(company):
            assert typed(plan, company, job).returncode != 0
            told = json.loads(state.read_text())
            assert "plan: destroys" in told["labels"]
            ((_, _, comment),) = told["comments"]
            assert "**Images may be lost.**" in comment
            assert "my-app" in (tmp_path / "summary.md").read_text()
            state.write_text(json.dumps({**told, "labels": [*told["labels"], "plan: may destroy"]}))
            run(plan, company, job)
    finally:
        git("remote", "remove", "origin", at=company)


def test_a_pull_request_that_breaks_the_file_does_not_pass(company: Path, shell: Shell) -> None:
    file = company / "registry.yaml"
    text = file.read_text()
    try:
        file.write_text(text.replace("my-app:", "My-App:"))
        finished = typed(".ecr-as-code/.venv/bin/ecrctl validate", company, {**shell, "GITHUB_ACTIONS": "true"})
        assert finished.returncode == 1
        assert "::error file=registry.yaml,line=" in finished.stdout  # a path that GitHub finds
        assert typed("make synth", company, shell).returncode != 0
    finally:
        file.write_text(text)


def test_plain_cdk_makes_the_templates_that_the_project_makes(
    company: Path, plain: Templates, shell: Shell, tmp_path: Path
) -> None:
    inside = company / ".ecr-as-code"
    run(f".venv/bin/cdk synth -q -c registry=../registry.yaml -o '{tmp_path}/inside'", inside, shell)
    assert plain == templates_in(tmp_path / "inside")
    assert len(plain) == 3


def test_the_verbs_are_those_of_the_project_and_say_so(company: Path, shell: Shell) -> None:
    said = run("make", company, shell)
    assert "make deploy" in said
    assert "make test" not in said  # the project's own


def test_another_version_there_and_back(company: Path, plain: Templates, shell: Shell, tmp_path: Path) -> None:
    inside = company / ".ecr-as-code"
    pin, ecrctl = company / "ecr-as-code.version", ".ecr-as-code/.venv/bin/ecrctl --version"
    first = pin.read_text()

    run("make setup", company, shell)
    code = git("rev-parse", "HEAD", at=inside)
    assert run(ecrctl, company, shell) == "ecrctl 0.1.0\n"
    assert run("make fetch", company, shell) == "v0.1.0\nv0.2.0\n"
    finished = typed("make upgrade-check VERSION=v0.2.0", company, shell)
    assert "acme-Repositories: myMapp (AWS::ECR::Repository) changes: EmptyOnDelete" in finished.stdout
    assert pin.read_text() == first
    assert "commit ecr-as-code.version" in run("make use VERSION=v0.2.0", company, shell)
    run(f".ecr-as-code/.venv/bin/cdk synth --quiet --output '{tmp_path}'", company, shell)
    assert templates_in(tmp_path) != plain  # plain cdk takes the pinned version by itself
    assert run(ecrctl, company, shell) == "ecrctl 0.2.0\n"
    run("make use VERSION=v0.1.0", company, shell)
    assert pin.read_text() == first
    run("make setup", company, shell)
    assert (git("rev-parse", "HEAD", at=inside), git("status", "--porcelain", at=inside)) == (code, "")  # as for plain
    assert run(ecrctl, company, shell) == "ecrctl 0.1.0\n"


def test_an_unknown_version_is_refused_with_those_there_are(company: Path, shell: Shell) -> None:
    pin = (company / "ecr-as-code.version").read_text()
    finished = typed("make use VERSION=v9", company, shell)
    assert finished.returncode != 0
    assert 'has no version "v9"; it has: v0.1.0 v0.2.0' in finished.stdout
    assert (company / "ecr-as-code.version").read_text() == pin


def test_a_tag_that_was_moved_is_not_followed(company: Path, project: Path, shell: Shell) -> None:
    run("make setup", company, shell)
    git("tag", "--force", "v0.1.0", "v0.2.0", at=project)
    try:
        shutil.rmtree(company / ".ecr-as-code")  # as CI begins
        run("make setup", company, shell)
        assert run(".ecr-as-code/.venv/bin/ecrctl --version", company, shell) == "ecrctl 0.1.0\n"
    finally:
        git("tag", "--force", "v0.1.0", "v0.2.0~1", at=project)


def test_the_repository_around_it_is_never_touched(company: Path, shell: Shell, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(company, other, ignore=shutil.ignore_patterns(".ecr-as-code", ".git"))
    git("init", "--quiet", at=other)
    (other / ".ecr-as-code").mkdir()
    (other / ".ecr-as-code" / "mine").touch()
    assert typed("make setup", other, shell).returncode != 0
    assert (other / ".ecr-as-code" / "mine").exists()


def test_pre_commit_and_jenkins_type_what_is_there(company: Path, shell: Shell) -> None:
    (hook,) = yaml.safe_load((company / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    run(hook["entry"], company, shell)
    assert [name for name in ("registry.yaml", "teams/web.yaml", "cdk.json") if re.search(hook["files"], name)] == [
        "registry.yaml",
        "teams/web.yaml",
    ]
    typed_there = re.findall(r"sh '(.*)'", (company / "Jenkinsfile").read_text())
    both = [*steps(company, "pull-request.yml"), *steps(company, "deploy.yml")[1:]]
    assert typed_there == [each for each in both if "ANNOTATE" not in each]  # annotations are GitHub's


def test_the_commands_of_a_deploy_deploy(company: Path, shell: Shell) -> None:
    run("make setup", company, shell)
    (company / ".ecr-as-code" / ".sandbox").mkdir(exist_ok=True)
    (company / ".ecr-as-code" / ".sandbox" / "venv").symlink_to(ROOT / ".sandbox" / "venv")
    shell = {**shell, "PORT": str(free_port())}
    inside = ". .ecr-as-code/.sandbox/env && "
    commands = steps(company, "deploy.yml")
    assert commands == ["make setup", "make diff", "make deploy", "make drift"]
    with warmed(company):
        said = run("make sandbox", company, shell)
        run(f"{inside}make bootstrap", company, shell)
        _, diff, deployed, drifted = (run(inside + command, company, shell) for command in commands)
    assert "with:   . .ecr-as-code/.sandbox/env\n" in said
    assert "after a change of registry.yaml:   make sandbox\n" in said
    assert "Number of stacks with differences: 0" in diff
    assert "is in the app" in deployed
    assert "no drift" in drifted
    # Variables come through: what a guard does in a deploy is typed by test_documented.py.
    said = run("make --dry-run deploy GUARD='--running pods.json'", company, shell)
    assert re.search(r'ecrctl before-deploy --registry "\$REGISTRY".* -- --running pods.json;', said, re.DOTALL)
