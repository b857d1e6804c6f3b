"""Usage of real pushes: images that share a layer take it once, and two accounts are one registry with a profile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from registry.load import load
from registry.locations import Location
from sandbox import run
from sandbox.clients import client
from tests.sandbox.conftest import Sandbox

ACCOUNT, OTHER, HOME, REPLICA = "210000000063", "210000000064", "ap-northeast-2", "us-west-2"
TEXT = f"""\
registry: {{name: acme, account: "{ACCOUNT}", region: {HOME}}}
lifecycles: {{newest: [{{keep: {{tagged: "v*", last: 1}}}}]}}
repositories: {{web/api: {{owner: web}}, data/etl: }}
"""
BASE = "a base of many words, " * 400


def test_images_that_share_a_layer_take_it_once_and_a_lifecycle_frees_what_nobody_has_any_more(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(TEXT)
    registry = load(file)[0]
    sandbox.bootstrap(registry, Location(ACCOUNT, HOME))
    sandbox.put(file)
    oci = run.oci(sandbox.place, registry.home)
    for tag in ("v1", "v2", "v3"):
        oci.push("web/api", tag, BASE, f"the application {tag}")
    oci.push("data/etl", "v1", BASE, "the pipeline")
    manifests = manifests_of(sandbox, "web/api")
    every = {it["digest"]: it["size"] for manifest in manifests for it in (manifest["config"], *manifest["layers"])}
    base = manifests[0]["layers"][0]
    assert len({manifest["layers"][0]["digest"] for manifest in manifests}) == 1

    asked = ("usage", "--manifests", "--json", "--registry", str(file))
    found = sandbox.ecrctl(registry, *asked, "--what-if", "newest")
    assert found.returncode == 0, found.stderr
    (only,) = json.loads(found.stdout)["registries"]
    api = next(row for row in only["repositories"] if row["repositoryName"] == "web/api")
    assert api["sizeInBytes"] == {"atLeast": sum(every.values()), "atMost": sum(every.values())}
    listed = client(sandbox.place, ACCOUNT, HOME).describe_images(repositoryName="web/api")["imageDetails"]
    assert sum(image["imageSizeInBytes"] for image in listed) >= sum(every.values()) + 2 * base["size"]  # ECR's own
    shared = next(row for row in only["layers"] if row["layerDigest"] == base["digest"])
    assert (shared["imageCount"], shared["repositoryCount"]) == (4, 2)
    assert (only["bases"][0]["layerCount"], only["bases"][0]["imageCount"]) == (1, 4)

    effect = api["lifecycle"]
    left = [sum({it["digest"]: it["size"] for it in (each["config"], *each["layers"])}.values()) for each in manifests]
    assert effect["expiringImageCount"] == 2
    assert effect["freedInBytes"]["atLeast"] == effect["freedInBytes"]["atMost"]
    assert effect["freedInBytes"]["atLeast"] in [sum(every.values()) - size for size in left]  # two pushes in a second

    unread = sandbox.ecrctl(registry, "usage", "--json", "--registry", str(file))
    quick = json.loads(unread.stdout)["total"]["sizeInBytes"]
    exact = json.loads(found.stdout)["total"]["sizeInBytes"]["atLeast"]
    assert quick["atLeast"] < exact < quick["atMost"]

    page = tmp_path / "page.html"
    (tmp_path / "usage.json").write_text(found.stdout)
    words = ("report", "--usage", str(tmp_path / "usage.json"), "--output", str(page), "--registry", str(file))
    written = sandbox.ecrctl(registry, *words)
    assert written.returncode == 0, written.stderr
    assert '<rect class="sure"' in page.read_text()


def test_a_replica_in_another_account_is_asked_with_its_profile_and_named_without(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(TEXT.replace("lifecycles:", f"replicas: {{{OTHER}/{REPLICA}: }}\nlifecycles:"))
    registry = load(file)[0]
    found = sandbox.ecrctl(registry, "usage", "--json", "--registry", str(file))
    assert found.returncode == 3, found.stderr
    assert json.loads(found.stdout)["notAsked"] == [f"{OTHER}/{REPLICA}"]
    assert "this is not the whole" in found.stderr


def manifests_of(sandbox: Sandbox, repository: str) -> list[Any]:
    ecr = client(sandbox.place, ACCOUNT, HOME)
    ids: Any = ecr.list_images(repositoryName=repository)["imageIds"]
    images = ecr.batch_get_image(repositoryName=repository, imageIds=ids)["images"]
    return [json.loads(text) for text in {image["imageManifest"] for image in images}]
