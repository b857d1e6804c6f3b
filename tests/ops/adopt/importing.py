"""What tests of imports have in common: a registry, its templates, and what AWS answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import pytest

from ops.adopt.change_sets import CHANGE_SET
from ops.adopt.imports import Outcome
from ops.adopt.run import import_found
from ops.drift.kind import StackKind
from ops.drift.named import REPOSITORY
from registry.locations import Location
from registry.model import Registry
from tests.ops.stubs import ACCOUNT, HOME, Cloud, row
from tests.synth import SEED, SMALL, declared

AT = Location(ACCOUNT, HOME)
STACK, WIDE = "acme-Repositories-web", "acme-Registry"
KEY = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
KMS = {"encryptionType": "KMS", "kmsKey": KEY}
API, UI = {"web/api": "webSapi"}, {"web/ui": "webSui"}
SAME: Mapping[str, Any] = {}  # as the file says
BOTH: Mapping[str, Mapping[str, Any]] = {"web/api": SAME, "web/ui": SAME}
MUTABLE: Mapping[str, Any] = {"imageTagMutability": "MUTABLE"}
#: What Lambda adds to a repository whose image a function uses.
LAMBDA = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "LambdaECRImageRetrievalPolicy",
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Condition": {"StringLike": {"aws:sourceArn": f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:*"}},
        }
    ],
}
SCANNING = {
    "Type": "AWS::ECR::RegistryScanningConfiguration",
    "Properties": {
        "ScanType": "BASIC",
        "Rules": [{"ScanFrequency": "SCAN_ON_PUSH", "RepositoryFilters": [{"Filter": "*", "FilterType": "WILDCARD"}]}],
    },
}
CACHE = {
    "Type": "AWS::ECR::PullThroughCacheRule",
    "Properties": {"EcrRepositoryPrefix": "quay", "UpstreamRegistry": "quay", "UpstreamRegistryUrl": "quay.io"},
}


def template(ids: Mapping[str, str]) -> dict[str, Any]:
    return {
        logical_id: {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryName": name}}
        for name, logical_id in ids.items()
    }


def registry(repositories: str = "web/api: , web/ui: ", rest: str = "") -> Registry:
    return declared(f"{SMALL}{rest}repositories: {{{repositories}}}")


def stacks(cloud: Cloud, statuses: Mapping[str, str], *, name: str | None = None, at: str = HOME) -> None:
    """DescribeStacks, of all stacks or of one name."""
    rows = [{"StackName": each, "StackStatus": status, "CreationTime": 0} for each, status in statuses.items()]
    cloud.expect("describe_stacks", {"Stacks": rows}, {"StackName": name} if name else None, at=at)


def looked(
    cloud: Cloud,
    live: Mapping[str, Mapping[str, Any]],
    *,
    held: Mapping[str, str] | None = None,
    status: str = "UPDATE_COMPLETE",
    then: str = "",
    owners: Mapping[str, str] | None = None,
    only: Collection[str] = (),
) -> None:
    """One look at repositories: `live` with what differs in each, those that the stack holds, other stacks' ones."""
    cloud.caller()
    stacks(cloud, {STACK: status} if held is not None else {})
    if then:
        stacks(cloud, {STACK: then}, name=STACK)
    if held is not None:
        rows = [{**row("AWS::ECR::Repository", "CREATE_COMPLETE", n), "LogicalResourceId": i} for n, i in held.items()]
        cloud.expect("list_stack_resources", {"StackResourceSummaries": rows}, {"StackName": STACK})
    outside = [name for name in live if name not in (held or {}) and (not only or name in only)]
    if outside:
        cloud.repositories(live, read=outside)
    for name in outside:
        owner(cloud, name, (owners or {}).get(name))


def owner(
    cloud: Cloud, name: str, stack: str | None, *, kind: str = "AWS::ECR::Repository", status: str = "CREATE_COMPLETE"
) -> None:
    if stack is None:
        cloud.refuse("describe_stack_resources", "ValidationError", f"Stack for {name} does not exist")
        return
    resource = {**row(kind, status, name), "StackName": stack, "Timestamp": 0}
    del resource["LastUpdatedTimestamp"]
    cloud.expect("describe_stack_resources", {"StackResources": [resource]}, {"PhysicalResourceId": name})


def executed(cloud: Cloud, *logical_ids: str, stack: str = STACK, ends: Sequence[str] = ("IMPORT_COMPLETE",)) -> None:
    changes = [{"ResourceChange": {"Action": "Import", "LogicalResourceId": each}} for each in logical_ids]
    wanted = {"StackName": stack, "ChangeSetName": CHANGE_SET}
    cloud.expect("describe_change_set", {"Changes": changes}, wanted)
    cloud.expect("execute_change_set", {}, wanted)
    for status in ends:
        stacks(cloud, {stack: status}, name=stack)


class Person:
    """Who is asked, and says yes or no."""

    def __init__(self, answer: bool) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def __call__(self, question: str) -> bool:
        self.asked.append(question)
        return self.answer


def never(question: str) -> bool:
    raise AssertionError(question)


def imported(
    of: Registry,
    *names: str,
    kinds: Sequence[StackKind] = (REPOSITORY,),
    confirm: Callable[[str], bool] | None = None,
    strict: bool = False,
    quiet: bool = False,
) -> Outcome:
    person = confirm or Person(answer=True)
    return import_found(of, kinds, names=names, file=SEED, confirm=person, strict=strict or bool(names), quiet=quiet)


def rows_of(capsys: pytest.CaptureFixture[str], beginning: str) -> list[list[str]]:
    return [line.split("\t") for line in capsys.readouterr().out.splitlines() if line.startswith(beginning)]
