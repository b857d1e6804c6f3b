"""A registry that is deployed in the local AWS and lived in: images, something that runs, a difference everywhere."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3
from botocore.exceptions import ClientError

from registry.load import load
from registry.model import Registry
from sandbox.existing import make_existing
from tests.sandbox.conftest import HOME, REPLICA, Sandbox
from tests.sandbox.put import as_the_cli_does, put_assembly

ACCOUNT = "230000000001"
HOST = f"{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com"
TEXT = f"""\
registry: {{name: acme, account: "{ACCOUNT}", region: {HOME}}}
replicas: {{{REPLICA}: }}
account_settings: {{blob_mounting: ENABLED}}
pull_through_cache_rules: {{quay: {{upstream_registry: quay}}}}
principals: {{nodes: {{role: "arn:aws:iam::{ACCOUNT}:role/nodes"}}}}
lifecycles: {{releases: [{{keep: {{tagged: "v*", last: 1}}}}, {{expire: {{untagged: true, after_days: 1}}}}]}}
defaults: {{moving_tags: [prod, "v*.x"], lifecycle: releases}}
repositories:
  web/api: {{pull: [nodes]}}
  prod/api:
"""
OLD = TEXT.replace("last: 1}", "last: 9}").replace("{pull: [nodes]}", "")
#: With a repository of a stack that is not deployed.
LATE = f"{TEXT}  late/one:\n"
LATE_STACK = "acme-Repositories-late"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


@dataclass
class World:
    """The registry, its file in three states, and what the app makes of two of them."""

    sandbox: Sandbox
    registry: Registry
    folder: Path
    file: Path
    old: Path
    late: Path
    app: Path
    late_app: Path
    late_assembly: Any
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    @property
    def notes(self) -> Path:
        """Where ecrctl notes what it has begun, in every run."""
        return self.folder / "state"

    def client(self, service: str = "ecr", region: str = HOME) -> Any:
        """As the account's root, past every fault."""
        if (service, region) not in self._clients:
            self._clients[service, region] = self.sandbox.client(self.registry, region, service)
        return self._clients[service, region]

    def push(self, repository: str, *tags: str, text: str, region: str = HOME) -> str:
        """An image by its manifest alone, unless it is there; its digest."""
        digest = ""
        for tag in tags:
            self._put(repository, _manifest(text), MANIFEST, region, imageTag=tag)
            found = self.client(region=region).describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
            digest = str(found["imageDetails"][0]["imageDigest"])
        return digest

    def push_list(self, repository: str, tag: str, *texts: str) -> None:
        """A manifest list of images that have no tag of their own."""
        named = []
        for manifest in map(_manifest, texts):
            self._put(repository, manifest, MANIFEST)
            digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
            named.append({"mediaType": MANIFEST, "size": len(manifest), "digest": digest})
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": named}
        self._put(repository, json.dumps(index), INDEX, imageTag=tag)

    def _put(self, repository: str, manifest: str, kind: str, region: str = HOME, **named: str) -> None:
        with suppress(ClientError):
            self.client(region=region).put_image(
                repositoryName=repository, imageManifest=manifest, imageManifestMediaType=kind, **named
            )

    def tags(self, repository: str = "web/api", region: str = HOME) -> dict[str, Any]:
        """What every tag is on, and in which state; images without a tag by their digests."""
        pages = (
            self.client(region=region)
            .get_paginator("describe_images")
            .paginate(repositoryName=repository, filter={"imageStatus": "ANY"})
        )
        return {
            tag: (row["imageDigest"], row.get("imageStatus", "ACTIVE"))
            for page in pages
            for row in page["imageDetails"]
            for tag in row.get("imageTags") or [row["imageDigest"]]
        }

    def without_layers(self, repository: str, tag: str, source: str) -> None:
        """Have nothing of what an image of another repository consists of."""
        ecr = self.client()
        (image,) = ecr.batch_get_image(repositoryName=source, imageIds=[{"imageTag": tag}])["images"]
        (login,) = ecr.get_authorization_token()["authorizationData"]
        manifest, place = json.loads(image["imageManifest"]), self.sandbox.place
        said = {"Host": f"{HOST}:{place.port}", "Authorization": f"Basic {login['authorizationToken']}"}
        with urllib3.HTTPSConnectionPool("localhost", place.port, ca_certs=str(place.authority)) as pool:
            for part in (manifest["config"], *manifest["layers"]):
                answer = pool.request("DELETE", f"/v2/{repository}/blobs/{part['digest']}", headers=said)
                assert answer.status in (202, 404), answer.data

    def untag(self, *tags: str, repository: str = "web/api") -> None:
        """Take tags away."""
        ids: Any = [{"imageTag": tag} for tag in tags]
        self.client().batch_delete_image(repositoryName=repository, imageIds=ids)


def _manifest(text: str) -> str:
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 2, "digest": EMPTY},
            "layers": [],
            "annotations": {"text": text},
        }
    )


EMPTY = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # of {}


def lived_in(sandbox: Sandbox, folder: Path) -> World:
    """Deploy the registry, push to it, let something run, and change things by hand."""
    files = {name: folder / f"{name}.yaml" for name in ("registry", "old", "late")}
    for file, text in zip(files.values(), (TEXT, OLD, LATE), strict=True):
        file.write_text(text)
    file, old, late = files.values()
    registry, _ = load(file)
    sandbox.bootstrap(registry, *registry.stack_locations)
    sandbox.allow(registry, ACCOUNT)
    make_existing(sandbox.place, registry)
    apps = folder / "app", folder / "late-app"
    put_assembly(sandbox.place, file, as_the_cli_does(file, apps[0]))
    world = World(sandbox, registry, folder, file, old, late, *apps, as_the_cli_does(late, apps[1]))
    for number in (1, 2):
        world.push("web/api", f"v{number}", text=f"release {number}")
    sandbox.push(registry, "web/api", "build-7", "build 7")
    _run(world)
    changed(world)
    return world


def _run(world: World) -> None:
    """One image runs in ECS, one in Lambda."""
    ecs, functions = world.client("ecs"), world.client("lambda")
    ecs.create_cluster(clusterName="blue")
    ecs.register_task_definition(
        family="api", containerDefinitions=[{"name": "a", "image": f"{HOST}/web/api:v1", "memory": 128}]
    )
    ecs.create_service(cluster="blue", serviceName="api", taskDefinition="api", desiredCount=0)
    functions.create_function(
        FunctionName="f",
        PackageType="Image",
        Code={"ImageUri": f"{HOST}/web/api:build-7"},
        Role=f"arn:aws:iam::{ACCOUNT}:role/nodes",
    )


def changed(world: World) -> None:
    """What drift is to find."""
    world.client(region=REPLICA).put_image_tag_mutability(repositoryName="web/api", imageTagMutability="MUTABLE")
    with suppress(ClientError):
        world.client().delete_lifecycle_policy(repositoryName="web/api")
    world.client().put_replication_configuration(replicationConfiguration={"rules": []})
