"""The in-use guard: what the policies would take away, compared with what runs.

https://github.com/aws/containers-roadmap/issues/1078: the first complaint about lifecycle policies.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from ops import cloud
from ops.lifecycle.live import images_in, simulated
from ops.lifecycle.running import running
from ops.lifecycle.targets import Target, of_account
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
        targets = of_account(targets, cloud.own_account(registry))
        regions = sorted({target.region for target in targets})
        clients = {region: cloud.ecr(region) for region in regions}
        enhanced = {region for region in regions if _enhanced(clients[region])}

        def look(target: Target) -> _Looked | None:
            client = clients[target.region]
            images = images_in(client, target.repository)
            if images is None:  # before its first deploy
                return None
            return _Looked(target, images, simulated(client, target, images, now))

        looked = [found for found in each(targets, look, "looking at images") if found is not None]
        inspect = [
            (found.target, gone.image.digest)
            for found in looked
            if found.target.region in enhanced
            for gone in going(found.outcome)
            if not gone.image.archived  # archived images are not scanned
        ]
        needed += filter(None, each(inspect, lambda it: _inspected(clients[it[0].region], *it), "asking Inspector"))
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
    return endangered(
        found.outcome,
        found.images,
        needed,
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
    return answer["scanningConfiguration"]["scanType"] == "ENHANCED"


def _inspected(client: ECRClient, target: Target, digest: str) -> Reference | None:
    """Where Amazon Inspector has seen an image in use; None where it has not.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_AwsEcrContainerImageDetails.html
    """
    try:
        answer: Mapping[str, Any] = client.describe_image_scan_findings(
            repositoryName=target.repository, imageId={"imageDigest": digest}, maxResults=1
        )
    except ClientError as problem:
        code = problem.response.get("Error", {}).get("Code", "")
        if code in _NOTHING_KNOWN or code in cloud.UNKNOWN_OPERATION:
            return None
        raise
    for finding in answer.get("imageScanFindings", {}).get("enhancedFindings", ()):
        for resource in finding.get("resources", ()):
            details = resource.get("details", {}).get("awsEcrContainerImage", {})
            if count := details.get("inUseCount", 0):
                last = details.get("lastInUseAt")
                seen = f"saw at {last.isoformat()}" if last else "says"
                return Reference(
                    account=target.account,
                    region=target.region,
                    repository=target.repository,
                    tag=None,
                    digest=digest,
                    where=f"{count} ECS or EKS {'task or pod' if count == 1 else 'tasks or pods'}, "
                    f"as Amazon Inspector {seen}",
                )
    return None
