"""The layers that a manifest names, as far as the registry stores them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from registry.usage.images import Layer

_MOST: Final = 2**50  # bytes; a thousand times the largest layer that ECR takes
#: Layers that are not pushed, but fetched from elsewhere, such as those of Windows: a registry stores none of them.
#: https://github.com/opencontainers/image-spec/blob/v1.0/layer.md#non-distributable-layers
_ELSEWHERE: Final = ("foreign", "nondistributable")


def layers_of(manifest: Mapping[str, Any] | None) -> tuple[tuple[Layer, ...], Layer | None] | None:
    """The layers from the bottom up, and the configuration; None where they are not known.

    A manifest of schema 1 names no sizes, and whoever may push can write anything for one.
    https://github.com/opencontainers/image-spec/blob/main/manifest.md
    """
    if manifest is None or "layers" not in manifest:
        return None
    stored = [each for each in manifest["layers"] if not _is_elsewhere(each)]
    config = manifest.get("config")
    if not all(map(_is_right, [*stored, *([config] if config else ())])):
        return None
    layers = tuple(Layer(each["digest"], each["size"]) for each in stored)
    return layers, Layer(config["digest"], config["size"]) if config else None


def _is_elsewhere(descriptor: Mapping[str, Any]) -> bool:
    kind = descriptor.get("mediaType")
    return bool(descriptor.get("urls")) and isinstance(kind, str) and any(word in kind for word in _ELSEWHERE)


def _is_right(descriptor: Mapping[str, Any]) -> bool:
    size = descriptor.get("size")
    return isinstance(size, int) and 0 <= size <= _MOST and isinstance(descriptor.get("digest"), str)
