"""What exists in a registry, taken into a stack as it is.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
"Import operations don't allow ... changes to property configurations". ministack has both ways in, but not
for ECR. What a registry has once is named by the RegistryId, which no template has: it comes in by the first way
only. "Primary IDs with read only properties aren't supported" by the second.
"""

from functools import partial

from ministack.core.responses import get_account_id
from ministack.services import cloudformation, ecr
from ministack.services.cloudformation import changesets, drift, handlers, provisioners, stacks

from sandbox.emulator import prefix_types, public_repositories, registry_types
from sandbox.emulator.answers import Json
from sandbox.emulator.prefix_types import PrefixType
from sandbox.emulator.registry_types import RegistryType
from sandbox.emulator.repository_type import TYPE, attributes

_stock_adopt_resource = stacks._adopt_resource
_stock_import_resources = changesets._import_resources_async
_stock_roll_back = stacks._roll_back_operation


def not_found(repository_name: str) -> str | None:
    """Why the change set fails, or None: "The resource to import exists"."""
    return None if repository_name in ecr._repositories else _missing(TYPE, repository_name)


def setting_not_found(kind: RegistryType, registry_id: str) -> str | None:
    """The same for a setting, which only its own registry has."""
    found = registry_id == get_account_id() and kind.is_there()
    return None if found else _missing(kind.name, registry_id)


def prefix_not_found(kind: PrefixType, prefix: str) -> str | None:
    """The same for a creation template or a pull-through cache rule."""
    return None if kind.is_there(prefix) else _missing(kind.name, prefix)


def _missing(type_name: str, identifier: str) -> str:
    message: str = changesets._IMPORT_NOT_FOUND.format(type=type_name, value=identifier)
    return message


def import_repository(identifier: Json) -> tuple[str, Json]:
    """The physical id and the attributes of a repository that keeps every setting it has."""
    name = identifier["RepositoryName"]
    return name, attributes(name)


def import_setting(identifier: Json) -> tuple[str, Json]:
    """The physical id and the attributes of a setting that keeps its value."""
    return identifier["RegistryId"], {"RegistryId": identifier["RegistryId"]}


def import_prefix(kind: PrefixType, identifier: Json) -> tuple[str, Json]:
    """The same for a creation template or a pull-through cache rule."""
    prefix = identifier[kind.key]
    return prefix, kind.attributes(prefix)


def public_not_found(name: str) -> str | None:
    """The same for a public repository."""
    return None if name in public_repositories.LIVE else _missing(public_repositories.NAME, name)


def import_public(identifier: Json) -> tuple[str, Json]:
    """The same for a public repository, which keeps its texts, policy and tags."""
    return public_repositories.imported(identifier["RepositoryName"])


def adopt_resource(
    stack_id: str, stack_name: str, logical_id: str, resource_type: str, identifier: Json
) -> tuple[str, Json]:
    """ImportExistingResources: import during a create or an update, then tag."""
    adopted: tuple[str, Json] = _stock_adopt_resource(stack_id, stack_name, logical_id, resource_type, identifier)
    if resource_type == TYPE:
        stack = cloudformation._stacks[stack_name]
        apply_stack_tags(stack, logical_id, adopted[0])
    return adopted


async def import_resources(change_set: Json, stack: Json, new_stack: bool) -> None:
    """A change set of type IMPORT: import, then tag."""
    await _stock_import_resources(change_set, stack, new_stack)
    if stack["StackStatus"] == "IMPORT_COMPLETE":
        for each in change_set["_resources_to_import"]:
            if each["ResourceType"] == TYPE:
                apply_stack_tags(stack, each["LogicalResourceId"], each["ResourceIdentifier"]["RepositoryName"])


def apply_stack_tags(stack: Json, logical_id: str, repository_name: str) -> None:
    """Add the stack's tags to those the repository has.

    ministack reports the step ("Apply stack-level tags to imported resource if applicable.") and does not
    take it, so that drift detection, which compares stack-level tags too, would find every import modified.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
    """
    repository = ecr._repositories[repository_name]
    repository["tags"] = _with_stack_tags(repository["tags"], stack["Tags"], stack, logical_id)


async def roll_back(stack_name: str, stack_id: str, stack: Json, operation: Json, reason: str = "") -> None:
    """Take the stack's tags off again when the deploy that imported a repository fails.

    ministack reports this step too ("Remove stack-level tags from imported resource if applicable."); that it
    is AWS's wording is ministack's word, the guide does not speak of it.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
    """
    await _stock_roll_back(stack_name, stack_id, stack, operation, reason)
    for logical_id, identifier in operation["imports"].items():
        repository = ecr._repositories.get(identifier.get("RepositoryName"))
        if repository is not None:
            applied = _with_stack_tags([], operation["stack_tags"], stack, logical_id)
            repository["tags"] = [tag for tag in repository["tags"] if tag not in applied]


def _with_stack_tags(tags: list[Json], stack_tags: list[Json], stack: Json, logical_id: str) -> list[Json]:
    """The tags and those a stack adds; a key that is there already keeps its value."""
    tagged: Json = provisioners._with_stack_tags(
        TYPE, {"Tags": tags}, stack_tags, stack["StackName"], stack["StackId"], logical_id
    )
    merged: list[Json] = tagged["Tags"]
    return merged


def install() -> None:
    """Let both ways of importing find what is ECR's."""
    provisioners._RESOURCE_HANDLERS[TYPE]["import"] = import_repository
    changesets._IMPORT_LOOKUPS[TYPE] = (("RepositoryName",), not_found)
    for setting in registry_types.ALL:
        provisioners._RESOURCE_HANDLERS[setting.name]["import"] = import_setting
        changesets._IMPORT_LOOKUPS[setting.name] = (("RegistryId",), partial(setting_not_found, setting))
    for kind in prefix_types.ALL:
        provisioners._RESOURCE_HANDLERS[kind.name]["import"] = partial(import_prefix, kind)
        changesets._IMPORT_LOOKUPS[kind.name] = ((kind.key,), partial(prefix_not_found, kind))
    provisioners._RESOURCE_HANDLERS[public_repositories.NAME]["import"] = import_public
    changesets._IMPORT_LOOKUPS[public_repositories.NAME] = (("RepositoryName",), public_not_found)
    stacks._adopt_resource = adopt_resource
    changesets._import_resources_async = import_resources
    stacks._roll_back_operation = handlers._roll_back_operation = roll_back
    # "After the import is complete ... we recommend running drift detection on imported resources."
    drift.DRIFT_DETECTABLE_STATUSES |= {"IMPORT_COMPLETE"}
