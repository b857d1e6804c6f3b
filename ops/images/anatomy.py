"""One image taken apart: its platforms, their layers, what other images share with it, and what would shrink it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ops.images.kinds import Referrer, Signing, StoredImage
from ops.images.listing import blobs, children, platform_of, read_manifests
from ops.images.registry import ImageRegistry

Manifests = Mapping[str, Mapping[str, Any]]

#: Images whose manifests are read to see what they share: a hundred are one call.
MOST_COMPARED: Final = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A layer of one platform, from the bottom up. `size` is in bytes, as stored; `shared_with` are tags of others."""

    platform: str
    digest: str
    size: int
    media_type: str
    shared_with: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """What is known of an image. `layers` are empty where its manifest was not read.

    `compared` is the number of other images that were looked at for shared layers; `size` is the bytes of all its
    layers and configurations, each once, and `own_size` of those that none of these has.
    """

    image: StoredImage
    platforms: tuple[str, ...]
    layers: tuple[Layer, ...]
    size: int | None
    own_size: int | None
    compared: int
    referrers: tuple[Referrer, ...]
    signing: tuple[Signing, ...]


def anatomy(client: ImageRegistry, image: StoredImage, *, read: bool, compare: bool) -> Anatomy:
    """An image with everything about it.

    :param read: the manifests of the image, which to ECR is a pull of it.
    :param compare: and those of the other tagged images, the newest MOST_COMPARED.
    """
    repository = image.repository
    others = _others(client, image) if read and compare else ()
    manifests = read_manifests(client, repository, [image]) if read else {}
    beside = read_manifests(client, repository, others) if others else {}
    own = blobs(image.digest, manifests)
    shared = _shared(others, beside)
    return Anatomy(
        image=image,
        platforms=tuple(dict.fromkeys(platform for platform, _ in _images(image.digest, manifests) if platform)),
        layers=tuple(_layers(image.digest, manifests, shared)),
        size=sum(own.values()) if own else None,
        own_size=sum(size for digest, size in own.items() if digest not in shared) if others else None,
        compared=len(others),
        referrers=tuple(client.referrers(repository, image.digest)),
        signing=tuple(client.signing(repository, image.digest)),
    )


def _others(client: ImageRegistry, image: StoredImage) -> tuple[StoredImage, ...]:
    found = [
        it
        for it in client.images(image.repository)
        if it.tags and it.digest != image.digest and it.status == "ACTIVE" and it.subject is None
    ]
    return tuple(found[:MOST_COMPARED])


def _shared(others: Sequence[StoredImage], manifests: Manifests) -> dict[str, list[str]]:
    """By layer the first tag of every other image that has it."""
    found: dict[str, list[str]] = {}
    for it in others:
        for digest in blobs(it.digest, manifests):
            found.setdefault(digest, []).append(it.tags[0])
    return found


def _images(digest: str, manifests: Manifests) -> list[tuple[str, str]]:
    """Platform and digest of every image of a manifest list; of an image itself without a platform."""
    manifest = manifests.get(digest)
    if manifest is None:
        return []
    if not children(manifest):
        return [("", digest)]
    return [(platform, each["digest"]) for each in manifest["manifests"] if (platform := platform_of(each))]


def _layers(digest: str, manifests: Manifests, shared: Mapping[str, Sequence[str]]) -> list[Layer]:
    return [
        Layer(
            platform=platform,
            digest=layer["digest"],
            size=layer["size"],
            media_type=layer.get("mediaType", ""),
            shared_with=tuple(shared.get(layer["digest"], ())),
        )
        for platform, of in _images(digest, manifests)
        for layer in manifests.get(of, {}).get("layers", ())
    ]


#: From what part of an image on its largest layer, or its layers in gzip, are worth a word.
_LARGE: Final = 0.5
#: Bytes that are worth another compression.
_WORTH: Final = 1_000_000


def advice(found: Anatomy) -> list[str]:
    """What would make the image smaller, from what its manifests say: nothing of what is inside its layers is known."""
    unique = {it.digest: it for it in found.layers}
    total = sum(it.size for it in unique.values())
    if not total:
        return []
    said = []
    plain = [it for it in unique.values() if it.media_type.endswith(("layer.v1.tar", "image.rootfs.diff.tar"))]
    if plain:
        said.append(f"{_megabytes(plain)} are in layers that are not compressed: push with a tool that compresses them")
    largest = max(unique.values(), key=lambda it: it.size)
    if len(unique) > 1 and largest.size > _LARGE * total:
        part = largest.size / total
        said.append(f"{part:.0%} are one layer, {largest.digest}: see which step of the build makes it")
    gzip = [it for it in unique.values() if it.media_type.endswith("gzip")]
    if sum(it.size for it in gzip) > max(_LARGE * total, _WORTH):
        said.append(
            f"{_megabytes(gzip)} are compressed with gzip: zstd is usually smaller and faster to unpack, "
            "where everything that pulls the image knows it"
        )
    for platform in dict.fromkeys(it.platform for it in found.layers):
        digests = [it.digest for it in found.layers if it.platform == platform and it.size > 1_000]
        twice = len(digests) - len(set(digests))
        if twice:
            of = f" of {platform}" if platform else ""
            said.append(f"{twice} of the layers{of} are there twice: a step of the build repeats another")
    return said


def _megabytes(layers: Sequence[Layer]) -> str:
    return f"{sum(it.size for it in layers) / 1_000_000:.1f} MB"
