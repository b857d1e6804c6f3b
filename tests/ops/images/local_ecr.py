"""An ECR in this process, for what takes many calls: it has what ECR's API reference says of images, and no more."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.ops.images.stored import CONFIG, IMAGE, INDEX
from tests.ops.stubs import ACCOUNT

NOW = datetime.now(UTC)


class Refused(Exception):
    """An error of the API."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code, self.message = code, message or code


@dataclass
class Image:
    """An image of a repository; `children` makes it a manifest list."""

    digest: str
    tags: set[str]
    days: float = 1
    children: tuple[str, ...] = ()
    subject: str | None = None
    status: str = "ACTIVE"
    size: int = 1_500_000

    @property
    def row(self) -> dict[str, Any]:
        """As DescribeImages has it."""
        said = {
            "imageDigest": self.digest,
            "imagePushedAt": NOW - timedelta(days=self.days, minutes=5),
            "imageManifestMediaType": INDEX if self.children else IMAGE,
            "artifactMediaType": CONFIG if self.subject is None else "application/spdx+json",
            "imageSizeInBytes": self.size,
            "imageStatus": self.status,
        }
        said |= {"imageTags": sorted(self.tags)} if self.tags else {}
        return said | ({"subjectManifestDigest": self.subject} if self.subject else {})

    @property
    def manifest(self) -> str:
        """As BatchGetImage has it."""
        return json.dumps({"mediaType": INDEX, "manifests": [{"digest": it} for it in self.children]})


@dataclass
class LocalEcr:
    """Repositories by name, each with its images by digest; `asked` are the calls, `end_at` is where one is killed.

    `refuses` gives an error for an operation; `runs` are references that ECS has in a service.
    """

    repositories: dict[str, dict[str, Image]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refuses: dict[str, Refused] = field(default_factory=dict)
    runs: tuple[str, ...] = ()
    scan_type: str = "BASIC"
    restored_after: int = 0
    killed: Callable[[int, bool], None] = lambda number, done: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def has(self, repository: str, *images: Image) -> None:
        """Put images there."""
        self.repositories.setdefault(repository, {}).update({image.digest: image for image in images})

    def tags(self, repository: str) -> dict[str, set[str]]:
        """The tags of every image, by the letter of its digest."""
        return {digest[7]: image.tags for digest, image in self.repositories[repository].items()}

    def calls(self, operation: str) -> list[dict[str, Any]]:
        """The parameters of every such call."""
        return [body for name, body in self.asked if name == operation]

    def answer(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        """What the API answers."""
        with self._lock:
            number = len(self.asked)
            self.asked.append((operation, body))
            self.killed(number, False)
            if operation in self.refuses:
                raise self.refuses[operation]
            answered: dict[str, Any] = getattr(self, f"_{operation}", lambda _: _OTHERS[operation])(body)
            self.killed(number, True)
            return answered

    def _repository(self, body: Mapping[str, Any]) -> dict[str, Image]:
        if body["repositoryName"] not in self.repositories:
            raise Refused("RepositoryNotFoundException")
        return self.repositories[body["repositoryName"]]

    @staticmethod
    def _find(images: Mapping[str, Image], image_id: Mapping[str, str]) -> Image | None:
        if digest := image_id.get("imageDigest"):
            return images.get(digest)
        return next((it for it in images.values() if image_id["imageTag"] in it.tags), None)

    def _DescribeRepositories(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {
            "repositories": [
                {"repositoryName": name, "repositoryUri": f"host/{name}", "createdAt": NOW}
                for name in body.get("repositoryNames", self.repositories)
            ]
        }

    def _DescribeImages(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        images = self._repository(body)
        wanted = [self._find(images, it) for it in body.get("imageIds", ())] or list(images.values())
        if None in wanted:
            raise Refused("ImageNotFoundException")
        if "ACTIVATING" in {it.status for it in images.values()}:
            self.restored_after -= 1
            if self.restored_after < 0:
                for it in images.values():
                    it.status = "ACTIVE" if it.status == "ACTIVATING" else it.status
        return {"imageDetails": [it.row for it in wanted if it]}

    def _BatchGetImage(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        images = self._repository(body)
        found = [it for asked in body["imageIds"] if (it := self._find(images, asked)) and it.status == "ACTIVE"]
        return {"images": [{"imageId": {"imageDigest": it.digest}, "imageManifest": it.manifest} for it in found]}

    def _BatchDeleteImage(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        images, failures, deleted = self._repository(body), [], []
        assert len(body["imageIds"]) <= 100
        for image_id in body["imageIds"]:
            image = self._find(images, image_id)
            tag = image_id.get("imageTag")
            if image is None:
                failures.append({"imageId": image_id, "failureCode": "ImageNotFound", "failureReason": "not found"})
            elif tag is not None and tag not in image.tags:
                failures.append({"imageId": image_id, "failureCode": "ImageTagDoesNotMatchDigest"})
            elif tag is not None and len(image.tags) > 1:
                image.tags.remove(tag)
                deleted.append(image_id)
            elif any(image.digest in it.children for it in images.values()):
                failures.append({"imageId": image_id, "failureCode": "ImageReferencedByManifestList"})
            else:
                del images[image.digest]
                deleted.append(image_id)
        return {"imageIds": deleted, "failures": failures}

    def _UpdateImageStorageClass(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        image = self._find(self._repository(body), body["imageId"])
        if image is None:
            raise Refused("ImageNotFoundException")
        image.status = "ARCHIVED" if body["targetStorageClass"] == "ARCHIVE" else "ACTIVATING"
        return {"imageStatus": image.status, "imageId": body["imageId"]}

    def _GetRegistryScanningConfiguration(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"scanningConfiguration": {"scanType": self.scan_type, "rules": []}}

    def _ListTaskDefinitionFamilies(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"families": ["api"] if self.runs else []}

    def _DescribeTaskDefinition(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"taskDefinition": {"containerDefinitions": [{"image": it} for it in self.runs]}}


_OTHERS: dict[str, dict[str, Any]] = {
    "DescribeImageSigningStatus": {"signingStatuses": []},
    "ListImageReferrers": {"referrers": []},
    "ListClusters": {"clusterArns": []},
    "ListFunctions": {"Functions": []},
    "GetCallerIdentity": {"Account": ACCOUNT, "UserId": "me", "Arn": f"arn:aws:iam::{ACCOUNT}:user/me"},
}


@contextmanager
def local_ecr(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalEcr]:
    """boto3 pointed at an ECR in this process."""
    ecr = LocalEcr()

    def make_request(self: Any, model: Any, request: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        body = json.loads(request["body"]) if model.service_model.metadata["protocol"] == "json" else {}
        status: dict[str, Any] = {"HTTPStatusCode": 200}
        try:
            return SimpleNamespace(status_code=200, raw=None), {
                **ecr.answer(model.name, body),
                "ResponseMetadata": status,
            }
        except Refused as problem:
            error = {"Code": problem.code, "Message": problem.message}
            return SimpleNamespace(status_code=400, raw=None), {"Error": error, "ResponseMetadata": status}

    monkeypatch.setattr("botocore.endpoint.Endpoint.make_request", make_request)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    yield ecr
