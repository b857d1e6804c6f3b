"""One run: a full process, as users start it, its time, and the processor time and memory of all it starts."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SAMPLED_EVERY: Final = 0.05  # seconds; later a hundredth of the time so far, as a look at all processes costs some, too


class RunFailed(Exception):
    """A process of the race ended with an error; the text is its output."""


@dataclass(frozen=True, slots=True)
class Run:
    """Wall-clock seconds from start to exit, processor seconds (user and system), and the highest memory in bytes."""

    seconds: float
    cpu: float
    memory: int


def run(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    codes: Collection[int] = (0,),
    within: float | None = None,
) -> Run:
    """Run a command to its end.

    :param codes: the exit codes that are fine.
    :param within: the seconds after which it is ended, which is fine, too.
    :raises RunFailed: where it exits with another.
    """
    before = _processor_seconds()
    log = folder / "output.txt"
    with log.open("wb") as output:
        start = time.perf_counter()
        with subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment) as process:
            memory = _Memory(process.pid)
            memory.start()
            try:
                code = process.wait(within)
            except subprocess.TimeoutExpired:
                process.terminate()
                process.wait()
                code = next(iter(codes))
            finally:
                seconds = time.perf_counter() - start
                memory.stop()
                if process.poll() is None:
                    process.terminate()
    if code not in codes:
        raise RunFailed(log.read_text(encoding="utf-8", errors="replace")[-4000:].strip() or f"exit code {code}")
    return Run(seconds, _processor_seconds() - before, memory.peak)


def _processor_seconds() -> float:
    """Of all processes that have been started, and waited for, so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Memory(threading.Thread):
    """Samples the resident memory of a process and all its descendants.

    Linux: the sum of VmRSS in /proc; pages that two processes share count twice, which is the same for every
    side. Elsewhere: the largest single process so far, as getrusage knows it.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._pid = pid
        self._stopped = threading.Event()

    def run(self) -> None:
        start = time.perf_counter()
        while not self._stopped.wait(max(SAMPLED_EVERY, min(1.0, (time.perf_counter() - start) / 100))):
            self.peak = max(self.peak, sum(map(_resident, _family(self._pid))))

    def stop(self) -> None:
        self._stopped.set()
        self.join()
        if not self.peak:
            unit = 1 if sys.platform == "darwin" else 1024
            self.peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit


def _family(pid: int) -> list[int]:
    """A process and its descendants."""
    try:
        tasks = [f"/proc/{pid}/task/{task}/children" for task in os.listdir(f"/proc/{pid}/task")]
        children = [int(child) for task in tasks for child in Path(task).read_text(encoding="ascii").split()]
    except OSError:  # it has ended, or this is not Linux
        return [pid]
    return [pid, *(member for child in children for member in _family(child))]


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
