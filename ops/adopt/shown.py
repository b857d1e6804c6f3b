"""What an import is about to do, what it did, and what it left out: for people and for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ops.adopt.imports import Outcome
from ops.adopt.left import Left, Reason, places
from ops.adopt.outside import Outside
from ops.drift.named import REPOSITORY
from ops.drift.public import PUBLIC_REPOSITORY
from ops.drift.reading import ResourceKey
from ops.output.drift import short
from ops.terminal import count, print_table
from registry.findings import listed
from registry.locations import Location

_NAMED: Final = 5  # things of one stack that are named on a terminal; what is piped is whole


def called(thing: ResourceKey) -> str:
    """What people call a thing."""
    return f"{thing.noun} {thing.name}".rstrip()


def number_of(things: Sequence[Outside]) -> str:
    """How many repositories and other settings."""
    repositories = sum(it.kind in (REPOSITORY, PUBLIC_REPOSITORY) for it in things)
    settings = len(things) - repositories
    said = [count(repositories, "repository", "repositories")] if repositories else []
    return " and ".join([*said, *([count(settings, "setting")] if settings else [])])


def print_taken(things: Sequence[Outside], home: Location) -> None:
    """One row for each stack that takes something in."""
    by_place: dict[tuple[Location, str], list[Outside]] = {}
    for it in things:
        by_place.setdefault(it.place, []).append(it)
    rows = []
    for (at, stack), taken in by_place.items():
        names = [it.thing.name if it.kind is REPOSITORY else called(it.thing) for it in taken]
        rows.append((at.beside(home), stack, len(taken), shortened(names)))
    print_table(("location", "stack", "number", "imports"), rows)


def shortened(names: Sequence[str]) -> str:
    """Names in a cell: the first ones on a terminal, all of them in a pipe."""
    if sys.stdout.isatty() and len(names) > _NAMED:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED:,} more"
    return ", ".join(names)


def print_left(left: Sequence[Left], home: Location) -> None:
    """One row for each thing, or setting of it, that is left out."""
    print_table(
        ("left out", "where", "setting", "live", "file", "way out"),
        [
            (
                called(each.thing),
                each.thing.at.beside(home),
                each.setting,
                short(each.live, each.declared) if each.setting else why(each),
                short(each.declared, each.live) if each.setting else "",
                each.way_out,
            )
            for each in left
        ],
    )


def why(left: Left) -> str:
    """The reason in words."""
    if left.reason is Reason.OWNED:
        return f"in the stack {left.stack}"
    said = left.said.partition("\n    way out:")[0]
    return " ".join(said.split()) or str(left.reason)


def refusal(left: Sequence[Left], home: Location) -> str:
    """Why nothing at all is imported: the reasons together, each with its way out once."""
    return "\n".join(text for reason in Reason for text in _group(reason, left, home))


def _group(reason: Reason, left: Sequence[Left], home: Location) -> Iterator[str]:
    of = [each for each in left if each.reason is reason]
    if not of:
        return
    if reason is Reason.STACK:
        for said, way_out in dict.fromkeys((each.said, each.way_out) for each in of):
            where = listed(at.region for at, _ in sorted(places([each for each in of if each.said == said])))
            yield f"{said}, in {where}\n    way out: {way_out}"
        return
    heads = {
        Reason.DIFFERS: "these are not as the file says, and an import would not change them:",
        Reason.OWNED: "these belong to other CloudFormation stacks, and a resource is in one stack only:",
    }
    lines = [heads.get(reason, "these cannot be imported:")]
    for each in of:
        where = f"    {called(each.thing)} in {each.thing.at.beside(home)}"
        if reason is Reason.DIFFERS:
            lines.append(
                f"{where}: {each.setting}\n        live: {_json(each.live)}\n        file: {_json(each.declared)}"
            )
        elif reason is Reason.OWNED:
            lines.append(f"{where} is in the stack {each.stack}")
        else:
            lines.append(f"{where}: {why(each)}")
    lines += [f"    way out: {way_out}" for way_out in dict.fromkeys(each.way_out for each in of)]
    yield "\n".join(lines)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "imported": [{**_thing(it.thing), "stack": it.stack} for it in outcome.imported],
        "leftOut": [
            {
                **_thing(each.thing),
                "reason": str(each.reason),
                "setting": each.setting or None,
                "live": each.live,
                "file": each.declared,
                "stack": each.stack or None,
                "said": each.said or None,
                "wayOut": each.way_out or None,
            }
            for each in outcome.left
        ],
    }


def _thing(thing: ResourceKey) -> dict[str, Any]:
    return {
        "account": thing.at.account,
        "region": thing.at.region,
        "kind": thing.noun,
        "name": thing.name or None,
    }
