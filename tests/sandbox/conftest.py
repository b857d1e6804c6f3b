"""One sandbox for the session, and what tests do in it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ops.aws.cdk_cli import COMMAND
from ops.deploy.bootstrap import put_policies
from registry.load import load
from registry.locations import Location
from registry.model import Registry
from sandbox import run, server
from sandbox.clients import client
from sandbox.environment import environment
from sandbox.place import Place
from tests import forks
from tests.sandbox.put import as_the_cli_does, put_assembly, put_bootstrap, put_stacks
from tests.synth import ACCOUNT, ROOT, SEED, SMALL
from tests.warm import warm_cdk, warm_checkout

HOME, REPLICA = "ap-northeast-2", "us-west-2"
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
    """A running sandbox."""

    place: Place
    cli: tuple[str, ...] = COMMAND  # starts the CDK CLI

    def client(self, registry: Registry, region: str = "", service: str = "ecr") -> Any:
        """A boto3 client of the registry's account."""
        return client(self.place, registry.account, region or registry.region, service)

    def cdk(
        self, registry: Registry, file: Path, verb: str, *arguments: str, add: Callable[[Any], None] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the real cdk CLI on what the app makes of a registry file; the app runs in this process.

        :param add: what else to put into the app.
        """
        with tempfile.TemporaryDirectory() as folder:
            as_the_cli_does(file, Path(folder), add)
            return subprocess.run(
                [*self.cli, verb, *arguments, "--app", folder],
                cwd=ROOT,
                env=environment(self.place, registry.account, registry.region),
                capture_output=True,
                text=True,
                check=False,
            )

    def deploy(
        self, registry: Registry, file: Path, *arguments: str, add: Callable[[Any], None] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`cdk deploy --all`."""
        return self.cdk(registry, file, "deploy", "--all", "--concurrency", "4", *arguments, add=add)

    def put(self, file: Path, *, only: Collection[str] = ()) -> list[str]:
        """Have the stacks of a registry file as its deploy leaves them: for what comes before what a test is about.

        The names of those that changed for that; `only` is as of `put_stacks`.
        """
        return put_stacks(self.place, file, only=only)

    def make_deploy(
        self, registry: Registry, file: Path, *, force: bool = False, only: Collection[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """What `make deploy` does, with the stacks put: the first step that does not end with 0, else the last.

        tests/ops/deploy/test_around_a_deploy.py holds the order of the steps in the Makefile; test_make_deploy.py and
        test_documented.py type it.
        """
        with tempfile.TemporaryDirectory() as folder:
            assembly = as_the_cli_does(file, Path(folder))
            here = ("--registry", str(file), "--app", folder)
            asked = self.ecrctl(registry, "before-deploy", *here, *(["--force"] if force else ["--all-accounts"]))
            if asked.returncode:
                return asked
            put_assembly(self.place, file, assembly, only=only)
            return self.ecrctl(registry, "after-deploy", *here)

    def bootstrap(self, registry: Registry, *locations: Location, **more: Any) -> None:
        """Have a bootstrap of the registry as the CDK leaves it, likewise; `more` is as of `put_bootstrap`."""
        put_bootstrap(self.place, registry, locations, **more)

    def allow(self, registry: Registry, account: str) -> None:
        """Have the policies that `make bootstrap` would make for the file."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("ops.aws.cloud.client", lambda service, region: client(self.place, account, region, service))
            put_policies(registry, account)

    def ecrctl(self, registry: Registry, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ecrctl against the sandbox."""
        shell = environment(self.place, registry.account, registry.region)
        return forks.ecrctl(*arguments, environment=shell, cdk=self.cli)

    def ecrctl_of(self, registry: Registry, file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The same with a registry file, and with its app, which needs no `cdk synth` then."""
        with tempfile.TemporaryDirectory() as folder:
            as_the_cli_does(file, Path(folder))
            return self.ecrctl(registry, *arguments, "--registry", str(file), "--app", folder)

    def push(self, registry: Registry, repository: str, tag: str, text: str) -> str:
        """Push an OCI image to the home region; its digest."""
        return run.oci(self.place, registry.home).push(repository, tag, text)

    def tags(self, registry: Registry, repository: str, region: str = "") -> dict[str, str]:
        """Digest by tag, as DescribeImages says."""
        pages = self.client(registry, region).get_paginator("describe_images").paginate(repositoryName=repository)
        return {
            tag: image["imageDigest"] for page in pages for image in page["imageDetails"] for tag in image["imageTags"]
        }


def sandbox_up(
    folder: Path, file: Path, port: int, shell: dict[str, str], *, at: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """`python -m sandbox up`, of a checkout."""
    return subprocess.run(
        [sys.executable, "-m", "sandbox", "--folder", str(folder), "up", str(file), "--port", str(port)],
        cwd=at,
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
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox with nothing in it: tests have accounts of their own there."""
    with serving(tmp_path_factory.mktemp("sandbox")) as started, warm_cdk() as cli:
        yield replace(started, cli=cli)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where verbs are typed for a file that lies elsewhere."""
    with warm_checkout(tmp_path_factory.mktemp("desk"), SMALL) as place:
        yield place


@contextmanager
def serving(folder: Path) -> Iterator[Sandbox]:
    """Another one, whose things lie in a folder."""
    place = Place(folder=folder / "server", port=free_port())
    started = forks.forked(lambda: server.ensure_running(place, ACCOUNT, HOME), os.environ)  # it is nobody's child here
    assert started.returncode == 0, started.stderr
    try:
        yield Sandbox(place)
    finally:
        server.stop(place)


@pytest.fixture(scope="session")
def _seed_is_deployed(sandbox: Sandbox) -> None:
    registry, _ = load(SEED)
    sandbox.bootstrap(registry, *registry.stack_locations)
    sandbox.put(SEED)


@pytest.fixture
def shipped(_seed_is_deployed: None) -> Registry:
    """The seed, which is deployed; tests leave it as it is."""
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
            sandbox.bootstrap(registry, *(Location(account, region) for region in (HOME, REPLICA)))
            bootstrapped.add(account)
        sandbox.allow(registry, account)
        return registry, file

    return write
