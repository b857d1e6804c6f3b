"""Access as IAM has it: what is read, what of it is drift, and what puts it back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from ops.cli import app
from ops.drift.compare import Drift, State, against_deployed, against_file
from ops.drift.deployed import Deployed
from ops.drift.iam import MANAGED_POLICY, ROLE
from ops.drift.kind import NOT_KNOWN
from ops.drift.named import REPOSITORY
from ops.drift.reading import Keys, Live, ResourceKey, declared, live
from ops.drift.repository_settings import Settings
from ops.drift.run import drift, drift_before_deploy
from ops.output import drift as shown
from registry.locations import Location
from registry.model import Registry
from tests.ops.stubs import ACCOUNT, HOME, REPLICA, Cloud, stubbed
from tests.synth import SMALL
from tests.synth import declared as registry_of

AT = Location(ACCOUNT, HOME)
KINDS = (MANAGED_POLICY, ROLE)
BY_NOUN = {kind.noun: kind for kind in KINDS}
POLICIES = f"arn:aws:iam::{ACCOUNT}:policy/ecr-registry/acme"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
OTHER = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}]}
CI, JENKINS, AUDIT, GONE = (
    ResourceKey(AT, "managed policy", f"acme-{name}")
    for name in ("ci-ecr-1", "jenkins-ecr-1", "ecr-audit", "gone-ecr-1")
)
CI_ROLE = ResourceKey(AT, "role", "acme-ci")
FILE = f"""{SMALL}
access: {{permissions_boundary: "{BOUNDARY}"}}
principals:
  ci: {{github: acme/web, owner_id: 84790634, repository_id: 1304267049, branch: main}}
  jenkins: {{role: "arn:aws:iam::{ACCOUNT}:role/build/jenkins"}}
repositories: {{web/api: {{push: [ci], pull: [jenkins]}}}}
"""


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)  # a stub answers in one order
    with stubbed(monkeypatch) as made:
        yield made


@pytest.fixture
def registry() -> Registry:
    return registry_of(FILE)


def as_declared(registry: Registry) -> dict[ResourceKey, Settings]:
    return declared(registry, [AT], KINDS)


def rows(registry: Registry, found: dict[ResourceKey, Settings], *others: ResourceKey) -> list[Drift]:
    known = Live(there=frozenset((*found, *others)), settings=found)
    return list(against_file(registry, BY_NOUN, as_declared(registry), known, Keys()))


def changed(registry: Registry, thing: ResourceKey, **settings: Any) -> dict[ResourceKey, Settings]:
    """IAM as the file declares it, but for some settings of one thing."""
    found = {key: {"attachedTo": [], **each} for key, each in as_declared(registry).items()}
    return {**found, thing: {**found[thing], **settings}}


def expect_policies(cloud: Cloud, *names: str) -> None:
    found = [{"PolicyName": name, "Arn": f"{POLICIES}/{name}", "DefaultVersionId": "v2"} for name in names]
    wanted = {"Scope": "Local", "PathPrefix": "/ecr-registry/acme/"}
    cloud.expect("list_policies", {"Policies": found, "IsTruncated": False}, wanted)


def expect_policy(cloud: Cloud, name: str, document: Any, *, roles: list[str], users: list[str], more: bool) -> None:
    arn = {"PolicyArn": f"{POLICIES}/{name}"}
    version = {"PolicyVersion": {"Document": json.dumps(document)}}
    cloud.expect("get_policy_version", version, {**arn, "VersionId": "v2"})
    pages: list[dict[str, Any]] = [
        {"PolicyRoles": [{"RoleName": role} for role in roles], "PolicyUsers": [], "PolicyGroups": []},
        {"PolicyRoles": [], "PolicyUsers": [{"UserName": user} for user in users], "PolicyGroups": []},
    ]
    asked = {**arn, "PolicyUsageFilter": "PermissionsPolicy"}
    cloud.expect(
        "list_entities_for_policy", {**pages[0], "IsTruncated": more, **({"Marker": "m"} if more else {})}, asked
    )
    if more:
        cloud.expect("list_entities_for_policy", {**pages[1], "IsTruncated": False}, {**asked, "Marker": "m"})


def expect_role(cloud: Cloud, trust: Any, *, policies: tuple[str, ...] = (), inline: tuple[str, ...] = ()) -> None:
    role = {
        "Path": "/ecr-registry/acme/",
        "RoleName": "acme-ci",
        "RoleId": "AROA" + "A" * 16,
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/ecr-registry/acme/acme-ci",
        "CreateDate": 0,
        "AssumeRolePolicyDocument": json.dumps(trust),
        "MaxSessionDuration": 3600,
        "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": BOUNDARY},
    }
    asked = {"RoleName": "acme-ci"}
    cloud.expect("get_role", {"Role": role}, asked)
    attached = [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in policies]
    cloud.expect("list_attached_role_policies", {"AttachedPolicies": attached, "IsTruncated": False}, asked)
    cloud.expect("list_role_policies", {"PolicyNames": list(inline), "IsTruncated": False}, asked)


def test_what_iam_answers_is_read_whole(cloud: Cloud, registry: Registry) -> None:
    wanted = as_declared(registry)
    expect_policies(cloud, CI.name, GONE.name)
    expect_policy(cloud, CI.name, OTHER, roles=["acme-ci"], users=["eve"], more=True)
    expect_role(cloud, OTHER, policies=(f"{POLICIES}/{CI.name}", ADMINISTRATOR), inline=("by-hand",))
    found = live(registry, [AT], KINDS, wanted)
    assert found.there == {CI, GONE, CI_ROLE}
    assert found.settings == {
        CI: {"policyDocument": OTHER, "attachedTo": ["role/acme-ci", "user/eve"]},
        CI_ROLE: {
            "assumeRolePolicyDocument": OTHER,
            "maxSessionDuration": 3600,
            "permissionsBoundary": BOUNDARY,
            "furtherPolicies": [ADMINISTRATOR],
            "inlinePolicies": ["by-hand"],
        },
    }


def test_a_role_that_is_not_there_is_missing(cloud: Cloud, registry: Registry) -> None:
    expect_policies(cloud)
    cloud.refuse("get_role", "NoSuchEntity")
    wanted = as_declared(registry)
    found = live(registry, [AT], KINDS, wanted)
    assert (found.there, found.settings) == (frozenset(), {})
    states = {drift.thing: drift.state for drift in against_file(registry, BY_NOUN, wanted, found, Keys())}
    assert states == dict.fromkeys((AUDIT, CI, JENKINS, CI_ROLE), State.MISSING)


def test_another_refusal_of_iam_is_an_error(cloud: Cloud, registry: Registry) -> None:
    cloud.refuse("list_policies", "ServiceFailure", "not today")
    with pytest.raises(ClientError, match="not today"):
        live(registry, [AT], KINDS, ())


def test_who_may_not_read_ecr_compares_nothing(cloud: Cloud, registry: Registry) -> None:
    cloud.refuse("describe_repositories", "AccessDeniedException", "not you")
    with pytest.raises(ClientError, match="not you"):
        live(registry, [AT], [REPOSITORY], ())


def test_iam_is_looked_at_once_an_account_where_the_access_stack_is(cloud: Cloud) -> None:
    other = "210987654321"
    registry = registry_of(
        f'{SMALL}replicas: {{{REPLICA}: , "{other}/{REPLICA}": }}\naccess: {{organization: o-a1b2c3d4e5}}\n'
        "repositories: {web/api: }"
    )
    places = [at for at in (*registry.locations, Location(other, HOME)) if MANAGED_POLICY.where(registry, at)]
    assert places == [AT, Location(other, HOME)]

    cloud.caller(other)
    cloud.expect("describe_repositories", {"repositories": []}, at=REPLICA)
    cloud.expect("describe_repository_creation_templates", {"repositoryCreationTemplates": []}, at=REPLICA)
    cloud.expect("describe_pull_through_cache_rules", {"pullThroughCacheRules": []}, at=REPLICA)
    cloud.expect("list_pull_time_update_exclusions", {"pullTimeUpdateExclusions": []}, at=REPLICA)
    scanning = {"scanningConfiguration": {"scanType": "BASIC", "rules": []}}
    cloud.expect("get_registry_scanning_configuration", scanning, at=REPLICA)
    cloud.expect("describe_registry", {"replicationConfiguration": {"rules": []}}, at=REPLICA)
    cloud.refuse("get_registry_policy", "RegistryPolicyNotFoundException", at=REPLICA)
    cloud.refuse("get_signing_configuration", "SigningConfigurationNotFoundException", at=REPLICA)
    expect_policies(cloud)
    missing = {(row.thing.at, row.thing.name) for row in drift(registry) if row.state is State.MISSING}
    assert (Location(other, HOME), "acme-ecr-audit") in missing


@pytest.mark.parametrize(
    ("thing", "setting", "value"),
    [
        (CI, "policyDocument", OTHER),
        (AUDIT, "policyDocument", OTHER),
        (CI, "attachedTo", []),
        (JENKINS, "attachedTo", []),
        (JENKINS, "attachedTo", ["role/acme-ci", "role/jenkins"]),
        (CI, "attachedTo", ["role/acme-ci", "user/eve"]),
        (CI_ROLE, "assumeRolePolicyDocument", OTHER),
        (CI_ROLE, "permissionsBoundary", None),
        (CI_ROLE, "maxSessionDuration", 43_200),
        (CI_ROLE, "furtherPolicies", [ADMINISTRATOR]),
        (CI_ROLE, "inlinePolicies", ["by-hand"]),
    ],
)
def test_each_change_by_hand_is_one_row(registry: Registry, thing: ResourceKey, setting: str, value: Any) -> None:
    assert rows(registry, changed(registry, thing)) == []
    expected = as_declared(registry)[thing][setting]
    assert rows(registry, changed(registry, thing, **{setting: value})) == [
        Drift(thing=thing, state=State.DIFFERS, setting=setting, expected=expected, live=value)
    ]


def test_auditors_attach_their_policy_themselves(registry: Registry) -> None:
    assert rows(registry, changed(registry, AUDIT, attachedTo=["role/auditor", "user/eve"])) == []


def test_the_order_in_a_document_is_no_difference(registry: Registry) -> None:
    document = as_declared(registry)[CI]["policyDocument"]
    turned = {**document, "Statement": [{**it, "Action": it["Action"][::-1]} for it in document["Statement"][::-1]]}
    assert rows(registry, changed(registry, CI, policyDocument=turned)) == []


def test_a_policy_of_the_registry_that_the_file_does_not_declare_is_drift(registry: Registry) -> None:
    (row,) = rows(registry, changed(registry, CI), GONE)
    assert row == Drift(thing=GONE, state=State.LEFT_OVER)
    assert shown.table([row], AT)[1][0][3:] == ("nothing", "exists, and the file does not declare it")
    assert shown.as_json([row], "the file")["drift"][0]["state"] == "left over"


def test_a_template_says_all_but_whom_a_role_made_with_it_is() -> None:
    role, existing = {"Ref": "Role"}, "jenkins"
    policy = {"ManagedPolicyName": "p", "PolicyDocument": OTHER}
    assert MANAGED_POLICY.deployed(policy) == ("p", {"policyDocument": OTHER})
    assert MANAGED_POLICY.deployed({**policy, "Roles": [existing]})[1]["attachedTo"] == ["role/jenkins"]
    assert MANAGED_POLICY.deployed({**policy, "Roles": [role]})[1]["attachedTo"] is NOT_KNOWN
    assert ROLE.deployed({"RoleName": "r", "AssumeRolePolicyDocument": OTHER})[1]["permissionsBoundary"] is None


def before_deploy(registry: Registry, last: dict[ResourceKey, Settings], found: Live) -> list[tuple[str, str]]:
    said = Deployed(settings=last, registries=frozenset({AT}))
    found_rows = against_deployed(BY_NOUN, as_declared(registry), said, found, Keys())
    return [(row.thing.name, row.setting or row.state.value) for row in found_rows]


def test_before_a_deploy_only_what_a_hand_changed_counts(registry: Registry) -> None:
    last = {**as_declared(registry), GONE: {"policyDocument": OTHER}}
    last[CI] = {**last[CI], "attachedTo": NOT_KNOWN}
    last[JENKINS] = {**last[JENKINS], "policyDocument": OTHER}  # the file has changed since
    last[CI_ROLE] = ROLE.deployed({"RoleName": "acme-ci", "AssumeRolePolicyDocument": OTHER})[1]
    now = changed(registry, CI_ROLE, furtherPolicies=[ADMINISTRATOR], maxSessionDuration=7_200)
    now[CI] = {**now[CI], "attachedTo": []}
    now[JENKINS] = {**now[JENKINS], "policyDocument": OTHER}
    found = Live(there=frozenset(now), settings=now)
    assert before_deploy(registry, last, found) == [("acme-ci", "maxSessionDuration")]
    assert before_deploy(registry, last, Live(there=frozenset(), settings={})) == [
        (name, "missing") for name in ("acme-ecr-audit", "acme-ci-ecr-1", "acme-jenkins-ecr-1", "acme-ci")
    ]


def test_who_may_not_read_iam_hears_what_is_not_compared(cloud: Cloud, registry: Registry) -> None:
    wanted = as_declared(registry)
    cloud.refuse("list_policies", "AccessDenied")
    cloud.refuse("get_role", "AccessDenied")
    found = live(registry, [AT], KINDS, wanted)
    not_compared = [
        Drift(thing=CI._replace(name=""), state=State.NOT_COMPARED, refused="iam:ListPolicies"),
        Drift(thing=CI_ROLE._replace(name=""), state=State.NOT_COMPARED, refused="iam:GetRole"),
    ]
    assert list(against_file(registry, BY_NOUN, wanted, found, Keys())) == not_compared
    assert before_deploy(registry, wanted, found) == [("", "not compared"), ("", "not compared")]
    assert shown.summary(not_compared) == "no drift, 2 kinds not compared"
    assert shown.table(not_compared, AT)[1][0] == (
        HOME, "every managed policy", "", "", "not compared: these credentials may not call iam:ListPolicies",
    )  # fmt: skip
    assert shown.as_json(not_compared, "the file")["information"][1]["refused"] == "iam:GetRole"


def test_one_policy_that_may_not_be_read_hides_no_other(cloud: Cloud, registry: Registry) -> None:
    wanted = {CI: as_declared(registry)[CI], JENKINS: as_declared(registry)[JENKINS]}
    expect_policies(cloud, CI.name, JENKINS.name)
    cloud.refuse("get_policy_version", "AccessDenied")
    expect_policy(cloud, JENKINS.name, OTHER, roles=["jenkins"], users=[], more=False)
    found = live(registry, [AT], [MANAGED_POLICY], wanted)
    assert [(row.thing.name, row.state) for row in against_file(registry, BY_NOUN, wanted, found, Keys())] == [
        (JENKINS.name, State.DIFFERS),
        ("", State.NOT_COMPARED),
    ]


@pytest.mark.parametrize("options", [[], ["--json"], ["--markdown"], ["--before-deploy"]])
def test_the_command_says_on_standard_error_what_is_not_compared(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = Drift(thing=CI._replace(name=""), state=State.NOT_COMPARED, refused="iam:ListPolicies")
    for question in (drift, drift_before_deploy):
        monkeypatch.setattr(f"ops.drift.run.{question.__name__}", lambda registry: [row])
    file = tmp_path / "registry.yaml"
    file.write_text(FILE)
    finished = CliRunner().invoke(app, ["drift", "--registry", str(file), *options])
    assert finished.exit_code == 0
    assert f"every managed policy of {ACCOUNT}" in finished.stderr
    assert "iam:ListPolicies" in finished.stderr
    assert "way out: attach the managed policy acme-ecr-audit" in finished.stderr


def test_the_roles_of_a_pipeline_are_the_files_and_no_surprise() -> None:
    """They lie below the registry's path, where everything else is drift."""
    pipeline = registry_of(
        FILE
        + "defaults: {moving_tags: [cache-amd64]}\npipelines:\n  web/api:\n    source: acme/web\n    connection: "
        + f"arn:aws:codeconnections:{HOME}:{ACCOUNT}:connection/12345678-90ab-cdef-1234-567890abcdef\n"
    )
    parts = ("build", "pipeline", "promote")
    roles, policies = ROLE.declared(pipeline, AT), MANAGED_POLICY.declared(pipeline, AT)
    assert {name for name in roles if "@" in name} == {f"acme-web=api@{part}" for part in parts}
    assert roles["acme-web=api@build"]["permissionsBoundary"] == BOUNDARY
    assert {name for name in policies if "@" in name} == {f"acme-web=api@{part}-ecr-1" for part in parts}
    assert policies["acme-web=api@build-ecr-1"]["attachedTo"] == ["role/acme-web=api@build"]
    assert not [name for name in ROLE.declared(pipeline, Location(ACCOUNT, REPLICA)) if "@" in name]
