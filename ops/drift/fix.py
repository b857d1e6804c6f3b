"""Put back what somebody changed: row by row, and of every row that is not put back, why.

Only what was deployed is put back. A change of the file that is not deployed yet is a deploy's to make, and what is in
no stack an import's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ops.aws import cloud
from ops.drift.compare import Drift, State
from ops.drift.deployed import Deployed
from ops.drift.kind import NOT_KNOWN, Kind, StackKind
from ops.drift.reading import NO_KEY, Keys, Live, ResourceKey
from ops.drift.repository_settings import Settings, differences
from ops.drift.writer import Change
from ops.drift.writers import WRITERS, group
from registry.model import Registry

_NOT_DEPLOYED = "the file differs from the last deploy: `make deploy` changes it"
_NOT_YET = "it is not deployed yet: `make deploy` creates it"
_UNDECLARED = "the file does not declare it: declare and import it, or delete it in AWS"
UNKNOWN_KEY = "these credentials may not look up the key in KMS (kms:DescribeKey)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Rows that one call puts back, or a row that is not put back because of `reason`."""

    rows: tuple[Drift, ...]
    change: Change | None = None
    reason: str = ""

    @property
    def thing(self) -> ResourceKey:
        """What the rows speak of."""
        return self.rows[0].thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything that was read: what the file wants, what there is, what the last deploy said, and keys by name."""

    registry: Registry
    kinds: Mapping[str, Kind]
    wanted: Mapping[ResourceKey, Settings]
    live: Live
    last: Deployed
    keys: Keys


def plan(known: Known, found: Sequence[Drift], why_left: Callable[[Known, Drift], str] | None = None) -> list[Step]:
    """What to do about every row: the rows of one call together, in the order of the table.

    :param why_left: why a row is not put back, empty where it is (default: what no deploy made is left).
    """
    why_left = why_left or _reason
    steps: dict[tuple[ResourceKey, frozenset[str]], Step] = {}
    for row in found:
        if reason := why_left(known, row):
            steps[row.thing, frozenset({row.setting, str(row.state)})] = Step(rows=(row,), reason=reason)
            continue
        place = row.thing, group(row.thing.noun, row.setting)
        if (step := steps.get(place)) and step.change:
            change = replace(step.change, settings=step.change.settings | {row.setting})
            steps[place] = replace(step, rows=(*step.rows, row), change=change)
        else:
            steps[place] = Step(rows=(row,), change=_change(known, row))
    return list(steps.values())


def _reason(known: Known, row: Drift) -> str:
    """Why a row is not put back; empty where it is."""
    thing, kind = row.thing, known.kinds[row.thing.noun]
    writer = WRITERS[thing.noun]
    unchangeable = writer.unchangeable
    if row.state is State.UNDECLARED:
        return _UNDECLARED
    if row.state is State.LEFT_OVER:
        return "" if writer.delete else writer.left_over
    if row.state is State.NOT_COMPARED:
        return f"these credentials may not call {row.refused}" if row.refused else UNKNOWN_KEY
    if row.setting and row.setting in unchangeable:
        return unchangeable[row.setting]
    if row.state is State.MISSING and writer.part_of is not None:
        noun, of = writer.part_of
        whole = ResourceKey(thing.at, noun, of(thing.name))
        if whole in known.wanted and whole not in known.live.settings:
            return f"the {noun} {whole.name} is gone, too: what makes that again makes this"
    if not isinstance(kind, StackKind):
        return unchangeable.get("", "") if row.state is State.MISSING else ""  # no deploy knows of it
    said, wanted = known.last.settings.get(thing), known.wanted[thing]
    if said is None and kind.nothing is not None and thing.at in known.last.registries:
        said = kind.nothing  # the Registry stack speaks of it by having none
    if said is None:
        return _NOT_YET if row.state is State.MISSING else writer.outside
    if row.state is State.MISSING:
        return unchangeable.get("", "")
    if said.get(row.setting, NOT_KNOWN) is NOT_KNOWN:
        return ""
    return _NOT_DEPLOYED if differences({row.setting: wanted[row.setting]}, said) else ""


def _change(known: Known, row: Drift) -> Change:
    """The whole of what is wanted, its key by ARN where KMS says it."""
    thing, wanted = row.thing, known.wanted.get(row.thing, {})
    key = wanted.get("kmsKey")
    arn = known.keys.arn(thing.at, key) if key else None
    named = {"kmsKey": arn} if arn not in (None, NO_KEY) else {}
    return Change(
        registry=known.registry,
        service=known.kinds[thing.noun].service,
        at=thing.at,
        region=known.kinds[thing.noun].region(thing.at),
        name=thing.name,
        wanted={**wanted, **named},
        live=known.live.settings.get(thing),
        settings=frozenset({row.setting} if row.setting else wanted),
        deletes=row.state is State.LEFT_OVER,
    )


def put_back(steps: Sequence[Step], confirm: Callable[[Step], bool]) -> int:
    """Put back what a person agrees to, one call after the other; how many rows that were.

    :raises ClientError: where AWS refuses one; those after it stay as they are.
    """
    clients: dict[tuple[str, str], Any] = {}
    done = 0
    for step in steps:
        if step.change is None or not confirm(step):
            continue
        asked = step.change.service, step.change.region
        if asked not in clients:
            clients[asked] = cloud.client(*asked)
        write(clients[asked], step)
        done += len(step.rows)
    return done


def write(client: Any, step: Step) -> None:
    """Put back the settings of a step that has a change.

    :param client: of the service and the region of the change.
    :raises ClientError: where AWS refuses it.
    """
    assert step.change is not None
    writer = WRITERS[step.thing.noun]
    if step.change.deletes:
        assert writer.delete is not None
        writer.delete(client, step.change)
        return
    (writer.create if step.change.live is None else writer.update)(client, step.change)
