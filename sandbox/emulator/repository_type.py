"""`AWS::ECR::Repository` in CloudFormation: created once, with its exclusion filters, compared by value.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecr-repository.html
"""

import json

from ministack.services import ecr
from ministack.services.cloudformation import drift, provisioners

from sandbox.emulator.answers import Answer, Json, body_of

TYPE = "AWS::ECR::Repository"

_stock_update = provisioners._ecr_repo_update


def create(logical_id: str, properties: Json, stack_name: str) -> tuple[str, Json]:
    """Create the repository, or fail as CloudFormation does.

    A live repository fails with AlreadyExists; ministack would take it over and overwrite its settings.
    https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-ecr (CreateHandler)
    """
    name: str = properties.get("RepositoryName") or provisioners._physical_name(
        stack_name, logical_id, lowercase=True, max_len=256
    )
    if name in ecr._repositories:
        raise ValueError(f"Resource of type '{TYPE}' with identifier '{name}' already exists.")
    created: Answer = ecr._create_repository(
        {
            "repositoryName": name,
            "imageTagMutabilityExclusionFilters": exclusion_filters(properties),
            **provisioners._ecr_cfn_to_api(properties),
        }
    )
    if created[0] != 200:
        raise ValueError(body_of(created)["message"])
    provisioners._ecr_repo_apply_policies(name, properties)
    return name, attributes(name)


def update(physical_id: str, old: Json, new: Json, stack_name: str, logical_id: str | None = None) -> tuple[str, Json]:
    """Update in place, exclusion filters included.

    A repository that someone deleted stays deleted and the update fails; ministack would create it anew.
    https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-ecr (UpdateHandler)
    """
    if physical_id not in ecr._repositories:
        raise ValueError(f"Resource of type '{TYPE}' with identifier '{physical_id}' was not found.")
    _stock_update(physical_id, old, new, stack_name, logical_id)
    ecr._repositories[physical_id]["imageTagMutabilityExclusionFilters"] = exclusion_filters(new)
    return physical_id, attributes(physical_id)


def exclusion_filters(properties: Json) -> list[Json]:
    """A template's exclusion filters as ECR's API has them.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecr-repository-imagetagmutabilityexclusionfilter.html
    """
    return [
        {
            "filterType": each["ImageTagMutabilityExclusionFilterType"],
            "filter": each["ImageTagMutabilityExclusionFilterValue"],
        }
        for each in properties.get("ImageTagMutabilityExclusionFilters", [])
    ]


def template_filters(filters: list[Json]) -> list[Json]:
    """Exclusion filters of ECR's API as a template has them."""
    return [
        {
            "ImageTagMutabilityExclusionFilterType": each["filterType"],
            "ImageTagMutabilityExclusionFilterValue": each["filter"],
        }
        for each in filters
    ]


def attributes(name: str) -> Json:
    """What Fn::GetAtt can ask for."""
    repository = ecr._repositories[name]
    return {"Arn": repository["repositoryArn"], "RepositoryUri": repository["repositoryUri"]}


def read(physical_id: str, properties: Json) -> Json | None:
    """What is live, for drift detection; ministack asks only whether the repository exists.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackResourceDrift.html
    "Only resource properties explicitly defined in the stack template are checked", so a policy that the
    template does not have is no drift. A key named by alias or id is, though it is the same key:
    https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2530
    """
    repository = ecr._repositories.get(physical_id)
    if repository is None:
        return None
    encryption = repository["encryptionConfiguration"]
    live: Json = {
        "RepositoryName": physical_id,
        "ImageTagMutability": repository["imageTagMutability"],
        "ImageTagMutabilityExclusionFilters": template_filters(
            repository.get("imageTagMutabilityExclusionFilters", [])
        ),
        "ImageScanningConfiguration": {"ScanOnPush": repository["imageScanningConfiguration"].get("scanOnPush", False)},
        "EncryptionConfiguration": {
            "EncryptionType": encryption["encryptionType"],
            **({"KmsKey": encryption["kmsKey"]} if "kmsKey" in encryption else {}),
        },
        "Tags": repository["tags"],
    }
    if physical_id in ecr._lifecycle_policies:
        live["LifecyclePolicy"] = {"LifecyclePolicyText": ecr._lifecycle_policies[physical_id]}
    if physical_id in ecr._repo_policies:
        live["RepositoryPolicyText"] = json.loads(ecr._repo_policies[physical_id])
    return live


COMPARED = frozenset(
    {
        "EncryptionConfiguration",
        "ImageScanningConfiguration",
        "ImageTagMutability",
        "ImageTagMutabilityExclusionFilters",
        "LifecyclePolicy",
        "RepositoryName",
        "RepositoryPolicyText",
        "Tags",
    }
)


def install() -> None:
    """Replace ministack's create and update; its delete is right."""
    provisioners._RESOURCE_HANDLERS[TYPE].update(create=create, update=update)
    drift._DRIFT_READERS[TYPE] = (read, COMPARED)
