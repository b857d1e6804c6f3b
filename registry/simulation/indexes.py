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
from registry.findings import Finding, Position, Severity, shown

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
        data = json.loads(content)
    except json.JSONDecodeError as problem:
        raise _refused(Position(name, problem.lineno, problem.colno), f"this is not JSON: {problem.msg}") from problem
    except UnicodeDecodeError as problem:
        raise _refused(Position(name, 1, 1), "this is not UTF-8 text", f"byte {problem.start}") from problem
    except (ValueError, RecursionError) as problem:
        raise _refused(
            Position(name, 1, 1), "this is not JSON: it is nested too deeply, or a number is too long"
        ) from problem
    try:
        return manifests_of(_pairs(data))
    except _NoManifest as problem:
        raise _refused(Position(name, 1, 1), *problem.args) from problem


def manifests_of(pairs: Iterator[tuple[str, Any]]) -> Manifests:
    """The same of pairs of a digest and a manifest: its text, or what its JSON holds, or a list of children."""
    children: dict[str, tuple[str, ...]] = {}
    subjects: dict[str, str] = {}
    for digest, manifest in pairs:
        if isinstance(manifest, str):
            try:
                manifest = json.loads(manifest)
            except ValueError:
                raise _NoManifest(f"the manifest of {digest} is not JSON", shown(manifest)) from None
        if isinstance(manifest, list):
            manifest = {"manifests": [{"digest": each} for each in manifest]}
        if not isinstance(manifest, dict):
            raise _NoManifest(f"this is no manifest of {digest}", shown(manifest))
        if "manifests" in manifest:
            children[digest] = tuple(_digest(each, digest) for each in _list(manifest["manifests"], digest))
        if manifest.get("subject"):
            subjects[digest] = _digest(manifest["subject"], digest)
    return Manifests(children, subjects)


class _NoManifest(Exception):
    """Something else than a manifest; what it is, and what was given."""


def _pairs(data: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(data, list):
        for answer in data:
            yield from _pairs(answer)
    elif not isinstance(data, dict):
        raise _NoManifest("these are no manifests", shown(data))
    elif isinstance(images := data.get("images"), list):
        for image in images:
            yield from _pairs(image)
    elif "imageManifest" in data:
        image_id = data.get("imageId")
        yield (
            _digest({"digest": image_id.get("imageDigest")} if isinstance(image_id, dict) else {}, "an image"),
            data["imageManifest"],
        )
    else:
        yield from data.items()


def _list(value: Any, digest: str) -> list[Any]:
    if not isinstance(value, list):
        raise _NoManifest(f"the manifests of {digest} are no list", shown(value))
    return value


def _digest(descriptor: Any, owner: str) -> str:
    digest = descriptor.get("digest") if isinstance(descriptor, dict) else None
    if not isinstance(digest, str):
        raise _NoManifest(f"an entry of {owner} has no digest", shown(descriptor))
    return digest


def _refused(position: Position, message: str, given: str = "") -> InvalidFile:
    return InvalidFile([Finding("manifests", Severity.ERROR, position, message, given, _ALLOWED, "")])
