"""What a repository's settings come to, each with the line that says so."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from registry.load import check_sources
from registry.reading.sources import Sources
from registry.reading.yaml_reader import parse
from registry.resolve.origins import settings_of
from registry.shape import Settings
from tests.synth import SMALL

Row = tuple[Any, str, list[str]]


def shown(text: str, name: str = "web/api", **teams: str) -> dict[str, list[Row]]:
    """The settings by key: value, layer, and FILE:LINE of each place."""
    files = {f"{team}.yaml": parse(dedent(it).encode(), f"{team}.yaml") for team, it in teams.items()}
    sources = Sources(parse((SMALL + dedent(text)).encode(), "f.yaml"), files)
    outcome = check_sources(sources)
    assert outcome.registry, "\n".join(map(str, outcome.findings))
    assert outcome.written
    (repository,) = (it for it in outcome.registry.repositories if it.name == name)
    found: dict[str, list[Row]] = {}
    for it in settings_of(outcome.written, outcome.registry, repository):
        places = [str(sources.position(at, key=True)).rpartition(":")[0] for at in it.at]
        found.setdefault(it.key, []).append((it.value, it.by, places))
    return found


def test_where_no_file_says_anything_the_defaults_hold() -> None:
    assert shown("repositories: {web/api: }") == {
        "owner": [(None, "default", [])],
        "image_tag_mutability": [("IMMUTABLE", "default", [])],
        "moving_tags": [([], "default", [])],
        "tags_must_match": [([], "default", [])],
        "encryption_type": [("AES256", "default", [])],
        "lifecycle": [("untagged-14-days", "default", [])],
        "scan_on_push": [(True, "default", [])],
        "empty_on_delete": [(False, "default", [])],
        "home": [("123456789012/ap-northeast-2", "registry", ["f.yaml:1"])],
        "scanning.scan_type": [("BASIC", "default", [])],
    }


LAYERS = """\
    defaults:
      owner: everybody
      empty_on_delete: true
      moving_tags: [latest]
      tags: {cost-center: "1"}
    namespaces:
      web:
        owner: namespace
        encryption_type: KMS
        moving_tags: {add: [canary]}
        tags: {stage: prod}
    repositories:
      web/api:
        owner: repository
        tags: {cost-center: "2"}
        moving_tags: {add: [edge]}
    """


def test_the_nearest_layer_is_named() -> None:
    found = shown(LAYERS)
    assert found["owner"] == [("repository", "repository", ["f.yaml:15"])]
    assert found["encryption_type"] == [("KMS", "namespace", ["f.yaml:10"])]
    assert found["kms_key"] == [("the key that AWS manages", "default", [])]
    assert found["empty_on_delete"] == [(True, "defaults", ["f.yaml:4"])]


def test_what_adds_up_names_every_place_of_it() -> None:
    found = shown(LAYERS)
    assert found["moving_tags"] == [
        (["latest", "canary", "edge"], "repository", ["f.yaml:17", "f.yaml:11", "f.yaml:5"])
    ]
    assert found["tags.cost-center"] == [("2", "repository", ["f.yaml:16"])]
    assert found["tags.stage"] == [("prod", "namespace", ["f.yaml:12"])]


def test_a_list_that_replaces_hides_the_layers_behind_it() -> None:
    found = shown(LAYERS.replace("moving_tags: {add: [canary]}", "moving_tags: [canary]"))
    assert found["moving_tags"] == [(["canary", "edge"], "repository", ["f.yaml:17", "f.yaml:11"])]


def test_a_teams_file_is_named() -> None:
    team = """\
        namespace: web
        lifecycles: {short: [{expire: {untagged: true, after_days: 3}}]}
        defaults: {lifecycle: short, owner: web}
        repositories: {web/api: }
        """
    found = shown("include: [web.yaml]", web=team)
    assert found["owner"] == [("web", "team", ["web.yaml:3"])]
    assert found["lifecycle"] == [("short", "team", ["web.yaml:3", "web.yaml:2"])]


def test_the_flag_of_scanning_on_push_is_the_registrys_where_the_repository_has_none() -> None:
    scanning = "scanning: {scan_type: ENHANCED, scan_on_push: [data/*], continuous_scan: [web/*]}\n"
    found = shown(f"{scanning}repositories: {{web/api: , data/x: {{scan_on_push: false}}, ops/y: }}\n")
    assert found["scan_on_push"] == [(True, "registry", ["f.yaml:2"])]
    assert found["scanning.scan_type"] == [("ENHANCED", "registry", ["f.yaml:2"])]
    other = "scanning:\n  scan_on_push: [data/*]\nrepositories: {web/api: , data/x: {scan_on_push: false}}\n"
    assert shown(other)["scan_on_push"] == [(False, "registry", ["f.yaml:3"])]
    assert shown(other, "data/x")["scan_on_push"] == [(False, "repository", ["f.yaml:4"])]


def test_only_what_the_registry_does_with_this_repository_is_named() -> None:
    profile = "arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/releases"
    text = f"""\
        replicas:
          us-west-2:
          eu-west-1: {{namespaces: [data]}}
        signing:
          - {{signing_profile_arn: "{profile}", repository_filters: ["data/*"]}}
          - {{signing_profile_arn: "{profile}", repository_filters: ["web/*"]}}
        repositories: {{web/api: , data/x: }}
        """
    found = shown(text)
    assert found["replica"] == [("us-west-2", "registry", ["f.yaml:3"])]
    assert found["signing"] == [(profile, "registry", ["f.yaml:7"])]
    assert [row[0] for row in shown(text, "data/x")["replica"]] == ["us-west-2", "eu-west-1"]


EVERY = """\
    principals: {ci: {role: "arn:aws:iam::123456789012:role/ci"}, it: {role: "arn:aws:iam::123456789012:role/it"}}
    repositories:
      web/api:
        owner: web
        image_tag_mutability: MUTABLE
        fixed_tags: ["v*"]
        tags_must_match: ["v*", latest]
        moving_tags: []
        encryption_type: KMS
        kms_key: {ap-northeast-2: alias/ecr}
        lifecycle: untagged-14-days
        scan_on_push: false
        empty_on_delete: true
        tags: {a: b}
        repository_policy: {Statement: [{Effect: Allow, Principal: {AWS: "210987654321"}, Action: ecr:BatchGetImage}]}
        pull: [it]
        push: [ci]
        promote: [ci]
        delete: [ci]
        failover_push: [ci]
        read: [ci]
    """


@pytest.mark.parametrize("key", [key for key in Settings.model_fields if key != "moving_tags"])
def test_every_key_of_a_repository_is_shown_where_it_is_written(key: str) -> None:
    line = next(number for number, text in enumerate(EVERY.splitlines(), 2) if text.strip().startswith(f"{key}:"))
    (row,) = shown(EVERY)["tags.a" if key == "tags" else key]
    assert (row[1], row[2]) == ("repository", [f"f.yaml:{line}"])
