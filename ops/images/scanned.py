"""Which images a question about scans means, and what the scans found in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ops.aws.parallel import map_parallel
from ops.images.asking import NoSuchImage, NoSuchRepository
from ops.images.kinds import StoredImage
from ops.images.listing import children, counts_pulls, platform_of
from ops.images.reference import parsed
from ops.images.registry import ImageRegistry
from ops.images.vulnerabilities import UNREAD, ScanResult
from registry.delivery.accepted import accepted_in
from registry.delivery.steps.findings import acceptance
from registry.limits import REPOSITORY_NAME
from registry.locations import Location
from registry.model import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """One image, how people call it, the platform where it is one of several, and its last scan."""

    repository: str
    digest: str
    called: str
    platform: str
    result: ScanResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An image to scan or to ask about; `unread` is why the images of a manifest list are not known."""

    repository: str
    digest: str
    called: str
    platform: str = ""
    unread: str = ""


def targets(registry: Registry, at: Location, asked: str | None) -> list[Target]:
    """The images that are meant; of a manifest list each of its platforms, because those are what is scanned.

    For that its manifest is read, which to ECR is a pull of the list. Where the declared lifecycle counts days since
    the last pull it is not read, and the list itself is the target.

    :param asked: a reference; a repository, which means the image that was pushed last with a tag; or None, which means
        that of every declared repository, those without one left out.
    :raises NoSuchImage: where there is no image, or a repository that is named has none with a tag.
    """
    client = ImageRegistry(at.region, account=at.account)
    if asked is None:
        names = [it.name for it in registry.repositories_in(at)]
        found = [it for it in map_parallel(names, lambda name: _newest(client, name), "listing images") if it]
    elif REPOSITORY_NAME.fullmatch(asked):
        newest = _newest(client, asked, needed=True)
        if newest is None:
            raise NoSuchImage(
                f"no image of {asked} has a tag\n"
                f"    way out: name one by its digest; `ecrctl images {asked}` lists them"
            )
        found = [newest]
    else:
        reference = parsed(asked)
        image = client.find(reference)
        found = [(image, f"{image.repository}:{reference.tag or (image.tags or ('',))[0]}".rstrip(":"))]
    every = map_parallel(found, lambda it: _platforms(registry, client, *it), "reading manifests")
    return [target for each in every for target in each]


def results(at: Location, wanted: Sequence[Target], of: Callable[[ImageRegistry, Target], ScanResult]) -> list[Scanned]:
    """What `of` gives for every image."""
    client = ImageRegistry(at.region, account=at.account)
    found = map_parallel(wanted, lambda it: of(client, it), "reading findings")
    return [
        Scanned(repository=it.repository, digest=it.digest, called=it.called, platform=it.platform, result=result)
        for it, result in zip(wanted, found, strict=True)
    ]


def accepting(registry: Registry, found: Sequence[Scanned], today: date) -> list[Scanned]:
    """The same, each finding with what the file accepts of it on a day."""
    return [
        replace(
            it,
            result=replace(
                it.result,
                vulnerabilities=tuple(
                    replace(each, accepted=acceptance(accepted_in(registry, it.repository), each.id, today))
                    for each in it.result.vulnerabilities
                ),
            ),
        )
        for it in found
    ]


def last_scan(client: ImageRegistry, target: Target) -> ScanResult:
    """The findings of the last scan."""
    if target.unread:
        return ScanResult(status=UNREAD, reason=target.unread)
    return client.findings(target.repository, target.digest)


def _newest(client: ImageRegistry, repository: str, *, needed: bool = False) -> tuple[StoredImage, str] | None:
    try:
        images = client.images(repository)
    except NoSuchRepository:
        if needed:
            raise
        return None
    for image in images:
        if image.tags and image.status == "ACTIVE" and image.kind in ("image", "index"):
            return image, f"{repository}:{image.tags[0]}"
    return None


def _platforms(registry: Registry, client: ImageRegistry, image: StoredImage, called: str) -> list[Target]:
    itself = Target(repository=image.repository, digest=image.digest, called=called)
    if not image.is_index:
        return [itself]
    if lifecycle := counts_pulls(registry, image.repository):
        why = f"a manifest list; reading which images it has is a pull, and {lifecycle} counts days since the last one"
        return [replace(itself, unread=f"{why}: name the digest of an image")]
    manifest = client.manifests(image.repository, [image.digest]).get(image.digest, {})
    named = {each["digest"]: platform_of(each) for each in manifest.get("manifests", ())}
    return [
        Target(repository=image.repository, digest=digest, called=called, platform=named[digest])
        for digest in children(manifest)
        if named[digest]  # the others are attestations
    ]
