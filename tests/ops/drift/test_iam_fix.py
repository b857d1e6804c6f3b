"""Access as IAM has it: what is put back, by which call, and why the rest is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ops.drift.compare import Drift, State
from ops.drift.deployed import Deployed
from ops.drift.fix import Known, Step, plan, put_back
from ops.drift.kind import NOT_KNOWN
from ops.drift.reading import Keys, Live, ResourceKey
from ops.drift.repository_settings import Settings
from registry.model import Registry
from tests.ops.drift.test_iam import (
    ADMINISTRATOR,
    AT,
    AUDIT,
    BOUNDARY,
    BY_NOUN,
    CI,
    CI_ROLE,
    FILE,
    GONE,
    JENKINS,
    OTHER,
    POLICIES,
    as_declared,
    changed,
    cloud,
    registry,
    rows,
)
from tests.ops.stubs import Cloud
from tests.synth import declared as registry_of

__all__ = ["cloud", "registry"]  # fixtures


def steps(registry: Registry, found: dict[ResourceKey, Settings], *others: ResourceKey, last: Any = None) -> list[Step]:
    wanted = as_declared(registry)
    known = Known(
        registry=registry,
        kinds=BY_NOUN,
        wanted=wanted,
        live=Live(there=frozenset((*found, *others)), settings=found),
        last=Deployed(settings=wanted if last is None else last, registries=frozenset({AT})),
        keys=Keys(),
    )
    return plan(known, rows(registry, found, *others))


@pytest.mark.parametrize(
    ("thing", "live", "calls"),
    [
        (CI, {"attachedTo": ["group/all", "role/other", "user/eve"]}, [
            ("detach_group_policy", {"GroupName": "all", "PolicyArn": f"{POLICIES}/{CI.name}"}),
            ("detach_role_policy", {"RoleName": "other", "PolicyArn": f"{POLICIES}/{CI.name}"}),
            ("detach_user_policy", {"UserName": "eve", "PolicyArn": f"{POLICIES}/{CI.name}"}),
            ("attach_role_policy", {"RoleName": "acme-ci", "PolicyArn": f"{POLICIES}/{CI.name}"}),
        ]),
        (JENKINS, {"attachedTo": []}, [
            ("attach_role_policy", {"RoleName": "jenkins", "PolicyArn": f"{POLICIES}/{JENKINS.name}"}),
        ]),
        (JENKINS, {"attachedTo": ["role/jenkins", "role/other"]}, [
            ("detach_role_policy", {"RoleName": "other", "PolicyArn": f"{POLICIES}/{JENKINS.name}"}),
        ]),
        (CI_ROLE, {"permissionsBoundary": None}, [
            ("put_role_permissions_boundary", {"RoleName": "acme-ci", "PermissionsBoundary": BOUNDARY}),
        ]),
        (CI_ROLE, {"maxSessionDuration": 43_200}, [
            ("update_role", {"RoleName": "acme-ci", "MaxSessionDuration": 3600}),
        ]),
        (CI_ROLE, {"furtherPolicies": [ADMINISTRATOR]}, [
            ("detach_role_policy", {"RoleName": "acme-ci", "PolicyArn": ADMINISTRATOR}),
        ]),
    ],
)  # fmt: skip
def test_what_a_hand_changed_is_put_back(
    cloud: Cloud, registry: Registry, thing: ResourceKey, live: Settings, calls: list[tuple[str, dict[str, Any]]]
) -> None:
    for operation, parameters in calls:
        cloud.expect(operation, {}, parameters)
    found = steps(registry, changed(registry, thing, **live))
    assert [step.reason for step in found] == [""]
    assert put_back(found, lambda step: True) == 1


def test_a_boundary_that_the_file_does_not_have_is_taken_away(cloud: Cloud) -> None:
    unbounded = registry_of(
        FILE.replace(f'access: {{permissions_boundary: "{BOUNDARY}"}}', "").partition("acceptances")[0]
    )
    cloud.expect("delete_role_permissions_boundary", {}, {"RoleName": "acme-ci"})
    assert put_back(steps(unbounded, changed(unbounded, CI_ROLE, permissionsBoundary=BOUNDARY)), lambda step: True) == 1


@pytest.mark.parametrize(
    ("thing", "setting", "operation", "named"),
    [
        (CI, "policyDocument", "create_policy_version", {"PolicyArn": f"{POLICIES}/{CI.name}", "SetAsDefault": True}),
        (AUDIT, "policyDocument", "create_policy_version",
         {"PolicyArn": f"{POLICIES}/{AUDIT.name}", "SetAsDefault": True}),
        (CI_ROLE, "assumeRolePolicyDocument", "update_assume_role_policy", {"RoleName": "acme-ci"}),
    ],
)  # fmt: skip
def test_a_document_is_the_files_again(
    cloud: Cloud, registry: Registry, thing: ResourceKey, setting: str, operation: str, named: dict[str, Any]
) -> None:
    text = json.dumps(as_declared(registry)[thing][setting], separators=(",", ":"))
    cloud.expect(operation, {}, {**named, "PolicyDocument": text})
    assert put_back(steps(registry, changed(registry, thing, **{setting: OTHER})), lambda step: True) == 1


def test_each_setting_is_a_question_of_its_own(registry: Registry) -> None:
    found = steps(registry, changed(registry, CI_ROLE, furtherPolicies=[ADMINISTRATOR], permissionsBoundary=None))
    assert [[row.setting for row in step.rows] for step in found] == [["permissionsBoundary"], ["furtherPolicies"]]


def test_an_attachment_that_only_cloudformation_knows_is_put_back(registry: Registry) -> None:
    last = {**as_declared(registry), CI: {**as_declared(registry)[CI], "attachedTo": NOT_KNOWN}}
    (step,) = steps(registry, changed(registry, CI, attachedTo=[]), last=last)
    assert step.reason == ""


def test_each_row_that_is_not_put_back_has_its_reason(registry: Registry) -> None:
    (inline,) = steps(registry, changed(registry, CI_ROLE, inlinePolicies=["by-hand"]))
    assert "aws iam delete-role-policy" in inline.reason
    (left_over,) = steps(registry, changed(registry, CI), GONE)
    assert "aws iam delete-policy" in left_over.reason
    without = {thing: each for thing, each in changed(registry, CI).items() if thing not in (JENKINS, CI_ROLE)}
    policy, role = steps(registry, without)
    assert "cdk deploy --revert-drift" in policy.reason
    assert policy.reason == role.reason
    not_yet = steps(registry, without, last={})
    assert ["make deploy` creates it" in step.reason for step in not_yet] == [True, True]
    (outside,) = steps(registry, changed(registry, CI_ROLE, inlinePolicies=[], permissionsBoundary=None), last={})
    assert "takes nothing of IAM" in outside.reason


def test_a_kind_that_may_not_be_read_is_not_put_back(registry: Registry) -> None:
    row = Drift(thing=CI._replace(name=""), state=State.NOT_COMPARED, refused="iam:ListPolicies")
    wanted = as_declared(registry)
    known = Known(
        registry=registry,
        kinds=BY_NOUN,
        wanted=wanted,
        live=Live(there=frozenset(), settings={}),
        last=Deployed(settings=wanted, registries=frozenset({AT})),
        keys=Keys(),
    )
    (step,) = plan(known, [row])
    assert step.reason == "these credentials may not call iam:ListPolicies"
