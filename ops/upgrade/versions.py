"""Versions of this project, each a folder or a revision that git knows, and what the code of each makes of a file."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ops.aws.cdk_cli import ROOT, read_assembly
from ops.child import run_child
from ops.terminal import warn
from registry.errors import ExitCode, RegistryError
from registry.findings import listed
from registry.replacements.find import StackKey, Template

GIT: Final = ROOT / ".git"
#: The CLI talks to nobody at synth.
_ALONE: Final = {
    "CDK_DISABLE_CLI_TELEMETRY": "true",
    "CDK_DISABLE_VERSION_CHECK": "1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class NoSuchVersion(RegistryError):
    """It is neither a checkout nor a revision."""

    exit_code = ExitCode.INVALID


class Refused(RegistryError):
    """A version cannot be set up, or makes no templates of the file."""


def templates(version: str, folder: Path, file: Path) -> Mapping[StackKey, Template]:
    """The templates that a version makes of a registry file.

    :param folder: where it lies: see `checkout`.
    :raises Refused: where the version refuses the file; the message has what it said.
    """
    with tempfile.TemporaryDirectory() as output:
        _set_up(version, folder)
        cdk = (folder / ".venv" / "bin" / "node", folder / "node_modules" / "aws-cdk" / "bin" / "cdk")
        wanted = ("--context", f"registry={file.resolve()}", "--output", output)
        _run(version, folder, *cdk, "synth", "--quiet", *wanted, doing="makes no templates of this file")
        return read_assembly(Path(output)).contents()


@contextmanager
def checkout(version: str) -> Iterator[Path]:
    """The folder of a version, for as long as it is needed.

    :param version: a checkout's folder, or a revision (`v1.2.3`, `HEAD`) of the checkout that runs.
    :raises NoSuchVersion: where it is neither.
    """
    if (Path(version) / "app.py").is_file():
        yield Path(version).resolve()
        return
    commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{version}^{{commit}}").decode().strip()
    if not commit:
        tags = listed(_git("tag", "--list", "v*").decode().split()) or "no versions"
        raise NoSuchVersion(
            f'"{version}" is no version of {ROOT}\n'
            f"    allowed: a revision it has ({tags}), or the folder of another checkout\n"
            "    way out: fetch new versions with `git fetch --tags`; in your own repository with `make fetch`"
        )
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["tar", "-x", "-C", folder], input=_git("archive", commit), check=True)  # noqa: S603, S607
        yield Path(folder)


def _git(*words: str) -> bytes:
    """What git says of this checkout; nothing where the answer is no."""
    try:
        return subprocess.run(["git", f"--git-dir={GIT}", *words], capture_output=True, check=False).stdout  # noqa: S603, S607
    except OSError as problem:
        raise NoSuchVersion(f"git does not start: {problem}\n    way out: install git") from problem


def _set_up(version: str, folder: Path) -> None:
    """Give a version its tools: ours, where it has the same locks; otherwise it installs its own."""
    if folder != ROOT:
        borrow = ROOT / "scripts" / "borrow.sh"
        _run(version, folder, "bash", borrow, ROOT, folder, doing="cannot take the packages of this checkout")
    if not (folder / ".venv").exists():
        warn(f"{version} has other packages than this checkout: they are installed for the comparison")
    _run(version, folder, "bash", "scripts/setup.sh", doing="cannot be set up")


def _run(version: str, folder: Path, *words: str | Path, doing: str) -> None:
    try:
        finished = run_child(words, folder=folder, added=_ALONE)
    except OSError as problem:
        raise Refused(f"{version} {doing}: {problem}\n    way out: run `make setup`") from problem
    if finished.returncode:
        raise Refused(f"{version} {doing}:\n{finished.stdout.rstrip()}")
