"""`ecrctl report`: a page in a file, or the diagram on standard output."""

from __future__ import annotations

import html
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ops.cli import app
from registry.errors import ExitCode, InvalidFile, InvalidRegistry
from tests.registry.plan.test_templates_explained import templates
from tests.synth import SMALL, declared

RUN = CliRunner()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "r.yaml"
    written.write_text(SMALL + "repositories: {web/api: }\n")
    return written


def test_a_page_is_written_and_written_again(file: Path, tmp_path: Path) -> None:
    output = tmp_path / "page.html"
    for _ in range(2):
        finished = RUN.invoke(app, ["report", "-f", str(file), "--output", str(output), "--revision", "v1.2"])
        assert (finished.exit_code, finished.output) == (ExitCode.FINE, f"wrote {output}\n")
    text = output.read_text()
    assert text.startswith("<!doctype html>\n")
    assert "web/api" in text
    assert "<code>v1.2</code>" in text


def test_the_diagram_is_printed_and_nothing_is_written(file: Path, tmp_path: Path) -> None:
    output = tmp_path / "page.html"
    finished = RUN.invoke(app, ["report", "-f", str(file), "--mermaid", "--output", str(output)])
    assert finished.exit_code == ExitCode.FINE
    assert finished.output.startswith("```mermaid\nflowchart LR\n")
    assert not output.exists()


def test_a_file_that_is_no_page_of_this_command_is_not_overwritten(file: Path) -> None:
    before = file.read_text()
    finished = RUN.invoke(app, ["report", "-f", str(file), "--output", str(file)])
    assert finished.exit_code == ExitCode.INVALID
    assert "is no page of this command" in " ".join(finished.output.replace("│", "").split())
    assert file.read_text() == before


@pytest.mark.parametrize("output", ["missing/page.html", "."])
def test_a_place_that_cannot_be_written_is_bad_usage(output: str, file: Path, tmp_path: Path) -> None:
    finished = RUN.invoke(app, ["report", "-f", str(file), "--output", str(tmp_path / output)])
    assert finished.exit_code == ExitCode.INVALID
    assert "cannot be written" in " ".join(finished.output.replace("│", "").split())
    assert isinstance(finished.exception, SystemExit)


def test_acceptances_are_judged_on_the_day_that_is_given(file: Path, tmp_path: Path) -> None:
    file.write_text(
        SMALL + "lifecycles: {x: [{expire: {any: true, after_days: 9}}]}\nrepositories: {a/b: {lifecycle: x}}\n"
        "acceptances: [{rule: lifecycle-any-tagged, reason: so it is, until: 2027-06-30}]\n"
    )
    pages = []
    for day in ("2027-06-30", "2027-07-01"):
        RUN.invoke(app, ["report", "-f", str(file), "--output", str(tmp_path / day), "--on", day])
        pages.append((tmp_path / day).read_text())
    assert "no longer accepted" not in pages[0]
    assert "no longer accepted" in pages[1]


def test_a_file_that_is_refused_shows_its_findings(file: Path, tmp_path: Path) -> None:
    file.write_text(SMALL + "repositories: {WEB: }\n")
    finished = RUN.invoke(app, ["report", "-f", str(file), "--output", str(tmp_path / "page.html")])
    assert isinstance(finished.exception, InvalidRegistry)
    assert not (tmp_path / "page.html").exists()


def test_the_page_holds_the_plan_since_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, output = (tmp_path / name for name in ("old.yaml", "new.yaml", "page.html"))
    old.write_text(f"{SMALL}repositories: {{web/api: }}\n")
    new.write_text(f"{SMALL}repositories: {{web/api: {{image_tag_mutability: MUTABLE}}}}\n")
    made = {text: templates(declared(text)) for text in (old.read_text(), new.read_text())}
    monkeypatch.setattr("ops.plan.run.templates", lambda file: made[file.read_text()])  # by the CLI: test_real_synth.py
    finished = RUN.invoke(app, ["report", "-f", str(new), "--plan", str(old), "--output", str(output)])
    assert finished.exit_code == 0, finished.output
    planned = RUN.invoke(app, ["plan", str(old), str(new), "--json"])
    (change,) = json.loads(planned.stdout)["changes"]
    page = html.unescape(output.read_text())
    assert change["message"] in page
    assert f"new.yaml:{change['line']}:{change['column']}" in page
    RUN.invoke(app, ["report", "-f", str(new), "--plan", str(new), "--output", str(output)])
    assert "<p>Nothing changes.</p>" in output.read_text()


RANGE = {"atLeast": 5, "atMost": 9}
NO_LIFECYCLE = {"expiringImageCount": 0, "transitioningImageCount": 0, "freedInBytes": RANGE,
                "movedToArchiveInBytes": RANGE, "indexesWithUnknownChildren": 0}  # fmt: skip
USED = {
    "repositoryName": "web/<b>api", "owner": None, "imageCount": 2, "archivedImageCount": 0,
    "imagesWithUnknownLayers": 1, "newImageCount": 1, "newInBytes": RANGE, "unpulledImageCount": 1,
    "unpulledInBytes": RANGE, "neverPulledImageCount": 1, "lastPushedAt": None, "lastRecordedPullTime": None,
    "standardInBytes": RANGE, "archiveInBytes": RANGE, "lifecycle": NO_LIFECYCLE,
    "pushedByMonth": [{"month": "2026-11", "imageCount": 2, "newInBytes": RANGE}],
}  # fmt: skip
USAGE = {
    "asOf": "2026-11-26T12:00:00+00:00", "newSince": "2026-10-27T12:00:00+00:00",
    "unpulledSince": "2026-08-28T12:00:00+00:00", "notAsked": [],
    "registries": [{"registryId": "123456789012", "region": "us-west-2", "eachLayerOnceInBytes": RANGE,
                    "repositories": [USED], "layers": [], "bases": []}],
}  # fmt: skip


def with_usage(file: Path, content: str) -> Result:
    usage = file.with_name("usage.json")
    usage.write_text(content)
    output = str(file.with_name("page.html"))
    return RUN.invoke(app, ["report", "-f", str(file), "--usage", str(usage), "--output", output])


def test_usage_is_on_the_page_with_bars_and_what_it_says_is_text(file: Path) -> None:
    finished = with_usage(file, json.dumps(USAGE))
    assert finished.exit_code == ExitCode.FINE, finished.output
    text = file.with_name("page.html").read_text()
    assert text.count('<rect class="sure"') == 5  # two bars in two forms, and the legend
    assert "web/&lt;b&gt;api" in text
    assert "10 B to 18 B" in text
    assert "would free 5 B to 9 B" in text


@pytest.mark.parametrize(("change", "message"), [
    ("", "truncated"),
    ("[]", "Expected `object`"),
    ('{"registries": []}', "missing required field `asOf`"),
    (json.dumps(USAGE).replace('"imageCount": 2', '"imageCount": -2'), "$.registries[0].repositories[0].imageCount"),
    (json.dumps(USAGE).replace('"imageCount": 2', f'"imageCount": {10**400}'), "imageCount"),
    (json.dumps(USAGE).replace('"atLeast": 5', '"atLeast": 50'), "atLeast is more than atMost"),
    (json.dumps(USAGE).replace('"atLeast": 5', '"atLeast": NaN'), "invalid"),
    (json.dumps(USAGE).replace("2026-11-26T12:00:00+00:00", "2026-11-26"), "$.asOf"),
    (json.dumps(USAGE).replace('"us-west-2"', '"<script>"'), "$.registries[0].region"),
    (json.dumps(USAGE).replace('"2026-11"', '"2026-11\\n"'), "month"),
    ('{"a":' * 100_000, "usage"),
])  # fmt: skip
def test_what_is_no_usage_is_refused_with_its_place(change: str, message: str, file: Path) -> None:
    finished = with_usage(file, change)
    assert isinstance(finished.exception, InvalidFile), finished.output
    assert message in str(finished.exception)
    assert "way out: write it anew: ecrctl usage --json > " in str(finished.exception)
    assert not file.with_name("page.html").exists()
