"""Rules about team files: a team declares its namespace, and nobody else does."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import TEAM_FILE
from registry.limits import ECR_API
from registry.naming import ROOT_NAMESPACE, namespace_of
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import TeamShape

TEAMS_PAGE = "docs/teams.md"


@rule("team-namespace-once", "Give a namespace one team file", TEAMS_PAGE)
def team_namespace_once(declared: RuleContext) -> Iterator[Problem]:
    """With two files nobody knows which team answers for the namespace, or which settings hold."""
    first: dict[str, str] = {}
    for file, team in declared.written.teams.items():
        at = (TEAM_FILE, file, "namespace")
        if first.setdefault(team.namespace, file) != file:
            yield Problem(
                at=at,
                message=f"the namespace {team.namespace} has a file already",
                given=f"{first[team.namespace]} and {file}",
                allowed="one file for a namespace",
                way_out=f"move the repositories to {first[team.namespace]}, or name another namespace",
            )


def misnamed(team: TeamShape) -> str | None:
    """The namespace of all repositories of a team's file, where it says another: what it says is meant to be that."""
    meant = {namespace_of(name) for name in team.repositories}
    return meant.pop() if len(team.repositories) > 1 and len(meant) == 1 and team.namespace not in meant else None


@rule("team-repository", "Declare only repositories of the team's own namespace in its file", TEAMS_PAGE)
def team_repository(declared: RuleContext) -> Iterator[Problem]:
    """A team could otherwise make repositories in the namespace of another team, without its review."""
    for file, team in declared.written.teams.items():
        if one := misnamed(team):
            yield _of_another(file, team.namespace, one, len(team.repositories))
            continue
        for name in team.repositories:
            if namespace_of(name) != team.namespace:
                last = name.rpartition("/")[2]
                yield Problem(
                    at=(TEAM_FILE, file, "repositories", name),
                    message=f"{name} is outside the namespace {team.namespace}",
                    given=name,
                    allowed="names without /" if team.namespace == ROOT_NAMESPACE else f"{team.namespace}/…",
                    way_out=f"write {last if team.namespace == ROOT_NAMESPACE else f'{team.namespace}/{last}'}, "
                    "or declare it in the file of its namespace",
                    key=True,
                )


def _of_another(file: str, said: str, meant: str, repositories: int) -> Problem:
    """One problem, not one for each repository: the namespace is what is wrong."""
    return Problem(
        at=(TEAM_FILE, file, "namespace"),
        message=f"the namespace is {said}, but every repository of the file is in {meant}",
        given=f"{said}, and {repositories:,} repositories in {meant}",
        allowed=f"repositories in {said}",
        way_out=f"write namespace: {meant}",
    )


@rule("team-alone", "Declare the repositories of a team's namespace in the team's file only", TEAMS_PAGE)
def team_alone(declared: RuleContext) -> Iterator[Problem]:
    """A repository of the root file would appear in the team's namespace without the team's review."""
    owned = {team.namespace: file for file, team in reversed(list(declared.written.teams.items()))}
    for name in declared.root.repositories:
        if file := owned.get(namespace_of(name)):
            yield Problem(
                at=("repositories", name),
                message=f"the namespace {namespace_of(name)} belongs to {file}",
                given=name,
                allowed=f"{name} in {file} only",
                way_out=f"move it to {file}",
                key=True,
            )


@rule(
    "repositories",
    "Declare repositories, or include the files of teams that do",
    f"{ECR_API}/API_CreateRepository.html",
    waits=True,
)
def repositories(declared: RuleContext) -> Iterator[Problem]:
    """A file without repositories is nearly always one that was cut, and a deploy would let go of every repository."""
    said = declared.root.model_fields_set & {"repositories", "include"}
    if not said:
        yield Problem(
            at=(),
            message="the file declares no repositories",
            given="neither repositories nor include",
            allowed="repositories by name, or team files that declare them",
            way_out="write `repositories:` and a name under it",
        )
