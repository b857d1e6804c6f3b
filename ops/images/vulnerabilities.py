"""What scans found in an image: basic scans of ECR and enhanced ones of Amazon Inspector, in one form.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry.delivery.steps.findings import DONE, Acceptance, Finding, active, severity_rank

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
    accepted: Acceptance | None = None

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


def result_of(pages: Iterable[Mapping[str, Any]]) -> ScanResult:
    """The answers of DescribeImageScanFindings, page by page; findings that were closed or suppressed are left out."""
    found: list[Vulnerability] = []
    status: Mapping[str, Any] = {}
    for page in pages:
        status = page["imageScanStatus"]
        found += [_enhanced(it) if it.enhanced else _basic(it) for it in active(page)]
    return ScanResult(
        status=status.get("status", ""),
        reason=status.get("description", ""),
        vulnerabilities=tuple(sorted(found, key=lambda it: it.rank)),
    )


def _basic(finding: Finding) -> Vulnerability:
    row = finding.row
    said = {it["key"].lower(): it.get("value", "") for it in row.get("attributes", ())}
    score = next((said[key] for key in ("cvss4_score", "cvss3_score", "cvss2_score") if said.get(key)), None)
    name = said.get("package_name", "")
    package = Package(name=name, version=said.get("package_version", ""), fixed_in="")
    return Vulnerability(
        id=finding.id,
        severity=finding.severity,
        packages=(package,) if name else (),
        fixable=None,
        score=_number(score),
        exploit=None,
        description=row.get("description", ""),
        url=row.get("uri", ""),
    )


def _enhanced(finding: Finding) -> Vulnerability:
    row = finding.row
    details = row.get("packageVulnerabilityDetails", {})
    packages = tuple(_package(it) for it in details.get("vulnerablePackages", ()))
    fix = row.get("fixAvailable")
    return Vulnerability(
        id=finding.id,
        severity=finding.severity,
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
