"""Which findings of a scan stop an image, and which are accepted: `ecrctl` and the gate of a pipeline ask here.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol, TypeVar

#: Severities of ECR and of Amazon Inspector, the worst first.
SEVERITIES: Final = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNTRIAGED", "UNDEFINED")
#: Statuses of a scan whose findings are complete: a basic scan that ended, and an enhanced one that goes on by itself.
DONE: Final = frozenset({"COMPLETE", "ACTIVE"})
#: And those that come to an end by themselves.
RUNNING: Final = frozenset({"IN_PROGRESS", "PENDING"})


@dataclass(frozen=True, slots=True)
class Finding:
    """A vulnerability, as ECR answers it; `row` is the whole answer, of a basic or of an `enhanced` scan."""

    id: str
    severity: str
    row: Mapping[str, Any]
    enhanced: bool


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Why a vulnerability is accepted in a repository; `until` is the last day (UTC), such as 2027-06-30."""

    reason: str
    until: str

    def holds(self, today: date) -> bool:
        """Whether its last day is not over."""
        return today <= date.fromisoformat(self.until)


class Found(Protocol):
    """What is told apart here: a finding, whatever else is known of it."""

    @property
    def id(self) -> str:
        """The vulnerability, such as CVE-2026-12345."""

    @property
    def severity(self) -> str:
        """One of SEVERITIES; another is as bad as the last."""


AnyFound = TypeVar("AnyFound", bound=Found)


def active(answer: Mapping[str, Any]) -> Iterator[Finding]:
    """The findings of an answer but those that are closed, or that Amazon Inspector suppresses."""
    said = answer.get("imageScanFindings", {})
    for row in said.get("findings", ()):
        yield Finding(row["name"], row["severity"], row, False)
    for row in said.get("enhancedFindings", ()):
        if row.get("status", "ACTIVE") == "ACTIVE":
            details = row.get("packageVulnerabilityDetails", {})
            yield Finding(details.get("vulnerabilityId") or row.get("title", ""), row["severity"], row, True)


def severity_rank(severity: str) -> int:
    """0 for the worst; a severity that is not known here is as bad as the least."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES) - 1


def at_least(found: Iterable[AnyFound], severity: str) -> list[AnyFound]:
    """Those of a severity or a worse one."""
    return [it for it in found if severity_rank(it.severity) <= severity_rank(severity)]


def acceptance(accepted: Mapping[str, Acceptance], vulnerability: str, today: date) -> Acceptance | None:
    """The acceptance of a vulnerability that holds on a day.

    :param accepted: those of a repository, by vulnerability.
    """
    found = accepted.get(vulnerability)
    return found if found is not None and found.holds(today) else None


def judged(
    found: Iterable[AnyFound], severity: str, accepted: Mapping[str, Acceptance], today: date
) -> tuple[list[AnyFound], list[str]]:
    """Of the findings as bad as a severity: those that stop an image, and a line for each that is accepted."""
    stop, lines = list[AnyFound](), list[str]()
    for it in at_least(found, severity):
        held = acceptance(accepted, it.id, today)
        if held is None:
            stop.append(it)
        else:
            reason = " ".join(held.reason.split())
            lines.append(f"{it.severity} {it.id} is accepted until {held.until}: {reason}")
    return stop, list(dict.fromkeys(lines))


def counted(found: Iterable[Found]) -> str:
    """How many there are of each severity, the worst first: `1 CRITICAL, 2 HIGH`."""
    severities = [it.severity for it in found]
    return ", ".join(f"{severities.count(name)} {name}" for name in SEVERITIES if name in severities)
