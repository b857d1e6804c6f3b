"""Set-up: what was made for something else is made anew, what cannot be made is explained, and a copy runs itself."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.checkout import checkout, typed
from tests.synth import SMALL

UNREACHABLE = "http://127.0.0.1:9"


#: No program is run but one that a test writes.
ROOMS = ("registry", "constructs", "stacks", "ops", "sandbox", "docs", "examples")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made = checkout(tmp_path, f"{SMALL}repositories: {{my-app: }}\n", without=ROOMS)
    (made / "ops").mkdir()
    (made / "ops" / "__init__.py").touch()
    return made


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """A home with nothing in it, and package servers that nobody listens on."""
    home = tmp_path / "home"
    home.mkdir()
    return {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "PIP_INDEX_URL": UNREACHABLE,
        "PIP_RETRIES": "0",
        "npm_config_registry": UNREACHABLE,
        "npm_config_fetch_retries": "0",
    }


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A Python that makes no environment, and says that it was asked to; it runs what is to run alone."""
    stand_in = tmp_path / "python"
    alone = 'case "$1" in *alone.py) shift 2; exec "$@";; esac'
    stand_in.write_text(f'#!/bin/sh\n{alone}\necho "asked for: $*"\nexit 1\n')
    stand_in.chmod(0o755)
    return stand_in


def test_where_everything_is_there_nothing_is_done(place: Path, shell: dict[str, str]) -> None:
    finished = typed("make setup", place, shell)
    assert (finished.returncode, finished.stdout) == (0, "")


def test_a_copy_runs_itself_and_not_what_it_was_copied_from(place: Path, shell: dict[str, str]) -> None:
    (place / "ops" / "cli.py").write_text("def main():\n    print('the copy')\n")
    assert typed(".venv/bin/ecrctl", place, shell).stdout == "the copy\n"
    (place / "elsewhere").symlink_to(place / ".venv" / "bin" / "ecrctl")
    assert typed("cd / && '" + str(place / "elsewhere") + "'", place, shell).stdout == "the copy\n"


def test_what_set_up_links_goes_along_when_the_checkout_is_moved(place: Path, shell: dict[str, str]) -> None:
    for name in ("node", "cdk", "ecrctl"):
        (place / ".venv" / "bin" / name).unlink()
    assert typed("make setup", place, shell).returncode == 0
    (place / "ops" / "cli.py").write_text("def main():\n    print('it moved')\n")
    moved = place.rename(place.with_name("moved"))
    assert typed(".venv/bin/ecrctl", moved, shell).stdout == "it moved\n"
    assert typed(".venv/bin/cdk --version", moved, shell).stdout.startswith("2.1148.1 ")


def test_the_cdk_needs_no_node_of_the_machine(place: Path, shell: dict[str, str]) -> None:
    finished = typed(".venv/bin/cdk --version", place, {**shell, "PATH": "/nonexistent:/usr/bin:/bin"})
    assert finished.stdout.startswith("2.1148.1 ")


@pytest.fixture
def empty(tmp_path: Path, place: Path) -> Path:
    """A checkout on which set-up has never run."""
    new = tmp_path / "a new one"
    shutil.copytree(place, new, symlinks=True, ignore=shutil.ignore_patterns(".venv", "node_modules"))
    return new


def test_another_checkout_lends_what_has_the_same_locks(place: Path, empty: Path, shell: dict[str, str]) -> None:
    finished = typed(f"make setup SETUP_FROM='{place}'", empty, shell)
    assert (finished.returncode, finished.stdout) == (0, "")
    (empty / "ops" / "cli.py").write_text("def main():\n    print('its own code')\n")
    assert typed(".venv/bin/ecrctl", empty, shell).stdout == "its own code\n"
    assert typed(".venv/bin/cdk --version", empty, shell).stdout.startswith("2.1148.1 ")


def test_what_is_borrowed_is_given_back_and_not_emptied(place: Path, empty: Path, shell: dict[str, str]) -> None:
    lent = place / "node_modules"
    ready = (lent / ".ready").read_text()
    lent.unlink()  # it leads to the tools of this checkout, which would be lost if this went wrong
    (lent / "aws-cdk" / "bin").mkdir(parents=True)
    (lent / "aws-cdk" / "bin" / "cdk").touch()
    (lent / ".ready").write_text(ready)
    there = sorted(lent.rglob("*"))
    assert typed(f"make setup SETUP_FROM='{place}'", empty, shell).returncode == 0
    (empty / "package-lock.json").write_text((empty / "package-lock.json").read_text() + "\n")
    finished = typed("make setup", empty, shell)
    assert finished.returncode == 2
    assert "The CDK CLI could not be installed" in finished.stdout
    assert sorted(lent.rglob("*")) == there


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-native.txt"])
def test_nothing_is_borrowed_for_other_locks(
    place: Path, empty: Path, shell: dict[str, str], python: Path, lock: str
) -> None:
    (empty / lock).write_text((empty / lock).read_text() + "# another\n")
    finished = typed(f"make setup SETUP_FROM='{place}' PYTHON={python}", empty, shell)
    assert "asked for: -m venv .venv" in finished.stdout


def test_a_python_that_is_gone_is_noticed(place: Path, shell: dict[str, str], python: Path) -> None:
    link = place / ".venv" / "bin" / "python"
    link.unlink()
    link.symlink_to("/nonexistent/python3.11")
    finished = typed(f"make setup PYTHON={python}", place, shell)
    assert finished.returncode == 2
    assert "Installing Python packages into .venv (about a minute) ...\nasked for: -m venv .venv\n" in finished.stdout


@pytest.mark.parametrize("made_of", ["3.10\n1 2", ""], ids=["another Python", "unknown"])
def test_an_environment_of_something_else_is_made_anew(
    place: Path, shell: dict[str, str], python: Path, made_of: str
) -> None:
    (place / ".venv" / ".ready").write_text(made_of)
    assert "asked for: -m venv .venv" in typed(f"make setup PYTHON={python}", place, shell).stdout


def test_other_locks_are_noticed_and_other_dates_are_not(place: Path, shell: dict[str, str], python: Path) -> None:
    lock = place / "requirements.txt"
    lock.touch()
    assert typed(f"make setup PYTHON={python}", place, shell).stdout == ""
    lock.write_text(lock.read_text() + "# another\n")
    assert "asked for: -m venv .venv" in typed(f"make setup PYTHON={python}", place, shell).stdout


def test_node_modules_that_are_gone_are_noticed_and_npm_has_a_word(place: Path, shell: dict[str, str]) -> None:
    (place / "node_modules").unlink()
    finished = typed("make setup", place, shell)
    assert finished.returncode == 2
    assert "ECONNREFUSED" in finished.stdout
    assert "The CDK CLI could not be installed; what npm said stands above.\n" in finished.stdout


@pytest.mark.parametrize("left", ["a stamp without the CDK", "the CDK of another lock"])
def test_node_modules_of_something_else_are_made_anew(place: Path, shell: dict[str, str], left: str) -> None:
    modules = place / "node_modules"
    stamp = (modules / ".ready").read_text()
    modules.unlink()
    program = modules / "aws-cdk" / "bin" / "cdk"
    program.parent.mkdir(parents=True)
    if left == "the CDK of another lock":
        program.touch()
        stamp = "1 2"
    (modules / ".ready").write_text(stamp)
    finished = typed("make setup", place, shell)
    assert finished.returncode == 2
    assert "Installing the CDK CLI into node_modules ...\n" in finished.stdout


def test_pip_has_a_word_too(place: Path, shell: dict[str, str]) -> None:
    (place / ".venv" / ".ready").unlink()
    finished = typed("make setup", place, shell)
    assert finished.returncode == 2
    assert "Could not find a version that satisfies the requirement" in finished.stdout
    assert "The packages could not be installed; what pip said stands above.\n" in finished.stdout


def test_without_a_python_that_is_new_enough_it_says_which_is_needed(place: Path, shell: dict[str, str]) -> None:
    (place / ".venv" / ".ready").unlink()
    finished = typed("env PATH=/nonexistent /bin/bash scripts/venv.sh .venv requirements.txt", place, shell)
    assert finished.returncode == 1
    assert "Python 3.11 or newer with venv is needed; on Debian: apt install python3-venv" in finished.stdout


def started(command: str, folder: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    """A line in a shell with a group of processes of its own, as a terminal gives it."""
    return subprocess.Popen(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a background shell ignores it
    )


def test_two_runs_do_not_install_into_one_folder_at_a_time(place: Path, shell: dict[str, str], python: Path) -> None:
    """The second one waits, and then sees what the first has made."""
    ready = (place / ".venv" / ".ready").read_text()
    (place / ".venv" / ".ready").unlink()
    with (place / ".venv.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # as another run has it
        second = started(f"make setup PYTHON={shutil.which('python3')}", place, shell)
        assert second.stdout is not None
        assert second.stdout.readline() == "Waiting for another run that installs here ...\n"
        (place / ".venv" / ".ready").write_text(ready)
    assert (second.communicate()[0], second.returncode) == ("", 0)


@pytest.fixture
def quick(tmp_path: Path) -> Path:
    """A Python whose environments have the pip of this checkout: unpacking another takes four seconds."""
    stand_in, real = tmp_path / "quick", Path(sys.executable).resolve()
    pip = Path(sysconfig.get_path("purelib"), "pip")
    made = f"'{real}' -m venv --without-pip \"$3\" && exec ln -s '{pip}' \"$3\"/lib/python3*/site-packages/"
    stand_in.write_text(f'#!/bin/sh\nif [ "$1 $2" = "-m venv" ]; then {made}; fi\nexec \'{real}\' "$@"\n')
    stand_in.chmod(0o755)
    return stand_in


def test_after_ctrl_c_the_next_run_begins_anew(place: Path, shell: dict[str, str], quick: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as packages:  # takes calls, and never answers
        packages.settimeout(120)  # ends a hang, and nothing depends on it
        index = {**shell, "PIP_INDEX_URL": f"http://127.0.0.1:{packages.getsockname()[1]}"}
        (place / ".venv" / ".ready").unlink()
        for _ in range(2):
            running = started(f"make setup PYTHON={quick}", place, index)
            connection, _ = packages.accept()
            os.killpg(running.pid, signal.SIGINT)
            said, _ = running.communicate()
            connection.close()
            assert running.returncode != 0
            assert said.startswith("Installing Python packages into .venv")
            assert not (place / ".venv" / ".ready").exists()
