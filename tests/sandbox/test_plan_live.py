"""`ecrctl plan --live` end to end, in a role that may do what `ecrctl permissions` prints and nothing else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from registry.load import load
from registry.model import Registry
from sandbox.environment import environment
from sandbox.existing import make_existing
from tests import forks
from tests.registry.plan.test_templates_explained import templates
from tests.sandbox.conftest import HOME, REPLICA, Sandbox, Scenario

ACCOUNT = "210000000221"
HOST = f"{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com"
OLD = f"""\
replicas: {{{REPLICA}: }}
principals: {{nodes: {{role: "arn:aws:iam::{ACCOUNT}:role/nodes"}}}}
lifecycles:
  releases:
    - keep: {{tagged: "v*", last: 9}}
    - keep: {{untagged: true, last: 9}}
repositories:
  web/api: {{lifecycle: releases, moving_tags: [latest], pull: [nodes]}}
  web/ui: {{lifecycle: releases}}
  web/gone: {{empty_on_delete: true}}
  data/raw:
  old/tool:
"""
NEW = (
    OLD.replace("last: 9", "last: 1")
    .replace("  web/gone: {empty_on_delete: true}\n", "  web/taken:\n")
    .replace("  old/tool:\n", "")
    .replace("pull: [nodes]", "push: [nodes]")
)
#: Actions that the plan below does not do without.
NEEDED = (
    *("cloudformation:DescribeStacks", "cloudformation:GetTemplate", "ec2:DescribeRegions", "ecr:DescribeImages"),
    *("ecr:GetLifecyclePolicy", "ecs:ListServices", "lambda:ListFunctions", "iam:ListPolicies"),
)


@dataclass
class World:
    """A registry that is deployed as the old file says, and lived in."""

    sandbox: Sandbox
    registry: Registry
    old: Path
    new: Path
    documents: list[dict[str, Any]]
    numbers: Iterator[int] = field(default_factory=count)

    def planned(self, *words: str, without: str = "") -> subprocess.CompletedProcess[str]:
        """What somebody is told who may do what the documents say, but for one action."""
        shell = environment(self.sandbox.place, ACCOUNT, HOME) | self._role(without)
        return forks.ecrctl("plan", str(self.old), "--registry", str(self.new), "--live", *words, environment=shell)

    def _role(self, without: str) -> dict[str, str]:
        iam, name = self.sandbox.client(self.registry, service="iam"), f"reviewer-{next(self.numbers)}"
        trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
        arn = iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        )["Role"]["Arn"]
        for number, document in enumerate(self.documents):
            statements = [
                {**it, "Action": [action for action in it["Action"] if action != without]}
                for it in document["Statement"]
            ]
            text = json.dumps({**document, "Statement": [it for it in statements if it["Action"]]})
            iam.put_role_policy(RoleName=name, PolicyName=f"p{number}", PolicyDocument=text)
        sts = self.sandbox.client(self.registry, service="sts")
        key = sts.assume_role(RoleArn=arn, RoleSessionName="review")["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
            "AWS_SESSION_TOKEN": key["SessionToken"],
        }


@pytest.fixture
def world(sandbox: Sandbox, scenario: Scenario, tmp_path: Path) -> World:
    registry, file = scenario(ACCOUNT, OLD)
    make_existing(sandbox.place, registry)
    sandbox.put(file)
    old = tmp_path / "old.yaml"
    old.write_text(file.read_text())
    untagged = []
    for number in (1, 2, 3):
        sandbox.push(registry, "web/api", f"v{number}", f"release {number}")
        untagged.append(sandbox.push(registry, "web/api", "latest", f"build {number}"))
    sandbox.push(registry, "web/gone", "v1", "to be lost")
    # Pushes of one second have no order: all run, and those that go are told.
    _run(sandbox, registry, [f"v{number}" for number in (1, 2, 3)], untagged)
    west, ecr = sandbox.client(registry, REPLICA), sandbox.client(registry)
    west.put_image_tag_mutability(repositoryName="web/ui", imageTagMutability="MUTABLE")
    west.put_image_tag_mutability(repositoryName="data/raw", imageTagMutability="MUTABLE")
    ecr.create_repository(repositoryName="web/taken")
    ecr.put_replication_configuration(replicationConfiguration={"rules": []})
    registry, file = scenario(ACCOUNT, NEW)
    said = sandbox.ecrctl(registry, "permissions", "plan --live", "--registry", str(file))
    assert said.returncode == 0, said.stderr
    return World(sandbox, registry, old, file, json.loads(said.stdout))


def _run(sandbox: Sandbox, registry: Registry, tags: list[str], digests: list[str]) -> None:
    """Tags in a service of ECS, digests in functions of Lambda, and one of another repository in a third."""
    ecs, functions = (sandbox.client(registry, service=name) for name in ("ecs", "lambda"))
    containers = [{"name": tag, "image": f"{HOST}/web/api:{tag}", "memory": 128} for tag in tags]
    ecs.create_cluster(clusterName="blue")
    ecs.register_task_definition(family="api", containerDefinitions=containers)
    ecs.create_service(cluster="blue", serviceName="api", taskDefinition="api", desiredCount=0)
    images = {f"f{n}": f"{HOST}/web/api@{digest}" for n, digest in enumerate(digests)}
    for name, image in {**images, "gone": f"{HOST}/web/gone:v1"}.items():
        functions.create_function(
            FunctionName=name,
            PackageType="Image",
            Code={"ImageUri": image},
            Role=f"arn:aws:iam::{ACCOUNT}:role/nodes",
        )


def test_every_kind_of_what_aws_says_is_told_and_a_permission_less_is_no_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished = world.planned("--json")
    assert finished.returncode == 0, finished.stderr
    changes = json.loads(finished.stdout)["changes"]
    assert "unexplained" not in {it["rule"] for it in changes}

    def told(rule: str) -> list[str]:
        return sorted(
            f"{it['risk']} {'+'.join(it['subjects'])}: {it['message']}" for it in changes if it["rule"] == rule
        )

    assert told("live-drift") == [
        f"breaks replication configuration: rules differs in {HOME}",
        f"breaks repository web/taken: exists outside its stack in {HOME}",
        f"breaks repository web/ui: imageTagMutability differs in {REPLICA}",
    ]
    (drifted,) = (it for it in changes if it["subjects"] == ["repository web/ui"])
    assert (drifted["line"], drifted["before"], drifted["after"]) == (10, "IMMUTABLE", "MUTABLE")
    assert told("live-stack-left") == [
        f"costs acme-Repositories-old in {region}: is in AWS and not in the app; `ecrctl retire` removes it"
        for region in (HOME, REPLICA)
    ]
    taken = told("lifecycle-takes-images")
    assert [it.partition("stayed:")[0] for it in taken] == ["destroys web/api: 3 of 6 images go that would have "] * 2
    assert [it.rpartition("(")[2] for it in taken] == [f"now, in {HOME})", f"now, in {REPLICA})"]
    assert told("live-images-deleted") == [
        f"destroys web/gone: holds 1 image in {region}, which go with it" for region in (HOME, REPLICA)
    ]
    runs = {it["message"]: it["before"] for it in changes if it["rule"] == "live-runs"}
    assert runs.pop(f"v1 runs in {HOME} and would go with its repository").startswith("Lambda function gone, version")
    assert len(runs) == 3
    assert sum(said.startswith("ECS service api of cluster blue") for said in runs.values()) == 2
    assert sum(said.startswith("Lambda function f") for said in runs.values()) == 1

    made = {str(path): templates(load(path)[0]) for path in (world.old, world.new)}
    monkeypatch.setattr("ops.plan.run.templates", lambda file: made[str(file)])  # five seconds, and the same
    for action in NEEDED:
        refused = world.planned(without=action)
        assert (refused.returncode, refused.stdout) == (3, ""), action
        assert action.partition(":")[2] in refused.stderr
        assert "    way out: " in refused.stderr
    alone = world.planned("--json", "--without", "ecs", without="ecs:ListServices")
    assert alone.returncode == 0, alone.stderr
    assert not any("ECS" in it["before"] for it in json.loads(alone.stdout)["changes"])
