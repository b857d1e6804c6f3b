"""An ECR with repositories of images that share layers: sizes and pull times as ECR says them, pulls recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.ops.images.fake_ecr import LAYER, FakeEcr, Held, Refused, digest_of
from tests.ops.images.stored import CONFIG, IMAGE
from tests.ops.stubs import ACCOUNT

NOW = datetime.now(UTC)


class UsedEcr(FakeEcr):
    """`details` are fields of DescribeImages by digest; `excluded` the ARNs whose pulls are not recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.details: dict[str, dict[str, Any]] = {}
        self.excluded: list[str] = []
        self.caller = f"arn:aws:iam::{ACCOUNT}:user/me"
        self.read: list[str] = []

    def push(self, repository: str, tag: str, *, days: float = 1, pulled: float | None = None, at: str = "",
             archived: bool = False, **layers: int) -> str:  # fmt: skip
        """An image of layers by name, with their sizes; a configuration of 100 bytes is its own."""
        held = self.repository(repository, **({"region": at} if at else {}))
        manifest = {
            "schemaVersion": 2,
            "mediaType": IMAGE,
            "config": {
                "mediaType": CONFIG,
                "digest": digest_of(f"config of {repository}:{tag} {sorted(layers)}"),
                "size": 100,
            },
            "layers": [{"mediaType": LAYER, "digest": digest_of(it), "size": size} for it, size in layers.items()],
        }
        digest = held.put(manifest, *([tag] if tag else []))
        held.archived |= {digest} if archived else set()
        self.details[digest] = {
            "imagePushedAt": NOW - timedelta(days=days),
            "imageSizeInBytes": 100 + sum(layers.values()),
            **({} if pulled is None else {"lastRecordedPullTime": NOW - timedelta(days=pulled)}),
        }
        return digest

    def _answer(self, region: str, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        if operation == "GetCallerIdentity":
            return {"Account": ACCOUNT, "UserId": "me", "Arn": self.caller}
        if operation in self.denied:
            raise Refused("AccessDeniedException", "not you")
        if operation == "ListPullTimeUpdateExclusions":  # a page for each
            at = int(asked.get("nextToken", 0))
            more = {"nextToken": str(at + 1)} if at + 1 < len(self.excluded) else {}
            return {"pullTimeUpdateExclusions": self.excluded[at : at + 1], **more}
        if operation == "DescribeRepositories" and "repositoryNames" not in asked:
            there = [(name, held) for (account, place, name), held in self.held.items()
                     if place == region and account == asked.get("registryId", ACCOUNT)]  # fmt: skip
            rows = [self._describerepositories(held, name, {})["repositories"][0] for name, held in there]
            return {"repositories": rows}
        return super()._answer(region, operation, asked)

    def _describeimages(self, held: Held, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        rows = super()._describeimages(held, name, asked)["imageDetails"]
        return {"imageDetails": [row | self.details.get(row["imageDigest"], {}) for row in rows]}

    def _batchgetimage(self, held: Held, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        self.read.append(name)
        wanted = [it for it in asked["imageIds"] if it.get("imageDigest") not in held.archived]
        return super()._batchgetimage(held, name, {**asked, "imageIds": wanted})


def manifest_of(held: Held, digest: str) -> Any:
    return json.loads(held.manifests[digest])
