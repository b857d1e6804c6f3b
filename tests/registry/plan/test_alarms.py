"""What a plan says of alarms and dashboards."""

from __future__ import annotations

import pytest

from tests.registry.plan.planned import planned, told

REST = "repositories: {web/shop: , data/raw: }\n"


def file(alarms: str | None = None, dashboards: str | None = None, rest: str = REST) -> str:
    said = "".join(
        f", {key}: {value}" for key, value in (("alarms", alarms), ("dashboards", dashboards)) if value is not None
    )
    return f"monitoring: {{email: [p@example.com]{said}}}\n{rest}"


NO_PULLS = "{watch: [], pulls_stop: [{repositories: [web/shop], hours: %s}]}"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (file(), file("{watch: [repositories]}"), "costs alarm-added acme-ecr-repositories: these are watched"),
        (file("{watch: [repositories]}"), file(),
         "breaks alarm-removed acme-ecr-repositories: nobody is told of these any more"),
        (file("{watch: [images]}"), file("{watch: [images], quota_percent: 90}"),
         "breaks alarm-later acme-ecr-images: speaks later"),
        (file("{watch: [images]}"), file("{watch: [images], quotas: {images_per_repository: 200000}}"),
         "breaks alarm-later acme-ecr-images: speaks later"),
        (file("{watch: [images]}"), file("{watch: [images], quota_percent: 50}"),
         "safe alarm-sooner acme-ecr-images: speaks sooner, or to others"),
        (file(NO_PULLS % 6), file(NO_PULLS % 7), "breaks alarm-later acme-ecr-no-pulls-web/shop: speaks later"),
        (file(NO_PULLS % 6), file(NO_PULLS % 5),
         "safe alarm-sooner acme-ecr-no-pulls-web/shop: speaks sooner, or to others"),
        (file(), file(None, "[web]"), "costs dashboard-added acme-ECR, acme-ECR-web: more is shown"),
        (file(None, "[web]"), file(), "safe dashboard-removed acme-ECR, acme-ECR-web: these are no longer shown"),
    ],
)  # fmt: skip
def test_a_change_of_the_keys_says_what_comes_and_what_goes(old: str, new: str, said: str) -> None:
    assert told(old, new) == [said]


def test_a_higher_value_is_shown_beside_the_old_one() -> None:
    (found,) = planned(file("{watch: [images]}"), file("{watch: [images], quota_percent: 90}"))
    assert (found.before, found.after) == ("above 80,000", "above 90,000")
    (found,) = planned(file(NO_PULLS % 6), file(NO_PULLS % 7))
    assert (found.before, found.after) == ("6 hours", "7 hours")
    assert str(found.where) == "registry.yaml:2:38"


def test_a_new_repository_takes_its_alarms_and_dashboards_along() -> None:
    said = "{watch: [], pulls_stop: [{repositories: ['web/*'], hours: 6}]}"
    new = REST.replace("data/raw", "web/cart: , data/raw")
    lines = told(file(said, "['*']"), file(said, "['*']", new))
    assert "safe alarms-follow alarms and dashboards: follow the rest" in lines
    assert not [line for line in lines if " alarm-" in line or " dashboard-" in line]
