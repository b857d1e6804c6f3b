"""May this image go on? Only where its scan is complete, and found nothing as bad as that."""

from __future__ import annotations

from datetime import date
from typing import Final

from ops.images import scanned
from ops.images.vulnerabilities import Vulnerability
from registry.delivery.accepted import accepted_in
from registry.delivery.steps.findings import counted, judged
from registry.errors import ExitCode, RegistryError
from registry.locations import Location
from registry.model import Registry

_SHOWN: Final = 5


class GateClosed(RegistryError):
    """A scan found what is too bad."""


class NotScanned(RegistryError):
    """Nobody knows what is in the image."""

    exit_code = ExitCode.UNKNOWN


def check(registry: Registry, at: Location, reference: str, severity: str, today: date) -> list[str]:
    """Refuse an image with findings of a severity or a worse one. Of a manifest list each platform is looked at.

    :returns: a line for each finding as bad as that which the file accepts on this day, and so lets through.

    :raises GateClosed: with the worst of what was found.
    :raises NotScanned: where a scan is not complete, or there is none.
    """
    found = scanned.results(at, scanned.targets(registry, at, reference), scanned.last_scan)
    said: list[str] = []
    bad: list[tuple[str, Vulnerability]] = []
    for it in found:
        stopping, accepted = judged(it.result.vulnerabilities, severity, accepted_in(registry, it.repository), today)
        bad += [(it.platform, each) for each in stopping]
        said += accepted
    if bad:
        numbers = counted(each for _, each in bad)
        lines = [
            f"        {each.severity} {each.id}{f' in {platform}' if platform else ''}"
            for platform, each in sorted(bad, key=lambda it: it[1].rank)[:_SHOWN]
        ]
        raise GateClosed(
            "\n".join([f"{reference} is not let through (--gate {severity}): {numbers}", *lines])
            + f"\n    way out: `ecrctl findings {reference}` shows all, and what a newer version fixes"
        )
    for it in found:
        if not it.result.done:
            why = f" ({it.result.reason})" if it.result.reason else ""
            raise NotScanned(
                f"it is not known what is in {reference}: its scan is {it.result.status}{why}\n"
                f"    way out: `ecrctl scan {reference}`, or wait for the scan"
            )
    if not found:
        raise NotScanned(
            f"it is not known what is in {reference}: a manifest list without images for a platform\n"
            "    way out: name an image that ECR scans, by its digest"
        )
    return list(dict.fromkeys(said))
