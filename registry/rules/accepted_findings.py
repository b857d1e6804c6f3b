"""Rules about accepted findings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from registry.delivery.steps.findings import Acceptance
from registry.findings import Finding, Severity, YamlPath, listed, shown
from registry.limits import INSPECTOR_API
from registry.nearest import did_you_mean
from registry.patterns import covers
from registry.reading.sources import Sources
from registry.rules.rule import Explanation, Problem, RuleContext, intact, rule

KEY: Final = "accepted_findings"
SUPPRESSION: Final = "https://docs.aws.amazon.com/inspector/latest/user/findings-managing-supression-rules.html"
LAPSED: Final = Explanation(
    id="accepted-finding-lapsed",
    subject="Accepted findings",
    title="Look again at a finding whose acceptance is over",
    why="Its last day (UTC) is past: it is shown again, it fails --fail-on, --gate and pipelines, and Amazon Inspector "
    "no longer suppresses it.",
    severity=Severity.WARNING,
)


@rule(
    "accepted-finding-unknown",
    "Accept findings in repositories that are declared",
    f"{INSPECTOR_API}/API_CreateFilter.html",
    Severity.WARNING,
    waits=True,
)
def accepted_finding_unknown(declared: RuleContext) -> Iterator[Problem]:
    """A name that is misspelled, or that left the file, accepts nothing, or what comes later under that name."""
    names = [it.name for it in declared.registry.repositories]
    for vulnerability, accepted in declared.root.accepted_findings.items():
        for index, each in enumerate(accepted.repositories):
            if not any(covers(each, name) for name in names):
                yield Problem(
                    at=(KEY, vulnerability, "repositories", index),
                    message="no declared repository has this name",
                    given=shown(each),
                    allowed="repositories of this registry, or namespaces that have one",
                    way_out=did_you_mean(each, names) or "remove it",
                )


@rule(
    "suppression-filters-enhanced",
    "Let Amazon Inspector suppress findings where it scans",
    SUPPRESSION,
)
def suppression_filters_enhanced(declared: RuleContext) -> Iterator[Problem]:
    """With basic scans Inspector finds nothing in images, so a filter of it hides nothing."""
    scanning = declared.registry.scanning
    if scanning.suppression_filters and scanning.scan_type != "ENHANCED":
        yield Problem(
            at=("scanning", "suppression_filters"),
            message="Amazon Inspector scans nothing here, so it suppresses nothing",
            given=f"suppression_filters and scan_type {scanning.scan_type}",
            allowed="suppression_filters with scan_type: ENHANCED",
            way_out="remove suppression_filters: `ecrctl findings` and `--gate` honour acceptances without it",
            key=True,
        )


@rule(
    "inspector-settings-basic",
    "Write settings of Amazon Inspector where it scans",
    "https://docs.aws.amazon.com/inspector/latest/user/scanning_resources_configure_duration_setting_ecr.html",
    Severity.WARNING,
)
def inspector_settings_basic(declared: RuleContext) -> Iterator[Problem]:
    """How long images are scanned again means nothing where they are not scanned by Inspector."""
    written = [key for key in declared.root.account_settings.model_fields_set if key.startswith("inspector_")]
    if written and declared.registry.scanning.scan_type != "ENHANCED":
        yield Problem(
            at=("account_settings", sorted(written)[0]),
            message="Amazon Inspector does not scan this registry, so it scans nothing again",
            given=listed(sorted(written)),
            allowed="with scan_type: ENHANCED",
            way_out="write scanning: {scan_type: ENHANCED}, which is paid, or remove the setting",
            key=True,
        )


def lapsed(declared: RuleContext, sources: Sources, damaged: frozenset[YamlPath], today: date) -> Iterator[Finding]:
    """A warning for every acceptance of a finding whose last day is past."""
    for vulnerability, accepted in declared.root.accepted_findings.items():
        place = (KEY, vulnerability, "until")
        if not intact(place, damaged) or accepted.last_day is None:
            continue  # the form of the value has told that it is no day
        if not Acceptance(accepted.reason, accepted.until).holds(today):
            yield Finding(
                LAPSED.id,
                Severity.WARNING,
                sources.position(place),
                f"{vulnerability} is no longer accepted",
                shown(accepted.until),
                f"today is {today}",
                "push an image without it, then remove the acceptance; or give a later day with a reason that holds",
                "docs/images.md",
            )
