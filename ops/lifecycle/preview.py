"""AWS's own preview of a lifecycle policy: started, followed, read page by page; and how it differs from ours.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/lpp_creation.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from ops.aws import cloud
from ops.lifecycle.live import images_in, simulated
from ops.lifecycle.targets import Target
from registry.lifecycle.preview_json import Answer, answer

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

_POLL_SECONDS = 2.0
_POLLS: Final = 900  # half an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a policy does to a target: AWS's answer, ours, or both; neither where there is no such repository.

    Simulated without being asked to means that the service has no preview.
    """

    target: Target
    aws: Answer | None = None
    simulation: Answer | None = None

    @property
    def differences(self) -> tuple[str, ...]:
        """What AWS and the simulation say differently, one line for an image."""
        if self.aws is None or self.simulation is None:
            return ()
        theirs, ours = _actions(self.aws), _actions(self.simulation)
        return tuple(
            f"{digest}: AWS says {theirs.get(digest, 'nothing')}, the simulation {ours.get(digest, 'nothing')}"
            for digest in sorted(theirs.keys() | ours.keys())
            if theirs.get(digest) != ours.get(digest)
        )


def preview(client: ECRClient, target: Target, *, simulate: bool, compare: bool, now: float) -> Preview:
    """Preview a target's policy.

    :param simulate: do not ask AWS; `compare`: simulate too. Times are seconds since 1970.
    :raises CloudError: where the preview failed, or does not come to its end.
    """
    images = images_in(client, target.repository)
    if images is None:
        return Preview(target=target)
    aws = None if simulate else asked(client, target)
    ours = None
    if aws is None or compare:
        outcome = simulated(client, target, images, now)
        ours = answer(outcome, policy=target.policy, repository=target.repository)
    return Preview(target=target, aws=aws, simulation=ours)


def asked(client: ECRClient, target: Target) -> Answer | None:
    """AWS's preview; None where the service has none."""
    for _ in range(_POLLS):
        try:
            client.start_lifecycle_policy_preview(repositoryName=target.repository, lifecyclePolicyText=target.policy)
        except client.exceptions.LifecyclePolicyPreviewInProgressException:  # somebody else's: it has to end first
            time.sleep(_POLL_SECONDS)
        except ClientError as problem:
            if problem.response.get("Error", {}).get("Code") in cloud.UNKNOWN_OPERATION:
                return None
            raise
        else:
            return _followed(client, target)
    raise cloud.CloudError(f"another preview of {target} does not end\n    way out: wait for it, then try again")


def _followed(client: ECRClient, target: Target) -> Answer:
    for _ in range(_POLLS):
        page = client.get_lifecycle_policy_preview(repositoryName=target.repository, maxResults=100)
        if page["status"] == "COMPLETE":
            return _whole(client, target, page)
        if page["status"] != "IN_PROGRESS":
            raise cloud.CloudError(
                f"the preview of {target} ended in {page['status']}\n"
                "    way out: try again, or simulate it with --simulate"
            )
        time.sleep(_POLL_SECONDS)
    raise cloud.CloudError(f"the preview of {target} does not end\n    way out: simulate it with --simulate")


def _whole(client: ECRClient, target: Target, page: Mapping[str, Any]) -> Answer:
    """All pages as one answer, times as text."""
    first, results = page, [*page["previewResults"]]
    while token := page.get("nextToken"):
        page = client.get_lifecycle_policy_preview(repositoryName=target.repository, maxResults=100, nextToken=token)
        results += page["previewResults"]
    found = {key: first[key] for key in ("registryId", "repositoryName", "lifecyclePolicyText", "status")}
    return {
        **found,
        "previewResults": [_result(row) for row in results],
        "summary": first.get("summary", {"expiringImageTotalCount": len(results)}),
    }


def _result(row: Mapping[str, Any]) -> Answer:
    """A result with its tags first and its time as text."""
    pushed = row.get("imagePushedAt")
    return {"imageTags": row.get("imageTags", []), **row, **({"imagePushedAt": pushed.isoformat()} if pushed else {})}


def _actions(found: Answer) -> dict[str, str]:
    return {
        row["imageDigest"]: f"{row['action']['type']} by rule {row['appliedRulePriority']}"
        for row in found["previewResults"]
    }
