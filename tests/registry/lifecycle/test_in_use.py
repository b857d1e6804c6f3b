"""References to images in any text, and what a policy would take of what runs."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.lifecycle.in_use import ImageAtRisk, images_at_risk, reference, references, taken
from tests.registry.lifecycle.simulated import NOW, digest, image, images, index, keep, older, run

HEX = "0123456789abcdef" * 4
HOST = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"


def found(text: str) -> list[str]:
    return [str(each) for each in references(text, "pods.txt")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"{HOST}/web/api:v1", f"{HOST}/web/api:v1"),
        (f"{HOST}/web/api", f"{HOST}/web/api:latest"),
        (f"{HOST}/web/api@sha256:{HEX}", f"{HOST}/web/api@sha256:{HEX}"),
        (f"{HOST}/web/api:v1@sha256:{HEX}", f"{HOST}/web/api:v1@sha256:{HEX}"),
        (f"web/api:v1@sha256:{HEX}", f"web/api:v1@sha256:{HEX}"),
        ("web/api:v1", "web/api:v1"),
        ("  api  ", "api:latest"),
    ],
)
def test_a_line_of_a_list_is_a_reference(text: str, wanted: str) -> None:
    assert found(text) == [wanted]


@pytest.mark.parametrize(
    "host",
    [
        "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com",
        "123456789012.dkr-ecr.us-east-1.on.aws",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn",
    ],
)
def test_every_endpoint_of_ecrs_is_known(host: str) -> None:
    made = reference(f"{host}/web/api:v1", "here")
    assert made is not None
    assert (made.account, made.region, made.repository, made.tag) == ("123456789012", "us-east-1", "web/api", "v1")


def test_what_kubectl_prints_is_searched_whatever_its_form() -> None:
    pods = {"items": [{"spec": {"containers": [{"image": f"{HOST}/web/api:v1"}, {"image": "nginx:1"}]},
                       "status": {"containerStatuses": [{"imageID": f"{HOST}/web/api@sha256:{HEX}"}]}}]}  # fmt: skip
    wanted = [f"{HOST}/web/api:v1", f"{HOST}/web/api@sha256:{HEX}"]
    assert found(json.dumps(pods)) == wanted
    assert [each for each in found(json.dumps(pods, indent=4)) if HOST in each] == wanted
    assert found(f"NAME   READY   IMAGES\napi-1  1/1  {HOST}/web/api:v1,{HOST}/web/ui:v2\n")[-2:] == [
        f"{HOST}/web/api:v1",
        f"{HOST}/web/ui:v2",
    ]


def test_where_it_runs_stands_behind_a_tab_or_is_the_line() -> None:
    text = f"\n{HOST}/web/api:v1\tpod api-1 of cluster blue\n{HOST}/web/ui:v1\n"
    assert [each.where for each in references(text, "pods.txt")] == [
        "pod api-1 of cluster blue (pods.txt:2)",
        "pods.txt:3",
    ]


@given(st.text())
def test_any_text_can_be_searched(text: str) -> None:
    assert all(each.repository for each in references(text, "x"))


def test_a_long_text_without_references_is_searched_in_no_time() -> None:
    assert found("a-" * 200_000) == []
    assert found("1" * 200_000 + ".dkr.ecr.") == []


def test_an_image_of_another_registry_is_no_reference() -> None:
    assert reference("nginx:1", "here") is None
    assert reference("public.ecr.aws/nginx/nginx:1", "here") is None


ROWS = [
    image("old", "v1", "prod", pushed=90, pulled=80),
    image("lately", "v2", pushed=60, pulled=2),
    index("list", "v3", pushed=50),
    image("child", pushed=51),
    image("new", "v4", pushed=1),
]
POLICY = [keep(1, 1, "v*"), older(2, 1, status="untagged")]


def threatened(
    *texts: str,
    pulled_days: float = 7,
    live: Mapping[str, str] | None = None,
    used: Mapping[str, float] | None = None,
) -> list[ImageAtRisk]:
    outcome = run(POLICY, ROWS, {"list": ["child"]})
    needed = [each for text in texts for each in references(text, "pods.txt")]
    return list(
        images_at_risk(
            outcome,
            images(ROWS),
            needed,
            account="123456789012",
            region="ap-northeast-2",
            repository="web/api",
            live=live or {},
            since=NOW.timestamp() - pulled_days * 86_400,
            used=used or {},
        )
    )


def said(each: ImageAtRisk) -> tuple[str, int, str, tuple[str, ...]]:
    return each.image.digest, each.priority, each.because, each.running


def test_what_runs_by_its_tag_and_would_go_is_found_with_the_rule_and_where() -> None:
    assert list(map(said, threatened(f"{HOST}/web/api:prod\tpod a", pulled_days=0))) == [
        (digest("old"), 1, "", ("pod a (pods.txt:1)",))
    ]


def test_what_runs_by_its_digest_is_found_also_where_it_goes_with_its_index() -> None:
    named = digest("child").replace("child", HEX)
    rows = json.loads(json.dumps(ROWS).replace("sha256:child", named))
    outcome = run(POLICY, rows, {"list": [HEX]})
    (found,) = images_at_risk(
        outcome,
        images(rows),
        references(f"{HOST}/web/api@{named}", "pods.txt"),
        account="123456789012",
        region="ap-northeast-2",
        repository="web/api",
        live={},
        since=NOW.timestamp(),
        used={},
    )
    assert said(found) == (named, 2, f"child of {digest('list')}", ("pods.txt:1",))


def test_what_was_pulled_lately_is_found_without_anything_running() -> None:
    assert list(map(said, threatened())) == [(digest("lately"), 1, "", ())]
    assert threatened(pulled_days=0) == []


@pytest.mark.parametrize(
    "text",
    [
        f"{HOST}/web/api:v4",
        f"{HOST}/web/api:gone",
        f"{HOST}/web/ui:prod",
        f"{HOST.replace('ap-northeast-2', 'us-west-2')}/web/api:prod",
        f"{HOST.replace('123456789012', '210987654321')}/web/api:prod",
    ],
    ids=["stays", "is gone", "another repository", "another region", "another account"],
)
def test_nothing_else_is_found(text: str) -> None:
    assert threatened(text, pulled_days=0) == []


def test_a_reference_without_a_registry_means_every_region() -> None:
    assert [each.image.digest for each in threatened("web/api:prod", pulled_days=0)] == [digest("old")]


@pytest.mark.parametrize(
    ("live", "stops"),
    [({}, True), ({digest("old"): "expire"}, False), ({digest("old"): "transition"}, True), ({"x": "expire"}, True)],
    ids=["is kept now", "goes now", "is archived now, and can be restored", "another goes now"],
)
def test_a_deploy_stops_only_for_what_the_live_policy_does_not_take(live: Mapping[str, str], stops: bool) -> None:
    (found,) = threatened(f"{HOST}/web/api:prod", pulled_days=0, live=live)
    assert (found.added, found.stops) == (stops, stops)


def test_what_was_used_lately_is_found_and_stops_nothing() -> None:
    yesterday = {digest("old"): NOW.timestamp() - 86_400}
    found = {each.image.digest: each for each in threatened(pulled_days=2, used=yesterday)}[digest("old")]
    assert (found.used_at, found.running, found.stops) == (NOW.timestamp() - 86_400, (), False)
    assert digest("old") not in {each.image.digest for each in threatened(pulled_days=0.5, used=yesterday)}


def test_what_a_policy_takes_now_or_later_is_taken() -> None:
    outcome = run(POLICY, ROWS, {"list": ["child"]})
    assert taken(outcome) == {digest(name): "expire" for name in ("old", "lately", "list", "child")}
