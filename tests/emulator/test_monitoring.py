"""Every rule against AWS's own sample events, by an engine for event patterns; and what comes to the queues.

The engine is that of ministack; AWS's own, github.com/aws/event-ruler, said the same of the whole table.
"""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from registry.locations import Location
from registry.model import Registry
from registry.monitoring.event_rules import EventRule, event_rules
from tests.emulator import stacks
from tests.emulator.cloud import Cloud
from tests.event_samples import DIGEST, SAMPLES, sample
from tests.synth import declared, synthesized

TRAIL = "arn:aws:cloudtrail:ap-northeast-2:123456789012:trail/all"
EVERYTHING = "[scans, findings, replication, pull_through_cache, tags, deletions, lifecycles, policies, settings]"
TEXT = """
registry: {{name: acme, account: "{account}", region: ap-northeast-2}}
scanning: {{scan_type: {scan_type}}}
replicas: {{us-west-2: }}
pull_through_cache_rules: {{hub: {{upstream_registry: k8s}}}}
creation_templates: {{ROOT: {{applied_for: [PULL_THROUGH_CACHE]}}}}
repositories:
  web/api: {{tags_must_match: ["v*", "main"]}}
  web/free: {{owner: team-web}}
  data/x: {{tags_must_match: ["v*.*"], owner: team-web}}
  tool: {{tags_must_match: ["*"]}}
monitoring:
  alarms: {{watch: [delivery], pulls_stop: [{{repositories: [web/free], hours: 3}}]}}
  trail: {trail}
  events: {events}
  sqs: ["arn:aws:sqs:ap-northeast-2:{account}:everybody"]
  teams:
    owners: {{owner: team-web, severity: CRITICAL, sqs: ["arn:aws:sqs:ap-northeast-2:{account}:owners"]}}
    tools: {{namespaces: [_], severity: LOW, sqs: ["arn:aws:sqs:ap-northeast-2:{account}:tools"]}}
    web: {{namespaces: [web], sqs: ["arn:aws:sqs:ap-northeast-2:{account}:web"]}}
"""


def registry(scan_type: str = "BASIC", account: str = "123456789012") -> Registry:
    events = EVERYTHING if scan_type == "ENHANCED" else EVERYTHING.replace("findings, ", "")
    return declared(TEXT.format(scan_type=scan_type, account=account, events=events, trail=TRAIL))


@pytest.fixture(scope="module")
def rules() -> dict[str, tuple[EventRule, ...]]:
    """The rules of the home, by the type of scans."""
    found = {it: registry(it) for it in ("BASIC", "ENHANCED")}
    return {scan_type: event_rules(it, it.home) for scan_type, it in found.items()}


def called(repository: str = "web/api", **changes: Any) -> dict[str, Any]:
    return sample("repository created", repository=repository, **changes)


def edited(event: dict[str, Any], **detail: Any) -> dict[str, Any]:
    return {**event, "detail": {**event["detail"], **detail}}


def found_by_inspector(severity: str, repository: str = "web/api", **changes: Any) -> dict[str, Any]:
    return sample("finding of an image", repository=repository, severity=severity, **changes)


def counted(name: str, repository: str = "web/api", **counts: int) -> dict[str, Any]:
    return sample(name, repository=repository, finding_severity_counts=counts)


def pushed(repository: str, tag: str, **changes: Any) -> dict[str, Any]:
    return sample("push", repository=repository, image_tag=tag, **changes)


CLOUDFORMATION = {"sourceIPAddress": "cloudformation.amazonaws.com"}
#: The type of scans, an event, and the rules that tell of it.
CASES: dict[str, tuple[str, dict[str, Any], str]] = {
    **{f"the sample: {name}": ("BASIC", event, {
        "basic scan": "scans scans_tools",
        "replication failed": "replication replication_tools",
        "lifecycle": "lifecycles lifecycles_tools",
        "repository created": "settings settings_tools",
    }.get(name, "")) for name, event in SAMPLES.items()},
    **{f"the sample, where Inspector scans: {name}": ("ENHANCED", event, {
        "finding of an image": "findings_tools",
        "replication failed": "replication replication_tools",
        "lifecycle": "lifecycles lifecycles_tools",
        "repository created": "settings settings_tools",
    }.get(name, "")) for name, event in SAMPLES.items()},
    "a scan with what is HIGH": ("BASIC", counted("basic scan", HIGH=1), "scans scans_web"),
    "a scan with what is CRITICAL": ("BASIC", counted("basic scan", "web/free", CRITICAL=1),
                                     "scans scans_web scans_owners"),
    "a scan with what is MEDIUM": ("BASIC", counted("basic scan", MEDIUM=9), ""),
    "a scan with what is LOW, for who wants it": ("BASIC", counted("basic scan", "tool", LOW=9), "scans_tools"),
    "a scan with nothing": ("BASIC", counted("basic scan", "tool"), ""),
    "a scan that failed": ("BASIC", edited(counted("basic scan", HIGH=1), **{"scan-status": "FAILED"}), ""),
    "a first scan of an image": ("ENHANCED", counted("first scan of an image", HIGH=1), "scans scans_web"),
    "a first scan of a tool": ("ENHANCED", counted("first scan of an image", "tool", TOTAL=1), "scans_tools"),
    "a first scan in a namespace of nobody": ("ENHANCED", counted("first scan of an image", "x/y", HIGH=1), "scans"),
    "a first scan of an owner's": ("ENHANCED", counted("first scan of an image", "data/x", CRITICAL=1, HIGH=0),
                                   "scans scans_owners"),
    "an instance with what is CRITICAL": ("ENHANCED", counted("first scan of an instance", CRITICAL=1), ""),
    "a finding that is HIGH": ("ENHANCED", found_by_inspector("HIGH"), "findings findings_web"),
    "a finding that is CRITICAL": ("ENHANCED", found_by_inspector("CRITICAL", "web/free"),
                                   "findings findings_web findings_owners"),
    "a finding that is MEDIUM": ("ENHANCED", found_by_inspector("MEDIUM"), ""),
    "a finding that is closed": ("ENHANCED", found_by_inspector("HIGH", status="CLOSED"), ""),
    "a namespace that begins alike": ("ENHANCED", found_by_inspector("HIGH", "website/api"), "findings"),
    "a replication that failed": ("BASIC", sample("replication failed", repository="web/api"),
                                  "replication replication_web"),
    "a cache that failed": ("BASIC", sample("cached", repository="hub/alpine", sync_status="FAILED"),
                            "pull_through_cache"),
    "a tag that is not allowed": ("BASIC", pushed("web/api", "latest"), "tags tags_web"),
    "a tag of two patterns, none of which allows it": ("BASIC", pushed("data/x", "v1"), "tags tags_owners"),
    "a tag that is allowed": ("BASIC", pushed("web/api", "v1"), ""),
    "a tag that is allowed in another repository": ("BASIC", pushed("data/x", "main"), "tags tags_owners"),
    "a tag where every tag is allowed": ("BASIC", pushed("tool", "anything"), ""),
    "a tag where nothing is said of tags": ("BASIC", pushed("web/free", "anything"), ""),
    "a push that failed": ("BASIC", pushed("web/api", "latest", result="FAILURE"), ""),
    # An image in a list is pushed without a tag: github.com/awslabs/cfn-ecr-aws-soci-index-builder PR 137
    "a push without a tag": ("BASIC", pushed("web/api", ""), ""),
    "a deletion of a tag": ("BASIC", edited(pushed("web/api", "latest"), **{"action-type": "DELETE"}), ""),
    "images deleted by a person": ("BASIC", called(eventName="BatchDeleteImage"), "deletions deletions_web"),
    "a repository deleted by a person": ("BASIC", called("web/free", eventName="DeleteRepository"),
                                         "deletions deletions_web deletions_owners"),
    "a deletion that was denied": ("BASIC", called(eventName="BatchDeleteImage", errorCode="AccessDenied"), ""),
    "a repository deleted by a deploy": ("BASIC", called(eventName="DeleteRepository", **CLOUDFORMATION), ""),
    "a repository created by ECR": ("BASIC", called(sourceIPAddress="pullthroughcache.ecr.amazonaws.com"), ""),
    "a deletion by another service": ("BASIC", called(eventName="BatchDeleteImage",
                                                      sourceIPAddress="states.amazonaws.com"),
                                      "deletions deletions_web"),
    "an image put": ("BASIC", called(eventName="PutImage"), ""),
    "another service's call of the same name": ("BASIC", called(eventSource="ecr-public.amazonaws.com"), ""),
    "a policy": ("BASIC", called(eventName="SetRepositoryPolicy"), "policies policies_web"),
    "the registry policy": ("BASIC", called(eventName="PutRegistryPolicy", requestParameters={"policyText": "{}"}),
                            "policies"),
    "a setting": ("BASIC", called(eventName="PutImageTagMutability"), "settings settings_web"),
    "a setting of the registry": ("BASIC", called(eventName="PutReplicationConfiguration",
                                                  requestParameters={"replicationConfiguration": {"rules": []}}),
                                  "settings"),
    "a setting by a deploy": ("BASIC", called(eventName="PutLifecyclePolicy", **CLOUDFORMATION), ""),
    "a lifecycle": ("BASIC", sample("lifecycle", repository="web/api"), "lifecycles lifecycles_web"),
}  # fmt: skip


@pytest.fixture(scope="module")
def engine(session: boto3.Session, emulator: str) -> Any:
    """EventBridge of an account."""
    return Cloud(session, emulator, "123456789012").events


@pytest.mark.parametrize("case", CASES)
def test_exactly_these_rules_match(engine: Any, rules: dict[str, tuple[EventRule, ...]], case: str) -> None:
    scan_type, event, told = CASES[case]
    here = {**event, "account": "123456789012", "region": "ap-northeast-2"}
    text = json.dumps(here).replace("arn:aws:ecr:us-west-2:", "arn:aws:ecr:ap-northeast-2:")
    matched = {
        rule.name.removeprefix("acme-ecr-")
        for rule in rules[scan_type]
        if engine.test_event_pattern(EventPattern=json.dumps(rule.pattern), Event=text)["Result"]
    }
    assert matched == set(told.split())


def test_the_table_has_a_match_and_a_miss_of_every_kind_and_every_team(
    rules: dict[str, tuple[EventRule, ...]],
) -> None:
    for scan_type, found in rules.items():
        told = [set(words.split()) for it, _, words in CASES.values() if it == scan_type]
        matched = set().union(*told)
        kinds = {rule.kind for rule in found} if scan_type == "BASIC" else {"scans", "findings"}
        assert kinds <= matched
        assert not any(kind in each for kind in kinds for each in told if not each)
        assert {name.rpartition("_")[2] for name in matched} >= {"owners", "tools", "web"}


@pytest.fixture(scope="module")
def watched(session: boto3.Session, emulator: str, tmp_path_factory: pytest.TempPathFactory) -> Cloud:
    """An account in which the Monitoring stack of the home is deployed, and the queues that it names."""
    cloud = Cloud(session, emulator, "777777777777")
    found = registry("ENHANCED", cloud.account)
    _, templates = synthesized(found, tmp_path_factory.mktemp("watched"))
    template = templates[f"{cloud.account}/ap-northeast-2/Monitoring"]
    for queue in ("everybody", "owners", "tools", "web"):
        cloud.sqs.create_queue(QueueName=queue)
    assert stacks.deploy(cloud, "acme-Monitoring", template["Resources"]) == "CREATE_COMPLETE"
    return cloud


def heard(cloud: Cloud, queue: str) -> list[str]:
    """What has come to a queue since somebody looked."""
    url = cloud.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found = cloud.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        cloud.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [message["Body"] for message in found]


def put(cloud: Cloud, event: dict[str, Any]) -> None:
    entry = {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}
    assert cloud.events.put_events(Entries=[entry])["FailedEntryCount"] == 0


def said(cloud: Cloud, event: dict[str, Any]) -> dict[str, list[str]]:
    """The first lines that each queue gets of an event, without the time."""
    put(cloud, event)
    return {queue: heard(cloud, queue) for queue in ("everybody", "owners", "tools", "web")}


PLACE = "777777777777/ap-northeast-2"
MARY = "arn:aws:sts::123456789012:user/Mary_Major"
#: An event, and the message; TIME stands for when it was put.
MESSAGES: dict[str, tuple[dict[str, Any], str]] = {
    "scans": (
        json.loads(json.dumps(counted("first scan of an image", HIGH=2, MEDIUM=1)).replace(
            "us-west-2:123456789012", "ap-northeast-2:777777777777")),
        '"acme: Findings in arn:aws:ecr:ap-northeast-2:777777777777:repository/web/api: {HIGH: 2, MEDIUM: 1}"\n'
        '"Image sha256:965fbcae990b0467ed5657caceaec165018ef44a4d2d46c7cdea80a9dff0d1ea, tags [ubuntu22], '
        f'in {PLACE}, scanned at TIME."',
    ),
    "findings": (
        found_by_inspector("HIGH"),
        '"acme: HIGH finding in web/api: CVE-2024-6119"\n'
        '"Image sha256:84f507df33c6864d49c296fb734192696e4cb6f78166ac51ac8b9b118181085d, tags [ubuntu_latest], '
        f'in {PLACE}; a fix is available: YES."',
    ),
    "replication": (
        sample("replication failed", repository="web/api"),
        f'"acme: Replication of web/api:latest failed: {PLACE} has no copy of it"\n'
        f'"Image {DIGEST}, pushed in 123456789012/us-west-2; at TIME."',
    ),
    "tags": (
        pushed("web/api", "latest"),
        '"acme: web/api:latest was pushed, and tags_must_match does not allow this tag"\n'
        f'"Image {DIGEST}, in {PLACE}, at TIME."',
    ),
    "deletions": (
        called(eventName="BatchDeleteImage",
               requestParameters={"repositoryName": "web/api", "imageIds": [{"imageTag": "v1"}]}),
        f'"acme: {MARY} did BatchDeleteImage in web/api"\n"Images [{{imageTag: v1}}], in {PLACE}, at TIME."',
    ),
    "policies": (
        called(eventName="SetRepositoryPolicy"),
        f'"acme: {MARY} did SetRepositoryPolicy in {PLACE}: web/api"\n'
        '"At TIME. What differs from the file now: ecrctl drift"',
    ),
    "settings": (
        called(eventName="PutImageTagMutability"),
        f'"acme: {MARY} did PutImageTagMutability in {PLACE}: web/api"\n'
        '"At TIME. What differs from the file now: ecrctl drift"',
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", MESSAGES)
def test_an_event_on_the_bus_reaches_the_queues_in_words(watched: Cloud, kind: str) -> None:
    event, message = MESSAGES[kind]
    told = said(watched, event)
    assert [_timeless(each) for each in told["everybody"]] == [message]
    assert told["web"] == told["everybody"]
    assert told["owners"] == told["tools"] == []


def _timeless(message: str) -> str:
    words = message.split(" ")
    return " ".join("TIME" + word[20:] if word[4:5] == "-" and word[10:11] == "T" else word for word in words)


def test_what_nobody_hears_of_reaches_no_queue(watched: Cloud) -> None:
    assert not any(said(watched, pushed("web/api", "v1")).values())


def test_an_alarm_reaches_the_queues_of_those_it_is_about_and_says_what_to_do(watched: Cloud) -> None:
    """CloudWatch's own form, whose description is ours; the teams of a repository hear, and when it is over, too."""
    for state in ("ALARM", "OK"):
        watched.cloudwatch.set_alarm_state(
            AlarmName="acme-ecr-no-pulls-web/free", StateValue=state, StateReason="a test"
        )
        told = {queue: heard(watched, queue) for queue in ("everybody", "owners", "tools", "web")}
        (message,) = told["everybody"]
        assert told["web"] == told["owners"] == [message]
        assert told["tools"] == []
        said = json.loads(message)
        assert (said["AlarmName"], said["NewStateValue"]) == ("acme-ecr-no-pulls-web/free", state)
        assert said["AlarmDescription"].startswith("For 3 hours nobody has pulled an image of web/free")
        assert "What to do: see whether it runs what it should" in said["AlarmDescription"]


def test_an_alarm_that_somebody_switched_off_tells_nobody(watched: Cloud) -> None:
    """What `ecrctl drift` shows as `actionsEnabled`."""
    watched.cloudwatch.disable_alarm_actions(AlarmNames=["acme-ecr-undelivered"])
    watched.cloudwatch.set_alarm_state(AlarmName="acme-ecr-undelivered", StateValue="ALARM", StateReason="a test")
    assert heard(watched, "everybody") == []


def test_a_cache_that_fails_names_the_upstream_and_leaves_out_what_the_event_has_not(watched: Cloud) -> None:
    event = sample("cached", repository="hub/alpine", sync_status="FAILED")
    (message,) = said(watched, event)["everybody"]
    assert message.startswith(
        '"acme: Pull-through cache: hub/alpine:3.17.2 could not be fetched from public.ecr.aws"\n'
    )
    assert '"Status FAILED, code ; in' in message


def test_a_lifecycle_names_its_images(watched: Cloud) -> None:
    (message,) = said(watched, sample("lifecycle", repository="tool"))["tools"]
    assert message.startswith(
        '"acme: The lifecycle of tool has run"\n"Images [{lifecycleEventImage: {digest: sha256:ddba'
    )
    assert "tagList: [alpine]" in message


def test_a_replica_is_watched_too_but_pulls_through_no_cache() -> None:
    replica = event_rules(registry(), Location("123456789012", "us-west-2"))
    kinds = {rule.kind for rule in replica}
    assert kinds == {"scans", "replication", "tags", "deletions", "lifecycles", "policies", "settings"}
    assert {rule.team for rule in replica} == {None, "owners", "tools", "web"}
