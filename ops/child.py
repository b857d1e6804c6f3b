"""Programs that are started for what they write, and told nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def run_child(
    words: Sequence[str | Path], *, folder: Path, added: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a program without input; `stdout` has both of its outputs, as a person would see them.

    :param added: to the environment.
    :raises OSError: where it does not start.
    """
    return subprocess.run(  # noqa: S603
        [str(word) for word in words],
        cwd=folder,
        env={**os.environ, **added},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",  # of Node and git, whatever the locale says
        errors="backslashreplace",
        check=False,
    )
