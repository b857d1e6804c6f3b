"""A plan on its pull request: the comment, the labels, and what an approval is good for."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ops.plan.pull_request import APPROVAL, NoGitHub, Told, tell
from registry.errors import ExitCode

RISKS = ("destroys", "opens", "breaks", "costs", "safe")
TEXT = "## What this change does\n"


class GitHub:
    """What the fake `gh` keeps: a pull request with its comments and labels."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.file.write_text(json.dumps({"number": 12, "labels": [], "comments": [], "calls": []}))

    def __getitem__(self, key: str) -> Any:
        return json.loads(self.file.read_text())[key]

    def set(self, key: str, value: object) -> None:
        self.file.write_text(json.dumps(json.loads(self.file.read_text()) | {key: value}))

    def label(self, name: str) -> None:
        self.set("labels", [*self["labels"], name])

    @property
    def bodies(self) -> list[str]:
        return [body for _, author, body in self["comments"] if author == "bot"]


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    folder = tmp_path / "bin"
    folder.mkdir()
    script = Path(__file__).with_name("fake_gh.py").read_text().split("\n", 1)[1]
    (folder / "gh").write_text(f"#!{sys.executable}\n{script}")
    (folder / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("FAKE_GITHUB", str(tmp_path / "github.json"))
    monkeypatch.setenv("GH_TOKEN", "token")
    return GitHub(tmp_path / "github.json")


def told(
    *destroying: str, risks: Sequence[str] = (), file: str = "registry.yaml", text: str = TEXT, number: int = 12
) -> bool:
    found = {*risks, *(("destroys",) if destroying else ())}
    return tell(number, Told(file=file, risks=found, destroying=destroying, text=text), RISKS)


def test_one_comment_is_kept_up_to_date_among_those_of_others(github: GitHub) -> None:
    github.set("comments", [[90, "ann", "hello"], [91, "bot", "of another workflow"], [92, "bob", "looks good"]])
    assert told(risks=["costs"], text="first")
    assert told(risks=["costs"], text="second")
    assert [body.split("\n")[1:] for body in github.bodies] == [[], ["second", ""]]
    assert [(number, body) for number, author, body in github["comments"] if author != "bot"] == [
        (90, "hello"),
        (92, "looks good"),
    ]


def test_the_labels_are_the_risks_of_now_and_other_labels_stay(github: GitHub) -> None:
    github.set("labels", ["bug", "plan: of somebody else"])
    told(risks=["costs", "opens"])
    assert set(github["labels"]) == {"bug", "plan: of somebody else", "plan: costs", "plan: opens"}
    told(risks=["opens", "safe"])
    assert set(github["labels"]) == {"bug", "plan: of somebody else", "plan: safe", "plan: opens"}
    told()
    assert set(github["labels"]) == {"bug", "plan: of somebody else"}


def test_the_same_plan_again_touches_no_label(github: GitHub) -> None:
    told(risks=["costs"])
    github.set("calls", [])
    told(risks=["costs"])
    assert github["calls"] == ["PATCH comments/1"]


def test_what_destroys_needs_a_label_that_was_added_after_it_was_told(github: GitHub) -> None:
    assert not told("web/api")
    assert "**Images may be lost.**" in github.bodies[0]
    assert not told("web/api"), "nobody approved it"
    github.label(APPROVAL)
    assert told("web/api")
    assert f"`{APPROVAL}` approves" in github.bodies[0]
    assert told("web/api"), "an approval stays for the same"


def test_an_approval_is_for_what_it_was_given_for(github: GitHub) -> None:
    told("web/api")
    github.label(APPROVAL)
    assert told("web/api")
    assert not told("web/api", "web/frontend")
    assert APPROVAL not in github["labels"]
    github.label(APPROVAL)
    assert told("web/frontend", "web/api"), "in any order"


def test_a_label_from_before_the_first_plan_approves_nothing(github: GitHub) -> None:
    github.label(APPROVAL)
    assert not told("web/api")
    assert APPROVAL not in github["labels"]


def test_an_approval_does_not_wait_for_what_comes(github: GitHub) -> None:
    told("web/api")
    github.label(APPROVAL)
    assert told(risks=["safe"])
    assert APPROVAL not in github["labels"]
    assert not told("web/api")


def test_a_comment_of_somebody_else_that_looks_like_ours_approves_nothing(github: GitHub) -> None:
    told("web/api")
    ours = github.bodies[0]
    github.set("comments", [[1, "mallory", ours]])
    github.label(APPROVAL)
    assert not told("web/api")
    assert github["comments"][0] == [1, "mallory", ours], "and it stays as it is"
    assert len(github.bodies) == 1


def test_each_file_has_a_comment_of_its_own_and_labels_of_all(github: GitHub) -> None:
    told("web/api", file="eu/registry.yaml")
    github.label(APPROVAL)
    assert not told("web/api", file="us/registry.yaml"), "the approval was for the other file"
    github.label(APPROVAL)
    assert told("web/api", file="us/registry.yaml")
    assert told(risks=["opens"], file="eu/registry.yaml")
    assert len(github.bodies) == 2
    assert {"plan: destroys", "plan: opens"} <= set(github["labels"])


@pytest.mark.parametrize("hostile", ["-->", "a--> <b>", "$(id)", "{owner}", "\n::error::", "@/etc/passwd", "Ω" * 300])
def test_names_cannot_leave_the_marker(github: GitHub, hostile: str) -> None:
    assert not told(hostile, file=hostile)
    assert github.bodies[0].split("\n", 1)[0].count("-->") == 1
    github.label(APPROVAL)
    assert told(hostile, file=hostile)


def test_a_long_plan_is_cut_between_lines(github: GitHub) -> None:
    text = "".join(f"| {number:05} | {'x' * 60} |\n" for number in range(2_000))
    assert told(risks=["safe"], text=text)
    (body,) = github.bodies
    kept = [line for line in body.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in kept)
    assert f"{2_000 - len(kept):,} more lines are in the summary of the run." in body


def test_what_is_not_there_is_said(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoGitHub, match="no pull request 13 in this repository") as problem:
        told(number=13)
    assert problem.value.exit_code == ExitCode.UNKNOWN
    monkeypatch.setenv("GH_TOKEN", "")
    with pytest.raises(NoGitHub, match=r"set the GH_TOKEN environment variable\.\n    way out: .*pull-requests: write"):
        told()
    monkeypatch.setenv("PATH", "/nowhere")
    assert shutil.which("gh") is None
    with pytest.raises(NoGitHub, match=r"gh is not on PATH\n    way out: install"):
        told()
