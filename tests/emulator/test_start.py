"""How the emulator starts, and how it says that it cannot."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.emulator import pin
from tests.emulator.cloud import Cloud
from tests.emulator.server import ENDED_WITHIN, PYTHON, ROOT, environment, serving


def run(python: Path | str, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-m", "sandbox.emulator", *arguments],
        cwd=ROOT,
        env=environment(home, 0),
        capture_output=True,
        text=True,
        timeout=ENDED_WITHIN,
        check=False,
    )


def test_the_pinned_version_is_accepted() -> None:
    assert pin.problem("1.5.33") is None


def test_another_version_of_ministack_is_refused() -> None:
    assert pin.problem("1.5.34") == (
        "sandbox.emulator needs ministack 1.5.33 and found 1.5.34: "
        "install requirements-sandbox.txt and run it with that environment's Python"
    )


def test_without_ministack_the_emulator_ends_in_one_line(tmp_path: Path) -> None:
    ended = run(sys.executable, home=tmp_path)

    assert ended.returncode == 1
    assert ended.stderr == (
        "sandbox.emulator needs ministack 1.5.33 and found none: "
        "install requirements-sandbox.txt and run it with that environment's Python\n"
    )


def test_arguments_are_refused_because_a_detached_server_would_be_unpatched(tmp_path: Path) -> None:
    ended = run(PYTHON, "--detach", home=tmp_path)

    assert ended.returncode == 1
    assert ended.stderr == "sandbox.emulator takes no arguments: its settings are environment variables\n"


def test_over_tls_with_iam_on_only_a_known_key_may_use_the_patched_calls(
    session: boto3.Session, tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-m", "trustme", "-q", "-d", tmp_path, "-i", "127.0.0.1"], check=True)
    authority = tmp_path / "client.pem"
    tls = {
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(tmp_path / "server.pem"),
        "MINISTACK_SSL_KEY": str(tmp_path / "server.key"),
    }
    with serving(tmp_path, authority, AUTH="true", **tls) as endpoint:
        root = Cloud(session, endpoint, "123456789012", certificate=authority).ecr
        stranger = Cloud(session, endpoint, "AKIAIOSFODNN7EXAMPLE", certificate=authority).ecr
        with closing(root), closing(stranger):
            assert root.describe_registry()["registryId"] == "123456789012"
            with pytest.raises(ClientError, match="UnrecognizedClientException"):
                stranger.describe_registry()
