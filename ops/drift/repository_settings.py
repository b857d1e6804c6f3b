"""A repository's settings as AWS has them, and how they differ from the file's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from ops.aws import cloud
from ops.drift import normalize
from registry.locations import Location
from registry.model import Repository
from registry.naming import STACK_TAG

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecr.type_defs import RepositoryTypeDef

Settings = dict[str, Any]

#: Settings that are compared by what they mean. All others are the same where they are equal.
_MEANINGS: Final[dict[str, Callable[[Any], Any]]] = {
    "lifecyclePolicy": normalize.lifecycle,
    "repositoryPolicy": normalize.policy,
    "policyText": normalize.policy,
    "policyDocument": normalize.policy,
    "assumeRolePolicyDocument": normalize.policy,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One setting that the file and AWS say differently."""

    setting: str
    declared: object
    live: object


def declared_settings(repository: Repository, at: Location) -> Settings:
    """What the file says of a repository at a location, in the words of ECR's API."""
    return {
        "imageTagMutability": repository.image_tag_mutability,
        "imageTagMutabilityExclusionFilters": sorted(repository.exclusion_filters),
        "encryptionType": repository.encryption.encryption_type,
        "kmsKey": repository.encryption.key_in(at),
        "scanOnPush": repository.scan_on_push,
        "lifecyclePolicy": json.loads(repository.lifecycle.text) if repository.lifecycle else None,
        "repositoryPolicy": json.loads(policy) if (policy := repository.policy_in(at)) else None,
        "tags": dict(repository.tags),
    }


def live_settings(client: ECRClient, repository: str) -> Settings | None:
    """What AWS says of a repository in the client's region; None where there is none."""
    try:
        pages = client.get_paginator("describe_repositories").paginate(repositoryNames=[repository])
        rows = [row for page in pages for row in page["repositories"]]
    except client.exceptions.RepositoryNotFoundException:
        return None
    return settings_of(client, repository, cloud.first(rows, "DescribeRepositories"))


def settings_of(client: ECRClient, repository: str, row: RepositoryTypeDef) -> Settings:
    """The same where DescribeRepositories has answered `row` already: what it does not say is asked."""
    encryption = row.get("encryptionConfiguration", {"encryptionType": "AES256"})
    tags = client.list_tags_for_resource(resourceArn=row["repositoryArn"])["tags"]
    return {
        "imageTagMutability": row["imageTagMutability"],
        "imageTagMutabilityExclusionFilters": sorted(
            entry["filter"] for entry in row.get("imageTagMutabilityExclusionFilters", [])
        ),
        "encryptionType": encryption["encryptionType"],
        "kmsKey": encryption.get("kmsKey"),
        "scanOnPush": row.get("imageScanningConfiguration", {}).get("scanOnPush", False),
        "lifecyclePolicy": document(
            lambda: client.get_lifecycle_policy(repositoryName=repository)["lifecyclePolicyText"],
            "LifecyclePolicyNotFoundException",
        ),
        "repositoryPolicy": document(
            lambda: client.get_repository_policy(repositoryName=repository)["policyText"],
            "RepositoryPolicyNotFoundException",
        ),
        "tags": {
            tag["Key"]: tag["Value"]
            for tag in tags
            if not tag["Key"].startswith("aws:") and tag["Key"] != STACK_TAG  # CloudFormation's own
        },
    }


def differences(declared: Settings, live: Settings) -> tuple[Difference, ...]:
    """The settings that are not the same.

    A key that the file names by alias or id, or leaves to AWS, is not compared: ECR answers with a key's ARN.
    """
    found = []
    for setting, wanted in declared.items():
        if setting == "kmsKey" and ":key/" not in str(wanted):
            continue
        meant = _MEANINGS.get(setting, _itself)
        if meant(wanted) != meant(live[setting]):
            found.append(Difference(setting=setting, declared=wanted, live=live[setting]))
    return tuple(found)


def _itself(value: Any) -> Any:
    return value


def document(read: Callable[[], str], absent: str) -> Any:
    """A JSON text that AWS answers, read; None where it refuses with the code `absent`."""
    try:
        return cloud.read_json(read(), "a policy")
    except ClientError as problem:
        if problem.response["Error"]["Code"] == absent:
            return None
        raise
