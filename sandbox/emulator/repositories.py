"""The repository in ECR's own API: its name, and its exclusion filters stored and described."""

import re

from ministack.services import ecr

from sandbox.emulator import keys
from sandbox.emulator.answers import Answer, Json, answer, page_of, refusal

_PATTERN = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*"

_stock_create_repository = ecr._create_repository
_stock_describe_repositories = ecr._describe_repositories
_stock_put_image_tag_mutability = ecr._put_image_tag_mutability
_stock_repo_shape = ecr._repo_shape


def create_repository(data: Json) -> Answer:
    """Refuse a name ECR refuses, and keep the exclusion filters.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
    The pattern is the one of 2026-02-25, which allows `__` and `--`; ministack takes any name. The key becomes its
    ARN, and an alias or a key id that does not exist is refused.
    """
    name = data.get("repositoryName", "")
    if not 2 <= len(name) <= 256 or re.fullmatch(_PATTERN, name) is None:
        return refusal(
            "InvalidParameterException",
            "Invalid parameter at 'repositoryName' failed to satisfy constraint: "
            f"'must have 2 to 256 characters and satisfy regular expression '{_PATTERN}''",
        )
    encryption = dict(data.get("encryptionConfiguration") or {"encryptionType": "AES256"})
    if encryption.get("kmsKey"):
        arn = keys.arn_of(encryption["kmsKey"])
        if arn is None:
            return refusal("KmsException", f"The KMS key '{encryption['kmsKey']}' does not exist in this region")
        encryption["kmsKey"] = arn
    created: Answer = _stock_create_repository({**data, "encryptionConfiguration": encryption})
    if created[0] != 200:
        return created
    repository = ecr._repositories[name]
    repository["imageTagMutabilityExclusionFilters"] = data.get("imageTagMutabilityExclusionFilters", [])
    return answer({"repository": repo_shape(repository)})


def describe_repositories(data: Json) -> Answer:
    """All of them page by page, a hundred unless `maxResults` says otherwise; ministack ends after the first thousand.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html
    """
    if data.get("repositoryNames"):
        named: Answer = _stock_describe_repositories(data)
        return named
    found, more = page_of(list(ecr._repositories.values()), data, 100)
    return answer({"repositories": [ecr._repo_shape(each) for each in found], **more})


def put_image_tag_mutability(data: Json) -> Answer:
    """Replace the exclusion filters together with the setting they belong to.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html
    """
    changed: Answer = _stock_put_image_tag_mutability(data)
    if changed[0] != 200:
        return changed
    repository = ecr._repositories[data["repositoryName"]]
    repository["imageTagMutabilityExclusionFilters"] = data.get("imageTagMutabilityExclusionFilters", [])
    described = repo_shape(repository)
    members = ("registryId", "repositoryName", "imageTagMutability", "imageTagMutabilityExclusionFilters")
    return answer({member: described[member] for member in members if member in described})


def repo_shape(repository: Json) -> Json:
    """Describe the exclusion filters where there are some.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Repository.html
    """
    described: Json = _stock_repo_shape(repository)
    filters = repository.get("imageTagMutabilityExclusionFilters")
    return {**described, "imageTagMutabilityExclusionFilters": filters} if filters else described


def install() -> None:
    """Replace ministack's calls and the shape they describe a repository with."""
    ecr._create_repository = create_repository
    ecr._describe_repositories = describe_repositories
    ecr._put_image_tag_mutability = put_image_tag_mutability
    ecr._repo_shape = repo_shape
