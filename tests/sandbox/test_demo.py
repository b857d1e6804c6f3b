"""`make demo`, as a person types it; what an image is built of without Docker is in test_dockerfile.py."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from sandbox.__main__ import main
from sandbox.demo import EXAMPLE, STEPS, Step, type_line
from sandbox.place import SandboxError
from tests.checkout import checkout, typed
from tests.sandbox.conftest import free_port
from tests.sandbox.test_documented import REGISTRY, person


def test_make_demo_shows_the_service_from_a_build_to_a_rollback(tmp_path: Path) -> None:
    place = checkout(tmp_path, REGISTRY)
    shell = person(PORT=str(free_port()))
    try:
        shown = typed("make demo", place, shell)
        assert shown.returncode == 0, shown.stdout
        again = typed(f"cd examples/app && . ../../.sandbox/shop/app-prod && {STEPS[-3].line}", place, shell)
    finally:
        typed("make sandbox-stop", place, shell)
    said = shown.stdout
    assert [line for line in said.splitlines() if "$ " in line][1:] == [f"{step.who}$ {step.line}" for step in STEPS]
    one, two = re.findall(
        r"pushed shop/app:build-\d, (sha256:[0-9a-f]{64}); layers sent: [10], there already: [01]", said
    )
    assert f"shop/app:v1.0.0 is {one}" in said
    assert f"shop/app:v1.x was moved to it, from {one}" in said
    assert "its scan is NOT_SCANNED" in said
    assert "prod has arrived in us-west-2" in said
    assert "'v1.0.0' already exists in the 'shop/app' repository and cannot be overwritten" in said
    moves = re.findall(r"shop/app:prod (is now on|is back on) (sha256:[0-9a-f]{64})", said)
    assert moves == [("is now on", one), ("is now on", two), ("is back on", one)]
    assert re.findall(r'"revision": "(\w+)"', said) == ["3f2a91c", "9c0de42", "3f2a91c"]
    assert "Traceback" not in said
    # The lines can be typed by a person, and AWS knows who that is: a second rollback has nowhere to go.
    assert again.returncode == 1
    assert "remembers nothing that prod was on before" in again.stdout


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (Step(title="", who="", line="exit 3"), "exit code 3 instead of 0"),
        (Step(title="", who="", line="true", code=1), "exit code 0 instead of 1"),
        (Step(title="", who="", line="echo one", says="two"), "did not say two"),
    ],
)
def test_a_step_that_does_not_do_what_it_should_ends_the_demo(step: Step, problem: str, tmp_path: Path) -> None:
    nobody = tmp_path / "nobody"
    nobody.touch()
    with pytest.raises(SandboxError, match=problem):
        type_line(step, step.line, nobody, os.environ)


def test_steps_are_typed_by_roles_of_the_file_and_by_nobody_else() -> None:
    assert {step.who for step in STEPS} == {"app-main", "app-prod", "nodes", "operator"}


@pytest.mark.parametrize("endpoint", ["", "https://api.ecr.ap-northeast-2.amazonaws.com"])
@pytest.mark.parametrize("verb", [["push", str(EXAMPLE)], ["run"]])
def test_a_shell_that_points_elsewhere_neither_pushes_nor_pulls(
    verb: list[str], endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    file = ["--registry", str(EXAMPLE / "registry.yaml")]
    assert main(["--folder", str(tmp_path), *verb, "shop/app:v1", *file]) == 1
    assert "does not point at a running sandbox" in capsys.readouterr().err
