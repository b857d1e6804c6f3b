"""Which images are signed, and of the others why not.

ECR signs what is pushed after a rule was made, in the name of who pushes; an image gets a status for each profile that
signed it, or could not. https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ops.aws.parallel import map_parallel
from ops.aws.processes import map_reading
from ops.images.asking import NoSuchRepository
from ops.images.kinds import Signing, StoredImage
from ops.images.registry import ImageRegistry
from registry.access.signers import rules_in
from registry.locations import Location
from registry.model import Registry
from registry.patterns import covers

SIGNED: Final = "signed"
RUNNING: Final = "in progress"
UNSIGNED: Final = "not signed"
#: Why there is no status, as far as ECR lets anybody know.
_BEFORE: Final = "ECR has no status: it was pushed before the rule, or copied or cached, not pushed"
_NO_RULE: Final = "no rule of the file signs this repository"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What became of an image: `state` is SIGNED, RUNNING or UNSIGNED, `profile` an ARN, empty where there is none."""

    image: StoredImage
    profile: str
    state: str
    reason: str


def statuses(
    registry: Registry, at: Location, repository: str | None, since: datetime
) -> tuple[tuple[str, ...], list[Status]]:
    """The repositories that were looked at, and every image pushed since a time with each profile that has to sign it.

    Signatures and other artifacts that refer to an image are left out, and images in the archive.

    :param repository: default: every declared one that a rule of the file signs.
    :raises NoSuchRepository: where the one that is named is not there.
    """
    profiles = {
        name: _profiles(registry, at, name) for name in ([repository] if repository else _declared(registry, at))
    }
    names = [name for name, found in profiles.items() if found or repository]
    listed = map_reading(names, lambda: _images(at, since, needed=repository is not None), "listing images")
    images = [image for found in listed for image in found]
    client = ImageRegistry(at.region, account=at.account)
    said = map_parallel(images, lambda it: client.signing(it.repository, it.digest), "asking for signatures")
    rows = [
        row
        for image, found in zip(images, said, strict=True)
        for row in of_image(image, found, profiles[image.repository])
    ]
    return tuple(names), rows


def of_image(image: StoredImage, said: list[Signing], wanted: frozenset[str]) -> list[Status]:
    """What became of an image with each profile: those that AWS speaks of, and those that the file signs it with."""
    found = {it.profile: _status(image, it) for it in said}
    for profile in sorted(wanted - found.keys()):
        others = "another profile signed it; " if any(it.state == SIGNED for it in found.values()) else ""
        found[profile] = Status(image=image, profile=profile, state=UNSIGNED, reason=others + _BEFORE)
    if not found:
        return [Status(image=image, profile="", state=UNSIGNED, reason=_NO_RULE)]
    return [found[profile] for profile in sorted(found)]


def _status(image: StoredImage, said: Signing) -> Status:
    state = {"COMPLETE": SIGNED, "IN_PROGRESS": RUNNING}.get(said.status, UNSIGNED)
    reason = said.reason or ("" if state != UNSIGNED else f"AWS says {said.status} and no reason")
    return Status(image=image, profile=said.profile, state=state, reason=reason)


def _profiles(registry: Registry, at: Location, name: str) -> frozenset[str]:
    """The profiles that sign a repository. Exact, as it is one name and no pattern."""
    return frozenset(
        rule.signing_profile_arn
        for rule in rules_in(registry, at)
        if rule.repository_filters is None or any(covers(each, name) for each in rule.repository_filters)
    )


def _declared(registry: Registry, at: Location) -> list[str]:
    return [it.name for it in registry.repositories_in(at)]


def _images(at: Location, since: datetime, *, needed: bool) -> Callable[[str], list[StoredImage]]:
    client = ImageRegistry(at.region, account=at.account)

    def read(name: str) -> list[StoredImage]:
        try:
            found = client.images(name)
        except NoSuchRepository:
            if needed:
                raise
            return []  # declared, and not deployed yet
        return [it for it in found if it.pushed >= since and it.subject is None and it.status == "ACTIVE"]

    return read


def counted(rows: list[Status]) -> Mapping[str, int]:
    """How many images are in each state, each once: one that a single profile did not sign is not signed."""
    worst: dict[tuple[str, str], str] = {}
    order = (SIGNED, RUNNING, UNSIGNED)
    for row in rows:
        key = row.image.repository, row.image.digest
        worst[key] = max(worst.get(key, SIGNED), row.state, key=order.index)
    return {state: sum(1 for it in worst.values() if it == state) for state in order}
