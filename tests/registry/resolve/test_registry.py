"""Layers, defaults and names resolved: what the file comes to."""

from __future__ import annotations

import json
import random
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.load import check_sources
from registry.locations import Location
from registry.model import Registry, Repository
from registry.patterns import scanned
from registry.reading.yaml_reader import parse
from registry.shape import BUILT_IN
from tests.synth import ACCOUNT, SMALL, declared


def repository(text: str, name: str = "web/api") -> Repository:
    return next(r for r in declared(SMALL + text).repositories if r.name == name)


def layered(key: str, defaults: str = "", namespace: str = "", own: str = "", more: str = "") -> Repository:
    """web/api with one key written in some of its layers."""
    written = [f"{{{key}: {value}}}" if value else "{}" for value in (defaults, namespace, own)]
    return repository(
        f"defaults: {written[0]}\nnamespaces: {{web: {written[1]}}}\nrepositories: {{web/api: {written[2]}}}\n{more}"
    )


LIFECYCLES = "lifecycles: {{{}}}".format(", ".join(f"{name}: [{{keep: {{any: true, last: 1}}}}]" for name in "abc"))
SCALARS: dict[str, tuple[tuple[str, str, str], str]] = {
    # key: (value of the defaults, the namespace, the repository), how the model says it
    "image_tag_mutability": (("MUTABLE", "IMMUTABLE", "MUTABLE"), "image_tag_mutability"),
    "empty_on_delete": (("true", "false", "true"), "empty_on_delete"),
    "scan_on_push": (("false", "true", "false"), "scan_on_push"),
    "lifecycle": (("a", "b", "c"), "lifecycle.name"),
    "encryption_type": (("KMS", "AES256", "KMS"), "encryption.encryption_type"),
}


def test_the_nearest_list_of_allowed_tags_holds_and_none_allows_every_tag() -> None:
    found = layered("tags_must_match", defaults="['v*']", own="[latest, 'prod*']")
    assert found.tags_must_match == ("latest", "prod*")
    assert [found.allows(tag) for tag in ("latest", "prod-7", "v1")] == [True, True, False]
    assert layered("tags_must_match", defaults="['v*']", own="[]").allows("anything")
    assert layered("tags_must_match").allows("anything")


@pytest.mark.parametrize(("key", "values", "said"), [(key, *rest) for key, rest in SCALARS.items()])
@pytest.mark.parametrize("nearest", [0, 1, 2], ids=["defaults", "namespace", "repository"])
def test_the_nearest_layer_that_says_a_scalar_wins(
    key: str, values: tuple[str, str, str], said: str, nearest: int
) -> None:
    first, second, third = (value if layer <= nearest else "" for layer, value in enumerate(values))
    found: Any = layered(key, first, second, third, more=LIFECYCLES if key == "lifecycle" else "")
    for part in said.split("."):
        found = getattr(found, part)
    wanted = values[nearest]
    assert (str(found).lower() if isinstance(found, bool) else found) == wanted


@pytest.mark.parametrize(
    ("defaults", "namespace", "own", "wanted"),
    [
        ("[a, b]", "", "", ("a", "b")),
        ("[a, b]", "[c]", "", ("c",)),
        ("[a, b]", "[c]", "[d, e]", ("d", "e")),
        ("[a, b]", "[]", "", ()),
        ("[a, b]", "[c]", "[]", ()),
        ("[b, a, b]", "", "", ("b", "a")),
    ],
)
def test_a_list_replaces_the_farther_one_as_a_whole(
    defaults: str, namespace: str, own: str, wanted: tuple[str, ...]
) -> None:
    assert layered("moving_tags", defaults, namespace, own).exclusion_filters == wanted


@pytest.mark.parametrize(
    ("defaults", "namespace", "own", "wanted"),
    [
        ("{a: '1'}", "", "", {"a": "1"}),
        ("{a: '1'}", "{b: '2'}", "{c: '3'}", {"a": "1", "b": "2", "c": "3"}),
        ("{a: '1', b: '1'}", "{b: '2', c: '2'}", "{c: '3'}", {"a": "1", "b": "2", "c": "3"}),
        ("{a: '1'}", "", "{}", {"a": "1"}),
    ],
)
def test_tags_merge_key_by_key_and_the_nearer_value_wins(
    defaults: str, namespace: str, own: str, wanted: dict[str, str]
) -> None:
    found = layered("tags", defaults, namespace, own).tags
    assert dict(found) == wanted
    assert list(found) == sorted(found)


def test_settings_of_a_namespace_do_not_reach_other_namespaces_or_names_without_one() -> None:
    registry = declared(
        SMALL + "namespaces: {web: {empty_on_delete: true}, _: {image_tag_mutability: MUTABLE}}\n"
        "repositories: {web/api: , web/a/b: , webs/api: , web-api: }"
    )
    assert [(r.name, r.empty_on_delete, r.image_tag_mutability) for r in registry.repositories] == [
        ("web-api", False, "MUTABLE"),
        ("web/a/b", True, "IMMUTABLE"),
        ("web/api", True, "IMMUTABLE"),
        ("webs/api", False, "IMMUTABLE"),
    ]


def test_a_repository_that_says_nothing_is_immutable_scanned_encrypted_and_kept() -> None:
    found = repository("repositories: {web/api: }")
    assert (found.image_tag_mutability, found.exclusion_filters, found.scan_on_push) == ("IMMUTABLE", (), True)
    assert (found.encryption.encryption_type, dict(found.encryption.keys)) == ("AES256", {})
    assert (found.empty_on_delete, found.tags) == (False, ())
    assert found.lifecycle is not None
    assert found.lifecycle.name == "untagged-14-days"


def test_every_key_but_the_owner_the_policy_and_the_flag_has_a_value_where_no_layer_says_one() -> None:
    assert {key for key, value in BUILT_IN.items() if value is None} == {"owner", "repository_policy", "scan_on_push"}
    assert BUILT_IN["lifecycle"] == "untagged-14-days"
    assert BUILT_IN["empty_on_delete"] is False


@pytest.mark.parametrize(
    ("defaults", "namespace", "own", "wanted"),
    [
        ("[a]", "{add: [b]}", "{add: [c]}", ("a", "b", "c")),
        ("[a]", "[b]", "{add: [c]}", ("b", "c")),
        ("[a]", "{add: [b]}", "[c]", ("c",)),
        ("", "", "{add: [c]}", ("c",)),
        ("{add: [a]}", "", "{add: [a, b]}", ("a", "b")),
        ("[a, b]", "{add: []}", "", ("a", "b")),
    ],
)
def test_what_is_added_joins_the_nearest_list_behind_it(
    defaults: str, namespace: str, own: str, wanted: tuple[str, ...]
) -> None:
    assert layered("moving_tags", defaults, namespace, own).exclusion_filters == wanted


def test_fixed_tags_are_the_exclusions_of_mutable_ones() -> None:
    found = repository('defaults: {image_tag_mutability: MUTABLE, fixed_tags: ["v*"]}\nrepositories: {web/api: }')
    assert (found.image_tag_mutability, found.exclusion_filters) == ("MUTABLE_WITH_EXCLUSION", ("v*",))


@pytest.mark.parametrize(
    ("defaults", "namespace", "own", "wanted"),
    [("one", "", "", "one"), ("one", "two", "", "two"), ("one", "two", "three", "three")],
)
def test_the_nearest_owner_is_the_resource_tag(defaults: str, namespace: str, own: str, wanted: str) -> None:
    assert dict(layered("owner", defaults, namespace, own).tags) == {"owner": wanted}


@pytest.mark.parametrize(
    ("own", "mutability", "moving"),
    [
        ("moving_tags: [latest]", "IMMUTABLE_WITH_EXCLUSION", ("latest",)),
        ("image_tag_mutability: IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", ("dev",)),
        ("moving_tags: []", "IMMUTABLE", ()),
        ("image_tag_mutability: MUTABLE", "MUTABLE", ()),
    ],
)
def test_moving_tags_count_only_where_the_others_are_immutable(
    own: str, mutability: str, moving: tuple[str, ...]
) -> None:
    found = repository(f"defaults: {{moving_tags: [dev]}}\nrepositories: {{web/api: {{{own}}}}}")
    assert (found.image_tag_mutability, found.exclusion_filters) == (mutability, moving)


@pytest.mark.parametrize(
    ("written", "home", "replica"),
    [
        ("encryption_type: KMS", None, None),
        ("encryption_type: KMS, kms_key: alias/x", "alias/x", "alias/x"),
        ("encryption_type: KMS, kms_key: {ap-northeast-2: alias/a, us-west-2: alias/b}", "alias/a", "alias/b"),
        ("encryption_type: KMS_DSSE, kms_key: alias/x", "alias/x", "alias/x"),
        ("encryption_type: KMS, kms_key: {}", None, None),
        ("encryption_type: AES256", None, None),
    ],
)
def test_each_region_gets_its_own_key(written: str, home: str | None, replica: str | None) -> None:
    found = repository(f"replicas: {{us-west-2: }}\nrepositories: {{web/api: {{{written}}}}}")
    assert found.encryption.key_in(Location(ACCOUNT, "ap-northeast-2")) == home
    assert found.encryption.key_in(Location(ACCOUNT, "us-west-2")) == replica


def test_a_repository_that_chooses_aes256_does_not_inherit_a_key() -> None:
    found = repository(
        "defaults: {encryption_type: KMS, kms_key: alias/x}\nrepositories: {web/api: {encryption_type: AES256}}"
    )
    assert dict(found.encryption.keys) == {}


def test_an_empty_lifecycle_is_no_policy_at_all() -> None:
    assert repository("lifecycles: {forever: []}\nrepositories: {web/api: {lifecycle: forever}}").lifecycle is None


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("*", "web/api", True),
        ("web", "web/api", True),
        ("web", "my/web-api", True),
        ("api", "web/api", True),
        ("web/", "webs/api", False),
        ("ap", "web/ui", False),
        ("web*", "web/api", True),
        ("web*", "my/web", False),
        ("*web", "my/web", True),
        ("*web", "my/web-api", False),
        ("w*/*i", "web/api", True),
        ("w*/*i", "web/apis", False),
        ("w.b/*", "web/api", False),
        ("web/*", "web/a/b", True),
        ("a*a", "a", False),
        ("a**a", "aa", True),
        ("*a*b*", "xbxa", False),
        ("*a*b*", "xaxb", True),
        ("*a" * 120 + "b", "a" * 256, False),  # at once
    ],
)
def test_a_scanning_filter_without_a_wildcard_matches_every_name_that_contains_it(
    pattern: str, name: str, matches: bool
) -> None:
    assert scanned(name, (pattern,)) is matches
    assert scanned(name, ("no-such-name", pattern)) is matches
    assert scanned(name, ()) is False


REPLICATED = """
replicas: {us-west-2: {namespaces: [web, _]}, eu-west-1: , ap-south-1: {namespaces: [data]}}
repositories: {web/b: , web/a: , data/x: , tool: }
"""


@pytest.mark.parametrize(
    ("region", "held"),
    [
        ("ap-northeast-2", ["data/x", "tool", "web/a", "web/b"]),
        ("us-west-2", ["tool", "web/a", "web/b"]),
        ("eu-west-1", ["data/x", "tool", "web/a", "web/b"]),
        ("ap-south-1", ["data/x"]),
        ("sa-east-1", []),
    ],
)
def test_a_replica_holds_the_namespaces_it_names_or_all_of_them(region: str, held: list[str]) -> None:
    accepted = "acceptances: [{rule: replication-prefix, reason: known}]"
    registry = declared(SMALL + REPLICATED + accepted)
    assert [repository.name for repository in registry.repositories_in(Location(ACCOUNT, region))] == held
    units = registry.units_in(Location(ACCOUNT, region))
    assert sorted(r.name for unit in units for r in unit.repositories) == held
    assert all(unit.location.region == region for unit in units)


def test_locations_are_the_home_then_replicas_of_the_account_and_then_of_others() -> None:
    registry = declared(SMALL + REPLICATED.replace("us-west-2:", "012345678901/us-west-2:"))
    assert [at.beside(registry.home) for at in registry.locations] == [
        "ap-northeast-2", "ap-south-1", "eu-west-1", "012345678901/us-west-2"
    ]  # fmt: skip
    assert registry.accounts == (ACCOUNT, "012345678901")


def test_a_namespace_is_one_stack_or_as_many_as_it_has_shards() -> None:
    names = ", ".join(f"web/app-{i}: " for i in range(20))
    registry = declared(SMALL + f"namespaces: {{web: {{shards: 2}}}}\nrepositories: {{{names}, data/x: , tool: }}")
    units = registry.units_in(registry.home)
    assert [unit.construct_id for unit in units] == [
        "Repositories",
        "Repositories-data",
        "Repositories-webS1",
        "Repositories-webS2",
    ]
    assert sum(len(unit.repositories) for unit in units) == 22


def test_namespaces_share_a_stack_that_they_name() -> None:

    def stacks(names: str, more: str = "") -> dict[str, str]:
        shared = f"namespaces: {{web: {{stack: small}}, data: {{stack: small}}{more}}}\nrepositories: {{{names}}}"
        registry = declared(SMALL + shared)
        found = {r.name: unit.construct_id for unit in registry.units_in(registry.home) for r in unit.repositories}
        assert found == {name: registry.unit_of(name) for name in found}
        return found

    before = stacks("web/a: , data/x: , apps/y: , tool: ")
    assert before == {
        "tool": "Repositories",
        "apps/y": "Repositories-apps",
        "data/x": "Repositories-Shared-small",
        "web/a": "Repositories-Shared-small",
    }
    after = stacks("web/a: , web/b: , data/x: , apps/y: , tool: , more/z: ", ", more: {stack: small}, lone: {stack: x}")
    assert before.items() <= after.items()
    assert after["more/z"] == "Repositories-Shared-small"


def test_a_principal_is_in_the_access_stack_that_it_names_wherever_it_gets_something() -> None:
    registry = declared(
        SMALL
        + """
replicas: {us-west-2: , 210987654321/eu-west-1: }
principals:
  ci: {gitlab: acme/web, branch: main}
  later: {gitlab: acme/api, branch: main, stack: jobs}
  unused: {gitlab: acme/old, branch: main, stack: old}
  nodes: {role: "arn:aws:iam::210987654321:role/nodes", stack: nodes}
  publisher: {role: "arn:aws:iam::123456789012:role/publisher", stack: public}
public_repositories: {acme/tool: {push: [publisher]}}
repositories: {web/a: {push: [ci, later], pull: [nodes]}}
"""
    )
    stacks = {
        account: [it.construct_id for it in registry.access_stacks_in(account)]
        for account in ("123456789012", "210987654321", "345678901234")
    }
    assert stacks == {
        "123456789012": ["Access", "Access-jobs", "Access-public"],
        "210987654321": ["Access", "Access-nodes"],
        "345678901234": [],
    }
    assert {it.location.region for it in registry.access_stacks_in("210987654321")} == {"ap-northeast-2"}


@pytest.mark.parametrize(("namespaces", "stacks"), [("[web]", ["", "far"]), ("[data]", [""])])
def test_a_role_that_exists_and_gets_no_policy_makes_no_stack(namespaces: str, stacks: list[str]) -> None:
    registry = declared(
        SMALL + f"replicas: {{us-west-2: {{namespaces: {namespaces}}}}}\n"
        "principals: {far: {role: 'arn:aws:iam::123456789012:role/far', stack: far}}\n"
        "repositories: {web/a: {failover_push: [far]}, data/b: }\n"
    )
    assert [it.name for it in registry.access_stacks_in("123456789012")] == stacks


def test_a_shard_that_no_repository_falls_into_is_no_stack() -> None:
    registry = declared(SMALL + "namespaces: {web: {shards: 100}}\nrepositories: {web/api: }")
    assert len(registry.units_in(registry.home)) == 1


def test_adding_a_repository_leaves_every_other_one_in_its_stack() -> None:
    def stacks(count: int) -> dict[str, str]:
        names = ", ".join(f"web/app-{i}: " for i in range(count))
        registry = declared(SMALL + f"namespaces: {{web: {{shards: 5}}}}\nrepositories: {{{names}}}")
        return {r.name: unit.construct_id for unit in registry.units_in(registry.home) for r in unit.repositories}

    before, after = stacks(100), stacks(101)
    assert before.items() <= after.items()


WHOLE: dict[str, Any] = {
    "registry": {"name": "acme", "account": "123456789012", "region": "ap-northeast-2"},
    "replicas": {"us-west-2": {"namespaces": ["web", "data"]}, "eu-west-1": {"namespaces": ["data", "web"]}},
    "lifecycles": {"a": [{"keep": {"last": 3, "any": True}}], "b": [{"expire": {"untagged": True, "after_days": 1}}]},
    "defaults": {"lifecycle": "a", "tags": {"x": "1", "y": "2"}, "moving_tags": ["latest", "dev"]},
    "namespaces": {"web": {"tags": {"y": "3"}, "shards": 2}, "data": {"lifecycle": "b"}},
    "repositories": {"web/api": {}, "web/ui": {"tags": {"z": "4"}}, "data/x": {"empty_on_delete": True}},
}


def shuffled(value: Any, order: random.Random) -> Any:
    """The same maps with their keys in another order; lists keep theirs."""
    if isinstance(value, dict):
        keys = list(value)
        order.shuffle(keys)
        return {key: shuffled(value[key], order) for key in keys}
    return [shuffled(item, order) for item in value] if isinstance(value, list) else value


def of(data: Any) -> Registry:
    outcome = check_sources(parse(json.dumps(data).encode(), "registry.yaml"))
    assert outcome.registry is not None, outcome.findings
    return outcome.registry


@given(st.randoms(use_true_random=False))
def test_the_order_of_keys_in_the_file_does_not_matter(order: random.Random) -> None:
    assert of(shuffled(WHOLE, order)) == of(WHOLE)


def test_the_model_cannot_be_changed() -> None:
    registry = of(WHOLE)
    with pytest.raises(FrozenInstanceError):
        registry.repositories[0].empty_on_delete = True  # type: ignore[misc]
    with pytest.raises(TypeError):
        registry.shards["web"] = 3  # type: ignore[index]
    with pytest.raises(TypeError):
        registry.repositories[0].encryption.keys["*"] = "alias/x"  # type: ignore[index]
