"""Rules about scanning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.findings import Severity, YamlPath, listed, shown
from registry.limits import ECR_API, ECR_GUIDE, REPOSITORY_FILTER, REPOSITORY_FILTERS, SCANNING_FILTER_LENGTH
from registry.rules.rule import Problem, RuleContext, rule

SCANNING_API: Final = f"{ECR_API}/API_PutRegistryScanningConfiguration.html"
FILTERS_PAGE: Final = f"{ECR_GUIDE}/image-scanning-filters.html"
_KEYS: Final = ("scan_on_push", "continuous_scan")


def _filters(declared: RuleContext) -> Iterator[tuple[YamlPath, str]]:
    """Every filter that is written, with its place."""
    for key in _KEYS:
        for index, pattern in enumerate(getattr(declared.root.scanning, key) or ()):
            yield ("scanning", key, index), pattern


@rule("scanning-filter", "A scanning filter is a repository name with wildcards", SCANNING_API)
def scanning_filter(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses the scanning configuration otherwise."""
    for at, pattern in _filters(declared):
        if not REPOSITORY_FILTER.fullmatch(pattern) or len(pattern) > SCANNING_FILTER_LENGTH:
            yield Problem(
                at=at,
                message="ECR does not accept this scanning filter",
                given=shown(pattern),
                allowed=f"1 to {SCANNING_FILTER_LENGTH} lower-case letters, digits and wildcards *, with single . _ - "
                "or / between them",
                way_out="write a repository's name, or web/* for all names that begin with web/",
            )


@rule("scanning-filter-count", "A scanning rule has at most 100 filters", SCANNING_API)
def scanning_filter_count(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses a scanning rule with more filters."""
    for key in _KEYS:
        count = len(getattr(declared.root.scanning, key) or ())
        if count > REPOSITORY_FILTERS:
            yield Problem(
                at=("scanning", key),
                message=f"there are too many filters in {key}",
                given=f"{count} filters",
                allowed=f"at most {REPOSITORY_FILTERS}",
                way_out="join several with a wildcard, such as web/* for a namespace",
                key=True,
            )


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
        if "*" in pattern or not REPOSITORY_FILTER.fullmatch(pattern):
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
    left = [repository.name for repository in declared.registry.repositories if not repository.scan_on_push]
    if left:
        scanning = declared.registry.scanning
        filters = (*scanning.scan_on_push, *scanning.continuous_scan)
        yield Problem(
            at=("scanning", "scan_on_push"),
            message=f"no filter matches {listed(left, 5)}, so images pushed there are not scanned",
            given=listed(filters, 5) or "no filter",
            allowed="filters that match every declared repository",
            way_out='add one for them, write ["*"], or accept this warning with a reason',
            key=True,
        )
