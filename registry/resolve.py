"""From what is written to the model: layers merged, names resolved, everything sorted.

Total: it never raises, also for files that a rule refuses, so that rules can look at the outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from registry import lifecycle
from registry.model import Encryption, LifecyclePolicy, Registry, Replica, Repository, Scanning
from registry.naming import OWNER_TAG
from registry.registry_wide import (
    cache_rule_of,
    mutability_of,
    policy_text,
    scanned,
    scanning_of,
    signing_of,
    template_of,
)
from registry.shape import BUILT_IN_LIFECYCLE, AddedShape, Settings, otherwise
from registry.sources import Place
from registry.written import Layer, Written, team_of

#: What holds where no layer says otherwise, as the keys declare it. Every value is the safe one.
BUILT_IN: Final[Mapping[str, Any]] = {key: otherwise(Settings, key) for key in Settings.model_fields}

Policies = Mapping[Place | None, LifecyclePolicy | None]


def resolved(written: Written) -> Registry:
    """The registry the files declare."""
    root = written.root
    policies: dict[Place | None, LifecyclePolicy | None] = {
        place: lifecycle.compiled(name, declared) for place, name, declared in written.lifecycles()
    }
    policies[None] = lifecycle.compiled(BUILT_IN_LIFECYCLE, lifecycle.BUILT_IN)
    scanning = scanning_of(root)
    texts = {at: policy_text(layer.repository_policy) for at, layer in written.every_layer()}
    repositories = tuple(_repository(written, name, policies, scanning, texts) for name in sorted(written.entries))
    present = frozenset(repository.namespace for repository in repositories)
    return Registry(
        name=root.registry.name,
        account=root.registry.account,
        region=root.registry.region,
        replicas=tuple(
            Replica(region=region, namespaces=present if shape.namespaces is None else frozenset(shape.namespaces))
            for region, shape in sorted(root.replicas.items())
        ),
        scanning=scanning,
        creation_templates=tuple(
            template_of(prefix, shape, policies[_meant(written, shape.lifecycle)])
            for prefix, shape in sorted(root.creation_templates.items())
        ),
        pull_through_cache_rules=tuple(
            cache_rule_of(prefix, shape) for prefix, shape in sorted(root.pull_through_cache_rules.items())
        ),
        signing=signing_of(root),
        repositories=repositories,
        shards=MappingProxyType({name: shape.shards or 1 for name, shape in root.namespaces.items()}),
    )


def _repository(
    written: Written, name: str, policies: Policies, scanning: Scanning, texts: Mapping[Place, str | None]
) -> Repository:
    layers = list(written.layers(name))

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
        policy=next((text for at, _ in layers if (text := texts[at]) is not None), None),
    )


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
