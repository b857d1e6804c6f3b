"""Rules about scanning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.findings import Severity, YamlPath, listed
from registry.limits import ECR_API, ECR_GUIDE
from registry.patterns import scanned
from registry.rules.rule import Problem, RuleContext, rule

SCANNING_API: Final = f"{ECR_API}/API_PutRegistryScanningConfiguration.html"
FILTERS_PAGE: Final = f"{ECR_GUIDE}/image-scanning-filters.html"
_KEYS: Final = ("scan_on_push", "continuous_scan")


def _filters(declared: RuleContext) -> Iterator[tuple[YamlPath, str]]:
    """Every filter that is written, with its place."""
    for key in _KEYS:
        for index, pattern in enumerate(getattr(declared.root.scanning, key)):
            yield ("scanning", key, index), pattern


def _patterns(declared: RuleContext) -> tuple[str, ...]:
    """The filters of both kinds."""
    return tuple(pattern for _, pattern in _filters(declared))


@rule("scanning-continuous", "Write continuous_scan with scan_type ENHANCED only", SCANNING_API)
def scanning_continuous(declared: RuleContext) -> Iterator[Problem]:
    """Basic scanning looks at an image once, when it is pushed. Continuous scans are part of Amazon Inspector."""
    scanning = declared.registry.scanning
    if scanning.continuous_scan and scanning.scan_type == "BASIC":
        yield Problem(
            at=("scanning", "continuous_scan"),
            message="with BASIC images are scanned when they are pushed, not continuously",
            given="continuous_scan and scan_type BASIC",
            allowed="continuous_scan with scan_type: ENHANCED",
            way_out="write scan_type: ENHANCED, which is paid for each image, or remove continuous_scan",
            key=True,
        )


@rule(
    "scanning-filter-contains",
    "Write filters with a *, so that they say what they match",
    FILTERS_PAGE,
    Severity.WARNING,
)
def scanning_filter_contains(declared: RuleContext) -> Iterator[Problem]:
    """Without a wildcard a filter matches every name that contains it, and enhanced scanning is paid for each image."""
    for at, pattern in _filters(declared):
        if "*" in pattern:
            continue
        reached = [r.name for r in declared.registry.repositories if pattern in r.name and r.name != pattern]
        if reached:
            yield Problem(
                at=at,
                message=f"without a wildcard this filter matches every name that contains {pattern}",
                given=f"{pattern}, which matches {listed(reached, 3)}",
                allowed="filters that say with * what they match",
                way_out=f'write "{pattern}/*" for a namespace, or "*{pattern}*" if these are meant',
            )


@rule(
    "scanning-none",
    "Scan every declared repository when an image is pushed",
    FILTERS_PAGE,
    Severity.WARNING,
    waits=True,
)
def scanning_none(declared: RuleContext) -> Iterator[Problem]:
    """Nobody learns of the vulnerabilities of images in the repositories that are left out."""
    filters = _patterns(declared)
    left = [repository.name for repository in declared.registry.repositories if not scanned(repository.name, filters)]
    if left:
        yield Problem(
            at=("scanning", "scan_on_push"),
            message=f"no filter matches {listed(left, 5)}, so images pushed there are not scanned",
            given=listed(filters, 5) or "no filter",
            allowed="filters that match every declared repository",
            way_out='add one for them, write ["*"], or accept this warning with a reason',
            key=True,
        )


@rule(
    "scanning-flag",
    "Let the flag of a repository say what the registry's scanning does",
    f"{ECR_API}/API_PutImageScanningConfiguration.html",
    Severity.WARNING,
)
def scanning_flag(declared: RuleContext) -> Iterator[Problem]:
    """AWS has deprecated the flag in favour of the registry's filters, so whoever reads it believes something else than
    what happens.
    """
    if not declared.registry.manages_registry:
        return  # the filters stand in another file
    filters = _patterns(declared)
    found: dict[tuple[YamlPath, bool], list[str]] = {}
    for repository in declared.registry.repositories:
        if (on := repository.scan_on_push) != scanned(repository.name, filters):
            found.setdefault((declared.written.origin(repository.name, "scan_on_push"), on), []).append(repository.name)
    for (at, on), names in found.items():
        yield Problem(
            at=at,
            message=f"the flag says that images of {listed(names, 3)} are scanned, but no filter of scanning matches"
            if on
            else f"the flag says that images of {listed(names, 3)} are not scanned, but a filter of scanning matches",
            given=f"scan_on_push: {str(on).lower()}; scanning: {listed(filters, 3) or 'no filter'}",
            allowed="a flag that says what the filters do, or no flag",
            way_out="remove the key"
            + (", and add a filter under scanning if the images are to be scanned" if on else "")
            + "; or accept this warning with a reason",
        )
