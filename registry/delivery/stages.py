"""What a pipeline does: its stages and their actions, as CodePipeline's API and its templates write them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from registry.access.delivery import build_project
from registry.shape import DeploymentShape, PipelineShape

PIPELINE_TYPE: Final = "V2"
#: The newest run wins: one that waits for an approval makes room for a newer one, so that no older image is promoted
#: after it. https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
EXECUTION_MODE: Final = "SUPERSEDED"
_SOURCE, _DEFINITIONS = "Source", "Definitions"
Action = dict[str, Any]


def stages(shape: PipelineShape, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Source, tests, builds, publishing, and a stage for each environment.

    What one step says to the next are variables of its actions.

    :param names: of the projects of CodeBuild, by what `registry.access.delivery.projects` calls them.
    """
    found: list[tuple[str, list[Action]]] = [("Source", [_source(shape)])]
    if shape.test:
        found.append(("Test", [_build("Test", names["Test"], {}, category="Test")]))
    builds = [build_project(platform) for platform in shape.platforms]
    found.append(("Build", [_build(it, names[it], {}, namespace=it) for it in builds]))
    said = {f"BUILT_{it.removeprefix('Build').upper()}": f"#{{{it}.DIGEST}}" for it in builds}
    said["COMMIT"] = "#{Source.CommitId}"
    found.append(("Publish", [_build("Publish", names["Publish"], said, namespace="Publish")]))
    for environment in shape.promote_to:
        found.append((f"Promote-{environment}", list(_environment(environment, shape, names))))
    return [{"name": stage, "actions": actions} for stage, actions in found]


def _source(shape: PipelineShape) -> Action:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html"""
    return {
        **_action("Source", "Source", "CodeStarSourceConnection", namespace="Source"),
        "outputArtifacts": [{"name": _SOURCE}],
        "configuration": {
            "ConnectionArn": shape.connection,
            "FullRepositoryId": shape.source,
            "BranchName": shape.branch,
            "OutputArtifactFormat": "CODE_ZIP",  # of a link to clone, each build would need the connection
        },
    }


def _environment(environment: str, shape: PipelineShape, names: Mapping[str, str]) -> Sequence[Action]:
    order, found = 1, []
    if environment in shape.approved:
        asked = {"CustomData": f"Promote #{{Publish.DIGEST}} of #{{Source.CommitId}} to {environment}?"}
        found.append({**_action("Approve", "Approval", "Manual", order=order), "configuration": asked})
        order += 1
    deployment = shape.deploy.get(environment)
    service = deployment.ecs_service if deployment else None
    said = {"ENVIRONMENT": environment, "DIGEST": "#{Publish.DIGEST}"}
    said |= {"CONTAINER": service.container} if service else {}
    promoting = _build("Promote", names["Promote"], said, order=order)
    if service:
        promoting["outputArtifacts"] = [{"name": f"{_DEFINITIONS}{1 + shape.promote_to.index(environment)}"}]
    found.append(promoting)
    if deployment:
        found.append(_deploy(deployment, promoting, names, order + 1))
    return found


def _deploy(deployment: DeploymentShape, promoting: Action, names: Mapping[str, str], order: int) -> Action:
    if service := deployment.ecs_service:
        return {
            **_action("Deploy", "Deploy", "ECS", order=order),
            "inputArtifacts": promoting["outputArtifacts"],
            "configuration": {"ClusterName": service.cluster, "ServiceName": service.service},
        }
    function = deployment.lambda_function
    assert function is not None  # the form of the shape says so
    said = {"FUNCTION": function.function, "ALIAS": function.alias, "DIGEST": "#{Publish.DIGEST}"}
    return _build("Deploy", names["Deploy"], said, order=order)


def _build(
    name: str, project: str, said: Mapping[str, str], *, category: str = "Build", namespace: str | None = None,
    order: int = 1,
) -> Action:  # fmt: skip
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html"""
    variables = [{"name": key, "value": value, "type": "PLAINTEXT"} for key, value in said.items()]
    configuration = {"ProjectName": project}
    if variables:
        configuration["EnvironmentVariables"] = json.dumps(variables)
    return {
        **_action(name, category, "CodeBuild", namespace=namespace, order=order),
        "inputArtifacts": [{"name": _SOURCE}],
        "configuration": configuration,
    }


def _action(name: str, category: str, provider: str, *, namespace: str | None = None, order: int = 1) -> Action:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {
        "name": name,
        "actionTypeId": kind,
        "runOrder": order,
        **({"namespace": namespace} if namespace else {}),
    }
