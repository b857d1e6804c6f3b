"""Push and pull real OCI images with oras, over TLS, to the loopback address only."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import oras.provider
import requests
from urllib3.util import connection

from registry.naming import registry_host
from sandbox.cdk import whether_it_runs
from sandbox.layers import CONFIG, LAYER, File, Image, files_of, image
from sandbox.place import HOST, Place, SandboxError
from sandbox.server import answers

CONTENT = "hello.txt"


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


class _Remote(oras.provider.Registry):  # type: ignore[misc]
    """The local AWS takes a request, or it is gone: oras would try again for two minutes."""

    do_request = oras.provider.Registry.do_request.__wrapped__


class Registry:
    """The OCI registry of one account and region in a sandbox."""

    def __init__(self, place: Place, account: str, region: str, password: str) -> None:
        """`password` is the one of GetAuthorizationToken, whose user is AWS."""
        self._place = place
        self._host = f"{registry_host(account, region)}:{place.port}"
        self._remote = _Remote(self._host, tls_verify=str(place.authority), auth_backend="basic")
        self._remote.session.trust_env = False  # no proxy
        self._remote.auth.set_basic_auth("AWS", password)

    def push(self, repository: str, tag: str, *texts: str) -> str:
        """Push an image of small layers from the bottom up, each of which holds a text; its digest."""
        made = image([{CONTENT: File(content=text.encode())} for text in texts], {"Cmd": ["/hello"]})
        return self.push_image(repository, tag, made)

    def push_image(self, repository: str, tag: str, made: Image) -> str:
        """Push an image; its digest. What the registry has is not sent again.

        :raises SandboxError: where it is refused, or the local AWS is gone; so do all here.
        """
        with tempfile.TemporaryDirectory() as folder, self._asked(f"{repository}:{tag} was not pushed"):
            config = Path(folder) / "config.json"
            config.write_bytes(made.config)
            layers = [Path(folder) / f"layer-{number}.tar.gz" for number, _ in enumerate(made.layers)]
            for path, content in zip(layers, made.layers, strict=True):
                path.write_bytes(content)
            response = self._remote.push(
                target=f"{self._host}/{repository}:{tag}",
                files=[f"{path}:{LAYER}" for path in layers],
                manifest_config=f"{config}:{CONFIG}",
                disable_path_validation=True,
                quiet=True,
            )
        return str(response.headers["Docker-Content-Digest"])

    def has(self, repository: str, blob: bytes) -> bool:
        """Whether a blob is there."""
        layer = {"digest": f"sha256:{hashlib.sha256(blob).hexdigest()}"}
        with self._asked(f"{repository} was not read"):
            return bool(self._remote.blob_exists(layer, self._remote.get_container(f"{self._host}/{repository}")))

    def pull(self, repository: str, tag: str) -> str:
        """Pull an image; the text its layer holds."""
        _, files = self.pull_image(repository, tag)
        return files.get(CONTENT, b"").decode()

    def pull_image(self, repository: str, tag: str) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Pull an image; what it runs, and its files, of which an upper layer's replaces a lower one's."""
        container = f"{self._host}/{repository}:{tag}"
        with self._asked(f"{repository}:{tag} was not pulled"):
            manifest = self._remote.get_manifest(container)
            config = json.loads(self._blob(container, manifest["config"]["digest"]))
            layers = [self._blob(container, layer["digest"]) for layer in manifest["layers"]]
        return dict(config["config"]), {path: content for layer in layers for path, content in files_of(layer).items()}

    @contextlib.contextmanager
    def _asked(self, undone: str) -> Iterator[None]:
        try:
            with loopback_only():
                yield
        except (ValueError, requests.RequestException) as problem:
            ended = "" if answers(self._place) else f"\n{whether_it_runs(self._place)}"
            raise SandboxError(f"{undone}: {problem}{ended}") from problem

    def _blob(self, container: str, digest: str) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "blob"
            self._remote.download_blob(container, digest, str(target))
            return target.read_bytes()
