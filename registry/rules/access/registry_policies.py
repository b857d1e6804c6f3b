"""Rules about registry policies: what those that are written in AWS's form open and close.

Their words are checked with those of repository policies. What they open has warnings of its own: whoever accepts one
public repository has not accepted a public registry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from registry.access.ecr_actions import ON_REGISTRY, ON_REPOSITORIES
from registry.access.openings import Audience, Opening, is_for_everybody
from registry.access.policy_language import VARIABLE, actions_of
from registry.access.purposes import AUDIT, PULL, REPLICATE
from registry.findings import Severity, YamlPath, listed, shown
from registry.limits import ECR_GUIDE
from registry.locations import Location
from registry.naming import partition, repository_arn
from registry.nearest import Nearest
from registry.patterns import meet
from registry.rules.access.raw_policies import READING, is_many, names_of, opened_by, to_everybody, to_outside
from registry.rules.access.repository_policies import matches_some, words
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import RegistryStatementShape

REGISTRY_PAGE: Final = f"{ECR_GUIDE}/registry-permissions.html"
DECISION: Final = "docs/decisions/0053-a-registry-policy-of-ones-own.md"
_NAMES: Final = (*ON_REPOSITORIES, *ON_REGISTRY)
#: A cache in another account asks how far a copy is.
_HARMLESS: Final = READING.union(AUDIT.on_registry, {"ecr:GetAuthorizationToken", "ecr:GetImageCopyStatus"})
_KEPT: Final = frozenset({"ecr:PutRegistryPolicy", "ecr:DeleteRegistryPolicy"})


def _opened(declared: RuleContext) -> Iterator[tuple[Location, YamlPath, list[Opening]]]:
    """What each statement opens to each audience, with its location and place."""
    for at, policy in declared.registry.registry_policies.items():
        for place, found in opened_by([(policy.at, policy.document)]):
            yield at, place, found


def _statements(declared: RuleContext) -> Iterator[tuple[Location, YamlPath, RegistryStatementShape]]:
    """Every statement with its location and place."""
    locations = {policy.at: at for at, policy in declared.registry.registry_policies.items()}
    for place, policy in declared.written.registry_policies():
        for index, statement in enumerate(policy.Statement):
            if place in locations:
                yield locations[place], (*place, "Statement", index), statement


@rule("registry-policy-action", "Name only ECR's actions in a registry policy", REGISTRY_PAGE)
def registry_policy_action(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses a policy with any other action, and a misspelled one allows nothing."""
    nearest = Nearest(f"ecr:{name}" for name in sorted(_NAMES))
    for _, place, statement in _statements(declared):
        for key in ("Action", "NotAction"):
            for at, action in words((*place, key), getattr(statement, key)):
                service, _, word = action.partition(":")
                if service.lower() == "ecr" and matches_some(word, _NAMES):
                    continue
                every = action == "*"
                yield Problem(
                    at=at,
                    message="a registry policy can contain ECR actions only"
                    if service.lower() != "ecr"
                    else "ECR has no such action",
                    given=shown(action),
                    allowed="ecr:… with an action of ECR, such as ecr:ReplicateImage; * is a wildcard",
                    way_out="write the actions that are needed" if every else nearest.way_out(action) or "remove it",
                )


@rule(
    "registry-policy-resource",
    "Name repositories of this registry in its policy",
    f"{ECR_GUIDE}/registry-permissions-examples.html",
    Severity.WARNING,
)
def registry_policy_resource(declared: RuleContext) -> Iterator[Problem]:
    """A policy of a registry reaches no other one, so the statement allows or denies nothing."""
    for at, place, statement in _statements(declared):
        everything = repository_arn(at, "*")
        for key in ("Resource", "NotResource"):
            for where, resource in words((*place, key), getattr(statement, key)):
                if VARIABLE not in resource and not meet(resource.replace("?", "*"), everything):
                    yield Problem(
                        at=where,
                        message=f"no repository of {at.beside(declared.registry.home)} has this ARN",
                        given=shown(resource, 90),
                        allowed=f"{everything}, or a part of it",
                        way_out=f"write {everything}, or the name of a repository instead of *",
                    )


@rule("registry-policy-open", "Say in a registry policy whom each statement lets in", REGISTRY_PAGE, Severity.WARNING)
def registry_policy_open(declared: RuleContext) -> Iterator[Problem]:
    """Principal * without a condition lets every AWS account in the world into all repositories, also those to come."""
    yield from to_everybody((place, found) for _, place, found in _opened(declared))


@rule(
    "registry-policy-service",
    "Say in a registry policy for whom a service is let in",
    REGISTRY_PAGE,
    Severity.WARNING,
)
def registry_policy_service(declared: RuleContext) -> Iterator[Problem]:
    """Any customer of AWS can make the service act for them (the confused deputy), here in every repository."""
    for at, place, found in _opened(declared):
        if services := [it for it in found if it.audience.service and it.audience.source is None]:
            yield Problem(
                at=(*place, "Principal"),
                message=f"{services[0].audience.service} may act here for anyone who uses it, in any account",
                given=listed(it.audience.service or "" for it in services),
                allowed="a condition on aws:SourceArn, aws:SourceAccount or aws:SourceOrgID",
                way_out=f'write Condition: {{StringEquals: {{"aws:SourceAccount": "{at.account}"}}}}, or the account '
                "that it is for, or accept it with a reason",
                key=True,
            )


@rule("registry-policy-kind", "Allow writing in a registry to single roles only", DECISION, Severity.WARNING)
def registry_policy_kind(declared: RuleContext) -> Iterator[Problem]:
    """In an account or an organization every role could write to the repositories of all teams, and nobody could say
    who did.
    """
    for at, place, found in _opened(declared):
        many = [(it, _writing(it)) for it in found if is_many(it.audience) and not _is_own(at, it.audience)]
        if many := [(it, writing) for it, writing in many if writing]:
            writing = sorted(frozenset[str]().union(*(each for _, each in many)))
            yield Problem(
                at=place,
                message=f"{names_of([it for it, _ in many])} is not one role, and may {listed(writing, 3)}",
                given=f"actions beyond pulling, describing, caching and replicating: {len(writing)}",
                allowed="pulling, caching, and replication from an account; writing for roles by name",
                way_out="name the role that does it, or accept it with a reason",
            )


def _is_own(at: Location, who: Audience) -> bool:
    """Whether these are the account of the registry as a whole: that leaves it to its IAM."""
    return who.account == at.account and who.arn is None


def _writing(opening: Opening) -> frozenset[str]:
    """What an opening lets many do that is more than reading, caching, or replicating from one account.

    Of whoever replicates, ECR knows the account alone.
    """
    beside: frozenset[str] = frozenset()
    if "ecr:BatchImportUpstreamImage" in opening.actions:
        beside |= frozenset(PULL.on_caches)
    if "ecr:ReplicateImage" in opening.actions and opening.audience.account:
        beside |= frozenset({*REPLICATE.on_repositories, "ecr:TagResource"})
    return opening.actions - _HARMLESS - beside


@rule(
    "registry-policy-outside-organization",
    "Keep a registry within your organization, or accept it with a reason",
    REGISTRY_PAGE,
    Severity.WARNING,
)
def registry_policy_outside_organization(declared: RuleContext) -> Iterator[Problem]:
    """An account outside is under other people's control, and a registry policy lets it into the repositories of all
    teams.
    """
    found = ((place, [it for it in each if not _is_own(at, it.audience)]) for at, place, each in _opened(declared))
    yield from to_outside(declared.registry, found)


@rule(
    "registry-policy-wildcard", "Name the actions a registry policy allows, not ecr:*", REGISTRY_PAGE, Severity.WARNING
)
def registry_policy_wildcard(declared: RuleContext) -> Iterator[Problem]:
    """`ecr:*` includes deleting every repository, ending replication and changing this policy."""
    for _, place, statement in _statements(declared):
        allowed = statement.Action if statement.Effect == "Allow" else None
        for at, action in words((*place, "Action"), allowed):
            if re.fullmatch(r"ecr:\*+", action.lower()):
                yield Problem(
                    at=at,
                    message="this allows everything in the registry: deleting repositories, ending replication and "
                    "changing this policy included",
                    given=shown(action),
                    allowed="the actions that are needed",
                    way_out="for pulling write ecr:BatchGetImage and ecr:GetDownloadUrlForLayer",
                )


@rule("registry-policy-locked", "Let somebody change the registry policy", DECISION, Severity.WARNING)
def registry_policy_locked(declared: RuleContext) -> Iterator[Problem]:
    """ECR asks the registry policy for every request, so a Deny for all also stops a deploy, and whoever would take the
    Deny back.
    """
    role = f"arn:{partition(declared.registry.region)}:iam::…:role/…"
    for policy in declared.registry.registry_policies.values():
        for index, statement in enumerate(policy.document["Statement"]):
            if statement["Effect"] == "Deny" and is_for_everybody(statement) and actions_of(statement) & _KEPT:
                yield Problem(
                    at=(*policy.at, "Statement", index),
                    message="this denies everybody to change the registry policy again, a deploy included",
                    given=listed(sorted(actions_of(statement) & _KEPT)),
                    allowed="a Deny of other actions, or one with a condition that leaves somebody",
                    way_out="name the actions that are meant, or add Condition: "
                    f'{{ArnNotLike: {{"aws:PrincipalArn": "{role}"}}}}',
                )
