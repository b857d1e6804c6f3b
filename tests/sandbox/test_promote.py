"""Releases and promotions through the local AWS, of real images, as the roles that the file grants them to."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from typer.testing import CliRunner
from urllib3.util import connection

from ops.aws.cloud import CloudError
from ops.cli import app
from registry.load import load
from registry.locations import Location
from registry.model import Registry
from sandbox import images
from sandbox.clients import client
from sandbox.environment import environment
from tests.sandbox.conftest import HOME, REPLICA, Sandbox
from tests.sandbox.test_access import REFUSED, World, github_token
from tests.synth import ROOT

ACCOUNT, OTHER = "220000000041", "220000000042"
INDEX, MANIFEST = "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json"
SUBJECT = "repo:acme@84790634/web@1304267049:{}"
FILE = """\
registry: {{name: acme, account: "{account}", region: ap-northeast-2}}
replicas: {{us-west-2: }}
principals:
  ci: {{github: acme/web, owner_id: 84790634, repository_id: 1304267049, branch: main}}
  prod: {{github: acme/web, owner_id: 84790634, repository_id: 1304267049, environment: prod}}
  reader: {{github: acme/web, owner_id: 84790634, repository_id: 1304267049, environment: dev}}
defaults: {{moving_tags: [prod, "v*.x"]}}
repositories:
  web/api: {{push: [ci], promote: [prod], pull: [reader, prod]}}
  prod/api: {{push: [prod]}}
"""


class Roles(World):
    """A deployed registry, and its roles."""

    def job(self, name: str, part: str, audience: str = "sts.amazonaws.com") -> dict[str, str]:
        token = github_token(SUBJECT.format(part), audience)
        answer = client(self.sandbox.place, ACCOUNT, HOME, "sts").assume_role_with_web_identity(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/ecr-registry/acme/acme-{name}",
            RoleSessionName="job",
            WebIdentityToken=token,
        )
        return dict(answer["Credentials"])

    def shell(self, who: str) -> dict[str, str]:
        """The environment of a role."""
        part = {"ci": "ref:refs/heads/main", "prod": "environment:prod", "reader": "environment:dev"}[who]
        credentials = self.job(who, part)
        return environment(self.sandbox.place, ACCOUNT, HOME) | {
            "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": credentials["SessionToken"],
        }

    def ecrctl(self, who: str, *words: str) -> subprocess.CompletedProcess[str]:
        """ecrctl as a role."""
        return subprocess.run(
            [sys.executable, "-m", "ops", *words, "--registry", str(self.file)],
            cwd=ROOT, env=self.shell(who), capture_output=True, text=True, check=False,
        )  # fmt: skip

    def tags(self, repository: str = "web/api", region: str = HOME, account: str = ACCOUNT) -> dict[str, str]:
        """Digest by tag."""
        pages = client(self.sandbox.place, account, region).get_paginator("describe_images")
        found = pages.paginate(repositoryName=repository)
        return {tag: it["imageDigest"] for page in found for it in page["imageDetails"] for tag in it["imageTags"]}

    def manifest(self, repository: str, manifest: dict[str, Any], tag: str | None = None) -> str:
        """Put a manifest over the OCI endpoint, as ci's tools do; its digest."""
        ci = self.job("ci", "ref:refs/heads/main")
        ecr, text = self.ecr(ci), json.dumps(manifest)
        ecr.put_image(
            repositoryName=repository, imageManifest=text, imageManifestMediaType=manifest["mediaType"],
            **({"imageTag": tag} if tag else {}),
        )  # fmt: skip
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    def build(self, name: str) -> str:
        """An index of two platforms that ci pushes, with a signature and an SBOM of it; the digest of the index."""
        oci = self.oci(self.job("ci", "ref:refs/heads/main"), account=ACCOUNT)
        platforms = [oci.push("web/api", f"{name}-{each}", f"{name} for {each}") for each in ("amd64", "arm64")]
        entries = [
            {"mediaType": MANIFEST, "digest": it, "size": 1, "platform": {"os": "linux", "architecture": each}}
            for it, each in zip(platforms, ("amd64", "arm64"), strict=True)
        ]
        index = self.manifest("web/api", {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}, name)
        config = json.loads(
            self.ecr(self.job("ci", "ref:refs/heads/main"))
            .batch_get_image(repositoryName="web/api", imageIds=[{"imageDigest": platforms[0]}])["images"][0]
            ["imageManifest"]
        )["config"]  # fmt: skip
        for kind in ("application/vnd.cncf.notary.signature", "application/spdx+json"):
            subject = {"mediaType": INDEX, "digest": index, "size": 1}
            self.manifest("web/api", {
                "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": kind, "config": config, "layers": [],
                "subject": subject,
            })  # fmt: skip
        return index


@pytest.fixture(scope="module")
def roles(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Roles:
    file = tmp_path_factory.mktemp("promote") / "registry.yaml"
    file.write_text(FILE.format(account=ACCOUNT))
    registry: Registry = load(file)[0]
    sandbox.bootstrap(registry, Location(ACCOUNT, HOME), Location(ACCOUNT, REPLICA))
    sandbox.put(file)
    return Roles(sandbox, file)


def test_release_promote_and_back_as_the_roles_of_the_file(roles: Roles) -> None:
    one, two = roles.build("build-1"), roles.build("build-2")
    for source, version in (("build-1", "1.0.0"), ("build-2", "1.0.1")):
        done = roles.ecrctl("ci", "release", "web/api", source, "--version", version)
        assert done.returncode == 0, done.stderr
    tags = roles.tags()
    assert (tags["v1.0.0"], tags["v1.0.1"], tags["v1.0.x"], tags["v1.x"]) == (one, two, two, two)

    for version in ("v1.0.0", "v1.0.1"):
        done = roles.ecrctl("prod", "promote", f"web/api:{version}", "prod", "--yes")
        assert done.returncode == 0, done.stderr
    assert f"web/api:prod is on build-1, v1.0.0 ({one})" in done.stderr
    assert roles.tags()["prod"] == roles.tags(region=REPLICA)["prod"] == two
    referrers = client(roles.sandbox.place, ACCOUNT, HOME).list_image_referrers(
        repositoryName="web/api", subjectId={"imageDigest": roles.tags()["prod"]}
    )["referrers"]
    assert len(referrers) == 2

    done = roles.ecrctl("prod", "promote", "web/api", "prod", "--rollback", "--yes", "--json")
    assert json.loads(done.stdout)["imageDigest"] == one
    assert roles.tags()["prod"] == one
    done = roles.ecrctl("prod", "promote", "web/api", "prod", "--rollback", "--yes")
    assert done.returncode == 1
    assert "remembers nothing that prod was on before" in done.stderr

    refused = roles.ecrctl("reader", "promote", "web/api:v1.0.1", "prod", "--yes")
    assert refused.returncode == 3
    assert "AccessDenied" in refused.stderr or "not authorized" in refused.stderr
    refused = roles.ecrctl("reader", "release", "web/api", "build-1", "--version", "2.0.0")
    assert refused.returncode == 3
    assert "v2.0.0" not in roles.tags()
    with pytest.raises(Exception, match=REFUSED):  # who promotes pushes no layer
        roles.oci(roles.job("prod", "environment:prod"), account=ACCOUNT).push("web/api", "own", "own")
    waited = roles.sandbox.ecrctl(
        load(roles.file)[0], "promote", "web/api:v1.0.1", "prod", "--yes", "--wait", "--registry", str(roles.file)
    )
    assert "prod has arrived in us-west-2" in waited.stderr, waited.stderr


@contextmanager
def hosts_of(sandbox: Sandbox) -> Iterator[None]:
    """Every connection to a host of ECR's goes to the sandbox: the names stay, nothing leaves the machine."""
    original = connection.create_connection
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            connection,
            "create_connection",
            lambda address, *a, **b: original(("127.0.0.1", sandbox.place.port), *a, **b),
        )
        yield


def promoted_to(roles: Roles, monkeypatch: pytest.MonkeyPatch, who: str, *words: str) -> Any:
    """`ecrctl promote --to` in this process, as a role."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in roles.shell(who).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it would keep the credentials of another role
    with hosts_of(roles.sandbox):
        return CliRunner().invoke(app, ["promote", *words, "--yes", "--registry", str(roles.file)])


def test_to_the_repository_of_production_it_goes_whole(roles: Roles, monkeypatch: pytest.MonkeyPatch) -> None:
    index = roles.build("build-7")
    client(roles.sandbox.place, ACCOUNT, HOME).put_account_setting(name="BLOB_MOUNTING", value="ENABLED")
    done = promoted_to(roles, monkeypatch, "prod", "web/api:build-7", "prod", "--to", "prod/api")
    assert done.exit_code == 0, (done.output, done.exception)
    assert "copied 5 manifests; of the layers 0 were there, 4 were mounted, 0 were sent (0 bytes)" in done.stderr
    assert roles.tags("prod/api")["prod"] == index
    pulled = roles.oci(roles.job("prod", "environment:prod"), account=ACCOUNT)
    (platform, _) = _platforms(roles, "prod/api", index)
    assert _text(pulled, "prod/api", platform) == "build-7 for amd64"

    done = promoted_to(roles, monkeypatch, "reader", "web/api:build-7", "prod", "--to", "prod/api")
    assert isinstance(done.exception, CloudError)


def test_to_another_account_the_bytes_are_sent(roles: Roles, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    index = roles.build("build-8")
    there = client(roles.sandbox.place, OTHER, HOME)
    there.create_repository(repositoryName="prod/api", imageTagMutability="MUTABLE")
    config = tmp_path / "config"
    config.write_text(f"[profile other]\naws_access_key_id = {OTHER}\naws_secret_access_key = x\nregion = {HOME}\n")
    shell = roles.shell
    monkeypatch.setattr(Roles, "shell", lambda self, who: shell(who) | {"AWS_CONFIG_FILE": str(config)})
    host = f"{OTHER}.dkr.ecr.{HOME}.amazonaws.com"
    words = ("web/api:build-8", "prod", "--to", f"{host}/prod/api", "--to-profile", "other")
    done = promoted_to(roles, monkeypatch, "prod", *words)
    assert done.exit_code == 0, (done.output, done.exception)
    assert "of the layers 0 were there, 0 were mounted, 4 were sent" in done.stderr
    assert roles.tags("prod/api", account=OTHER)["prod"] == index
    assert (
        len(there.list_image_referrers(repositoryName="prod/api", subjectId={"imageDigest": index})["referrers"]) == 2
    )
    done = promoted_to(roles, monkeypatch, "prod", *words)
    assert "of the layers 4 were there" in done.stderr


def _platforms(roles: Roles, repository: str, index: str) -> list[str]:
    ecr = client(roles.sandbox.place, ACCOUNT, HOME)
    (image,) = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageDigest": index}])["images"]
    return [it["digest"] for it in json.loads(image["imageManifest"])["manifests"]]


def _text(oci: images.Registry, repository: str, digest: str) -> str:
    return oci.pull(repository, f"latest@{digest}")


def test_the_test_itself_asks_nobody_else(roles: Roles) -> None:
    with hosts_of(roles.sandbox):
        answer = requests.get(
            f"https://{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com/v2/", verify=str(roles.sandbox.place.authority), timeout=5,
            proxies={"https": ""},
        )  # fmt: skip
    assert answer.status_code in (200, 401)
