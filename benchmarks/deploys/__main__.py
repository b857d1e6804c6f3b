"""`python -m benchmarks.deploys`: how long deploys of a fleet take, simulated, and which quota ends first.

`--write` puts the tables into docs/scale.md and docs/reliability.md. The page's numbers are of 200 accounts;
`--accounts`, `--regions` and `--repositories` compute others, which are only printed.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.deploys import quotas
from benchmarks.deploys.assumptions import CASES
from benchmarks.deploys.engines import CHANGES, durations
from benchmarks.deploys.page import PAGE, filled, section, time_of
from benchmarks.fleet import REGIONS, WHOLE, Size
from scripts.reliability import put


def main() -> int:
    """Compute and print, or write; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.deploys", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--accounts", type=int, default=WHOLE.accounts, metavar="N")
    parser.add_argument("--regions", type=int, default=WHOLE.regions, metavar="N", help=f"1 to {len(REGIONS)}")
    parser.add_argument("--repositories", type=int, default=WHOLE.repositories, metavar="N", help="of all accounts")
    parser.add_argument("--write", action="store_true", help="write the pages' tables, of 200 accounts")
    asked = parser.parse_args()
    if asked.write:
        PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        put("scale", section())
        return 0
    size = Size(asked.accounts, asked.regions, asked.repositories)
    if not (1 <= size.accounts <= size.repositories and 1 <= size.regions <= len(REGIONS)):
        parser.error(f"a repository an account, and 1 to {len(REGIONS)} regions: {size} is no fleet")
    for engine, found in durations(size, list(CASES.values())):
        print(engine)
        for change, each in zip(CHANGES, found, strict=True):
            print(f"  {change.name:32}", *(f"{name} {time_of(it):8}" for name, it in zip(CASES, each, strict=True)))
    for name, limit, needs, part, largest, _ in quotas.rows((*quotas.OF_ACCOUNTS, *quotas.OF_OTHER_ENGINES), size):
        print(f"{name[1:].partition(']')[0]:76} {needs:>9} of {limit:>9} {part:>8}, ends at {largest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
