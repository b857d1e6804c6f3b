"""Imports of what a registry has once, of templates and of cache rules."""

from __future__ import annotations

import pytest

from ops.adopt.change_sets import ImportRefused
from ops.adopt.outside import IMPORTABLE
from ops.drift.kinds import REGISTRY_WIDE
from registry.errors import ExitCode
from tests.ops.adopt.importing import (
    SAME,
    WIDE,
    Person,
    executed,
    imported,
    never,
    owner,
    registry,
    stacks,
)
from tests.ops.stubs import ACCOUNT, HOME, AskedAssembly, Cloud

RULE = {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}]}
UPSTREAM = {"ecrRepositoryPrefix": "quay", "upstreamRegistry": "quay", "upstreamRegistryUrl": "quay.io"}
WITH_CACHE = """\
pull_through_cache_rules: {quay: {upstream_registry: quay}}
acceptances: [{rule: cache-declared, reason: x}, {rule: cache-template, reason: x}]
"""


def scanned(cloud: Cloud) -> None:
    scanning = {"scanType": "BASIC", "rules": [RULE]}
    cloud.expect("get_registry_scanning_configuration", {"scanningConfiguration": scanning})


def wide_looked(cloud: Cloud, *, url: str = "quay.io", owner_of_scanning: str | None = None) -> None:
    cloud.caller()
    stacks(cloud, {})
    rule = {**UPSTREAM, "upstreamRegistryUrl": url}
    cloud.expect("describe_pull_through_cache_rules", {"pullThroughCacheRules": [rule]})
    scanned(cloud)
    owner(cloud, ACCOUNT, owner_of_scanning, kind="AWS::ECR::RegistryScanningConfiguration")
    owner(cloud, "quay", None)


def test_registry_wide_settings_are_named_by_what_cloudformation_calls_them(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    wide_looked(cloud)
    executed(cloud, "Scanning", "Cache", stack=WIDE, ends=("IMPORT_IN_PROGRESS", "IMPORT_COMPLETE"))
    cloud.expect("describe_pull_through_cache_rules", {"pullThroughCacheRules": [UPSTREAM]})
    scanned(cloud)
    person = Person(answer=True)
    outcome = imported(registry(rest=WITH_CACHE), kinds=REGISTRY_WIDE, strict=True, confirm=person)
    assert outcome.exit_code is ExitCode.FINE
    assert person.asked == ["Import 2 settings?"]
    (asked,) = assembly.asked
    assert asked[:2] == ("import", f"{ACCOUNT}/{HOME}/Registry")
    assert assembly.mapped == [{"Scanning": {"RegistryId": ACCOUNT}, "Cache": {"EcrRepositoryPrefix": "quay"}}]


def test_a_registry_wide_difference_is_refused_before_anything_is_prepared(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    wide_looked(cloud, url="other.example.com")
    with pytest.raises(ImportRefused, match=f"pull-through cache rule quay in {HOME}: upstreamRegistryUrl") as refused:
        imported(registry(rest=WITH_CACHE), kinds=REGISTRY_WIDE, strict=True, confirm=never)
    assert '        live: "other.example.com"\n        file: "quay.io"' in str(refused.value)
    assert assembly.asked == []


def test_a_registry_wide_setting_of_another_stack_is_left_out_and_named_with_it(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    wide_looked(cloud, owner_of_scanning="platform")
    executed(cloud, "Cache", stack=WIDE)
    cloud.expect("describe_pull_through_cache_rules", {"pullThroughCacheRules": [UPSTREAM]})
    (left,) = imported(registry(rest=WITH_CACHE), kinds=REGISTRY_WIDE).left
    assert (left.thing.noun, left.stack) == ("scanning configuration", "platform")


def test_everything_is_both_in_one_question(cloud: Cloud, assembly: AskedAssembly) -> None:
    cloud.caller()
    stacks(cloud, {})
    cloud.expect("describe_pull_through_cache_rules", {"pullThroughCacheRules": [UPSTREAM]})
    cloud.repositories({"web/api": SAME}, read=[])
    scanned(cloud)
    cloud.policies("web/api")
    for name in (ACCOUNT, "quay", "web/api"):
        owner(cloud, name, None)
    person = Person(answer=False)
    imported(registry(rest=WITH_CACHE), kinds=IMPORTABLE, confirm=person)
    assert person.asked == ["Import 1 repository and 2 settings?"]


def test_a_setting_that_nobody_has_set_is_the_deploys_to_make(cloud: Cloud, assembly: AskedAssembly) -> None:
    cloud.caller()
    stacks(cloud, {})
    cloud.expect("get_registry_scanning_configuration", {"scanningConfiguration": {"scanType": "BASIC", "rules": []}})
    assert imported(registry(), kinds=REGISTRY_WIDE, confirm=never).exit_code is ExitCode.FINE
