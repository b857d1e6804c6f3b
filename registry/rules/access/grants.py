"""Rules about grants: to principals there are, by those who may, of what can be granted; and what they come to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.access.policies import EVERYWHERE, locations_of
from registry.findings import Severity, YamlPath, listed, shown
from registry.limits import IAM_GUIDE
from registry.nearest import Nearest
from registry.patterns import covers
from registry.resolve.files import team_of
from registry.resolve.registry import GRANTS
from registry.resolve.registry import listed as over_layers
from registry.resolve.subjects import identities
from registry.rules.access.principals import ACCESS_PAGE, kind_of
from registry.rules.access.teams import misnamed
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import EVERY_TEAM

QUOTAS_PAGE: Final = f"{IAM_GUIDE}/reference_iam-quotas.html"
ENVIRONMENT_TAGS: Final = ("dev", "staging", "prod")
_WRITING: Final = tuple(key for key in GRANTS if key not in EVERYWHERE)
_SERVICES: Final = ("lambda_account", "service")


def grants(declared: RuleContext) -> Iterator[tuple[YamlPath, str, str]]:
    """Every grant as written, those of public repositories included: its place, its key and the principal's name."""
    for at, settings in declared.written.every_layer():
        for key in GRANTS:
            for index, name in enumerate(getattr(settings, key)):
                yield (*at, key, index), key, name
    for name, shape in declared.root.public_repositories.items():
        yield from ((("public_repositories", name, "push", index), "push", who) for index, who in enumerate(shape.push))


@rule("grant-principal", "Grant to principals that the root file declares", ACCESS_PAGE, waits=True)
def grant_principal(declared: RuleContext) -> Iterator[Problem]:
    """A grant to an unknown name would let nobody in, and the push or pull would fail with access denied."""
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


@rule("grant-team", "Let a team grant only to principals that are marked for it", "docs/teams.md")
def grant_team(declared: RuleContext) -> Iterator[Problem]:
    """Otherwise a team could let in any principal of the company, without review of those who own the root file."""
    told = {file for file, team in declared.written.teams.items() if misnamed(team)}  # once, by `team-repository`
    for at, _, name in grants(declared):
        file, shape = team_of(at), declared.root.principals.get(name)
        if file is None or shape is None or file in told:
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


@rule("grant-kind", "Grant push, promote and delete to single roles only", ACCESS_PAGE)
def grant_kind(declared: RuleContext) -> Iterator[Problem]:
    """In an account or an organization every role could write, and nobody could say who pushed an image."""
    for at, key, name in grants(declared):
        shape = declared.root.principals.get(name)
        kind = kind_of(shape) if shape is not None else None
        public = at[0] == "public_repositories"  # whose policies let in roles alone
        if shape is not None and kind in _SERVICES and key != "pull":
            yield Problem(
                at=at,
                message=f"{name} is a service, so only pull can be granted to it",
                given=f"{key}: {name}, {kind}",
                allowed=f"principals with a role may {key}",
                way_out="declare the role that does it as a principal with role:",
            )
        elif (
            shape is not None
            and key in _WRITING
            and kind in ("account", "organization", "organizational_unit")
            and (public or not shape.every_role_writes)
        ):
            yield Problem(
                at=at,
                message=f"{name} is not one role, so "
                + ("it cannot push to the world" if public else "only pull and read can be granted to it"),
                given=f"{key}: {name}, {kind}",
                allowed=f"principals with a role may {key}",
                way_out="declare the role that does it as a principal with role:"
                + (", or write every_role_writes: true beside the account" if kind == "account" and not public else ""),
            )


@rule("grant-pull-requests", "Do not let pull requests push", ACCESS_PAGE, Severity.WARNING)
def grant_pull_requests(declared: RuleContext) -> Iterator[Problem]:
    """A pull request runs code that nobody has reviewed. It could put an image in the place of the one you deploy."""
    for at, key, name in grants(declared):
        shape = declared.root.principals.get(name)
        asking = next((each for _, each in identities(shape) if each.pull_requests), None) if shape else None
        if asking is not None and key in _WRITING:
            yield Problem(
                at=at,
                message=f"every pull request of {asking.github} may {key}, before anyone has reviewed it",
                given=f"{key}: {name}",
                allowed="pull for pull requests; writing for a branch or an environment",
                way_out="give pull requests a repository of their own, or accept it with a reason",
            )


@rule(
    "grant-failover-push",
    "Grant push at home, and failover_push only for a planned failover",
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html",
    Severity.WARNING,
)
def grant_failover_push(declared: RuleContext) -> Iterator[Problem]:
    """ECR does not copy images from a replica back home. A tag pushed to an immutable replica blocks the same tag from
    home.
    """
    for at, key, name in grants(declared):
        if key == "failover_push":
            yield Problem(
                at=at,
                message=f"{name} may push to replicas; these images are not copied back, and can block replicated tags",
                given=f"{key}: {name}",
                allowed="push, in the home region",
                way_out="write push, or accept it with a reason",
            )


@rule(
    "grant-nowhere",
    "Grant failover_push only where a replica receives the namespace",
    ACCESS_PAGE,
    Severity.WARNING,
    waits=True,
)
def grant_nowhere(declared: RuleContext) -> Iterator[Problem]:
    """The grant allows nothing, so in a failover the push fails."""
    for grant in declared.registry.grants:
        if grant.granted == "failover_push" and not locations_of(declared.registry, grant):
            yield Problem(
                at=grant.at,
                message=f"no replica receives {grant.scope}, so this grant allows {grant.principal.name} nothing",
                given=f"failover_push: {grant.principal.name}",
                allowed="failover_push where a replica receives the namespace",
                way_out="remove it, or declare the replica",
            )


@rule(
    "grant-environment-tags",
    "Give environments a namespace of their own: push can move any moving tag",
    ACCESS_PAGE,
    Severity.WARNING,
)
def grant_environment_tags(declared: RuleContext) -> Iterator[Problem]:
    """IAM has no condition on image tags. Whoever may push a build may also point `prod` to it, without promotion."""
    for repository in declared.registry.repositories:
        pushing = sorted({g.principal.name for g in repository.grants if g.granted in ("push", "failover_push")})
        if not pushing:
            continue
        layers = list(declared.written.layers(repository.name))
        moving = over_layers(layers, "moving_tags") if repository.image_tag_mutability.startswith("IMM") else ("*",)
        tags = [tag for tag in ENVIRONMENT_TAGS if any(covers(pattern, tag) for pattern in moving)]
        if tags:
            grant = next(g for g in repository.grants if g.granted in ("push", "failover_push"))
            yield Problem(
                at=grant.at,
                message=f"{listed(pushing)} may move {listed(tags)}: IAM has no condition on image tags",
                given=f"push, and moving tags {listed(tags)}",
                allowed="environment tags in repositories that only the promoting principal may write",
                way_out="give environments a namespace of their own, such as prod/, or accept it with a reason",
            )
