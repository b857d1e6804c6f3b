"""Rules about what access comes to: IAM's words, and its quotas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from registry.access.cache_role import cache_role_policies, needs_cache_role
from registry.access.creation_role import creation_role_policies, needs_creation_role
from registry.access.delivery_roles import delivery_roles
from registry.access.policies import role_policies, size
from registry.access.trust import provider_arn, trust_policy
from registry.findings import Severity, shown
from registry.limits import (
    ECR_API,
    IAM_GUIDE,
    MANAGED_POLICIES_OF_AN_ACCOUNT,
    MANAGED_POLICY_LENGTH,
    POLICIES_OF_A_ROLE,
    REPOSITORY_POLICY_LENGTH,
    ROLE_PATH_LENGTH,
    ROLES_OF_AN_ACCOUNT,
    TRUST_POLICY_LENGTH,
)
from registry.model import ExistingRole, MadeRole, PipelineRole, Principal, Registry
from registry.monitoring.chat import has_chats
from registry.naming import IAM_ROOM, iam_path
from registry.rules.access.principals import PRINCIPALS
from registry.rules.registry import home_known
from registry.rules.rule import Problem, RuleContext, rule

QUOTAS_PAGE: Final = f"{IAM_GUIDE}/reference_iam-quotas.html"


@rule("access-settings", "Write settings of roles that IAM accepts", f"{IAM_GUIDE}/id_roles.html")
def access_settings(declared: RuleContext) -> Iterator[Problem]:
    """IAM refuses a role with these settings, and the deploy of the Access stack is rolled back."""
    access = declared.root.access
    longest = ROLE_PATH_LENGTH - len(iam_path("", declared.root.registry.name))
    path = access.path
    if len(path) > longest or f"/{IAM_ROOM}/" in path:
        yield Problem(
            at=("access", "path"),
            message="IAM does not take this path",
            given=shown(path),
            allowed=f"/ or /…/, at most {longest} characters, without wildcards, and without /{IAM_ROOM}/",
            way_out="choose another path: the registry adds its own below it",
        )
    root = declared.root.registry
    for index, arn in enumerate(access.oidc_providers):
        own = provider_arn(root.account, root.region, "")
        if home_known(declared) and not arn.startswith(own):
            yield Problem(
                at=("access", "oidc_providers", index),
                message="this is not an OpenID Connect provider of the registry's account",
                given=shown(arn),
                allowed=f"{own}HOST",
                way_out="copy it from `aws iam list-open-id-connect-providers`",
            )


@rule("access-policy-length", "Keep the grants of a principal within 25 policies of 6,144 characters", QUOTAS_PAGE)
def access_policy_length(declared: RuleContext) -> Iterator[Problem]:
    """IAM attaches no more to a role, even with a raised quota. The Access stack cannot be deployed."""
    _, most = POLICIES_OF_A_ROLE
    for principal, policies in _policies(declared):
        too_long = any(size(policy) > MANAGED_POLICY_LENGTH for policy in policies)
        if too_long or len(policies) > most:
            yield _of_role(declared, principal, policies, most, "do not fit into one role")


@rule(
    "access-policy-count",
    "Keep the grants of a principal within 10 policies, or have the quota raised",
    QUOTAS_PAGE,
    Severity.WARNING,
)
def access_policy_count(declared: RuleContext) -> Iterator[Problem]:
    """Where the quota is not raised, IAM refuses the eleventh policy and the deploy is rolled back."""
    least, most = POLICIES_OF_A_ROLE
    for principal, policies in _policies(declared):
        if least < len(policies) <= most:
            yield _of_role(declared, principal, policies, least, "may not fit into one role")


def _policies(declared: RuleContext) -> Iterator[tuple[Principal, tuple[dict[str, Any], ...]]]:
    for account in declared.registry.accounts:
        yield from role_policies(declared.registry, account).items()


def _of_role(
    declared: RuleContext, principal: Principal, policies: tuple[dict[str, Any], ...], allowed: int, message: str
) -> Problem:
    grants = sum(grant.principal == principal for grant in declared.registry.grants)
    existing = " besides those attached to it already" if isinstance(principal, ExistingRole) else ""
    raised = "" if allowed == POLICIES_OF_A_ROLE[1] else ", or have the quota raised and accept this warning"
    return Problem(
        at=(PRINCIPALS, principal.name),
        message=f"the grants of {principal.name} {message}",
        given=f"{grants:,} grants in {len(policies)} policies{existing}",
        allowed=f"{allowed} policies of {MANAGED_POLICY_LENGTH:,} characters; some accounts have 20, and 25 at most",
        way_out=f"grant on the namespace instead of each repository, or split the principal{raised}",
        key=True,
    )


@rule("access-trust-length", "Keep a role's trust policy within 8,192 characters", QUOTAS_PAGE)
def access_trust_length(declared: RuleContext) -> Iterator[Problem]:
    """IAM takes no longer trust policy, even with a raised quota. The Access stack cannot be deployed."""
    _, most = TRUST_POLICY_LENGTH
    yield from (_of_trust(name, length, most) for name, length in _trust(declared) if length > most)


@rule(
    "access-trust-quota",
    "Keep a role's trust policy within 2,048 characters, or have the quota raised",
    QUOTAS_PAGE,
    Severity.WARNING,
)
def access_trust_quota(declared: RuleContext) -> Iterator[Problem]:
    """Where the quota is not raised, IAM refuses the role and the deploy is rolled back."""
    least, most = TRUST_POLICY_LENGTH
    yield from (_of_trust(name, length, least) for name, length in _trust(declared) if least < length <= most)


def _trust(declared: RuleContext) -> Iterator[tuple[str, int]]:
    own = declared.registry
    for principal in own.principals:
        if isinstance(principal, MadeRole):
            yield principal.name, size(trust_policy(principal, own.account, own.region))


def _of_trust(principal: str, length: int, allowed: int) -> Problem:
    return Problem(
        at=(PRINCIPALS, principal),
        message="the trust policy of this principal's role is too long",
        given=f"{length:,} characters",
        allowed=f"at most {allowed:,}" + (", unless the account had its quota raised" if allowed < 8_192 else ""),
        way_out="shorten the names" + (", or have the quota raised and accept this warning" if allowed < 8_192 else ""),
        key=True,
    )


@rule(
    "access-account-quota",
    "Keep within 1,000 roles and 1,500 managed policies in an account, or have the quotas raised",
    QUOTAS_PAGE,
    Severity.WARNING,
)
def access_account_quota(declared: RuleContext) -> Iterator[Problem]:
    """IAM refuses the next one, so the deploy stops in the middle. Those of others in the account count, too."""
    least, most = ROLES_OF_AN_ACCOUNT
    for account in declared.registry.accounts:
        roles, policies = _made_in(declared.registry, account)
        for noun, quota, count, allowed, raised in (
            ("roles", "Roles per account", roles, least, f"; {most:,} at most, where AWS raised it"),
            ("managed policies", "Customer managed policies per account", policies, MANAGED_POLICIES_OF_AN_ACCOUNT, ""),
        ):
            if count > allowed:
                yield Problem(
                    at=(PRINCIPALS,),
                    message=f"{account} would have more {noun} than IAM allows by default",
                    given=f"{count:,} {noun} of this registry",
                    allowed=f"{allowed:,} {noun} in an account, those of others counted too{raised}",
                    way_out=f"have the quota raised (Service Quotas, IAM, {quota}), then accept this warning; or let "
                    "several repositories share a principal",
                    key=True,
                )


def _made_in(registry: Registry, account: str) -> tuple[int, int]:
    """How many roles and managed policies the registry makes in an account."""
    found = {who: it for who, it in role_policies(registry, account).items() if not isinstance(who, PipelineRole)}
    pipelines = delivery_roles(registry) if account == registry.account else {}
    own = [creation_role_policies(registry, account)] if needs_creation_role(registry, account) else []
    own += [cache_role_policies(registry, account)] if needs_cache_role(registry, account) else []
    roles = sum(isinstance(who, MadeRole) for who in found) + len(pipelines) + len(own) + has_chats(registry, account)
    return roles, 1 + sum(map(len, (*found.values(), *pipelines.values(), *own)))  # and the policy for auditors


@rule("access-creation-role", "Keep the role of creation templates within 25 policies of 6,144 characters", QUOTAS_PAGE)
def access_creation_role(declared: RuleContext) -> Iterator[Problem]:
    """The role names each namespace. IAM attaches no more policies to it, so the Access stack cannot be deployed."""
    registry, (_, most) = declared.registry, POLICIES_OF_A_ROLE
    for account in registry.accounts:
        policies = creation_role_policies(registry, account) if needs_creation_role(registry, account) else ()
        if len(policies) > most:
            yield Problem(
                at=("replicas",) if declared.root.replicas else ("creation_templates",),
                message=f"the role that ECR assumes in {account} needs more policies than a role can have",
                given=f"{len(policies)} policies of {MANAGED_POLICY_LENGTH:,} characters",
                allowed=f"at most {most}",
                way_out="write creation_templates: {ROOT: {applied_for: [REPLICATION]}}, which serves every namespace",
                key=True,
            )


@rule(
    "access-repository-policy-length",
    "Keep what is granted within a repository policy of 10,240 characters",
    f"{ECR_API}/API_SetRepositoryPolicy.html",
)
def access_repository_policy_length(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses a longer policy, and the deploy of the whole namespace is rolled back."""
    places = {it.name: declared.written.entries[it.name].place for it in declared.registry.repositories}
    templates = {("creation_templates", it.prefix): it for it in declared.registry.creation_templates}
    found = [(places[it.name], "repository", it.policies, it.grants) for it in declared.registry.repositories]
    found += [(at, "template", it.policies, it.grants) for at, it in templates.items()]
    for at, kind, policies, grants in found:
        longest = max(map(len, policies.values()), default=0)
        if grants and longest > REPOSITORY_POLICY_LENGTH:
            yield Problem(
                at=at,
                message=f"the grants make the policy of this {kind} too long for ECR",
                given=f"{longest:,} characters of JSON for {len(grants)} grants",
                allowed=f"at most {REPOSITORY_POLICY_LENGTH:,}",
                way_out="grant to an organization or to accounts instead of many roles",
                key=True,
            )
