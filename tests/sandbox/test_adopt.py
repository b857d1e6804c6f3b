"""An account made by hand over years becomes this project's without losing anything.

ADOPTED=500 makes it one of five hundred repositories, which takes minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ops.adopt.account import LiveAccount
from ops.drift import normalize
from ops.drift.named import is_of_the_cdk
from ops.drift.reading import ResourceKey
from registry.access.purposes import PUBLISH
from registry.limits import PUBLIC_REGION
from registry.load import load
from registry.locations import Location
from registry.reading import yaml_reader
from sandbox import run
from sandbox.clients import client
from sandbox.environment import environment
from tests import forks
from tests.live_accounts import HOME, ORGANIZATION, OTHERS, document, drawn, put, statement
from tests.sandbox.conftest import Sandbox
from tests.sandbox.put import as_the_cli_does

OWN, VAULT = "210000000901", "210000000902"
SIZE, SEED = int(os.environ.get("ADOPTED", "60")), 3

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def account(sandbox: Sandbox) -> LiveAccount:
    """The account, as it was before anybody thought of infrastructure as code."""
    made = drawn(SEED, SIZE, OWN, VAULT)
    for at in made.locations:
        everything = {"scanType": "ENHANCED", "rules": [{"scanFrequency": "SCAN_ON_PUSH", "filter": "*"}]}
        made.settings[ResourceKey(at, "scanning configuration", "")].update(everything)
    clients: dict[Location, Any] = {}
    put(made, lambda at: clients.setdefault(at, client(sandbox.place, at.account, at.region)))
    publish_and_suppress(sandbox)
    return made


def publish_and_suppress(sandbox: Sandbox) -> None:
    """What the account has beside ECR: a repository that everybody pulls, a filter of Amazon Inspector."""
    public = client(sandbox.place, OWN, PUBLIC_REGION, "ecr-public")
    shown = {"description": "Our base", "aboutText": "# Base\n\nApache License 2.0\n", "architectures": ["x86-64"]}
    public.create_repository(
        repositoryName="acme/base", catalogData=shown, tags=[{"Key": "owner", "Value": "platform"}]
    )
    pushes = statement(
        {"AWS": f"arn:aws:iam::{OTHERS[3]}:root"},
        list(PUBLISH.on_repositories),
        Condition={
            "StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHERS[3]}:role/ci/deployer"},
            "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
        },
    )
    public.set_repository_policy(repositoryName="acme/base", policyText=json.dumps(document(pushes)))
    criteria = {
        "vulnerabilityId": [{"comparison": "EQUALS", "value": "CVE-2026-31337"}],
        "ecrImageRepositoryName": [{"comparison": "PREFIX", "value": "auth/"}],
        "lastObservedAt": [{"endInclusive": datetime(2027, 6, 30, 23, 59, 59, tzinfo=UTC)}],
    }
    inspector = client(sandbox.place, OWN, HOME, "inspector2")
    inspector.create_filter(name="by hand", action="SUPPRESS", description="no network", filterCriteria=criteria)


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
    written = yaml_reader.parse(file.read_bytes(), "registry.yaml").root.value
    assert written["public_repositories"]["acme/base"]["about_text"] == "# Base\n\nApache License 2.0\n"
    assert written["public_repositories"]["acme/base"]["push"] == ["deployer"]
    assert written["accepted_findings"]["CVE-2026-31337"]["until"] == "2027-06-30"
    assert written["account_settings"] == {"inspector_rescan_duration": "LIFETIME"}
    assert {"name": "codebuild.amazonaws.com", "source_arn": f"arn:aws:codebuild:us-east-1:{OWN}:project/base"} in [
        it.get("service") for it in written["principals"].values()
    ]
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
