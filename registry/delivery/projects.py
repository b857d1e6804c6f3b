"""The projects of CodeBuild that a pipeline starts, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from registry.access import delivery
from registry.access.delivery_roles import role_of
from registry.delivery.buildspecs import IMAGES, buildspec, variables
from registry.model import PipelinePart, Registry

TIMEOUT_IN_MINUTES: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One machine with one buildspec and one role.

    `machine` is the type of the environment and its image, `variables` are those of the environment (none is a
    secret), `privileged` says that docker runs in it.
    """

    name: str
    part: PipelinePart
    role_arn: str
    machine: tuple[str, str]
    compute: str
    buildspec: str
    variables: Mapping[str, str]
    privileged: bool


def projects_of(registry: Registry, repository: str) -> dict[str, Project]:
    """The projects of the pipeline of a repository, by what `registry.access.delivery.projects` calls them.

    Only the steps that build are privileged, and only what the source says itself runs on the machine of its choice.
    """
    shape, found = registry.pipelines[repository], {}
    for project, part in delivery.projects(shape).items():
        platform = next((it for it in shape.platforms if delivery.build_project(it) == project), "linux/amd64")
        said = variables(registry, repository, shape, project)
        found[project] = Project(
            name=delivery.project(registry, repository, project),
            part=part,
            role_arn=role_of(registry, repository, part).arn,
            machine=IMAGES[platform],
            compute=f"BUILD_GENERAL1_{shape.compute if part in ('build', 'test') else 'SMALL'}",
            buildspec=buildspec(project, shape),
            variables={key: value for key, value in said.items() if value},
            privileged=part == "build",
        )
    return found
