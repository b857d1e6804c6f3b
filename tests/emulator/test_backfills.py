"""Replication backfill: images that were there before the rules, sent to one destination."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloud import Cloud
from tests.emulator.replicas import BOTH, let_in, replicate, repositories

REPLICA = "us-west-2"


def start(cloud: Cloud, destination: Cloud) -> str:
    there: Any = {"region": destination.region, "registryId": destination.account}
    started = cloud.ecr.start_replication_backfill(destination=there)
    assert started["status"] == "PREPARING"
    assert started["destination"] == there
    return started["replicationBackfillId"]


def look(cloud: Cloud, backfill: str, **asked: Any) -> Any:
    return cloud.ecr.describe_replication_backfill_results(replicationBackfillId=backfill, **asked)


def finish(cloud: Cloud, backfill: str) -> Any:
    """Look until it has ended, as whoever waits for it does."""
    for _ in range(10):
        found = look(cloud, backfill)
        if "endedAt" in found:
            return found
    raise AssertionError(f"it goes on and on: {found}")


@pytest.fixture
def replica(cloud: Cloud) -> Cloud:
    """The other region; rules for `web/` came after three images of it, two of them of one repository."""
    for name in ("web/api", "web/front", "shop/cart"):
        cloud.ecr.create_repository(repositoryName=name)
        cloud.put_image(name, "one", "v1")
    cloud.put_image("web/api", "two", "v2")
    web: Any = [{"filter": "web/", "filterType": "PREFIX_MATCH"}]
    replicate(cloud, cloud.at(REPLICA), repositoryFilters=web)
    return cloud.at(REPLICA)


def test_a_backfill_sends_what_the_rules_match_and_nothing_else(cloud: Cloud, replica: Cloud) -> None:
    ended = finish(cloud, start(cloud, replica))

    assert ended["status"] == "COMPLETE"
    assert sorted(repositories(replica)) == ["web/api", "web/front"]
    assert replica.tags("web/api") == cloud.tags("web/api")
    assert ended["progress"] == {
        "totalReplicationCount": 3,
        "completedReplicationCount": 3,
        "failedReplicationCount": 0,
        "failureCodes": [],
    }


def test_a_backfill_tells_its_progress_and_its_results_at_the_end(cloud: Cloud, replica: Cloud) -> None:
    backfill = start(cloud, replica)

    seen = [look(cloud, backfill) for _ in range(4)]

    assert [each["status"] for each in seen] == ["IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "COMPLETE"]
    assert [each["progress"]["completedReplicationCount"] for each in seen] == [0, 1, 2, 3]
    assert [len(each["results"]) for each in seen] == [0, 0, 0, 3]
    assert look(cloud, backfill)["endedAt"] == seen[-1]["endedAt"]


def test_every_tag_is_a_replication_of_its_own_and_an_image_without_one_is_too(cloud: Cloud, replica: Cloud) -> None:
    cloud.ecr.put_replication_configuration(replicationConfiguration={"rules": []})
    tagged = cloud.put_image("web/front", "one", "latest")
    untagged = cloud.put_image("web/front", "untagged")
    replicate(cloud, replica, repositoryFilters=[{"filter": "web/front", "filterType": "PREFIX_MATCH"}])

    ended = finish(cloud, start(cloud, replica))

    assert ended["progress"]["totalReplicationCount"] == 3
    assert [each["imageId"] for each in ended["results"]] == [
        {"imageDigest": tagged, "imageTag": "v1"},
        {"imageDigest": tagged, "imageTag": "latest"},
        {"imageDigest": untagged},
    ]
    assert replica.tags("web/front") == {tagged: {"v1", "latest"}, untagged: set()}


def test_a_backfill_to_another_account_needs_its_policy(cloud: Cloud, replica: Cloud, other: Cloud) -> None:
    replicate(cloud, other)
    let_in(other, cloud.account, BOTH, "web/*")

    backfill = start(cloud, other)
    ended = finish(cloud, backfill)

    assert sorted(repositories(other)) == ["web/api", "web/front"]
    assert ended["status"] == "COMPLETE"
    assert ended["progress"]["failedReplicationCount"] == 1
    assert ended["progress"]["failureCodes"] == ["REGISTRY_POLICY_DENIED"]
    (failed,) = look(cloud, backfill, resultStatusFilter="FAILED")["results"]
    assert (failed["repositoryName"], failed["failureCode"]) == ("shop/cart", "REGISTRY_POLICY_DENIED")
    assert len(look(cloud, backfill, resultStatusFilter="COMPLETE")["results"]) == 3


def test_a_backfill_in_which_half_of_a_hundred_failed_gives_up(cloud: Cloud, other: Cloud) -> None:
    cloud.ecr.create_repository(repositoryName="web/api")
    for count in range(120):
        cloud.put_image("web/api", f"content {count}", f"v{count}")
    replicate(cloud, other)

    ended = finish(cloud, start(cloud, other))

    assert (ended["status"], ended["failureCode"]) == ("FAILED", "TOO_MANY_FAILURES")
    assert ended["progress"]["totalReplicationCount"] == 120
    assert ended["progress"]["failedReplicationCount"] == 100


def test_an_image_whose_repository_was_deleted_meanwhile_fails(cloud: Cloud, replica: Cloud) -> None:
    backfill = start(cloud, replica)
    look(cloud, backfill)
    cloud.ecr.delete_repository(repositoryName="web/front", force=True)

    ended = finish(cloud, backfill)
    failed = [each["repositoryName"] for each in ended["results"] if each["status"] == "FAILED"]
    assert failed == ["web/front"]


def test_a_destination_that_no_rule_names_is_refused(cloud: Cloud, replica: Cloud) -> None:
    with pytest.raises(ClientError, match="InvalidParameterException"):
        start(cloud, cloud.at("eu-west-1"))


def test_a_region_has_one_backfill_at_a_time(cloud: Cloud, replica: Cloud, other: Cloud) -> None:
    destinations: Any = [{"region": REPLICA, "registryId": each} for each in (cloud.account, other.account)]
    cloud.ecr.put_replication_configuration(replicationConfiguration={"rules": [{"destinations": destinations}]})
    backfill = start(cloud, replica)

    for destination in (replica, other.at(REPLICA)):
        with pytest.raises(ClientError, match="ReplicationBackfillInProgressException"):
            start(cloud, destination)
    finish(cloud, backfill)
    assert start(cloud, replica) != backfill


def test_a_registry_has_ten_backfills_at_a_time(cloud: Cloud) -> None:
    regions = [f"us-west-{number}" for number in range(1, 12)]
    destinations: Any = [{"region": each, "registryId": cloud.account} for each in regions]
    cloud.ecr.put_replication_configuration(replicationConfiguration={"rules": [{"destinations": destinations}]})
    for region in regions[:10]:
        start(cloud, cloud.at(region))

    with pytest.raises(ClientError, match="LimitExceededException"):
        start(cloud, cloud.at(regions[10]))


def test_a_stopped_backfill_keeps_what_it_sent_and_sends_no_more(cloud: Cloud, replica: Cloud) -> None:
    backfill = start(cloud, replica)
    look(cloud, backfill)
    look(cloud, backfill)

    assert cloud.ecr.stop_replication_backfill(replicationBackfillId=backfill)["status"] == "STOPPED"
    ended = finish(cloud, backfill)
    assert ended["progress"]["completedReplicationCount"] == 1
    assert len(ended["results"]) == 1
    assert sum(len(replica.tags(name)) for name in repositories(replica)) == 1
    with pytest.raises(ClientError, match="ReplicationBackfillInvalidStatusException"):
        cloud.ecr.stop_replication_backfill(replicationBackfillId=backfill)


def test_a_backfill_stopped_before_it_was_prepared_has_no_progress(cloud: Cloud, replica: Cloud) -> None:
    backfill = start(cloud, replica)
    cloud.ecr.stop_replication_backfill(replicationBackfillId=backfill)

    assert "progress" not in look(cloud, backfill)


def test_backfills_are_listed_page_by_page_and_go_on_when_listed(cloud: Cloud, replica: Cloud) -> None:
    first = start(cloud, replica)
    finish(cloud, first)
    second = start(cloud, replica)

    page = cloud.ecr.list_replication_backfills(maxResults=1)
    rest = cloud.ecr.list_replication_backfills(maxResults=1, nextToken=page["nextToken"])

    assert [each["replicationBackfillId"] for each in page["backfills"] + rest["backfills"]] == [first, second]
    assert rest["backfills"][0]["status"] == "IN_PROGRESS"
    assert "nextToken" not in rest


def test_results_come_page_by_page(cloud: Cloud, replica: Cloud) -> None:
    backfill = start(cloud, replica)
    finish(cloud, backfill)

    page = look(cloud, backfill, maxResults=2)
    rest = look(cloud, backfill, maxResults=2, nextToken=page["nextToken"])
    assert (len(page["results"]), len(rest["results"])) == (2, 1)


def test_a_backfill_that_does_not_exist_is_refused(cloud: Cloud) -> None:
    unknown = "01234567-89ab-cdef-0123-456789abcdef"
    with pytest.raises(ClientError, match="ReplicationBackfillNotFoundException"):
        look(cloud, unknown)
    with pytest.raises(ClientError, match="ReplicationBackfillNotFoundException"):
        cloud.ecr.stop_replication_backfill(replicationBackfillId=unknown)
