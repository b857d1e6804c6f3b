"""Scanning, creation templates, caches, signing and repository policies: what they come to."""

from __future__ import annotations

import json

import pytest

from registry.load import check_sources
from registry.model import CreationTemplate, Registry
from registry.reading.yaml_reader import parse
from registry.shape import UPSTREAM_URLS
from tests.registry.rules.test_registry_wide_limits import API, PROFILE, SECRET, SPACE, cache, template
from tests.synth import SMALL, declared


def registry(text: str) -> Registry:
    return declared(SMALL + text)


def test_without_a_word_everything_is_scanned_and_nothing_else_is_there() -> None:
    made = registry(API)
    assert (made.scanning.scan_type, made.scanning.scan_on_push, made.scanning.continuous_scan) == ("BASIC", ("*",), ())
    assert (made.creation_templates, made.pull_through_cache_rules, made.signing) == ((), {}, ())
    assert made.repositories[0].policies == {}


def test_account_settings_are_those_that_are_written_by_the_names_of_ecrs_api() -> None:
    assert registry(API).account_settings == ()
    written = (
        "account_settings: {registry_policy_scope: V2, blob_mounting: DISABLED, basic_scan_type_version: AWS_NATIVE}"
    )
    assert registry(f"{written}\n{API}").account_settings == (
        ("BASIC_SCAN_TYPE_VERSION", "AWS_NATIVE"),
        ("BLOB_MOUNTING", "DISABLED"),
        ("REGISTRY_POLICY_SCOPE", "V2"),
    )


@pytest.mark.parametrize("line", ["blob_mounting: true", "registry_policy_scope: V1", "basic_scan_type_version: CLAIR"])
def test_an_account_setting_that_aws_does_not_take_is_refused(line: str) -> None:
    outcome = check_sources(parse(f"{SMALL}account_settings: {{{line}}}\n{API}".encode(), "f.yaml"))
    assert outcome.registry is None
    (finding,) = outcome.findings
    assert finding.position.line == 2
    assert line.split(":")[0] in finding.message


@pytest.mark.parametrize(
    ("rest", "scanned"),
    [
        ("scan_type: ENHANCED", {"data/a": True, "web/api": True}),
        ("scan_on_push: ['web/*']", {"data/a": False, "web/api": True}),
        ("scan_on_push: [a]", {"data/a": True, "web/api": True}),
        ("scan_on_push: []", {"data/a": False, "web/api": False}),
        ("scan_type: ENHANCED, scan_on_push: [], continuous_scan: ['data/*']", {"data/a": True, "web/api": False}),
    ],
)
def test_a_repository_says_whether_a_filter_of_either_kind_matches_it(rest: str, scanned: dict[str, bool]) -> None:
    made = registry(f"scanning: {{{rest}}}\nrepositories: {{web/api: , data/a: }}")
    assert {repository.name: repository.scan_on_push for repository in made.repositories} == scanned


@pytest.mark.parametrize("flag", [False, True])
def test_the_flag_of_a_repository_is_its_own_where_the_file_says_one(flag: bool) -> None:
    made = registry(f"scanning: {{scan_on_push: ['web/*']}}\ndefaults: {{scan_on_push: {str(flag).lower()}}}\n{API}")
    assert [repository.scan_on_push for repository in made.repositories] == [flag]


def made_template(rest: str = "", more: str = "") -> CreationTemplate:
    return registry(more + template(rest)).creation_templates[0]


def test_a_template_has_the_lifecycle_of_repositories_and_the_mutability_a_cache_needs() -> None:
    made = made_template()
    assert (made.image_tag_mutability, made.encryption.encryption_type) == ("MUTABLE", "AES256")
    assert made.lifecycle == registry(API).repositories[0].lifecycle
    assert (dict(made.policies), made.tags, made.custom_role_arn, made.description) == ({}, (), None, None)


def test_a_template_names_a_lifecycle_of_the_root_file() -> None:
    lifecycles = "lifecycles: {releases: [{keep: {any: true, last: 3}}], forever: []}\ndefaults: {lifecycle: %s}\n"
    found = made_template("lifecycle: releases", lifecycles % "forever").lifecycle
    assert found is not None
    assert json.loads(found.text)["rules"][0]["selection"]["countNumber"] == 3
    assert made_template("lifecycle: forever", lifecycles % "releases").lifecycle is None


def test_templates_and_cache_rules_are_sorted_by_prefix_and_signing_rules_are_not() -> None:
    made = registry(
        "creation_templates: {b: {applied_for: [REPLICATION]}, a: {applied_for: [PULL_THROUGH_CACHE]}}\n"
        "pull_through_cache_rules: {a/z: {upstream_registry: quay}, a/b: {upstream_registry: k8s}}\n"
        f"signing: [{{signing_profile_arn: '{PROFILE}2'}}, {{signing_profile_arn: '{PROFILE}1'}}]\n" + API
    )
    assert [found.prefix for found in made.creation_templates] == ["a", "b"]
    assert [*made.pull_through_cache_rules] == ["a/b", "a/z"]
    assert [str(found.signing_profile_arn)[-1] for found in made.signing] == ["2", "1"]


@pytest.mark.parametrize(("upstream", "url"), UPSTREAM_URLS.items())
def test_an_upstream_with_one_host_has_it_by_default(upstream: str, url: str) -> None:
    secret = "" if upstream in ("ecr-public", "quay", "k8s") else f", credential_arn: '{SECRET}a'"
    (rule,) = registry(cache(f"upstream_registry: {upstream}{secret}")).pull_through_cache_rules.values()
    assert rule.host == url


def test_the_nearest_policy_replaces_the_others_as_a_whole_and_is_kept_as_written() -> None:
    def said(sid: str) -> str:
        return f"{{repository_policy: {SPACE % sid}}}"

    found = registry(
        f"defaults: {said('far')}\nnamespaces: {{web: {said('near')}}}\n"
        f"repositories: {{web/api: {said('own')}, web/ui: , tool: }}"
    )
    policies = {repository.name: json.loads(repository.policies["*"]) for repository in found.repositories}
    assert {name: it["Statement"][0]["Sid"] for name, it in policies.items()} == {
        "tool": "far", "web/api": "own", "web/ui": "near",
    }  # fmt: skip
    assert policies["web/api"] == {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "own", "Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "ecr:BatchGetImage"}
        ],
    }


@pytest.mark.parametrize(
    "damaged",
    [
        "scanning: {scan_type: 1, continuous_scan: ['*']}",
        "scanning: [a]",
        "scanning:",
        "scanning: {scan_on_push: [1]}",
        "creation_templates: {a: {applied_for: 1, tags: {a: b}}}",
        "creation_templates: {a: {applied_for: [REPLICATION], encryption_type: 1, custom_role_arn: 2, tags: {a: b}}}",
        "creation_templates: {a: {applied_for: [REPLICATION], kms_key: {us-west-2: 1}}}",
        "creation_templates: [a]",
        "creation_templates: 1\npull_through_cache_rules: {ab: {upstream_registry: docker-hub, credential_arn: 1}}",
        "pull_through_cache_rules: {ab: {upstream_registry: 1, credential_arn: 2}}",
        "signing: [{signing_profile_arn: 1, repository_filters: [a]}, x]",
        "signing: {a: b}",
        "defaults: {repository_policy: {Statement: [{Effect: 1, Principal: '*'}]}}",
        "defaults: {repository_policy: {Statement: [{Effect: Allow, Principal: 1, Action: ecr:PutImage}]}}",
        "defaults: {repository_policy: {Statement: {Effect: Allow}}}",
        "defaults: {repository_policy: {Statement: [1, {Effect: Allow, Action: [1, x], Condition: {a: 1}}]}}",
    ],
)
def test_what_is_damaged_is_said_once_and_rules_do_not_guess(damaged: str) -> None:
    outcome = check_sources(parse(f"{SMALL}{damaged}\n{API}".encode(), "f.yaml"))
    assert outcome.registry is None
    assert {finding.rule for finding in outcome.findings} <= {
        "not-allowed", "wrong-type", "empty-value", "number-as-text", "missing-key", "unknown-key",
    }  # fmt: skip
