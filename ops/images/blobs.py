"""The layers of one repository, by the protocol of OCI registries, with oras for the requests.

What oras would do wrong with ECR is not used: it writes a manifest anew, which gives it another digest; it reads a
layer into memory, or sends it in chunks, of which ECR loses all but the first
(https://github.com/aws/containers-roadmap/issues/2831); and it waits minutes where a connection fails. Mounting it does
not have. https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import oras.provider
import requests
from oras.container import Container
from oras.utils import append_url_params
from requests.adapters import HTTPAdapter

from ops.aws.attempts import CONNECT_TIMEOUT
from ops.aws.cloud import CloudError, OddAnswer
from ops.aws.parallel import WORKERS
from ops.images.registry import ImageRegistry
from registry.access.purposes import GRANTED

#: Seconds without a byte. Of a layer that was sent, ECR makes the digest before it answers.
_READ: Final = 60
_READ_AFTER_UPLOAD: Final = 600
_CHUNK: Final = 1024 * 1024  # bytes
#: What IAM asks for, by the method and what is asked for.
#: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
_ACTIONS: Final = {
    "HEAD": "ecr:BatchCheckLayerAvailability",
    "GET": "ecr:GetDownloadUrlForLayer",
    "POST": "ecr:InitiateLayerUpload",
    "PUT": "ecr:CompleteLayerUpload",
}


class _Adapter(HTTPAdapter):
    """requests waits for ever, unless it is told."""

    def send(self, request: Any, *args: Any, **options: Any) -> requests.Response:
        options["timeout"] = (CONNECT_TIMEOUT, _READ_AFTER_UPLOAD if request.method == "PUT" else _READ)
        return super().send(request, *args, **options)


class _Oras(oras.provider.Registry):  # type: ignore[misc]
    """oras, which asks once: its pauses add up to minutes, and a file that was sent cannot be sent again as it is."""

    do_request = oras.provider.Registry.do_request.__wrapped__


class Blobs:
    """The layers and configurations of one repository, by their digests.

    Every method raises CloudError where the registry refuses, cannot be reached or answers what cannot be used.
    """

    def __init__(self, registry: ImageRegistry, repository: str) -> None:
        """Log in."""
        self.repository = repository
        login = registry.login()
        verify = os.environ.get("AWS_CA_BUNDLE") or True  # as botocore has it
        self._remote = _Oras(login.host, tls_verify=verify, auth_backend="basic")
        self._remote.auth.set_basic_auth(login.user, login.password)
        self._remote.session.headers.update(self._remote.auth.get_auth_header())
        self._remote.session.mount("https://", _Adapter(pool_maxsize=WORKERS))
        self._container = Container(f"{login.host}/{repository}")

    def has(self, digest: str) -> bool:
        """Whether it is there."""
        with self._asking():
            answer = self._remote.get_blob(self._container, digest, head=True)
            return self._is(answer, 200, others=(404,))

    def mount(self, digest: str, source: str) -> bool:
        """Take it from another repository of the registry, without a byte sent; whether the registry did so.

        https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html
        """
        with self._asking():
            asked = urlencode({"mount": digest, "from": source})
            answer = self._remote.do_request(f"{self._uploads}?{asked}", "POST", headers={"Content-Length": "0"})
            return self._is(answer, 201, others=(202,))  # 202 begins an upload, which is left alone

    def download(self, digest: str, file: Path) -> None:
        """Write it to a file."""
        made = hashlib.sha256()
        with (
            self._asking(),
            self._remote.get_blob(self._container, digest, stream=True) as answer,
            file.open("wb") as written,
        ):
            self._is(answer, 200)
            for chunk in answer.iter_content(_CHUNK):
                written.write(chunk)
                made.update(chunk)
        if f"sha256:{made.hexdigest()}" != digest:
            raise OddAnswer("GET of a layer", f"what came is not {digest}")

    def upload(self, digest: str, file: Path) -> None:
        """Send a file, in one request; the registry compares the digest."""
        with self._asking(), file.open("rb") as content:
            begun = self._remote.do_request(self._uploads, "POST", headers={"Content-Length": "0"})
            self._is(begun, 202)
            place = self._remote._get_location(begun, self._container)
            answer = self._remote.do_request(
                append_url_params(place, {"digest": digest}),
                "PUT",
                data=content,
                headers={"Content-Length": str(file.stat().st_size), "Content-Type": "application/octet-stream"},
            )
            self._is(answer, 201)

    @property
    def _uploads(self) -> str:
        return f"{self._remote.prefix}://{self._container.upload_blob_url()}"

    def _is(self, answer: requests.Response, wanted: int, *, others: tuple[int, ...] = ()) -> bool:
        """Whether a status is the one that is wanted; `others` are a no."""
        if answer.status_code == wanted:
            return True
        if answer.status_code in others:
            return False
        action = _ACTIONS[str(answer.request.method)]
        grants = [f"`{name}:`" for name, it in GRANTED.items() if action in it.of_own_roles]
        said = answer.text[:300] if answer.request.method != "HEAD" else answer.reason
        way_out = (
            f"{' or '.join(grants)} of {self.repository} in registry.yaml grants {action}"
            if answer.status_code in (401, 403)
            else "run it again; what has been copied stays"
        )
        raise CloudError(
            f"the registry refused {answer.request.method} of a layer in {self.repository}: "
            f"{answer.status_code} {said}\n    way out: {way_out}"
        )

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except (requests.RequestException, ValueError) as problem:
            raise CloudError(
                f"the registry of {self.repository} cannot be asked: {problem}\n"
                "    way out: check the network and run it again; what has been copied stays"
            ) from problem
