"""The key of a topic that CloudFormation makes, which ministack leaves out: without it every topic looks unencrypted.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html
"""

from collections.abc import Callable
from typing import Any

from ministack.services import sns
from ministack.services.cloudformation import provisioners

from sandbox.emulator.answers import Json

_KEY = "KmsMasterKeyId"


def install() -> None:
    """Let the type say its key to SNS when it is made, and when it changes."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SNS::Topic"]
    handlers["create"] = _with_key(handlers["create"], 1)
    handlers["update"] = _with_key(handlers["update"], 2)


def _with_key(make: Callable[..., tuple[str, Json]], properties: int) -> Callable[..., tuple[str, Json]]:
    """:param properties: which argument they are."""

    def made(*arguments: Any, **more: Any) -> tuple[str, Json]:
        arn, attributes = make(*arguments, **more)
        of_topic = sns._topics[arn]["attributes"]
        if key := arguments[properties].get(_KEY):
            of_topic[_KEY] = key
        else:
            of_topic.pop(_KEY, None)
        return arn, attributes

    return made
