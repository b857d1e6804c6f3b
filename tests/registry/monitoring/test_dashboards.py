"""Dashboards: what CloudWatch takes, what they show, and that no name of a file is more than a text in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from registry.limits import DASHBOARD_METRICS
from registry.locations import Location
from registry.model import Quotas, Registry
from registry.monitoring.dashboards import Dashboard, of_namespace, of_registry
from registry.monitoring.search import SEARCH_LENGTH, images_of
from registry.monitoring.watch import dashboard_location, dashboards_in
from tests.cloudwatch import CloudWatch
from tests.dashboard_body import problems
from tests.fake_metrics import company
from tests.synth import SMALL, declared

HOME = Location("123456789012", "ap-northeast-2")
OREGON = Location("123456789012", "us-west-2")
IRELAND = Location("210987654321", "eu-west-1")
LONDON = Location("210987654321", "eu-west-2")
WATCHED = """\
replicas: {us-west-2: {namespaces: [web, data]}, 210987654321/eu-west-2: , 210987654321/eu-west-1: {namespaces: [web]}}
monitoring: {email: [p@example.com], dashboards: %s, alarms: {pulls_stop: [{repositories: [web/shop], hours: 6}]}}
repositories: {web/shop: , web/cart.v2: , data/raw: , tool: }
"""
QUOTAS = Quotas(
    percent=80,
    images_per_repository=100_000,
    registered_repositories=100_000,
    calls_per_second={"PutImage": 10, "BatchGetImage": 2_000},
)


def registry(dashboards: str = '["*"]') -> Registry:
    return declared(SMALL + WATCHED % dashboards)


def shown(dashboard: Dashboard, kind: str = "metric") -> list[dict[str, Any]]:
    return [it["properties"] for it in json.loads(dashboard.body)["widgets"] if it["type"] == kind]


def big(number: int, length: int = 20) -> list[str]:
    return [f"web/{'x' * (length - 8)}{index:04}" for index in range(number)]


def by_namespace(*namespaces: str) -> dict[str | None, Dashboard]:
    found = {it.namespace: it for it in dashboards_in(registry(), HOME)}
    return {each: found[each] for each in namespaces} if namespaces else found


def test_cloudwatch_takes_each_dashboard() -> None:
    for at in (HOME, IRELAND):
        for each in dashboards_in(registry(), at):
            assert problems(each.body) == []


@pytest.mark.parametrize("number", [1, 10, 11, 60, 61, 100, 449, 450, 451, 700])
def test_cloudwatch_takes_the_dashboard_of_a_namespace_of_any_size(number: int) -> None:
    found = of_namespace("acme", "web", [("eu-west-1", big(number)), ("us-east-1", big(number))], QUOTAS, [])
    assert [
        it for it in problems(found.body) if not it.endswith(" metrics") or found.metrics <= DASHBOARD_METRICS
    ] == []


def test_dashboards_are_made_once_in_an_account_where_the_home_is_or_the_first_replica() -> None:
    found = registry()
    assert {at: dashboard_location(found, at.account) for at in found.locations} == {
        HOME: HOME, OREGON: HOME, IRELAND: IRELAND, LONDON: IRELAND,
    }  # fmt: skip
    assert dashboards_in(found, OREGON) == dashboards_in(found, LONDON) == ()
    names = [it.name for at in found.locations for it in dashboards_in(found, at)]
    at_home = ["acme-ECR", "acme-ECR-_", "acme-ECR-data", "acme-ECR-web"]
    assert names == [*at_home, *(f"{name}-IN-eu-west-1" for name in at_home)]


def test_a_dashboard_that_moves_to_another_stack_has_another_name_so_that_the_old_one_does_not_delete_it() -> None:
    fewer = declared(SMALL + (WATCHED % '["*"]').replace(", 210987654321/eu-west-1: {namespaces: [web]}", ""))
    before, after = (
        {it.name for at in (IRELAND, LONDON) for it in dashboards_in(each, at)} for each in (registry(), fewer)
    )
    assert before
    assert after
    assert before & after == set()


def test_an_account_shows_its_own_regions_and_what_each_holds() -> None:
    web = {it.namespace: it for it in dashboards_in(registry(), IRELAND)}["web"]
    assert {it["region"] for it in shown(web)} == {"eu-west-1", "eu-west-2"}
    data = {it.namespace: it for it in dashboards_in(registry(), IRELAND)}["data"]
    assert {it["region"] for it in shown(data)} == {"eu-west-2"}


def test_only_the_namespaces_that_are_asked_for_have_a_dashboard() -> None:
    assert [it.namespace for it in dashboards_in(registry("[web]"), HOME)] == [None, "web"]
    assert dashboards_in(registry("[]"), HOME) == ()
    assert dashboards_in(declared(SMALL + "repositories: {a/b: }\n"), HOME) == ()


def test_a_dashboard_lists_the_alarms_about_its_namespace_in_every_region_of_the_account() -> None:
    found = by_namespace("web", "data")
    alarms = {name: {arn.split(":", 3)[3] for arn in shown(it, "alarm")[0]["alarms"]} for name, it in found.items()}
    images = {f"{region}:123456789012:alarm:acme-ecr-images" for region in ("ap-northeast-2", "us-west-2")}
    assert alarms["data"] == images
    assert alarms["web"] == images | {"ap-northeast-2:123456789012:alarm:acme-ecr-no-pulls-web/shop"}
    assert len(shown(by_namespace()[None], "alarm")[0]["alarms"]) == 2 * 12 + 1


def test_more_alarms_than_a_widget_takes_leave_the_rest_to_the_list_of_cloudwatch() -> None:
    arns = [f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:a{number}" for number in range(101)]
    assert problems(of_registry("acme", ["us-east-1"], [], QUOTAS, arns).body) == []


@pytest.mark.parametrize("klass", [False, True], ids=["as ECR's page says", "with the dimension Class"])
def test_a_namespace_shows_its_own_repositories_and_no_others(klass: bool) -> None:
    world = company(["web/shop", "web/cart.v2"], "r", cached=["other/web/shop", "webs/shop"], klass=klass)
    lines = [world.graph(it) for it in shown(by_namespace("web")["web"]) if it["region"] == HOME.region]
    labels = {line.label.removeprefix("repository/") for it in lines for line in it}
    assert labels == {"web/shop", "web/cart.v2", "pulls", "percent of the quota"}


@pytest.mark.parametrize("number", [1, 9, 10, 11, 25, 80, 120])
def test_the_sum_of_pulls_and_the_fullest_repository_are_right_whatever_the_size(number: int) -> None:
    names = big(number)
    world = company(names, "r", cached=["cache/x"])
    dashboard = of_namespace("acme", "web", [("r", names)], QUOTAS, [])
    graphs = {it["title"]: world.graph(it) for it in shown(dashboard)}
    of_each = [world.metric("AWS/ECR", "RepositoryPullCount", [("RepositoryName", name)]) for name in names]
    assert sum(graphs["Pulls in r"][0].known) == sum(sum(it.known) for it in of_each if it)
    images = [it.known[-1] for it in world.metrics if it.name == "ResourceCount" and "web/" in str(it.dimensions)]
    if gauge := graphs.get("Images: the fullest repository"):
        assert gauge[0].known[-1] == pytest.approx(max(images) / 1_000)
    else:
        assert len(images_of(names)) > 5


def test_a_large_namespace_shows_the_ten_that_are_pulled_most_and_not_one_with_a_single_peak() -> None:
    names = [*big(30), "web/peak"]
    world = company(names[:30], "r")
    world.put("AWS/ECR", "RepositoryPullCount", [None, 1_000], RepositoryName="web/peak")
    (graph,) = (
        it for it in shown(of_namespace("acme", "web", [("r", names)], QUOTAS, [])) if "most pulled" in it["title"]
    )
    pulled = {name: sum((world.metric("AWS/ECR", "RepositoryPullCount", [("RepositoryName", name)]) or _none()).known)
              for name in names}  # fmt: skip
    assert [it.label for it in world.graph(graph)] == sorted(pulled, key=lambda name: -pulled[name])[:10]


def _none() -> Any:
    raise AssertionError


def test_the_whole_registry_also_shows_what_no_file_declares() -> None:
    world = company(["web/shop"], "r", cached=["cache/library/nginx"])
    graphs = {it["title"]: world.graph(it) for it in shown(of_registry("acme", ["r"], [], QUOTAS, []))}
    assert {it.label for it in graphs["Pulls an hour: the 10 most pulled"]} == {"web/shop", "cache/library/nginx"}
    assert graphs["Repositories in the region"][0].known[-1] == pytest.approx(100 * 2 / 100_000)
    calls = world.metric("AWS/Usage", "CallCount", _call("PutImage"))
    assert calls
    shares = {it.label: it for it in graphs["Calls of the API in percent of what AWS allows"]}
    assert shares["PutImage"].known[3] == pytest.approx(100 * (calls.values[3] or 0) / (10 * 300))


def _call(action: str) -> list[tuple[str, str]]:
    return [("Service", "ECR"), ("Type", "API"), ("Resource", action), ("Class", "None")]


def test_a_world_without_metrics_is_drawn_too() -> None:
    for dashboard in by_namespace().values():
        assert [it["title"] for it in shown(dashboard) if CloudWatch().graph(it)] == []


def test_no_search_is_longer_than_cloudwatch_takes_and_each_name_is_searched_once() -> None:
    names = [f"web/{'a' * length}" for length in (1, 40, 252, 252, 252, 252, 252, 60)]
    searches = images_of(names)
    assert [it for it in searches if len(it.split("'")[1]) > SEARCH_LENGTH] == []
    assert [each for it in searches for each in it.split('"') if each.startswith("repository/")] == [
        f"repository/{name}" for name in names
    ]


HOSTILE = [
    '"}],"x":[{"',
    "${AWS::Region}",
    "{{resolve:ssm:secret}}",
    "</script><b>",
    "\\",
    "a'b",
    "[x](javascript:alert(1))",
]


@pytest.mark.parametrize("word", HOSTILE)
def test_a_hostile_name_is_a_text_in_the_body_and_nothing_else(word: str) -> None:
    """No file can hold such a name: the shape refuses it. The body would hold it all the same."""

    def bones(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bones(each) for key, each in value.items()}
        return [bones(each) for each in value] if isinstance(value, list) else type(value).__name__

    def body(name: str) -> Any:
        made = of_namespace("acme", name, [("eu-west-1", [f"{name}/a"])], QUOTAS, [])
        return json.loads(made.body)

    assert bones(body(word)) == bones(body("web"))
