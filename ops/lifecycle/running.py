"""What runs on ECS and Lambda in an account and region, as references to images.

Services and running tasks by their task definitions, the newest task definition of each family (what a schedule or
`RunTask` starts), and every version of every Lambda function that is an image.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html,
https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCodeLocation.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from botocore.exceptions import ClientError

from ops.aws import cloud
from ops.aws.parallel import map_parallel
from registry.lifecycle.in_use import Reference, reference

SOURCES: Final = ("ecs", "lambda")


def running_in(regions: Sequence[str], sources: Sequence[str]) -> tuple[list[Reference], tuple[str, ...]]:
    """What runs in regions, and which services there could not be asked because they are not there.

    :param sources: of SOURCES.
    :raises CloudError: where nobody may ask.
    """
    asked = [(source, region, cloud.client(source, region)) for region in regions for source in sources]
    found = map_parallel(asked, lambda it: running(it[2], it[1]), "asking what runs")
    absent = [f"{source} in {region}" for (source, region, _), runs in zip(asked, found, strict=True) if runs is None]
    return [reference for runs in found for reference in runs or ()], tuple(absent)


def running(client: Any, region: str) -> list[Reference] | None:
    """What runs there; None where there is no such service.

    :param client: of one of SOURCES, in the region.
    :raises CloudError: where nobody may ask: whether something runs is then not known, which is not the same as no.
    """
    service = client.meta.service_model.service_name
    try:
        return list(_OF[service](client))
    except ClientError as problem:
        code = problem.response.get("Error", {}).get("Code", "")
        if code in cloud.UNKNOWN_OPERATION:
            return None
        if code in cloud.NOT_ALLOWED:
            raise cloud.CloudError(
                f"{service} in {region} cannot be asked which images run: {problem}\n"
                f"    way out: allow it, or add --without {service} if nothing runs there in this account"
            ) from problem
        raise


def _ecs(client: Any) -> Iterator[Reference]:
    uses: dict[str, list[str]] = {}
    for cluster in _all(client, "list_clusters", "clusterArns"):
        for definition, where in _services(client, cluster):
            uses.setdefault(definition, []).append(where)
        yield from _tasks(client, cluster)
    for family in _all(client, "list_task_definition_families", "families", status="ACTIVE"):
        uses.setdefault(family, []).append(f"ECS task definition {family}, its newest revision")
    for definition, places in uses.items():
        described = client.describe_task_definition(taskDefinition=definition)["taskDefinition"]
        for container in described.get("containerDefinitions", ()):
            for where in dict.fromkeys(places):
                yield from _named(container.get("image"), None, where)


def _services(client: Any, cluster: str) -> Iterator[tuple[str, str]]:
    """The task definitions of services, each with where it runs; a deployment under way has two."""
    for batch in _batches(_all(client, "list_services", "serviceArns", cluster=cluster), 10):
        for service in client.describe_services(cluster=cluster, services=batch)["services"]:
            for each in (service, *service.get("deployments", ())):
                if "taskDefinition" in each:
                    yield each["taskDefinition"], f"ECS service {service['serviceName']} of cluster {_name(cluster)}"


def _tasks(client: Any, cluster: str) -> Iterator[Reference]:
    """The images of running tasks, and the digests that were pulled for them."""
    for batch in _batches(_all(client, "list_tasks", "taskArns", cluster=cluster), 100):
        for task in client.describe_tasks(cluster=cluster, tasks=batch)["tasks"]:
            where = f"ECS task {_name(task['taskArn'])} of cluster {_name(cluster)}"
            for container in task.get("containers", ()):
                yield from _named(container.get("image"), container.get("imageDigest"), where)


def _lambda(client: Any) -> Iterator[Reference]:
    for function in _all(client, "list_functions", "Functions", FunctionVersion="ALL"):
        if function.get("PackageType") == "Image":
            code = client.get_function(FunctionName=function["FunctionArn"]).get("Code", {})
            where = f"Lambda function {function['FunctionName']}, version {function.get('Version', '$LATEST')}"
            # A function keeps the digest its tag had when it was deployed.
            yield from _named(code.get("ResolvedImageUri") or code.get("ImageUri"), None, where)


_OF: Final[Mapping[str, Callable[[Any], Iterator[Reference]]]] = {"ecs": _ecs, "lambda": _lambda}


def _named(image: str | None, digest: str | None, where: str) -> Iterator[Reference]:
    """The image as it is named, and by the digest that was pulled, where that is known."""
    if image and (found := reference(image, where)):
        yield found
        if digest and not found.digest:
            yield Reference(
                repository=found.repository,
                tag=None,
                digest=digest,
                where=where,
                account=found.account,
                region=found.region,
            )


def _all(client: Any, operation: str, key: str, **parameters: Any) -> list[Any]:
    return [row for page in client.get_paginator(operation).paginate(**parameters) for row in page[key]]


def _batches(rows: Sequence[str], size: int) -> Iterator[list[str]]:
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]
