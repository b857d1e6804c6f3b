"""No door beyond the registry is open to whoever deploys, and each bound of the policies closes one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from registry.access.cloudformation import execution_policies
from registry.access.open_doors import open_doors
from registry.load import load
from registry.model import Registry
from registry.model.accepted_findings import filter_arn
from registry.model.signing_profiles import signing_profile_arn
from tests.judge.doors import doors, opened
from tests.judge.engine import Case, judged, second_opinion
from tests.judge.weakened import weakened
from tests.snapshots import ReviewedPolicies
from tests.synth import ROOT, declared

FILES = [ROOT / "examples" / name / "registry.yaml" for name in ("minimal", "seed", "company")]
FILES += [ROOT / "tests" / "golden" / f"{name}.yaml" for name in ("access", "alarms", "monitoring", "network-trial")]
#: What the handlers of these stacks never need, added to a statement that has something of the kind.
TOO_MUCH = {
    "Repositories": ("ecr:BatchDeleteImage", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:PutImage"),
    "Registries": ("ecr:GetAuthorizationToken",),
    "PublicRepositories": ("ecr-public:BatchDeleteImage", "ecr-public:PutImage"),
    "Policies": ("iam:SetDefaultPolicyVersion",),
    "Roles": ("iam:PassRole", "iam:PutRolePolicy", "iam:DeleteRolePermissionsBoundary"),
    "UseOfKeys": ("kms:Decrypt", "kms:GenerateDataKey"),
    "Keys": ("kms:Decrypt", "kms:CreateGrant", "kms:DisableKey"),
    "Topics": ("sns:Publish",),
    "Alarms": ("cloudwatch:DisableAlarmActions", "cloudwatch:SetAlarmState"),
    "DeadLetters": ("sqs:ReceiveMessage", "sqs:SendMessage"),
}
#: A request always has these, so that it matters nothing whether they have to exist.
ALWAYS_THERE = ("aws:RequestedRegion", "iam:PolicyARN")
#: Weaker, and yet no door: a version number is nobody's secret, and repositories may be
#: deleted as it is.
NO_DOORS = (
    "BootstrapVersion",
    "Repositories: action ecr:DeleteR",
    "Registries: action ecr:DeleteR",
    "PublicRepositories: action ecr:",  # another service's, which speak of none of these
)


@pytest.mark.parametrize("engine", [judged, second_opinion])
@pytest.mark.parametrize("file", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_door_is_open(file: Any, engine: Any) -> None:
    registry, _ = load(file)
    cases = [
        case
        for account in registry.deployed_accounts
        for case in doors(registry, account, execution_policies(registry, account))
    ]
    assert len(cases) > 200
    assert opened(cases, engine(cases)) == []


def company() -> Registry:
    return load(ROOT / "examples" / "company" / "registry.yaml")[0]


def _weaker(documents: tuple[dict[str, Any], ...]) -> Iterator[tuple[str, str, dict[str, Any], int, int]]:
    for number, document in enumerate(documents):
        for index, statement in enumerate(document["Statement"]):
            for what, weaker in (*weakened(statement), *_further(statement)):
                same = (what.startswith("resource") and what.endswith((":*", "/*"))) or what.startswith(
                    ("iam:PermissionsBoundary f", "events:TargetArn f")
                )
                if not same:  # every one of a kind already; `false` of Null
                    yield statement["Sid"], what, dict(weaker), number, index


def _further(statement: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Weakened as only these policies can be: in every region, where a key exists, by an action more."""
    for arn in statement["Resource"] if isinstance(statement["Resource"], list) else ():
        head, region, rest = arn.split(":")[:3], arn.split(":")[3], arn.split(":")[4:]
        if region:
            wider = [":".join((*head, "*", *rest)), *(each for each in statement["Resource"] if each != arn)]
            yield f"everywhere {arn}", {**statement, "Resource": wider}
    for operator, keys in statement.get("Condition", {}).items():
        rest = {other: value for other, value in statement["Condition"].items() if other != operator}
        for key in keys if operator in ("StringEquals", "ArnLike") else ():
            if key not in ALWAYS_THERE:
                others = {operator: {each: value for each, value in keys.items() if each != key}}
                lax = {**rest, **others, f"{operator}IfExists": {key: keys[key]}}
                yield f"{key} IfExists", {**statement, "Condition": {k: v for k, v in lax.items() if v}}
    for action in TOO_MUCH.get(statement["Sid"], ()):
        yield f"and {action}", {**statement, "Action": [*statement["Action"], action]}


def test_every_bound_of_the_policies_closes_a_door() -> None:
    """The judge is awake: whatever is weakened by a step lets something through that is tried."""
    registry = company()
    documents = execution_policies(registry, registry.account)
    tried = list(doors(registry, registry.account, ()))
    cases: dict[str, list[Case]] = {}
    for sid, what, weaker, number, index in _weaker(documents):
        statements = documents[number]["Statement"]
        changed = {**documents[number], "Statement": [*statements[:index], weaker, *statements[index + 1 :]]}
        policies = [*documents[:number], changed, *documents[number + 1 :]]
        key = f"{sid}: {what}"
        cases[key] = [
            replace(case, id=f"{key} {case.id}", identity=policies)
            for case in tried
            if any(fnmatchcase(case.action, action) for action in weaker["Action"])
        ]
    answers = second_opinion(case for each in cases.values() for case in each)
    blind = [key for key, each in cases.items() if not opened(each, answers)]
    assert [key for key in blind if not key.startswith(NO_DOORS)] == []
    assert len(cases) > 60


@pytest.mark.parametrize("account", company().deployed_accounts)
def test_the_policies_of_the_company_are_as_they_were_reviewed(account: str, snapshot: SnapshotAssertion) -> None:
    documents = execution_policies(company(), account)
    by_sid = {statement["Sid"]: statement for document in documents for statement in document["Statement"]}
    assert sum(len(document["Statement"]) for document in documents) == len(by_sid)
    assert by_sid == snapshot(name=account, extension_class=ReviewedPolicies)


def test_what_stays_open_is_said() -> None:
    registry = company()
    home, vault = (open_doors(registry, account) for account in (registry.account, "678901234567"))
    assert home == [
        "arn:aws:iam::123456789012:role/image-retention can be given any permission by a policy",
        *(
            f"arn:aws:secretsmanager:{region}:123456789012:secret:ecr-pullthroughcache/{name} can be read: "
            "CloudFormation reads it for the cache"
            for region, name in (
                ("eu-central-1", "docker-hub-??????"),
                ("eu-central-1", "github-AbCdEf"),
                ("us-east-1", "docker-hub-??????"),
            )
        ),
        "the source that a pipeline hands on can be read: its bucket can be given another policy",
        "whatever the roles of pipelines may do can be done in a build: its commands are in a template",
        "findings of Amazon Inspector can be hidden: it gives filters their ids itself",
        "a filter of Amazon Inspector can be deleted, and an account lose the permission to sign",
        "a chat channel of any workspace that is authorized in the account can be told",
        "any subscription to a topic of the account can be ended: Amazon SNS knows them by no name",
        "a KMS key without an alias, whose policy leaves it to IAM, can be taken for one of the registry",
        "a KMS key of the registry can be given another policy, or scheduled for deletion",
    ]
    assert vault == [*home[-6:-4], *home[-3:]]
    unbounded = declared(
        'registry: {name: acme, account: "123456789012", region: us-east-1}\nrepositories: {web/api: {pull: [nodes]}}\n'
        'principals: {nodes: {role: "arn:aws:iam::123456789012:role/nodes"}}\n'
    )
    assert open_doors(unbounded, unbounded.account) == [
        "the roles made here can be given any permission: access.permissions_boundary bounds them",
        "arn:aws:iam::123456789012:role/nodes can be given any permission by a policy",
        "a filter of Amazon Inspector can be deleted, and an account lose the permission to sign",
    ]


def _opens(registry: Registry, account: str, action: str, resource: str, context: Mapping[str, Any]) -> bool:
    case = Case(
        id="one",
        principal=f"arn:aws:iam::{account}:role/cfn",
        action=action,
        resource=resource,
        account=account,
        identity=execution_policies(registry, account),
        context=dict(context),
    )
    first, second = judged([case])["one"], second_opinion([case])["one"]
    assert first == second
    return first


def test_what_is_said_to_be_open_is_open() -> None:
    """So that the sentence goes when the door closes."""
    registry, account = company(), "123456789012"
    own = f"arn:aws:iam::{account}:policy{registry.roles.path}x"
    attach = {"iam:PolicyARN": own}
    assert _opens(registry, account, "iam:CreatePolicy", own, {})
    assert _opens(registry, account, "iam:AttachRolePolicy", f"arn:aws:iam::{account}:role/image-retention", attach)
    assert not _opens(registry, account, "iam:AttachRolePolicy", f"arn:aws:iam::{account}:role/jenkins-agent", attach)
    for action in ("CreateFilter", "DeleteFilter"):
        assert _opens(registry, account, f"inspector2:{action}", filter_arn(registry.home, "x"), {})
    profile = signing_profile_arn(registry.home, "production")
    assert _opens(registry, account, "signer:RemoveProfilePermission", profile, {})
