"""The rules. Importing this package registers every one of them in `RULES`."""

from registry.rules import (  # noqa: F401
    acceptances,
    access_limits,
    creation_templates,
    encryption,
    grants,
    identity,
    kms_keys,
    lifecycle_policies,
    lifecycle_rules,
    lifecycle_sentences,
    lifecycle_traps,
    mutability,
    names,
    network,
    network_ids,
    network_policies,
    policy_access,
    policy_grammar,
    principal_roles,
    principals,
    pull_through_cache,
    references,
    replicas,
    replication,
    repository_policies,
    scanning,
    signing,
    size,
    tags,
    teams,
    texts,
    trust,
)
from registry.rules.mechanism import RULES, Declared, Problem, Rule, run

__all__ = ["RULES", "Declared", "Problem", "Rule", "run"]
