"""The page of `ecrctl report` as people meet it: in a real Chromium, on a phone, on a screen, in the dark, on paper.

The browser comes with an npm package (package.json), for Linux on x86-64. Elsewhere a `chromium` on PATH is taken;
without one the tests fail and say so: a gate that looks at nothing is none. .check/report/ has a picture of
every look.
"""

from __future__ import annotations

import dataclasses
import json
import platform
import re
import shutil
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ops.report.facts import PlanRow, Report
from ops.report.gather import read
from ops.report.page import page
from tests.hostile import MARKUP
from tests.ops.report.test_page import everywhere, usage_of_four
from tests.synth import ROOT, SMALL
from tests.test_company import COMPANY, TODAY

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent
#: Width in pixels, and the colours that are asked for, or paper.
LOOKS = [[360, "light"], [360, "dark"], [768, "light"], [1280, "light"], [1280, "dark"], [1280, "print"]]
FEW = [[360, "dark"], [1280, "light"]]
HOSTILE = "".join(MARKUP[each] for each in ("the end of a script", "an element of SVG", "the end of an attribute"))
SHOTS = ROOT / ".check" / "report"
ARN = "arn:aws:iam::210987654321:role/eks-node"


def report(plan: int | None = None) -> Report:
    """The company's, with as many changes as asked for, and two warnings that are not accepted."""
    found = read(COMPANY, revision="v1.2.3", today=TODAY)
    row = PlanRow(
        risk="deletes images", title="A lifecycle keeps less", subject="web/api", line="teams/web.yaml:7",
        before="expire images tagged v*, all but the last 30", after="expire images tagged v*, all but the last 3",
    )  # fmt: skip
    return dataclasses.replace(
        found,
        plan=None if plan is None else (row,) * plan,
        findings=(*found.acceptances[0].silences[:1], *found.acceptances[1].silences),
        usage=usage_of_four(),
    )


def changed(by: str) -> Callable[[str], str]:
    return lambda text: by + text


@pytest.fixture(scope="session")
def looked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the browser saw of each page."""
    folder = tmp_path_factory.mktemp("pages")
    small = folder / "registry.yaml"
    small.write_text(SMALL + "repositories: {my-app: }\n")
    pages = {
        "company": page(report(3)),
        "small": page(read(small)),
        "hostile": page(everywhere(report(1), changed(HOSTILE))),
        "harmless": page(everywhere(report(1), changed(re.sub(r"\S", "x", HOSTILE)))),
    }
    looks = {"company": LOOKS, "small": FEW, "hostile": FEW, "harmless": []}
    SHOTS.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    job = {
        "pages": {name: {"file": str(folder / f"{name}.html"), "looks": looks[name]} for name in pages},
        "shots": str(SHOTS),
        "unpacked": str(HERE / "node_modules" / ".browser"),
        "chromium": chromium(),
        "searches": [["rows", ARN], ["rows", "push web"], ["rows", "nobody"], ["names", "wallet"]],
    }
    (folder / "job.json").write_text(json.dumps(job))
    finished = subprocess.run(
        ["node", HERE / "look.mjs", folder / "job.json"], capture_output=True, text=True, check=False, timeout=600
    )
    assert finished.returncode == 0, finished.stderr
    return dict(json.loads(finished.stdout))


def chromium() -> str | None:
    """A browser of the machine, where the package has none for it."""
    if (platform.system(), platform.machine()) == ("Linux", "x86_64"):
        return None
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "no browser: on this machine put `chromium` on PATH, or leave these tests to CI"
    return found


def test_nothing_is_wider_than_the_screen(looked: dict[str, Any]) -> None:
    assert {(it["name"], it["width"]): it["across"] for it in looked["looks"] if it["across"]} == {}


def test_axe_finds_nothing_on_any_screen_in_the_light_or_in_the_dark(looked: dict[str, Any]) -> None:
    judged = [it for it in looked["looks"] if it["scheme"] != "print"]
    assert {(it["width"], it["scheme"]) for it in judged} >= {(360, "dark"), (768, "light"), (1280, "light")}
    assert all(it["passed"] > 20 for it in judged)
    assert [violation for it in judged for violation in it["violations"]] == []


def test_the_page_asks_for_nothing_and_nothing_goes_wrong_in_it(looked: dict[str, Any]) -> None:
    every = [*looked["looks"], *looked["used"].values(), *looked["skeletons"].values()]
    assert [(it["errors"], it["requests"]) for it in every if it["errors"] or it["requests"]] == []


def test_what_is_touched_is_large_enough_for_a_finger(looked: dict[str, Any]) -> None:
    assert [(it["name"], it["width"]) for it in looked["looks"] if it["small"]] == []


def test_on_paper_everything_is_unfolded_and_nothing_is_there_to_be_pressed(looked: dict[str, Any]) -> None:
    printed = [it for it in looked["looks"] if it["scheme"] == "print"]
    assert printed
    assert [(it["name"], it["folded"], it["controls"]) for it in printed if it["folded"] or it["controls"]] == []


def test_a_small_screen_has_a_picture_of_its_own(looked: dict[str, Any]) -> None:
    pictures = {(it["width"], it["picture"]) for it in looked["looks"]}
    assert pictures == {(360, "narrow"), (768, "narrow"), (1280, "wide")}


def test_the_keyboard_reaches_everything_in_the_order_of_the_page_and_shows_where_it_is(looked: dict[str, Any]) -> None:
    order = looked["used"]["company"]["order"]
    assert [it["text"] for it in order[:5]] == ["Skip to the content", "Picture", "Plan", "Usage", "Warnings"]
    assert "rows-find" in [it["text"] for it in order]
    assert [it for it in order if not it["visible"]] == []
    assert [it["top"] for it in order[1:]] == sorted(it["top"] for it in order[1:])


def test_headings_go_down_by_one_level(looked: dict[str, Any]) -> None:
    for used in looked["used"].values():
        outline = used["outline"]
        assert outline[0] == 1
        assert outline.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(outline))


def test_a_search_shows_the_lines_that_fit_and_says_how_many(looked: dict[str, Any]) -> None:
    found = looked["used"]["company"]["found"]
    assert found[ARN] == {"said": "3 of 41 lines", "shown": 3}  # they hold the name only; the table Who has the ARN
    assert found["push web"]["shown"] == 9
    assert found["nobody"] == {"said": "0 of 41 lines", "shown": 0}
    assert found["wallet"] == {"said": "1 of 70 lines", "shown": 1}


def test_a_browser_finds_no_element_and_no_attribute_of_a_hostile_file(looked: dict[str, Any]) -> None:
    assert looked["skeletons"]["hostile"]["nodes"] == looked["skeletons"]["harmless"]["nodes"]


def test_the_page_opens_at_once(looked: dict[str, Any]) -> None:
    assert max(it["milliseconds"] for it in looked["looks"]) < 10_000
