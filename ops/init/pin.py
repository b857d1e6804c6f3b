"""Which version of this project runs here, as a company's repository pins it."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from registry import VERSION
from registry.errors import ExitCode, RegistryError

ROOT: Final = Path(__file__).resolve().parent.parent.parent
#: Over SSH a user is no secret.
_CREDENTIALS: Final = re.compile(r"https?://[^/]*@", re.IGNORECASE)


class NoPin(RegistryError):
    """What a company's repository has to pin is not known here."""

    exit_code = ExitCode.INVALID


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """Where this project is cloned from, and what of it: the commit, of 40 digits, and its name for people."""

    url: str
    version: str
    commit: str


def pin_of(checkout: Path, url: str | None) -> Pin:
    """The pin of what a checkout has now.

    :param url: where others clone it from; None for what the checkout itself was cloned from.
    :raises NoPin: where it is no checkout of git, was cloned from nowhere, or the address has credentials in it.
    """
    commit = git(checkout, "rev-parse", "HEAD")
    if commit is None:
        raise NoPin(
            f"{checkout} is no checkout of git, so its version has no commit\n"
            "    way out: clone this project with git, and run `ecrctl init` there"
        )
    url = url or git(checkout, "remote", "get-url", "origin")
    if not url:
        raise NoPin(
            f"{checkout} was cloned from nowhere, so nobody else can clone it\n"
            "    way out: say with --project from where your colleagues and CI clone this project"
        )
    if _CREDENTIALS.match(url):
        raise NoPin(
            "the address that this project is cloned from has a user or a token in it, and would be committed\n"
            "    way out: say with --project the address without it; git asks a credential helper for the rest"
        )
    return Pin(
        url=url, version=git(checkout, "describe", "--tags", "--exact-match", "HEAD") or f"v{VERSION}", commit=commit
    )


def git(checkout: Path, *words: str) -> str | None:
    """What git says of a checkout; None where it ends with an error, or is not installed.

    Never of a repository around it: git would look for one by itself.
    """
    command = ["git", f"--git-dir={checkout / '.git'}", *words]
    try:
        finished = subprocess.run(command, capture_output=True, encoding="utf-8", errors="surrogateescape", check=False)  # noqa: S603
    except OSError:
        return None
    return finished.stdout.strip() if finished.returncode == 0 else None
