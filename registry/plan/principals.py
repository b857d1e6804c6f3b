"""Principals: who they are, what their roles are called, and what all roles have in common."""

from __future__ import annotations

from collections.abc import Iterator

from registry import naming
from registry.access.explain import covers as grants_on
from registry.access.explain import identity
from registry.access.rows import exact_audience
from registry.findings import listed
from registry.limits import IAM_GUIDE
from registry.model import ExistingRole, Federated, LambdaFunctions, MadeRole, PodIdentity, Principal, ServicePrincipal
from registry.monitoring.chat import ROLE
from registry.patterns import covers
from registry.plan.change import Change, Kind, Part, Risk, comparison, kinds_about
from registry.plan.relation import within
from registry.plan.sides import Side, Sides
from registry.shape.access import EVERY_TEAM

kind = kinds_about("Principals")
SOMEBODY = kind(
    "principal-changed",
    Risk.OPENS,
    "The name of a principal stands for somebody else",
    "Everything that is granted to the name is granted to the new identity. One wrong digit of an account is another "
    "company's account.",
    f"{IAM_GUIDE}/reference_policies_elements_principal.html",
)
WIDENED = kind(
    "trust-widened",
    Risk.OPENS,
    "A role may be taken by more than before, or a service acts for more",
    "A `*` in a branch or a tag lets in every job whose ref matches it, those of strangers' branches included; so does "
    "another entry of `also`, or a service for a whole account.",
    f"{IAM_GUIDE}/id_roles_providers_create_oidc_secure-by-default.html",
)
NOBODY = kind(
    "principal-replaced",
    Risk.BREAKS,
    "Who was a principal is none any more",
    "Its jobs or nodes can no longer do what was granted to the name.",
)
RENAMED = kind(
    "principal-renamed",
    Risk.BREAKS,
    "The role of a principal gets another name",
    "The name of the role is made of it. A job that assumes the old ARN fails until its pipeline names the new one.",
)
TEAMS = kind(
    "principal-more-teams",
    Risk.OPENS,
    "More team files may grant to a principal",
    "From then on a change of a team's file alone, which the team reviews itself, can let the principal in.",
    "docs/teams.md",
)
FEWER_TEAMS = kind(
    "principal-fewer-teams", Risk.SAFE, "Fewer team files may grant to a principal", "Nobody gets more by it."
)
UNBOUND = kind(
    "boundary-removed",
    Risk.OPENS,
    "Roles lose their permissions boundary, or get another one",
    "A boundary is the most that a role can do, whatever policies are attached to it later. Another one may "
    "allow more: read it.",
    f"{IAM_GUIDE}/access_policies_boundaries.html",
)
BOUND = kind(
    "boundary-added",
    Risk.BREAKS,
    "Roles get a permissions boundary",
    "What the boundary does not allow, the role can no longer do, though it is granted.",
    f"{IAM_GUIDE}/access_policies_boundaries.html",
)
EXCEPTED = kind(
    "boundary-exception",
    Risk.OPENS,
    "A role without permissions boundary is accepted",
    "Whoever deploys can then attach any policy to it.",
)
LONGER = kind("session-longer", Risk.OPENS, "Sessions of the roles last longer", "A token that leaks is good longer.")
SHORTER = kind(
    "session-shorter", Risk.BREAKS, "Sessions of the roles end earlier", "A job that asks for a longer one is refused."
)
PATH = kind(
    "access-path",
    Risk.BREAKS,
    "Roles and policies get another path",
    "CloudFormation can only replace them, and their names are taken: the deploy fails.",
    "docs/operations.md",
)
PROVIDERS = kind(
    "oidc-provider-made",
    Risk.BREAKS,
    "An OpenID Connect provider is no longer named as existing",
    "The deploy creates one. Where the account has it already, the deploy fails.",
)
NAMED_PROVIDERS = kind(
    "oidc-provider-named",
    Risk.SAFE,
    "An OpenID Connect provider is named as existing",
    "One that was made here stays in AWS; the roles go on trusting it.",
)


def renewed(sides: Sides) -> frozenset[str]:
    """The names that stand for somebody else than before."""
    old, new = sides.old.principals, sides.new.principals
    return frozenset(name for name in new if name in old and _who(old[name]) != _who(new[name]))


def _who(principal: Principal) -> tuple[str, str, str]:
    """Who a principal is; in which organization that has to be says each policy."""
    audience = principal.audience if isinstance(principal, Federated) else ""
    return type(principal).__name__, identity(principal), audience


@comparison
def principals(sides: Sides) -> Iterator[Change]:
    """Whom the names stand for."""
    for name in sorted(renewed(sides)):
        old, new = sides.old.principals[name], sides.new.principals[name]
        before, after = granted_to(sides.old, old), granted_to(sides.new, new)
        parts = _parts(sides, old, new)
        where, gone = sides.at(("principals", name))
        wider = _includes(sides, new, old)
        if after and not _includes(sides, old, new):
            yield Change(
                kind=WIDENED if wider else SOMEBODY,
                subjects=(name,),
                message=f"{'is more than before' if wider else 'is somebody else'}, who may {after}",
                before=identity(old),
                after=identity(new),
                where=where,
                gone=gone,
                explains=parts,
            )
        if before and not wider:
            yield Change(
                kind=NOBODY,
                subjects=(name,),
                message=f"was somebody else, who can no longer {before}",
                before=identity(old),
                after=identity(new),
                where=where,
                gone=gone,
                explains=parts,
            )
    yield from _renamed(sides)


def _includes(sides: Sides, wide: Principal, narrow: Principal) -> bool:
    """Whether everybody that one principal is the other one is, too."""
    if isinstance(wide, Federated) and isinstance(narrow, Federated):
        same = (wide.issuer, wide.audience) == (narrow.issuer, narrow.audience)
        return same and all(any(covers(one, other) for one in wide.subjects) for other in narrow.subjects)
    if isinstance(wide, PodIdentity) and isinstance(narrow, PodIdentity):
        return set(wide.pods) >= set(narrow.pods)
    if isinstance(wide, MadeRole) and isinstance(narrow, MadeRole):
        return identity(wide) == identity(narrow)  # their roles have one name, whoever takes them
    if isinstance(wide, LambdaFunctions) and isinstance(narrow, LambdaFunctions):
        return wide.account == narrow.account and covers(wide.function, narrow.function)
    if isinstance(wide, ServicePrincipal) and isinstance(narrow, ServicePrincipal):
        return (wide.service, wide.account) == (narrow.service, narrow.account) and wide.source in (None, narrow.source)
    one, other = exact_audience(wide), exact_audience(narrow)
    own = frozenset(sides.new.registry.accounts)
    return one is not None and other is not None and within(other, one, own)


def _parts(sides: Sides, old: Principal, new: Principal) -> frozenset[Part]:
    found: set[Part] = set()
    for side, principal in zip(sides.both, (old, new), strict=True):
        found.update(side.parts_of_principal(principal))
        for grant in side.registry.grants:
            if grant.principal == principal:
                for repository in side.registry.repositories:
                    if grants_on(grant, repository.name):
                        found.update(side.parts_of(repository.name, "RepositoryPolicyText"))
    return frozenset(found)


def granted_to(side: Side, principal: Principal) -> str:
    """What a principal may do, with the number of repositories: "push on 3 repositories, pull on 1"."""
    found: dict[str, set[str]] = {}
    for grant in side.registry.grants:
        if grant.principal == principal:
            names = {it.name for it in side.registry.repositories if grants_on(grant, it.name)}
            found.setdefault(grant.granted, set()).update(names or {grant.scope})
    words = [f"{word} on {len(names):,}" for word, names in found.items()]
    if words:
        words[0] += " repository" if words[0].endswith(" on 1") else " repositories"
    return listed(words)


def _renamed(sides: Sides) -> Iterator[Change]:
    """Roles are named after their principals: the same jobs under another name get another role."""
    old = {_who(it): it for it in sides.old.registry.principals}
    for new in sides.new.registry.principals:
        was = old.get(_who(new))
        if was is None or was.name == new.name or not isinstance(new, MadeRole):
            continue
        if granted_to(sides.old, was) and granted_to(sides.new, new):
            where, gone = sides.at(("principals", new.name))
            yield Change(
                kind=RENAMED,
                subjects=(was.name,),
                message="gets another name, and its role another ARN",
                before=naming.role_name(sides.old.registry.name, was.name),
                after=naming.role_name(sides.new.registry.name, new.name),
                where=where,
                gone=gone,
                explains=frozenset([*sides.old.parts_of_principal(was), *sides.new.parts_of_principal(new)]),
            )


@comparison
def teams(sides: Sides) -> Iterator[Change]:
    """Which team files may grant to whom."""
    old, new = (side.written.root.principals for side in sides.both)
    for name in sorted({*old} & {*new}):
        before, after = old[name].teams, new[name].teams
        if set(before) == set(after):
            continue
        more = EVERY_TEAM not in before and not set(after) <= set(before)
        where, gone = sides.at(("principals", name, "teams"))
        yield Change(
            kind=TEAMS if more else FEWER_TEAMS,
            subjects=(name,),
            message=f"{'more' if more else 'fewer'} team files may grant to it",
            before=", ".join(before) or "none",
            after=", ".join(after) or "none",
            where=where,
            gone=gone,
        )


@comparison
def roles(sides: Sides) -> Iterator[Change]:
    """What all roles have in common, and exceptions from it."""
    old, new = (side.registry.roles for side in sides.both)
    paths = [side.written.root.access.path for side in sides.both]
    if paths[0] != paths[1]:
        yield _of_all(sides, PATH, "path", "get another path: this deploy will fail", *paths)
    for account in sorted({*sides.old.registry.accounts, *sides.new.registry.accounts}):
        was, becomes = old.boundary_in(account), new.boundary_in(account)
        if was != becomes:
            of = BOUND if was is None else UNBOUND
            message = f"get {'another' if was and becomes else 'a' if becomes else 'no'} boundary in {account}"
            yield _of_all(sides, of, "permissions_boundary", message, was or "none", becomes or "none")
    if old.max_session_duration != new.max_session_duration:
        longer = new.max_session_duration > old.max_session_duration
        seconds = (f"{it.max_session_duration:,} seconds" for it in (old, new))
        message = f"have {'longer' if longer else 'shorter'} sessions"
        yield _of_all(sides, LONGER if longer else SHORTER, "max_session_duration", message, *seconds)
    for arn in sorted(old.existing_providers ^ new.existing_providers):
        named = arn in new.existing_providers
        yield _of_all(
            sides,
            NAMED_PROVIDERS if named else PROVIDERS,
            "oidc_providers",
            f"trust a provider that {'exists' if named else 'this deploy creates'}",
            *(("made here", arn) if named else (arn, "made here")),
        )
    before, after = sides.old.principals, sides.new.principals
    for name, role in after.items():
        was_role = before.get(name)
        if isinstance(role, ExistingRole) and not role.bounded and getattr(was_role, "bounded", True):
            where, gone = sides.at(("principals", name, "without_boundary"))
            yield Change(
                kind=EXCEPTED, subjects=(name,), message="needs no permissions boundary", where=where, gone=gone
            )


def _with_roles(side: Side) -> set[str]:
    """The stacks that make roles: Access, and those of pipelines."""
    access = (it for account in side.registry.accounts for it in side.registry.access_stacks_in(account))
    units = {it.construct_id for it in access} | {it.construct_id for it in side.registry.deliveries}
    return {naming.stack_name(side.registry.name, unit) for unit in units}


def _of_all(sides: Sides, of: Kind, key: str, message: str, before: str, after: str) -> Change:
    where, gone = sides.at(("access", key))
    stacks = {(stack, "", "") for side in sides.both for stack in side.stacks if stack[1] in _with_roles(side)}
    stacks |= {
        (side.stack(at, naming.MONITORING_UNIT), ROLE, "") for side in sides.both for at in side.registry.locations
    }
    return Change(
        kind=of,
        subjects=("the roles",),
        message=message,
        before=before,
        after=after,
        where=where,
        gone=gone,
        explains=frozenset(stacks),
    )
