"""What is typed in a warm checkout runs the code of the checkout, as whoever typed it and nobody before."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.synth import ROOT
from tests.warm import warm

#: Seconds. What takes longer hangs.
ENDED_WITHIN = 120
FILES = {
    "ops/__init__.py": "",
    "ops/cli.py": """\
import json, os, sys
def main():
    if sys.argv[1:] == ["waits"]:
        print(os.getpid(), flush=True)
    print(json.dumps([sys.argv, os.getcwd(), os.environ["WHO"], sys.stdin.read(), os.environ.get("FIRST")]))
    os.environ["FIRST"] = "left behind"
    os.write(2, b"beside")
    if sys.argv[1:] == ["dies"]:
        os.kill(os.getpid(), 9)
    sys.exit(3 if sys.argv[1:] else None)
""",
    "ops/program.py": "def program(): pass\n",
    "app.py": """\
import json, os
from stacks import checked_app
def main():
    print(json.dumps([checked_app.checked_app(context={"flag": 1, "registry": 1}), os.getcwd(), os.environ["WHO"]]))
    return 4
""",
    "stacks/__init__.py": "",
    "stacks/build.py": "",
    "stacks/checked_app.py": "def checked_app(**properties): return properties\n",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("a checkout")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "scripts").mkdir()
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    for name in ("ecrctl", "app"):
        (folder / "scripts" / name).touch()
    (folder / "scripts" / "cdk.cjs").write_text("process.stdout.write('cold')\n")
    with warm(folder):
        yield folder


def typed(*words: str | Path, at: Path, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    environment |= {"WHO": "me", "PATH": os.environ["PATH"]}
    return subprocess.run(words, cwd=at, env=environment, input=given, capture_output=True, text=True, check=False)


def test_ecrctl_has_the_words_the_folder_the_environment_and_the_files_of_who_typed_it(
    place: Path, tmp_path: Path
) -> None:
    for _ in range(2):  # the second sees nothing of the first
        finished = typed(place / "scripts" / "ecrctl", "two words", at=tmp_path, given="yes\n")
        assert json.loads(finished.stdout) == [["ecrctl", "two words"], str(tmp_path), "me", "yes\n", None]
        assert (finished.returncode, finished.stderr) == (3, "beside")
    assert typed(place / "scripts" / "ecrctl", at=tmp_path).returncode == 0


def test_one_that_is_killed_is_not_taken_for_a_success(place: Path, tmp_path: Path) -> None:
    assert typed(place / "scripts" / "ecrctl", "dies", at=tmp_path).returncode == 137


def test_ecrctl_ends_when_who_typed_it_is_killed(place: Path) -> None:
    words = (place / "scripts" / "ecrctl", "waits")
    me = {"WHO": "me", "PATH": os.environ["PATH"]}
    with subprocess.Popen(words, env=me, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert int(running.stdout.readline())
        running.kill()
        assert select.select([running.stdout], [], [], ENDED_WITHIN)[0]  # what it would have said to has an end
        assert running.stdout.read() == ""


def test_an_app_is_told_what_the_cli_says(place: Path, tmp_path: Path) -> None:
    given = {"CDK_CONTEXT_JSON": '{"registry": "file.yaml"}', "CDK_OUTDIR": "out"}
    finished = typed(place / "scripts" / "app", at=tmp_path, **given)
    made = {"context": {"flag": 1, "registry": "file.yaml"}, "outdir": str(tmp_path / "out")}
    assert json.loads(finished.stdout) == [made, str(tmp_path), "me"]
    assert (finished.returncode, finished.stderr) == (4, "")


def cdk(*words: str) -> tuple[str, ...]:
    return (str(ROOT / ".venv" / "bin" / "node"), "scripts/cdk.cjs", *words)


def test_the_cdk_cli_has_the_words_and_the_environment_of_who_typed_it(place: Path) -> None:
    for number in range(2):
        app = f"echo $WHO $PWD {number}; exit 3"
        finished = typed(*cdk("ls", "--app", app), at=place)
        assert f"me {place} {number}\n" in finished.stdout + finished.stderr
        assert "Subprocess exited with error 3" in finished.stderr
        assert finished.returncode == 1
        assert "cold" not in finished.stdout


def test_after_a_failure_the_cdk_cli_succeeds(place: Path) -> None:
    assert typed(*cdk("ls", "--app", "exit 1"), at=place).returncode == 1
    for words in (("acknowledge", "1"), ("--version",), ("--version",)):  # which ends the process, too
        finished = typed(*cdk(*words), at=place)
        assert (finished.returncode, "cold" in finished.stdout) == (0, False), finished.stderr


@pytest.fixture
def waits(place: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A run of the CDK CLI that is in its app."""
    os.mkfifo(tmp_path / "pipe")
    words = cdk("ls", "--app", f"echo here; read it < '{tmp_path / 'pipe'}'; exit 1")
    with subprocess.Popen(words, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "here\n"
        yield running
        with suppress(OSError):  # the app has gone, too
            os.write(os.open(tmp_path / "pipe", os.O_WRONLY | os.O_NONBLOCK), b"go on\n")


def test_two_runs_of_the_cdk_cli_do_not_wait_for_each_other(place: Path, waits: subprocess.Popen[str]) -> None:
    assert waits.poll() is None
    assert typed(*cdk("ls"), at=place).stdout == "cold"


def test_an_interrupted_run_of_the_cdk_cli_is_not_taken_for_a_success(
    place: Path, waits: subprocess.Popen[str]
) -> None:
    waits.terminate()
    assert waits.wait() == -signal.SIGTERM
    # Another process takes the next run, as soon as this one has seen that nobody waits for it.
    assert any("cold" not in typed(*cdk("--version"), at=place).stdout for _ in range(100))
