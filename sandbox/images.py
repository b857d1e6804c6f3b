"""Push and pull real OCI images with oras, over TLS, to the loopback address only."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import socket
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import oras.provider
from urllib3.util import connection

from registry.naming import registry_host
from sandbox.place import HOST, Place

LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
CONTENT = "hello.txt"
CONFIG = "application/vnd.oci.image.config.v1+json"


@contextlib.contextmanager
def loopback_only() -> Iterator[None]:
    """Every connection goes to the loopback address, whatever the host is called.

    Registry host names are AWS's own, which the certificate and the Host header keep; the name is never
    looked up, so nothing can leave the machine.
    """
    original = connection.create_connection

    def dial(address: tuple[str, int], *args: Any, **options: Any) -> socket.socket:
        return original((HOST, address[1]), *args, **options)

    connection.create_connection = dial
    try:
        yield
    finally:
        connection.create_connection = original


class Registry:
    """The OCI registry of one account and region in a sandbox."""

    def __init__(self, place: Place, account: str, region: str, password: str) -> None:
        """`password` is the one of GetAuthorizationToken, whose user is AWS."""
        self._host = f"{registry_host(account, region)}:{place.port}"
        self._remote = oras.provider.Registry(self._host, tls_verify=str(place.authority), auth_backend="basic")
        self._remote.session.trust_env = False  # no proxy
        self._remote.auth.set_basic_auth("AWS", password)

    def push(self, repository: str, tag: str, *texts: str) -> str:
        """Push an image of small layers from the bottom up, each of which holds a text; its digest."""
        with tempfile.TemporaryDirectory() as folder, loopback_only():
            layers, config = _image(Path(folder), texts)
            response = self._remote.push(
                target=f"{self._host}/{repository}:{tag}",
                files=[f"{layer}:{LAYER}" for layer in layers],
                manifest_config=f"{config}:{CONFIG}",
                disable_path_validation=True,
                quiet=True,
            )
        return str(response.headers["Docker-Content-Digest"])

    def pull(self, repository: str, tag: str) -> str:
        """Pull an image; the text its layer holds."""
        with tempfile.TemporaryDirectory() as folder, loopback_only():
            container = f"{self._host}/{repository}:{tag}"
            manifest = self._remote.get_manifest(container)
            layer = Path(folder) / "layer"
            self._remote.download_blob(container, manifest["layers"][0]["digest"], str(layer))
            with tarfile.open(layer, mode="r:gz") as archive:
                content = archive.extractfile(CONTENT)
                return content.read().decode() if content else ""


def _image(folder: Path, texts: Sequence[str]) -> tuple[list[Path], Path]:
    """Layers and config of an image; the same texts give the same digests."""
    layers, contents = [], []
    for number, text in enumerate(texts):
        raw, content = io.BytesIO(), text.encode()
        with tarfile.open(fileobj=raw, mode="w") as archive:
            entry = tarfile.TarInfo(CONTENT)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        layers.append(folder / f"layer{number or ''}.tar.gz")
        layers[-1].write_bytes(gzip.compress(raw.getvalue(), mtime=0))
        contents.append("sha256:" + hashlib.sha256(raw.getvalue()).hexdigest())
    config = folder / "config.json"
    config.write_text(
        json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {"Cmd": ["/hello"]},
                "rootfs": {"type": "layers", "diff_ids": contents},
            }
        )
    )
    return layers, config
