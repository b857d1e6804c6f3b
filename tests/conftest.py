"""What holds for every test."""

from __future__ import annotations

import os
import signal
import sys
from functools import cache
from pathlib import Path

import boto3
import pytest
import typer.main
import typer.testing
from hypothesis import HealthCheck, settings

from tests import clients_at_once

# boto3 reads profiles, endpoints and proxies from here; no test may depend on the shell it is run from.
for _name in [n for n in os.environ if n.startswith("AWS_") or n.lower().endswith("_proxy")]:
    del os.environ[_name]

# What a shell starts in the background does not hear Ctrl-C, and some tests press it: they would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)

_USERS = Path(__file__).resolve().parent.parent / "registry.yaml"


def _not_the_users_file(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and str(arguments[0]).endswith(_USERS.name):
        assert Path(str(arguments[0])).resolve() != _USERS, "registry.yaml belongs to the user: tests read examples/"


sys.addaudithook(_not_the_users_file)

clients_at_once.install()
# Typer makes all commands anew for each line that is typed in a test, which takes a tenth of a second and more.
vars(typer.testing)["_get_command"] = cache(typer.main.get_command)


@pytest.fixture(autouse=True)
def _session_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 keeps the credentials of the first client of a process: no test acts as the one before it."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


# Property tests look at the same examples in every run: a red one is red on every machine.
settings.register_profile(
    "project", deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("many", settings.get_profile("project"), derandomize=False, max_examples=2500)
settings.load_profile("project")

#: The files that take longest, longest first. A worker takes the next file when it is free, so these begin.
_LONG = (
    *("test_own_repository", "test_documented", "test_make_deploy", "test_import_all", "test_bootstrap"),
    *("test_documented_commands", "test_examples", "test_faults", "test_documented_accounts", "test_running"),
    *("test_replacements", "test_adopt", "test_demo", "test_day_after", "test_first_light", "test_documented_changes"),
    *("test_accounts", "test_doors", "test_upgrade_check", "test_cdk_synth", "test_setup", "test_permissions"),
    *("test_backfill", "test_adoption"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest, then the rest of the sandbox, then the rest as it was found."""

    def turn(item: pytest.Item) -> int:
        if item.path.stem in _LONG:
            return _LONG.index(item.path.stem)
        return len(_LONG) + (item.path.parent.name != "sandbox")

    items.sort(key=turn)
