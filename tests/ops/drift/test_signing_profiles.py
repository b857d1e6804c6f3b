"""Signing profiles and whom they let sign: as the file says, as AWS Signer answers, and as they are put back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ops.aws import cloud as ops_cloud
from ops.drift.kind import Kind
from ops.drift.repository_settings import Settings
from ops.drift.signing_profiles import SIGNING_PERMISSION, SIGNING_PROFILE, SIGNING_WRITERS
from ops.drift.writer import Change
from registry.load import load
from registry.model import Registry
from tests.ops.stubs import HOME, Cloud, stubbed
from tests.synth import ROOT, SMALL, declared

NAME = {"profileName": "models"}
MODELS = {
    "profileName": "models",
    "platformId": "Notation-OCI-SHA384-ECDSA",
    "signatureValidityPeriod": {"type": "MONTHS", "value": 12},
    "status": "Active",
}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with stubbed(monkeypatch) as made:
        yield made


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(ROOT / "tests" / "golden" / "signing.yaml")[0]


def read(kind: Kind, registry: Registry) -> dict[str, Settings]:
    found = kind.find(ops_cloud.client("signer", HOME), registry, registry.home)
    return {name: settings for name, reader in found.items() if (settings := reader()) is not None}


def test_a_profile_that_is_as_declared_is_no_drift_and_a_cancelled_one_is(cloud: Cloud, registry: Registry) -> None:
    wanted = SIGNING_PROFILE.declared(registry, registry.home)
    cloud.expect("get_signing_profile", MODELS, NAME)
    cloud.refuse("get_signing_profile", "ResourceNotFoundException")
    assert read(SIGNING_PROFILE, registry) == {"models": wanted["models"]}
    cloud.expect("get_signing_profile", {**MODELS, "status": "Canceled"}, NAME)
    cloud.refuse("get_signing_profile", "ResourceNotFoundException")
    assert read(SIGNING_PROFILE, registry)["models"]["status"] == "Canceled"


def test_a_refusal_is_not_mistaken_for_a_profile_that_is_not_there(cloud: Cloud, registry: Registry) -> None:
    cloud.refuse("get_signing_profile", "AccessDeniedException", "not you")
    with pytest.raises(ops_cloud.CloudError, match="not you"), ops_cloud.aws_errors():
        read(SIGNING_PROFILE, registry)


def test_permissions_are_read_page_by_page(cloud: Cloud, registry: Registry) -> None:
    def row(account: str) -> dict[str, str]:
        return {"action": "signer:SignPayload", "principal": account, "statementId": f"ecr-registry-{account}"}

    cloud.expect("list_profile_permissions", {"permissions": [row("345678901234")], "nextToken": "t"}, NAME)
    by_hand = row("999999999999")
    cloud.expect("list_profile_permissions", {"permissions": [by_hand]}, {**NAME, "nextToken": "t"})
    cloud.refuse("list_profile_permissions", "ResourceNotFoundException")
    found = read(SIGNING_PERMISSION, registry)
    assert found.keys() == {"models for 345678901234", "models for 999999999999"}
    wanted = SIGNING_PERMISSION.declared(registry, registry.home)
    assert wanted.keys() == {"models for 345678901234", "releases for 210987654321"}
    assert found["models for 345678901234"] == wanted["models for 345678901234"]


def test_of_a_profile_that_is_not_made_here_only_our_permissions_are_looked_at(cloud: Cloud) -> None:
    """Its owner lets in others beside the file: to say that somebody has to remove them would be wrong."""
    registry = declared(
        f"""{SMALL}principals: {{theirs: {{role: "arn:aws:iam::345678901234:role/builder"}}}}
signing: [{{signing_profile_arn: "arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/company"}}]
repositories: {{web/api: {{push: [theirs]}}}}
"""
    )
    action = {"action": "signer:SignPayload"}
    owners = {**action, "principal": "999999999999", "statementId": "by-its-owner"}
    same = {**action, "principal": "345678901234", "statementId": "by-its-owner-too"}
    ours = {**action, "principal": "345678901234", "statementId": "ecr-registry-345678901234"}
    cloud.expect("list_profile_permissions", {"permissions": [owners, same]}, {"profileName": "company"})
    assert read(SIGNING_PERMISSION, registry) == {}
    cloud.expect("list_profile_permissions", {"permissions": [owners, ours, same]}, {"profileName": "company"})
    assert read(SIGNING_PERMISSION, registry) == SIGNING_PERMISSION.declared(registry, registry.home)
    assert SIGNING_PERMISSION.where(registry, registry.home)
    assert not SIGNING_PROFILE.where(registry, registry.home)


def change(kind: Kind, registry: Registry, name: str) -> Change:
    wanted = kind.declared(registry, registry.home)[name]
    return Change(
        registry=registry, region=HOME, service="signer", at=registry.home, name=name, wanted=wanted, live=None,
        settings=frozenset(wanted),
    )  # fmt: skip


def test_a_permission_that_is_gone_is_put_back(cloud: Cloud, registry: Registry) -> None:
    said = {"action": "signer:SignPayload", "principal": "345678901234", "statementId": "ecr-registry-345678901234"}
    cloud.expect("add_profile_permission", {}, {**NAME, **said})
    wanted = change(SIGNING_PERMISSION, registry, "models for 345678901234")
    SIGNING_WRITERS["permission to sign"].create(ops_cloud.client("signer", HOME), wanted)


def test_what_signer_fixes_is_not_written_and_has_a_way_out() -> None:
    writer = SIGNING_WRITERS["signing profile"]
    assert writer.unchangeable.keys() == {"", "platformId", "signatureValidityPeriod", "status"}
    assert all("another name" in way_out for way_out in writer.unchangeable.values())
