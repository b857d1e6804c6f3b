"""Chats in the local AWS: what their topic is told has the form that is shown, and a channel has one configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from registry.monitoring.chat import chat_configurations_in
from tests.emulator import stacks
from tests.emulator.cloud import Cloud
from tests.event_samples import DIGEST, sample
from tests.synth import declared, synthesized

TEXT = """
registry: {{name: acme, account: "{account}", region: ap-northeast-2}}
repositories: {{web/api: {{tags_must_match: ["v*"]}}}}
monitoring:
  trail: arn:aws:cloudtrail:ap-northeast-2:{account}:trail/all
  events: [scans, tags, deletions, lifecycles]
  slack: [{{workspace: T0123ABCD, channel: C0123ABCD}}]
"""


def deployed(cloud: Cloud, folder: Path) -> dict[str, Any]:
    """The Monitoring stack with a queue that hears what the chat's topic is told."""
    _, templates = synthesized(declared(TEXT.format(account=cloud.account)), folder)
    template = templates[f"{cloud.account}/ap-northeast-2/Monitoring"]
    assert stacks.deploy(cloud, "acme-Monitoring", template["Resources"]) == "CREATE_COMPLETE"
    url = cloud.sqs.create_queue(QueueName="channel")["QueueUrl"]
    place = f"ap-northeast-2:{cloud.account}"
    cloud.sns.subscribe(
        TopicArn=f"arn:aws:sns:{place}:acme-ecr-monitoring__chat",
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{place}:channel",
        Attributes={"RawMessageDelivery": "true"},
    )
    return {"url": url, "template": template}


def shown(cloud: Cloud, url: str, event: dict[str, Any]) -> dict[str, str]:
    entry = {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}
    assert cloud.events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    (message,) = cloud.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    cloud.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    said = json.loads(message["Body"])
    assert (said["version"], said["source"]) == ("1.0", "custom")
    return dict(said["content"])


def test_what_a_channel_is_told_is_json_whatever_the_event_lacks(cloud: Cloud, tmp_path: Path) -> None:
    url = deployed(cloud, tmp_path)["url"]
    content = shown(cloud, url, sample("push", repository="web/api", image_tag="latest"))
    assert content["title"] == "acme: An image was pushed with a tag that tags_must_match does not allow"
    first, second = content["description"].split("\n")
    assert first == "web/api:latest was pushed, and tags_must_match does not allow this tag"
    assert second.startswith(f"Image {DIGEST}, in {cloud.account}/ap-northeast-2, at ")
    scan = sample("basic scan", repository="web/api", finding_severity_counts={"HIGH": 2})
    assert shown(cloud, url, scan)["description"].startswith(
        "Findings in web/api: CRITICAL , HIGH 2, MEDIUM , LOW \nImage "
    )
    who = "arn:aws:sts::123456789012:user/Mary_Major"
    deletion = sample(
        "repository created",
        repository="web/api",
        eventName="BatchDeleteImage",
        requestParameters={"repositoryName": "web/api", "imageIds": [{"imageTag": "v1"}]},
    )
    assert shown(cloud, url, deletion)["description"].startswith(f"{who} did BatchDeleteImage in web/api\nIn ")


def test_a_second_configuration_of_a_channel_is_refused(cloud: Cloud, tmp_path: Path) -> None:
    resources = deployed(cloud, tmp_path)["template"]["Resources"]
    registry = declared(TEXT.format(account=cloud.account))
    (made,) = chat_configurations_in(registry, registry.home)
    other = {**resources[made.id]}
    other["Properties"] = {**other["Properties"], "ConfigurationName": "other", "IamRoleArn": "arn:aws:iam::1:role/x",
                           "SnsTopicArns": []}  # fmt: skip
    assert stacks.deploy(cloud, "other", {"Chat": other}) == "ROLLBACK_COMPLETE"
    assert any("already exists" in failure for failure in stacks.failures(cloud, "other"))
    assert stacks.delete(cloud, "acme-Monitoring") == "DELETE_COMPLETE"
    assert stacks.deploy(cloud, "third", {"Chat": other}) == "CREATE_COMPLETE"
