"""Rules about principals: one identity each, written as its issuer and IAM write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from registry.access.rows import rows
from registry.findings import Severity, listed, shown
from registry.limits import (
    ACCOUNT,
    FUNCTION,
    GIT_REF,
    GITHUB_ENVIRONMENT,
    GITHUB_ID,
    GITHUB_REPOSITORY,
    GITLAB_PROJECT,
    HOST,
    IAM_GUIDE,
    IAM_ROLE_ARN,
    ORGANIZATION,
    ORGANIZATIONAL_UNIT,
    PRINCIPAL_NAME,
)
from registry.nearest import Nearest
from registry.resolve.principals import identity_of
from registry.rules.access.teams import misnamed
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import EVERY_TEAM, PrincipalShape

PRINCIPALS: Final = "principals"
ACCESS_PAGE: Final = "docs/access.md"
GITHUB_PAGE: Final = "https://docs.github.com/en/actions/reference/security/oidc"
ELEMENT_PAGE: Final = f"{IAM_GUIDE}/reference_policies_elements_principal.html"

#: What makes a principal, and which keys belong to it.
KINDS: Final = {
    "github": ("owner_id", "repository_id", "branch", "tag", "environment", "pull_requests"),
    "gitlab": ("gitlab_host", "branch", "tag"),
    "role": ("outside_organization", "without_boundary"),
    "account": ("outside_organization",),
    "organization": (),
    "organizational_unit": (),
    "lambda_account": ("lambda_function",),
}
_JOBS: Final = ("branch", "tag", "environment", "pull_requests")
_VALUES: Final = {
    "github": (GITHUB_REPOSITORY, "OWNER/NAME as GitHub writes them, without wildcards"),
    "gitlab": (GITLAB_PROJECT, "GROUP/PROJECT as GitLab writes them, without wildcards"),
    "gitlab_host": (HOST, "a host's name in lower case, without https:// and path"),
    "branch": (GIT_REF, "letters, digits and ._/+@#%=,-; `*` is a wildcard"),
    "tag": (GIT_REF, "letters, digits and ._/+@#%=,-; `*` is a wildcard"),
    "environment": (GITHUB_ENVIRONMENT, "letters, digits, spaces and ._/+@#%=,-, without wildcards"),
    "role": (IAM_ROLE_ARN, "arn:aws:iam::123456789012:role/NAME, without wildcards"),
    "account": (ACCOUNT, "12 digits, in quotes"),
    "organization": (ORGANIZATION, "o- and 10 to 32 letters and digits"),
    "organizational_unit": (ORGANIZATIONAL_UNIT, "o-…/r-…/ou-…, the path of the unit from the organization down"),
    "lambda_account": (ACCOUNT, "12 digits, in quotes"),
    "lambda_function": (FUNCTION, "the function's name: letters, digits, - and _"),
}


def principals(declared: RuleContext) -> Iterator[tuple[str, PrincipalShape]]:
    """Every principal by name."""
    yield from declared.root.principals.items()


def kind_of(shape: PrincipalShape) -> str | None:
    """What a principal is; None where it says nothing or several things."""
    said = [key for key in KINDS if getattr(shape, key) is not None]
    return said[0] if len(said) == 1 else None


@rule("principal-name", "A principal's name ends a role's name of at most 64 characters", ACCESS_PAGE)
def principal_name(declared: RuleContext) -> Iterator[Problem]:
    """The name ends the name of an IAM role, which has at most 64 characters and must not change later."""
    for name in declared.root.principals:
        if not PRINCIPAL_NAME.fullmatch(name):
            near = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789")[:31].strip("-")
            yield Problem(
                at=(PRINCIPALS, name),
                message="this is not a principal's name",
                given=shown(name),
                allowed="2 to 31 lower-case letters and digits in words joined by single hyphens, a letter first; "
                "ecr-creation is the role of creation templates",
                way_out=f"write {near}" if PRINCIPAL_NAME.fullmatch(near) else "choose another name",
                key=True,
            )


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
        for key in PrincipalShape.model_fields:
            if key not in (*KINDS, *KINDS[kind], "teams") and getattr(shape, key) is not None:
                yield Problem(
                    at=(*at, key),
                    message=f"{key} does not apply to a {kind} principal",
                    given=key,
                    allowed=listed((*KINDS[kind], "teams")),
                    way_out="remove it",
                    key=True,
                )
        jobs = [key for key in _JOBS if key in KINDS[kind]]
        chosen = [key for key in jobs if getattr(shape, key) is not None]
        if jobs and len(chosen) != 1:
            yield Problem(
                at=at,
                message=f"principal {name} has {'several kinds of jobs' if chosen else 'no kind of job'}",
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


@rule("principal-value", "A principal's identity is written as its issuer and IAM write it", ELEMENT_PAGE)
def principal_value(declared: RuleContext) -> Iterator[Problem]:
    """IAM compares identities character by character. A value that is written another way lets nobody in, or the wrong
    one.
    """
    for name, shape in principals(declared):
        for key, (pattern, allowed) in _VALUES.items():
            value = getattr(shape, key)
            if value is not None and (
                not pattern.fullmatch(value) or (key in ("github", "gitlab") and value.endswith(".git"))
            ):
                yield Problem(
                    at=(PRINCIPALS, name, key),
                    message=f"this cannot be the {key} of a principal",
                    given=shown(value),
                    allowed=allowed,
                    way_out=_mended(key, value),
                )
        for key in ("owner_id", "repository_id"):
            number = getattr(shape, key)
            if number is not None and not GITHUB_ID[0] <= number <= GITHUB_ID[1]:
                yield Problem(
                    at=(PRINCIPALS, name, key),
                    message="GitHub has no such number",
                    given=str(number),
                    allowed="the number GitHub says",
                    way_out=f"see gh api repos/{shape.github} --jq '.owner.id, .id'",
                )


def _mended(key: str, value: str) -> str:
    if key in ("account", "lambda_account") and len(digits := re.sub(r"[^0-9]", "", value)) == 12:
        return f'write "{digits}"'
    if key in ("branch", "tag") and (ref := _REF.match(value)):
        other = {"refs/heads/": "branch", "refs/tags/": "tag"}.get(ref[0], key)
        return f"write {other}: {value[ref.end() :]}" if other != key else f"write {value[ref.end() :]}"
    if key == "github" and (found := _GITHUB.fullmatch(value)):
        return f"write {found[1]}" + (f", and {said}" if (said := _job(found[2] or "")) else "")
    if key == "gitlab" and (found := _GITLAB.fullmatch(value)):
        return f"write {found[1]}"
    if key == "role" and ":user/" in value:
        return "IAM users are not supported, they need long-lived keys: write the role that does it"
    if key == "role" and re.fullmatch(r"[\w+=,.@-]+", value):
        return f"write its ARN: aws iam get-role --role-name {value} --query Role.Arn"
    return {
        "github": "name the repository; a principal is one repository",
        "gitlab": "name the project with its group",
        "gitlab_host": f"write {value.partition('://')[2].partition('/')[0] or value.lower().partition('/')[0]}",
        "role": "copy it from `aws iam get-role`; a session's ARN (assumed-role) is not the role's",
        "organization": "copy it from `aws organizations describe-organization`",
        "organizational_unit": "copy the ids from the Organizations console, from o- down to ou-",
    }.get(key, "copy it from where it is shown")


#: What people paste instead of a branch or a tag, of a repository, of a project.
_REF: Final = re.compile(r"refs/heads/|refs/tags/|heads/|tags/|origin/")
_GITHUB: Final = re.compile(
    r"(?:(?:https?|ssh)://(?:[^/@]+@)?[^/]+/|[^/@]+@[^/:]+:|(?:www\.)?github\.com/|repo:)?"
    r"([A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+?)(?:\.git)?/?(:.*)?"
)
_GITLAB: Final = re.compile(
    r"(?:(?:https?|ssh)://(?:[^/@]+@)?[^/]+/|[^/@]+@[^/:]+:|project_path:)?"
    r"([A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_.-]+?)+)(?:\.git)?/?(?::.*)?"
)


def _job(subject: str) -> str:
    """The key that a subject of GitHub's says, without what stands before it."""
    for said, key in ((":ref:refs/heads/", "branch"), (":ref:refs/tags/", "tag"), (":environment:", "environment")):
        if subject.startswith(said):
            return f"{key}: {subject.removeprefix(said)}"
    return "pull_requests: true" if subject == ":pull_request" else ""


@rule("principal-ref", "Write a branch or a tag by its name alone", GITHUB_PAGE)
def principal_ref(declared: RuleContext) -> Iterator[Problem]:
    """The trust policy adds refs/heads/ or refs/tags/ itself. With it written twice no job is ever let in."""
    for name, shape in principals(declared):
        for key in ("branch", "tag"):
            value = getattr(shape, key) or ""
            if _REF.match(value) and GIT_REF.fullmatch(value):
                yield Problem(
                    at=(PRINCIPALS, name, key),
                    message=f"the trust policy adds refs/{'heads' if key == 'branch' else 'tags'}/ itself: "
                    f"no job runs for a {key} of this name",
                    given=shown(value),
                    allowed=f"the {key}'s name, such as {'main' if key == 'branch' else 'v*'}",
                    way_out=_mended(key, value),
                )


@rule("principal-twice", "Declare an identity once", ACCESS_PAGE)
def principal_twice(declared: RuleContext) -> Iterator[Problem]:
    """With two names for one identity, a reviewer who reads the grants of one name misses those of the other."""
    first: dict[tuple[object, ...], str] = {}
    for name, shape in principals(declared):
        if kind_of(shape) is None:
            continue
        other = first.setdefault(identity_of(shape), name)
        if other != name:
            yield Problem(
                at=(PRINCIPALS, name),
                message=f"{name} and {other} are the same identity",
                given=f"{name}, {other}",
                allowed="one name for an identity",
                way_out=f"remove it, and grant to {other}",
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
