"""What scans found in an image: basic scans of ECR and enhanced ones of Amazon Inspector, in one form.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ops.images.kinds import SEVERITIES
from registry.shape import AcceptedFindingShape

#: Statuses of a scan whose findings are complete: a basic scan that ended, and an enhanced one that goes on by itself.
DONE: Final = frozenset({"COMPLETE", "ACTIVE"})
#: And those that come to an end by themselves.
RUNNING: Final = frozenset({"IN_PROGRESS", "PENDING"})
NEVER: Final = "NOT_SCANNED"
#: Of a manifest list whose images were not looked for.
UNREAD: Final = "NOT_READ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package with a vulnerability; `fixed_in` is empty where there is no version without it, or none is known."""

    name: str
    version: str
    fixed_in: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vulnerability:
    """One finding. `fixable` is None where the scan does not say: basic scans do not.

    `score` is CVSS's, 0 to 10, where there is one. `exploit`: whether one is known, from enhanced scans. `accepted` is
    what the file says of it, where it is accepted in its repository today.
    """

    id: str
    severity: str
    packages: tuple[Package, ...]
    fixable: bool | None
    score: float | None
    exploit: bool | None
    description: str
    url: str
    accepted: AcceptedFindingShape | None = None

    @property
    def rank(self) -> tuple[Any, ...]:
        """The order for people: the worst first, of these what can be fixed, then the highest score."""
        return (severity_rank(self.severity), self.fixable is not True, -(self.score or 0.0), self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """The last scan of an image. `status` is ECR's, or NEVER; `reason` is what ECR says of it."""

    status: str
    reason: str
    vulnerabilities: tuple[Vulnerability, ...] = ()

    @property
    def done(self) -> bool:
        """Whether the vulnerabilities are all that the scan finds: an empty list of another scan says nothing."""
        return self.status in DONE


def severity_rank(severity: str) -> int:
    """0 for the worst; a severity that is not known here is as bad as the least."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES) - 1


def result_of(pages: Iterable[Mapping[str, Any]]) -> ScanResult:
    """The answers of DescribeImageScanFindings, page by page; findings that were closed or suppressed are left out."""
    found: list[Vulnerability] = []
    status: Mapping[str, Any] = {}
    for page in pages:
        status = page["imageScanStatus"]
        findings = page.get("imageScanFindings", {})
        found += map(_basic, findings.get("findings", ()))
        found += [
            _enhanced(it) for it in findings.get("enhancedFindings", ()) if it.get("status", "ACTIVE") == "ACTIVE"
        ]
    return ScanResult(
        status=status.get("status", ""),
        reason=status.get("description", ""),
        vulnerabilities=tuple(sorted(found, key=lambda it: it.rank)),
    )


def _basic(row: Mapping[str, Any]) -> Vulnerability:
    said = {it["key"].lower(): it.get("value", "") for it in row.get("attributes", ())}
    score = next((said[key] for key in ("cvss4_score", "cvss3_score", "cvss2_score") if said.get(key)), None)
    name = said.get("package_name", "")
    package = Package(name=name, version=said.get("package_version", ""), fixed_in="")
    return Vulnerability(
        id=row["name"],
        severity=row["severity"],
        packages=(package,) if name else (),
        fixable=None,
        score=_number(score),
        exploit=None,
        description=row.get("description", ""),
        url=row.get("uri", ""),
    )


def _enhanced(row: Mapping[str, Any]) -> Vulnerability:
    details = row.get("packageVulnerabilityDetails", {})
    packages = tuple(_package(it) for it in details.get("vulnerablePackages", ()))
    fix = row.get("fixAvailable")
    return Vulnerability(
        id=details.get("vulnerabilityId") or row.get("title", ""),
        severity=row["severity"],
        packages=packages,
        fixable=fix in ("YES", "PARTIAL") if fix else any(it.fixed_in for it in packages),
        score=row.get("score"),
        exploit=None if (known := row.get("exploitAvailable")) is None else known == "YES",
        description=row.get("description", ""),
        url=details.get("sourceUrl", ""),
    )


def _package(row: Mapping[str, Any]) -> Package:
    release, fixed = row.get("release", ""), row.get("fixedInVersion", "")
    version = row.get("version", "") + (f"-{release}" if release else "")
    return Package(name=row.get("name", ""), version=version, fixed_in="" if fixed == "NotAvailable" else fixed)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def open_ones(found: Sequence[Vulnerability]) -> list[Vulnerability]:
    """Those that nobody accepted."""
    return [it for it in found if it.accepted is None]


def at_least(found: Sequence[Vulnerability], severity: str) -> list[Vulnerability]:
    """Those of a severity or a worse one."""
    return [it for it in found if severity_rank(it.severity) <= severity_rank(severity)]
