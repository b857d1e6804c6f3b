"""ECR as the steps see it: tags, manifests and scans of one repository, over the AWS CLI.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html says what is in CodeBuild's images.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

INDEX: Final = "application/vnd.oci.image.index.v1+json"
INDEXES: Final = (INDEX, "application/vnd.docker.distribution.manifest.list.v2+json")
#: Everything that docker pushes: of what is not accepted ECR would give something else.
_ACCEPTED: Final = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    *INDEXES,
)


class Stopped(Exception):
    """The pipeline must not go on; the message says why, and the way out."""


class CallFailed(Exception):
    """AWS refused a call; `code` is that of its error."""

    def __init__(self, operation: str, said: str) -> None:
        super().__init__(f"aws {operation}: {said.strip()}")
        self.code = said.partition("(")[2].partition(")")[0]


@dataclass(frozen=True)
class Manifest:
    """A manifest as ECR has it, byte by byte."""

    digest: str
    media_type: str
    text: str

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.text.encode())

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The images of an index, with what is attached to them; none of an image."""
        found: list[dict[str, Any]] = json.loads(self.text).get("manifests", [])
        return found if self.media_type in INDEXES else []


def made(media_type: str, content: dict[str, Any]) -> Manifest:
    """A manifest that is new."""
    text = json.dumps(content, separators=(",", ":"))
    return Manifest(f"sha256:{hashlib.sha256(text.encode()).hexdigest()}", media_type, text)


def call(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
    """One call of the AWS CLI, with all pages of its answer.

    :raises CallFailed: where AWS refuses it.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(parameters, file)
        file.flush()
        finished = subprocess.run(  # noqa: S603
            ["aws", service, operation, "--cli-input-json", f"file://{file.name}", "--output", "json"],  # noqa: S607
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if finished.returncode:
        raise CallFailed(f"{service} {operation}", finished.stderr)
    answer: dict[str, Any] = json.loads(finished.stdout or "{}")
    return answer


@dataclass(frozen=True)
class Repository:
    """One repository of this account and region."""

    name: str

    def tags(self) -> dict[str, str]:
        """The digest of every tag."""
        found = call("ecr", "describe-images", repositoryName=self.name, filter={"tagStatus": "TAGGED"})
        return {tag: it["imageDigest"] for it in found["imageDetails"] for tag in it.get("imageTags", ())}

    def manifest(self, digest: str) -> Manifest:
        """A manifest by its digest.

        :raises Stopped: where it is not there, or is not what the digest says.
        """
        found = call(
            "ecr", "batch-get-image", repositoryName=self.name, imageIds=[{"imageDigest": digest}],
            acceptedMediaTypes=list(_ACCEPTED),
        )  # fmt: skip
        if not found["images"]:
            raise Stopped(f"{self.name} has no image {digest}\n    way out: start the pipeline again, which builds it")
        (image,) = found["images"]
        text = image["imageManifest"]
        if f"sha256:{hashlib.sha256(text.encode()).hexdigest()}" != digest:
            raise Stopped(f"ECR gave another manifest than {digest}\n    way out: report it; nothing was written")
        media_type = image.get("imageManifestMediaType") or json.loads(text)["mediaType"]
        return Manifest(digest, media_type, text)

    def put(self, manifest: Manifest, tag: str) -> None:
        """Put a tag on a manifest; nothing happens where it is there already.

        :raises CallFailed: where the tag may not move, and is on something else.
        """
        try:
            call(
                "ecr", "put-image", repositoryName=self.name, imageManifest=manifest.text, imageTag=tag,
                imageManifestMediaType=manifest.media_type, imageDigest=manifest.digest,
            )  # fmt: skip
        except CallFailed as problem:
            if problem.code != "ImageAlreadyExistsException":
                raise


def variable(name: str) -> str:
    """A variable of the build; empty where it is not set."""
    return os.environ.get(name, "")


def run(step: Callable[[], None]) -> None:
    """Run a step, and end the build with its message where it stops."""
    try:
        step()
    except (Stopped, CallFailed) as problem:
        print(f"error: {problem}", file=sys.stderr)
        sys.exit(1)
