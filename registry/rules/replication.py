"""Rules about replication."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from registry.findings import Severity, listed, shown
from registry.limits import (
    ECR_API,
    ECR_GUIDE,
    REPLICATION_DESTINATIONS,
    REPLICATION_RULES,
    REPLICATION_RULES_EVERYWHERE,
    REPLICATION_RULES_RAISED,
)
from registry.model.replication import filters_of, replication_rules
from registry.naming import ROOT_NAMESPACE, namespace_of
from registry.nearest import Nearest
from registry.rules.names import namespaces_used
from registry.rules.replicas import replica_place
from registry.rules.rule import Problem, RuleContext, rule

REPLICATION_PAGE = f"{ECR_GUIDE}/replication.html"


@rule("replica-namespace", "Replicate namespaces that have repositories", REPLICATION_PAGE, waits=True)
def replica_namespace(declared: RuleContext) -> Iterator[Problem]:
    """Nothing would be replicated for a misspelled namespace, and you would find out in a failover."""
    present = namespaces_used(declared)
    nearest, allowed = Nearest(sorted(present)), listed(sorted(present))
    for region, replica in declared.root.replicas.items():
        for index, name in enumerate(replica.namespaces or ()):
            if name not in present:
                yield Problem(
                    at=("replicas", region, "namespaces", index),
                    message=f"no repository is in the namespace {name}, so nothing of it is replicated",
                    given=shown(name),
                    allowed=allowed,
                    way_out=nearest.way_out(name) or f"declare a repository {name}/…, or remove it here",
                )


@rule("replication-reach", "Keep undeclared repositories out of a replication filter", REPLICATION_PAGE)
def replication_reach(declared: RuleContext) -> Iterator[Problem]:
    """ECR's filters are prefixes. The replica would get repositories that the file does not declare there."""
    for replica in declared.registry.replicas:
        outside = [r.name for r in declared.registry.repositories if r.namespace not in replica.namespaces]  # sorted
        for prefix in filters_of(declared.registry, replica.namespaces):
            first = bisect_left(outside, prefix)
            if reached := [name for name in outside[first : first + 3] if name.startswith(prefix)]:
                yield Problem(
                    at=replica_place(declared, replica),
                    message=f"the filter {prefix} would also replicate {reached[0]}",
                    given=f"the filter {prefix}, which is a prefix of {', '.join(reached)}",
                    allowed="filters that match nothing but what the replica declares",
                    way_out=f"add the namespace {namespace_of(reached[0])} to this replica, or rename one of the two",
                    key=True,
                )


@rule(
    "replication-prefix",
    "Give replicated repositories a namespace",
    REPLICATION_PAGE,
    Severity.WARNING,
)
def replication_prefix(declared: RuleContext) -> Iterator[Problem]:
    """ECR's filters are prefixes: `app` also replicates `app-internal` and `apple`, which the file may not know."""
    for replica in declared.registry.replicas:
        if ROOT_NAMESPACE not in replica.namespaces or replica.all_repositories:
            continue  # of the latter another rule says more
        names = filters_of(declared.registry, frozenset({ROOT_NAMESPACE}))
        if names:
            yield Problem(
                at=replica_place(declared, replica),
                message="ECR's filters are prefixes: repositories that this file does not know, but whose name "
                f"begins with {_listed(names)}, are replicated too",
                given=", ".join(names[:3]),
                allowed="names with a namespace, whose filter ends with /",
                way_out="use names such as team/app, or accept this warning with a reason",
                key=True,
            )


@rule(
    "replication-size",
    "Keep replication within 25 rules and 25 destinations",
    f"{ECR_API}/API_PutReplicationConfiguration.html",
)
def replication_size(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses a larger configuration, and the deploy of the Registry stack is rolled back."""
    rules, destinations = replication_rules(declared.registry), len(declared.registry.replicas)
    too_far = destinations > REPLICATION_DESTINATIONS
    if too_far or len(rules) > REPLICATION_RULES:
        yield Problem(
            at=("replicas",),
            message="the replication configuration is too large for ECR",
            given=f"{len(rules)} rules to {destinations:,} destinations",
            allowed=f"at most {REPLICATION_RULES} rules and {REPLICATION_DESTINATIONS} destinations",
            way_out="write a file for each account, with a home of its own (docs/scale.md); or let pull-through caches "
            "fetch what is not replicated"
            if too_far
            else "give repositories a namespace (one filter for all of it), or replicas the same namespaces",
            key=True,
        )


@rule(
    "replication-quota",
    "Keep replication within 10 rules, or have the quota raised",
    f"{ECR_GUIDE}/service-quotas.html",
    Severity.WARNING,
)
def replication_quota(declared: RuleContext) -> Iterator[Problem]:
    """In most regions ECR refuses the eleventh rule, unless the quota was raised."""
    rules, region = replication_rules(declared.registry), declared.registry.region
    if REPLICATION_RULES_EVERYWHERE < len(rules) <= REPLICATION_RULES and region not in REPLICATION_RULES_RAISED:
        yield Problem(
            at=("replicas",),
            message=f"ECR may refuse the replication configuration in {region}",
            given=f"{len(rules)} rules",
            allowed=f"{REPLICATION_RULES_EVERYWHERE} rules in every region; {REPLICATION_RULES} in "
            f"{listed(REPLICATION_RULES_RAISED)} and where the quota says so",
            way_out="give replicas the same namespaces, so that they share a rule; or look at the quota "
            f"(Service Quotas, Amazon ECR, Rules per replication configuration, {region}) and accept this warning",
            key=True,
        )


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:2])}{' …' if len(names) > 2 else ''}"
