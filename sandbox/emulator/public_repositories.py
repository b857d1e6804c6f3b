"""Amazon ECR Public, which ministack does not have: repositories with their catalog data, policy and tags, no images.

https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_Operations.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecr-publicrepository.html
What stays: a call is judged by nobody, and nothing can be pushed.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from ministack import app
from ministack.core import router
from ministack.core.responses import AccountScopedDict, get_account_id, get_region
from ministack.services.cloudformation import provisioners

from sandbox.emulator.answers import Answer, Json, answer, page_of, refusal
from sandbox.emulator.api_access import action_of, data_of

NAME: Final = "AWS::ECR::PublicRepository"
#: By name, of an account: `catalog`, `policy` (a text, or None) and `tags` (a map).
LIVE = AccountScopedDict()
REGION: Final = "us-east-1"


def _arn(name: str) -> str:
    return f"arn:aws:ecr-public::{get_account_id()}:repository/{name}"


def _row(name: str) -> Json:
    uri = f"public.ecr.aws/local/{name}"
    return {
        "repositoryName": name, "repositoryArn": _arn(name), "registryId": get_account_id(), "repositoryUri": uri,
    }  # fmt: skip


def _tags(listed: list[Json]) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in listed}


def _make(name: str, catalog: Json, policy: str | None, tags: dict[str, str]) -> None:
    LIVE[name] = {"catalog": catalog, "policy": policy, "tags": tags}


def create_repository(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_CreateRepository.html"""
    name = data["repositoryName"]
    if name in LIVE:
        return refusal("RepositoryAlreadyExistsException", f"The repository with name '{name}' already exists")
    _make(name, data.get("catalogData", {}), None, _tags(data.get("tags", [])))
    return answer({"repository": _row(name), "catalogData": LIVE[name]["catalog"]})


def describe_repositories(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_DescribeRepositories.html"""
    names = data.get("repositoryNames")
    for name in names or ():
        if name not in LIVE:
            return _missing(name)
    rows, more = page_of([_row(name) for name in sorted(names or LIVE)], data, 100)
    return answer({"repositories": rows, **more})


def get_repository_catalog_data(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_GetRepositoryCatalogData.html"""
    return answer({"catalogData": LIVE[data["repositoryName"]]["catalog"]})


def put_repository_catalog_data(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_PutRepositoryCatalogData.html"""
    LIVE[data["repositoryName"]]["catalog"] = data["catalogData"]
    return get_repository_catalog_data(data)


def get_repository_policy(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_GetRepositoryPolicy.html"""
    name = data["repositoryName"]
    if LIVE[name]["policy"] is None:
        return refusal("RepositoryPolicyNotFoundException", f"Repository policy does not exist for '{name}'")
    return answer({"registryId": get_account_id(), "repositoryName": name, "policyText": LIVE[name]["policy"]})


def set_repository_policy(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_SetRepositoryPolicy.html"""
    LIVE[data["repositoryName"]]["policy"] = data["policyText"]
    return get_repository_policy(data)


def delete_repository_policy(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_DeleteRepositoryPolicy.html"""
    answered = get_repository_policy(data)
    LIVE[data["repositoryName"]]["policy"] = None
    return answered


def delete_repository(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_DeleteRepository.html"""
    del LIVE[data["repositoryName"]]
    return answer({"repository": _row(data["repositoryName"])})


def list_tags_for_resource(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_ListTagsForResource.html"""
    tags = LIVE[_named(data)]["tags"]
    return answer({"tags": [{"Key": key, "Value": value} for key, value in tags.items()]})


def tag_resource(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_TagResource.html"""
    LIVE[_named(data)]["tags"].update(_tags(data["tags"]))
    return answer({})


def untag_resource(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_UntagResource.html"""
    for key in data["tagKeys"]:
        LIVE[_named(data)]["tags"].pop(key, None)
    return answer({})


CALLS: dict[str, Callable[[Json], Answer]] = {
    "CreateRepository": create_repository,
    "DeleteRepository": delete_repository,
    "DeleteRepositoryPolicy": delete_repository_policy,
    "DescribeRepositories": describe_repositories,
    "GetRepositoryCatalogData": get_repository_catalog_data,
    "GetRepositoryPolicy": get_repository_policy,
    "ListTagsForResource": list_tags_for_resource,
    "PutRepositoryCatalogData": put_repository_catalog_data,
    "SetRepositoryPolicy": set_repository_policy,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
}


def _named(data: Json) -> str:
    """The repository that a call is about; empty where it names none."""
    return str(data.get("repositoryName") or data.get("resourceArn", "").partition(":repository/")[2])


def _missing(name: str) -> Answer:
    return refusal(
        "RepositoryNotFoundException",
        f"The repository with name '{name}' does not exist in the registry with id '{get_account_id()}'",
    )


async def handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query_params: Json) -> Answer:
    """Answer a call of the table; in other regions there is no such service."""
    action, data = action_of(headers), data_of(body)
    if get_region() != REGION or action not in CALLS:
        return refusal("UnknownOperationException", f"{action} is not known in {get_region()}")
    if action not in ("CreateRepository", "DescribeRepositories") and _named(data) not in LIVE:
        return _missing(_named(data))
    return CALLS[action](data)


def create(logical_id: str, properties: Json, stack_name: str) -> tuple[str, Json]:
    """Other regions do not know the type: aws/aws-cli #6491."""
    if get_region() != REGION:
        raise ValueError(f"Template format error: Unrecognized resource types: [{NAME}]")
    name = properties["RepositoryName"]
    if name in LIVE:
        raise ValueError(f"Resource of type '{NAME}' with identifier '{name}' already exists.")
    return update(name, {}, properties, stack_name)


def update(physical_id: str, old: Json, new: Json, stack_name: str) -> tuple[str, Json]:
    """Everything but the name changes without interruption."""
    said = new.get("RepositoryCatalogData", {})
    catalog = {key[0].lower() + key[1:]: value for key, value in said.items() if key != "RepositoryDescription"}
    if "RepositoryDescription" in said:
        catalog["description"] = said["RepositoryDescription"]
    _make(physical_id, catalog, _text(new.get("RepositoryPolicyText")), _tags(new.get("Tags", [])))
    return physical_id, {"Arn": _arn(physical_id)}


def imported(name: str) -> tuple[str, Json]:
    """The physical id and the attributes of one that keeps everything it has."""
    return name, {"Arn": _arn(name)}


def _text(policy: Any) -> str | None:
    return None if not policy else policy if isinstance(policy, str) else json.dumps(policy)


def delete(physical_id: str, properties: Json) -> None:
    """Gone, with the images that nobody could push."""
    LIVE.pop(physical_id, None)


def install() -> None:
    """Add the service and the type to what ministack has."""
    router.SERVICE_PATTERNS["ecr-public"] = {
        "target_prefixes": ["SpencerFrontendService"], "host_patterns": [], "credential_scope": "ecr-public",
    }  # fmt: skip
    app.SERVICE_HANDLERS["ecr-public"] = handle_request
    provisioners._RESOURCE_HANDLERS[NAME] = {"create": create, "update": update, "delete": delete}
    provisioners._REPLACING_PROPERTIES[NAME] = ("RepositoryName",)
