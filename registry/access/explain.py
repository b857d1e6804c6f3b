"""Questions about access: who may do what where, and by which layer.

Answered from the policies that the file makes, as AWS would: of roles, repositories, creation templates and registries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from registry import naming, patterns
from registry.access.caching import is_cached
from registry.access.callers import caller_of
from registry.access.ecr_actions import ON_REGISTRY, ON_REPOSITORIES
from registry.access.openings import condition_of
from registry.access.policies import (
    by_role,
    locations_of,
    repository_statements,
    role_account,
    role_policies,
)
from registry.access.purposes import GRANTED, LAMBDA_PULL, PULL, Purpose
from registry.access.registry_policy import registry_statements
from registry.access.verdicts import Verdict, verdicts
from registry.findings import YamlPath
from registry.locations import Location
from registry.model import (
    Account,
    CreationTemplate,
    ExistingRole,
    Federated,
    Grant,
    LambdaFunctions,
    Organization,
    PipelineRole,
    PodIdentity,
    Principal,
    Registry,
    Repository,
    ServicePrincipal,
)
from registry.patterns import below

#: What a statement hangs on beside its conditions, where it is not certain.
_UNSAID: Final = "it is the session or the repository that is named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One statement that allows or denies something: where it is, in which locations, and where the file says so.

    `granted` is the key of the grants it comes from, empty where it is written as it is; `condition` is what must be
    true besides, where that is more than who asks.
    """

    allows: bool
    statement: str
    locations: tuple[Location, ...]
    at: tuple[YamlPath, ...]
    granted: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether a principal may, somewhere, and why; `template` makes the repository where it is not declared.

    `other_side` is the account that has to allow it its own role as well, where it is not one of the registry's.
    """

    allowed: bool
    reasons: tuple[Reason, ...]
    template: CreationTemplate | None = None
    other_side: str | None = None


def identity(principal: Principal) -> str:
    """Who a principal is, in one line."""
    if isinstance(principal, Federated):
        return f"{principal.issuer} {' or '.join(principal.subjects)}"
    if isinstance(principal, PodIdentity):
        return f"pods of {' or '.join(map(str, principal.pods))}"
    if isinstance(principal, ExistingRole):
        return principal.arn
    if isinstance(principal, PipelineRole):
        return f"{principal.part} of the pipeline of {principal.repository}"
    if isinstance(principal, Account):
        return f"account {principal.account}"
    if isinstance(principal, Organization):
        return principal.path or principal.id
    if isinstance(principal, ServicePrincipal):
        return f"{principal.service} for {principal.source or principal.account}"
    return f"Lambda {principal.function} of {principal.account}"


def action_named(word: str) -> str | None:
    """ECR's action of a name, with or without `ecr:` and in any case; None where there is none."""
    wanted = word.lower().removeprefix("ecr:")
    return next((f"ecr:{name}" for name in (*ON_REPOSITORIES, *ON_REGISTRY) if name.lower() == wanted), None)


def covers(grant: Grant, repository: str) -> bool:
    """Whether a grant speaks of a repository, declared or not."""
    return _within(grant.scope, repository)


def template_for(registry: Registry, repository: str) -> CreationTemplate | None:
    """The template by which a push at home, or a cache anywhere, makes a repository: that of the longest prefix."""
    cached = any(is_cached(registry, repository, at) for at in registry.locations)
    served = {"CREATE_ON_PUSH", *(["PULL_THROUGH_CACHE"] if cached else [])}
    return _nearest([it for it in registry.creation_templates if served & {*it.applied_for}], repository)


def _nearest(templates: list[CreationTemplate], repository: str) -> CreationTemplate | None:
    found = [it for it in templates if below(it.prefix, repository) and it.prefix != repository]
    return max(found, key=lambda it: (it.prefix != "ROOT", len(it.prefix)), default=None)


def ask(registry: Registry, principal: Principal, action: str, repository: str) -> Answer | None:
    """Whether a principal may do an action (`ecr:…`) on a repository; None where nobody declares or makes it."""
    declared = registry.repository(repository)
    template = None if declared else template_for(registry, repository)
    if declared is None and template is None:
        return None
    account = role_account(registry, principal)
    outside = getattr(principal, "account", None) if isinstance(principal, ExistingRole | Account) else None
    if action.removeprefix("ecr:") in ON_REGISTRY:
        allowing, denying = _on_registry(registry, principal, account, action, repository)
        return Answer(
            allowed=bool(allowing),
            reasons=_joined([*allowing, *denying]),
            template=template,
            other_side=outside if allowing and account is None else None,
        )
    allowing, denying = [], []
    for at in registry.locations:
        kind = declared or (template if at == registry.home else _replicated(registry, at, repository))
        if kind is None or (declared and declared not in registry.repositories_in(at)):
            continue
        found = _at(registry, principal, action, repository, at, kind)
        denying += [reason for reason in found if not reason.allows]
        if not any(not reason.allows and not reason.condition for reason in found):
            allowing += [reason for reason in found if reason.allows]
    return Answer(
        allowed=bool(allowing),
        reasons=_joined([*allowing, *denying]),
        template=template,
        other_side=outside if allowing and account is None else None,
    )


def _replicated(registry: Registry, at: Location, repository: str) -> CreationTemplate | None:
    """The template by which replication of home, or a cache there, makes a repository that is not declared."""
    namespace = naming.namespace_of(repository)
    receives = any(r.location == at and (r.all_repositories or namespace in r.namespaces) for r in registry.replicas)
    made = receives or is_cached(registry, repository, at)
    return _nearest(list(registry.templates_in(at)), repository) if made else None


def _at(
    registry: Registry,
    principal: Principal,
    action: str,
    repository: str,
    at: Location,
    kind: Repository | CreationTemplate,
) -> list[Reason]:
    """What allows and what denies at one location; nothing allows where only one of two that are needed does."""
    text = kind.policy_in(at)
    document = json.loads(text) if text else None
    said = list(verdicts(document, caller_of(registry, principal, at), action))

    def reason(verdict: Verdict) -> Reason:
        return _of_policy(registry, principal, document, verdict, repository, at, kind)

    account = role_account(registry, principal)
    resources = [(it, reason(it)) for it in said]
    resources += _of_registry(registry, principal, action, naming.repository_arn(at, repository), at)
    own = [] if account is None else list(_of_role(registry, principal, account, action, repository, at))
    return _together(account, at, own, resources)


Said = list[tuple[Verdict, Reason]]


def _together(account: str | None, at: Location, own: list[Reason], resources: Said) -> list[Reason]:
    """What the policies of a role (`own`) and those of a repository and its registry come to at a location."""
    denied = [reason for verdict, reason in resources if not verdict.allows]
    allowed = [reason for verdict, reason in resources if verdict.allows]
    if account is None:
        return [*denied, *allowed]
    if account == at.account:  # either suffices, but a statement that names the account leaves it to its IAM
        return [*denied, *own, *(reason for it, reason in resources if it.allows and it.reach == "named")]
    return [*denied, *own, *allowed] if own and allowed else denied


def _on_registry(
    registry: Registry, principal: Principal, account: str | None, action: str, repository: str
) -> tuple[list[Reason], list[Reason]]:
    """What allows and what denies an action that is about no repository: of such, `*` alone is the resource."""
    own = [] if account is None else list(_of_role(registry, principal, account, action, repository, None))
    allowing: list[Reason] = []
    denying: list[Reason] = []
    for at in registry.locations:
        here = [replace(it, locations=(at,)) for it in own if at in it.locations]
        resources = _of_registry(registry, principal, action, "*", at)
        if not resources or account not in (None, at.account):
            allowing += here  # a role of another account asks its own registry
            continue
        found = _together(account, at, here, resources)
        denying += [reason for reason in found if not reason.allows]
        if not any(not reason.allows and not reason.condition for reason in found):
            allowing += [reason for reason in found if reason.allows]
    return allowing, denying


def _of_registry(registry: Registry, principal: Principal, action: str, resource: str, at: Location) -> Said:
    """What the registry policy of a location says of an action on a resource: what is written, and what is granted."""
    caller = caller_of(registry, principal, at)
    found: Said = []
    for number, each in enumerate(registry_statements(registry, at), start=1):
        grants = [it for it in each.grants if it.principal == principal] or each.grants
        for verdict in verdicts({"Statement": [each.document]}, caller, action, resource):
            reason = Reason(
                allows=verdict.allows,
                statement=f"{each.document.get('Sid') or f'statement {number}'} of the registry policy",
                locations=(at,),
                at=tuple(grant.at for grant in grants) if each.at is None else (each.at,),
                granted=PULL.name if each.grants else "",
                condition="" if verdict.certain else condition_of(each.document) or _UNSAID,
            )
            found.append((verdict, reason))
    return found


def _joined(reasons: list[Reason]) -> tuple[Reason, ...]:
    """Reasons with the same words, as one with the locations of all."""
    found: dict[Reason, list[Location]] = {}
    for reason in reasons:
        found.setdefault(replace(reason, locations=()), []).extend(reason.locations)
    return tuple(replace(it, locations=tuple(dict.fromkeys(each))) for it, each in found.items())


def _within(scope: str, repository: str) -> bool:
    return repository.startswith(scope[:-1]) if scope.endswith("/*") else repository == scope


def purpose_of(grant: Grant) -> Purpose:
    """What a grant is for."""
    if isinstance(grant.principal, LambdaFunctions):
        return LAMBDA_PULL
    return GRANTED["push" if grant.granted == "failover_push" else grant.granted]


def _of_policy(
    registry: Registry,
    principal: Principal,
    document: Any,
    verdict: Verdict,
    repository: str,
    at: Location,
    kind: Repository | CreationTemplate,
) -> Reason:
    """A statement of a repository's or template's policy; those that are written come first."""
    statement, written = document["Statement"][verdict.statement], len(kind.written_at)
    name = statement.get("Sid") or f"statement {verdict.statement + 1}"
    what = f"the template {kind.prefix}" if isinstance(kind, CreationTemplate) else repository
    condition = "" if verdict.certain else condition_of(statement) or _UNSAID
    places, granted = kind.written_at[verdict.statement : verdict.statement + 1], ""
    if verdict.statement >= written:
        _, grants = repository_statements(kind.grants, at, registry.home)[verdict.statement - written]
        own = [grant for grant in grants if grant.principal == principal]
        places, granted = tuple(grant.at for grant in own or grants), grants[0].granted
    return Reason(
        allows=verdict.allows,
        statement=f"{name} of the repository policy of {what}",
        locations=(at,),
        at=places,
        granted=granted,
        condition=condition,
    )


def _of_role(
    registry: Registry, principal: Principal, account: str, action: str, repository: str, at: Location | None
) -> Iterator[Reason]:
    """Which statement of which managed policy of the role allows it at a location (None: on the registry)."""
    grants = by_role(registry, account).get(principal, [])
    role = (
        principal.role_name if isinstance(principal, ExistingRole) else naming.role_name(registry.name, principal.name)
    )
    wanted = "*" if at is None else naming.repository_arn(at, repository)
    said = [
        grant
        for grant in grants
        if covers(grant, repository)
        and (action in purpose_of(grant).on_registry if at is None else at in locations_of(registry, grant))
        and action in (*purpose_of(grant).on_registry, *purpose_of(grant).of_own_roles, *purpose_of(grant).on_caches)
    ]
    for number, document in enumerate(role_policies(registry, account)[principal] if said else (), start=1):
        for statement in document["Statement"]:
            resources = [statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"]
            if action in statement["Action"] and any(patterns.covers(it, wanted) for it in resources):
                policy = naming.access_policy_name(registry.name, principal.name, number)
                purpose = statement["Sid"].rstrip("0123456789").lower()
                by = [
                    it
                    for it in said
                    if at is None or purpose_of(it).name == purpose or action in purpose_of(it).on_caches
                ]
                yield Reason(
                    allows=True,
                    statement=f"{statement['Sid']} of the managed policy {policy} of the role {role}",
                    locations=locations_of(registry, by[0]) if at is None else (at,),
                    at=tuple(grant.at for grant in by if grant.granted == by[0].granted),
                    granted=by[0].granted,
                )
