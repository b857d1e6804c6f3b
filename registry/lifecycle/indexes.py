"""Which images name other images: manifest lists their children, reference artifacts their subject.

`describe-images` says the subject (`subjectManifestDigest`) but no children; those are in the manifests.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html,
https://github.com/opencontainers/image-spec/blob/main/image-index.md
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from registry.errors import InvalidFile
from registry.findings import Finding, Severity, shown
from registry.reading import json_text
from registry.reading.json_text import NotJson

_RULE: Final = "manifests"
_WAY_OUT: Final = "take it as `aws ecr batch-get-image` prints it"
_ALLOWED: Final = "the output of `aws ecr batch-get-image`, or a map of digests to manifests or to lists of children"


@dataclass(frozen=True, slots=True)
class Manifests:
    """What is known of manifests: the children of each index, and the subject of each reference artifact."""

    children: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    subjects: Mapping[str, str] = field(default_factory=dict)


def read(content: bytes, name: str) -> Manifests:
    """Manifests from JSON.

    :param content: what `aws ecr batch-get-image` prints, a list of several such answers (it takes 100 images at a
        time), or a map of digests to manifests, or to lists of the children's digests.
    :raises InvalidFile: where it is none of these.
    """
    try:
        text = json_text.decoded(content, name, _RULE)
        return manifests_of(_pairs(json_text.parsed(text, name, _RULE)))
    except NotJson as problem:
        raise InvalidFile([problem.finding]) from problem
    except _NoManifest as problem:
        message, given, digest = problem.args
        at = json_text.Lines(text, name).at(max(0, text.find(f'"{digest}"')))
        raise InvalidFile([Finding(_RULE, Severity.ERROR, at, message, given, _ALLOWED, _WAY_OUT)]) from problem


def manifests_of(pairs: Iterator[tuple[str, Any]]) -> Manifests:
    """The same of pairs of a digest and a manifest: its text, or what its JSON holds, or a list of children."""
    children: dict[str, tuple[str, ...]] = {}
    subjects: dict[str, str] = {}
    for digest, manifest in pairs:
        if isinstance(manifest, str):
            try:
                manifest = json.loads(manifest)
            except (ValueError, RecursionError):
                raise _NoManifest(f"the manifest of {digest} is not JSON", shown(manifest), digest) from None
        if isinstance(manifest, list):
            manifest = {"manifests": [{"digest": each} for each in manifest]}
        if not isinstance(manifest, dict):
            raise _NoManifest(f"this is no manifest of {digest}", shown(manifest), digest)
        if "manifests" in manifest:
            children[digest] = tuple(_digest(each, digest) for each in _list(manifest["manifests"], digest))
        if manifest.get("subject"):
            subjects[digest] = _digest(manifest["subject"], digest)
    return Manifests(children, subjects)


class _NoManifest(Exception):
    """Something else than a manifest: what it is, what was given, and the digest near which it stands."""


def _pairs(data: Any) -> Iterator[tuple[str, Any]]:
    answers = data if isinstance(data, list) else [data]
    for answer in answers:
        if not isinstance(answer, dict):
            raise _NoManifest("these are no manifests", shown(answer), "")
        if isinstance(images := answer.get("images"), list):
            yield from map(_answered, images)
        elif "imageManifest" in answer:
            yield _answered(answer)
        else:
            yield from answer.items()


def _answered(image: Any) -> tuple[str, Any]:
    """Digest and manifest of an image as BatchGetImage answers with it."""
    if not isinstance(image, dict) or "imageManifest" not in image:
        raise _NoManifest("this is no image of BatchGetImage", shown(image), "")
    image_id = image.get("imageId")
    return _digest({"digest": image_id.get("imageDigest")} if isinstance(image_id, dict) else {}, "an image"), image[
        "imageManifest"
    ]


def _list(value: Any, digest: str) -> list[Any]:
    if not isinstance(value, list):
        raise _NoManifest(f"the manifests of {digest} are no list", shown(value), digest)
    return value


def _digest(descriptor: Any, owner: str) -> str:
    digest = descriptor.get("digest") if isinstance(descriptor, dict) else None
    if not isinstance(digest, str):
        raise _NoManifest(f"an entry of {owner} has no digest", shown(descriptor), owner)
    return digest
