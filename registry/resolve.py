"""From the file's shape to the model: layers merged, names resolved, everything sorted.

Total: it never raises, also for a file that a rule refuses, so that rules can look at the outcome.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from registry import lifecycle
from registry.model import Encryption, LifecyclePolicy, Registry, Replica, Repository, Scanning
from registry.naming import namespace_of
from registry.shape import FileShape, Settings

#: What holds where no layer says otherwise. Every value is the safe one.
BUILT_IN: Final = Settings(
    image_tag_mutability="IMMUTABLE",
    moving_tags=(),
    encryption_type="AES256",
    kms_key={},
    lifecycle=lifecycle.BUILT_IN_NAME,
    empty_on_delete=False,
    tags={},
)
SCANNING: Final = Scanning(scan_type="BASIC", scan_on_push=("*",))

Layer = tuple[tuple[str, ...], Settings]


def layers(file: FileShape, repository: str) -> Iterator[Layer]:
    """The layers that speak of a repository, nearest first, each with its place in the file."""
    yield ("repositories", repository), file.repositories[repository]
    namespace = namespace_of(repository)
    if namespace in file.namespaces:
        yield ("namespaces", namespace), file.namespaces[namespace]
    yield ("defaults",), file.defaults


def origin(file: FileShape, repository: str, key: str) -> tuple[str, ...]:
    """Where a repository's setting is written: the path of the nearest layer that has it, or of the entry."""
    for path, settings in layers(file, repository):
        if getattr(settings, key) is not None:
            return (*path, key)
    return ("repositories", repository)


def resolved(file: FileShape) -> Registry:
    """The registry a file declares."""
    policies = {lifecycle.BUILT_IN_NAME: lifecycle.compiled(lifecycle.BUILT_IN_NAME, lifecycle.BUILT_IN)}
    for name, sentences in file.lifecycles.items():
        policies[name] = lifecycle.compiled(name, sentences)
    repositories = tuple(_repository(file, name, policies) for name in sorted(file.repositories))
    present = frozenset(repository.namespace for repository in repositories)
    return Registry(
        name=file.registry.name,
        account=file.registry.account,
        region=file.registry.region,
        replicas=tuple(
            Replica(region=region, namespaces=present if shape.namespaces is None else frozenset(shape.namespaces))
            for region, shape in sorted(file.replicas.items())
        ),
        scanning=SCANNING,
        repositories=repositories,
        shards=MappingProxyType({name: shape.shards or 1 for name, shape in file.namespaces.items()}),
    )


def scanned(repository: str, filters: tuple[str, ...]) -> bool:
    """Whether a scanning filter matches a name; one without `*` matches every name that contains it.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html
    """
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), repository) if "*" in pattern else pattern in repository
        for pattern in filters
    )


def _repository(file: FileShape, name: str, policies: Mapping[str, LifecyclePolicy | None]) -> Repository:
    near = [settings for _, settings in layers(file, name)] + [BUILT_IN]

    def nearest(key: str) -> Any:
        return next(value for settings in near if (value := getattr(settings, key)) is not None)

    mutability = nearest("image_tag_mutability")
    moving = tuple(dict.fromkeys(nearest("moving_tags"))) if mutability == "IMMUTABLE" else ()
    tags: dict[str, str] = {}
    for settings in reversed(near):
        tags.update(settings.tags or {})
    encryption_type = nearest("encryption_type")
    return Repository(
        name=name,
        image_tag_mutability="IMMUTABLE_WITH_EXCLUSION" if moving else mutability,
        moving_tags=moving,
        encryption=Encryption(
            encryption_type=encryption_type,
            keys=MappingProxyType({} if encryption_type == "AES256" else nearest("kms_key")),
        ),
        lifecycle=policies.get(nearest("lifecycle")),
        scan_on_push=scanned(name, SCANNING.scan_on_push),
        empty_on_delete=nearest("empty_on_delete"),
        tags=tuple(sorted(tags.items())),
    )
