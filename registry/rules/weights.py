"""What the stacks come to: resources, and about how many bytes of template; never fewer than they are.

CloudFormation refuses a stack with more than 500 resources, and a template of more than 1 MB, only when it is
deployed. Policies are weighed by the documents that the constructs carry; what stands around them is counted by what
it was when a template was looked at. tests/constructs/test_weights.py holds the estimates to synthesized templates.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from registry.access.cache_role import cache_role_policies, needs_cache_role
from registry.access.creation_role import creation_role_policies, needs_creation_role
from registry.access.policies import role_policies
from registry.access.profiles import permissions_in
from registry.access.registry_policy import registry_policy
from registry.access.signers import profiles_in, rules_in
from registry.access.trust import made_providers
from registry.locations import Location
from registry.model import CreationTemplate, MadeRole, PipelineRole, PodIdentity, Registry, Repository
from registry.model.accepted_findings import filters_in
from registry.model.replication import replication_rules
from registry.monitoring.chat import chat_configurations_in
from registry.monitoring.event_rules import event_rules
from registry.monitoring.watch import alarms_in, dashboards_in, topic_teams

_STACK = 3_000  # bytes of a template besides its resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """Resources of a stack, or of a part of it, and bytes of its template."""

    resources: int
    size: int

    def __add__(self, other: Weight) -> Weight:
        return Weight(resources=self.resources + other.resources, size=self.size + other.size)


def total(parts: Iterable[Weight]) -> Weight:
    """What a stack comes to."""
    return sum(parts, Weight(resources=0, size=_STACK))


def access_parts(registry: Registry, account: str, stack: str = "") -> dict[str, Weight]:
    """An Access stack of an account by what makes it large: that of all, or one of the name that principals write."""
    policies = {
        who: found
        for who, found in role_policies(registry, account).items()
        if not isinstance(who, PipelineRole) and registry.access_stacks.get(who.name, "") == stack
    }
    documents = [document for found in policies.values() for document in found]
    roles = [principal for principal in policies if isinstance(principal, MadeRole)]
    own = len(registry.roles.path) + 2 * len(registry.name) + len(registry.roles.boundary_in(account) or "")
    parts = {
        "policies": Weight(resources=len(documents), size=sum(policy_bytes(each) + 700 + own for each in documents)),
        "roles": Weight(resources=len(roles), size=sum(1_300 + own + _trust_bytes(it) for it in roles)),
    }
    return parts if stack else parts | _of_account(registry, account, own)


def _of_account(registry: Registry, account: str, own: int) -> dict[str, Weight]:
    """What an account has once, by what makes it large; `own` are the bytes of paths and names in each resource."""
    created = creation_role_policies(registry, account) if needs_creation_role(registry, account) else ()
    cached = cache_role_policies(registry, account) if needs_cache_role(registry, account) else ()
    issuers = made_providers(registry) if account == registry.account else ()
    both = (*created, *cached)
    audited = sum(80 for at in registry.locations if at.account == account)
    return {
        "providers": Weight(resources=len(issuers), size=sum(300 + 3 * len(issuer) for issuer in issuers)),
        "rest": Weight(
            resources=1 + sum(1 + len(each) for each in (created, cached) if each),
            size=3_000 + 1_000 * bool(cached) + audited + sum(policy_bytes(it) + 700 + own for it in both),
        ),
    }


def _trust_bytes(role: MadeRole) -> int:
    """What of a trust policy is longer for one role than for another."""
    if isinstance(role, PodIdentity):
        # Each is a statement; what stands around that of the first is in every role.
        return sum(420 + 2 * len(it.cluster + it.namespace + it.service_account) for it in role.pods) - 220
    subjects = sum(2 * len(subject) + 20 for subject in role.subjects[1:])
    return 4 * len(role.issuer) + 2 * len(role.subject) + subjects + (600 if subjects else 0)


def registry_parts(registry: Registry, at: Location) -> dict[str, Weight]:
    """The Registry stack of a location, by the keys of the file that make it large."""
    home = at == registry.home
    templates = registry.templates_in(at)
    keys = registry.keys_in(at)
    rules, secrets = registry.caches_in(at), registry.secrets_in(at)
    replicating = replication_rules(registry) if home else ()
    signing = rules_in(registry, at)
    excluded, hidden = registry.pull_time_update_exclusions, filters_in(registry, at)
    profiles, permissions = profiles_in(registry, at), list(permissions_in(registry, at))
    policy = registry_policy(registry, at)
    filters = [*registry.scanning.scan_on_push, *registry.scanning.continuous_scan]
    filters += [each for rule in replicating for each in rule.filters]
    filters += [each for rule in signing for each in rule.repository_filters or ()]
    destinations = sum(len(rule.destinations) for rule in replicating)
    return {
        "creation_templates": Weight(
            resources=len(templates), size=sum(template_bytes(each, at) for each in templates)
        ),
        "kms_keys": Weight(resources=2 * len(keys), size=sum(4_000 + 4 * len(alias) for alias in keys)),
        "pull_through_cache_rules": Weight(
            resources=len(rules) + len(secrets),
            size=sum(600 + len(str(rule)) + len(rule.host) + 4 * len(prefix) for prefix, rule in rules.items())
            + sum(900 + 4 * len(name) for name in secrets),
        ),
        "signing_profiles": Weight(
            resources=len(profiles) + len(permissions),
            size=sum(700 + 4 * len(name) for name in profiles) + sum(600 + 4 * len(name) for name, _ in permissions),
        ),
        "pull_time_update_exclusions": Weight(
            resources=len(excluded), size=sum(400 + 4 * len(arn) for arn in excluded)
        ),
        "accepted_findings": Weight(
            resources=len(hidden),
            size=sum(
                1_300 + 3 * len(id) + len(json.dumps(it.reason)) + sum(120 + len(name) for name in it.repositories)
                for id, it in hidden.items()
            ),
        ),
        "replicas": Weight(
            resources=1 + bool(policy) + bool(replicating) + bool(signing),
            size=2_000
            + sum(100 + len(each) for each in filters)
            + 120 * destinations
            + 300 * (len(replicating) + len(signing))
            + (policy_bytes(policy) if policy else 0),
        ),
    }


def monitoring_weight(registry: Registry, at: Location) -> Weight:
    """The Monitoring stack of a location; nothing where there is none."""
    watched = registry.monitoring
    if watched is None:
        return Weight(resources=0, size=0)
    heard = [watched.targets, *(team.targets for team in topic_teams(registry, at))]
    endpoints = [endpoint for targets in heard for _, endpoint in targets.by_protocol()]
    chats = sum(bool(targets.chat) for targets in heard)
    channels = chat_configurations_in(registry, at)
    rules = event_rules(registry, at)
    alarms, dashboards = alarms_in(registry, at), dashboards_in(registry, at)
    bodies = sum(400 + len(it.body.encode()) + it.body.count('"') for it in dashboards)
    made = watched.key_in(at) is None
    return total(
        (
            Weight(resources=2 + 2 * made, size=4_500 + 4_000 * made),
            Weight(resources=2 * len(heard), size=3_000 * len(heard)),
            Weight(resources=len(endpoints), size=sum(500 + 3 * len(endpoint) for endpoint in endpoints)),
            Weight(resources=len(rules), size=sum(1_900 + policy_bytes(rule.pattern) for rule in rules)),
            Weight(resources=2 * chats, size=3_000 * chats + sum(2_000 * bool(rule.chat) for rule in rules)),
            Weight(resources=len(channels), size=sum(1_200 + 200 * len(it.topics) for it in channels)),
            Weight(resources=bool(channels), size=1_300 * bool(channels)),
            Weight(resources=len(alarms), size=1_700 * len(alarms) + sum(150 * len(it.chats) for it in alarms)),
            Weight(resources=len(dashboards), size=bodies),
        )
    )


def repository_bytes(repository: Repository) -> int:
    """A repository in a template."""
    key = max(repository.encryption.keys.values(), key=len, default="")
    texts = [key, repository.lifecycle.text if repository.lifecycle else ""]
    texts += [word for tag in repository.tags for word in tag]
    return (
        700  # the keys that are always there, with their indentation
        + 4 * len(repository.name)
        + sum(len(json.dumps(text)) for text in texts)
        + sum(150 + len(tag) for tag in repository.exclusion_filters)
        + 60 * len(repository.tags)
        + max(map(_text_bytes, repository.policies.values()), default=0)
    )


def template_bytes(template: CreationTemplate, at: Location) -> int:
    """A creation template in the template of a stack, where its policy and lifecycle are texts."""
    texts = [template.prefix * 3, template.description or "", template.lifecycle.text if template.lifecycle else ""]
    texts += [template.policy_in(at) or "", *(word for tag in template.tags for word in tag)]
    filters = sum(150 + len(tag) for tag in template.exclusion_filters)
    return 800 + sum(len(json.dumps(text)) for text in texts) + 60 * len(template.tags) + filters


def policy_bytes(document: Mapping[str, Any]) -> int:
    """A policy document in a template, where it stands four levels deep, each of one space."""
    lines = json.dumps(document, indent=1).splitlines()
    return 40 + sum(len(line) + 5 for line in lines)  # 40: its key


@lru_cache  # one policy may be that of every repository
def _text_bytes(policy: str) -> int:
    return policy_bytes(json.loads(policy))
