"""A repository with every setting, as a template declares it, and what is live of it."""

import json
from typing import Any

from tests.emulator.cloud import Cloud

NAME = "web/api"


def lifecycle(count: int) -> str:
    selection = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": count}
    return json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]})


PULL: Any = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": ["ecr:BatchGetImage"]}],
}
KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
LATEST: Any = {
    "ImageTagMutabilityExclusionFilterType": "WILDCARD",
    "ImageTagMutabilityExclusionFilterValue": "latest",
}
DEV: Any = LATEST | {"ImageTagMutabilityExclusionFilterValue": "dev*"}
EVERYTHING: Any = {
    "ImageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
    "ImageTagMutabilityExclusionFilters": [LATEST, DEV],
    "ImageScanningConfiguration": {"ScanOnPush": True},
    "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": KEY},
    "LifecyclePolicy": {"LifecyclePolicyText": lifecycle(5)},
    "RepositoryPolicyText": PULL,
    "Tags": [{"Key": "team", "Value": "web"}],
}


def described(cloud: Cloud, name: str = NAME) -> Any:
    return cloud.ecr.describe_repositories(repositoryNames=[name])["repositories"][0]


def arn(cloud: Cloud, name: str = NAME) -> str:
    return f"arn:aws:ecr:{cloud.region}:{cloud.account}:repository/{name}"


def tags(cloud: Cloud) -> dict[str, str]:
    found = cloud.ecr.list_tags_for_resource(resourceArn=arn(cloud))["tags"]
    return {each["Key"]: each["Value"] for each in found if not each["Key"].startswith("aws:")}
