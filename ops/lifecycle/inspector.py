"""Where Amazon Inspector sees images in use: every image it covers, with a vulnerability or without one.

https://docs.aws.amazon.com/inspector/v2/APIReference/API_ListCoverage.html says of each image in how many ECS tasks and
EKS pods it runs and when it was last used; API_GetClustersForImage.html in which clusters. The findings of ECR count
clusters, and only of images that have a finding.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from ops.aws import cloud
from ops.lifecycle.targets import Target
from registry.lifecycle.in_use import Reference

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

NAME: Final = "inspector"


@dataclass(frozen=True, slots=True)
class Seen:
    """What Inspector knows of a repository: what runs, and when images were last used, by digest.

    Times are in seconds since 1970.
    """

    running: tuple[Reference, ...] = ()
    used: Mapping[str, float] | None = None


def is_enhanced(client: ECRClient, region: str) -> bool:
    """Whether Amazon Inspector looks at the images of a region, and so knows where they are used.

    :raises CloudError: where the answer says neither yes nor no.
    """
    try:
        answer = client.get_registry_scanning_configuration()
    except ClientError as problem:
        if cloud_code(problem) in cloud.UNKNOWN_OPERATION:
            return False
        raise
    kind = answer.get("scanningConfiguration", {}).get("scanType")
    if kind not in ("BASIC", "ENHANCED"):
        raise cloud.CloudError(
            f"AWS does not say how images are scanned in {region}: Amazon Inspector may or may not see their use\n"
            f"    way out: try again, or add --without {NAME}"
        )
    return kind == "ENHANCED"


def seen(client: Any, target: Target, digests: Container[str]) -> Seen:
    """What Amazon Inspector sees of some images of a repository.

    :param client: of inspector2, in the repository's region.
    :raises CloudError: where nobody may ask: whether something runs is then not known, which is not the same as no.
    """
    running: list[Reference] = []
    used: dict[str, float] = {}
    try:
        for resource, image in _covered(client, target.repository):
            if (digest := resource.rpartition("/")[2]) not in digests:
                continue
            if last := image.get("lastInUseAt"):
                used[digest] = last.timestamp()
            if count := image.get("inUseCount", 0):
                running += [
                    Reference(
                        account=target.account,
                        region=target.region,
                        repository=target.repository,
                        tag=None,
                        digest=digest,
                        where=where,
                    )
                    for where in _where(client, resource, count)
                ]
    except ClientError as problem:
        if cloud_code(problem) in cloud.NOT_ALLOWED:
            raise cloud.CloudError(
                f"Amazon Inspector cannot be asked what runs in {target.region}: {problem}\n"
                "    way out: allow inspector2:ListCoverage and inspector2:GetClustersForImage, "
                f"or add --without {NAME} if nothing runs on ECS or EKS"
            ) from problem
        if cloud_code(problem) in cloud.UNKNOWN_OPERATION:
            return Seen()
        raise
    return Seen(tuple(running), used)


def cloud_code(problem: ClientError) -> str:
    """The code of an error of AWS's."""
    return problem.response.get("Error", {}).get("Code", "")


def _covered(client: Any, repository: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """ARN and metadata of every image of a repository; the filters by use are not described well enough to rely on."""
    wanted = {
        "ecrRepositoryName": [{"comparison": "EQUALS", "value": repository}],
        "resourceType": [{"comparison": "EQUALS", "value": "AWS_ECR_CONTAINER_IMAGE"}],
    }
    pages = client.get_paginator("list_coverage").paginate(filterCriteria=wanted, PaginationConfig={"PageSize": 200})
    for page in pages:
        for resource in page["coveredResources"]:
            yield resource["resourceId"], resource.get("resourceMetadata", {}).get("ecrImage", {})


def _where(client: Any, resource: str, count: int) -> Iterator[str]:
    """The clusters in which an image runs; its count of tasks and pods where nobody says which."""
    found = False
    pages = client.get_paginator("get_clusters_for_image").paginate(
        filter={"resourceId": resource}, PaginationConfig={"PageSize": 100}
    )
    for page in pages:
        for cluster in page["cluster"]:
            if units := sum(each.get("runningUnitCount", 0) for each in cluster.get("clusterDetails", ())):
                found = True
                yield f"{_units(units)} of cluster {cluster['clusterArn']}, seen by Amazon Inspector"
    if not found:
        yield f"{_units(count)}, reported by Amazon Inspector"


def _units(count: int) -> str:
    return f"{count:,} ECS or EKS {'task or pod' if count == 1 else 'tasks or pods'}"
