"""Both sides of a plan read, compared and synthesized."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ops.plan.revisions import file_at
from ops.plan.templates import templates
from ops.terminal import count, waiting, warn
from registry.cost.price_file import beside as prices_beside
from registry.errors import InvalidRegistry
from registry.lifecycle import inventory
from registry.load import CheckResult, check_sources
from registry.plan import inventory as simulations
from registry.plan.change import Change, folded
from registry.plan.replication import with_images
from registry.plan.run import plan
from registry.plan.sides import Side, Sides, side_of
from registry.plan.unexplained import Templates, unexplained
from registry.reading.file_text import content_of
from registry.reading.include import read_files
from registry.reading.sources import Sources

#: Repositories of all locations, up to which both sides are synthesized at the same time. Each takes half a gigabyte of
#: memory for that and 25 MB more for a thousand of them (docs/decisions/0078-size.md).
TWO_AT_ONCE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Planned:
    """Every change between two sides, which are called as they were named."""

    old: str
    new: str
    changes: tuple[Change, ...]


def planned(
    old: str,
    new: str | None,
    file: Path,
    images: Sequence[Path],
    now: datetime,
    *,
    proved: bool = False,
    live: Sequence[str] | None = None,
) -> Planned:
    """The changes from one side to the other: each a file, or a revision of git that has the file.

    :param new: without it, `file` as it is.
    :param images: outputs of `aws ecr describe-images`, to simulate lifecycles with at the time `now`, and to count.
    :param proved: whether IAM Access Analyzer is asked about every policy that is not the same.
    :param live: the services of AWS that are asked what runs; None: AWS is not looked at.
    :raises NoSuchRevision: for what is neither a file nor a revision.
    :raises InvalidRegistry: with every finding, where one of the new side is an error.
    :raises UnreadableFile: where a path names no file that can be read.
    :raises NotSynthesized: where the app makes no templates of a side.
    :raises CloudError: where AWS is asked and refuses.
    """
    lists = [inventory.read(content_of(each), str(each)) for each in images]
    with ExitStack() as opened:
        paths = [opened.enter_context(side_at(each, file)) for each in (old, str(file) if new is None else new)]
        (before, was), (after, becomes) = (_read(path, name) for path, name in paths)
        if becomes.registry is None or after is None:
            raise InvalidRegistry(becomes.findings)
        if before is None:
            raise InvalidRegistry(was.findings)
        sides = Sides(before, after, prices_beside(file))
        found = [with_images(sides, it, lists) for it in plan(sides)] if lists else list(plan(sides))
        for each in lists:
            found += [
                *simulations.simulated(sides, each, found, now.timestamp()),
                *simulations.to_backfill(sides, each),
            ]
            if each.repository not in sides.kept:
                warn(f"both files do not declare {each.repository or 'the repository of these images'}: not simulated")
        whole = was.registry is not None
        if not whole:
            warn(
                f"{old} has {count(len(was.errors), 'error')}, so it makes no templates: what no line explains is not "
                f"looked for{', and IAM Access Analyzer is not asked' if proved else ''}\n"
                "    way out: `ecrctl validate` says what is wrong with it"
            )
        wanted = paths if whole else paths[1:] if live is not None else []
        at_once = max(map(_stored, (before, after))) <= TWO_AT_ONCE
        made = _synthesized([path for path, _ in wanted], 2 if at_once else 1)
        told = tuple(found)
        if whole:
            found += unexplained(told, *made)
        if whole and proved:
            from ops.plan.prove import prove

            found += prove(sides, told, *made)
        if live is not None:
            from ops.plan.live import look

            found += look(sides, told, made[-1], now.timestamp(), live)
    return Planned(old, new or str(file), folded(found))


def _stored(side: Side) -> int:
    """The repositories of all locations."""
    return sum(len(side.registry.repositories_in(at)) for at in side.registry.locations)


def _synthesized(files: Sequence[Path], at_once: int) -> list[Templates]:
    with waiting("synthesizing"), ThreadPoolExecutor(at_once) as beside:
        return list(beside.map(templates, files))


@contextmanager
def side_at(side: str, file: Path) -> Iterator[tuple[Path, str]]:
    """A side as a path, and what messages call it: a file that is there, else what a revision has."""
    if Path(side).is_file() or side == str(file):
        yield Path(side), side
    else:
        with file_at(side, file) as path:
            yield path, str(file)


def _read(path: Path, name: str) -> tuple[Side | None, CheckResult]:
    sources: Sources = read_files(path, name)
    outcome = check_sources(sources)
    return side_of(outcome, sources), outcome
