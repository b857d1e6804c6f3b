"""What grants come to: the policies of roles, and the statements of repository policies. Computed from one table.

Pull and read hold wherever a repository is, push, promote and delete in the home region: what is pushed to a replica is
not copied back. Total, as resolve.py is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from registry import naming
from registry.access.caching import cached_scopes
from registry.access.delivery import delivery_statements
from registry.access.publishing import publish_statements, publishers
from registry.access.purposes import GRANTED, PULL, READ, Purpose
from registry.access.signers import profiles_of
from registry.access.statements import kind_of, let_in
from registry.limits import MANAGED_POLICY_LENGTH
from registry.locations import Location
from registry.model import (
    ExistingRole,
    Grant,
    MadeRole,
    PipelineRole,
    Principal,
    Registry,
    ServiceCaller,
)
from registry.model.once import once

Statement = Mapping[str, Any]
VERSION: Final = "2012-10-17"
#: What holds in every region that a repository is in.
EVERYWHERE: Final = (PULL.name, READ.name)
_PURPOSE_OF: Final = {**{name: name for name in GRANTED}, "failover_push": "push"}


@once
def by_role(registry: Registry, account: str) -> dict[Principal, list[Grant]]:
    """The grants of each principal that IAM policies of an account serve: roles made there, and its existing ones.

    Who pushes to public repositories alone has none.
    """
    found: dict[Principal, list[Grant]] = {
        who: [] for who in publishers(registry) if role_account(registry, who) == account
    }
    for grant in registry.grants:
        if role_account(registry, grant.principal) == account:
            found.setdefault(grant.principal, []).append(grant)
    return dict(sorted(found.items(), key=lambda item: item[0].name))


def role_account(registry: Registry, principal: Principal) -> str | None:
    """The account whose IAM policies we make for a principal; None where it is not one of the registry's."""
    account = _account_of(principal)
    return account if account in registry.accounts else None


def _account_of(principal: Principal) -> str | None:
    """The account a principal is a role of; None where it is none: accounts, organizations, a service."""
    roles = MadeRole | ExistingRole | PipelineRole
    return naming.account_of(principal.arn) if isinstance(principal, roles) else None


def locations_of(registry: Registry, grant: Grant) -> tuple[Location, ...]:
    """Where a grant holds."""
    return tuple(dict.fromkeys(at for at, _ in scopes_of(registry, grant)))


def scopes_of(registry: Registry, grant: Grant) -> Iterator[tuple[Location, str]]:
    """Where a grant holds and for what there: a pull also for what a cache fills at a replica that receives nothing."""
    namespace = naming.namespace_of(grant.scope)
    replicas = [replica.location for replica in registry.replicas if namespace in replica.namespaces]
    if grant.granted not in EVERYWHERE:
        yield from ((at, grant.scope) for at in (replicas if grant.granted == "failover_push" else [registry.home]))
        return
    yield from ((at, grant.scope) for at in (registry.home, *replicas))
    for at in registry.locations:
        if at != registry.home and at not in replicas:
            yield from ((at, scope) for scope in sorted(cached_scopes(registry, grant, at)))


@once
def role_policies(registry: Registry, account: str) -> Mapping[Principal, tuple[dict[str, Any], ...]]:
    """The managed policies of each principal that IAM policies of an account serve."""
    return {
        who: packed([*identity_statements(registry, grants), *delivery_statements(registry, who)])
        if isinstance(who, PipelineRole)
        else identity_policies(registry, grants, who)
        for who, grants in by_role(registry, account).items()
    }


def identity_policies(
    registry: Registry, grants: Sequence[Grant], *principals: Principal
) -> tuple[dict[str, Any], ...]:
    """The managed policies of one role: as few as IAM's size of a managed policy allows, none of them wider.

    :param principals: the names of the role; what they may push to public repositories is in no grant.
    """
    return packed([*identity_statements(registry, grants), *publish_statements(registry, *principals)])


def packed(statements: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Managed policies with these statements, in their order: as few as IAM's size of one allows.

    A Sid stands once in a policy, so the parts of a statement that meet again in one are numbered.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
    """
    documents: list[list[dict[str, Any]]] = []
    for statement in statements:
        for part in _split(statement):
            if not documents or _size([*documents[-1], _numbered(part, documents[-1])]) > MANAGED_POLICY_LENGTH:
                documents.append([])
            documents[-1].append(_numbered(part, documents[-1]))
    return tuple({"Version": VERSION, "Statement": each} for each in documents)


def _numbered(statement: dict[str, Any], beside: Sequence[Statement]) -> dict[str, Any]:
    """A statement with a Sid that none of those beside it has."""
    taken = {other["Sid"] for other in beside}
    sid, number = statement["Sid"], 1
    while sid in taken:
        number += 1
        sid = f"{statement['Sid']}{number}"
    return {**statement, "Sid": sid}


def size(document: Mapping[str, Any]) -> int:
    """The length of a policy as IAM counts it, in characters: without white space."""
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


def identity_statements(registry: Registry, grants: Sequence[Grant]) -> Iterator[dict[str, Any]]:
    """What grants of one principal come to in IAM policies, one statement for each set of actions."""
    purposes = [purpose for purpose in GRANTED.values() if any(_PURPOSE_OF[g.granted] == purpose.name for g in grants)]
    login = sorted({action for purpose in purposes for action in purpose.on_registry})
    if login:
        # No resource type: https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
        yield {"Sid": "Login", "Effect": "Allow", "Action": login, "Resource": "*"}
    for purpose in purposes:
        scopes = {
            each
            for grant in grants
            if _PURPOSE_OF[grant.granted] == purpose.name
            for each in scopes_of(registry, grant)
        }
        resources = sorted(naming.repository_arn(location, scope) for location, scope in _folded(scopes))
        if resources:
            yield {
                "Sid": purpose.name.capitalize(),
                "Effect": "Allow",
                "Action": sorted(purpose.of_own_roles),
                "Resource": resources,
            }
        yield from _beside(registry, purpose, [g for g in grants if _PURPOSE_OF[g.granted] == purpose.name])


def _beside(registry: Registry, purpose: Purpose, grants: Sequence[Grant]) -> Iterator[dict[str, Any]]:
    """What grants of a purpose take besides: of the caches below which they pull, to sign what they push at home."""
    cached = {
        naming.repository_arn(at, scope)
        for grant in grants
        for at in registry.locations
        for scope in cached_scopes(registry, grant, at)
    }
    if purpose.on_caches and cached:
        actions = sorted(purpose.on_caches)
        yield {"Sid": "PullThrough", "Effect": "Allow", "Action": actions, "Resource": sorted(cached)}
    profiles = {
        profile
        for grant in grants
        for at in locations_of(registry, grant)
        for profile in profiles_of(registry, grant.scope, at)
    }
    if purpose.on_profiles and profiles:
        actions = sorted(purpose.on_profiles)
        yield {"Sid": "Sign", "Effect": "Allow", "Action": actions, "Resource": sorted(profiles)}


def _folded(scopes: set[tuple[Location, str]]) -> Iterator[tuple[Location, str]]:
    """Without the repositories that a grant on their namespace covers already."""
    for location, scope in scopes:
        if scope.endswith("/*") or (location, f"{naming.namespace_of(scope)}/*") not in scopes:
            yield location, scope


def _split(statement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A statement in parts that each fit a managed policy."""
    resources = statement["Resource"]
    if isinstance(resources, str) or len(resources) == 1 or _size([statement]) <= MANAGED_POLICY_LENGTH:
        yield statement
        return
    half = len(resources) // 2
    yield from _split({**statement, "Resource": resources[:half]})
    yield from _split({**statement, "Resource": resources[half:]})


def _size(statements: Sequence[Statement]) -> int:
    return size({"Version": VERSION, "Statement": list(statements)})


def repository_statements(
    grants: Iterable[Grant], at: Location, home: Location
) -> list[tuple[dict[str, Any], tuple[Grant, ...]]]:
    """The statements that grants on one repository add to its policy at a location, each with its grants.

    For principals outside the account: its own roles get identity policies instead.
    """
    found: dict[tuple[str, str], list[Grant]] = {}
    for grant in sorted(grants, key=lambda grant: (grant.granted, grant.principal.name)):
        if _account_of(grant.principal) == at.account or not _holds(grant, at, home):
            continue
        name = _PURPOSE_OF[grant.granted]
        found.setdefault((name, kind_of(grant.principal)), []).append(grant)
    return [
        (
            {
                "Sid": f"{name.capitalize()}{re.sub('[^A-Za-z0-9]', '', kind)}",
                "Effect": "Allow",
                **let_in(list(dict.fromkeys(g.principal for g in each)), at.region, name),
            },
            tuple(each),
        )
        for (name, kind), each in found.items()
    ]


def cache_statements(registry: Registry, at: Location) -> list[tuple[dict[str, Any], tuple[Grant, ...]]]:
    """The statements of a registry policy by which others than roles of its account have images fetched there.

    Each with the grants it comes from. A repository that does not exist yet has no policy, so the registry's says it.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
    """
    found: dict[Principal, list[Grant]] = {}
    for grant in registry.grants:
        foreign = _account_of(grant.principal) != at.account and not isinstance(grant.principal, ServiceCaller)
        if grant.granted == PULL.name and foreign and cached_scopes(registry, grant, at):
            found.setdefault(grant.principal, []).append(grant)
    groups: dict[tuple[str, tuple[str, ...]], list[Principal]] = {}
    for principal, grants in sorted(found.items(), key=lambda item: item[0].name):
        names = {name for grant in grants for name in cached_scopes(registry, grant, at)}
        groups.setdefault((kind_of(principal), tuple(sorted(names))), []).append(principal)
    return [
        (
            {
                "Sid": f"PullThrough{number}",
                "Effect": "Allow",
                **let_in(principals, at.region, PULL.name),
                "Action": sorted(PULL.on_caches),
                "Resource": [naming.repository_arn(at, name) for name in scopes],
            },
            tuple(grant for principal in principals for grant in found[principal]),
        )
        for number, ((_, scopes), principals) in enumerate(sorted(groups.items()), start=1)
    ]


def repository_policy(
    written: Mapping[str, Any] | None, grants: Iterable[Grant], at: Location, home: Location
) -> str | None:
    """The policy document of one repository at a location (JSON): what is written as `repository_policy`, then grants.

    None where nothing is allowed beyond IAM.
    """
    statements = [statement for statement, _ in repository_statements(grants, at, home)]
    if written is None and not statements:
        return None
    document: dict[str, Any] = dict(written) if written is not None else {"Version": VERSION, "Statement": []}
    taken = {statement.get("Sid") for statement in document["Statement"]}
    for statement in statements:
        while statement["Sid"] in taken:
            statement["Sid"] += "Granted"
        taken.add(statement["Sid"])
    document["Statement"] = [*document["Statement"], *statements]
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def by_location(policies: Mapping[Location, str | None]) -> dict[str, str]:
    """Policies by `ACCOUNT/REGION`, those that are there; `*` where all are the same."""
    texts = {str(at): text for at, text in policies.items() if text is not None}
    same = len(texts) == len(policies) and len(set(texts.values())) == 1
    return {"*": next(iter(texts.values()))} if same else texts


def _holds(grant: Grant, at: Location, home: Location) -> bool:
    if grant.granted in EVERYWHERE:
        return True
    return (at == home) != (grant.granted == "failover_push")
