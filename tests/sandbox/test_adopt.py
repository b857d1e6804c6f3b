"""An account made by hand over years becomes this project's without losing anything.

ADOPTED=500 makes it one of five hundred repositories, which takes minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops.adopt.account import LiveAccount
from ops.drift import normalize
from ops.drift.named import is_of_the_cdk
from registry.load import load
from registry.locations import Location
from sandbox import run
from sandbox.clients import client
from sandbox.environment import environment
from tests import forks
from tests.live_accounts import HOME, drawn, put
from tests.sandbox.conftest import Sandbox
from tests.sandbox.put import as_the_cli_does

OWN, VAULT = "210000000901", "210000000902"
SIZE, SEED = int(os.environ.get("ADOPTED", "60")), 1

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def account(sandbox: Sandbox) -> LiveAccount:
    """The account, as it was before anybody thought of infrastructure as code."""
    made = drawn(SEED, SIZE, OWN, VAULT)
    clients: dict[Location, Any] = {}
    put(made, lambda at: clients.setdefault(at, client(sandbox.place, at.account, at.region)))
    return made


@pytest.fixture(scope="module")
def images(sandbox: Sandbox, account: LiveAccount) -> dict[str, str]:
    """An image in some of the repositories, and its digest."""
    oci = run.oci(sandbox.place, account.home)
    return {name: oci.push(name, "adopted", f"of {name}") for name in list(account.repositories)[::15]}


@pytest.fixture(scope="module")
def ecrctl(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """ecrctl as a person of either account runs it; the account of the vault has a profile."""
    profiles = tmp_path_factory.mktemp("aws") / "config"
    profiles.write_text(f"[profile vault]\naws_access_key_id = {VAULT}\naws_secret_access_key = any\n")

    def run(*words: str, account: str = OWN) -> subprocess.CompletedProcess[str]:
        shell = environment(sandbox.place, account, HOME) | {"AWS_CONFIG_FILE": str(profiles)}
        return forks.ecrctl(*words, environment=shell, cdk=sandbox.cli)

    return run


def everything(sandbox: Sandbox, account: LiveAccount) -> dict[str, Any]:
    """What AWS says of every repository, everywhere, by what it means: a deploy may put spaces elsewhere."""
    found = {}
    for at in account.locations:
        ecr = client(sandbox.place, at.account, at.region)
        for page in ecr.get_paginator("describe_repositories").paginate():
            for row in page["repositories"]:
                if is_of_the_cdk(row["repositoryName"]):
                    continue
                found[f"{at} {row['repositoryName']}"] = (
                    row["imageTagMutability"],
                    _documents(ecr, row["repositoryName"]),
                )
    return found


def said(file: Path) -> list[str]:
    """The file without comments: a deploy writes descriptions of its own into lifecycle policies."""
    return [line for line in file.read_text().splitlines() if not line.lstrip().startswith("#")]


def _documents(ecr: Any, name: str) -> tuple[Any, Any]:
    def document(read: Callable[[], str]) -> Any:
        try:
            return json.loads(read())
        except ecr.exceptions.ClientError:
            return None

    return (
        normalize.policy(document(lambda: str(ecr.get_repository_policy(repositoryName=name)["policyText"]))),
        normalize.lifecycle(
            document(lambda: str(ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"]))
        ),
    )


def test_an_account_is_adopted_imported_and_deployed_unchanged(
    sandbox: Sandbox, account: LiveAccount, images: dict[str, str], ecrctl: Run, tmp_path: Path
) -> None:
    before = everything(sandbox, account)
    words = ("adopt", "acme", "--region", HOME, "--profile", f"{VAULT}=vault")
    adopted = ecrctl(*words, "--write", str(tmp_path / "first"))
    assert adopted.returncode == 0, adopted.stdout + adopted.stderr
    file = tmp_path / "first" / "registry.yaml"
    assert len(file.read_text().splitlines()) < 1_500
    assert ecrctl("validate", str(file)).returncode == 0

    registry, _ = load(file)
    as_the_cli_does(file, tmp_path / "app")
    app = ("--registry", str(file), "--app", str(tmp_path / "app"), "--yes")
    for owner in (VAULT, OWN):
        sandbox.bootstrap(registry, *registry.stack_locations_in(owner))
        sandbox.allow(registry, owner)
        imported = ecrctl("import", "--all", *app, account=owner)
        assert imported.returncode == 0, imported.stdout[-4000:] + imported.stderr
        again = ecrctl("import", "--all", *app, account=owner)
        assert again.returncode == 0, again.stderr
        assert "nothing to import" in again.stdout
    assert everything(sandbox, account) == before

    sandbox.put(file)  # the deploy: of what exists it changes nothing
    assert everything(sandbox, account) == before
    for owner in (VAULT, OWN):
        drift = ecrctl("drift", "--registry", str(file), account=owner)
        assert drift.returncode == 0, drift.stdout
    assert {name: sandbox.tags(registry, name) for name in images} == {
        name: {"adopted": digest} for name, digest in images.items()
    }

    again = ecrctl(*words, "--write", str(tmp_path / "second"))
    assert again.returncode == 0, again.stdout
    assert said(tmp_path / "second" / "registry.yaml") == said(file)
