"""One sandbox for the session, started by `python -m sandbox up` from a shell that tries to lead it astray."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ops.deploy.bootstrap import put_policies
from registry.load import load
from registry.locations import Location
from registry.model import Registry
from registry.naming import bootstrap_qualifier
from sandbox import cdk, run
from sandbox.clients import client
from sandbox.environment import environment
from sandbox.place import Place
from stacks.build import build
from stacks.checked_app import checked_app
from tests.synth import ROOT, SEED, context

HOME, REPLICA = "ap-northeast-2", "us-west-2"
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
TEMPLATE_BODY = 51_200  # bytes in a request
Scenario = Callable[[str, str], tuple[Registry, Path]]


@dataclass
class Listener:
    """A proxy that only writes down who came."""

    port: int
    seen: list[bytes] = field(default_factory=list)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def hostile(listener: Listener) -> dict[str, str]:
    """A shell that would send AWS's tools to other accounts, endpoints and proxies."""
    proxy = f"http://127.0.0.1:{listener.port}"
    return {
        "HOME": str(Path.home()),
        "PATH": "/usr/bin:/bin",
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"), proxy),
        "AWS_PROFILE": "production",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_SESSION_TOKEN": "token",
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": proxy,
        "AWS_ENDPOINT_URL_ECR": proxy,
        "AWS_ENDPOINT_URL_CLOUDFORMATION": proxy,
        "AWS_ENDPOINT_URL_STS": proxy,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_CONFIG_FILE": "/nonexistent/config",
    }


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    """Accepts connections and records their first bytes; answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        recorded = Listener(server.getsockname()[1])

        def record() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(1)
                    recorded.seen.append(connection.recv(200))

        threading.Thread(target=record, daemon=True).start()
        yield recorded


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox and what its first run printed."""

    place: Place
    output: str
    shell: dict[str, str]

    def client(self, registry: Registry, region: str = "", service: str = "ecr") -> Any:
        """A boto3 client of the registry's account."""
        return client(self.place, registry.account, region or registry.region, service)

    def cdk(
        self, registry: Registry, file: Path, verb: str, *arguments: str, app: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run the real cdk CLI on a registry file."""
        node, cdk = ROOT / ".venv" / "bin" / "node", ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"
        return subprocess.run(
            [
                *(str(node), str(cdk), verb, *arguments),
                *("--context", f"registry={file}", "--output", str(file.parent / "cdk.out")),
                *(("--app", app) if app else ()),
            ],
            cwd=ROOT,
            env=environment(self.place, registry.account, registry.region),
            capture_output=True,
            text=True,
            check=False,
        )

    def deploy(
        self, registry: Registry, file: Path, *arguments: str, app: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """`cdk deploy --all`."""
        return self.cdk(registry, file, "deploy", "--all", "--concurrency", "4", *arguments, app=app)

    def put(self, file: Path) -> None:
        """Have the stacks of a registry file as its deploy leaves them: for what comes before what a test is about.

        The app runs in this process, and its stacks are put in the order and with the change sets of the CDK; a deploy
        by the CLI is several times the work.
        """
        with tempfile.TemporaryDirectory() as folder:
            for stack in as_the_cli_does(file, Path(folder)).stacks:
                at = stack.environment
                put_stack(
                    client(self.place, at.account, at.region, "cloudformation"), stack, self._uploaded(file, stack)
                )

    def _uploaded(self, file: Path, stack: Any) -> dict[str, str]:
        """The template for a change set: one that is too long for that lies in the bucket of the bootstrap."""
        text, at = json.dumps(stack.template), stack.environment
        if len(text) <= TEMPLATE_BODY:
            return {"TemplateBody": text}
        bucket = f"cdk-{bootstrap_qualifier(load(file)[0].name)}-assets-{at.account}-{at.region}"
        key = f"{stack.stack_name}.json"
        client(self.place, at.account, at.region, "s3").put_object(Bucket=bucket, Key=key, Body=text.encode())
        return {"TemplateURL": f"https://s3.{at.region}.amazonaws.com/{bucket}/{key}"}

    def ecrctl(self, registry: Registry, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ecrctl against the sandbox."""
        return subprocess.run(
            [sys.executable, "-m", "ops", *arguments],
            cwd=ROOT,
            env=environment(self.place, registry.account, registry.region),
            capture_output=True,
            text=True,
            check=False,
        )

    def push(self, registry: Registry, repository: str, tag: str, text: str) -> str:
        """Push an OCI image to the home region; its digest."""
        return run.oci(self.place, registry.home).push(repository, tag, text)

    def tags(self, registry: Registry, repository: str, region: str = "") -> dict[str, str]:
        """Digest by tag, as DescribeImages says."""
        pages = self.client(registry, region).get_paginator("describe_images").paginate(repositoryName=repository)
        return {
            tag: image["imageDigest"] for page in pages for image in page["imageDetails"] for tag in image["imageTags"]
        }


def as_the_cli_does(file: Path, folder: Path) -> Any:
    """The assembly of a registry file, with what the CDK CLI adds to the context of an app."""
    given = {**context(), "aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True}
    app = checked_app(context=given, outdir=str(folder))
    build(app, load(file)[0], ())
    return app.synth()


def put_stack(cloudformation: Any, stack: Any, template: dict[str, str]) -> None:
    """Create or update one synthesized stack."""
    name, change = stack.stack_name, "cdk-deploy-change-set"
    try:
        (found,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        kind = "UPDATE" if found["StackStatus"] != "REVIEW_IN_PROGRESS" else "CREATE"
        cloudformation.delete_change_set(StackName=name, ChangeSetName=change)
    except cloudformation.exceptions.ClientError:
        kind = "CREATE"
    cloudformation.create_change_set(
        StackName=name,
        ChangeSetName=change,
        ChangeSetType=kind,
        **template,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Tags=[{"Key": key, "Value": value} for key, value in stack.tags.items()],
    )
    made = cloudformation.describe_change_set(StackName=name, ChangeSetName=change)
    if made["Status"] == "FAILED":
        assert kind == "UPDATE", made["StatusReason"]
        return  # nothing changes
    cloudformation.execute_change_set(StackName=name, ChangeSetName=change)
    (left,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert left["StackStatus"] == f"{kind}_COMPLETE", left
    if kind == "CREATE":
        cloudformation.update_termination_protection(
            StackName=name, EnableTerminationProtection=bool(stack.termination_protection)
        )


def sandbox_up(folder: Path, file: Path, port: int, shell: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`python -m sandbox up`."""
    return subprocess.run(
        [sys.executable, "-m", "sandbox", "--folder", str(folder), "up", str(file), "--port", str(port)],
        cwd=ROOT,
        env=shell,
        capture_output=True,
        text=True,
        check=False,
    )


def sandbox_down(folder: Path, shell: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`python -m sandbox down`."""
    return subprocess.run(
        [sys.executable, "-m", "sandbox", "--folder", str(folder), "down"],
        cwd=ROOT,
        env=shell,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory, listener: Listener) -> Iterator[Sandbox]:
    """The sandbox with the seed deployed: the registry that is shipped as registry.yaml too."""
    folder, port = tmp_path_factory.mktemp("sandbox"), free_port()
    shell = hostile(listener)
    finished = sandbox_up(folder, SEED, port, shell)
    try:
        assert finished.returncode == 0, finished.stdout + finished.stderr
        yield Sandbox(Place(folder=folder, port=port), finished.stdout + finished.stderr, shell)
    finally:
        sandbox_down(folder, shell)


@pytest.fixture
def shipped() -> Registry:
    """The seed, deployed by the fixture `sandbox`; tests leave it as it is."""
    return load(SEED)[0]


@pytest.fixture
def scenario(sandbox: Sandbox, tmp_path: Path) -> Scenario:
    """A registry of an account of its own, which is bootstrapped; each call rewrites the file."""
    bootstrapped: set[str] = set()

    def write(account: str, rest: str) -> tuple[Registry, Path]:
        file = tmp_path / "registry.yaml"
        file.write_text(f'registry: {{name: acme, account: "{account}", region: {HOME}}}\n{rest}\n')
        registry, _ = load(file)
        if account not in bootstrapped:
            shell = environment(sandbox.place, account, HOME)
            cdk.bootstrap(sandbox.place, shell, registry, [Location(account, region) for region in (HOME, REPLICA)])
            bootstrapped.add(account)
        with pytest.MonkeyPatch.context() as patch:  # what `make bootstrap` would allow for this file
            patch.setattr(
                "ops.aws.cloud.client", lambda service, region: client(sandbox.place, account, region, service)
            )
            put_policies(registry, account)
        return registry, file

    return write
