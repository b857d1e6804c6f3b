"""What a resource takes from another one of its stack, where only names are needed to know it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from registry import naming
from registry.locations import Location

Resource = Mapping[str, Any]

#: By type and attribute ("Ref" is what Ref gives) the value, of the properties and the location. Not of keys: their
#: ids are CloudFormation's. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/ ("Return values")
_KNOWN: Final[Mapping[tuple[str, str], Callable[[Mapping[str, Any], Location], Any]]] = {
    ("AWS::CodeBuild::Project", "Ref"): lambda said, at: said["Name"],
    ("AWS::IAM::Role", "Arn"): lambda said, at: naming.role_arn(
        at.account, at.region, said.get("Path", "/"), said["RoleName"]
    ),
    ("AWS::Logs::LogGroup", "Ref"): lambda said, at: said["LogGroupName"],
    ("AWS::S3::Bucket", "Ref"): lambda said, at: said["BucketName"],
    ("AWS::SNS::Topic", "Ref"): lambda said, at: naming.topic_arn(at, said["TopicName"]),
    ("AWS::SQS::Queue", "Arn"): lambda said, at: naming.queue_arn(at, said["QueueName"]),
    ("AWS::SQS::Queue", "Ref"): lambda said, at: said["QueueName"],  # its URL ends so
}


def resolved(value: Any, resources: Mapping[str, Resource], at: Location) -> Any:
    """A value of a template in which what is known stands in the place of Ref and Fn::GetAtt; the rest is as it was."""
    if isinstance(value, list):
        return [resolved(each, resources, at) for each in value]
    if not isinstance(value, Mapping):
        return value
    named, attribute = value.get("Ref"), "Ref"
    if isinstance(got := value.get("Fn::GetAtt"), list) and len(got) == 2:
        named, attribute = got
    if len(value) == 1 and isinstance(named, str) and named in resources:
        resource = resources[named]
        read = _KNOWN.get((resource.get("Type", ""), attribute))
        properties = resource.get("Properties", {})
        try:
            return read(properties, at) if read else value
        except KeyError:  # named by CloudFormation, so none of ours
            return value
    return {key: resolved(each, resources, at) for key, each in value.items()}
