"""Rules about what repository policies open: as grants are judged, whoever wrote them and in whichever form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from registry.access.callers import LAMBDA
from registry.access.openings import Audience, Opening, openings
from registry.access.policy_language import Statement, known_principal, principals_of
from registry.access.purposes import AUDIT, GRANTED, LAMBDA_PULL
from registry.access.rows import audience_of
from registry.findings import Severity, YamlPath, listed
from registry.limits import ECR_GUIDE, IAM_GUIDE
from registry.model import (
    Account,
    ExistingRole,
    LambdaFunctions,
    MadeRole,
    Organization,
    Principal,
    Registry,
    ServicePrincipal,
)
from registry.naming import partition
from registry.patterns import covers
from registry.resolve.files import team_of
from registry.rules.access.repository_policies import policies
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import EVERY_TEAM

POLICY_PAGE: Final = f"{ECR_GUIDE}/repository-policies.html"
TEAMS_PAGE: Final = "docs/teams.md"
READING: Final = frozenset({*GRANTED["pull"].on_repositories, *LAMBDA_PULL.on_repositories, *AUDIT.on_repositories})
_GRANTABLE: Final = READING.union(*(purpose.on_repositories for purpose in GRANTED.values()))


def opened(declared: RuleContext) -> Iterator[tuple[YamlPath, list[Opening]]]:
    """Every statement of repository policies that opens something: its place, and what it opens to each audience."""
    yield from opened_by(documents(declared))


def opened_by(found: Iterable[tuple[YamlPath, Mapping[str, Any]]]) -> Iterator[tuple[YamlPath, list[Opening]]]:
    """The same of some policies with their places."""
    for at, document in found:
        yield from _opened(at, document)


def _opened(at: YamlPath, document: Mapping[str, Any]) -> Iterator[tuple[YamlPath, list[Opening]]]:
    found: dict[int, list[Opening]] = {}
    for opening in openings(document):
        if _is_readable(document["Statement"][opening.statement]):
            found.setdefault(opening.statement, []).append(opening)
    for index, each in found.items():
        yield (*at, "Statement", index), each


def _is_readable(statement: Statement) -> bool:
    """Whether every principal is one; of others an error says that they are none."""
    return all(known_principal(*it) for it in principals_of(statement.get("Principal")))


def names_of(audiences: list[Opening], most: int = 3) -> str:
    return listed(dict.fromkeys(str(it.audience) for it in audiences), most)


def documents(declared: RuleContext) -> Iterator[tuple[YamlPath, Mapping[str, Any]]]:
    """Every policy that is written, with its place."""
    for at, policy in policies(declared):
        yield at, policy.model_dump(exclude_none=True)


def within(registry: Registry, audience: Audience) -> bool:
    """Whether these are of the one account the registry is in, named as a whole: that leaves it to its IAM."""
    return registry.accounts == (audience.account,) and audience.arn is None


@rule("repository-policy-open", "Say in each statement whom it lets in", POLICY_PAGE, Severity.WARNING)
def repository_policy_open(declared: RuleContext) -> Iterator[Problem]:
    """Principal * without a condition lets every AWS account in the world use the repository."""
    yield from to_everybody(opened(declared))


def to_everybody(found: Iterable[tuple[YamlPath, list[Opening]]]) -> Iterator[Problem]:
    """What is said of statements that let in everybody."""
    for at, each in found:
        for opening in each:
            if opening.audience.everybody:
                yield Problem(
                    at=(*at, "Principal"),
                    message="this statement allows every AWS account in the world",
                    given=f"Principal: *, where {opening.condition}" if opening.condition else "Principal: *",
                    allowed="accounts, roles or services by name, or a condition that says who: aws:PrincipalOrgID, "
                    "aws:PrincipalOrgPaths, aws:PrincipalAccount or aws:PrincipalArn, equal to a fixed value",
                    way_out='write Condition: {StringEquals: {"aws:PrincipalOrgID": o-…}}, or accept it with a '
                    "reason: the synth refuses it otherwise",
                    key=True,
                )


@rule(
    "repository-policy-service",
    "Say for whom a service is let in, with a condition on its source",
    POLICY_PAGE,
    Severity.WARNING,
)
def repository_policy_service(declared: RuleContext) -> Iterator[Problem]:
    """Any customer of AWS can make the service act for them, and so read your images (the confused deputy)."""
    account = declared.registry.account
    for at, each in opened(declared):
        if services := [it for it in each if it.audience.service and it.audience.source is None]:
            service = services[0].audience.service or ""
            source = f"arn:{partition(declared.registry.region)}:{service.partition('.')[0]}:*:{account}:*"
            yield Problem(
                at=(*at, "Principal"),
                message=f"{service} may act here for anyone who uses it, in any account",
                given=listed(it.audience.service or "" for it in services),
                allowed="a condition on aws:SourceArn, aws:SourceAccount or aws:SourceOrgID",
                way_out=f'write Condition: {{ArnLike: {{"aws:SourceArn": "{source}"}}}}, '
                "or pull: [NAME] of a principal with lambda_account",
                key=True,
            )


@rule("repository-policy-kind", "Allow writing to single roles only", "docs/access.md", Severity.WARNING)
def repository_policy_kind(declared: RuleContext) -> Iterator[Problem]:
    """In an account or an organization every role could write, and nobody could say who pushed an image."""
    for at, each in opened(declared):
        many = [it for it in each if is_many(it.audience) and not within(declared.registry, it.audience)]
        if writing := sorted(frozenset[str]().union(*(it.actions for it in many)) - READING):
            yield Problem(
                at=at,
                message=f"{names_of(many)} is not one role, and may {listed(writing, 3)}",
                given=f"actions beyond pulling and describing: {len(writing)}",
                allowed="pull for many; writing for roles by name",
                way_out="name the role that does it, or accept it with a reason",
            )


def is_many(who: Audience) -> bool:
    """Whether these are more than one role; of everybody another rule speaks."""
    return not who.everybody and (who.arn is None or bool(set(who.arn) & set("*?")))


@rule(
    "repository-policy-outside-organization",
    "Keep access within your organization, or accept it with a reason",
    f"{IAM_GUIDE}/reference_policies_condition-keys.html",
    Severity.WARNING,
)
def repository_policy_outside_organization(declared: RuleContext) -> Iterator[Problem]:
    """An account outside is under other people's control. A reviewer should see that it can reach your images."""
    yield from to_outside(declared.registry, opened(declared))


def to_outside(registry: Registry, found: Iterable[tuple[YamlPath, list[Opening]]]) -> Iterator[Problem]:
    """What is said of statements that let in others than the organization."""
    own = registry.roles.organization
    for at, each in found:
        if outside := [it for it in each if _is_outside(registry, it.audience)]:
            others = [it for it in outside if it.audience.organization]
            yield Problem(
                at=at,
                message=f"{names_of(others)} is another organization"
                if len(others) == len(outside)
                else f"nothing requires {names_of(outside)} to be in your organization",
                given=names_of(outside),
                allowed="accounts of the organization that access.organization names" if own else "access.organization",
                way_out="write your own organization, or accept it with a reason"
                if len(others) == len(outside)
                else f'add Condition: {{StringEquals: {{"{_key_of(outside)}": {own or "o-…"}}}}}, '
                "or accept it with a reason",
            )


def _key_of(outside: list[Opening]) -> str:
    return "aws:SourceOrgID" if all(it.audience.service for it in outside) else "aws:PrincipalOrgID"


def _is_outside(registry: Registry, who: Audience) -> bool:
    """Whether these may be of no account of the organization, and no principal of the file says they may be."""
    own = registry.roles.organization
    if who.everybody or (who.service is not None and who.source in (None, own)):
        return False  # other rules speak of them
    inside = who.organization is not None and who.organization == (own or who.organization)
    return not (inside or (who.account or who.source_account) in registry.accounts or audience_of(registry, who))


@rule("repository-policy-team", "Open no more in a team's policy than the team may grant", TEAMS_PAGE)
def repository_policy_team(declared: RuleContext) -> Iterator[Problem]:
    """A raw policy would otherwise let in those that the owners of the root file did not mark for the team."""

    @cache
    def marked(file: str) -> tuple[Principal, ...]:
        namespace = declared.written.teams[file].namespace
        teams = {name: {*shape.teams} for name, shape in declared.root.principals.items()}  # a pipeline's role has none
        here = {EVERY_TEAM, namespace}
        return tuple(it for it in declared.registry.principals if here & teams.get(it.name, set()))

    for at, each in opened(declared):
        file = team_of(at)
        if file is None:
            continue
        found = [(it, _more(declared.registry, marked(file), it)) for it in each]
        if beyond := [(opening, more) for opening, more in found if more]:
            namespace = declared.written.teams[file].namespace
            names = names_of([opening for opening, _ in beyond])
            yield Problem(
                at=at,
                message=f"the team file of {namespace} may not open {listed(beyond[0][1], 3)} to {names}",
                given=names,
                allowed="principals of the root file marked for the namespace, and what they may be granted: "
                f"{listed(it.name for it in marked(file)) or 'there are none'}",
                way_out=f"grant it (pull: [NAME]) to a principal marked with teams: [{namespace}], or write this "
                f"policy in the root file under namespaces.{namespace}",
            )
    yield from _lost(declared)


def _more(registry: Registry, marked: tuple[Principal, ...], opening: Opening) -> list[str]:
    """The actions that are opened to an audience and could not be granted to it."""
    if within(registry, opening.audience):
        return []
    return sorted(opening.actions.difference(*(_may_open(registry, it, opening.audience) for it in marked)))


def _may_open(registry: Registry, principal: Principal, who: Audience) -> frozenset[str]:
    """What a team that a principal is marked for may open to an audience, because it is this principal or in it."""
    bound = getattr(principal, "of_organization", None)
    if bound and who.account not in registry.accounts and who.organization != bound:
        return frozenset()
    if isinstance(principal, MadeRole | ExistingRole):
        return _GRANTABLE if who.arn == principal.arn else frozenset()
    if isinstance(principal, Account):
        return READING if who.account == principal.account else frozenset()
    if isinstance(principal, Organization):
        inside = principal.path is None or f"{who.path or ''}/".startswith(f"{principal.path}/")
        return READING if who.organization == principal.id and inside else frozenset()
    if isinstance(principal, LambdaFunctions):
        return READING if who.service == LAMBDA and _is_of(principal, who) else frozenset()
    if isinstance(principal, ServicePrincipal):
        return READING if who.service == principal.service and _acts_for(principal, who) else frozenset()
    return frozenset()  # the role of a pipeline, which is marked for no team


def _is_of(functions: LambdaFunctions, who: Audience) -> bool:
    if who.source_account != functions.account:
        return False
    _, found, function = (who.source or "").partition(":function:")
    return functions.function == "*" or bool(found and covers(functions.function, function))


def _acts_for(service: ServicePrincipal, who: Audience) -> bool:
    return who.source == service.source if service.source else who.source_account == service.account


def _lost(declared: RuleContext) -> Iterator[Problem]:
    """What the root file denies, and a team's own policy would replace."""
    for file, team in declared.written.teams.items():
        above = [
            policy.model_dump(exclude_none=True)
            for _, layer in declared.written.namespace_layers(team.namespace, None)
            if (policy := layer.repository_policy) is not None
        ][:1]
        denied = [it for document in above for it in document["Statement"] if it["Effect"] == "Deny"]
        for at, document in documents(declared) if denied else ():
            kept = [{**it, "Sid": None} for it in document["Statement"]]
            if team_of(at) == file and any({**it, "Sid": None} not in kept for it in denied):
                yield Problem(
                    at=at,
                    message="this replaces a policy of the root file, so the Deny statements there no longer hold",
                    given=listed(it.get("Sid", "a Deny without Sid") for it in denied),
                    allowed="a policy with every Deny of the one it replaces",
                    way_out="copy the statements with Effect: Deny from the root file, or remove repository_policy",
                    key=True,
                )
