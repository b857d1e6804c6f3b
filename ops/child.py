"""Programs that are started for what they write, and told nothing."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

#: What opens an account of AWS or a repository at GitHub: another version, and what it installs, needs none of it.
_CREDENTIALS: Final = re.compile(
    "AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN|WEB_IDENTITY_TOKEN_FILE|CONTAINER_.*)"
    "|G(H|ITHUB)_(ENTERPRISE_)?TOKEN|ACTIONS_(ID_TOKEN|RUNTIME)_.*"
)


def run_child(
    words: Sequence[str | Path], *, folder: Path, added: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a program without input and credentials; `stdout` has both of its outputs, as a person would see them.

    :param added: to the environment.
    :raises OSError: where it does not start.
    """
    return subprocess.run(  # noqa: S603
        [str(word) for word in words],
        cwd=folder,
        env={**{key: value for key, value in os.environ.items() if not _CREDENTIALS.fullmatch(key)}, **added},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",  # of Node and git, whatever the locale says
        errors="backslashreplace",
        check=False,
    )
