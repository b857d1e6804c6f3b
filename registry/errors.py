"""Every error this project raises for a person to read. Their text is the whole message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.findings import Finding

_SHOWN = 200  # findings in the text of an error; an inventory may hold a million images that are wrong in one way


class RegistryError(Exception):
    """Base class: something a person can put right. Programs end with exit code 1 unless said otherwise."""

    exit_code = 1


class UnreadableFile(RegistryError):
    """The path names no file that can be read. Programs end with exit code 2, as for any bad argument."""

    exit_code = 2


class InvalidFile(RegistryError):
    """A file holds something that cannot be used; `findings` holds every problem, warnings included."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        shown = [str(finding) for finding in self.findings[:_SHOWN]]
        more = [f"and {len(self.findings) - _SHOWN:,} more"] if len(self.findings) > _SHOWN else []
        super().__init__("\n".join(shown + more))


class InvalidRegistry(InvalidFile):
    """The file declares something that cannot be deployed."""


class UnknownPlace(RegistryError):
    """A name, region or account was asked for that the registry does not declare."""
