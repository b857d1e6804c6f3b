"""Who hears of a repository, and which alarms can name it."""

from __future__ import annotations

import pytest

from registry.monitoring.reach import alarms_of, heard_of
from tests.synth import SMALL, declared

TEXT = f"""{SMALL}
replicas: {{us-west-2: }}
repositories: {{web/api: {{tags_must_match: ["v*"]}}, web/free: {{}}, data/x: {{owner: team-data}}}}
monitoring:
  events: [scans, replication, tags]
  email: [ops@example.com]
  slack: [{{workspace: T0123ABCD, channel: C0123ABCD}}]
  teams:
    web: {{namespaces: [web], sqs: ["arn:aws:sqs:ap-northeast-2:123456789012:web"]}}
    data: {{owner: team-data, email: [data@example.com]}}
  alarms: {{watch: [images, delivery], pulls_stop: [{{repositories: [data/x], hours: 3}}]}}
"""
EVERYBODY = "everybody hears of scans, replication{} (ops@example.com, T0123ABCD/C0123ABCD)"
WEB = "team web hears of scans, replication{} (arn:aws:sqs:ap-northeast-2:123456789012:web)"


@pytest.mark.parametrize(
    ("name", "heard", "alarms"),
    [
        ("web/api", [EVERYBODY.format(", tags"), WEB.format(", tags")], ["acme-ecr-images"]),
        ("web/free", [EVERYBODY.format(""), WEB.format("")], ["acme-ecr-images"]),
        (
            "data/x",
            [EVERYBODY.format(""), "team data hears of scans, replication (data@example.com)"],
            ["acme-ecr-images", "acme-ecr-no-pulls-data/x"],
        ),
    ],
)
def test_who_hears_of_a_repository_and_which_alarms_name_it(name: str, heard: list[str], alarms: list[str]) -> None:
    registry = declared(TEXT)
    repository = registry.repository(name)
    assert repository is not None
    assert list(map(str, heard_of(registry, repository))) == heard
    assert sorted(alarms_of(registry, repository)) == alarms


def test_without_monitoring_nobody_hears() -> None:
    registry = declared(f"{SMALL}repositories: {{web/api: }}")
    (repository,) = registry.repositories
    assert (list(heard_of(registry, repository)), alarms_of(registry, repository)) == ([], ())
