"""Rules about lifecycles by name: what is used is declared, and what is declared is used."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import Severity, listed, shown
from registry.limits import ECR_GUIDE
from registry.nearest import Nearest
from registry.resolve.files import team_of
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import BUILT_IN_LIFECYCLE

LIFECYCLES_PAGE = f"{ECR_GUIDE}/LifecyclePolicies.html"


@rule("lifecycle-name", "Name lifecycles that are declared", LIFECYCLES_PAGE, waits=True)
def lifecycle_name(declared: RuleContext) -> Iterator[Problem]:
    """The repository would have no lifecycle policy, or not the one you meant."""
    near: dict[str | None, tuple[Nearest, str]] = {}
    for at, settings in declared.written.with_settings():
        team, name = team_of(at), settings.lifecycle
        if name in (None, BUILT_IN_LIFECYCLE) or declared.written.lifecycle_place(name, team) is not None:
            continue
        if team not in near:
            own = declared.written.teams[team].lifecycles if team is not None else ()
            known = dict.fromkeys([*own, *declared.root.lifecycles, BUILT_IN_LIFECYCLE])
            near[team] = Nearest(known), listed(known)
        nearest, allowed = near[team]
        yield Problem(
            at=(*at, "lifecycle"),
            message=f"there is no lifecycle {name}",
            given=shown(name),
            allowed=allowed,
            way_out=nearest.way_out(name) or "declare it under lifecycles",
        )


@rule("lifecycle-built-in", "Choose another name than the built-in lifecycle's", LIFECYCLES_PAGE)
def lifecycle_built_in(declared: RuleContext) -> Iterator[Problem]:
    """Repositories that name no lifecycle have the built-in one. Another meaning of its name would change them
    silently.
    """
    for at, name, _ in declared.written.lifecycles():
        if name == BUILT_IN_LIFECYCLE:
            yield Problem(
                at=at,
                message=f"{name} is the lifecycle of repositories that name none",
                given=name,
                allowed="any other name",
                way_out="rename it, and name the new one under defaults if every repository should have it",
                key=True,
            )


@rule("lifecycle-twice", "Give a team's lifecycle a name that the root file does not use", LIFECYCLES_PAGE)
def lifecycle_twice(declared: RuleContext) -> Iterator[Problem]:
    """One name would mean two policies, and a reviewer could read the wrong one."""
    for at, name, _ in declared.written.lifecycles():
        if team_of(at) is not None and name in declared.root.lifecycles:
            yield Problem(
                at=at,
                message=f"the root file has a lifecycle {name} already",
                given=name,
                allowed="names that mean one thing in all files",
                way_out="rename it, or remove it and use the one of the root file",
                key=True,
            )


@rule("lifecycle-unused", "Name a lifecycle somewhere, or remove it", LIFECYCLES_PAGE, Severity.WARNING, waits=True)
def lifecycle_unused(declared: RuleContext) -> Iterator[Problem]:
    """A lifecycle that no repository names deletes nothing and protects nothing."""
    used = {
        declared.written.lifecycle_place(settings.lifecycle, team_of(at))
        for at, settings in declared.written.with_settings()
        if settings.lifecycle is not None
    }
    for at, name, _ in declared.written.lifecycles():
        if at not in used and name != BUILT_IN_LIFECYCLE:
            yield Problem(
                at=at,
                message=f"no repository has the lifecycle {name}",
                given=name,
                allowed="lifecycles that a repository, a namespace or the defaults name",
                way_out=f"write lifecycle: {name} where you want it, or remove it",
                key=True,
            )
