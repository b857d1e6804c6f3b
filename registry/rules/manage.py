"""Rules about what a file manages, where several files share an account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.findings import Severity, YamlPath, listed
from registry.rules.rule import Problem, RuleContext, rule

PAGE: Final = "docs/registry-yaml.md"
#: The keys of what AWS keeps once per account and region.
REGISTRY_WIDE: Final = (
    "scanning",
    "creation_templates",
    "pull_through_cache_rules",
    "signing",
    "registry_policy",
    "account_settings",
)
_OF_REPLICAS: Final = ("delete_replication", "all_repositories", "registry_policy")


@rule("manage-repositories", "Let each file manage repositories", PAGE)
def manage_repositories(declared: RuleContext) -> Iterator[Problem]:
    """A file declares repositories in any case. What it can leave to another file is what the account has once."""
    if "repositories" not in declared.root.manage:
        yield Problem(
            at=("manage",),
            message="a file manages its repositories in any case",
            given=listed(declared.root.manage) or "an empty list",
            allowed="[repositories], or [repositories, registry], which holds without the key",
            way_out="write manage: [repositories], or remove the key",
        )


@rule("manage-registry", "Write registry-wide settings only in the file that owns them", PAGE)
def manage_registry(declared: RuleContext) -> Iterator[Problem]:
    """AWS keeps them once for an account and region. Two files would take them from each other at every deploy."""
    if "registry" in declared.root.manage:
        return
    for at in _written(declared):
        yield Problem(
            at=at,
            message=f"{at[-1]} is of the whole account, and this file manages repositories alone",
            given=".".join(map(str, at)),
            allowed="repositories, namespaces, defaults, lifecycles, principals, access, kms_keys, network, replicas",
            way_out="write it in the file that owns the registry-wide settings; or own them here: remove manage",
            key=True,
        )


def _written(declared: RuleContext) -> Iterator[YamlPath]:
    yield from ((key,) for key in REGISTRY_WIDE if key in declared.root.model_fields_set)
    for name, replica in declared.root.replicas.items():
        yield from (("replicas", name, key) for key in _OF_REPLICAS if key in replica.model_fields_set)


@rule("manage-replicas", "Have the owner of the registry replicate what a file only declares", PAGE, Severity.WARNING)
def manage_replicas(declared: RuleContext) -> Iterator[Problem]:
    """This file makes the repositories at its replicas, and no replication: without the owner's, they stay empty."""
    if "registry" not in declared.root.manage and declared.root.replicas:
        yield Problem(
            at=("replicas",),
            message="this file manages repositories alone, so another one has to replicate their images",
            given=f"manage: [{listed(declared.root.manage)}], and replicas {listed(declared.root.replicas)}",
            allowed="replicas that the owner of the registry-wide settings replicates to",
            way_out="write these replicas with all_repositories: true in the owner's file, then accept this warning",
            key=True,
        )
