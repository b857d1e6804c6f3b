"""What `ecrctl findings` and `ecrctl scan` show: a table, JSON, and SARIF for a forge's own list of findings."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from ops.images.scanned import Scanned
from ops.images.vulnerabilities import Package, Vulnerability, open_ones
from ops.output.sarif import sarif_log
from registry.delivery.steps.findings import SEVERITIES, at_least

_FIXABLE: Final = {True: "yes", False: "no", None: ""}
#: https://docs.oasis-open.org/sarif/sarif/v2.1.0/: level
_LEVELS: Final = {"CRITICAL": "error", "HIGH": "error", "MEDIUM": "warning"}
#: A score for severities without one: a forge sorts by it.
_SCORES: Final = {"CRITICAL": 9.5, "HIGH": 8.0, "MEDIUM": 5.5, "LOW": 2.0}


def shown(found: Scanned, severity: str, *, fixable: bool) -> list[Vulnerability]:
    """The vulnerabilities of an image that are asked for; with `fixable` those too of which nobody says."""
    return [it for it in at_least(found.result.vulnerabilities, severity) if not fixable or it.fixable is not False]


def rows(found: Sequence[Scanned], severity: str, *, fixable: bool) -> list[dict[str, Any]]:
    """Images and their findings for programs; keys as ECR writes them, and ours like them."""
    return [
        {
            "repositoryName": it.repository,
            "imageDigest": it.digest,
            "image": it.called,
            "platform": it.platform or None,
            "scanStatus": it.result.status,
            "scanReason": it.result.reason or None,
            "findings": [_row(each) for each in shown(it, severity, fixable=fixable)],
        }
        for it in found
    ]


def _row(it: Vulnerability) -> dict[str, Any]:
    return {
        "id": it.id,
        "severity": it.severity,
        "fixable": it.fixable,
        "score": it.score,
        "exploitAvailable": it.exploit,
        "packages": [{"name": p.name, "version": p.version, "fixedInVersion": p.fixed_in or None} for p in it.packages],
        "description": it.description,
        "url": it.url or None,
        "accepted": {"reason": it.accepted.reason, "until": it.accepted.until} if it.accepted else None,
    }


def table(found: Sequence[Scanned], severity: str, *, fixable: bool) -> tuple[list[str], list[list[Any]]]:
    """Findings as columns and rows: the worst first, of these what can be fixed, image by image.

    A column about acceptances only where one holds.
    """
    columns = ["severity", "id", "fixable", "score", "exploit", "package", "image"]
    accepting = any(each.accepted for it in found for each in it.result.vulnerabilities)
    columns += ["accepted"] if accepting else []
    cells = [
        [
            each.severity,
            each.id,
            _FIXABLE[each.fixable],
            "" if each.score is None else f"{each.score:.1f}",
            _FIXABLE[each.exploit],
            [_package(package) for package in each.packages],
            named(it),
            *([_accepted(each)] if accepting else []),
        ]
        for it in found
        for each in shown(it, severity, fixable=fixable)
    ]
    return columns, cells


def _accepted(each: Vulnerability) -> str:
    return f"until {each.accepted.until}: {each.accepted.reason}" if each.accepted else ""


def _package(package: Package) -> str:
    fixed = f", fixed in {package.fixed_in}" if package.fixed_in else ""
    return f"{package.name} {package.version}".rstrip() + fixed


def named(it: Scanned) -> str:
    """What people call an image, and its platform where it is one of several."""
    return f"{it.called} ({it.platform})" if it.platform else it.called


def summary(it: Scanned) -> str:
    """One line for an image: how many findings, or why there are none to show."""
    if not it.result.done:
        return f"{named(it)}: not known, {it.result.status}" + (f" ({it.result.reason})" if it.result.reason else "")
    found = it.result.vulnerabilities
    counts = [(sum(1 for each in found if each.severity == word), word) for word in SEVERITIES]
    fixable = sum(1 for each in found if each.fixable)
    text = ", ".join(f"{number:,} {word}" for number, word in counts if number) or "no findings"
    accepted = len(found) - len(open_ones(found))
    text += f"; {fixable:,} can be fixed" if fixable else ""
    return f"{named(it)}: {text}" + (f"; {accepted:,} accepted" if accepted else "")


def sarif(found: Sequence[Scanned], severity: str, *, fixable: bool) -> dict[str, Any]:
    """The findings in SARIF; an image's path is its repository."""
    rules: dict[str, dict[str, Any]] = {}
    results = []
    for it in found:
        for each in shown(it, severity, fixable=fixable):
            rules.setdefault(each.id, _rule(each))
            results.append(_result(it, each))
    return sarif_log(list(rules.values()), results)


def _rule(it: Vulnerability) -> dict[str, Any]:
    score = it.score if it.score is not None else _SCORES.get(it.severity, 0.0)
    said: dict[str, Any] = {
        "id": it.id,
        "shortDescription": {"text": f"{it.id} ({it.severity})"},
        "fullDescription": {"text": it.description or it.id},
        "properties": {"security-severity": f"{score:.1f}", "tags": ["security", "vulnerability"]},
    }
    return said | ({"helpUri": it.url} if it.url else {})


def _result(it: Scanned, each: Vulnerability) -> dict[str, Any]:
    packages = "; ".join(_package(package) for package in each.packages)
    same = "\0".join((it.repository, it.platform, each.id, *sorted(package.name for package in each.packages)))
    said: dict[str, Any] = {
        "ruleId": each.id,
        "level": _LEVELS.get(each.severity, "note"),
        "message": {"text": f"{each.id} ({each.severity}) in {named(it)}" + (f": {packages}" if packages else "")},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": it.repository}, "region": {"startLine": 1}},
                "logicalLocations": [{"fullyQualifiedName": f"{it.repository}@{it.digest}"}],
            }
        ],
        # So that a finding of the next image is the same finding.
        "partialFingerprints": {"vulnerability/v1": hashlib.sha256(same.encode(errors="replace")).hexdigest()},
    }
    if each.accepted:  # https://docs.oasis-open.org/sarif/sarif/v2.1.0/: suppressions
        said["suppressions"] = [{"kind": "external", "justification": each.accepted.reason}]
    return said
