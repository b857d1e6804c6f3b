"""Rules about grants: to principals there are, by those who may, of what can be granted; and what they come to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.access import by_role, identity_policies, size
from registry.findings import Severity, listed, shown
from registry.limits import (
    ECR_API,
    IAM_GUIDE,
    MANAGED_POLICY_LENGTH,
    OIDC_PROVIDER_ARN,
    ORGANIZATION,
    POLICIES_OF_A_ROLE,
    POLICY_ARN,
    REPOSITORY_POLICY_LENGTH,
    ROLE_PATH,
    ROLE_PATH_LENGTH,
    SESSION_SECONDS,
    STACK_RESOURCES,
    TRUST_POLICY_LENGTH,
)
from registry.model import Federated
from registry.patterns import covers
from registry.principals import provider_arn, trust_policy
from registry.resolve import GRANTS
from registry.resolve import listed as over_layers
from registry.rules.mechanism import Declared, Problem, rule
from registry.rules.principals import ACCESS_PAGE, PRINCIPALS, kind_of
from registry.shape import EVERY_TEAM
from registry.shape_findings import Nearest
from registry.sources import Place
from registry.written import team_of

QUOTAS_PAGE: Final = f"{IAM_GUIDE}/reference_iam-quotas.html"
ENVIRONMENT_TAGS: Final = ("dev", "staging", "prod")
_WRITING: Final = tuple(key for key in GRANTS if key != "pull")


def grants(declared: Declared) -> Iterator[tuple[Place, str, str]]:
    """Every grant as written: its place, its key and the principal's name."""
    for at, settings in declared.written.every_layer():
        for key in GRANTS:
            if declared.intact((*at, key)):
                for index, name in enumerate(getattr(settings, key)):
                    yield (*at, key, index), key, name


@rule("grant-principal", "A grant names a principal", ACCESS_PAGE)
def grant_principal(declared: Declared) -> Iterator[Problem]:
    if (PRINCIPALS,) in declared.damaged:
        return
    known = sorted(declared.root.principals)
    nearest = Nearest(known)
    for at, _, name in grants(declared):
        if name not in declared.root.principals:
            yield Problem(
                at=at,
                message=f"there is no principal {name}",
                given=shown(name),
                allowed=listed(known) or "principals of the root file; there are none",
                way_out=nearest.way_out(name) or "declare it under principals in the root file",
            )


@rule("grant-team", "A team grants to principals that are marked for it", "docs/teams.md")
def grant_team(declared: Declared) -> Iterator[Problem]:
    for at, _, name in grants(declared):
        file, shape = team_of(at), declared.root.principals.get(name)
        if file is None or shape is None or not declared.intact((PRINCIPALS, name)):
            continue
        namespace = declared.written.teams[file].namespace
        if EVERY_TEAM not in shape.teams and namespace not in shape.teams:
            own = sorted(
                other
                for other, it in declared.root.principals.items()
                if EVERY_TEAM in it.teams or namespace in it.teams
            )
            yield Problem(
                at=at,
                message=f"the team file of {namespace} may not grant to {name}",
                given=name,
                allowed=listed(own) or "principals marked for the namespace; there are none",
                way_out=f"write teams: [{namespace}] beside {name} in the root file, or grant it there",
            )


@rule("grant-kind", "Who writes is one role", ACCESS_PAGE)
def grant_kind(declared: Declared) -> Iterator[Problem]:
    for at, key, name in grants(declared):
        shape = declared.root.principals.get(name)
        if shape is None or key not in _WRITING or not declared.intact((PRINCIPALS, name)):
            continue
        if (kind := kind_of(shape)) in ("account", "organization", "organizational_unit", "lambda_account"):
            yield Problem(
                at=at,
                message=f"{name} is not one role, so it can be granted nothing but pull",
                given=f"{key}: {name}, {kind}",
                allowed=f"principals with github, gitlab or role may {key}",
                way_out="declare the role that does it as a principal with role:",
            )


@rule("grant-pull-requests", "A pull request does not write", ACCESS_PAGE, Severity.WARNING)
def grant_pull_requests(declared: Declared) -> Iterator[Problem]:
    for at, key, name in grants(declared):
        shape = declared.root.principals.get(name)
        if shape is not None and shape.pull_requests and key in _WRITING:
            yield Problem(
                at=at,
                message=f"every pull request of {shape.github} may {key}, before anyone has reviewed it",
                given=f"{key}: {name}",
                allowed="pull for pull requests; writing for a branch or an environment",
                way_out="give pull requests a repository of their own, or accept it with a reason",
            )


@rule(
    "grant-failover-push",
    "What is pushed to a replica is not copied back",
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html",
    Severity.WARNING,
)
def grant_failover_push(declared: Declared) -> Iterator[Problem]:
    for at, key, name in grants(declared):
        if key == "failover_push":
            yield Problem(
                at=at,
                message=f"{name} may push to replicas, where its images stay, and block the tags that are copied there",
                given=f"{key}: {name}",
                allowed="push, in the home region",
                way_out="write push, or accept it with a reason",
            )


@rule("grant-environment-tags", "Who may push may move prod", ACCESS_PAGE, Severity.WARNING)
def grant_environment_tags(declared: Declared) -> Iterator[Problem]:
    for repository in declared.registry.repositories:
        pushing = sorted({g.principal.name for g in repository.grants if g.granted in ("push", "failover_push")})
        if not pushing or not declared.read(repository.name, "moving_tags"):
            continue
        layers = list(declared.written.layers(repository.name))
        moving = over_layers(layers, "moving_tags") if repository.image_tag_mutability.startswith("IMM") else ("*",)
        tags = [tag for tag in ENVIRONMENT_TAGS if any(covers(pattern, tag) for pattern in moving)]
        if tags:
            grant = next(g for g in repository.grants if g.granted in ("push", "failover_push"))
            yield Problem(
                at=grant.at,
                message=f"{listed(pushing)} may move {listed(tags)}: IAM knows no condition on tags",
                given=f"push, and moving tags {listed(tags)}",
                allowed="environment tags in repositories that only the promoting principal may write",
                way_out="give environments a namespace of their own, such as prod/, or accept it with a reason",
            )


@rule("access-settings", "What the roles made here have in common is as IAM takes it", f"{IAM_GUIDE}/id_roles.html")
def access_settings(declared: Declared) -> Iterator[Problem]:
    access, least, most = declared.root.access, *SESSION_SECONDS
    patterns = {
        "organization": (ORGANIZATION, "o- and 10 to 32 letters and digits"),
        "path": (ROLE_PATH, f"/ or /…/, at most {ROLE_PATH_LENGTH} characters, without wildcards"),
        "permissions_boundary": (POLICY_ARN, "arn:aws:iam::123456789012:policy/NAME"),
    }
    for key, (pattern, allowed) in patterns.items():
        value = getattr(access, key)
        if value is not None and not (pattern.fullmatch(value) and len(value) <= (512 if key == "path" else 2_048)):
            yield Problem(
                at=("access", key),
                message=f"IAM does not take this {key.replace('_', ' ')}",
                given=shown(value),
                allowed=allowed,
                way_out=f"write /{value.strip('/')}/" if key == "path" else "copy it from where it is shown",
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
    for principal, found in by_role(declared.registry).items():
        policies = identity_policies(declared.registry, found)
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
    roles = by_role(declared.registry)
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
    for repository in declared.registry.repositories:
        longest = max(map(len, repository.policies.values()), default=0)
        if repository.grants and longest > REPOSITORY_POLICY_LENGTH:
            yield Problem(
                at=declared.written.entries[repository.name].place,
                message="with what is granted the policy of this repository is too long for ECR",
                given=f"{longest:,} characters of JSON for {len(repository.grants)} grants",
                allowed=f"at most {REPOSITORY_POLICY_LENGTH:,}",
                way_out="grant to an organization or to accounts instead of many roles",
                key=True,
            )
