"""ECR's API judged on the repository a call names, and made in the registry it names.

ministack judges DescribeRepositories, BatchGetRepositoryScanningConfiguration and the calls on tags on `*`, and
ignores `registryId`.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
What stays: a call that takes no resource is judged by the caller's policies alone, not by the registry's.
"""

import json
from typing import Any

from ministack import app
from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region
from ministack.services import ecr

from sandbox.emulator.access import refusal_of, repository_arn, resource_policy
from sandbox.emulator.answers import Answer, Json, refusal

# Without a name these speak of every repository.
_OF_ALL = {"DescribeRepositories"}

#: What AWS allows with another action: "must have the ecr:BatchGetImage permission to perform this action",
#: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
_UNDER = {"ecr:ListImageReferrers": "ecr:BatchGetImage"}

_stock_extract_iam_action = iam_actions.extract_iam_action
_stock_extract_resource_arn = iam_actions.extract_resource_arn


def data_of(body: bytes) -> Json:
    """The members of a call; none where it has no body, or not one of JSON."""
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def action_of(headers: dict[str, str]) -> str:
    """The name of a call."""
    return headers.get("x-amz-target", "").rpartition(".")[2]


def names_in(action: str, data: Json) -> list[str]:
    """The repositories a call names, `*` for all of them; none where it takes no repository."""
    if "repositoryName" in data:
        return [data["repositoryName"]]
    return data.get("repositoryNames") or (["*"] if action in _OF_ALL else [])


def extract_iam_action(*asked: Any) -> str | None:
    """The action that a call is judged as."""
    action: str | None = _stock_extract_iam_action(*asked)
    return _UNDER.get(action, action) if action else None


def extract_resource_arn(
    service: str,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query_params: Json,
    region: str,
    account_id: str,
) -> str:
    """What ministack judges a call on: the first repository it names, in the registry it names."""
    if service != "ecr":
        stock: str = _stock_extract_resource_arn(service, method, path, headers, body, query_params, region, account_id)
        return stock
    data = data_of(body)
    if "resourceArn" in data:
        return str(data["resourceArn"])
    names = names_in(action_of(headers), data)
    return repository_arn(data.get("registryId", account_id), region, names[0]) if names else "*"


def repository_policy_for_arn(arn: str) -> tuple[str, str] | None:
    """The policies of a repository, the registry's included, and their owner, whoever asks."""
    fields = arn.split(":", 5)
    if len(fields) != 6 or not fields[5].startswith("repository/"):
        return None
    region, owner = fields[3], fields[4]
    return resource_policy(owner, region, fields[5].removeprefix("repository/")), owner


def refused(headers: dict[str, str], query_params: Json, data: Json) -> Answer | None:
    """The refusal of what ministack does not judge: further names, and another account's root."""
    if not app.AUTH:
        return None
    key, account = app.extract_access_key_id(headers, query_params) or "", get_account_id()
    owner = data.get("registryId", account)
    action = action_of(headers)
    names = names_in(action, data)
    for name in names[1:] if owner == account else names or ["*"]:
        judged = _UNDER.get(f"ecr:{action}", f"ecr:{action}")
        message = refusal_of(key, account, judged, owner, get_region(), name)
        if message:
            return refusal("AccessDeniedException", message)
    return None


def install() -> None:
    """Replace where ministack looks for the resource and for its policy."""
    iam_actions.extract_iam_action = extract_iam_action
    iam_actions.extract_resource_arn = extract_resource_arn
    ecr.repository_policy_for_arn = repository_policy_for_arn
