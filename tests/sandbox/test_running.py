"""The sandbox itself: a busy port, a dead server, an interrupted run, a changed file, a bad file."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import pytest

from sandbox import images
from sandbox.cdk import whether_it_runs
from sandbox.certificates import ensure_certificates
from sandbox.clients import client
from sandbox.place import Place, SandboxError
from sandbox.server import answers
from tests.sandbox.conftest import Listener, Sandbox, Scenario, free_port, hostile, sandbox_down, sandbox_up, serving
from tests.synth import ROOT, SEED, SMALL


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_text(SMALL + "repositories: {my-app: }\n")
    return path


#: So many that what a deploy says of them does not fit into the pipe of `interrupted_in_step`.
MANY: Final = {f"app-{number}" for number in range(40)}


def repositories(place: Place) -> set[str]:
    found = client(place, "123456789012", "ap-northeast-2").describe_repositories()["repositories"]
    return {row["repositoryName"] for row in found if not row["repositoryName"].startswith("cdk-")}


def declaring(names: Iterable[str]) -> str:
    return f"{SMALL}repositories: {{{', '.join(f'{name}: ' for name in sorted(names))}}}\n"


def interrupted_in_step(step: str, command: list[str], shell: dict[str, str], at: Path) -> tuple[int, str]:
    """Run a command and press Ctrl-C in one of its steps; its exit code and what it said.

    Nobody reads the pipe from the step on, and it is short: the command cannot end before it is interrupted, however
    late this process gets its turn.
    """
    reader, writer = os.pipe()
    if sys.platform == "linux":  # elsewhere a pipe is short enough by itself
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    running = subprocess.Popen(command, cwd=at, env=shell, stdout=writer, stderr=writer, start_new_session=True)
    os.close(writer)
    with open(reader, "rb", buffering=0) as pipe:
        said = b""
        while step.encode() not in said and (byte := pipe.read(1)):
            said += byte
        os.killpg(running.pid, signal.SIGINT)
        said += pipe.readall()
    return running.wait(), said.decode()


def test_a_sandbox_follows_its_file_survives_an_interruption_and_says_when_its_server_died(
    tmp_path: Path, desk: Path, file: Path, listener: Listener
) -> None:
    shell, port = hostile(listener), free_port()
    place = Place(folder=tmp_path / "sandbox", port=port)
    try:
        up = ["--folder", str(place.folder), "up", str(file), "--port", str(port)]
        file.write_text(declaring(MANY))
        returncode, output = interrupted_in_step("3/5", [sys.executable, "-u", "-m", "sandbox", *up], shell, desk)
        assert returncode == 130, output
        assert "Interrupted. The local AWS still runs: go on with make sandbox" in output
        assert "Traceback" not in output
        assert answers(place)

        first = sandbox_up(place.folder, file, port, shell, at=desk)
        assert first.returncode == 0, first.stdout + first.stderr
        assert "already running" in first.stdout
        assert repositories(place) == MANY

        file.write_text(declaring({*MANY, "another"}))
        second = sandbox_up(place.folder, file, port, shell, at=desk)
        assert second.returncode == 0, second.stdout + second.stderr
        assert repositories(place) == {*MANY, "another"}

        file.write_text(declaring(MANY))
        assert sandbox_up(place.folder, file, port, shell, at=desk).returncode == 0
        file.write_text(declaring({*MANY, "another"}))
        back = sandbox_up(place.folder, file, port, shell, at=desk)
        assert back.returncode == 0, back.stdout + back.stderr
        assert "ecrctl import: another exists, and is in no stack" in back.stdout

        pid = json.loads(place.state.read_text())["pid"]
        os.kill(pid, signal.SIGKILL)
        third = sandbox_up(place.folder, file, port, shell, at=desk)
        assert third.returncode == 0, third.stdout + third.stderr
        assert "of the last run is gone, and its content with it" in third.stdout
        assert repositories(place) == {*MANY, "another"}

        elsewhere = sandbox_up(place.folder, file, free_port(), shell)
        assert elsewhere.returncode == 1
        assert f"already runs on port {port}" in elsewhere.stderr
    finally:
        stopped = sandbox_down(place.folder, shell)
    assert "stopped" in stopped.stdout
    assert not answers(place)
    assert not place.environment_file.exists()
    assert "no sandbox runs here" in sandbox_down(place.folder, shell).stdout
    assert listener.seen == []


def test_a_port_that_another_program_has_is_named_with_a_way_out(
    tmp_path: Path, file: Path, listener: Listener
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        finished = sandbox_up(tmp_path / "sandbox", file, port, hostile(listener))
    assert finished.returncode == 1
    assert f"Port {port} is taken by another program" in finished.stderr
    assert f"make sandbox PORT={port + 1}" in finished.stderr
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize("port", ["99999", "0", "http"])
def test_what_is_no_port_is_bad_usage(tmp_path: Path, port: str) -> None:
    command = [sys.executable, "-m", "sandbox", "--folder", str(tmp_path), "up", str(SEED), "--port", port]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert f"{port} is no port; allowed are 1 to 65535" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_server_that_was_killed_is_not_said_to_run(tmp_path: Path) -> None:
    said = whether_it_runs(Place(folder=tmp_path, port=free_port()))
    assert said.startswith("The local AWS has ended: start it again with make sandbox.")


def test_an_image_cannot_be_pushed_to_a_server_that_has_ended(tmp_path: Path) -> None:
    place = Place(folder=tmp_path, port=free_port())
    ensure_certificates(place)
    oci = images.Registry(place, "123456789012", "ap-northeast-2", "password")
    asks: dict[str, Callable[[], object]] = {
        "my-app:v1 was not pushed": lambda: oci.push("my-app", "v1", "text"),
        "my-app was not read": lambda: oci.has("my-app", b"layer"),
        "my-app:v1 was not pulled": lambda: oci.pull("my-app", "v1"),
    }
    for undone, ask in asks.items():
        with pytest.raises(SandboxError) as refused:
            ask()
        assert str(refused.value).startswith(undone)
        assert "The local AWS has ended: start it again with make sandbox." in str(refused.value)


def test_two_sandboxes_run_side_by_side_and_of_one_that_was_killed_nothing_is_said_of_what_it_had(
    sandbox: Sandbox, scenario: Scenario, tmp_path: Path
) -> None:
    registry, file = scenario("210000000191", "repositories: {only/here: }")
    sandbox.put(file)
    with serving(tmp_path / "other") as other:
        assert other.place.port != sandbox.place.port
        assert other.client(registry).describe_repositories()["repositories"] == []
        os.kill(json.loads(other.place.state.read_text())["pid"], signal.SIGKILL)
        for words in (("drift",), ("lifecycle", "guard"), ("before-deploy", "--force"), ("retire", "--check")):
            finished = (
                other.ecrctl_of(registry, file, *words)
                if words[0] == "retire"
                else other.ecrctl(registry, *words, "--registry", str(file))
            )
            assert finished.returncode == 3, finished.stdout + finished.stderr
            assert "way out: " in finished.stderr
            assert "Traceback" not in finished.stderr
    assert sandbox.ecrctl(registry, "drift", "--registry", str(file)).returncode == 0


def test_a_bad_file_is_refused_before_anything_starts(tmp_path: Path, listener: Listener) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(SMALL + "repositories: {My-App: }\n")
    finished = sandbox_up(tmp_path / "sandbox", bad, free_port(), hostile(listener))
    assert finished.returncode == 1
    assert f"{bad}:2:16: error: ECR does not accept this repository name" in finished.stderr
    assert not (tmp_path / "sandbox").exists()
