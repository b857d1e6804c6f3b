"""`python -m benchmarks`: race and report. Exit code 1 only where the race is unfair or a run fails."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from benchmarks.process import RunFailed
from benchmarks.race import CLI, ROOT, Result, Unfair, checks_run, judged, race

RUNS: Final = {10: 5, 1_000: 3, 10_000: 1}  # counted runs by size
BARS_FOR: Final = 1_000  # repositories; below, the start of Python and Node is most of the time


def main() -> int:
    """Run the races that the command line asks for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast, against what.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 1_000], metavar="N",
                        help="repositories, 10 to 10,000 (default: 10 1000)")  # fmt: skip
    parser.add_argument("--runs", type=int, metavar="N", help="counted runs of each side (default: 5, 3 and 1)")
    parser.add_argument("--app-only", action="store_true", help="leave out `cdk synth`: half of the time")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    arguments = parser.parse_args()
    if any(not 10 <= size <= 10_000 for size in arguments.sizes) or (arguments.runs or 1) < 1:
        parser.error("sizes are 10 to 10,000 repositories, and at least one run counts")
    os.chdir(ROOT)
    races = []
    try:
        with _scratch() as folder:
            checks_run(Path(folder), _told)
        for size in arguments.sizes:
            runs = arguments.runs or RUNS.get(size, 3)
            with _scratch() as folder:
                results, resources = race(Path(folder), size, runs, _told, cli=not arguments.app_only)
            races.append(_summary(size, results, resources))
            if not arguments.json:
                print(_table(races[-1]))
    except (RunFailed, Unfair) as problem:
        print(f"{'a run failed' if isinstance(problem, RunFailed) else 'unfair'}: {problem}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps({"machine": _machine(), "races": races}, indent=2))
    return 0


def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="ecr-bench-")


def _told(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _summary(size: int, results: list[Result], resources: dict[str, int]) -> dict[str, Any]:
    return {
        "repositories": size,
        "resources": resources,
        "results": [
            {
                "how": result.how,
                "side": result.side,
                "seconds": [round(each.seconds, 3) for each in result.runs],
                "median_seconds": round(result.median, 3),
                "median_cpu_seconds": round(result.cpu, 3),
                "peak_memory_bytes": result.memory,
            }
            for result in results
        ],
        "ratios": [
            {**each, "ratio": round(each["ratio"], 3), "cpu_ratio": round(each["cpu_ratio"], 3)}
            for each in judged(results)
        ],
    }


def _table(summary: dict[str, Any]) -> str:
    total = sum(summary["resources"].values())
    lines = [
        "",
        f"{summary['repositories']:,} repositories; {total:,} resources, the same on every side ({_machine()})",
        f"  {'':24} {'':34} {'median':>8} {'min':>8} {'max':>8} {'processor':>9} {'memory':>9} {'each':>8}",
    ]
    for each in summary["results"]:
        seconds = each["seconds"]
        lines.append(
            f"  {each['how']:24} {each['side']:34} {each['median_seconds']:6.2f} s {min(seconds):6.2f} s "
            f"{max(seconds):6.2f} s {each['median_cpu_seconds']:7.2f} s {each['peak_memory_bytes'] / 1e6:6.0f} MB "
            f"{each['median_seconds'] / summary['repositories'] * 1e3:5.1f} ms"
        )
    lines.append("  our median as a part of another, in time and in processor time")
    for each in summary["ratios"]:
        barred = each["bar"] is not None and summary["repositories"] >= BARS_FOR and each["how"] != CLI
        bar = f"  bar {each['bar']}" if barred else ""
        lines.append(f"  {each['how']:24} of {each['of']:31} {each['ratio']:8.2f}{each['cpu_ratio']:8.2f}{bar}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
