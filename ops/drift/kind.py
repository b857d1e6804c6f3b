"""What a kind of thing has to say to take part in drift: a few small functions, and nothing else knows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from botocore.exceptions import ClientError

from ops.aws import cloud
from ops.drift.repository_settings import Settings
from registry.locations import Location
from registry.model import Registry

#: Settings by name. What a registry has once has the name "".
Named = Mapping[str, Settings]
#: The value of a setting that the template takes from another resource: only CloudFormation knows it.
NOT_KNOWN: Final = object()
Properties = Mapping[str, Any]


def _always(registry: Registry, at: Location, name: str) -> bool:
    return True


def _of_the_registry(registry: Registry, at: Location) -> bool:
    return at in registry.locations


def _own_region(at: Location) -> str:
    return at.region


def owns_the_registry(registry: Registry, at: Location) -> bool:
    """Whether the file owns what a location has once; otherwise another file answers for that."""
    return registry.manages_registry and at in registry.locations


#: By name how to read the settings, and None of those is what turned out not to be there.
Found = Mapping[str, Callable[[], Settings | None]]
#: What exists at a location, asked of a client of the kind's service.
Find = Callable[[Any, Registry, Location], Found]
#: How services say that something is not there.
_GONE: Final = frozenset(
    {
        *("AWS.SimpleQueueService.NonExistentQueue", "DashboardNotFoundError", "NoSuchEntity", "NotFound"),
        *("NotFoundException", "PipelineNotFoundException", "QueueDoesNotExist", "ResourceNotFound"),
        "ResourceNotFoundException",
    }
)
_Read = TypeVar("_Read")


def is_gone(problem: ClientError) -> bool:
    """Whether a call was refused because what it is about is not there."""
    return problem.response.get("Error", {}).get("Code") in _GONE


def unless_gone(read: Callable[[], _Read]) -> _Read | None:
    """What was read; None where it is not there, or went while it was read."""
    try:
        return read()
    except ClientError as problem:
        if is_gone(problem):
            return None
        raise


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of thing that the file declares, in the words of the API of its `service`, which has boto3's name.

    `where` says of a location whether there is any of it, `declared` what the file wants there, and `find` what exists:
    for each name how to read the rest, which is asked of the wanted ones only, many at a time. `nothing` is what a
    registry has without it, where it has it once; `told` whether something that is not declared is worth a line.
    `exclusive`: what is found is the registry's own, so that what is not declared is drift. `optional`: credentials
    that may not read it compare everything else. `region` is where its service is asked about a location.
    """

    noun: str
    declared: Callable[[Registry, Location], Named]
    find: Find
    service: str = "ecr"
    where: Callable[[Registry, Location], bool] = _of_the_registry
    exclusive: bool = False
    optional: bool = False
    nothing: Settings | None = None
    told: Callable[[Registry, Location, str], bool] = _always
    region: Callable[[Location], str] = _own_region


@dataclass(frozen=True, kw_only=True)
class StackKind(Kind):
    """A kind that CloudFormation has a `type` for.

    `deployed` says what the properties of such a resource mean, `identifier` the property by which it imports.
    """

    type: str
    deployed: Callable[[Properties], tuple[str, Settings]]
    identifier: str = "RegistryId"


def filters_of(properties: Properties) -> list[str]:
    """The exclusion filters of a template's repository or creation template."""
    entries = properties.get("ImageTagMutabilityExclusionFilters", [])
    return sorted(entry["ImageTagMutabilityExclusionFilterValue"] for entry in entries)


def tags_of(entries: list[Mapping[str, str]]) -> dict[str, str]:
    """Tags as a map."""
    return {entry["Key"]: entry["Value"] for entry in entries}


def lower_camel(value: Any) -> Any:
    """A template's `ScanType` as the API's `scanType`, all the way down.

    References stay as they are, and so does the configuration of a pipeline's action: its keys are the provider's own.
    """
    if isinstance(value, Mapping):
        return {
            key if key.startswith("Fn::") or key == "Ref" else key[:1].lower() + key[1:]: (
                dict(each) if key == "Configuration" else lower_camel(each)
            )
            for key, each in value.items()
        }
    return [lower_camel(each) for each in value] if isinstance(value, list) else value


def read_json(text: Any) -> Any:
    """A document that stands in a template or an answer as text, or as what the text says; None where there is none."""
    return cloud.read_json(text, "a policy") if isinstance(text, str) and text else text or None


def literal(settings: Settings) -> Settings:
    """Settings of a template, with NOT_KNOWN for what is computed at the deploy."""
    return {key: NOT_KNOWN if _computed(value) else value for key, value in settings.items()}


def _computed(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(key == "Ref" or key.startswith("Fn::") for key in value) or any(map(_computed, value.values()))
    return isinstance(value, list) and any(map(_computed, value))
