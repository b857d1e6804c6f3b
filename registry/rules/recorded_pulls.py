"""Rules about recorded pulls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from registry.findings import Severity, listed, shown
from registry.limits import ECR_GUIDE
from registry.model import ExistingRole, LifecyclePolicy, MadeRole, Principal, Repository
from registry.nearest import did_you_mean
from registry.rules.rule import Problem, RuleContext, rule

PAGE: Final = f"{ECR_GUIDE}/pull-time-update-exclusions.html"
KEY: Final = "pull_time_update_exclusions"
#: What roles of scanners are called, by a part of their names. Amazon Inspector's own pulls are never recorded.
SCANNERS: Final = (
    *("scan", "trivy", "grype", "snyk", "prisma", "twistlock", "aqua", "wiz", "sysdig", "lacework", "qualys"),
    *("anchore", "clair", "orca", "tenable"),
)


@rule("pull-exclusion-known", "Exclude principals that are roles, by a name under principals", PAGE)
def pull_exclusion_known(declared: RuleContext) -> Iterator[Problem]:
    """ECR excludes a role or a user by its ARN. A name that is no principal, or an account, has none."""
    roles = {it.name for it in declared.registry.principals if isinstance(it, ExistingRole | MadeRole)}
    for index, name in enumerate(declared.root.pull_time_update_exclusions):
        if ":" in name or name in roles:
            continue
        known = name in declared.root.principals
        yield Problem(
            at=(KEY, index),
            message="this principal is no single role" if known else "no principal of this name is declared",
            given=shown(name),
            allowed=listed(sorted(roles)) or "none: no principal is a role",
            way_out="write the ARN of the role that pulls" if known else did_you_mean(name, roles) or "write an ARN",
        )


@rule(
    "pull-exclusion-scanner",
    "Exclude scanners where a lifecycle counts days since the last pull",
    PAGE,
    Severity.WARNING,
)
def pull_exclusion_scanner(declared: RuleContext) -> Iterator[Problem]:
    """A scanner that pulls every image every night keeps every image alive, and the lifecycle never takes one."""
    registry = declared.registry
    excluded = set(registry.pull_time_update_exclusions)
    found: dict[str, list[str]] = {}
    for repository in registry.repositories:
        if repository.lifecycle is not None and _counts_pulls(repository.lifecycle):
            for name, arn in _scanners(repository):
                if arn not in excluded:
                    found.setdefault(name, []).append(repository.name)
    for name, repositories in found.items():
        yield Problem(
            at=("principals", name),
            message=f"{name} looks like a scanner, and its pulls keep images alive: a lifecycle counts days since the "
            "last pull",
            given=listed(repositories, 3),
            allowed=f"{KEY} with the roles that pull everything",
            way_out=f"write {KEY}: [{name}], or accept this warning: its pulls mean that an image is used",
            key=True,
        )


def _scanners(repository: Repository) -> Iterator[tuple[str, str]]:
    """The principals that may pull and are called like a scanner, with their ARNs."""
    for principal in dict.fromkeys(grant.principal for grant in repository.grants if grant.granted == "pull"):
        if isinstance(principal, ExistingRole | MadeRole) and _is_called_so(principal):
            yield principal.name, principal.arn


def _is_called_so(principal: Principal) -> bool:
    words = (
        f"{principal.name} {principal.arn.rpartition('/')[2] if isinstance(principal, ExistingRole) else ''}".lower()
    )
    return any(word in words for word in SCANNERS)


def _counts_pulls(policy: LifecyclePolicy) -> bool:
    return any(each["selection"]["countType"] == "sinceImagePulled" for each in json.loads(policy.text)["rules"])
