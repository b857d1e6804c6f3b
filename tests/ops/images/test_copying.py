"""An image is copied whole to another repository, and what ends early leaves nothing that anybody sees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ops.aws.cloud import CloudError
from ops.images import ImageRegistry, NoSuchImage, WrongReference, parsed
from ops.images.copying import Copied, copy, destination
from tests.ops.images.fake_ecr import FakeEcr, Held, Killed, installed
from tests.ops.stubs import ACCOUNT, HOME

OTHER = "210987654321"
SIGNATURE, SBOM = "application/vnd.cncf.notary.signature", "application/spdx+json"


class FakeBlobs:
    """What Blobs does, in FakeEcr. A call of it counts like one of the API's."""

    ecr: FakeEcr
    mounts = True

    def __init__(self, registry: ImageRegistry, repository: str) -> None:
        self.registry, self.repository = registry, repository
        self.held = self.ecr.repository(repository, account=registry.account, region=registry.region)

    def _call(self, name: str) -> None:
        self.ecr.before(name, {})
        self.ecr.calls.append(name)

    def has(self, digest: str) -> bool:
        self._call("has")
        return digest in self.held.layers

    def mount(self, digest: str, source: str) -> bool:
        self._call("mount")
        found = self.ecr.repository(source, account=self.registry.account, region=self.registry.region).layers
        if self.mounts and digest in found:
            self.held.layers[digest] = found[digest]
        return digest in self.held.layers

    def download(self, digest: str, file: Path) -> None:
        self._call("download")
        file.write_bytes(self.held.layers[digest])

    def upload(self, digest: str, file: Path) -> None:
        self._call("upload")
        self.held.layers[digest] = file.read_bytes()


@pytest.fixture
def ecr(monkeypatch: pytest.MonkeyPatch) -> FakeEcr:
    fake = installed(monkeypatch)
    monkeypatch.setattr(FakeBlobs, "ecr", fake, raising=False)
    monkeypatch.setattr("ops.images.blobs.Blobs", FakeBlobs)
    return fake


def world(ecr: FakeEcr) -> tuple[Held, str]:
    """web/api with an index of two platforms, a signature of it, an SBOM of one platform, and a signature of that."""
    ecr.held.clear()
    held = ecr.repository()
    one, two = held.image("amd64"), held.image("arm64")
    index = held.index(one, two, tags=("v1",))
    sbom = held.image("sbom", artifactType=SBOM, subject={"digest": one})
    held.image("signature", artifactType=SIGNATURE, subject={"digest": index})
    held.image("signature of the sbom", artifactType=SIGNATURE, subject={"digest": sbom})
    held.image("another", "v2")
    ecr.repository("prod/api")
    ecr.repository("prod/api", account=OTHER)
    return held, index


def copied(index: str, account: str = ACCOUNT) -> Copied:
    here = ImageRegistry(HOME, account=ACCOUNT)
    there = here if account == ACCOUNT else ImageRegistry(HOME, account=account)
    return copy(here, "web/api", index, there, "prod/api")


@pytest.mark.parametrize(("account", "mounted"), [(ACCOUNT, True), (OTHER, False)])
def test_the_index_its_platforms_and_all_that_refers_to_them_are_copied(
    ecr: FakeEcr, account: str, mounted: bool
) -> None:
    held, index = world(ecr)
    done = copied(index, account)
    target = ecr.repository("prod/api", account=account)
    assert target.manifests == {digest: text for digest, text in held.manifests.items() if digest != held.tags["v2"]}
    assert target.tags == {}
    assert (done.manifests, done.present) == (6, 0)
    assert (done.mounted, done.sent) == ((10, 0) if mounted else (0, 10))
    assert done.size == (0 if mounted else sum(map(len, target.layers.values())))
    assert done.notes == ()


def test_each_manifest_goes_after_those_it_names(ecr: FakeEcr) -> None:
    _, index = world(ecr)
    copied(index)
    order = list(ecr.repository("prod/api").manifests)
    for digest, text in ecr.repository("prod/api").manifests.items():
        manifest = json.loads(text)
        named = [it["digest"] for it in manifest.get("manifests", ())]
        named += [manifest["subject"]["digest"]] if "subject" in manifest else []
        assert all(order.index(it) < order.index(digest) for it in named)


def test_what_the_registry_does_not_mount_is_sent(ecr: FakeEcr, monkeypatch: pytest.MonkeyPatch) -> None:
    """https://github.com/aws/containers-roadmap/issues/2860: it answers 202 for a layer that is there."""
    monkeypatch.setattr(FakeBlobs, "mounts", False)
    _, index = world(ecr)
    assert (copied(index).mounted, copied(index).present) == (0, 10)


def test_once_more_sends_nothing_and_brings_what_was_signed_since(ecr: FakeEcr) -> None:
    held, index = world(ecr)
    copied(index)
    later = held.image("signed later", artifactType=SIGNATURE, subject={"digest": index})
    done = copied(index)
    assert (done.present, done.mounted, done.manifests) == (10, 2, 7)
    assert later in ecr.repository("prod/api").manifests


def test_signatures_of_older_tools_keep_their_tags(ecr: FakeEcr) -> None:
    held, index = world(ecr)
    tag = f"{index.replace(':', '-')}.sig"
    signature = held.image("old signature", tag)
    assert copied(index).notes == ()
    target = ecr.repository("prod/api")
    assert target.tags == {tag: signature}
    held.tags[tag] = held.image("newer signature")
    assert copied(index).notes == (f"prod/api has another {tag}, which is fixed and stays",)
    assert target.tags == {tag: signature}


def test_ended_between_any_two_calls_nobody_sees_anything_and_the_next_run_finishes(ecr: FakeEcr) -> None:
    _, index = world(ecr)
    ecr.calls.clear()
    copied(index, OTHER)
    calls, done = len(ecr.calls), dict(ecr.repository("prod/api", account=OTHER).manifests)
    assert calls > 40
    for call in range(calls):
        held, index = world(ecr)
        before = dict(held.manifests)
        ecr.calls.clear()

        def ends(operation: str, asked: Any, last: int = call) -> None:
            if len(ecr.calls) == last:
                raise Killed

        ecr.before = ends
        with pytest.raises(Killed):
            copied(index, OTHER)
        ecr.before = lambda operation, asked: None
        target = ecr.repository("prod/api", account=OTHER)
        assert target.tags == {}
        assert index not in target.manifests or done.items() >= target.manifests.items()
        copied(index, OTHER)
        assert target.manifests == done
        assert held.manifests == before


def test_what_is_in_the_archive_is_no_copy(ecr: FakeEcr) -> None:
    held, index = world(ecr)
    del held.manifests[next(iter(held.manifests))]  # a platform of the index
    with pytest.raises(NoSuchImage):
        copied(index)
    assert ecr.repository("prod/api").manifests == {}


@pytest.mark.parametrize(
    ("to", "where"),
    [
        (None, (ACCOUNT, HOME, "web/api")),
        ("prod/api", (ACCOUNT, HOME, "prod/api")),
        (f"{OTHER}.dkr.ecr.us-west-2.amazonaws.com/prod/api", (OTHER, "us-west-2", "prod/api")),
    ],
)
def test_where_to(ecr: FakeEcr, to: str | None, where: tuple[str, str, str]) -> None:
    here = ImageRegistry(HOME, account=ACCOUNT)
    target, repository = destination(here, parsed("web/api:v1"), to, profile=None)
    assert (target.account, target.region, repository) == where
    assert (target is here) == (where[0] == ACCOUNT)


@pytest.mark.parametrize("to", ["prod/api:v1", "registry.example.com:5000/prod/api", "Prod", ""])
def test_where_to_is_no_image_and_no_other_registry(ecr: FakeEcr, to: str) -> None:
    with pytest.raises(WrongReference, match=r"is no repository of ECR\n    allowed: REPOSITORY, or HOST/REPOSITORY"):
        destination(ImageRegistry(HOME, account=ACCOUNT), parsed("web/api:v1"), to, profile=None)


def test_a_refusal_is_the_message_of_the_registry(ecr: FakeEcr) -> None:
    _, index = world(ecr)
    ecr.denied = {"PutImage"}
    with pytest.raises(CloudError, match="AWS refused PutImage"):
        copied(index)
