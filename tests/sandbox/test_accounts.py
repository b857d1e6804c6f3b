"""Two accounts that do not trust each other: each is bootstrapped and deployed with its own credentials."""

from __future__ import annotations

import subprocess
from pathlib import Path

from registry import naming
from registry.access.cloudformation import execution_policies, execution_policy_arns
from registry.load import load
from registry.locations import Location
from sandbox import run
from sandbox.clients import client
from sandbox.environment import environment
from tests.sandbox.conftest import Sandbox

HOME, OTHER = Location("240000000001", "ap-northeast-2"), Location("240000000002", "us-west-2")
FILE = f"""\
registry: {{name: acme, account: "{HOME.account}", region: {HOME.region}}}
replicas: {{{OTHER}: }}
repositories: {{web/api: }}
"""


def make(sandbox: Sandbox, desk: Path, at: Location, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A verb with the credentials of an account."""
    shell = environment(sandbox.place, at.account, HOME.region)
    return subprocess.run(["make", *arguments], cwd=desk, env=shell, capture_output=True, text=True, check=False)


def stacks(sandbox: Sandbox, at: Location) -> set[str]:
    rows = client(sandbox.place, at.account, at.region, "cloudformation").describe_stacks()["Stacks"]
    return {row["StackName"] for row in rows if row["StackName"].startswith("acme-")}


def test_each_account_is_prepared_and_deployed_by_itself_destinations_first(
    sandbox: Sandbox, desk: Path, tmp_path: Path
) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(FILE)
    registry, _ = load(file)
    for at in (OTHER, HOME):
        prepared = make(sandbox, desk, at, "bootstrap", f"REGISTRY={file}")
        assert prepared.returncode == 0, prepared.stdout + prepared.stderr
        iam = client(sandbox.place, at.account, at.region, "iam")
        role = naming.execution_role_arn("acme", at.account, at.region).rpartition("/")[2]
        attached = {row["PolicyArn"] for row in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]}
        assert attached == set(execution_policy_arns(registry, at.account))
        (arn,) = attached
        (document,) = execution_policies(registry, at.account)
        version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
        assert version["Document"] == document

    there = make(sandbox, desk, OTHER, "deploy", f"REGISTRY={file}", f"ACCOUNT={OTHER.account}")
    assert there.returncode == 0, there.stdout + there.stderr
    assert stacks(sandbox, OTHER) == {"acme-Registry", "acme-Repositories-web"}
    assert stacks(sandbox, HOME) == set()
    here = make(sandbox, desk, HOME, "deploy", f"REGISTRY={file}", f"ACCOUNT={HOME.account}")
    assert here.returncode == 0, here.stdout + here.stderr
    digest = run.oci(sandbox.place, HOME).push("web/api", "v1", "one")
    images = client(sandbox.place, OTHER.account, OTHER.region).describe_images(repositoryName="web/api")
    assert [image["imageDigest"] for image in images["imageDetails"]] == [digest]
