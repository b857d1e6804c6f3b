"""The CloudFormation type of a pull-time update exclusion, which ministack does not know: the ARN of a principal.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-pulltimeupdateexclusion.html
Its handlers are not public: that an ARN that is taken fails with AlreadyExists is the contract of every handler.
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract.html
"""

from ministack.services.cloudformation import changesets, drift, provisioners

from sandbox.emulator import settings
from sandbox.emulator.answers import Json

NAME = "AWS::ECR::PullTimeUpdateExclusion"
KEY = "PrincipalArn"


def _is_there(arn: str) -> bool:
    return arn in settings.EXCLUSIONS.get()["arns"]


def create(logical_id: str, properties: Json, stack_name: str) -> tuple[str, Json]:
    """Refuse a principal that is excluded already."""
    arn: str = properties[KEY]
    if _is_there(arn):
        raise ValueError(f"Resource of type '{NAME}' with identifier '{arn}' already exists.")
    settings.register_pull_time_update_exclusion({"principalArn": arn})
    return arn, {}


def update(physical_id: str, old: Json, new: Json, stack_name: str) -> tuple[str, Json]:
    """Another principal is another exclusion: the new one is made, then the old one goes."""
    if new[KEY] != physical_id:
        create("", new, stack_name)
        delete(physical_id, old)
    return new[KEY], {}


def delete(physical_id: str, properties: Json) -> None:
    """One that someone deleted already is no failure."""
    settings.deregister_pull_time_update_exclusion({"principalArn": physical_id})


def read(physical_id: str, properties: Json) -> Json | None:
    """What is live, for drift detection."""
    return {KEY: physical_id} if _is_there(physical_id) else None


def import_exclusion(identifier: Json) -> tuple[str, Json]:
    """The physical id of an exclusion that exists."""
    return identifier[KEY], {}


def _not_found(arn: str) -> str | None:
    message: str = changesets._IMPORT_NOT_FOUND.format(type=NAME, value=arn)
    return None if _is_there(arn) else message


def install() -> None:
    """Add the type to what ministack provisions, classifies, compares and imports."""
    provisioners._RESOURCE_HANDLERS[NAME] = {
        "create": create,
        "update": update,
        "delete": delete,
        "import": import_exclusion,
    }
    provisioners._REPLACING_PROPERTIES[NAME] = (KEY,)
    drift._DRIFT_READERS[NAME] = (read, frozenset({KEY}))
    changesets._IMPORT_LOOKUPS[NAME] = ((KEY,), _not_found)
