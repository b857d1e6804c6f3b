"""Warnings about whom principals let in: what a reviewer must see."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import Severity, YamlPath, shown
from registry.limits import ACCOUNT, IAM_GUIDE
from registry.naming import account_of
from registry.resolve.subjects import identities
from registry.rules.access.principals import GITHUB_PAGE, PRINCIPALS, kind_of, principals
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import PrincipalShape
from registry.shape.issuers import ServiceShape


def _identities(declared: RuleContext) -> Iterator[tuple[YamlPath, PrincipalShape]]:
    """Every identity of every principal, with its place."""
    for name, shape in principals(declared):
        for where, each in identities(shape):
            yield (PRINCIPALS, name, *where), each


def _acts_for(service: ServiceShape) -> str:
    return service.source_account or account_of(service.source_arn or "")


@rule("principal-recycled-name", "Give owner_id and repository_id with github", GITHUB_PAGE, Severity.WARNING)
def principal_recycled_name(declared: RuleContext) -> Iterator[Problem]:
    """Trust is by name only. If the repository is renamed or deleted, whoever takes the name can assume the role."""
    for at, shape in _identities(declared):
        if shape.classic_subject and shape.owner_id is not None and at[2:] == ():
            yield Problem(
                at=(*at, "classic_subject"),
                message="the role trusts the name as well: whoever takes it after a rename can assume the role",
                given="classic_subject: true",
                allowed="the immutable subject alone, once every repository sends it",
                way_out="remove classic_subject when the repository has switched; until then accept it with a last day",
                key=True,
            )
        elif shape.github is not None and shape.owner_id is None and shape.repository_id is None:
            yield Problem(
                at=(*at, "github") if at[2:] == () else at,
                message="trust is by name only: if the repository is renamed or deleted, whoever takes the name can "
                "assume the role",
                given=shown(shape.github),
                allowed="owner_id and repository_id, which are never given twice",
                way_out=f"see gh api repos/{shape.github} --jq '.owner.id, .id'; repositories made or renamed "
                "since 2026-07-15 send them, older ones once they opt in",
            )


@rule(
    "principal-wildcard",
    "Name a protected branch or tag, without a wildcard for everything",
    GITHUB_PAGE,
    Severity.WARNING,
)
def principal_wildcard(declared: RuleContext) -> Iterator[Problem]:
    """Everyone who can create a branch or tag that matches can assume the role, without review."""
    for at, shape in _identities(declared):
        name = str(at[1])
        if shape.branch is not None and "*" in shape.branch:
            yield Problem(
                at=(*at, "branch"),
                message=f"everyone who can create a branch {shape.branch} can act as {name}",
                given=shown(shape.branch),
                allowed="a branch that is protected",
                way_out="name one branch, or use an environment whose deployment branches are restricted",
            )
        elif shape.tag is not None and not shape.tag.strip("*"):
            yield Problem(
                at=(*at, "tag"),
                message=f"everyone who can push a tag can act as {name}",
                given=shown(shape.tag),
                allowed="tags that a ruleset protects",
                way_out="write a pattern such as v*",
            )
        elif shape.oidc is not None and shape.oidc.subject_pattern is not None:
            yield Problem(
                at=(*at, "oidc", "subject_pattern"),
                message=f"whoever has a token of this issuer with such a `sub` can act as {name}",
                given=shown(shape.oidc.subject_pattern),
                allowed="a subject, whole",
                way_out="write subject:, or make sure that no stranger can have such a `sub`, and accept it",
            )


@rule(
    "principal-outside-organization",
    "Keep principals within your organization, or accept it with a reason",
    f"{IAM_GUIDE}/reference_policies_condition-keys.html",
    Severity.WARNING,
)
def principal_outside_organization(declared: RuleContext) -> Iterator[Problem]:
    """An account outside is under other people's control. A reviewer should see that it can reach your images."""
    own = declared.root.access.organization
    if not ACCOUNT.fullmatch(declared.registry.account):
        return  # which accounts are others is not known
    for name, shape in principals(declared):
        account = shape.account or account_of(shape.role or "")
        foreign = (
            ACCOUNT.fullmatch(account)
            and kind_of(shape) in ("role", "account")
            and account not in declared.registry.accounts
        )
        if foreign and (own is None or shape.outside_organization):
            yield Problem(
                at=(PRINCIPALS, name),
                message=f"nothing requires account {account} to be in your organization",
                given="outside_organization" if shape.outside_organization else "no access.organization",
                allowed="accounts of the organization that access.organization names",
                way_out="accept it with a reason"
                if shape.outside_organization
                else "write access: {organization: o-…}",
                key=True,
            )
        elif shape.lambda_account not in (None, declared.root.registry.account):
            yield Problem(
                at=(PRINCIPALS, name),
                message=f"nothing requires account {shape.lambda_account} to be in your organization",
                given="Lambda of another account",
                allowed="functions of this account",
                way_out="accept it with a reason",
                key=True,
            )
        elif shape.service is not None and (of := _acts_for(shape.service)) not in ("", *declared.registry.accounts):
            yield Problem(
                at=(PRINCIPALS, name),
                message=f"nothing requires account {of} to be in your organization",
                given=f"{shape.service.name} of another account",
                allowed="what a service acts for in this account",
                way_out="accept it with a reason",
                key=True,
            )
        elif (other := shape.organization or shape.organizational_unit) and own and other.partition("/")[0] != own:
            yield Problem(
                at=(PRINCIPALS, name),
                message=f"{other.partition('/')[0]} is another organization",
                given=shown(other),
                allowed=own,
                way_out="accept it with a reason, or write your own organization",
                key=True,
            )
