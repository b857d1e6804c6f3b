"""Rules about principals: one identity each, written as its issuer and IAM write it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.access.rows import rows
from registry.findings import Severity, YamlPath, listed, shown
from registry.limits import IAM_GUIDE
from registry.naming import account_of
from registry.nearest import Nearest
from registry.resolve.principals import identity_of
from registry.resolve.subjects import identities
from registry.rules.access.teams import misnamed
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import EVERY_TEAM, PrincipalShape
from registry.shape.issuers import AlsoShape

PRINCIPALS: Final = "principals"
ACCESS_PAGE: Final = "docs/access.md"
GITHUB_PAGE: Final = "https://docs.github.com/en/actions/reference/security/oidc"
ELEMENT_PAGE: Final = f"{IAM_GUIDE}/reference_policies_elements_principal.html"

#: What makes a principal, and which keys belong to it.
KINDS: Final = {
    "github": (
        *("owner_id", "repository_id", "classic_subject", "branch", "tag", "environment", "pull_requests", "also"),
        "stack",
    ),
    "gitlab": ("gitlab_host", "branch", "tag", "also", "stack"),
    "circleci": ("branch", "tag", "also", "stack"),
    "buildkite": ("branch", "tag", "also", "stack"),
    "bitbucket": ("also", "stack"),
    "terraform": ("also", "stack"),
    "irsa": ("also", "stack"),
    "pod_identity": ("also", "stack"),
    "oidc": ("also", "stack"),
    "role": ("outside_organization", "without_boundary", "stack"),
    "account": ("outside_organization", "every_role_writes"),
    "organization": (),
    "organizational_unit": (),
    "lambda_account": ("lambda_function", "lambda_function_pattern"),
    "service": (),
}
#: The kinds that a role is made for.
MADE: Final = ("github", "gitlab", "circleci", "buildkite", "bitbucket", "terraform", "irsa", "pod_identity", "oidc")
_JOBS: Final = ("branch", "tag", "environment", "pull_requests")


def principals(declared: RuleContext) -> Iterator[tuple[str, PrincipalShape]]:
    """Every principal by name."""
    yield from declared.root.principals.items()


def kind_of(shape: PrincipalShape) -> str | None:
    """What a principal is; None where it says nothing or several things."""
    said = [key for key in KINDS if getattr(shape, key) is not None]
    return said[0] if len(said) == 1 else None


@rule("principal-kind", "Give a principal one identity, and a CI principal one kind of job", ACCESS_PAGE)
def principal_kind(declared: RuleContext) -> Iterator[Problem]:
    """Two identities under one name would share every grant: a job on a branch could do what a job for production may
    do.
    """
    for name, shape in principals(declared):
        at = (PRINCIPALS, name)
        said = [key for key in KINDS if getattr(shape, key) is not None]
        if len(said) != 1:
            yield Problem(
                at=at,
                message=f"principal {name} has {'several identities' if said else 'no identity'}",
                given=listed(said) or "none of them",
                allowed=f"exactly one of {listed(KINDS)}",
                way_out="make one principal for each" if said else "write one of these keys",
                key=True,
            )
            continue
        kind = said[0]
        of_kind = (*KINDS[kind], "teams")
        misplaced: list[tuple[YamlPath, str, tuple[str, ...]]] = [
            ((*at, key), key, of_kind)
            for key in PrincipalShape.model_fields
            if key not in (*KINDS, *of_kind) and getattr(shape, key) not in (None, ())
        ]
        if shape.role and shape.stack and account_of(shape.role) not in declared.registry.accounts:
            yield Problem(
                at=(*at, "stack"),
                message="the registry is not in the account of this role, so nothing of it stands in a stack",
                given=shown(shape.stack),
                allowed=f"stack beside roles of {listed(declared.registry.accounts)}",
                way_out="remove it",
                key=True,
            )
        of_kind = (kind, *(key for key in KINDS[kind] if key in AlsoShape.model_fields))
        misplaced += [
            ((*at, "also", index, key), key, of_kind)
            for index, entry in enumerate(shape.also if "also" in KINDS[kind] else ())
            for key in AlsoShape.model_fields
            if key not in of_kind and getattr(entry, key) is not None
        ]
        for place, key, allowed in misplaced:
            yield Problem(
                at=place,
                message=f"{key} does not apply to a {kind} principal",
                given=key,
                allowed=listed(allowed),
                way_out="remove it",
                key=True,
            )
        for where, each in identities(shape):
            yield from _of_job(f"an identity of {name}" if where else f"principal {name}", (*at, *where), kind, each)


def _of_job(who: str, at: YamlPath, kind: str, shape: PrincipalShape) -> Iterator[Problem]:
    """What is said of one identity: the kind of job that it has, and GitHub's two numbers."""
    jobs = [key for key in _JOBS if key in KINDS[kind]]
    chosen = [key for key in jobs if getattr(shape, key) is not None]
    if jobs and len(chosen) != 1:
        yield Problem(
            at=at,
            message=f"{who} has {'several kinds of jobs' if chosen else 'no kind of job'}",
            given=listed(chosen) or "none of them",
            allowed=f"exactly one of {listed(jobs)}",
            way_out="make one principal for each: a job on main must not get the grants of prod"
            if chosen
            else "write branch: main, or another kind of job",
            key=True,
        )
    ids = [key for key in ("owner_id", "repository_id") if getattr(shape, key) is not None]
    if kind == "github" and len(ids) == 1:
        yield Problem(
            at=(*at, ids[0]),
            message="GitHub's tokens carry both numbers, or neither",
            given=ids[0],
            allowed="owner_id and repository_id",
            way_out=f"write both: gh api repos/{shape.github} --jq '.owner.id, .id'",
            key=True,
        )


@rule("principal-twice", "Declare an identity once", ACCESS_PAGE)
def principal_twice(declared: RuleContext) -> Iterator[Problem]:
    """With two names for one identity, a reviewer who reads the grants of one name misses those of the other."""
    first: dict[str, tuple[str, YamlPath]] = {}
    for name, shape in principals(declared):
        for where, each in identities(shape) if kind_of(shape) is not None else ():
            other, place = first.setdefault(identity_of(each), (name, where))
            if (other, place) != (name, where):
                yield Problem(
                    at=(PRINCIPALS, name, *where),
                    message=f"{name} and {other} are the same identity" if other != name else f"{name} has it twice",
                    given=f"{name}, {other}" if other != name else f"{name}, also",
                    allowed="one name for an identity",
                    way_out=f"remove it, and grant to {other}" if other != name else "remove it",
                    key=True,
                )


@rule("principal-own-account", "For the registry's own accounts name roles, not the account", ELEMENT_PAGE)
def principal_own_account(declared: RuleContext) -> Iterator[Problem]:
    """A policy that names the own account leaves the decision to IAM there: it grants nothing to anyone."""
    for name, shape in principals(declared):
        if shape.account in declared.registry.accounts:
            yield Problem(
                at=(PRINCIPALS, name, "account"),
                message="this is the registry's own account, where naming the account grants nothing"
                if shape.account == declared.registry.account
                else "the registry is in that account too, where naming the account grants nothing",
                given=shown(shape.account),
                allowed="an account this registry is not in, or a role of this one",
                way_out="name each role as a principal of its own, with role:",
            )


@rule("principal-teams", "Mark principals for namespaces that have a team file", "docs/teams.md", waits=True)
def principal_teams(declared: RuleContext) -> Iterator[Problem]:
    """A misspelled namespace marks nobody, and the team's grants are refused without a visible cause."""
    known = sorted({team.namespace for team in declared.written.teams.values()})
    meant = {misnamed(team) for team in declared.written.teams.values()}
    nearest = Nearest(known)
    for name, shape in principals(declared):
        for index, namespace in enumerate(shape.teams):
            if namespace != EVERY_TEAM and namespace not in known and namespace not in meant:
                yield Problem(
                    at=(PRINCIPALS, name, "teams", index),
                    message=f"no team file has the namespace {namespace}",
                    given=shown(namespace),
                    allowed=listed(known) or "namespaces of included team files; there are none",
                    way_out=nearest.way_out(namespace) or "remove it",
                )


@rule("principal-unused", "Grant something to a principal, or remove it", ACCESS_PAGE, Severity.WARNING, waits=True)
def principal_unused(declared: RuleContext) -> Iterator[Problem]:
    """A principal without a grant gets no role and can do nothing. Mostly the grant was forgotten or names another
    principal.
    """
    used = {row.principal for row in rows(declared.registry)}
    for name, shape in principals(declared):
        if name not in used and kind_of(shape) is not None:
            yield Problem(
                at=(PRINCIPALS, name),
                message=f"nothing is granted to {name}",
                given=name,
                allowed="principals that a repository, a namespace or the defaults grant something to",
                way_out=f"write pull: [{name}] where it should pull, or remove it",
                key=True,
            )
