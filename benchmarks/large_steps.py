"""One line that a person types, with what it took."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks.process import Run, RunFailed, run
from sandbox.place import Place

ROOT: Final = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Step:
    """What a line took.

    `aws` are the processor seconds of the local AWS, which are not its own; `whole`: whether it came to its end.
    """

    repositories: int
    line: str
    took: Run
    aws: float = 0.0
    note: str = ""
    said: str = ""
    whole: bool = True

    @property
    def megabytes(self) -> float:
        """Of all its processes at the peak."""
        return self.took.memory / 1e6

    def with_note(self, note: str) -> Step:
        """The same, with something to say."""
        return replace(self, note=note)

    def row(self) -> tuple[str, ...]:
        """Of a table."""
        notes = [self.note, f"the local AWS: {self.aws:.0f} s of processor time" if self.aws >= 1 else ""]
        return (
            f"{self.repositories:,}",
            self.line,
            f"{self.took.seconds:.1f} s",
            f"{self.took.cpu:.1f} s",
            f"{1_000 * self.took.cpu / self.repositories:.1f} ms" if self.whole else "",
            f"{self.megabytes:,.0f} MB",
            "; ".join(filter(None, notes)),
        )


def local() -> dict[str, str]:
    """The environment of a line that asks nobody."""
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_"))},
        "PATH": os.pathsep.join((str(ROOT / ".venv" / "bin"), os.environ.get("PATH", ""))),
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "1",
    }


def taken(
    repositories: int,
    line: str,
    words: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str],
    *,
    code: int = 0,
    place: Place | None = None,
    within: float | None = None,
) -> Step:
    """Run a line, as `ops …` for ecrctl or `cdk …`.

    :param code: the exit code that is expected besides 0: `ecrctl plan` ends with 1 where a change destroys something.
    :param place: the local AWS, whose processor time is told apart.
    :param within: the seconds after which it is ended.
    :raises RunFailed: where it ends otherwise.
    """
    start = (sys.executable, "-m", "ops") if words[0] == "ops" else (str(ROOT / ".venv" / "bin" / "cdk"),)
    before = _spent(place)
    try:
        took = run((*start, *map(str, words[1:])), folder, environment, codes={0, code}, within=within)
    except RunFailed as problem:
        raise RunFailed(f"{line} of {repositories:,}: {problem}") from problem
    said = (folder / "output.txt").read_text(encoding="utf-8", errors="replace")
    return Step(repositories, line, took, _spent(place) - before, said=said)


def _spent(place: Place | None) -> float:
    """Processor seconds of the local AWS so far; 0 where there is none, or no /proc."""
    remembered = place.remembered() if place else None
    if remembered is None:
        return 0.0
    try:
        fields = Path(f"/proc/{remembered[0]}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
