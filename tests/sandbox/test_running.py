"""The sandbox itself: a busy port, a dead server, an interrupted run, a changed file, a bad file."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.clients import client
from sandbox.place import Place
from sandbox.server import answers
from tests.sandbox.conftest import Listener, free_port, hostile, sandbox_down, sandbox_up
from tests.synth import ROOT, SMALL


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_text(SMALL + "repositories: {my-app: }\n")
    return path


def repositories(place: Place) -> set[str]:
    found = client(place, "123456789012", "ap-northeast-2").describe_repositories()["repositories"]
    return {row["repositoryName"] for row in found if not row["repositoryName"].startswith("cdk-")}


def test_a_sandbox_follows_its_file_survives_an_interruption_and_says_when_its_server_died(
    tmp_path: Path, file: Path, listener: Listener
) -> None:
    shell, port = hostile(listener), free_port()
    place = Place(folder=tmp_path / "sandbox", port=port)
    try:
        up = ["--folder", str(place.folder), "up", str(file), "--port", str(port)]
        interrupted = subprocess.Popen(
            [sys.executable, "-u", "-m", "sandbox", *up],
            cwd=ROOT, env=shell, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert interrupted.stdout is not None
        for line in interrupted.stdout:
            if "3/5" in line:
                os.killpg(interrupted.pid, signal.SIGINT)  # as Ctrl-C does
                break
        _, complaint = interrupted.communicate(timeout=60)
        assert interrupted.returncode == 130
        assert "Interrupted" in complaint
        assert "Traceback" not in complaint
        assert answers(place)

        first = sandbox_up(place.folder, file, port, shell)
        assert first.returncode == 0, first.stdout + first.stderr
        assert "already running" in first.stdout
        assert repositories(place) == {"my-app"}

        file.write_text(SMALL + "repositories: {my-app: , another: }\n")
        second = sandbox_up(place.folder, file, port, shell)
        assert second.returncode == 0, second.stdout + second.stderr
        assert repositories(place) == {"my-app", "another"}

        pid = json.loads(place.state.read_text())["pid"]
        os.kill(pid, signal.SIGKILL)
        third = sandbox_up(place.folder, file, port, shell)
        assert third.returncode == 0, third.stdout + third.stderr
        assert "of the last run is gone, and its content with it" in third.stdout
        assert repositories(place) == {"my-app", "another"}

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


def test_a_bad_file_is_refused_before_anything_starts(tmp_path: Path, listener: Listener) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(SMALL + "repositories: {My-App: }\n")
    finished = sandbox_up(tmp_path / "sandbox", bad, free_port(), hostile(listener))
    assert finished.returncode == 1
    assert f"{bad}:2:16: error: ECR does not accept this repository name" in finished.stderr
    assert not (tmp_path / "sandbox").exists()
