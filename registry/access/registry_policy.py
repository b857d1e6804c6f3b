"""The registry policy of a location: what the file writes in AWS's form, and what is computed from the rest of it.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from registry import naming
from registry.access.cache_role import upstream_statements
from registry.access.policies import VERSION, cache_statements
from registry.access.policy_language import Statement, actions_of, is_about_all, principals_of
from registry.access.purposes import REPLICATE
from registry.findings import YamlPath
from registry.locations import Location
from registry.model import Grant, Registry
from registry.model.once import once
from registry.model.replication import filters_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryStatement:
    """A statement of a registry policy: written at a place, or computed from what is written there, or from grants;
    from a replica if neither.
    """

    document: Mapping[str, Any]
    at: YamlPath | None = None
    grants: tuple[Grant, ...] = ()


@once
def registry_policy(registry: Registry, at: Location) -> dict[str, Any] | None:
    """Who may do what in the registry of a location besides IAM and repository policies; None where nobody may.

    What is written comes first. Others than roles of its account have upstream images fetched where a cache is, if they
    may pull below its prefix. A replica in another account lets the account of the home replicate into what is declared
    for it. A location that caches of another account pull from lets their role. Nothing else is let in.
    """
    statements = [each.document for each in registry_statements(registry, at)]
    if not statements:
        return None
    written = registry.registry_policies.get(at)
    return {**(written.document if written else {"Version": VERSION}), "Statement": statements}


@once
def registry_statements(registry: Registry, at: Location) -> tuple[RegistryStatement, ...]:
    """The statements of the registry policy of a location; each Sid stands once, and nothing is said twice."""
    if not registry.manages_registry:
        return ()
    policy = registry.registry_policies.get(at)
    written = policy.document["Statement"] if policy else []
    place: YamlPath = policy.at if policy else ()
    found = [RegistryStatement(document=it, at=(*place, "Statement", n)) for n, it in enumerate(written)]
    taken = {statement.get("Sid") for statement in written}
    for statement, grants, because in _computed(registry, at):
        if any(_says(each, statement) for each in written):
            continue
        sid = statement["Sid"]
        while sid in taken:
            sid += "Computed"
        found.append(RegistryStatement(document={**statement, "Sid": sid}, at=because, grants=grants))
    return tuple(found)


def _says(written: Statement, computed: Statement) -> bool:
    """Whether a written statement allows all that a computed one would: then that is not said again.

    An account that was adopted has one as AWS's guide writes it, often for every repository.
    """
    principals = set(map(_account_or_all, principals_of(written.get("Principal"))))
    return (
        written["Effect"] == "Allow"
        and principals.issuperset(map(_account_or_all, principals_of(computed["Principal"])))
        and actions_of(written) >= actions_of(computed)
        and is_about_all(written, computed)
        and written.get("Condition") in (None, computed.get("Condition"))
    )


def _account_or_all(principal: tuple[str, str]) -> tuple[str, str]:
    kind, value = principal
    return kind, naming.account_of(value) if kind == "AWS" and value.endswith(":root") else value


def _computed(registry: Registry, at: Location) -> Iterator[tuple[dict[str, Any], tuple[Grant, ...], YamlPath | None]]:
    """Each with the grants or the place that it comes from."""
    if at != registry.home:
        yield from ((statement, (), None) for statement in _replication(registry, at))
    yield from ((statement, grants, None) for statement, grants in cache_statements(registry, at))
    for statement, prefix in upstream_statements(registry, at):
        yield statement, (), ("pull_through_cache_rules", prefix)


def _replication(registry: Registry, at: Location) -> list[dict[str, Any]]:
    """From another account: into the replica's namespaces, and names without `/` exactly; or into everything.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create-replication.html
    """
    replica = registry.replica_at(at)
    if replica is None or at.account == registry.account:
        return []
    prefixes = filters_of(registry, replica.namespaces)
    names = [f"{prefix}*" if prefix.endswith("/") else prefix for prefix in prefixes]
    if replica.all_repositories:
        names = ["*"]
    if not names:
        return []
    return [
        {
            "Sid": f"ReplicationFrom{registry.account}",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{naming.partition(at.region)}:iam::{registry.account}:root"},
            "Action": sorted(REPLICATE.on_repositories),
            "Resource": [naming.repository_arn(at, name) for name in names],
        }
    ]
