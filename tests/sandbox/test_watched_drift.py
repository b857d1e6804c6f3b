"""What watches and what builds: as it was deployed, and after hands that want not to be noticed.

ministack has neither CodePipeline nor alarms that query; those are in tests/ops/drift/test_watched.py alone.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from registry import naming
from registry.access import delivery
from registry.model import Registry
from registry.monitoring import names
from tests.sandbox.conftest import HOME, Sandbox, Scenario
from tests.sandbox.put import as_the_cli_does, put_assembly, put_template, uploaded
from tests.sandbox.test_drift import drift, found

ACCOUNT = "210000000176"
REST = f"""\
repositories: {{web/api: {{moving_tags: [prod], tags_must_match: ["v*", "build-*", "prod*"]}}}}
monitoring:
  events: [scans, tags]
  email: [ops@example.com]
  sqs: ["arn:aws:sqs:{HOME}:{ACCOUNT}:everybody"]
  slack: [{{workspace: T0123ABCD, channel: C0123ABCD}}]
  alarms: {{watch: [delivery], pulls_stop: [{{repositories: [web/api], hours: 24}}]}}
  dashboards: [web]
pipelines:
  web/api:
    connection: arn:aws:codeconnections:{HOME}:{ACCOUNT}:connection/12345678-90ab-cdef-1234-567890abcdef
    source: acme/web
    scan_gate: NONE
    promote_to: [prod]
"""
QUEUE = f"arn:aws:sqs:{HOME}:{ACCOUNT}:everybody"
EVIL = f"arn:aws:sqs:{HOME}:{ACCOUNT}:evil"


def put(sandbox: Sandbox, registry: Registry, file: Path) -> None:
    """All stacks; of the pipeline what ministack has."""
    whole = [f"acme-{unit}" for unit in ("Access", "Registry", "Repositories-web", "Monitoring")]
    with tempfile.TemporaryDirectory() as folder:
        assembly = as_the_cli_does(file, Path(folder))
        put_assembly(sandbox.place, file, assembly, only=whole)
        (stack,) = (it for it in assembly.stacks if "Delivery" in it.stack_name)
        template = {**stack.template, "Resources": {**stack.template["Resources"]}}
        del template["Resources"]["Pipeline"]
        there = uploaded(sandbox.place, file, stack, template)
    tags = [{"Key": key, "Value": value} for key, value in stack.tags.items()]
    put_template(sandbox.client(registry, service="cloudformation"), stack.stack_name, there, Tags=tags)


def silence(sandbox: Sandbox, registry: Registry) -> None:
    """What somebody does who wants to publish another image, and nobody to hear of it."""

    def client(service: str) -> Any:
        return sandbox.client(registry, service=service)

    at, topic = registry.home, naming.topic_arn(registry.home, names.topic_name("acme", None))
    events, sns, cloudwatch, sqs = (client(it) for it in ("events", "sns", "cloudwatch", "sqs"))
    events.disable_rule(Name="acme-ecr-scans")
    copied = {"Id": "Copy", "Arn": EVIL}
    events.put_targets(Rule="acme-ecr-tags", Targets=[copied])
    (subscription,) = (
        it for it in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] if it["Endpoint"] == QUEUE
    )
    sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=EVIL)
    anybody = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": topic}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [anybody]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    cloudwatch.disable_alarm_actions(AlarmNames=["acme-ecr-undelivered"])
    cloudwatch.put_dashboard(DashboardName="acme-ECR-web", DashboardBody='{"widgets": []}')
    url = sqs.get_queue_url(QueueName=names.dead_letter_queue_name("acme"))["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "60"})
    client("kms").disable_key(KeyId=names.monitoring_alias("acme"))
    project = delivery.project(registry, "web/api", "Publish")
    (said,) = client("codebuild").batch_get_projects(names=[project])["projects"]
    runs = {**said["environment"], "image": f"{at.account}.dkr.ecr.{at.region}.amazonaws.com/evil:1"}
    client("codebuild").update_project(name=project, environment={**runs, "privilegedMode": True})


def test_a_hand_that_silences_is_seen_and_put_back(sandbox: Sandbox, scenario: Scenario) -> None:
    registry, file = scenario(ACCOUNT, REST)
    for queue in ("everybody", "evil"):
        sandbox.client(registry, service="sqs").create_queue(QueueName=queue)
    put(sandbox, registry, file)
    code, after = drift(sandbox, registry, file)
    assert (code, found(after)) == (0, [])
    assert [row["refused"] for row in after["information"]] == ["codepipeline:GetPipeline"]

    silence(sandbox, registry)
    topic, queue = names.topic_name("acme", None), names.dead_letter_queue_name("acme")
    project = delivery.project(registry, "web/api", "Publish")
    not_written = [
        (HOME, "build project", project, "differs", "environment"),
        (HOME, "topic key", names.monitoring_alias("acme"), "differs", "keyState"),
    ]
    changed = [
        (HOME, "alarm", "acme-ecr-undelivered", "differs", "actionsEnabled"),
        not_written[0],
        (HOME, "dashboard", "acme-ECR-web", "differs", "dashboardBody"),
        (HOME, "event rule", "acme-ecr-scans", "differs", "state"),
        (HOME, "event rule", "acme-ecr-tags", "differs", "targets"),
        (HOME, "queue", queue, "differs", "messageRetentionPeriod"),
        (HOME, "subscription", f"{topic} sqs {EVIL}", "left over", None),
        (HOME, "subscription", f"{topic} sqs {QUEUE}", "missing", None),
        not_written[1],
        (HOME, "topic policy", topic, "differs", "policyDocument"),
    ]
    code, answer = drift(sandbox, registry, file)
    assert (code, found(answer)) == (1, sorted(changed, key=str))
    # A deploy would neither make nor undo what is in no template of ours.
    unseen = ("left over", "topic key")
    code, answer = drift(sandbox, registry, file, "--before-deploy")
    assert (code, found(answer)) == (1, sorted((row for row in changed if not {*unseen} & {*row}), key=str))

    fixed = sandbox.ecrctl(registry, "drift", "--fix", "--yes", "--registry", str(file))
    assert f"put back: subscription {topic} sqs {EVIL} in {HOME}: take it away" in fixed.stdout
    assert found(drift(sandbox, registry, file)[1]) == not_written
