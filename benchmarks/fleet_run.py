"""`python -m benchmarks.fleet_run`: 200 accounts, 15 regions and 100,000 repositories, as far as one machine goes.

Every file is written; a sample is validated and synthesized as `cdk synth` does, and the rest is extrapolated from it.
The same as one file, with each account as a replica, has to be refused. `--write` puts the figures into
docs/reliability.md. Exit code 1 where something did not come out as it should.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.fleet import FILE, NAME, REGIONS, WHOLE, Size, account_id, files_of, names_of
from benchmarks.process import Run, RunFailed, run
from benchmarks.race import over_limits
from registry.limits import REPLICATION_DESTINATIONS
from scripts.reliability import Section, Table, put

ROOT: Final = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run it; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet_run", description="A sample of a whole fleet.")
    parser.add_argument("--sample", type=int, default=3, metavar="N", help="accounts that are run (default: 3)")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/reliability.md")
    asked = parser.parse_args()
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory(prefix="fleet-") as temporary:
        folder = Path(temporary)
        try:
            section = _section(folder, WHOLE, asked.sample)
        except (RunFailed, _Wrong) as problem:
            print(problem, file=sys.stderr)
            return 1
    for table in section.tables:
        for row in table.rows:
            print(*row, sep=" | ")
    if asked.write:
        put("fleet", section)
    return 0


class _Wrong(Exception):
    """Something did not come out as it should; the text says what."""


def _section(folder: Path, size: Size, sample: int) -> Section:
    for path, text in files_of(size):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    chosen = [folder / "accounts" / account_id(at) / FILE for at in _spread(size.accounts, sample)]
    validated = [_run(folder, "-m", "ops", "validate", str(file)) for file in chosen]
    synthesized, templates = [], []
    for file in chosen:
        out = folder / f"cdk-{file.parent.name}"
        told = {"CDK_OUTDIR": str(out), "CDK_CONTEXT_JSON": json.dumps({"registry": str(file)})}
        synthesized.append(_run(folder, "app.py", environment=told))
        templates.append(_templates(out, size))
    refused = _refused(folder, size)
    rows = [
        ["`ecrctl validate`", *_figures(validated, size)],
        ["`cdk synth`'s app, cdk-nag and CloudFormation's rules", *_figures(synthesized, size)],
    ]
    bytes_, different, equal = templates[0]
    return Section(
        place=61,
        title="A whole fleet on one machine",
        says=[
            f"{size.accounts} files of {size.repositories // size.accounts:,} repositories in {size.regions} regions. "
            f"{len(chosen)} of them were run; the last column is {size.accounts} times the median, in turn. "
            "Every template of them is within CloudFormation's limits.",
            f"An account has {size.stacks_in_account} templates of {bytes_ / 1e6:.0f} MB; {different} of them differ. "
            f"{equal} of these are the same in the next account, too.",
            refused,
            f"The load of the machine was {os.getloadavg()[2]:.0f} meanwhile, with {os.cpu_count()} processors: look "
            "at the processor time.",
        ],
        tables=[Table(columns=("one account", "time", "processor", "memory", "all accounts, processor"), rows=rows)],
        command="python -m benchmarks.fleet_run --write",
    )


def _spread(accounts: int, sample: int) -> Sequence[int]:
    return [round(at * (accounts - 1) / max(1, sample - 1)) for at in range(sample)]


def _run(folder: Path, *words: str, environment: dict[str, str] | None = None) -> Run:
    return run([sys.executable, *words], folder, {**os.environ, **(environment or {})})


def _templates(out: Path, size: Size) -> tuple[int, int, int]:
    """Bytes of an account's templates, how many differ, and how many of those have no account in them."""
    if problems := list(over_limits(out, "*.template.json")):
        raise _Wrong("\n".join(problems))
    texts = [file.read_bytes() for file in sorted(out.glob("*.template.json"))]
    if len(texts) != size.stacks_in_account:
        raise _Wrong(f"{out.name}: {len(texts)} templates, not {size.stacks_in_account}")
    different = {hashlib.sha256(text).digest(): text for text in texts}
    account = out.name.removeprefix("cdk-").encode()
    return sum(map(len, texts)), len(different), sum(account not in text for text in different.values())


def _figures(runs: Sequence[Run], size: Size) -> Iterator[str]:
    seconds, cpu = median(it.seconds for it in runs), median(it.cpu for it in runs)
    yield f"{seconds:.1f} s"
    yield f"{cpu:.1f} s"
    yield f"{max(it.memory for it in runs) / 1e6:.0f} MB"
    yield f"{cpu * size.accounts / 60:.0f} min"


def _refused(folder: Path, size: Size) -> str:
    """The same as one file, whose replicas are all the other accounts and regions."""
    file = folder / "one.yaml"
    places = [(account_id(at), region) for at in range(size.accounts) for region in REGIONS[: size.regions]]
    names = [name for name, _ in names_of(size.in_account(0))]
    lines = [
        f'registry: {{name: {NAME}, account: "{places[0][0]}", region: {places[0][1]}}}',
        "replicas:",
        *(f"  {region}:" if account == places[0][0] else f"  {account}/{region}:" for account, region in places[1:]),
        "repositories:",
        *(f"  {name}:" for name in names),
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    try:
        taken = _run(folder, "-m", "ops", "validate", str(file))
    except RunFailed as said:
        if "[replication-size]" not in str(said):
            raise
        return (
            f"The same as one file, with {len(places) - 1:,} replicas, is refused by `replication-size`: a registry "
            f"replicates to {REPLICATION_DESTINATIONS} destinations."
        )
    raise _Wrong(f"one file with {len(places) - 1} replicas was not refused, in {taken.seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
