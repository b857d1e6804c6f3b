"""Registries that send to each other, and what a destination lets in."""

import json
from typing import Any

from tests.emulator.cloud import Cloud

BOTH = ["ecr:ReplicateImage", "ecr:CreateRepository"]


def replicate(cloud: Cloud, destination: Cloud, **rule: Any) -> None:
    there: Any = {"region": destination.region, "registryId": destination.account}
    configuration: Any = {"rules": [{"destinations": [there], **rule}]}
    cloud.ecr.put_replication_configuration(replicationConfiguration=configuration)


def let_in(destination: Cloud, source: str, actions: list[str], repositories: str = "*", effect: str = "Allow") -> None:
    """Put a registry policy of one statement, as the guide's examples have it."""
    statement = {
        "Effect": effect,
        "Principal": {"AWS": f"arn:aws:iam::{source}:root"},
        "Action": actions,
        "Resource": f"arn:aws:ecr:{destination.region}:{destination.account}:repository/{repositories}",
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    destination.ecr.put_registry_policy(policyText=json.dumps(policy))


def repositories(cloud: Cloud) -> list[str]:
    return [each["repositoryName"] for each in cloud.ecr.describe_repositories()["repositories"]]


def described(cloud: Cloud, name: str) -> Any:
    return cloud.ecr.describe_repositories(repositoryNames=[name])["repositories"][0]


def status(cloud: Cloud, tag: str = "v1", name: str = "web/api") -> Any:
    asked: Any = {"repositoryName": name, "imageId": {"imageTag": tag}}
    return cloud.ecr.describe_image_replication_status(**asked)["replicationStatuses"]
