"""examples/fleet: a file for each account, which deploy by themselves, and the workflow that finds the changed ones."""

from __future__ import annotations

import json
import os
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from benchmarks.deploys.engines import FIRST, stacks_of
from benchmarks.fleet import EXAMPLE, FILE, REGIONS, WHOLE, Size, account_id, file_of, files_of
from registry.load import load
from registry.model import Registry
from tests.synth import ROOT, Templates, declared, synthesized

FLEET = ROOT / "examples" / "fleet"


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Templates]:
    """The templates of each account, without it in their paths."""
    made: dict[str, Templates] = {}
    for file in sorted(FLEET.glob(f"accounts/*/{FILE}")):
        _, templates = synthesized(load(file)[0], tmp_path_factory.mktemp("fleet"))
        made[file.parent.name] = {path.partition("/")[2]: template for path, template in templates.items()}
    return made


def test_the_example_is_what_the_documented_line_writes() -> None:
    committed = {file.relative_to(FLEET).as_posix(): file.read_text() for file in FLEET.glob("accounts/**/*.yaml")}
    assert committed == dict(files_of(EXAMPLE, schema="../../../../registry.schema.json"))


def test_accounts_know_nothing_of_each_other_so_they_deploy_in_any_order(accounts: dict[str, Templates]) -> None:
    for (one, templates), (other, others) in pairwise([*accounts.items(), next(iter(accounts.items()))]):
        assert other not in json.dumps(templates)
        assert templates.keys() == others.keys(), one


def test_templates_fit_stack_sets_where_accounts_are_equal(accounts: dict[str, Templates]) -> None:
    """No exports, no imports, and a team's template is one for every region and account."""
    first, second = accounts.values()
    teams = {path: template for path, template in first.items() if "Repositories-" in path}
    assert len({json.dumps(it) for path, it in teams.items() if path.endswith("-checkout")}) == 1
    assert len(teams) == EXAMPLE.regions * (EXAMPLE.stacks_in_region - 1)
    assert all(second[path] == template for path, template in teams.items())
    text = json.dumps([first, second])
    assert "Fn::ImportValue" not in text
    assert '"Export"' not in text


def test_every_file_of_a_large_fleet_is_a_registry_without_a_finding(tmp_path: Path) -> None:
    for size in (Size(3, 2, 10), Size(1, 17, 9), Size(1, 1, 2_600)):
        for path, text in files_of(size):
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            _, warnings = load(file)
            assert warnings == ()


@pytest.mark.parametrize("size", [EXAMPLE, Size(1, 2, 1_300)], ids=str)
def test_a_fleet_has_as_many_stacks_as_it_is_said_to_have(size: Size) -> None:
    registry: Registry = declared(file_of(size, 0))
    stacks = [unit for at in registry.stack_locations for unit in registry.stacks_in(at)]
    assert len(stacks) == size.stacks_in_account


def test_the_simulation_deploys_the_stacks_of_the_file() -> None:
    registry = declared(file_of(EXAMPLE, 0))
    assert len(stacks_of(EXAMPLE, FIRST)) == sum(len(registry.stacks_in(at)) for at in registry.stack_locations)
    simulated = sum(it.repositories for it in stacks_of(EXAMPLE, FIRST))
    assert simulated == len(registry.repositories) * EXAMPLE.regions


def test_what_the_page_says_of_the_whole_is_its_size() -> None:
    text = " ".join((ROOT / "docs" / "scale.md").read_text().split())
    assert f"{WHOLE.accounts * WHOLE.stacks_in_account:,} stacks" in text
    assert f"{WHOLE.regions * WHOLE.repositories:,} repositories" in text
    assert f"One account has {WHOLE.stacks_in_account} stacks" in text
    assert len(REGIONS[: WHOLE.regions]) == WHOLE.regions


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of three accounts, committed."""
    for path, text in files_of(Size(3, 1, 3)):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "ecr-as-code.version").write_text("one")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    return tmp_path


def git(place: Path, *words: str) -> str:
    known = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@a", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@a"}
    command = ["git", "-c", "core.hooksPath=/dev/null", *words]
    environment = {**os.environ, **known, "GIT_CONFIG_GLOBAL": "/dev/null"}
    return subprocess.run(
        command, cwd=place, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(place: Path) -> str:
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--message", "change")
    return git(place, "rev-parse", "HEAD")


def found(place: Path, before: str) -> list[str]:
    """What the first job of the workflow finds, as GitHub runs it: `bash -e`."""
    workflow = yaml.safe_load((FLEET / ".github" / "workflows" / "deploy.yml").read_text())
    (step,) = (it for it in workflow["jobs"]["accounts"]["steps"] if it.get("id") == "files")
    output = place.parent / f"{place.name}-output"
    output.write_text("")
    environment = {**os.environ, "BEFORE": before, "GITHUB_OUTPUT": str(output)}
    subprocess.run(["bash", "-e", "-c", step["run"]], cwd=place, env=environment, check=True, capture_output=True)
    name, _, value = output.read_text().partition("=")
    assert name == "changed"
    return list(json.loads(value))


def checked(place: Path) -> tuple[list[str], bool]:
    """What the workflow of a pull request asks of make, and whether it lets the change pass."""
    workflow = yaml.safe_load((FLEET / ".github" / "workflows" / "pull-request.yml").read_text())
    script = workflow["jobs"]["registry"]["steps"][-1]["run"]
    tools, told = place.parent / f"{place.name}-tools", place.parent / f"{place.name}-told"
    tools.mkdir()
    (tools / "make").write_text('#!/bin/sh\necho "$REGISTRY $1" >> "$TOLD"; ! grep -q invalid "$REGISTRY"; exit\n')
    (tools / "make").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "TOLD": str(told)}
    finished = subprocess.run(
        ["bash", "-e", "-c", script], cwd=place, env=environment, check=False, capture_output=True
    )
    lines = told.read_text().splitlines() if told.exists() else []
    return [line.removeprefix("accounts/").replace(f"/{FILE}", "") for line in lines], finished.returncode == 0


def test_a_pull_request_is_checked_for_each_account_that_it_changes(repository: Path) -> None:
    one, two, three = (account_id(number) for number in range(3))
    commit(repository)
    (repository / "accounts" / one / FILE).write_text("invalid")
    (repository / "accounts" / two / FILE).write_text("changed")
    (repository / "accounts" / three / FILE).unlink()
    new = repository / "accounts" / account_id(3) / FILE
    new.parent.mkdir()
    new.write_text("new")
    (repository / "accounts" / "README.md").write_text("read me")
    commit(repository)
    lines, passes = checked(repository)
    assert lines == [
        *(f"{one} validate", f"{one} plan"),
        *(f"{two} validate", f"{two} synth", f"{two} plan"),
        *(f"{account_id(3)} validate", f"{account_id(3)} synth"),
    ]
    assert not passes


@pytest.mark.parametrize(("name", "passes"), [("payments", False), ("$(touch it)", False), (account_id(7), True)])
def test_a_folder_that_no_deploy_has_a_role_for_does_not_pass(repository: Path, name: str, passes: bool) -> None:
    commit(repository)
    (repository / "accounts" / name).mkdir()
    (repository / "accounts" / name / FILE).write_text("new")
    commit(repository)
    lines, passed = checked(repository)
    assert (passed, bool(lines)) == (passes, passes)
    assert not (repository / "it").exists()


def test_the_workflow_deploys_the_accounts_that_changed_and_only_those_that_are_there(repository: Path) -> None:
    one, two, three = (account_id(number) for number in range(3))
    before = commit(repository)
    (repository / "accounts" / one / FILE).write_text("changed")
    (repository / "accounts" / two / "teams").mkdir()
    (repository / "accounts" / two / "teams" / "web.yaml").write_text("a team comes")
    (repository / "accounts" / three / FILE).unlink()
    after = commit(repository)
    assert found(repository, before) == [one, two]
    (repository / "accounts" / two / "teams" / "web.yaml").unlink()
    (repository / "README.md").write_text("read me")
    commit(repository)
    assert found(repository, after) == [two]


def test_the_workflow_deploys_nothing_where_no_account_changed_and_all_where_it_cannot_know(repository: Path) -> None:
    everyone = [account_id(number) for number in range(3)]
    before = commit(repository)
    (repository / "README.md").write_text("read me")
    after = commit(repository)
    assert found(repository, before) == []
    assert found(repository, "") == everyone
    assert found(repository, "0" * 40) == everyone
    (repository / "ecr-as-code.version").write_text("two")
    commit(repository)
    assert found(repository, after) == everyone
