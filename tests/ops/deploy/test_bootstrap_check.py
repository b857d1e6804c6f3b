"""Whether a deploy can begin: asked before it, so that nobody follows the CDK's advice to bootstrap with everything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ops.deploy import bootstrap_check
from registry.access.cloudformation import execution_policies, execution_policy_arns
from tests.ops.stubs import ACCOUNT, Cloud, row, stubbed
from tests.synth import SMALL, declared

OTHER = "210987654321"
ALONE = declared(f"{SMALL}repositories: {{web/api: }}\n")
TOGETHER = declared(f"{SMALL}replicas: {{{OTHER}/ap-northeast-2: }}\nrepositories: {{web/api: }}\n")

GITHUB = declared(
    f"{SMALL}principals: {{ci: {{github: acme/web, owner_id: 1, repository_id: 2, branch: main}}}}\n"
    "repositories: {web/api: {push: [ci]}}\n"
)
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with stubbed(monkeypatch) as made:
        made.caller()
        yield made


def there(cloud: Cloud) -> None:
    stack = {"StackName": "CDKToolkit-acme", "StackStatus": "CREATE_COMPLETE", "CreationTime": 0}
    cloud.expect("describe_stacks", {"Stacks": [stack]}, {"StackName": "CDKToolkit-acme"})


def allowed(cloud: Cloud, documents: list[dict[str, Any]]) -> None:
    for arn, document in zip(execution_policy_arns(ALONE, ACCOUNT), documents, strict=True):
        cloud.expect("get_policy", {"Policy": {"DefaultVersionId": "v7"}}, {"PolicyArn": arn})
        version = {"VersionId": "v7", "Document": json.dumps(document)}
        cloud.expect("get_policy_version", {"PolicyVersion": version}, {"PolicyArn": arn, "VersionId": "v7"})


def without(sid: str) -> list[dict[str, Any]]:
    (document,) = execution_policies(ALONE, ACCOUNT)
    return [{**document, "Statement": [each for each in document["Statement"] if each["Sid"] != sid]}]


def test_what_is_not_bootstrapped_is_told_how(cloud: Cloud) -> None:
    cloud.refuse("describe_stacks", "ValidationError", "Stack with id CDKToolkit-acme does not exist")
    (message,) = bootstrap_check.unready(ALONE, every_account=True)
    assert message.startswith(
        f"{ACCOUNT}/ap-northeast-2 is not bootstrapped for acme\n    way out: run `make bootstrap`"
    )


def test_what_a_file_newly_needs_is_missed(cloud: Cloud) -> None:
    there(cloud)
    allowed(cloud, without("Repositories"))
    (message,) = bootstrap_check.unready(ALONE, every_account=True)
    assert message.startswith(f"CloudFormation in {ACCOUNT} does not have all permissions that this file needs")


def test_more_than_the_file_needs_is_enough(cloud: Cloud) -> None:
    there(cloud)
    (document,) = execution_policies(ALONE, ACCOUNT)
    wider = json.loads(json.dumps(document).replace('"ecr:CreateRepository"', '"ecr:CreateRepository", "ecr:X"'))
    allowed(cloud, [wider])
    assert bootstrap_check.unready(ALONE, every_account=True) == []


def test_who_may_not_read_the_policies_is_told_so_and_goes_on(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    there(cloud)
    cloud.refuse("get_policy", "AccessDenied")
    assert bootstrap_check.unready(ALONE, every_account=True) == []
    said = capsys.readouterr().err
    assert "not checked: whether CloudFormation in 123456789012 has all permissions" in said
    assert "may not call iam:GetPolicy\n    way out: allow iam:GetPolicy" in said


@pytest.mark.parametrize("trusted", [True, False])
def test_another_account_is_deployed_to_where_it_trusts_this_one(cloud: Cloud, trusted: bool) -> None:
    there(cloud)
    cloud.refuse("get_policy", "AccessDenied")
    if trusted:
        cloud.expect("assume_role", {})
    else:
        cloud.refuse("assume_role", "AccessDenied")
    found = bootstrap_check.unready(TOGETHER, every_account=True)
    assert len(found) == (0 if trusted else 1)
    if not trusted:
        assert f"make deploy ACCOUNT={OTHER}" in found[0]


def test_one_account_alone_asks_nothing_of_the_others(cloud: Cloud) -> None:
    there(cloud)
    cloud.refuse("get_policy", "AccessDenied")
    assert bootstrap_check.unready(TOGETHER, every_account=False) == []


@pytest.mark.parametrize("held", [True, False])
def test_a_provider_that_somebody_else_made_or_that_was_kept_is_named_before_it_stops_a_deploy(
    cloud: Cloud, held: bool
) -> None:
    there(cloud)
    cloud.refuse("get_policy", "AccessDenied")
    cloud.expect("get_open_id_connect_provider", {"Url": "x"}, {"OpenIDConnectProviderArn": PROVIDER})
    if held:
        rows = [row("AWS::IAM::OIDCProvider", "CREATE_COMPLETE", PROVIDER)]
        cloud.expect("list_stack_resources", {"StackResourceSummaries": rows}, {"StackName": "acme-Access"})
    else:
        cloud.no_stack("acme-Access")
    found = bootstrap_check.unready(GITHUB, every_account=True)
    assert found == [] if held else f'way out: write access: {{oidc_providers: ["{PROVIDER}"]}}' in found[0]


@pytest.mark.parametrize(
    "document",
    [
        "no JSON",
        {"Statement": {"Sid": "One", "Effect": "Allow", "Action": "ecr:*", "Resource": "*"}},
        {"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]},
        {"Statement": ["x"]},
        {},
    ],
    ids=["text", "one statement", "without Sid and Action", "no map", "empty"],
)
def test_a_policy_that_somebody_wrote_by_hand_is_behind_and_no_traceback(document: Any, cloud: Cloud) -> None:
    there(cloud)
    allowed(cloud, [document for _ in execution_policy_arns(ALONE, ACCOUNT)])
    assert "permissions" in " ".join(bootstrap_check.unready(ALONE, every_account=False))
