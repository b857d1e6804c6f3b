"""Layers and configuration of an OCI image: the same files give the same bytes, and so the same digests, everywhere."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import struct
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, Final

LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
CONFIG: Final = "application/vnd.oci.image.config.v1+json"
_BLOCK: Final = 65535  # bytes of the longest block that is stored (RFC 1951, 3.2.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of a layer."""

    content: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """What is pushed: layers as gzip, from the bottom up, and the configuration as JSON."""

    layers: tuple[bytes, ...]
    config: bytes


def image(layers: Sequence[Mapping[str, File]], runs: Mapping[str, Any], *, compressed: bool = False) -> Image:
    """An image of layers, each a map from path to file.

    :param runs: what it runs and how: `config` of https://github.com/opencontainers/image-spec/blob/main/config.md
    :param compressed: as small as other tools push them; then the digests are those of this machine's zlib.
    """
    archives = [_archive(files) for files in layers]
    digests = [f"sha256:{hashlib.sha256(archive).hexdigest()}" for archive in archives]
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": dict(runs),
        "rootfs": {"type": "layers", "diff_ids": digests},
    }
    pack = _compressed if compressed else _stored
    return Image(
        layers=tuple(pack(archive) for archive in archives), config=json.dumps(config, sort_keys=True).encode()
    )


def files_of(layer: bytes) -> dict[str, bytes]:
    """The files in a layer, by path."""
    with tarfile.open(fileobj=io.BytesIO(layer), mode="r:gz") as archive:
        opened = ((entry.name, archive.extractfile(entry)) for entry in archive if entry.isfile())
        return {name: content.read() for name, content in opened if content}


def _archive(files: Mapping[str, File]) -> bytes:
    """A tar with nothing of this machine in it: no owner, no time, no mode but whether a file can be run."""
    folders = {str(parent) for path in files for parent in PurePosixPath(path).parents} - {"."}
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted({*folders, *files}):
            entry = tarfile.TarInfo(path)
            if path in files:
                entry.mode = 0o755 if files[path].executable else 0o644
                entry.size = len(files[path].content)
                archive.addfile(entry, io.BytesIO(files[path].content))
            else:
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(entry)
    return raw.getvalue()


@lru_cache(maxsize=8)  # `python -m benchmarks.sizes` has the same layer in several images
def _compressed(raw: bytes) -> bytes:
    return gzip.compress(raw, mtime=0)


def _stored(raw: bytes) -> bytes:
    """A gzip that stores and does not compress: zlib and its replacements compress to different bytes (RFC 1952)."""
    blocks = [raw[at : at + _BLOCK] for at in range(0, len(raw), _BLOCK)] or [b""]
    body = b"".join(
        struct.pack("<BHH", number == len(blocks), len(block), len(block) ^ 0xFFFF) + block
        for number, block in enumerate(blocks, 1)
    )
    header = b"\x1f\x8b\x08\x00" + b"\x00" * 4 + b"\x00\xff"  # no name, no time, no system
    return header + body + struct.pack("<II", zlib.crc32(raw), len(raw) & 0xFFFFFFFF)
