"""Pipelines and the projects that they start: who changes one of them changes what is in production.

The roles and their policies are in ops/drift/iam.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ops.drift.kind import Found, Named, Properties, StackKind, literal, lower_camel, unless_gone
from ops.drift.repository_settings import Settings
from registry import naming
from registry.access import delivery
from registry.access.delivery_roles import role_of
from registry.delivery.projects import TIMEOUT_IN_MINUTES, projects_of
from registry.delivery.stages import EXECUTION_MODE, PIPELINE_TYPE, stages
from registry.locations import Location
from registry.model import Registry

_LISTED: Final = 100  # names in one call of BatchGetProjects


def _has_pipelines(registry: Registry, at: Location) -> bool:
    return at == registry.home and bool(registry.pipelines)


# Projects of CodeBuild


def _project(said: Mapping[str, Any]) -> Settings:
    """What runs, where, and as whom, of a project in CodeBuild's words.

    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html
    """
    runs, source, logs = said["environment"], said["source"], said.get("logsConfig", {}).get("cloudWatchLogs", {})
    return {
        "serviceRole": said["serviceRole"],
        "environment": {key: runs.get(key) for key in ("type", "image", "computeType", "privilegedMode")},
        "environmentVariables": {
            each["name"]: [each.get("type", "PLAINTEXT"), each["value"]]
            for each in runs.get("environmentVariables", [])
        },
        "source": source["type"],
        "furtherSources": said.get("secondarySources", []),
        "buildspec": source.get("buildspec"),
        "artifacts": said["artifacts"]["type"],
        "encryptionKey": said.get("encryptionKey"),
        "logs": {key: logs.get(key) for key in ("status", "groupName", "streamName")},
        "projectVisibility": said.get("projectVisibility", "PRIVATE"),
        "timeoutInMinutes": said.get("timeoutInMinutes"),
    }


def _projects_declared(registry: Registry, at: Location) -> Named:
    found = {}
    for repository in registry.pipelines:
        group = delivery.log_group(registry, repository)
        for called, it in projects_of(registry, repository).items():
            variables = [{"name": key, "value": value} for key, value in it.variables.items()]
            found[it.name] = _project(
                {
                    "serviceRole": it.role_arn,
                    "environment": {
                        "type": it.machine[0],
                        "image": it.machine[1],
                        "computeType": it.compute,
                        "privilegedMode": it.privileged,
                        "environmentVariables": variables,
                    },
                    "source": {"type": "CODEPIPELINE", "buildspec": it.buildspec},
                    "artifacts": {"type": "CODEPIPELINE"},
                    "encryptionKey": naming.alias_arn(at, "alias/aws/s3"),
                    "logsConfig": {"cloudWatchLogs": {"status": "ENABLED", "groupName": group, "streamName": called}},
                    "timeoutInMinutes": TIMEOUT_IN_MINUTES,
                }
            )
    return found


def _projects(client: Any, registry: Registry, at: Location) -> Found:
    """https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetProjects.html"""

    def reader(row: Any) -> Callable[[], Settings]:
        return lambda: _project(row)

    names = [it.name for repository in registry.pipelines for it in projects_of(registry, repository).values()]
    found = {}
    for start in range(0, len(names), _LISTED):
        for row in client.batch_get_projects(names=names[start : start + _LISTED])["projects"]:
            found[row["name"]] = reader(row)
    return found


def _project_deployed(properties: Properties) -> tuple[str, Settings]:
    said = lower_camel(properties)
    said["source"] = {"type": said["source"]["type"], "buildspec": said["source"].get("buildSpec")}
    return said["name"], literal(_project(said))


# Pipelines


def _pipeline(said: Mapping[str, Any], at_region: str) -> Settings:
    """What a pipeline does, of a definition in CodePipeline's words, without what AWS adds.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html
    """
    return {
        "roleArn": said["roleArn"],
        "artifactStore": _said(said.get("artifactStore", {}), at_region),
        "pipelineType": said.get("pipelineType", "V1"),
        "executionMode": said.get("executionMode", "SUPERSEDED"),
        "stages": _said(said["stages"], at_region),
        "triggers": said.get("triggers") or [],
    }


def _said(value: Any, region: str) -> Any:
    """Without empty lists and maps, and without the region of an action where it is the pipeline's own."""
    if isinstance(value, Mapping):
        found = {key: _said(each, region) for key, each in value.items() if (key, each) != ("region", region)}
        return {key: each for key, each in found.items() if each not in ([], {}, None)}
    return [_said(each, region) for each in value] if isinstance(value, list) else value


def _pipelines_declared(registry: Registry, at: Location) -> Named:
    found: dict[str, Settings] = {}
    for repository, shape in registry.pipelines.items():
        named = {called: it.name for called, it in projects_of(registry, repository).items()}
        said = {
            "roleArn": role_of(registry, repository, "pipeline").arn,
            "artifactStore": {"type": "S3", "location": delivery.bucket(registry, repository)},
            "pipelineType": PIPELINE_TYPE,
            "executionMode": EXECUTION_MODE,
            "stages": stages(shape, named),
        }
        found[delivery.pipeline(registry, repository)] = {**_pipeline(said, at.region), "stoppedStages": []}
    return found


def _pipelines(client: Any, registry: Registry, at: Location) -> Found:
    def reader(name: str) -> Callable[[], Settings | None]:
        return lambda: unless_gone(lambda: _pipeline_live(client, name, at))

    return {name: reader(name) for name in (delivery.pipeline(registry, each) for each in registry.pipelines)}


def _pipeline_live(client: Any, name: str, at: Location) -> Settings:
    """With the stages into which somebody let nothing come.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/transitions.html
    """
    said = client.get_pipeline(name=name)["pipeline"]
    states: Sequence[Any] = client.get_pipeline_state(name=name).get("stageStates", [])
    stopped = [it["stageName"] for it in states if not it.get("inboundTransitionState", {}).get("enabled", True)]
    return {**_pipeline(said, at.region), "stoppedStages": stopped}


def _pipeline_deployed(properties: Properties) -> tuple[str, Settings]:
    said = lower_camel(properties)
    return said["name"], literal(_pipeline(said, ""))


BUILD_PROJECT: Final = StackKind(
    noun="build project",
    type="AWS::CodeBuild::Project",
    service="codebuild",
    where=_has_pipelines,
    optional=True,
    declared=_projects_declared,
    deployed=_project_deployed,
    find=_projects,
)
PIPELINE: Final = StackKind(
    noun="pipeline",
    type="AWS::CodePipeline::Pipeline",
    service="codepipeline",
    where=_has_pipelines,
    optional=True,
    declared=_pipelines_declared,
    deployed=_pipeline_deployed,
    find=_pipelines,
)
