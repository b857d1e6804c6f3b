"""Two emulators for the whole session, without and with IAM, and an account of its own for every test."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from tests.emulator.cloud import Cloud
from tests.emulator.server import serving

_accounts = itertools.count(100_000_000_001)


def _forget(shell: pytest.MonkeyPatch) -> None:
    """Take away what could reach a boto3 client: profiles, endpoints, configuration files, proxies."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            shell.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        shell.setenv(name, os.devnull)


@pytest.fixture(autouse=True)
def _shell(monkeypatch: pytest.MonkeyPatch) -> None:
    _forget(monkeypatch)


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """One boto3 session for all tests, because it reads the service models only once."""
    with pytest.MonkeyPatch.context() as shell:
        _forget(shell)
        return boto3.Session()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of a running emulator, over plain HTTP and without IAM."""
    home: Path = tmp_path_factory.mktemp("emulator")
    with serving(home) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def guarded_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of a second one, with IAM."""
    with serving(tmp_path_factory.mktemp("guarded"), AUTH="true") as endpoint:
        yield endpoint


@pytest.fixture
def cloud(session: boto3.Session, emulator: str) -> Cloud:
    """An account that no other test uses, in its home region."""
    return Cloud(session, emulator, str(next(_accounts)))


@pytest.fixture
def other(session: boto3.Session, emulator: str) -> Cloud:
    """A second account that no other test uses, in the same region."""
    return Cloud(session, emulator, str(next(_accounts)))


@pytest.fixture
def guarded(session: boto3.Session, guarded_emulator: str) -> Cloud:
    """An account of its own, as root, where IAM is on."""
    return Cloud(session, guarded_emulator, str(next(_accounts)))


@pytest.fixture
def neighbour(session: boto3.Session, guarded_emulator: str) -> Cloud:
    """A second one there."""
    return Cloud(session, guarded_emulator, str(next(_accounts)))
