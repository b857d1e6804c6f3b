"""An ECR that remembers: images, tags that may move or not, layers, referrers. For what several calls come to.

It stands where botocore would send a request, so parameters are checked and answers are shaped as ECR's are.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from ops.images.kinds import StoredRepository
from tests.ops.images.stored import CONFIG, IMAGE, INDEX
from tests.ops.stubs import ACCOUNT, HOME

PUSHED = datetime(2026, 1, 1, tzinfo=UTC)
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


class Killed(BaseException):
    """The process ended here."""


class Refused(Exception):
    """ECR refuses a call."""

    def __init__(self, code: str, message: str = "no") -> None:
        super().__init__(code)
        self.code, self.message = code, message


def digest_of(content: str) -> str:
    return f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"


@dataclass
class Held:
    """A repository: manifests by digest, the digest of each tag, layers by digest."""

    mutability: str = "IMMUTABLE_WITH_EXCLUSION"
    filters: tuple[str, ...] = ("prod", "v*.x")
    manifests: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    layers: dict[str, bytes] = field(default_factory=dict)
    archived: set[str] = field(default_factory=set)
    scans: dict[str, list[str]] = field(default_factory=dict)

    def may_move(self, tag: str) -> bool:
        return StoredRepository(
            name="", uri="", created=PUSHED, mutability=self.mutability, encryption="AES256", scan_on_push=True,
            exclusion_filters=self.filters,
        ).may_move(tag)  # fmt: skip

    def image(self, name: str, *tags: str, **more: Any) -> str:
        """An image of one layer; its digest."""
        config, layer = f'{{"of": "{name}"}}', f"layer of {name}"
        for blob in (config, layer):
            self.layers[digest_of(blob)] = blob.encode()
        manifest = {
            "schemaVersion": 2,
            "mediaType": IMAGE,
            "config": {"mediaType": CONFIG, "digest": digest_of(config), "size": len(config)},
            "layers": [{"mediaType": LAYER, "digest": digest_of(layer), "size": len(layer)}],
            **more,
        }
        return self.put(manifest, *tags)

    def index(self, *children: str, tags: tuple[str, ...] = ()) -> str:
        """A manifest list of images; its digest."""
        entries = [
            {"mediaType": IMAGE, "digest": it, "size": len(self.manifests[it]),
             "platform": {"os": "linux", "architecture": f"a{number}"}}
            for number, it in enumerate(children)
        ]  # fmt: skip
        return self.put({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}, *tags)

    def put(self, manifest: Mapping[str, Any], *tags: str) -> str:
        text = json.dumps(manifest)
        self.manifests[digest_of(text)] = text
        for tag in tags:
            self.tags[tag] = digest_of(text)
        return digest_of(text)


class FakeEcr:
    """The registries of accounts and regions, by the client that asks.

    `before` is called before every call with its name and parameters: it may raise Killed, or wait. `calls` are the
    names of those that came through.
    """

    def __init__(self) -> None:
        self.held: dict[tuple[str, str, str], Held] = {}
        self.calls: list[str] = []
        self.denied: set[str] = set()
        self.before: Callable[[str, Mapping[str, Any]], None] = lambda operation, asked: None
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.RLock()

    def repository(self, name: str = "web/api", *, account: str = ACCOUNT, region: str = HOME, **more: Any) -> Held:
        return self.held.setdefault((account, region, name), Held(**more))

    def client(self, service: str, region_name: str, **_: Any) -> Any:
        """What boto3.client would give."""
        if (service, region_name) not in self._clients:
            made: Any = boto3.Session().client(  # type: ignore[call-overload]
                service, region_name=region_name, aws_access_key_id="none", aws_secret_access_key="none"
            )
            made.meta.events.register_first("before-parameter-build.*.*", _remember)
            made.meta.events.register_first("before-call.*.*", lambda **event: self._answered(region_name, **event))
            self._clients[service, region_name] = made
        return self._clients[service, region_name]

    def _answered(self, region: str, model: Any, context: Any, **_: Any) -> Any:
        asked: Mapping[str, Any] = context["asked"]
        self.before(model.name, asked)
        try:
            with self._lock:
                self.calls.append(model.name)
                return AWSResponse(None, 200, {}, None), self._answer(region, model.name, asked)  # type: ignore[arg-type]
        except Refused as refused:
            parsed = {"Error": {"Code": refused.code, "Message": refused.message}, "ResponseMetadata": {}}
            return AWSResponse(None, 400, {}, None), parsed  # type: ignore[arg-type]

    def _answer(self, region: str, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        if operation == "GetCallerIdentity":
            return {"Account": ACCOUNT, "UserId": "me", "Arn": f"arn:aws:iam::{ACCOUNT}:user/me"}
        if operation in self.denied:
            raise Refused("AccessDeniedException", "not you")
        account = asked.get("registryId", ACCOUNT)
        name = asked.get("repositoryName") or asked["repositoryNames"][0]
        held = self.held.get((account, region, name))
        if held is None:
            raise Refused("RepositoryNotFoundException")
        return dict(getattr(self, f"_{operation.lower()}")(held, name, asked))

    def _describerepositories(self, held: Held, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        filters = [{"filterType": "WILDCARD", "filter": it} for it in held.filters]
        row = {
            "repositoryName": name,
            "repositoryUri": name,
            "createdAt": PUSHED,
            "imageTagMutability": held.mutability,
            **({"imageTagMutabilityExclusionFilters": filters} if held.mutability.endswith("EXCLUSION") else {}),
        }
        return {"repositories": [row]}

    def _describeimages(self, held: Held, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        wanted = [self._found(held, it) for it in asked["imageIds"]] if "imageIds" in asked else list(held.manifests)
        rows = []
        for number, digest in enumerate(held.manifests):
            manifest = json.loads(held.manifests[digest])
            tags = [tag for tag, of in held.tags.items() if of == digest]
            if digest not in wanted or (not tags and asked.get("filter", {}).get("tagStatus") == "TAGGED"):
                continue
            rows.append({
                "imageDigest": digest,
                "imagePushedAt": PUSHED + timedelta(minutes=number),
                "imageManifestMediaType": manifest["mediaType"],
                "imageStatus": "ARCHIVED" if digest in held.archived else "ACTIVE",
                **({"imageTags": tags} if tags else {}),
                **({"subjectManifestDigest": manifest["subject"]["digest"]} if "subject" in manifest else {}),
            })  # fmt: skip
        return {"imageDetails": rows}

    def _found(self, held: Held, image_id: Mapping[str, str]) -> str:
        digest = image_id.get("imageDigest") or held.tags.get(image_id.get("imageTag", ""), "")
        if digest not in held.manifests:
            raise Refused("ImageNotFoundException")
        return digest

    def _batchgetimage(self, held: Held, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        images, failures = [], []
        for image_id in asked["imageIds"]:
            try:
                digest = self._found(held, image_id)
            except Refused:
                failures.append({"imageId": image_id, "failureCode": "ImageNotFound"})
                continue
            text = held.manifests[digest]
            images.append({
                "imageId": {**image_id, "imageDigest": digest},
                "imageManifest": text,
                "imageManifestMediaType": json.loads(text)["mediaType"],
            })  # fmt: skip
        return {"images": images, "failures": failures}

    def _putimage(self, held: Held, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        text, tag = asked["imageManifest"], asked.get("imageTag")
        digest = digest_of(text)
        if asked.get("imageDigest", digest) != digest:
            raise Refused("ImageDigestDoesNotMatchException")
        manifest = json.loads(text)
        parts = [*manifest.get("layers", ()), *([manifest["config"]] if "config" in manifest else [])]
        if not all(it["digest"] in held.layers for it in parts):
            raise Refused("LayersNotFoundException")
        if not all(it["digest"] in held.manifests for it in manifest.get("manifests", ())):
            raise Refused("ReferencedImagesNotFoundException")
        if (tag is None and digest in held.manifests) or (tag is not None and held.tags.get(tag) == digest):
            raise Refused("ImageAlreadyExistsException")
        if tag is not None and tag in held.tags and not held.may_move(tag):
            raise Refused("ImageTagAlreadyExistsException")
        held.manifests[digest] = text
        if tag is not None:
            held.tags[tag] = digest
        return {"image": {"imageId": {"imageDigest": digest}}}

    def _listimagereferrers(self, held: Held, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        of = asked["subjectId"]["imageDigest"]
        return {
            "referrers": [
                {"digest": digest, "mediaType": IMAGE, "artifactType": json.loads(text).get("artifactType", "x"),
                 "size": len(text)}
                for digest, text in held.manifests.items()
                if json.loads(text).get("subject", {}).get("digest") == of
            ]
        }  # fmt: skip

    def _describeimagescanfindings(self, held: Held, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        digest = asked["imageId"]["imageDigest"]
        if digest not in held.scans:
            raise Refused("ScanNotFoundException")
        findings = [{"name": f"CVE-{number}", "severity": it} for number, it in enumerate(held.scans[digest])]
        return {"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": {"findings": findings}}


def _remember(params: Any, context: Any, **_: Any) -> None:
    context["asked"] = params


def installed(monkeypatch: pytest.MonkeyPatch) -> FakeEcr:
    """ops.aws.cloud with this ECR."""
    fake = FakeEcr()
    monkeypatch.setattr("ops.aws.cloud.boto3.client", fake.client)
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)
    return fake
