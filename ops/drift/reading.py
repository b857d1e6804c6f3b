"""What AWS has, read many calls at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Everything there is, and the settings of what was asked for."""

    there: frozenset[ResourceKey]
    settings: Mapping[ResourceKey, Settings]


def declared(registry: Registry, locations: Sequence[Location], kinds: Sequence[Kind]) -> dict[ResourceKey, Settings]:
    """What the file wants at each location."""
    return {
        ResourceKey(at, kind.noun, name): settings
        for kind in kinds
        for at in locations
        for name, settings in kind.declared(registry, at).items()
    }


def live(locations: Sequence[Location], kinds: Sequence[Kind], wanted: Collection[ResourceKey]) -> Live:
    """What exists of these kinds, and the settings of the `wanted` things that do.

    The locations are of the account of the credentials.
    """
    clients = {at: cloud.ecr(at.region) for at in locations}  # made in one thread: boto3's sessions know no other
    asked = [(at, kind) for at in locations for kind in kinds]
    answers = map_parallel(asked, lambda it: it[1].find(clients[it[0]]), "looking at what there is")
    readers = {
        ResourceKey(at, kind.noun, name): read
        for (at, kind), answer in zip(asked, answers, strict=True)
        for name, read in answer.items()
    }
    things = [thing for thing in readers if thing in wanted]
    read = map_parallel(things, lambda thing: readers[thing](), "reading settings")
    return Live(there=frozenset(readers), settings=dict(zip(things, read, strict=True)))


#: No key has the name: its alias was deleted, or never made.
NO_KEY: Final = "no such key"
_OF_ECR: Final = "alias/aws/ecr"


class Keys:
    """ARNs of KMS keys that are named by alias or id, each asked once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str | None] = {}

    def arn(self, at: Location, key: str | None) -> str | None:
        """The ARN of a key at a location; of None, the key AWS made for ECR.

        None where these credentials may not know it, NO_KEY where there is none of that name.
        https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
        """
        named = key or _OF_ECR
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
                return NO_KEY if key != _OF_ECR else None  # AWS makes its own when it is first used
            raise
