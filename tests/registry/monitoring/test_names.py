"""Names in CloudWatch tell everything apart, and fit."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from registry.limits import NAMESPACE, REPOSITORY_NAME
from registry.monitoring.names import alarm_name, dashboard_name

registries = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,5}){0,2}", fullmatch=True).filter(lambda it: len(it) > 1)
namespaces = st.none() | st.just("_") | st.from_regex(NAMESPACE, fullmatch=True).filter(lambda it: len(it) <= 256)
regions = st.none() | st.sampled_from(["eu-west-1", "us-east-1"])
#: Of few letters, so that two are often almost the same.
letters = st.text("a0", min_size=1, max_size=3)
parts = st.tuples(letters, st.sampled_from(["", ".", "_", "__", "-", "--", "/"])).map("".join)
names = (
    st.tuples(st.lists(parts, max_size=5).map("".join), letters)
    .map("".join)
    .filter(lambda it: len(it) >= 2 and re.fullmatch(REPOSITORY_NAME, it))
)
Dashboard = tuple[str, str | None, str | None]


@given(st.tuples(registries, namespaces, regions), st.tuples(registries, namespaces, regions))
def test_two_dashboards_never_have_one_name(one: Dashboard, other: Dashboard) -> None:
    assert (dashboard_name(*one) == dashboard_name(*other)) is (one == other)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,255}", dashboard_name(*one))


def test_a_dot_and_a_hyphen_stay_apart() -> None:
    assert len({dashboard_name("acme", name) for name in ("a.b", "a-b", "a_b", "a--b")}) == 4


@given(names, names)
def test_two_repositories_never_have_one_alarm(one: str, other: str) -> None:
    assert (alarm_name("acme", "no-pulls", one) == alarm_name("acme", "no-pulls", other)) is (one == other)


def test_the_longest_names_fit_and_stay_apart() -> None:
    long = ["web/" + "a" * 252, "web/" + "a" * 251 + "b", "a" * 180, "a" * 181]
    found = {alarm_name("r" * 32, "no-pulls", name) for name in long}
    found |= {dashboard_name("r" * 32, name.replace("/", "-"), "ap-southeast-1") for name in long}
    assert len(found) == 8
    assert max(map(len, found)) <= 255
