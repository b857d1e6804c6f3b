"""The in-use guard: what the policies would take away, compared with what runs.

https://github.com/aws/containers-roadmap/issues/1078: the first complaint about lifecycle policies.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from ops import cloud
from ops.lifecycle.live import images_in, simulated
from ops.lifecycle.running import running
from ops.lifecycle.targets import Target
from ops.many import each
from registry.in_use import Endangered, Reference, endangered, going, references
from registry.model import Registry
from registry.simulation.algorithm import DAY, Outcome
from registry.simulation.images import Image
from registry.simulation.inventory import content_of

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

#: What DescribeImageScanFindings answers for an image of which nothing is known.
_NOTHING_KNOWN: Final = frozenset({"ScanNotFoundException", "ImageNotFoundException", "ValidationException"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """What the guard saw: repositories looked at, images that would go, and those of them that are needed.

    `absent` names what could not be asked because it is not there; `unknown` counts indexes whose children nobody
    could say.
    """

    repositories: int
    going: int
    found: tuple[Endangered, ...]
    absent: tuple[str, ...] = ()
    unknown: int = 0

    @property
    def running(self) -> tuple[Endangered, ...]:
        """The images that run."""
        return tuple(each for each in self.found if each.running)


@dataclass(frozen=True, slots=True)
class _Looked:
    target: Target
    images: tuple[Image, ...]
    outcome: Outcome
    inspected: Mapping[str, str] = field(default_factory=dict)


def guard(
    registry: Registry,
    targets: Sequence[Target],
    *,
    sources: Sequence[str],
    files: Sequence[Path],
    pulled_days: int,
    now: float | None = None,
) -> Guarded:
    """Compare what policies would take away with what runs.

    :param sources: which services of AWS to ask (`ops.lifecycle.running.SOURCES`).
    :param files: texts with references to images, such as what kubectl prints.
    :param pulled_days: an image pulled in so many days is reported too; 0 for none.
    :param now: seconds since 1970 (default: the time).
    :raises CloudError: where AWS cannot be asked; UnreadableFile for a file that cannot be read.
    """
    now = time.time() if now is None else now
    needed = [reference for file in files for reference in _read(file)]
    with cloud.speaking_for_aws():
        cloud.require_account(registry.account, registry.region)
        regions = sorted({target.region for target in targets})
        clients = {region: cloud.ecr(region) for region in regions}
        enhanced = {region for region in regions if _enhanced(clients[region])}

        def look(target: Target) -> _Looked | None:
            client = clients[target.region]
            images = images_in(client, target.repository)
            if images is None:  # before its first deploy
                return None
            outcome = simulated(client, target, images, now)
            inspected = _inspected(client, target, outcome) if target.region in enhanced else {}
            return _Looked(target, images, outcome, inspected)

        looked = [found for found in each(targets, look, "looking at images") if found is not None]
        absent = []
        if any(going(found.outcome) for found in looked):  # otherwise nothing can be in use that goes
            asked = [(source, region, cloud.client(source, region)) for region in regions for source in sources]
            for (source, region, _), runs in zip(
                asked, each(asked, lambda it: running(it[2], it[1]), "asking what runs"), strict=True
            ):
                if runs is None:
                    absent.append(f"{source} in {region}")
                needed += runs or ()
    return Guarded(
        repositories=len(looked),
        going=sum(len(going(found.outcome)) for found in looked),
        found=tuple(it for found in looked for it in _endangered(found, needed, now - pulled_days * DAY)),
        absent=tuple(absent),
        unknown=sum(len(found.outcome.unknown) for found in looked),
    )


def _endangered(found: _Looked, needed: Sequence[Reference], pulled_since: float) -> Iterator[Endangered]:
    target = found.target
    inspected = [
        Reference(repository=target.repository, tag=None, digest=digest, where=where)
        for digest, where in found.inspected.items()
    ]
    return endangered(
        found.outcome,
        found.images,
        [*needed, *inspected],
        account=target.account,
        region=target.region,
        repository=target.repository,
        pulled_since=pulled_since,
    )


def _read(file: Path) -> Iterator[Reference]:
    return references(content_of(file).decode("utf-8-sig", errors="replace"), str(file))


def _enhanced(client: ECRClient) -> bool:
    """Whether Amazon Inspector looks at the images of a region, and so knows where they are used."""
    try:
        answer = client.get_registry_scanning_configuration()
    except ClientError as problem:
        if problem.response.get("Error", {}).get("Code") in cloud.UNKNOWN_OPERATION:
            return False
        raise
    return answer.get("scanningConfiguration", {}).get("scanType") == "ENHANCED"


def _inspected(client: ECRClient, target: Target, outcome: Outcome) -> dict[str, str]:
    """Where Amazon Inspector has seen images that would go, by digest.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_AwsEcrContainerImageDetails.html
    """
    found: dict[str, str] = {}
    for gone in going(outcome):
        digest = gone.image.digest
        if not gone.image.archived and (said := _in_use(client, target.repository, digest)):
            found[digest] = said
    return found


def _in_use(client: ECRClient, repository: str, digest: str) -> str:
    try:
        answer: Mapping[str, Any] = client.describe_image_scan_findings(
            repositoryName=repository, imageId={"imageDigest": digest}, maxResults=1
        )
    except ClientError as problem:
        code = problem.response.get("Error", {}).get("Code", "")
        if code in _NOTHING_KNOWN or code in cloud.UNKNOWN_OPERATION:
            return ""
        raise
    for finding in answer.get("imageScanFindings", {}).get("enhancedFindings", ()):
        for resource in finding.get("resources", ()):
            details = resource.get("details", {}).get("awsEcrContainerImage", {})
            if count := details.get("inUseCount", 0):
                last = details.get("lastInUseAt")
                return (
                    f"{count} ECS or EKS {'task or pod' if count == 1 else 'tasks or pods'}, as Amazon Inspector "
                    + (f"saw at {last.isoformat()}" if last else "says")
                )
    return ""
