"""What an import of registry-wide settings asks of the CDK and of CloudFormation, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ops.adopt import change_sets, registry_wide
from ops.adopt.change_sets import CHANGE_SET, ImportRefused
from ops.aws.cloud import CloudError
from registry.locations import Location
from registry.model import Registry
from tests.ops.stubs import ACCOUNT, HOME, AskedAssembly, Cloud, assembling, importing
from tests.synth import SEED, SMALL, declared

AT = Location(ACCOUNT, HOME)
STACK = "acme-Registry"
RULE = {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}]}
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
ROW = {"ecrRepositoryPrefix": "quay", "upstreamRegistry": "quay", "upstreamRegistryUrl": "quay.io"}


class Assembly(AskedAssembly):
    """What the app makes, and what the cdk CLI was asked."""

    def resources(self, at: Location, stack: str) -> dict[str, Any]:
        assert (at, stack) == (AT, STACK)
        return {"Scanning": SCANNING, "Cache": CACHE, "Other": {"Type": "AWS::KMS::Key"}}


@pytest.fixture
def assembly(monkeypatch: pytest.MonkeyPatch) -> Assembly:
    made = Assembly()
    assembling(monkeypatch, "ops.adopt.registry_wide", made)
    return made


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with importing(monkeypatch) as made:
        yield made


def registry() -> Registry:
    accepted = "acceptances: [{rule: cache-declared, reason: x}, {rule: cache-template, reason: x}]\n"
    cache = "pull_through_cache_rules: {quay: {upstream_registry: quay}}\n"
    return declared(f"{SMALL}{cache}{accepted}repositories: {{web/api: }}")


def live(cloud: Cloud, *, url: str = "quay.io") -> None:
    """One reading of everything that is registry-wide: scanning and a cache rule are there."""
    cloud.expect("describe_repository_creation_templates", {"repositoryCreationTemplates": []})
    cloud.expect("describe_pull_through_cache_rules", {"pullThroughCacheRules": [{**ROW, "upstreamRegistryUrl": url}]})


def settings(cloud: Cloud, *, everything: bool) -> None:
    scanning = {"scanType": "BASIC", "rules": [RULE]}
    cloud.expect("get_registry_scanning_configuration", {"scanningConfiguration": scanning})
    if everything:
        cloud.expect("describe_registry", {"replicationConfiguration": {"rules": []}})
        cloud.refuse("get_registry_policy", "RegistryPolicyNotFoundException")
        cloud.refuse("get_signing_configuration", "SigningConfigurationNotFoundException")


def taken(cloud: Cloud, **live_: str) -> None:
    """A look before the deploy, and the comparison before the import."""
    cloud.caller()
    cloud.expect("describe_stacks", {"Stacks": []})
    live(cloud, **live_)
    settings(cloud, everything=True)
    cloud.refuse("describe_stacks", "ValidationError", f"Stack with id {STACK} does not exist")
    live(cloud, **live_)
    settings(cloud, everything=False)


def change_set(cloud: Cloud, *changes: tuple[str, str]) -> None:
    rows = [{"ResourceChange": {"Action": action, "LogicalResourceId": name}} for action, name in changes]
    wanted = {"StackName": STACK, "ChangeSetName": CHANGE_SET}
    cloud.expect("describe_change_set", {"Changes": rows}, wanted)


def ended(cloud: Cloud, *statuses: str) -> None:
    cloud.expect("execute_change_set", {}, {"StackName": STACK, "ChangeSetName": CHANGE_SET})
    for status in statuses:
        row = {"StackName": STACK, "StackStatus": status, "CreationTime": 0}
        cloud.expect("describe_stacks", {"Stacks": [row]}, {"StackName": STACK})


def yes(question: str) -> bool:
    assert question == "Import 2 settings?"
    return True


def test_the_import_names_each_by_what_cloudformation_calls_it(cloud: Cloud, assembly: Assembly) -> None:
    taken(cloud)
    change_set(cloud, ("Import", "Scanning"), ("Import", "Cache"))
    ended(cloud, "IMPORT_IN_PROGRESS", "IMPORT_COMPLETE")
    live(cloud)
    settings(cloud, everything=False)
    assert registry_wide.adopt(registry(), file=SEED, confirm=yes)
    (asked,) = assembly.asked
    assert asked[:2] == ("import", f"{ACCOUNT}/{HOME}/Registry")
    assert "--no-execute" in asked
    assert json.loads(asked[-1]) == {"Scanning": {"RegistryId": ACCOUNT}, "Cache": {"EcrRepositoryPrefix": "quay"}}


def test_a_difference_is_refused_before_anything_is_prepared(cloud: Cloud, assembly: Assembly) -> None:
    taken(cloud, url="other.example.com")
    with pytest.raises(ImportRefused, match=f"pull-through cache rule quay in {HOME}: upstreamRegistryUrl") as refused:
        registry_wide.adopt(registry(), file=SEED, confirm=yes)
    assert '        live: "other.example.com"\n        file: "quay.io"' in str(refused.value)
    assert assembly.asked == []


def test_nothing_is_prepared_before_somebody_says_yes(cloud: Cloud, assembly: Assembly) -> None:
    taken(cloud)
    assert not registry_wide.adopt(registry(), file=SEED, confirm=lambda question: False)
    assert assembly.asked == []


@pytest.mark.parametrize(
    "changes",
    [
        (("Import", "Scanning"),),
        (("Import", "Scanning"), ("Import", "Cache"), ("Import", "More")),
        (("Import", "Scanning"), ("Import", "Cache"), ("Add", "More")),
        (),
    ],
)
def test_a_change_set_that_does_more_or_less_is_deleted(changes: tuple[tuple[str, str], ...], cloud: Cloud) -> None:
    change_set(cloud, *changes)
    cloud.expect("delete_change_set", {}, {"StackName": STACK, "ChangeSetName": CHANGE_SET})
    with pytest.raises(ImportRefused, match="would change by more than the import, so nothing was imported there"):
        change_sets.execute(AT, STACK, ["Scanning", "Cache"], "LogicalResourceId")


@pytest.mark.parametrize("status", ["IMPORT_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_FAILED", "UPDATE_FAILED"])
def test_an_import_that_cloudformation_undoes_is_said(status: str, cloud: Cloud) -> None:
    change_set(cloud, ("Import", "Scanning"))
    ended(cloud, "IMPORT_IN_PROGRESS", status)
    with pytest.raises(CloudError, match=f"ended in {status}"):
        change_sets.execute(AT, STACK, ["Scanning"], "LogicalResourceId")
