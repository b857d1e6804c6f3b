"""What may pass a VPC endpoint: which callers, which actions, which repositories. Computed from grants.

An endpoint policy grants nothing. It bounds what goes through the endpoint, whatever roles and repository policies
allow: so a node in the VPC cannot push to the registry of an account that this file does not know.
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html

Total, as resolve.py is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from registry import naming
from registry.access.caching import cached_scopes
from registry.access.policies import VERSION, locations_of
from registry.access.purposes import GRANTED, PULL
from registry.limits import ENDPOINT_POLICY_LENGTH
from registry.locations import Location
from registry.model import (
    Account,
    ExistingRole,
    Grant,
    MadeRole,
    Network,
    Organization,
    PipelineRole,
    Registry,
    ServiceCaller,
)
from registry.model.endpoints import layers_arn
from registry.model.once import once

Document = Mapping[str, Any]
#: Who may pass: the kind of a condition, and one of its values.
Caller = tuple[str, str]
#: Repositories of an account's registry in the network's region, as a grant names them.
Scope = tuple[str, str]
#: The repositories that callers may reach, by purpose, or below a cache's prefix.
Reach = Mapping[str, Mapping[Caller, frozenset[Scope]]]
_THROUGH: Final = "pullThrough"
_ACTIONS: Final = {**{name: each.of_own_roles for name, each in GRANTED.items()}, _THROUGH: PULL.on_caches}

#: A condition for each kind of caller. Principals are `*` everywhere, as gateway endpoints want it, and because a
#: named role that does not exist yet would be refused.
_CONDITIONS: Final[Mapping[str, tuple[str, str]]] = {
    "Roles": ("ArnEquals", "aws:PrincipalArn"),
    "Accounts": ("StringEquals", "aws:PrincipalAccount"),
    "Organizations": ("StringEquals", "aws:PrincipalOrgID"),
    "Units": ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths"),
}


@once
def ecr_policy(registry: Registry, network: Network) -> dict[str, Any]:
    """The policy of the endpoints ecr.api and ecr.dkr, as exact as 20,480 characters allow.

    One that is longer is folded in steps. A step forgets which of the callers reaches which of the registry's
    repositories, and IAM still knows; none lets in another caller, another action or another account's registry.
    A policy that is too long after the last step is returned as it is, for a rule to refuse.
    """
    reach = _reach(registry, network)
    for fold in STEPS:
        policy = _document(_statements(registry, network, fold(reach)))
        if length(policy) <= ENDPOINT_POLICY_LENGTH:
            break
    return policy


def length(policy: Document) -> int:
    """The length of an endpoint policy in characters, with the white space of JSON written on one line."""
    return len(json.dumps(policy, ensure_ascii=False))


def passing(registry: Registry, network: Network) -> Iterator[tuple[Grant, frozenset[Scope]]]:
    """The grants that hold in the network's region, and for what there.

    AWS services and pipelines pull through no VPC, so they are nobody here.
    """
    for grant in registry.grants:
        scopes = {(at.account, grant.scope) for at in locations_of(registry, grant) if at.region == network.region}
        if scopes and not isinstance(grant.principal, ServiceCaller | PipelineRole):
            yield grant, frozenset(scopes)


def _reach(registry: Registry, network: Network) -> Reach:
    found: dict[str, dict[Caller, set[Scope]]] = {}
    for grant, scopes in passing(registry, network):
        purpose = "push" if grant.granted == "failover_push" else grant.granted
        found.setdefault(purpose, {}).setdefault(_caller(network, grant), set()).update(scopes)
        if cached := fetched_through(registry, network, grant):
            found.setdefault(_THROUGH, {}).setdefault(_caller(network, grant), set()).update(cached)
    return {
        purpose: {caller: _without_covered(scopes) for caller, scopes in sorted(found[purpose].items())}
        for purpose in _ACTIONS
        if purpose in found
    }


def fetched_through(registry: Registry, network: Network, grant: Grant) -> frozenset[Scope]:
    """What a grant lets its principal have fetched from upstream through a network's endpoints."""
    if grant.granted != PULL.name or not network.pull_through_cache or network.region != registry.region:
        return frozenset()
    return frozenset((registry.account, name) for name in cached_scopes(registry, grant))


def _caller(network: Network, grant: Grant) -> Caller:
    principal = grant.principal
    if network.organization is not None and _is_in(grant, network.organization):
        return "Organizations", network.organization
    if isinstance(principal, MadeRole | ExistingRole):
        return "Roles", principal.arn
    if isinstance(principal, Account):
        return "Accounts", principal.account
    assert isinstance(principal, Organization)
    return ("Units", f"{principal.path}/*") if principal.path else ("Organizations", principal.id)


def _is_in(grant: Grant, organization: str) -> bool:
    principal = grant.principal
    if isinstance(principal, Organization):
        return principal.id == organization
    return isinstance(principal, MadeRole) or getattr(principal, "of_organization", None) == organization


def _without_covered(scopes: Iterable[Scope]) -> frozenset[Scope]:
    """Without the repositories whose registry or namespace is there as a whole."""
    found = frozenset(scopes)
    return frozenset(
        (account, name)
        for account, name in found
        if name == "*"
        or (
            ((account, "*") not in found)
            and (name.endswith("/*") or (account, f"{naming.namespace_of(name)}/*") not in found)
        )
    )


def _as_granted(reach: Reach) -> Reach:
    return reach


def _share_repositories(reach: Reach) -> Reach:
    """Callers of one purpose share their repositories."""
    return {
        purpose: dict.fromkeys(callers, _without_covered(frozenset().union(*callers.values())))
        for purpose, callers in reach.items()
    }


def _by_namespace(reach: Reach) -> Reach:
    """The same, and repositories are named by their namespace."""
    return {
        purpose: {
            caller: _without_covered((account, _namespace(name)) for account, name in scopes)
            for caller, scopes in callers.items()
        }
        for purpose, callers in _share_repositories(reach).items()
    }


def _namespace(name: str) -> str:
    namespace = naming.namespace_of(name)
    return name if namespace == naming.ROOT_NAMESPACE else f"{namespace}/*"


def _by_registry(reach: Reach) -> Reach:
    """The same, and repositories are all those of the registry."""
    return {
        purpose: {caller: frozenset((account, "*") for account, _ in scopes) for caller, scopes in callers.items()}
        for purpose, callers in _share_repositories(reach).items()
    }


STEPS: Final[tuple[Callable[[Reach], Reach], ...]] = (_as_granted, _share_repositories, _by_namespace, _by_registry)


def _statements(registry: Registry, network: Network, reach: Reach) -> Iterator[dict[str, Any]]:
    on_registry: dict[Caller, None] = {}
    pulling: dict[Caller, None] = {}
    for name, callers in reach.items():
        if name in GRANTED and GRANTED[name].on_registry:
            on_registry |= dict.fromkeys(callers)
        if set(PULL.on_repositories) <= set(_ACTIONS[name]):
            pulling |= dict.fromkeys(callers)
    login = sorted({action for purpose in GRANTED.values() for action in purpose.on_registry})
    anywhere = frozenset({(registry.account, "*")})
    yield from _allowed("Login", login, dict.fromkeys(on_registry, anywhere), lambda _: "*")

    def here(scope: Scope) -> str:
        account, repository = scope
        return naming.repository_arn(Location(account, network.region), repository)

    for name, callers in reach.items():
        yield from _allowed(f"{name[:1].upper()}{name[1:]}", _ACTIONS[name], callers, here)
    elsewhere = frozenset((account, "*") for account in network.pull_from)
    yield from _allowed("PullFrom", PULL.on_repositories, dict.fromkeys(pulling, elsewhere), here)


def _allowed(
    sid: str, actions: Any, callers: Mapping[Caller, frozenset[Scope]], arn: Callable[[Scope], str]
) -> Iterator[dict[str, Any]]:
    """A statement for each kind of caller and set of repositories; none where there is no repository."""
    groups: dict[tuple[str, frozenset[Scope]], list[str]] = {}
    for (kind, value), scopes in callers.items():
        if scopes:
            groups.setdefault((kind, scopes), []).append(value)
    numbers: dict[str, int] = {}
    for (kind, scopes), values in sorted(groups.items(), key=lambda item: (item[0][0], sorted(item[0][1]))):
        numbers[kind] = number = numbers.get(kind, 0) + 1
        operator, key = _CONDITIONS[kind]
        yield {
            "Sid": f"{sid}{kind}{number if number > 1 else ''}",
            "Effect": "Allow",
            "Principal": "*",
            "Action": sorted(actions),
            "Resource": _one_or_list({arn(scope) for scope in scopes}),
            "Condition": {operator: {key: _one_or_list(values)}},
        }


def _one_or_list(values: Iterable[str]) -> str | list[str]:
    """Values as IAM writes them; one alone takes less room without its list."""
    found = sorted(values)
    return found[0] if len(found) == 1 else found


def _document(statements: Iterator[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": VERSION, "Statement": list(statements)}


def s3_statement(network: Network) -> dict[str, Any]:
    """What an S3 endpoint has to let through for image layers.

    No condition on who: ECR signs the addresses of layers with an account of its own, so a caller's
    aws:PrincipalArn or aws:PrincipalOrgID would match no download. Who gets a signed address, the statements for ECR
    decide. https://github.com/aws-samples/data-perimeter-policy-examples/blob/main/vpc_endpoint_policies/README.md
    """
    return {
        "Sid": "EcrImageLayers",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": layers_arn(network.region),
    }


def s3_policy(network: Network) -> dict[str, Any]:
    """The policy of a gateway endpoint of ours: image layers, and nothing else."""
    return {"Version": VERSION, "Statement": [s3_statement(network)]}


def sts_policy(registry: Registry, network: Network) -> dict[str, Any]:
    """Roles of the VPC's account and of the registry's; a call with a web identity is not signed by anybody.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_interface_vpc_endpoints.html
    """
    accounts = sorted({network.account, *registry.accounts})
    partition = naming.partition(network.region)
    signed = {
        "Sid": "OwnCallers",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sts:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": _one_or_list(accounts)}},
    }
    unsigned = {
        "Sid": "WebIdentitiesOfOwnRoles",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Resource": _one_or_list(f"arn:{partition}:iam::{account}:role/*" for account in accounts),
    }
    return {"Version": VERSION, "Statement": [signed, unsigned]}


def logs_policy(network: Network) -> dict[str, Any]:
    """Callers of the VPC's account, and its log groups.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch-logs-and-interface-VPC.html
    """
    account, region = network.account, network.region
    return {
        "Version": VERSION,
        "Statement": [
            {
                "Sid": "OwnLogGroups",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "logs:*",
                "Resource": f"arn:{naming.partition(region)}:logs:{region}:{account}:*",
                "Condition": {"StringEquals": {"aws:PrincipalAccount": account}},
            }
        ],
    }


def policy_of(registry: Registry, network: Network, service: str) -> dict[str, Any]:
    """The policy of the endpoint of a service, by the words of registry/model/endpoints.py."""
    if service == "sts":
        return sts_policy(registry, network)
    return logs_policy(network) if service == "logs" else ecr_policy(registry, network)
