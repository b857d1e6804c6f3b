"""Images as DescribeImages answers with them, and their manifests."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.ops.stubs import ACCOUNT, HOME, Cloud

INDEX = "application/vnd.oci.image.index.v1+json"
IMAGE = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
NOW = datetime.now(UTC)
NAME = {"registryId": ACCOUNT, "repositoryName": "web/api"}


def digest(letter: str) -> str:
    return f"sha256:{letter * 64}"


def row(letter: str, *tags: str, days: float = 1, **more: Any) -> dict[str, Any]:
    """An image that was pushed some days ago, and five minutes."""
    said: dict[str, Any] = {
        "imageDigest": digest(letter),
        "imagePushedAt": NOW - timedelta(days=days, minutes=5),
        "imageManifestMediaType": IMAGE,
        "artifactMediaType": CONFIG,
        "imageSizeInBytes": 1_500_000,
        **more,
    }
    return said | ({"imageTags": list(tags)} if tags else {})


def described(cloud: Cloud, *rows: dict[str, Any], at: str = HOME) -> None:
    wanted = {**NAME, "filter": {"imageStatus": "ANY"}, "maxResults": 1000}
    cloud.expect("describe_images", {"imageDetails": list(rows)}, wanted, at=at)


def found(cloud: Cloud, image_id: dict[str, str], *rows: dict[str, Any]) -> None:
    """One image that is asked for by its tag or digest."""
    wanted = {**NAME, "imageIds": [image_id], "filter": {"imageStatus": "ANY"}}
    cloud.expect("describe_images", {"imageDetails": list(rows)}, wanted)


def image_manifest(config: str, **layers: int) -> dict[str, Any]:
    """A manifest of one image: a configuration of 100 bytes, and layers by letter with their sizes in bytes."""
    return {
        "mediaType": IMAGE,
        "config": {"mediaType": CONFIG, "digest": digest(config), "size": 100},
        "layers": [
            {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest(letter), "size": size}
            for letter, size in layers.items()
        ],
    }


def index_manifest(**platforms: str) -> dict[str, Any]:
    """A manifest list: by the letter of a digest a platform, with _ for the slash."""
    entries = []
    for letter, platform in platforms.items():
        os, architecture = platform.split("_")
        entries.append({"digest": digest(letter), "platform": {"os": os, "architecture": architecture}})
    return {"mediaType": INDEX, "manifests": entries}


def read(cloud: Cloud, **manifests: dict[str, Any]) -> None:
    """A BatchGetImage for these digests, by letter."""
    images = [
        {"imageId": {"imageDigest": digest(letter)}, "imageManifest": json.dumps(manifest)}
        for letter, manifest in manifests.items()
    ]
    ids = [{"imageDigest": digest(letter)} for letter in manifests]
    cloud.expect("batch_get_image", {"images": images}, {**NAME, "imageIds": ids})
