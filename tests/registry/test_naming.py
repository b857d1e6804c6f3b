"""Names are contracts: injective, legal, and the same for ever."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from pathlib import Path

import botocore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import naming
from registry.access.cache_role import cache_policy_description
from registry.limits import (
    NAMESPACE,
    PRINCIPAL_NAME,
    REGISTRY_NAME,
    REPOSITORY_NAME,
    SHARDS,
    SHARED_STACK,
    SHARED_STACK_LENGTHS,
    STACK_NAME_LENGTH,
)
from registry.locations import Location
from registry.model.stacks import access_unit

STACK_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]*")
#: Every legal name of up to seven characters over what could be mixed up with something else.
SHORT_NAMES = [
    name
    for length in range(1, 8)
    for letters in itertools.product("a.-_/", repeat=length)
    if REPOSITORY_NAME.fullmatch(name := "".join(letters))
]
KINDS = ("Template", "Cache", "Key", "Alias", "Role", "Policy", "Provider", "Endpoint", "Secret")
SINGLE = {
    *("Scanning", "Replication", "Signing", "AuditPolicy", "CreationRole", "CreationPolicy", "SecurityGroup"),
    *("UpstreamRole", "UpstreamPolicy"),
    *("RegistryPolicy", "LayerGateway", "Vpc", "RouteTable", "Subnet1", "Subnet2", "Association1", "Association2"),
}
SHORT_NAMESPACES = sorted({naming.namespace_of(name) for name in SHORT_NAMES})

words = st.text("abz019", min_size=1, max_size=6)
joined = st.lists(st.tuples(words, st.sampled_from([".", "_", "__", "-", "--"])), min_size=1, max_size=4).map(
    lambda parts: "".join(word + separator for word, separator in parts) + "x"
)
names = st.lists(st.one_of(words, joined), min_size=1, max_size=4).map("/".join).filter(lambda name: len(name) >= 2)
namespaces = st.one_of(
    st.just(naming.ROOT_NAMESPACE),
    words,
    joined,
    # Long ones that differ late, around the length at which they are shortened.
    st.builds(
        lambda length, end: "a" * length + end, st.integers(38, 70), st.sampled_from(["", ".b", "_b", "-b", "b"])
    ),
)
#: Long ones that differ late, around the length at which a logical id is shortened.
long = st.builds(
    lambda length, end: "a" * length + end, st.integers(225, 250), st.sampled_from(["", "/b", "-b", "b" * 6])
)
registries = st.lists(words, max_size=2).map(lambda rest: "-".join(["ab", *rest]))


@given(names, namespaces, registries)
def test_the_examples_below_are_legal_names(name: str, namespace: str, registry: str) -> None:
    assert REPOSITORY_NAME.fullmatch(name)
    assert namespace == naming.ROOT_NAMESPACE or NAMESPACE.fullmatch(namespace)
    assert REGISTRY_NAME.fullmatch(registry)


def test_the_short_names_hold_the_pairs_that_are_easily_mixed_up() -> None:
    assert {"a/a/a", "a/a-a", "a/a--a", "a_a", "a__a", "a.a"} <= set(SHORT_NAMES)


def test_no_two_short_repository_names_share_a_logical_id() -> None:
    assert len({naming.logical_id(name) for name in SHORT_NAMES}) == len(SHORT_NAMES)


@given(st.one_of(names, long), st.one_of(names, long))
def test_two_repository_names_never_share_a_logical_id(one: str, other: str) -> None:
    assert (naming.logical_id(one) == naming.logical_id(other)) == (one == other)


#: What a template tells apart by a name, with letters that stand for something in a logical id.
named = st.tuples(st.sampled_from(KINDS), st.one_of(st.text("abSMDUHXT/-._", min_size=1, max_size=8), names, long))


@given(named, named)
def test_two_things_of_a_stack_never_share_a_logical_id(one: tuple[str, str], other: tuple[str, str]) -> None:
    ids = [naming.logical_id(name, kind) for kind, name in (one, other)]
    assert (ids[0] == ids[1]) == (one == other)
    assert not set(ids) & SINGLE


@given(named)
def test_a_logical_id_is_legal_and_ends_in_no_hash_unless_it_would_be_too_long(thing: tuple[str, str]) -> None:
    kind, name = thing
    logical_id = naming.logical_id(name, kind)
    assert re.fullmatch(r"[A-Za-z0-9]{1,255}", logical_id)
    hashed = re.search(r"(?<!X)H[0-9a-f]{16}$", logical_id.replace("XX", "__"))
    assert bool(hashed) == (len(kind) + sum(2 if letter in "DHMSUX" else 1 for letter in name) > 255)


def test_a_name_that_looks_like_a_shortened_one_has_an_id_of_its_own() -> None:
    for end in ("X", "XX", "HX", "aX"):
        cut = "a" * (238 - len(end)) + end
        shortened = naming.logical_id(cut + "b" * 40)
        alike = shortened.replace("XX", "X").replace("XH", "H")
        assert naming.logical_id(alike) != shortened


def test_an_id_of_a_known_kind_is_no_beginning_of_another() -> None:
    words = [*KINDS, *SINGLE]
    assert [(one, other) for one in KINDS for other in words if other != one and other.startswith(one)] == []


def test_no_two_short_namespaces_share_a_stack() -> None:
    units = [naming.repositories_unit(namespace) for namespace in SHORT_NAMESPACES]
    units += [naming.repositories_unit(namespace, shard, 3) for namespace in SHORT_NAMESPACES for shard in range(3)]
    assert len(set(units)) == len(units)


@given(namespaces, namespaces, st.integers(0, 99), st.integers(0, 99), st.sampled_from([1, 100]))
def test_two_shards_of_two_namespaces_never_share_a_stack(
    one: str, other: str, first: int, second: int, shards: int
) -> None:
    first, second = min(first, shards - 1), min(second, shards - 1)
    same = (one, first) == (other, second)
    assert (naming.repositories_unit(one, first, shards) == naming.repositories_unit(other, second, shards)) == same


def test_long_namespaces_that_begin_alike_have_stacks_of_their_own() -> None:
    long = ["a" * length + end for length in range(30, 90) for end in ("", ".b", "_b", "-b", "b" * 40)]
    assert len({naming.repositories_unit(namespace) for namespace in long}) == len(set(long))


@given(
    st.tuples(registries, namespaces, st.integers(0, SHARDS[1] - 1)),
    st.tuples(registries, namespaces, st.integers(0, SHARDS[1] - 1)),
)
def test_two_pairs_of_registry_and_unit_never_share_a_stack_name(
    one: tuple[str, str, int], other: tuple[str, str, int]
) -> None:
    def name(registry: str, namespace: str, shard: int) -> str:
        return naming.stack_name(registry, naming.repositories_unit(namespace, shard, SHARDS[1]))

    assert (name(*one) == name(*other)) == (one == other)


def test_a_registry_whose_name_looks_like_a_unit_keeps_its_own_stack_names() -> None:
    registry_names = ["a", "a-a", "a-registry", "a-repositories", "a-repositories-a", "a-access", "aa"]
    units = [
        "Access",
        access_unit("a"),
        access_unit("registry"),
        "Registry",
        *map(naming.repositories_unit, SHORT_NAMESPACES),
    ]
    stacks = [naming.stack_name(registry, unit) for registry in registry_names for unit in units]
    assert len(set(stacks)) == len(stacks)


@given(registries, namespaces, st.integers(0, SHARDS[1] - 1))
def test_a_stack_name_is_one_that_cloudformation_accepts(registry: str, namespace: str, shard: int) -> None:
    name = naming.stack_name(registry, naming.repositories_unit(namespace, shard, SHARDS[1]))
    assert STACK_NAME.fullmatch(name)
    assert len(name) <= STACK_NAME_LENGTH


def test_the_longest_parts_still_make_a_legal_stack_name() -> None:
    unit = naming.repositories_unit("a" * 254, SHARDS[1] - 1, SHARDS[1])
    assert len(naming.stack_name("a" * 32, unit)) <= STACK_NAME_LENGTH


PINNED_IDS = {
    ("my-app", ""): "myMapp",
    ("web/api", ""): "webSapi",
    ("web/a/b", ""): "webSaSb",
    ("web/a--b", ""): "webSaMMb",
    ("web/a__b", ""): "webSaUUb",
    ("1.x_y-z/0", ""): "1DxUyMzS0",
    ("a" * 255, ""): "a" * 255,
    ("a" * 256, ""): "a" * 238 + "H02d7160d77e18c64",
    ("ROOT", "Template"): "TemplateROOT",
    ("docker-hub", "Cache"): "CachedockerMhub",
    ("Team_X/Data", "Key"): "KeyTeamUXXSXData",
}
PINNED_UNITS = {
    ("_", 0, 1): "Repositories",
    ("_", 2, 3): "RepositoriesS3",
    ("web", 0, 1): "Repositories-web",
    ("web", 0, 2): "Repositories-webS1",
    ("web", 99, 100): "Repositories-webS100",
    ("a.b", 0, 1): "Repositories-aDb",
    ("a_b", 0, 1): "Repositories-aUb",
    ("a__b", 0, 1): "Repositories-aUUb",
    ("a--b", 0, 1): "Repositories-a--b",
    ("a" * 59, 0, 1): "Repositories-" + "a" * 59,
    ("a" * 60, 0, 1): "Repositories-" + "a" * 42 + "H11ee391211c62564",
}
PINNED_SHARDS = {
    2: [1, 1, 0, 0, 1, 0, 0, 0, 0, 0],
    7: [1, 1, 0, 4, 4, 3, 2, 4, 2, 2],
}


@pytest.mark.parametrize(("thing", "wanted"), PINNED_IDS.items(), ids=lambda value: str(value)[:30])
def test_a_logical_id_never_changes(thing: tuple[str, str], wanted: str) -> None:
    assert naming.logical_id(*thing) == wanted


@pytest.mark.parametrize(("place", "wanted"), PINNED_UNITS.items(), ids=lambda value: str(value)[:30])
def test_a_stacks_id_never_changes(place: tuple[str, int, int], wanted: str) -> None:
    assert naming.repositories_unit(*place) == wanted


def test_a_stack_that_namespaces_share_is_called_like_none_of_a_namespace() -> None:
    assert naming.shared_unit("small") == "Repositories-Shared-small"
    assert len(naming.stack_name("a" * 30, naming.shared_unit("s" * SHARED_STACK_LENGTHS[1]))) <= STACK_NAME_LENGTH
    for namespace in SHORT_NAMESPACES:
        assert not naming.repositories_unit(namespace).startswith(naming.shared_unit(""))


@given(
    st.one_of(st.just(""), st.from_regex(SHARED_STACK, fullmatch=True)),
    st.one_of(st.just(""), st.from_regex(SHARED_STACK, fullmatch=True)),
)
def test_two_access_stacks_never_share_a_name(one: str, other: str) -> None:
    assert (access_unit(one) == access_unit(other)) == (one == other)
    assert STACK_NAME.fullmatch(access_unit(one))


def test_an_access_stack_is_called_like_no_other_stack_and_never_changes() -> None:
    assert (access_unit(), access_unit("more")) == ("Access", "Access-more")
    assert len(naming.stack_name("a" * 32, access_unit("s" * SHARED_STACK_LENGTHS[1]))) <= STACK_NAME_LENGTH
    others = [*map(naming.repositories_unit, SHORT_NAMESPACES), naming.shared_unit("access"), naming.REGISTRY_UNIT,
              naming.network_unit(None, "access"), naming.delivery_unit("access/x")]  # fmt: skip
    assert [unit for unit in others if unit.startswith(access_unit())] == []


def test_a_stack_name_and_a_policy_name_never_change() -> None:
    assert naming.stack_name("acme", "Repositories-web") == "acme-Repositories-web"
    assert naming.audit_policy_name("acme") == "acme-ecr-audit"
    assert naming.STACK_TAG == "ecr-registry"


def test_a_bootstrap_is_the_registrys_own_and_never_changes() -> None:
    """Another CDK app of the account has the CDK's qualifier, another registry of it one of its own."""
    assert naming.bootstrap_qualifier("acme") == "acme0gajx"
    found = [naming.bootstrap_qualifier(name) for name in ("acme", "acme-web", "acmeweb", "acm", "a", "a-b", "ab")]
    assert len({*found, "hnb659fds"}) == len(found) + 1
    assert all(re.fullmatch("[a-z0-9]{1,9}", it) for it in found)
    assert "acme0gajx" in naming.execution_role_arn("acme", "123456789012", "eu-west-1")
    assert "acme0gajx" in naming.deploy_role_arn("acme", "123456789012", "eu-west-1")


@pytest.mark.parametrize(("shards", "wanted"), PINNED_SHARDS.items())
def test_a_repositorys_shard_never_changes(shards: int, wanted: list[int]) -> None:
    assert [naming.shard_of(f"web/app-{i}", shards) for i in range(10)] == wanted


@pytest.mark.parametrize("shards", [-1, 0, 1])
def test_one_shard_or_none_is_the_first(shards: int) -> None:
    assert naming.shard_of("web/api", shards) == 0


@pytest.mark.parametrize("shards", [1, 2, 3, 10, 41])
def test_one_more_shard_moves_repositories_to_it_and_nowhere_else(shards: int) -> None:
    moves = [
        (naming.shard_of(f"web/app-{i}", shards), naming.shard_of(f"web/app-{i}", shards + 1)) for i in range(2_000)
    ]
    assert {after for before, after in moves if after != before} == {shards}


@pytest.mark.parametrize("shards", [2, 7, 21])
def test_shards_are_about_equally_full(shards: int) -> None:
    sizes = Counter(naming.shard_of(f"web/app-{i}", shards) for i in range(300 * shards))
    assert len(sizes) == shards
    assert all(240 <= size <= 360 for size in sizes.values())


@pytest.mark.parametrize(
    ("repository", "namespace"),
    [("my-app", "_"), ("web/api", "web"), ("web/a/b", "web"), ("a.b_c/d", "a.b_c")],
)
def test_the_namespace_is_what_stands_before_the_first_slash(repository: str, namespace: str) -> None:
    assert naming.namespace_of(repository) == namespace


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("ap-northeast-2", "aws", "amazonaws.com"),
        ("mx-central-1", "aws", "amazonaws.com"),
        ("cn-northwest-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
        ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
        ("eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"),
        ("us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
    ],
)
def test_arns_and_uris_are_those_of_the_regions_partition(region: str, partition: str, suffix: str) -> None:
    account = "123456789012"
    assert naming.partition(region) == partition
    assert naming.repository_arn(Location(account, region), "web/api") == (
        f"arn:{partition}:ecr:{region}:{account}:repository/web/api"
    )
    assert naming.registry_host(account, region) == f"{account}.dkr.ecr.{region}.{suffix}"
    assert naming.repository_uri(account, region, "web/api") == f"{account}.dkr.ecr.{region}.{suffix}/web/api"


def test_every_region_that_botocore_knows_is_in_the_right_partition() -> None:
    known = json.loads((Path(botocore.__file__).parent / "data" / "endpoints.json").read_text())["partitions"]
    assert len(known) >= 8
    for partition in known:
        for region in partition["regions"]:
            assert naming.partition(region) == partition["partition"]
            assert naming.registry_host("123456789012", region).endswith(f".{region}.{partition['dnsSuffix']}")


def test_descriptions_that_can_only_change_by_replacement_never_change() -> None:
    """A deployed policy with one word changed here could not be deployed any more."""
    assert naming.audit_policy_description("acme") == (
        "Reads the settings, inventories and scan findings of the registry acme"
    )
    assert naming.creation_policy_description("acme") == "What ECR creates for the registry acme"
    assert cache_policy_description("acme") == "What ECR may pull and fill for the caches of the registry acme"
    assert naming.access_policy_description("acme", "ci") == "What ci may do in the registry acme"
    assert naming.endpoint_group_description("acme") == "Endpoints of the registry acme"


DESCRIBED = ("AWS::IAM::ManagedPolicy", "AWS::EC2::SecurityGroup")


def test_no_other_description_stands_in_what_cannot_change_it() -> None:
    kept = {naming.audit_policy_description("NAME"), naming.creation_policy_description("NAME"),
            cache_policy_description("NAME"),
            naming.access_policy_description("NAME", "WHO"), naming.endpoint_group_description("NAME")}  # fmt: skip
    patterns = [
        re.compile(re.escape(text).replace("NAME", "[a-z0-9-]+").replace("WHO", "[a-z0-9=@+._-]+")) for text in kept
    ]
    found = [
        resource["Properties"].get("Description") or resource["Properties"]["GroupDescription"]
        for file in (Path(__file__).parents[1] / "golden").glob("*.json")
        for template in json.loads(file.read_text()).values()
        if isinstance(template, dict)
        for resource in template["Resources"].values()
        if resource["Type"] in DESCRIBED
    ]
    assert len(set(found)) >= 4
    assert [text for text in found if not any(pattern.fullmatch(text) for pattern in patterns)] == []


@given(st.sets(names, min_size=2, max_size=2), registries)
def test_pipelines_of_two_repositories_share_no_name(pair: set[str], registry: str) -> None:
    one, other = pair
    assert naming.delivery_unit(one) != naming.delivery_unit(other)
    units = [naming.delivery_unit(name) for name in (one, other)]
    assert len({naming.artifact_bucket(registry, "1" * 12, "us-east-1", unit) for unit in units}) == 2
    # IAM does not tell capitals apart.
    assert len({naming.pipeline_principal(registry, name, "build").lower() for name in (one, other)}) == 2


@given(st.builds(lambda length, end: "a" * length + end, st.integers(1, 250), st.sampled_from(["", "/b", ".b", "_b"])))
def test_names_of_pipelines_are_as_long_as_aws_takes(name: str) -> None:
    registry = "r" * 32
    assert len(naming.stack_name(registry, naming.delivery_unit(name))) <= 100  # CodePipeline's
    assert STACK_NAME.fullmatch(naming.delivery_unit(name))
    for part in ("pipeline", "test", "build", "promote", "deploy"):
        role = naming.role_name(registry, naming.pipeline_principal(registry, name, part))
        assert re.fullmatch(r"[\w+=,.@-]{1,64}", role)
        assert not PRINCIPAL_NAME.fullmatch(role.removeprefix(f"{registry}-"))
    bucket = naming.artifact_bucket(registry, "1" * 12, "ap-northeast-2", naming.delivery_unit(name))
    assert re.fullmatch(r"[a-z0-9-]{3,63}", bucket)


def test_the_names_of_a_pipeline_are_what_they_were() -> None:
    assert naming.delivery_unit("web/a.b_c-d") == "Delivery-webSaDbUc-d"
    assert naming.pipeline_principal("acme", "web/api", "build") == "web=api@build"
    long = naming.pipeline_principal("acme", "web/" + "a" * 80, "build")
    assert long == "web=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa+" + long[-18:]
    assert naming.artifact_bucket("acme", "123456789012", "ap-northeast-2", "Delivery-webSapi") == (
        "ecr-delivery-123456789012-c88f2ae6bde795f0"
    )
