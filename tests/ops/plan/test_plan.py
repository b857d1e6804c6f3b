"""`ecrctl plan`: two files or two revisions, in every form it is printed in."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.plan.revisions import NoSuchRevision, file_at
from registry.errors import ExitCode, InvalidRegistry, UnreadableFile
from registry.load import load
from tests.checkout import git
from tests.registry.plan.test_templates_explained import templates
from tests.synth import SMALL

RUN = CliRunner()
OLD = f"{SMALL}repositories: {{web/api: , web/db: }}\n"
NEW = f"{SMALL}defaults: {{empty_on_delete: true}}\nrepositories: {{web/api: {{owner: team-web}}, web/db: }}\n"


@pytest.fixture(autouse=True)
def _synthesized(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates are made in this process, without checks and without the CLI: one test has the real ones."""

    monkeypatch.setattr("ops.plan.run.templates", lambda file: templates(load(file)[0]))
    # Both sides at once would make two apps in one process.
    monkeypatch.setattr("ops.plan.run.ThreadPoolExecutor", lambda _: OneAfterTheOther())


class OneAfterTheOther:
    def __enter__(self) -> OneAfterTheOther:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def map(self, work: Any, items: Any) -> Any:
        return map(work, items)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(OLD)
    new.write_text(NEW)
    return str(old), str(new)


@pytest.mark.parametrize(("most", "at_once"), [(2, 2), (1, 1)])
def test_two_large_sides_are_synthesized_one_after_the_other(
    files: tuple[str, str], monkeypatch: pytest.MonkeyPatch, most: int, at_once: int
) -> None:
    asked: list[int] = []

    def pool(workers: int) -> OneAfterTheOther:
        asked.append(workers)
        return OneAfterTheOther()

    monkeypatch.setattr("ops.plan.run.ThreadPoolExecutor", pool)
    monkeypatch.setattr("ops.plan.run.TWO_AT_ONCE", most)
    assert RUN.invoke(app, ["plan", *files]).exit_code == ExitCode.FINE
    assert asked == [at_once]


def test_a_change_is_lines_with_its_place_its_risk_and_its_rule(files: tuple[str, str]) -> None:
    old, new = files
    finished = RUN.invoke(app, ["plan", old, new])
    assert finished.exit_code == ExitCode.FINE
    assert finished.output.splitlines() == [
        f"{new}:2:12: destroys: web/api, web/db: would be deleted with its images [empty-on-delete]",
        "    before:   empty_on_delete: false",
        "    after:    empty_on_delete: true",
        "    concerns: team-web",
        f"{new}:3:26: safe: web/api: gets another owner [owner]",
        "    before:   none",
        "    after:    team-web",
        "    concerns: team-web",
        f"from {old} to {new}: 2 changes: 1 destroys, 1 safe",
        "`ecrctl rule ID` says why; the ID is the word in [brackets]",
    ]


def test_the_same_file_is_no_change(files: tuple[str, str]) -> None:
    old, _ = files
    finished = RUN.invoke(app, ["plan", old, "--registry", old, "--fail-on", "safe"])
    assert (finished.exit_code, finished.output) == (0, f"from {old} to {old}: nothing changes\n")


@pytest.mark.parametrize(
    ("risks", "code"), [(["destroys"], 1), (["opens", "destroys"], 1), (["opens"], 0), (["safe"], 1)]
)
def test_a_risk_that_is_named_ends_it_with_1(files: tuple[str, str], risks: list[str], code: int) -> None:
    options = [word for risk in risks for word in ("--fail-on", risk)]
    assert RUN.invoke(app, ["plan", *files, *options]).exit_code == code


def test_a_risk_that_there_is_not_is_bad_usage(files: tuple[str, str]) -> None:
    finished = RUN.invoke(app, ["plan", *files, "--fail-on", "everything"])
    assert finished.exit_code == ExitCode.INVALID
    assert "--fail-on everything: there are destroys" in finished.output


def test_the_same_for_programs(files: tuple[str, str]) -> None:
    old, new = files
    found = json.loads(RUN.invoke(app, ["plan", old, new, "--json"]).output)
    assert (found["old"], found["new"]) == files
    assert found["counts"] == {"destroys": 1, "opens": 0, "breaks": 0, "costs": 0, "safe": 1}
    assert found["changes"][0] == {
        "rule": "empty-on-delete",
        "risk": "destroys",
        "subjects": ["web/api", "web/db"],
        "message": "would be deleted with its images",
        "before": "empty_on_delete: false",
        "after": "empty_on_delete: true",
        "file": new,
        "line": 2,
        "column": 12,
        "inOldFile": False,
        "concerns": ["team-web"],
        "bill": [],
    }


def test_sarif_has_the_kind_as_rule_and_leaves_out_what_is_safe(files: tuple[str, str]) -> None:
    (run,) = json.loads(RUN.invoke(app, ["plan", *files, "--sarif"]).output)["runs"]
    assert [it["id"] for it in run["tool"]["driver"]["rules"]] == ["empty-on-delete"]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("empty-on-delete", "error")
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 2, "startColumn": 12}


def test_annotations_stand_beside_the_lines(files: tuple[str, str]) -> None:
    first, second, summary = RUN.invoke(app, ["plan", *files, "--annotations"]).output.splitlines()
    assert first == (
        f"::error file={files[1]},line=2,col=12,title=empty-on-delete::destroys: web/api, web/db: would be deleted "
        "with its images%0Abefore: empty_on_delete: false%0Aafter: empty_on_delete: true%0Aconcerns: team-web"
    )
    assert second.startswith("::notice ")
    assert summary.startswith("from ")


def test_markdown_is_a_table(files: tuple[str, str]) -> None:
    lines = RUN.invoke(app, ["plan", *files, "--markdown"]).stdout.splitlines()
    assert lines[0] == "| risk | where | about | change | before | after | bill | concerns | rule |"
    assert lines[2].startswith(f"| `destroys` | `{files[1]}:2:12` | `web/api, web/db` |")


@pytest.mark.parametrize(("approved", "code"), [(True, 0), (False, 1)])
def test_a_pull_request_is_told_and_fails_until_what_is_destroyed_is_approved(
    files: tuple[str, str], monkeypatch: pytest.MonkeyPatch, approved: bool, code: int
) -> None:
    said: list[Any] = []

    def tell(*words: Any) -> bool:
        said.append(words)
        return approved

    monkeypatch.setattr("ops.plan.pull_request.tell", tell)
    finished = RUN.invoke(app, ["plan", *files, "--registry", files[1], "--pull-request", "12"])
    assert finished.exit_code == code
    ((number, told, risks),) = said
    assert (number, told.file, told.risks) == (12, files[1], {"destroys", "safe"})
    assert [str(it) for it in risks] == ["destroys", "opens", "breaks", "costs", "safe"]
    (destroyed,) = told.destroying
    assert destroyed.splitlines()[:3] == ["empty-on-delete", "web/api", "web/db"]
    assert finished.stdout == f"{told.text}\n"
    assert told.text.startswith("### 2 changes: 1 destroys, 1 safe\n\n| risk | where |")


HOSTILE = "\\e[31m::error::x|<b>%0A`@team`"


@pytest.mark.parametrize("option", [[], ["--json"], ["--markdown"], ["--sarif"], ["--annotations"]])
def test_what_a_file_says_stays_text_in_every_form(option: list[str], tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(f"{SMALL}creation_templates: {{hub: {{applied_for: [REPLICATION]}}}}\nrepositories: {{web/api: }}\n")
    new.write_text(old.read_text().replace("[REPLICATION]", f'[REPLICATION], description: "{HOSTILE}\\nsecond"'))
    finished = RUN.invoke(app, ["plan", str(old), str(new), *option])
    assert "\x1b" not in finished.output
    if finished.exit_code == ExitCode.FINE:
        assert not any(line.startswith("::error") for line in finished.output.splitlines())
    else:  # the shape may refuse it: then nothing of it is shown but in a finding
        assert isinstance(finished.exception, InvalidRegistry)


def test_a_new_file_with_errors_is_its_findings(files: tuple[str, str]) -> None:
    Path(files[1]).write_text(NEW.replace("ap-northeast-2", "nowhere"))
    finished = RUN.invoke(app, ["plan", *files])
    assert isinstance(finished.exception, InvalidRegistry)
    assert finished.exception.exit_code == ExitCode.INVALID
    assert f"{files[1]}:1:" in str(finished.exception)


def test_an_old_file_with_errors_is_compared_without_its_templates(files: tuple[str, str]) -> None:
    Path(files[0]).write_text(OLD.replace("web/db: ", "web/db: {moving_tags: [a, b, c, d, e, f]}"))
    finished = RUN.invoke(app, ["plan", *files])
    assert finished.exit_code == ExitCode.FINE
    assert "[empty-on-delete]" in finished.output
    assert "[tags-fixed]" in finished.output
    assert "has 1 error, so it makes no templates" in finished.stderr


def test_with_images_the_ones_that_go_are_told(files: tuple[str, str], tmp_path: Path) -> None:
    Path(files[1]).write_text(f"{SMALL}lifecycles: {{one: [{{keep: {{tagged: '*', last: 1}}}}]}}\n"
                              "repositories: {web/api: {lifecycle: one}, web/db: }\n")  # fmt: skip
    images = tmp_path / "images.json"
    rows = [
        {"repositoryName": "web/api", "imageDigest": f"sha256:{n}", "imageTags": [f"v{n}"],
         "imagePushedAt": f"2026-11-0{n}T00:00:00+00:00"} for n in (1, 2, 3)
    ]  # fmt: skip
    images.write_text(json.dumps({"imageDetails": rows}))
    finished = RUN.invoke(app, ["plan", *files, "--images", str(images)])
    assert "web/api: 2 of 3 images go that would have stayed: v1, v2 [lifecycle-takes-images]" in finished.output


def test_with_images_those_that_wait_for_a_backfill_are_counted(files: tuple[str, str], tmp_path: Path) -> None:
    Path(files[1]).write_text(f"replicas: {{us-west-2: }}\n{OLD}".replace(SMALL, "") + SMALL)
    images = tmp_path / "images.json"
    row = {"repositoryName": "web/api", "imageDigest": "sha256:1", "imagePushedAt": "2026-11-01T00:00:00+00:00"}
    images.write_text(json.dumps([row]))
    finished = RUN.invoke(app, ["plan", *files, "--images", str(images)])
    assert (
        "us-west-2: gets 1 image of web/api only by `ecrctl backfill us-west-2` [replica-backfill]" in finished.output
    )


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of git whose branch main has an older file, with a team's file beside it."""
    place = tmp_path / "a repository"
    (place / "registry" / "teams").mkdir(parents=True)
    root, team = place / "registry" / "registry.yaml", place / "registry" / "teams" / "web.yaml"
    root.write_text(f"{SMALL}include: [teams/*.yaml]\nrepositories: {{tool: }}\n")
    team.write_text("namespace: web\nrepositories: {web/api: , web/db: }\n")
    (place / "registry" / "teams" / "README.md").write_text("not a team\n")
    git("init", "--quiet", "--initial-branch=main", at=place)
    git("add", "--all", at=place)
    git("commit", "--quiet", "--message", "one", at=place)
    team.write_text("namespace: web\nrepositories: {web/api: }\n")
    monkeypatch.chdir(place)
    return place


def test_a_revision_is_read_with_the_team_files_it_has(repository: Path) -> None:
    finished = RUN.invoke(app, ["plan", "main", "--registry", "registry/registry.yaml"])
    assert finished.exit_code == ExitCode.FINE
    assert finished.output.splitlines()[0] == (
        "registry/teams/web.yaml:2:27 in main: breaks: web/db: leaves the file; it stays in AWS, without its grants "
        "[repository-removed]"
    )
    assert git("status", "--porcelain", at=repository) == "M registry/teams/web.yaml"  # nothing is checked out


def test_two_revisions_are_compared(repository: Path) -> None:
    git("commit", "--quiet", "--all", "--message", "two", at=repository)
    finished = RUN.invoke(app, ["plan", "HEAD~1", "HEAD", "--registry", "registry/registry.yaml"])
    assert "[repository-removed]" in finished.output
    assert finished.output.splitlines()[-2].startswith("from HEAD~1 to HEAD: 1 change: 1 breaks")


@pytest.mark.parametrize("revision", ["v9", "--output=x", "main:registry/registry.yaml", "main; touch x", ""])
def test_what_is_no_revision_is_bad_usage_and_no_option_of_git(revision: str, repository: Path) -> None:
    finished = RUN.invoke(app, ["plan", "--registry", "registry/registry.yaml", "--", revision])
    assert isinstance(finished.exception, NoSuchRevision | UnreadableFile)
    assert finished.exception.exit_code == ExitCode.INVALID
    assert not (repository / "x").exists()


def test_a_revision_without_the_file_says_so(repository: Path) -> None:
    finished = RUN.invoke(app, ["plan", "main", "--registry", "registry/other.yaml"])
    assert isinstance(finished.exception, NoSuchRevision | UnreadableFile)
    assert "registry/other.yaml" in str(finished.exception)


def test_outside_of_git_a_name_that_is_no_file_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "r.yaml").write_text(OLD)
    finished = RUN.invoke(app, ["plan", "main", "--registry", str(tmp_path / "r.yaml")])
    assert isinstance(finished.exception, NoSuchRevision)
    assert "is in no repository of git" in str(finished.exception)
    assert "git:" not in str(finished.exception)  # git's own words, and in whatever language


def test_a_forged_tree_writes_nothing_beside_the_copy(repository: Path) -> None:
    """git takes names such as `..` into a tree where it is told to; a server may have such a pull request."""
    folder = repository / "registry"

    def written(*words: str, given: bytes = b"") -> str:
        said = subprocess.run(["git", *words], cwd=folder, input=given, capture_output=True, check=True).stdout
        return said.decode().strip()

    def tree(*entries: tuple[str, str, str]) -> str:
        raw = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(id) for mode, name, id in entries)
        return written("hash-object", "-t", "tree", "-w", "--literally", "--stdin", given=raw)

    root = (SMALL + 'include: ["teams/../../escaped.yaml"]\nrepositories: {web/api: }\n').encode()
    file, team = (written("hash-object", "-w", "--stdin", given=text) for text in (root, b"namespace: web\n"))
    up = tree(("40000", "..", tree(("40000", "..", tree(("100644", "escaped.yaml", team))))))
    made = tree(("40000", "registry", tree(("100644", "registry.yaml", file), ("40000", "teams", up))))
    commit = written("-c", "user.name=a", "-c", "user.email=a@b", "commit-tree", made, "-m", "forged")
    with file_at(commit, folder / "registry.yaml") as copy:
        assert sorted(path.name for path in copy.parent.rglob("*")) == ["registry.yaml"]
        assert not (copy.parent.parent / "escaped.yaml").exists()
