"""One account, another CDK app and registries whose names begin alike: no bootstrap disturbs another."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry import naming
from registry.access.cloudformation import execution_policy_arns
from registry.load import load
from registry.model import Registry
from registry.resolve.lifecycles import BUILT_IN, to_ecr_policy
from registry.shape import BUILT_IN_LIFECYCLE
from sandbox.cdk import ADMINISTRATOR
from sandbox.clients import client
from sandbox.environment import environment
from tests.sandbox import plain_app
from tests.sandbox.conftest import HOME, REPLICA, Sandbox

ACCOUNT, OTHER = "250000000001", "250000000002"
PLAIN_ROLE = f"cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-{HOME}"
FILES = {"acme": HOME, "acme-web": REPLICA, "acme-w": HOME}
ECRCTL = ".venv/bin/ecrctl"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(sandbox: Sandbox, desk: Path) -> Run:
    """Run a command in the sandbox, with the credentials of an account."""

    def run(*words: str, account: str = ACCOUNT, folder: Path = desk, answers: str = "y\n") -> Any:
        shell = environment(sandbox.place, account, HOME) | {"CDK_REQUIRE_APPROVAL": "never"}
        return subprocess.run(
            words, cwd=folder, env=shell, capture_output=True, text=True, check=False, input=answers
        )  # fmt: skip

    return run


def done(finished: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished


def attached(sandbox: Sandbox, role: str, account: str = ACCOUNT) -> set[str]:
    iam = client(sandbox.place, account, HOME, "iam")
    return {row["PolicyArn"] for row in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]}


def executes_by(registry: Registry) -> str:
    return naming.execution_role_arn(registry.name, registry.account, registry.region).rpartition("/")[2]


def deploy_plain(sandbox: Sandbox, run: Run, folder: Path, value: str) -> None:
    plain_app.main(ACCOUNT, HOME, value, folder=str(folder / value))
    done(run(*sandbox.cli, "deploy", "Plain", "--app", str(folder / value), folder=folder))


def test_apps_and_registries_in_one_account_keep_what_they_have(sandbox: Sandbox, run: Run, tmp_path: Path) -> None:
    administrator = ("--cloudformation-execution-policies", ADMINISTRATOR)
    done(run(*sandbox.cli, "bootstrap", f"aws://{ACCOUNT}/{HOME}", *administrator, folder=tmp_path))
    deploy_plain(sandbox, run, tmp_path, "one")
    registries: dict[str, tuple[Registry, Path]] = {}
    for name, region in FILES.items():
        file = tmp_path / f"{name}.yaml"
        file.write_text(
            f'registry: {{name: {name}, account: "{ACCOUNT}", region: {region}}}\nrepositories: {{web/api: }}\n'
        )
        registries[name] = load(file)[0], file
        done(run("make", "bootstrap", f"REGISTRY={file}"))
        assert attached(sandbox, PLAIN_ROLE) == {ADMINISTRATOR}
        for registry, _ in registries.values():
            assert attached(sandbox, executes_by(registry)) == set(execution_policy_arns(registry, ACCOUNT))
    # Each deploys, after all of the bootstraps.
    deploy_plain(sandbox, run, tmp_path, "two")
    assert client(sandbox.place, ACCOUNT, HOME, "ssm").get_parameter(Name="/plain")["Parameter"]["Value"] == "two"
    done(run("make", "deploy", f"REGISTRY={registries['acme'][1]}"))
    output = ("--context", f"registry={registries['acme-web'][1]}", "--output", str(tmp_path / "out"))
    for verb in ("diff", "deploy"):  # plain CDK, which is not told where its bootstrap is
        done(run(*sandbox.cli, verb, "--all", *output))
    for name in ("acme", "acme-web"):
        cloudformation = client(sandbox.place, ACCOUNT, FILES[name], "cloudformation")
        (stack,) = cloudformation.describe_stacks(StackName=f"{name}-Repositories-web")["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"


def test_what_is_not_bootstrapped_is_told_the_way_that_leaves_cloudformation_no_administrator(
    sandbox: Sandbox, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "registry.yaml"
    name = f'{{name: bare, account: "{OTHER}", region: {HOME}}}'
    file.write_text(f"registry: {name}\nrepositories: {{web/api: }}\n")
    ecr = client(sandbox.place, OTHER, HOME)
    ecr.create_repository(
        repositoryName="web/api",
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
    )
    lifecycle = getattr(to_ecr_policy(BUILT_IN_LIFECYCLE, BUILT_IN), "text", "")
    ecr.put_lifecycle_policy(repositoryName="web/api", lifecyclePolicyText=lifecycle)
    deploy = run("make", "deploy", f"REGISTRY={file}", account=OTHER)
    taken_in = run(ECRCTL, "import", "web/api", "--registry", str(file), "--yes", account=OTHER)
    for refused in (deploy, taken_in):
        said = refused.stdout + refused.stderr
        assert refused.returncode != 0
        assert "way out: run `make bootstrap`" in said, said
        assert "cdk bootstrap" not in said


def test_the_home_is_trusted_only_where_that_was_said(sandbox: Sandbox, run: Run, tmp_path: Path) -> None:
    home, vault = "250000000003", "250000000004"
    file = tmp_path / "registry.yaml"
    name = f'{{name: trusting, account: "{home}", region: {HOME}}}'
    file.write_text(f"registry: {name}\nreplicas: {{{vault}/{HOME}: }}\nrepositories: {{web/api: }}\n")
    role = naming.deploy_role_arn("trusting", vault, HOME)

    def trusted() -> bool:
        iam = client(sandbox.place, vault, HOME, "iam")
        document = iam.get_role(RoleName=role.rpartition("/")[2])["Role"]["AssumeRolePolicyDocument"]
        return home in str(document)

    done(run("make", "bootstrap", f"REGISTRY={file}", account=home))
    first = done(run("make", "bootstrap", f"REGISTRY={file}", account=vault))
    assert f"make deploy ACCOUNT={vault}" in first.stdout
    assert not trusted()
    refused = run("make", "deploy", f"REGISTRY={file}", account=home)
    assert refused.returncode != 0
    assert f"make deploy ACCOUNT={vault}" in refused.stderr
    done(run("make", "bootstrap", f"REGISTRY={file}", "TRUST_HOME=1", account=vault))
    assert trusted()
    again = done(run("make", "bootstrap", f"REGISTRY={file}", account=vault))
    assert "--no-trust-home" in again.stdout
    assert trusted()
    done(run("make", "deploy", f"REGISTRY={file}", account=home))
    done(run(ECRCTL, "bootstrap", "--registry", str(file), "--yes", "--no-trust-home", account=vault))
    assert not trusted()
