"""Bring repositories that ECR made itself at a replica to what the file says there, so that they can be imported.

Replication copies images, not settings: where an image arrives first, ECR creates the repository, mutable, unscanned,
with AES256 and without policies.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
https://github.com/aws/containers-roadmap/issues/140
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from ops.adopt.outside import Found, outside
from ops.aws import cloud
from ops.aws.cloud import CloudError
from ops.aws.parallel import map_parallel
from ops.drift.compare import Drift, State, differing
from ops.drift.deployed import Deployed
from ops.drift.fix import UNKNOWN_KEY, Known, Step, plan, write
from ops.drift.named import REPOSITORY
from ops.drift.reading import Keys, Live
from ops.drift.repository_settings import Settings
from ops.lifecycle.guard import SOURCES, guard
from ops.lifecycle.targets import targets
from registry.locations import Location
from registry.model import Registry

_REPOSITORIES: Final = 4  # at a time; ECR throttles writes sooner than reads
#: What protects comes first, and what deletes last: an image must not expire before the policy says who needs it.
_ORDER: Final = ("imageTagMutability", "scanOnPush", "tags", "repositoryPolicy", "lifecyclePolicy")
_STRICTNESS: Final = ("MUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION", "IMMUTABLE")
_PULLED_DAYS: Final = 7

_ENCRYPTION: Final = (
    "ECR fixes it when a repository is created: when nothing uses its images here, delete it (`aws ecr "
    "delete-repository --force`), run `make deploy`, then `ecrctl backfill`, as ECR copies only new pushes"
)
_STRICTER: Final = (
    "it is stricter than the file, and this command loosens nothing: write it into the file, or loosen it in AWS"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """What would be changed at a location, and what is left with its reason.

    `going` counts the images that lifecycles of the file would delete there at their next run.
    """

    at: Location
    changes: tuple[Step, ...]
    left: tuple[Step, ...]
    going: int = 0

    @property
    def repositories(self) -> int:
        """How many repositories would be changed."""
        return len({step.thing for step in self.changes})


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """What was changed, and what AWS refused, by repository."""

    steps: tuple[Step, ...]
    refused: Mapping[str, str]


def own_replica(registry: Registry, at: Location) -> Location:
    """The same location.

    :raises CloudError: where it is in another account than the credentials.
    """
    if at.account != cloud.own_account(registry):
        raise CloudError(
            f"the replica {at} is in another account than the credentials\n"
            f"    way out: run this with credentials of {at.account}"
        )
    return at


def alignment(registry: Registry, at: Location) -> Alignment:
    """Compare what exists at a replica and is in no stack of the registry with the file.

    :raises CloudError: where AWS refuses to say, also what runs: the lifecycles could delete it.
    """
    keys, found = Keys(), outside(registry, [REPOSITORY], locations=[at])
    rows = [row for it in found.things for row in differing(it.thing, it.wanted, it.live, keys)]
    owners = {it.thing: it.owner for it in found.things if it.owner is not None}
    expiring = sorted({row.thing.name for row in rows if _adds_lifecycle(row) and row.thing not in owners})
    going, running = _guarded(registry, at, expiring)

    def why_left(known: Known, row: Drift) -> str:
        if owner := owners.get(row.thing):
            return f"it is in the stack {owner}: hand it over first (docs/adopting.md)"
        if row.setting == "lifecyclePolicy" and (number := running[row.thing.name]):
            return (
                f"images that run would go at its next run ({number:,}): `ecrctl lifecycle guard {row.thing.name} "
                f"--region {at.region}` names them"
            )
        return _why_left(row, known.wanted[row.thing], known.live.settings[row.thing])

    steps = plan(_known(registry, found, keys), rows, why_left)
    changes = sorted((step for step in steps if step.change), key=lambda step: (step.thing, _order(step)))
    return Alignment(at=at, changes=tuple(changes), left=tuple(step for step in steps if not step.change), going=going)


def _known(registry: Registry, found: Found, keys: Keys) -> Known:
    live = {it.thing: it.live for it in found.things}
    return Known(
        registry=registry,
        kinds={REPOSITORY.noun: REPOSITORY},
        wanted={it.thing: it.wanted for it in found.things},
        live=Live(there=frozenset(live), settings=live),
        last=Deployed(settings={}, registries=frozenset()),
        keys=keys,
    )


def _adds_lifecycle(row: Drift) -> bool:
    return row.setting == "lifecyclePolicy" and row.expected is not None


def _guarded(registry: Registry, at: Location, names: Sequence[str]) -> tuple[int, Counter[str]]:
    """How many images the lifecycles of these repositories would delete, and by name how many of them run."""
    if not names:
        return 0, Counter()
    of = [each for each in targets(registry, names, [at.region], None) if each.account == at.account]
    found = guard(registry, of, sources=SOURCES, files=(), pulled_days=_PULLED_DAYS)
    return found.going, Counter(each.repository for each in found.stopping)


def _why_left(row: Drift, wanted: Settings, live: Settings) -> str:
    """Why a row stays; empty where it is changed."""
    if row.setting in ("encryptionType", "kmsKey"):
        return UNKNOWN_KEY if row.state is State.NOT_COMPARED else _ENCRYPTION
    return _STRICTER if _is_stricter(row.setting, wanted, live) else ""


def _is_stricter(setting: str, wanted: Settings, live: Settings) -> bool:
    """Whether what is live forbids what the file allows."""
    if setting in ("imageTagMutability", "imageTagMutabilityExclusionFilters"):
        return _is_less_mutable(wanted, live)
    if setting == "scanOnPush":
        return bool(live[setting]) and not wanted[setting]
    return setting == "repositoryPolicy" and any(
        denied not in _denials(wanted[setting]) for denied in _denials(live[setting])
    )


def _is_less_mutable(wanted: Settings, live: Settings) -> bool:
    """Filters except tags: from being fixed with IMMUTABLE_WITH_EXCLUSION, from moving with MUTABLE_WITH_EXCLUSION."""
    kind, filters = "imageTagMutability", "imageTagMutabilityExclusionFilters"
    if wanted[kind] != live[kind]:
        return _STRICTNESS.index(live[kind]) > _STRICTNESS.index(wanted[kind])
    more, less = (live, wanted) if wanted[kind] == "MUTABLE_WITH_EXCLUSION" else (wanted, live)
    return bool(set(more[filters]) - set(less[filters]))


def _denials(policy: Any) -> list[Any]:
    statements = (policy or {}).get("Statement", [])
    rows = statements if isinstance(statements, list) else [statements]
    return [{key: it for key, it in row.items() if key != "Sid"} for row in rows if row["Effect"] == "Deny"]


def _order(step: Step) -> int:
    settings = {row.setting for row in step.rows}
    return next((number for number, each in enumerate(_ORDER) if each in settings), 0)


def carry_out(found: Alignment) -> Aligned:
    """Write the changes, a few repositories at a time; what AWS refuses in one stops no other.

    Killed anywhere, it goes on when it is run again: what is as the file says by then is no change.
    """
    client = cloud.ecr(found.at.region)
    things = list(dict.fromkeys(step.thing for step in found.changes))

    def align(steps: Sequence[Step]) -> tuple[list[Step], str]:
        done: list[Step] = []
        for step in steps:
            try:
                write(client, step)
            except ClientError as problem:
                error = problem.response.get("Error", {})
                return done, f"AWS refused {problem.operation_name}: {error.get('Message') or error.get('Code')}"
            except CloudError as problem:  # it was not reached, or answered what nobody can use
                return done, str(problem).partition("\n")[0]
            done.append(step)
        return done, ""

    groups = [[step for step in found.changes if step.thing == thing] for thing in things]
    results = map_parallel(groups, align, "aligning repositories", at_once=_REPOSITORIES)
    return Aligned(
        steps=tuple(step for done, _ in results for step in done),
        refused={thing.name: why for thing, (_, why) in zip(things, results, strict=True) if why},
    )
