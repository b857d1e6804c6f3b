"""What AWS has, read many calls at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

from botocore.exceptions import ClientError

from ops.aws import cloud
from ops.aws.parallel import map_parallel
from ops.drift.kind import Kind
from ops.drift.repository_settings import Settings
from registry.locations import Location
from registry.model import Registry


class ResourceKey(NamedTuple):
    """One of a kind, at a location."""

    at: Location
    noun: str
    name: str

    @property
    def physical_id(self) -> str:
        """What CloudFormation calls it: its name, and where a registry has one of a kind, the account."""
        return self.name or self.at.account


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Everything there is, and the settings of what was asked for.

    `refused` says of a kind at a location (without a name) what these credentials may not call, as IAM's actions.
    """

    there: frozenset[ResourceKey]
    settings: Mapping[ResourceKey, Settings]
    refused: Mapping[ResourceKey, str] = field(default_factory=dict)

    def is_refused(self, thing: ResourceKey) -> bool:
        """Whether a thing without settings may be there all the same: its kind could not be read."""
        return thing._replace(name="") in self.refused


@dataclass(frozen=True, slots=True)
class _Refusal:
    action: str


def declared(registry: Registry, locations: Sequence[Location], kinds: Sequence[Kind]) -> dict[ResourceKey, Settings]:
    """What the file wants at each location."""
    return {
        ResourceKey(at, kind.noun, name): settings
        for kind in kinds
        for at in locations
        if kind.where(registry, at)
        for name, settings in kind.declared(registry, at).items()
    }


def live(
    registry: Registry, locations: Sequence[Location], kinds: Sequence[Kind], wanted: Collection[ResourceKey] | None
) -> Live:
    """What exists of these kinds, and the settings of the `wanted` things that do; None: of all.

    The locations are of the account of the credentials.
    """
    asked = [(at, kind) for at in locations for kind in kinds if kind.where(registry, at)]
    places = dict.fromkeys((kind.service, kind.region(at)) for at, kind in asked)
    # Made in one thread: boto3's sessions know no other.
    clients = {place: cloud.client(*place) for place in places}
    answers = map_parallel(
        asked,
        lambda it: _ask(it[1], lambda: it[1].find(clients[it[1].service, it[1].region(it[0])], registry, it[0])),
        "looking at what there is",
    )
    readers = {
        ResourceKey(at, kind.noun, name): (kind, read)
        for (at, kind), answer in zip(asked, answers, strict=True)
        if not isinstance(answer, _Refusal)
        for name, read in answer.items()
    }
    things = [thing for thing in readers if wanted is None or thing in wanted]
    found = map_parallel(things, lambda thing: _ask(*readers[thing]), "reading settings")
    read = dict(zip(things, found, strict=True))
    refused = {
        ResourceKey(at, kind.noun, ""): answer.action
        for (at, kind), answer in zip(asked, answers, strict=True)
        if isinstance(answer, _Refusal)
    }
    for thing, settings in read.items():
        if isinstance(settings, _Refusal):
            refused.setdefault(thing._replace(name=""), settings.action)
    return Live(
        there=frozenset(readers) - {thing for thing, settings in read.items() if settings is None},
        settings={thing: settings for thing, settings in read.items() if isinstance(settings, dict)},
        refused=refused,
    )


_T = TypeVar("_T")


def _ask(kind: Kind, read: Callable[[], _T]) -> _T | _Refusal:
    try:
        return read()
    except ClientError as problem:
        if kind.optional and problem.response.get("Error", {}).get("Code") in {
            *cloud.NOT_ALLOWED,
            *cloud.UNKNOWN_OPERATION,
        }:
            return _Refusal(f"{kind.service}:{problem.operation_name}")
        raise


#: No key has the name: its alias was deleted, or never made.
NO_KEY: Final = "no such key"
#: The key that ECR uses where none is named. https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
KEY_OF_AWS: Final = "alias/aws/ecr"


class Keys:
    """ARNs of KMS keys that are named by alias or id, each asked once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str | None] = {}

    def arn(self, at: Location, key: str | None) -> str | None:
        """The ARN of a key at a location; of None, the key AWS made for ECR.

        None where these credentials may not know it, NO_KEY where there is none of that name.
        https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
        """
        named = key or KEY_OF_AWS
        if ":key/" in named:
            return named
        if (at.region, named) not in self._known:
            self._known[at.region, named] = self._asked(at.region, named)
        return self._known[at.region, named]

    @staticmethod
    def _asked(region: str, key: str) -> str | None:
        try:
            return str(cloud.client("kms", region).describe_key(KeyId=key)["KeyMetadata"]["Arn"])
        except ClientError as problem:
            code = problem.response.get("Error", {}).get("Code")
            if code == "AccessDeniedException":
                return None
            if code == "NotFoundException":
                return NO_KEY  # of ECR's own, too: AWS makes it when it is first used, so nothing has it yet
            raise
