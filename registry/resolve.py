"""From what is written to the model: layers merged, names resolved, everything sorted.

Total: it never raises, also for files that a rule refuses, so that rules can look at the outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, get_args

from registry import lifecycle
from registry.access import repository_policies
from registry.locations import Location, located
from registry.model import (
    Encryption,
    Grant,
    Granted,
    LifecyclePolicy,
    Principal,
    Registry,
    Replica,
    Repository,
    Scanning,
)
from registry.naming import OWNER_TAG, ROOT_NAMESPACE, namespace_of
from registry.principals import principals_of, role_settings
from registry.registry_wide import (
    account_settings_of,
    cache_rule_of,
    mutability_of,
    scanned,
    scanning_of,
    signing_of,
    template_of,
)
from registry.shape import BUILT_IN_LIFECYCLE, AddedShape, FileShape, Settings, otherwise
from registry.sources import TEAM, Place
from registry.written import Layer, Written, team_of

#: The keys that grant something: layers add to each other, and nobody is granted anything where none says so.
GRANTS: Final[tuple[Granted, ...]] = get_args(Granted)
#: What holds where no layer says otherwise, as the keys declare it. Every value is the safe one.
BUILT_IN: Final[Mapping[str, Any]] = {
    key: otherwise(Settings, key) for key in Settings.model_fields if key not in GRANTS
}

Policies = Mapping[Place | None, LifecyclePolicy | None]
Documents = Mapping[Place, Mapping[str, Any]]


def resolved(written: Written) -> Registry:
    """The registry the files declare."""
    root = written.root
    policies: dict[Place | None, LifecyclePolicy | None] = {
        place: lifecycle.compiled(name, declared) for place, name, declared in written.lifecycles()
    }
    policies[None] = lifecycle.compiled(BUILT_IN_LIFECYCLE, lifecycle.BUILT_IN)
    scanning = scanning_of(root)
    principals = principals_of(root)
    documents: Documents = {
        at: layer.repository_policy.model_dump(exclude_none=True)
        for at, layer in written.every_layer()
        if layer.repository_policy is not None
    }
    replicas = tuple(_replicas(root, frozenset(map(namespace_of, written.entries))))
    repositories = tuple(
        _repository(written, name, policies, scanning, documents, principals, replicas)
        for name in sorted(written.entries)
    )
    grants = dict.fromkeys(grant for repository in repositories for grant in repository.grants)
    grants |= dict.fromkeys(_of_namespaces(written, principals))
    return Registry(
        name=root.registry.name,
        account=root.registry.account,
        region=root.registry.region,
        replicas=replicas,
        principals=tuple(principals.values()),
        roles=role_settings(root.access),
        grants=tuple(grants),
        scanning=scanning,
        creation_templates=tuple(
            template_of(prefix, shape, policies[_meant(written, shape.lifecycle)])
            for prefix, shape in sorted(root.creation_templates.items())
        ),
        pull_through_cache_rules=tuple(
            cache_rule_of(prefix, shape) for prefix, shape in sorted(root.pull_through_cache_rules.items())
        ),
        signing=signing_of(root),
        account_settings=account_settings_of(root),
        repositories=repositories,
        shards=MappingProxyType({name: shape.shards or 1 for name, shape in root.namespaces.items()}),
    )


def home_of(root: FileShape) -> Location:
    """Where images are pushed."""
    return Location(root.registry.account, root.registry.region)


def _replicas(root: FileShape, present: frozenset[str]) -> Iterator[Replica]:
    """The replicas: those in the account of the registry, then others; `present` are the namespaces there are."""
    found = {located(name, root.registry.account): shape for name, shape in root.replicas.items()}
    for location in sorted(found, key=lambda it: (it.account != root.registry.account, it)):
        shape = found[location]
        yield Replica(
            location=location,
            namespaces=present if shape.namespaces is None else frozenset(shape.namespaces),
            delete_replication=bool(shape.delete_replication),
        )


def _repository(
    written: Written,
    name: str,
    policies: Policies,
    scanning: Scanning,
    documents: Documents,
    principals: Mapping[str, Principal],
    replicas: Sequence[Replica],
) -> Repository:
    layers = list(written.layers(name))
    grants = tuple(_grants(layers, name, principals))
    home, namespace = home_of(written.root), namespace_of(name)

    def nearest(key: str) -> Any:
        return next((value for _, layer in layers if (value := getattr(layer, key)) is not None), BUILT_IN[key])

    mutability, filters = mutability_of(
        nearest("image_tag_mutability"), moving=listed(layers, "moving_tags"), fixed=listed(layers, "fixed_tags")
    )
    encryption_type = nearest("encryption_type")
    return Repository(
        name=name,
        image_tag_mutability=mutability,
        exclusion_filters=filters,
        encryption=Encryption(
            encryption_type=encryption_type,
            keys=MappingProxyType({} if encryption_type == "AES256" else nearest("kms_key")),
        ),
        lifecycle=_policy(written, layers, policies),
        scan_on_push=scanned(name, (*scanning.scan_on_push, *scanning.continuous_scan)),
        empty_on_delete=nearest("empty_on_delete"),
        tags=tuple(sorted(_tags(layers, nearest("owner")).items())),
        policies=MappingProxyType(
            repository_policies(
                next((document for at, _ in layers if (document := documents.get(at)) is not None), None),
                grants,
                (home, *(replica.location for replica in replicas if namespace in replica.namespaces)),
            )
        ),
        grants=grants,
    )


def _grants(layers: Sequence[Layer], name: str, principals: Mapping[str, Principal]) -> Iterator[Grant]:
    """The grants of every layer; those above the repository's own hold for its namespace."""
    namespace = namespace_of(name)
    for index, (place, layer) in enumerate(layers):
        scope = name if index == 0 or namespace == ROOT_NAMESPACE else f"{namespace}/*"
        yield from _said(place, layer, scope, principals)


def _of_namespaces(written: Written, principals: Mapping[str, Principal]) -> Iterator[Grant]:
    """The grants of namespaces, also where no repository is in them yet."""
    for namespace, settings in written.root.namespaces.items():
        if namespace != ROOT_NAMESPACE:
            yield from _said(("namespaces", namespace), settings, f"{namespace}/*", principals)
    for file, team in written.teams.items():
        if team.namespace != ROOT_NAMESPACE:
            yield from _said((TEAM, file, "defaults"), team.defaults, f"{team.namespace}/*", principals)


def _said(place: Place, layer: Settings, scope: str, principals: Mapping[str, Principal]) -> Iterator[Grant]:
    for granted in GRANTS:
        for index, name in enumerate(getattr(layer, granted)):
            if name in principals:
                yield Grant(principal=principals[name], granted=granted, scope=scope, at=(*place, granted, index))


def listed(layers: Sequence[Layer], key: str) -> tuple[str, ...]:
    """A list over the layers, nearest first: the nearest bare list, and what nearer layers add to it."""
    added: list[str] = []
    for _, layer in layers:
        value = getattr(layer, key)
        if isinstance(value, AddedShape):
            added[:0] = value.add
        elif value is not None:
            return tuple(dict.fromkeys((*value, *added)))
    return tuple(dict.fromkeys((*BUILT_IN[key], *added)))


def _policy(written: Written, layers: Sequence[Layer], policies: Policies) -> LifecyclePolicy | None:
    for place, layer in layers:
        if layer.lifecycle is not None:
            meant = written.lifecycle_place(layer.lifecycle, team_of(place))
            return policies[meant]  # without a place the built-in one, or a name that a rule refuses
    return policies[None]


def _meant(written: Written, lifecycle: str | None) -> Place | None:
    return None if lifecycle is None else written.lifecycle_place(lifecycle, None)


def _tags(layers: Sequence[Layer], owner: str | None) -> dict[str, str]:
    tags = {OWNER_TAG: owner} if owner is not None else {}
    for _, layer in reversed(layers):
        tags.update(layer.tags or {})
    return tags
