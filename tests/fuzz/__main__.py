"""`python -m tests.fuzz`: random registries, pairs of them, damaged texts, and the figures for docs/reliability.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import tests.conftest  # noqa: F401 - nothing of the shell's AWS
from tests.fuzz import live, offline
from tests.fuzz.drawn import Outcome
from tests.fuzz.figures import write
from tests.sandbox.conftest import serving

Part = Callable[[int, int], Iterator[Outcome]]
#: How many of each are drawn at once.
BATCH = {"pairs": 20, "deployed": 20, "texts": 500, "templates": 20}


def main() -> int:
    """Exit code 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20, help="in all; each part has the same share")
    parser.add_argument("--seed", type=int, default=1, help="others with each seed")
    parser.add_argument("--examples", type=int, metavar="N", help="of each part about so many, whatever the time")
    parser.add_argument("--part", action="append", choices=BATCH, help="only these; writes no figures")
    asked = parser.parse_args()
    chosen = asked.part or list(BATCH)
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="ecr-fuzz-") as folder, serving(Path(folder)) as sandbox:
        here = live.Live(sandbox, Path(folder))
        parts: dict[str, Part] = {
            "templates": offline.templates,
            "texts": offline.texts,
            "deployed": lambda number, seed: live.deployed(here, number, seed),
            "pairs": lambda number, seed: live.pairs(here, number, seed),
        }
        for name in chosen:
            for outcome in tried(parts[name], name, asked, asked.minutes * 60 / len(chosen)):
                outcomes.append(outcome)
                if outcome.wrong:
                    print(f"{outcome.part}: {outcome.kind}: {outcome.wrong}", flush=True)
            print(f"{name}: {len(outcomes)} in all", file=sys.stderr, flush=True)
    wrong = sum(bool(outcome.wrong) for outcome in outcomes)
    print(f"{len(outcomes)} tries, {wrong} of them wrong")
    if not asked.part:
        write(outcomes, " ".join(["python -m tests.fuzz", *sys.argv[1:]]))
    return int(wrong > 0)


def tried(part: Part, name: str, asked: argparse.Namespace, seconds: float) -> Iterator[Outcome]:
    """Batch after batch, each with a seed of its own, until the time or the number is over."""
    begun, number, batch = time.monotonic(), 0, 0
    while True:
        size = min(BATCH[name], (asked.examples or BATCH[name]) - number if asked.examples else BATCH[name])
        for outcome in part(size, asked.seed * 1_000 + batch):
            yield outcome
            if not asked.examples and time.monotonic() - begun > seconds:
                return
        number, batch = number + size, batch + 1
        if asked.examples and number >= asked.examples:
            return


if __name__ == "__main__":
    sys.exit(main())
