"""Every error this project raises for a person to read, and the exit codes of its programs. Their text is the whole
message.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.findings import Finding

_SHOWN = 200  # findings in the text of an error; an inventory may hold a million images that are wrong in one way


class ExitCode(IntEnum):
    """How a program ends; scripts and CI tell by it whether to look, to mend, or to try again."""

    FINE = 0
    NO = 1  #: findings, drift, or the answer is no
    INVALID = 2  #: bad usage, or a file that is unreadable, or invalid where a command needs a valid one
    UNKNOWN = 3  #: could not tell: no credentials, the wrong account, AWS or the network refused
    INTERRUPTED = 130  #: Ctrl-C, as shells have it: 128 and the number of SIGINT


class RegistryError(Exception):
    """Base class: something a person can put right. A refusal is a no, unless a subclass says otherwise."""

    exit_code: ExitCode = ExitCode.NO

    def more(self) -> str:
        """What is looked up only where a person reads the error, such as the nearest name; empty where nothing is."""
        return ""


class UnreadableFile(RegistryError):
    """The path names no file that can be read."""

    exit_code = ExitCode.INVALID


class InvalidFile(RegistryError):
    """A file holds something that cannot be used; `findings` holds every problem, warnings included."""

    exit_code = ExitCode.INVALID

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        shown = [str(finding) for finding in self.findings[:_SHOWN]]
        more = [f"and {len(self.findings) - _SHOWN:,} more"] if len(self.findings) > _SHOWN else []
        super().__init__("\n".join(shown + more))


class InvalidRegistry(InvalidFile):
    """The file declares something that cannot be deployed."""


class UnknownName(RegistryError):
    """A command was asked about a name, a region or an account that is not there."""

    exit_code = ExitCode.INVALID
