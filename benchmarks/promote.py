"""`python -m benchmarks.promote`: what `ecrctl promote` does beside `skopeo copy`, against the local AWS.

Whole processes in turn, one warm-up: a tag that moves, a copy to another repository of the registry, and one to another
account. skopeo is a peer where it is installed. Exit code 1 only where a run fails, or a tag is not on the image.
`python -m benchmarks.promote ecrctl WORDS` is one run of ours, with every host of ECR's on the loopback address.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from urllib3.util import connection

from sandbox import server
from sandbox.clients import client
from sandbox.environment import environment
from sandbox.place import HOST, Place

ROOT: Final = Path(__file__).resolve().parent.parent
ACCOUNT, OTHER, REGION = "123456789012", "210987654321", "ap-northeast-2"
MANIFEST, INDEX = "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"
LAYERS, BYTES, RUNS = 6, 2_000_000, 5  # layers of each of two platforms
PORT_VARIABLE: Final = "BENCH_PORT"


def main() -> int:
    """Race and print; the exit code."""
    if sys.argv[1:2] == ["ecrctl"]:
        return _one_run(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="python -m benchmarks.promote", description="Promoting, against skopeo.")
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N", help=f"counted runs (default: {RUNS})")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="ecr-bench-") as folder:
        place = Place(folder=Path(folder), port=_free_port())
        server.ensure_running(place, ACCOUNT, REGION)
        try:
            return _race(place, runs)
        finally:
            server.stop(place)


def _race(place: Place, runs: int) -> int:
    world = _World(place)
    peer = shutil.which("skopeo")
    print(f"an index of two platforms, {LAYERS} layers of {BYTES / 1e6:.0f} MB each "
          f"({os.cpu_count()} cores, load {os.getloadavg()[0]:.1f})")  # fmt: skip
    if peer is None:
        print("  skopeo is not installed: ours alone")
    for what, account, repository, mounts in (
        ("a tag moves", ACCOUNT, "web/api", False),
        ("to another repository, mounted", ACCOUNT, "prod/api-{}", True),
        ("to another account, sent", OTHER, "prod/api-{}", False),
    ):
        world.mounting(mounts)
        sides: dict[str, Callable[[int], None]] = {"ecrctl": world.ours(account, repository)}
        if peer is not None:
            sides["skopeo"] = world.theirs(peer, account, repository)
        seconds: dict[str, list[float]] = {side: [] for side in sides}
        for number in range(runs + 1):
            for side, run in sides.items():
                world.prepare(account, repository, number, side)
                start = time.perf_counter()
                run(number)
                if number:
                    seconds[side].append(time.perf_counter() - start)
                world.check(account, repository, number, side)
        medians = {side: statistics.median(each) for side, each in seconds.items()}
        ratio = f"   ours is {medians['ecrctl'] / medians['skopeo']:.2f} x skopeo" if peer is not None else ""
        print(f"  {what:32} " + "   ".join(f"{side} {it:.2f} s" for side, it in medians.items()) + ratio)
    return 0


class _World:
    """The local AWS with two images, and how each side is started."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.file = place.folder / "registry.yaml"
        self.file.write_text(
            f'registry: {{name: acme, account: "{ACCOUNT}", region: {REGION}}}\nrepositories: {{web/api: }}\n'
        )
        self.config = place.folder / "aws"
        self.config.write_text(f"[profile other]\naws_access_key_id = {OTHER}\naws_secret_access_key = x\n")
        self.ecr = {account: client(place, account, REGION) for account in (ACCOUNT, OTHER)}
        self.ecr[ACCOUNT].create_repository(repositoryName="web/api")
        self.digests = [self._push(f"v{number}") for number in range(2)]

    def mounting(self, on: bool) -> None:
        self.ecr[ACCOUNT].put_account_setting(name="BLOB_MOUNTING", value="ENABLED" if on else "DISABLED")

    def prepare(self, account: str, repository: str, number: int, side: str) -> None:
        """A repository of its own for each copy, so that nothing is there."""
        if "{}" in repository:
            self.ecr[account].create_repository(repositoryName=_named(repository, number, side))

    def check(self, account: str, repository: str, number: int, side: str) -> None:
        """The tag is on the very image."""
        name, tag = _named(repository, number, side), "prod" if side == "ecrctl" else "live"
        (found,) = self.ecr[account].describe_images(repositoryName=name, imageIds=[{"imageTag": tag}])["imageDetails"]
        if found["imageDigest"] != self.digests[number % 2]:
            raise SystemExit(f"{side}: {name}:{tag} is {found['imageDigest']}")

    def ours(self, account: str, repository: str) -> Callable[[int], None]:
        shell = environment(self.place, ACCOUNT, REGION) | {
            PORT_VARIABLE: str(self.place.port), "AWS_CONFIG_FILE": str(self.config),
        }  # fmt: skip

        def run(number: int) -> None:
            name = _named(repository, number, "ecrctl")
            to = ["--to", f"{account}.dkr.ecr.{REGION}.amazonaws.com/{name}"] if name != "web/api" else []
            to += ["--to-profile", "other"] if account == OTHER else []
            words = ["promote", f"web/api:v{number % 2}", "prod", "--yes", "--registry", str(self.file), *to]
            _run([sys.executable, "-m", "benchmarks.promote", "ecrctl", *words], shell)

        return run

    def theirs(self, peer: str, account: str, repository: str) -> Callable[[int], None]:
        certificates = self.place.folder / "certs"
        certificates.mkdir(exist_ok=True)
        shutil.copy(self.place.authority, certificates / "ca.crt")

        def run(number: int) -> None:
            host = f"docker://localhost:{self.place.port}"
            target = _named(repository, number, "skopeo")
            _run([
                peer, "copy", "--quiet", "--multi-arch", "all", "--preserve-digests",
                *("--src-creds", f"AWS:{self._password(ACCOUNT)}", "--dest-creds", f"AWS:{self._password(account)}"),
                *("--src-cert-dir", str(certificates), "--dest-cert-dir", str(certificates)),
                *(f"{host}/web/api:v{number % 2}", f"{host}/{target}:live"),
            ], environment(self.place, ACCOUNT, REGION))  # fmt: skip

        return run

    def _password(self, account: str) -> str:
        (found,) = self.ecr[account].get_authorization_token()["authorizationData"]
        return base64.b64decode(found["authorizationToken"]).decode().partition(":")[2]

    def _push(self, tag: str) -> str:
        """An index of two platforms with layers of its own; its digest."""
        from ops.images import ImageRegistry
        from ops.images.blobs import Blobs
        from ops.images.kinds import Manifest

        os.environ.update(environment(self.place, ACCOUNT, REGION))
        registry = ImageRegistry(REGION, account=ACCOUNT)
        _loopback(self.place.port)
        blobs, file, platforms = Blobs(registry, "web/api"), self.place.folder / "blob", []

        def put(manifest: dict[str, Any], tag: str | None = None) -> dict[str, Any]:
            text = json.dumps(manifest)
            digest = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
            registry.put("web/api", Manifest(digest=digest, text=text, media_type=manifest["mediaType"]), tag)
            return {"mediaType": manifest["mediaType"], "digest": digest, "size": len(text)}

        def upload(content: bytes, media_type: str) -> dict[str, Any]:
            file.write_bytes(content)
            digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
            blobs.upload(digest, file)
            return {"mediaType": media_type, "digest": digest, "size": len(content)}

        for architecture in ("amd64", "arm64"):
            config = upload(f"{tag} {architecture}".encode(), "application/vnd.oci.image.config.v1+json")
            layers = [upload(os.urandom(BYTES), "application/vnd.oci.image.layer.v1.tar+gzip") for _ in range(LAYERS)]
            image = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}
            platforms.append(put(image) | {"platform": {"os": "linux", "architecture": architecture}})
        return str(put({"schemaVersion": 2, "mediaType": INDEX, "manifests": platforms}, tag)["digest"])


def _named(repository: str, number: int, side: str) -> str:
    return repository.format(f"{side}-{number}")


def _run(words: list[str], shell: dict[str, str]) -> None:
    finished = subprocess.run(words, cwd=ROOT, env=shell, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise SystemExit(f"{' '.join(words[:4])} failed: {(finished.stdout + finished.stderr)[-2000:]}")


def _one_run(words: list[str]) -> int:
    from ops.cli import app

    _loopback(int(os.environ[PORT_VARIABLE]))
    app(words, standalone_mode=False)
    return 0


def _loopback(port: int) -> None:
    """Every connection goes to the local AWS; the names of hosts stay, for its certificate."""
    dial = connection.create_connection
    if getattr(dial, "port", None) != port:

        def local(address: tuple[str, int], *more: Any, **options: Any) -> socket.socket:
            return dial((HOST, port), *more, **options)

        local.port = port  # type: ignore[attr-defined]
        connection.create_connection = local


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
