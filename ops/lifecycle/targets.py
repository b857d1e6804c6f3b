"""Which repositories, where, under which policy: the only place of these commands that asks the registry's model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ops.terminal import warn
from registry.errors import UnknownName
from registry.lifecycle.policy import Rule, rules_of
from registry.model import Registry
from registry.nearest import did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One repository in one region, and the policy it is to have: ECR's text, and its rules."""

    account: str
    region: str
    repository: str
    policy: str
    rules: tuple[Rule, ...]

    def __str__(self) -> str:
        return f"{self.repository} in {self.region}"


def targets(
    registry: Registry, names: Sequence[str], regions: Sequence[str], policy: tuple[str, str] | None
) -> list[Target]:
    """Every repository that has or gets a policy, home first; one without a policy loses nothing.

    :param names: repositories, none for all; `regions` likewise.
    :param policy: another policy than the declared ones: its text and what findings call it.
    :raises UnknownName: for a repository or region the file does not declare.
    :raises InvalidFile: where ECR would refuse the policy.
    """
    declared = [repository.name for repository in registry.repositories]
    for name in names:
        if name not in declared:
            near = did_you_mean(name, declared) or "name a repository of the file"
            raise UnknownName(f"the file declares no repository {name}\n    way out: {near}")
    for region in regions:
        known = sorted({at.region for at in registry.locations})
        if region not in known:
            raise UnknownName(f"the file declares nothing in {region}\n    way out: {', '.join(known)}")
    rules: dict[str, tuple[Rule, ...]] = {}
    found = []
    for at in registry.locations:
        for repository in registry.repositories_in(at) if not regions or at.region in regions else ():
            if names and repository.name not in names:
                continue
            text, called = policy or (
                (repository.lifecycle.text, f"lifecycle {repository.lifecycle.name}")
                if repository.lifecycle
                else ("", "")
            )
            if text:
                if text not in rules:
                    rules[text] = rules_of(text, called)
                found.append(
                    Target(
                        account=at.account,
                        region=at.region,
                        repository=repository.name,
                        policy=text,
                        rules=rules[text],
                    )
                )
    return found


def of_account(found: Sequence[Target], account: str) -> list[Target]:
    """Those in the account of the credentials; what is left out is said: it takes credentials of its own."""
    for other in sorted({target.account for target in found} - {account}):
        count = sum(target.account == other for target in found)
        warn(f"note: {count:,} more in account {other} are not checked: run this with its credentials, too")
    return [target for target in found if target.account == account]
