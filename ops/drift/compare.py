"""What is not as it should be: compared with the file, or, before a deploy, with what the last one said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ops.drift.deployed import Deployed
from ops.drift.kind import NOT_KNOWN, Kind
from ops.drift.reading import NO_KEY, Keys, Live, ResourceKey
from ops.drift.repository_settings import Difference, Settings, differences
from registry.model import Registry


class State(StrEnum):
    """What is the matter."""

    DIFFERS = "differs"
    MISSING = "missing"
    EXISTS_OUTSIDE_STACK = "exists outside its stack"
    LEFT_OVER = "left over"
    UNDECLARED = "not declared"
    NOT_COMPARED = "not compared"


#: These are for information: nothing that the file says is wrong.
INFORMATIONAL = frozenset({State.UNDECLARED, State.NOT_COMPARED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One thing, or one setting of it, and what is the matter.

    `owner` is another stack that has it; `refused` the action without which its whole kind is not compared.
    """

    thing: ResourceKey
    state: State
    setting: str = ""
    expected: object = None
    live: object = None
    owner: str | None = None
    refused: str | None = None


def against_file(
    registry: Registry, kinds: Mapping[str, Kind], declared: Mapping[ResourceKey, Settings], found: Live, keys: Keys
) -> Iterator[Drift]:
    """Where AWS is not as the file says, and what is there that it does not speak of."""
    for thing, wanted in declared.items():
        live = found.settings.get(thing)
        if live is not None:
            yield from differing(thing, wanted, live, keys)
        elif not found.is_refused(thing):
            yield Drift(thing=thing, state=State.MISSING)
    for thing in sorted(found.there - set(declared)):
        kind = kinds[thing.noun]
        if kind.told(registry, thing.at, thing.name):
            yield Drift(thing=thing, state=State.LEFT_OVER if kind.exclusive else State.UNDECLARED)
    yield from _refused(found)


def against_deployed(
    kinds: Mapping[str, Kind], declared: Mapping[ResourceKey, Settings], last: Deployed, found: Live, keys: Keys
) -> Iterator[Drift]:
    """What somebody changed since the last deploy, and what stands in the way of the next one.

    A change that the file says too is none: somebody wrote it down. What leaves the file may be as it likes.
    """
    for thing in dict.fromkeys((*declared, *last.settings)):
        nothing = kinds[thing.noun].nothing
        live, wanted, said = found.settings.get(thing), declared.get(thing), last.settings.get(thing)
        if said is None:
            if live is not None and live != nothing and wanted is not None and wanted != nothing:
                yield Drift(thing=thing, state=State.EXISTS_OUTSIDE_STACK, expected=wanted, live=live)
            if nothing is None or wanted != nothing or thing.at not in last.registries:
                continue
            said = nothing
        elif wanted is None:
            continue
        if live is None and found.is_refused(thing):
            continue
        if live is None:
            yield Drift(thing=thing, state=State.MISSING)
        else:
            yield from _changed_since_deploy(thing, said, wanted, live, keys)
    yield from _refused(found)


def _refused(found: Live) -> Iterator[Drift]:
    """The kinds that are not compared, because these credentials may not read them."""
    for thing, action in found.refused.items():
        yield Drift(thing=thing, state=State.NOT_COMPARED, refused=action)


def _changed_since_deploy(
    thing: ResourceKey, said: Settings, wanted: Settings | None, live: Settings, keys: Keys
) -> Iterator[Drift]:
    known = {key: value for key, value in said.items() if value is not NOT_KNOWN}
    unsaid = (
        {each.setting for each in _compare_settings(thing, wanted, live, keys)[0]} if wanted is not None else set(known)
    )
    for drift in differing(thing, known, live, keys):
        if drift.state is State.DIFFERS and drift.setting in unsaid:
            yield drift


def differing(thing: ResourceKey, wanted: Settings, live: Settings, keys: Keys) -> Iterator[Drift]:
    """The settings of one thing that are not as wanted, and the key that cannot be compared."""
    found, unknown_key = _compare_settings(thing, wanted, live, keys)
    for each in found:
        yield Drift(thing=thing, state=State.DIFFERS, setting=each.setting, expected=each.declared, live=each.live)
    if unknown_key:
        key = "kmsKey"
        yield Drift(thing=thing, state=State.NOT_COMPARED, setting=key, expected=wanted[key], live=live[key])


def _compare_settings(
    thing: ResourceKey, wanted: Settings, live: Settings, keys: Keys
) -> tuple[tuple[Difference, ...], bool]:
    """The differences, and whether nobody may know which key the file means.

    ECR answers with the ARN of a key that a file may name by alias or id, or leave to AWS.
    """
    arn, ask = None, False
    if "kmsKey" in wanted and live["kmsKey"] is not None and wanted["kmsKey"] != live["kmsKey"]:
        ask = wanted.get("encryptionType") == live.get("encryptionType")
        arn = keys.arn(thing.at, wanted["kmsKey"]) if ask else None
    found = differences({**wanted, "kmsKey": arn} if ask else wanted, live)
    if arn == NO_KEY:
        found = (*found, Difference(setting="kmsKey", declared=NO_KEY, live=live["kmsKey"]))
    named = tuple(Difference(setting=it.setting, declared=wanted[it.setting], live=it.live) for it in found)
    return named, ask and arn is None
