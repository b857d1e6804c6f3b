"""Rules about what access comes to: IAM's words, and its quotas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.access import by_role, identity_policies, size
from registry.findings import shown
from registry.limits import (
    ECR_API,
    IAM_GUIDE,
    MANAGED_POLICY_LENGTH,
    OIDC_PROVIDER_ARN,
    ORGANIZATION,
    POLICIES_OF_A_ROLE,
    REPOSITORY_POLICY_LENGTH,
    ROLE_PATH,
    ROLE_PATH_LENGTH,
    SESSION_SECONDS,
    STACK_RESOURCES,
    TRUST_POLICY_LENGTH,
)
from registry.model import Federated
from registry.naming import IAM_ROOM, iam_path
from registry.principals import provider_arn, trust_policy
from registry.rules.mechanism import Declared, Problem, rule
from registry.rules.principals import PRINCIPALS

QUOTAS_PAGE: Final = f"{IAM_GUIDE}/reference_iam-quotas.html"


@rule("access-settings", "What the roles made here have in common is as IAM takes it", f"{IAM_GUIDE}/id_roles.html")
def access_settings(declared: Declared) -> Iterator[Problem]:
    access, least, most = declared.root.access, *SESSION_SECONDS
    longest = ROLE_PATH_LENGTH - len(iam_path("", declared.root.registry.name))
    patterns = {
        "organization": (ORGANIZATION, "o- and 10 to 32 letters and digits"),
        "path": (ROLE_PATH, f"/ or /…/, at most {longest} characters, without wildcards, and without /{IAM_ROOM}/"),
    }
    for key, (pattern, allowed) in patterns.items():
        value = getattr(access, key)
        ours = key == "path" and value is not None and (len(value) > longest or f"/{IAM_ROOM}/" in value)
        if value is not None and (ours or not pattern.fullmatch(value)):
            yield Problem(
                at=("access", key),
                message=f"IAM does not take this {key.replace('_', ' ')}",
                given=shown(value),
                allowed=allowed,
                way_out=("choose another: ours comes below it" if ours else f"write /{value.strip('/')}/")
                if key == "path"
                else "copy it from where it is shown",
            )
    seconds = access.max_session_duration
    if seconds is not None and not least <= seconds <= most:
        yield Problem(
            at=("access", "max_session_duration"),
            message="IAM does not take sessions of this length",
            given=f"{seconds} seconds",
            allowed=f"{least} to {most} seconds",
            way_out=f"write {max(least, min(seconds, most))}",
        )
    root = declared.root.registry
    for index, arn in enumerate(access.oidc_providers):
        own = provider_arn(root.account, root.region, "")
        if not OIDC_PROVIDER_ARN.fullmatch(arn) or not arn.startswith(own):
            yield Problem(
                at=("access", "oidc_providers", index),
                message="this is not an OpenID Connect provider of the registry's account",
                given=shown(arn),
                allowed=f"{own}HOST",
                way_out="copy it from `aws iam list-open-id-connect-providers`",
            )


@rule("access-policy-length", "A role has at most 10 policies of 6,144 characters", QUOTAS_PAGE)
def access_policy_length(declared: Declared) -> Iterator[Problem]:
    registry = declared.registry
    roles = {who: found for account in registry.accounts for who, found in by_role(registry, account).items()}
    for principal, found in roles.items():
        policies = identity_policies(registry, found)
        too_long = any(size(policy) > MANAGED_POLICY_LENGTH for policy in policies)
        if too_long or len(policies) > POLICIES_OF_A_ROLE:
            yield Problem(
                at=(PRINCIPALS, principal.name),
                message=f"what is granted to {principal.name} does not fit into one role",
                given=f"{len(found):,} grants in {len(policies)} policies",
                allowed=f"{POLICIES_OF_A_ROLE} policies of {MANAGED_POLICY_LENGTH:,} characters",
                way_out="grant on the namespace instead of each repository, or split the principal",
                key=True,
            )


@rule("access-trust-length", "A role's trust policy has at most 2,048 characters", QUOTAS_PAGE)
def access_trust_length(declared: Declared) -> Iterator[Problem]:
    root = declared.registry
    for principal in root.principals:
        if isinstance(principal, Federated) and (length := size(trust_policy(principal, root.account, root.region))) > (
            TRUST_POLICY_LENGTH
        ):
            yield Problem(
                at=(PRINCIPALS, principal.name),
                message="the trust policy of this principal's role is too long",
                given=f"{length:,} characters",
                allowed=f"at most {TRUST_POLICY_LENGTH:,}",
                way_out="shorten the names",
                key=True,
            )


@rule("access-stack-size", "The Access stack stays within CloudFormation's 500 resources", QUOTAS_PAGE)
def access_stack_size(declared: Declared) -> Iterator[Problem]:
    for account in declared.registry.accounts:
        roles = by_role(declared.registry, account)
        count = sum(
            isinstance(principal, Federated) + len(identity_policies(declared.registry, found))
            for principal, found in roles.items()
        )
        if count > STACK_RESOURCES - 20:
            yield Problem(
                at=(PRINCIPALS,),
                message="there are more roles and policies than one stack holds",
                given=f"{count} for {len(roles)} principals",
                allowed=f"at most {STACK_RESOURCES - 20}",
                way_out="let several repositories share a principal, or grant on namespaces",
                key=True,
            )


@rule(
    "access-repository-policy-length",
    "A repository policy has room for what is granted",
    f"{ECR_API}/API_SetRepositoryPolicy.html",
)
def access_repository_policy_length(declared: Declared) -> Iterator[Problem]:
    places = {it.name: declared.written.entries[it.name].place for it in declared.registry.repositories}
    templates = {("creation_templates", it.prefix): it for it in declared.registry.creation_templates}
    found = [(places[it.name], "repository", it.policies, it.grants) for it in declared.registry.repositories]
    found += [(at, "template", it.policies, it.grants) for at, it in templates.items()]
    for at, kind, policies, grants in found:
        longest = max(map(len, policies.values()), default=0)
        if grants and longest > REPOSITORY_POLICY_LENGTH:
            yield Problem(
                at=at,
                message=f"with what is granted the policy of this {kind} is too long for ECR",
                given=f"{longest:,} characters of JSON for {len(grants)} grants",
                allowed=f"at most {REPOSITORY_POLICY_LENGTH:,}",
                way_out="grant to an organization or to accounts instead of many roles",
                key=True,
            )
