"""The images of a repository with what other places know of them: replicas, and the manifests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal

from ops.aws.parallel import map_parallel
from ops.images.asking import NoSuchRepository
from ops.images.kinds import StoredImage
from ops.images.registry import ImageRegistry
from registry.lifecycle.policy import rules_of
from registry.locations import Location
from registry.model import Registry, Replica, Repository
from registry.naming import namespace_of
from registry.patterns import covers

Order = Literal["pushed", "pulled", "size", "tag"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Some images of a repository. `arrived` is, for each replica that was asked, the digests it has.

    `manifests` are empty where they were not read; `unasked` are replicas in other accounts. `declared` is the
    repository in the file, where it is there.
    """

    repository: str
    at: Location
    images: tuple[StoredImage, ...]
    arrived: Mapping[Location, frozenset[str]]
    unasked: tuple[Location, ...]
    declared: Repository | None = None
    manifests: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def listing(
    registry: Registry,
    at: Location,
    repository: str,
    chosen: Callable[[StoredImage], bool],
    profiles: Mapping[str, str] = MappingProxyType({}),
) -> Listing:
    """The images of a repository at a location that are `chosen`; of those at home also where they have arrived.

    :param profiles: of ~/.aws/config by account, whose credentials ask replicas in other accounts.
    :raises NoSuchRepository: where there is none at the location.
    """
    receiving = replicas_of(registry, repository) if at == registry.home else ()
    asked = [at, *(each for each in receiving if each.account == at.account or each.account in profiles)]
    clients = {it: ImageRegistry(it.region, account=it.account, profile=profiles.get(it.account)) for it in asked}
    home, *others = map_parallel(asked, lambda it: _images(clients[it], repository, needed=it == at), "listing images")
    return Listing(
        repository=repository,
        at=at,
        images=tuple(image for image in home if chosen(image)),
        arrived={
            place: frozenset(image.digest for image in found) for place, found in zip(asked[1:], others, strict=True)
        },
        unasked=tuple(each for each in receiving if each not in asked),
        declared=registry.repository(repository),
    )


def _images(client: ImageRegistry, repository: str, *, needed: bool) -> Sequence[StoredImage]:
    try:
        return client.images(repository)
    except NoSuchRepository:
        if needed:
            raise
        return ()  # nothing has arrived there


def replicas_of(registry: Registry, repository: str) -> tuple[Location, ...]:
    """The replicas that receive a repository, in the file's words."""
    return tuple(it.location for it in receivers_of(registry, repository))


def receivers_of(registry: Registry, repository: str) -> tuple[Replica, ...]:
    """The same with what the file says of each."""
    namespace = namespace_of(repository)
    return tuple(it for it in registry.replicas if it.all_repositories or namespace in it.namespaces)


def counts_pulls(registry: Registry, repository: str) -> str | None:
    """The declared lifecycle of a repository in which a rule counts days since the last pull."""
    declared = registry.repository(repository)
    if declared is None or declared.lifecycle is None:
        return None
    rules = rules_of(declared.lifecycle.text, declared.lifecycle.name)
    return declared.lifecycle.name if any(rule.count_type == "sinceImagePulled" for rule in rules) else None


def read_manifests(client: ImageRegistry, repository: str, images: Sequence[StoredImage]) -> dict[str, dict[str, Any]]:
    """The manifests of images and of everything that their manifest lists name; to ECR these are pulls.

    Archived images are left out: they cannot be pulled. So is what refers to other images.
    """
    found: dict[str, dict[str, Any]] = {}
    left = [image.digest for image in images if image.status == "ACTIVE" and image.subject is None]
    while left:
        read = client.manifests(repository, left)
        found |= read
        named = dict.fromkeys(digest for manifest in read.values() for digest in children(manifest))
        left = [digest for digest in named if digest not in found]
        if not read:
            break
    return found


def children(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """The digests that a manifest list names; none of an image."""
    return tuple(each["digest"] for each in manifest.get("manifests", ()))


def platforms(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """The platforms of a manifest list, such as linux/arm64/v8; what is no image for a platform is left out.

    https://github.com/opencontainers/image-spec/blob/main/image-index.md
    """
    return tuple(dict.fromkeys(name for each in manifest.get("manifests", ()) if (name := platform_of(each))))


def platform_of(descriptor: Mapping[str, Any]) -> str:
    """The platform of one entry of a manifest list; empty for one without: attestations say `unknown/unknown`."""
    said = descriptor.get("platform") or {}
    words = [said.get(key) for key in ("os", "architecture", "variant")]
    return "" if words[0] in (None, "unknown") else "/".join(word for word in words if word)


def blobs(digest: str, manifests: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """The layers and configurations of an image by digest, with their sizes in bytes; of an index, of all its images.

    Bytes as they are stored, compressed. Manifests that were not read are left out.
    """
    manifest, found = manifests.get(digest), dict[str, int]()
    if manifest is None:
        return found
    for child in children(manifest):
        found |= blobs(child, manifests)
    for each in (manifest.get("config"), *manifest.get("layers", ())):
        if each:
            found[each["digest"]] = each["size"]
    return found


def not_allowed(found: Listing, tags: Sequence[str]) -> list[str]:
    """Those of some tags that the file does not allow in the repository (`tags_must_match`)."""
    return [] if found.declared is None else [tag for tag in tags if not found.declared.allows(tag)]


def selected(*, tag: str | None, untagged: bool, since: datetime | None) -> Callable[[StoredImage], bool]:
    """Which images to list: those with a tag that a pattern matches, without tags, pushed since a time."""

    def chosen(image: StoredImage) -> bool:
        return (
            (tag is None or any(covers(tag, each) for each in image.tags))
            and not (untagged and image.tags)
            and (since is None or image.pushed >= since)
        )

    return chosen


_NEVER: Final = float("-inf")


def ordered(images: Sequence[StoredImage], by: Order) -> list[StoredImage]:
    """The newest, the last pulled or the largest first; by tag in the order of the alphabet, untagged ones last."""
    if by == "tag":
        return sorted(images, key=lambda it: (not it.tags, it.tags))
    keys: dict[str, Callable[[StoredImage], float]] = {
        "pushed": lambda it: it.pushed.timestamp(),
        "pulled": lambda it: it.pulled.timestamp() if it.pulled else _NEVER,
        "size": lambda it: it.size or 0,
    }
    return sorted(images, key=keys[by], reverse=True)
