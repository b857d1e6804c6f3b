"""Properties that ministack's CloudFormation leaves out: the key of a topic, the logs of a project of CodeBuild.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codebuild-project.html
"""

from collections.abc import Callable
from typing import Any

from ministack.services import codebuild, sns
from ministack.services.cloudformation import provisioners

from sandbox.emulator.answers import Json

_KEY = "KmsMasterKeyId"
_LOGS = "logsConfig"
_stock_project_shape = codebuild._project_shape


def _say_key(arn: str, properties: Json) -> None:
    of_topic = sns._topics[arn]["attributes"]
    if key := properties.get(_KEY):
        of_topic[_KEY] = key
    else:
        of_topic.pop(_KEY, None)


def _say_logs(name: str, properties: Json) -> None:
    logs = properties.get("LogsConfig", {}).get("CloudWatchLogs", {})
    said = {key[:1].lower() + key[1:]: value for key, value in logs.items()}
    codebuild._projects[name][_LOGS] = {"cloudWatchLogs": said} if said else {}


def project_shape(project: Json) -> Json:
    """A project as BatchGetProjects says it, with its logs."""
    return {**_stock_project_shape(project), **({_LOGS: project[_LOGS]} if _LOGS in project else {})}


def install() -> None:
    """Let the types say it when they make something, and when it changes."""
    codebuild._project_shape = project_shape
    for name, say in {"AWS::SNS::Topic": _say_key, "AWS::CodeBuild::Project": _say_logs}.items():
        handlers = provisioners._RESOURCE_HANDLERS[name]
        handlers["create"] = _saying(handlers["create"], 1, say)
        handlers["update"] = _saying(handlers["update"], 2, say)


def _saying(
    make: Callable[..., tuple[str, Json]], properties: int, say: Callable[[str, Json], None]
) -> Callable[..., tuple[str, Json]]:
    """:param properties: which argument they are."""

    def made(*arguments: Any, **more: Any) -> tuple[str, Json]:
        physical_id, attributes = make(*arguments, **more)
        say(physical_id, arguments[properties])
        return physical_id, attributes

    return made
