"""Amazon EventBridge of the emulator: events of AWS's services, and values in lists."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.cloud import Cloud

PATTERN = json.dumps({"source": ["aws.inspector2"]})


def told(cloud: Cloud, paths: dict[str, str], text: str, detail: dict[str, Any], state: str = "ENABLED") -> list[str]:
    """What a queue gets of an event."""
    queue = cloud.sqs.create_queue(QueueName="told")["QueueUrl"]
    cloud.events.put_rule(Name="rule", EventPattern=PATTERN, State=state)
    target = {"Id": "Queue", "Arn": f"arn:aws:sqs:{cloud.region}:{cloud.account}:told"}
    transformer = {"InputPathsMap": paths, "InputTemplate": text}
    cloud.events.put_targets(Rule="rule", Targets=[{**target, "InputTransformer": transformer}])
    entry = {"Source": "aws.inspector2", "DetailType": "Inspector2 Finding", "Detail": json.dumps(detail)}
    assert cloud.events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    return [str(message["Body"]) for message in cloud.sqs.receive_message(QueueUrl=queue).get("Messages", [])]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("$.detail.resources[0].details.name", '"found web/api"'),
        ("$.detail.resources[1].details.name", '"found data/x"'),
        ("$.detail.resources[2].details.name", '"found "'),
        ("$.detail.resources[0].tags", '"found [v1,latest]"'),
        ("$.detail.severity", '"found HIGH"'),
        ("$.source", '"found aws.inspector2"'),
    ],
)
def test_an_input_transformer_reads_items_of_lists(cloud: Cloud, path: str, text: str) -> None:
    resources = [{"details": {"name": "web/api"}, "tags": ["v1", "latest"]}, {"details": {"name": "data/x"}}]
    (said,) = told(cloud, {"what": path}, '"found <what>"', {"severity": "HIGH", "resources": resources})
    assert said.replace(", ", ",") == text


ALL = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@pytest.mark.parametrize(("state", "heard"), [("ENABLED", 1), (ALL, 1), ("DISABLED", 0)])
def test_a_rule_that_asks_for_all_management_events_is_enabled(cloud: Cloud, state: str, heard: int) -> None:
    assert len(told(cloud, {}, '"found"', {}, state)) == heard
    assert cloud.events.describe_rule(Name="rule")["State"] == state
