"""Whatever differs in the templates of two registries, a change of the plan explains it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from hypothesis import HealthCheck, Phase, assume, given
from hypothesis import strategies as st

from registry.load import check_sources
from registry.locations import Location
from registry.model import Registry
from registry.plan.run import plan
from registry.plan.sides import Side, Sides, side_of
from registry.plan.unexplained import unexplained
from registry.replacements.find import StackKey
from stacks.build import build
from tests.documents import Map, registries, sources
from tests.examples import examples
from tests.registry.plan.neighbours import neighbours
from tests.registry.plan.planned import side
from tests.synth import SMALL, context

Templates = dict[StackKey, dict[str, Any]]
Files = tuple[Map, dict[str, Map]]


def templates(registry: Registry) -> Templates:
    """What the app makes, without its checks: they change no template."""
    app = cdk.App(context=context(), builtin_cloud_formation_validation=False)
    build(app, registry, packs=())
    return {
        (Location(it.environment.account, it.environment.region), it.stack_name): json.loads(
            Path(it.template_full_path).read_text()
        )
        for it in app.synth().stacks_recursively
    }


def drawn(document: Files) -> Side:
    read = sources(*document)
    outcome = check_sources(read)
    assume(outcome.registry is not None)
    found = side_of(outcome, read)
    assert found is not None
    return found


#: Of a pair that is synthesized.
pairs = examples(8, phases=[Phase.generate], suppress_health_check=[HealthCheck.filter_too_much])


@pairs
@given(registries(), registries())
def test_every_difference_of_two_random_registries_is_explained(old: Files, new: Files) -> None:
    explained(Sides(drawn(old), drawn(new)))


@pairs
@given(neighbours())
def test_every_difference_of_two_registries_that_are_almost_the_same_is_explained(both: tuple[Files, Files]) -> None:
    """Where everything changes, one change may explain the parts of another."""
    old, new = both
    explained(Sides(drawn(old), drawn(new)))


def explained(sides: Sides) -> None:
    found = plan(sides)
    before, after = templates(sides.old.registry), templates(sides.new.registry)
    assert [f"{it.kind.id} {it.about}: {it.message}" for it in unexplained(found, before, after)] == []


def left(old: str, new: str, edit: str = "") -> list[str]:
    """What no line explains between two texts, after the new templates were edited."""
    sides = Sides(side(old), side(new))
    before, after = templates(sides.old.registry), templates(sides.new.registry)
    repositories = after.get((sides.new.registry.home, "acme-Repositories-web"), {"Resources": {}})
    exec(edit, {"templates": after, "resources": repositories["Resources"]})
    return [f"{it.risk} {it.kind.id}: {it.message}" for it in unexplained(plan(sides), before, after)]


TEXT = "repositories: {web/api: , web/db: }\n"


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ("", []),
        (
            "resources['webSapi']['Properties']['EmptyOnDelete'] = True",
            ["breaks unexplained: no line explains: webSapi changes: EmptyOnDelete"],
        ),
        ("resources['webSapi']['DeletionPolicy'] = 'Delete'",
         ["breaks unexplained: no line explains: webSapi changes: DeletionPolicy"]),
        ("del resources['webSdb']", ["breaks unexplained: no line explains: webSdb is removed"]),
        ("resources['other'] = {'Type': 'AWS::SNS::Topic'}", ["breaks unexplained: no line explains: other is added"]),
        (
            "templates.popitem()",
            ["breaks unexplained: no line explains: webSapi is removed",
             "breaks unexplained: no line explains: webSdb is removed"],
        ),
    ],
)  # fmt: skip
def test_a_difference_that_no_line_explains_is_told(edit: str, told: list[str]) -> None:
    assert left(TEXT, TEXT, edit) == told


def test_a_line_explains_its_own_property_and_no_other() -> None:
    new = "defaults: {moving_tags: [latest]}\n" + TEXT
    assert left(TEXT, new) == []
    assert left(TEXT, new, "resources['webSapi']['Properties']['EmptyOnDelete'] = True") == [
        "breaks unexplained: no line explains: webSapi changes: EmptyOnDelete"
    ]


def test_what_cloudformation_could_only_replace_is_told_once() -> None:
    new = "defaults: {encryption_type: KMS}\n" + TEXT
    assert left(TEXT, new) == []  # the change of the encryption says so
    told = left(TEXT, TEXT, "resources['webSapi']['Properties']['EncryptionConfiguration'] = {'EncryptionType': 'KMS'}")
    assert [it.partition(":")[0] for it in told] == ["breaks unexplained", "breaks replacement"]


def test_repositories_that_change_their_stack_and_are_emptied_explain_both() -> None:
    old = "repositories: {web/api: {empty_on_delete: true}, web/db: }\n"
    assert left(old, f"namespaces: {{web: {{shards: 3}}}}\n{old}") == []


def test_a_namespace_that_leaves_takes_its_stack_along() -> None:
    assert left("repositories: {web/api: , tool: }\n", "repositories: {tool: }\n") == []
    assert left("repositories: {tool: }\n", "repositories: {web/api: , tool: }\n") == []


def reordered(value: Any) -> Any:
    """The same data with every map the other way round; lists mean their order."""
    if isinstance(value, dict):
        return {key: reordered(inner) for key, inner in reversed(value.items())}
    return [reordered(each) for each in value] if isinstance(value, list) else value


@examples(20, suppress_health_check=[HealthCheck.filter_too_much])
@given(registries())
def test_what_means_the_same_is_no_change(document: Files) -> None:
    root, teams = document
    other = (reordered(root), {name: reordered(team) for name, team in reversed(teams.items())})
    assert plan(Sides(drawn(document), drawn(other))) == ()


HOMES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.just("other"),
        "account": st.sampled_from(["210987654321", "567890123456"]),
        "region": st.sampled_from(["us-west-2", "eu-central-1"]),
    },
)


@examples(20, suppress_health_check=[HealthCheck.filter_too_much])
@given(registries(), registries(), HOMES)
def test_another_home_is_planned_as_well(old: Files, new: Files, home: dict[str, str]) -> None:
    new[0]["registry"] |= home
    new[0].pop("signing", None)  # a profile is of one region
    found = {it.kind.id for it in plan(Sides(drawn(old), drawn(new)))}
    assert {"registry-renamed", "registry-moved"} & found or not home


def test_another_path_of_roles_explains_that_of_chats() -> None:
    chats = TEXT + "monitoring: {events: [scans], slack: [{workspace: T1, channel: C1}]}\n"
    assert left(chats, "access: {path: /ci/}\n" + chats) == []
    assert left(chats, "access: {permissions_boundary: 'arn:aws:iam::123456789012:policy/b'}\n" + chats) == []


def test_a_cache_that_pulls_from_another_account_of_the_file_opens_that_registry() -> None:
    """`base/…` is the home's, and ECR pulls it there in a role of the other account."""
    old = f"""{SMALL}replicas: {{210987654321/eu-west-1: {{namespaces: [web]}}}}
creation_templates: {{ROOT: {{applied_for: [PULL_THROUGH_CACHE]}}}}
repositories: {{web/api: , base/go: }}
"""
    rule = (
        "home: {upstream_registry: ecr, upstream_registry_url: 123456789012.dkr.ecr.ap-northeast-2.amazonaws.com, "
        "upstream_repository_prefix: base, locations: [210987654321/eu-west-1]}"
    )
    new = f"{old}pull_through_cache_rules: {{{rule}}}\n"
    assert left(old, new) == left(new, old) == []
    told = {f"{it.risk} {it.kind.id}": it for it in plan(Sides(side(old), side(new)))}
    assert {"opens cache-added", "opens access-gained"} <= told.keys()
    gained = told["opens access-gained"]
    assert "role/acme-ecr-cache" in gained.message
    assert gained.where is not None
    assert gained.where.line == new.splitlines().index(new.splitlines()[-1]) + 1
