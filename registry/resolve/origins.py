"""What each setting of a repository comes to, and which places of the files say so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry.findings import YamlPath
from registry.locations import located
from registry.model import Encryption, Registry, Repository
from registry.monitoring.reach import alarms_of, heard_of
from registry.naming import OWNER_TAG, namespace_of
from registry.patterns import covers, scanned
from registry.resolve.files import Layer, Written, team_of
from registry.resolve.registry import GRANTS, listed
from registry.shape import AddedShape, Settings

#: What no file says: the built-in default holds.
DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: its key in the file, what it comes to, and where that is written.

    `by` is the kind of the nearest layer that says so: `repository`, `team`, `namespace`, `defaults`, `registry` (a
    key of the root file that speaks of many repositories), or DEFAULT. `at` has more than one place where layers or
    keys add up, the nearest first, and none for a default.
    """

    key: str
    value: Any
    by: str = DEFAULT
    at: tuple[YamlPath, ...] = ()


def settings_of(written: Written, registry: Registry, repository: Repository) -> tuple[Setting, ...]:
    """Every setting of a declared repository, in the order of docs/reference.md, then what the registry does with it.

    :param written: the files that `registry` was resolved from.
    """
    return (
        *_own(written, repository),
        *_of_registry(written, registry, repository.name),
        *_watched(written, registry, repository),
    )


def _watched(written: Written, registry: Registry, repository: Repository) -> Iterator[Setting]:
    """Who hears of the repository, and the alarms that can name it; nothing where nothing is watched."""
    for heard in heard_of(registry, repository):
        at: YamlPath = ("monitoring",) if heard.team is None else ("monitoring", "teams", heard.team)
        yield Setting(key="monitoring", value=str(heard), by="registry", at=(at,))
    for name in alarms_of(registry, repository):
        yield Setting(key="alarm", value=name, by="registry", at=(("monitoring", "alarms"),))


def _own(written: Written, repository: Repository) -> Iterator[Setting]:
    """Key by key, in the order of the shape; a key that needs nothing special is shown as the model has it."""
    layers = list(written.layers(repository.name))
    mutability, policy = repository.image_tag_mutability.partition("_")[0], len(repository.written_at)
    filters = "fixed_tags" if mutability == "MUTABLE" else "moving_tags"
    special: dict[str, Iterable[Setting]] = {
        "owner": [_nearest(layers, "owner", repository.owner)],
        "image_tag_mutability": [_nearest(layers, "image_tag_mutability", mutability)],
        "moving_tags": [],
        "fixed_tags": [],
        filters: [_added(layers, filters)],
        "tags_must_match": [_nearest(layers, "tags_must_match", list(repository.tags_must_match))],
        "encryption_type": [_nearest(layers, "encryption_type", repository.encryption.encryption_type)],
        "kms_key": _key(layers, repository.encryption),
        "lifecycle": [_lifecycle(written, layers, repository)],
        "scan_on_push": [_scan_on_push(written, layers, repository)],
        "tags": _tags(layers, repository),
        "repository_policy": [_nearest(layers, "repository_policy", policy)] if policy else [],
        **{granted: _grants(repository, granted) for granted in GRANTS},
    }
    for key in Settings.model_fields:
        yield from special[key] if key in special else [_nearest(layers, key, getattr(repository, key))]


def _key(layers: Sequence[Layer], encryption: Encryption) -> Iterator[Setting]:
    if encryption.encryption_type != "AES256":
        keys = dict(encryption.keys)
        yield _nearest(layers, "kms_key", keys["*"] if keys.keys() == {"*"} else keys or "the key that AWS manages")


def _grants(repository: Repository, granted: str) -> Iterator[Setting]:
    for grant in repository.grants:
        if grant.granted == granted:
            yield Setting(key=granted, value=grant.principal.name, by=_kind(grant.at[:-2]), at=(grant.at,))


def _tags(layers: Sequence[Layer], repository: Repository) -> Iterator[Setting]:
    for key, value in repository.tags:
        if key != OWNER_TAG:
            place, _ = next((place, layer) for place, layer in layers if key in (layer.tags or {}))
            yield Setting(key=f"tags.{key}", value=value, by=_kind(place), at=((*place, "tags", key),))


def _of_registry(written: Written, registry: Registry, name: str) -> Iterator[Setting]:
    root = written.root
    home, scanning = registry.home, registry.scanning
    yield Setting(key="home", value=str(home), by="registry", at=(("registry", "region"),))
    received = {it.location for it in registry.replicas if namespace_of(name) in it.namespaces}
    for at, shape in root.replicas.items():
        if (location := located(at, registry.account)) in received:
            key = ("namespaces",) if shape.namespaces is not None else ()
            value = location.beside(home)
            yield Setting(key="replica", value=value, by="registry", at=(("replicas", at, *key),))
    if not registry.manages_registry:
        return
    said = "scan_type" in scanning.model_fields_set
    yield Setting(
        key="scanning.scan_type",
        value=scanning.scan_type,
        by="registry" if said else DEFAULT,
        at=(("scanning", "scan_type"),) if said else (),
    )
    for index, rule in enumerate(registry.signing):
        if rule.repository_filters is None or any(covers(each, name) for each in rule.repository_filters):
            yield Setting(key="signing", value=rule.signing_profile_arn, by="registry", at=(("signing", index),))


def _nearest(layers: Sequence[Layer], key: str, value: Any) -> Setting:
    for place, layer in layers:
        if getattr(layer, key) is not None:
            return Setting(key=key, value=value, by=_kind(place), at=((*place, key),))
    return Setting(key=key, value=value)


def _added(layers: Sequence[Layer], key: str) -> Setting:
    """A list of tags: the nearest bare one, and what nearer layers add to it."""
    at: list[YamlPath] = []
    for place, layer in layers:
        if (value := getattr(layer, key)) is not None:
            at.append((*place, key))
            if not isinstance(value, AddedShape):
                break
    return Setting(key=key, value=list(listed(layers, key)), by=_kind(at[0][:-1]) if at else DEFAULT, at=tuple(at))


def _lifecycle(written: Written, layers: Sequence[Layer], repository: Repository) -> Setting:
    """Its name, where that is chosen, and where the lifecycle itself stands."""
    found = _nearest(layers, "lifecycle", repository.lifecycle.name if repository.lifecycle else None)
    declared = written.lifecycle_of(repository.name)
    return Setting(key=found.key, value=found.value, by=found.by, at=(*found.at, *([declared] if declared else [])))


def _scan_on_push(written: Written, layers: Sequence[Layer], repository: Repository) -> Setting:
    """The flag that is written; without one it is what the registry's scanning says of the name."""
    own, scanning = _nearest(layers, "scan_on_push", repository.scan_on_push), written.root.scanning
    keys = [
        key
        for key in ("scan_on_push", "continuous_scan")
        if key in scanning.model_fields_set
        and (not own.value or scanned(repository.name, getattr(scanning, key)))  # what says yes; of a no, all
    ]
    if own.at or not keys:
        return own
    return Setting(key=own.key, value=own.value, by="registry", at=tuple(("scanning", key) for key in keys))


def _kind(place: YamlPath) -> str:
    """Which layer a place of a setting is in."""
    inside = place[2:] if team_of(place) is not None else place
    if inside and inside[0] == "repositories":
        return "repository"
    if inside and inside[0] == "namespaces":
        return "namespace"
    return "team" if team_of(place) is not None else "defaults"
