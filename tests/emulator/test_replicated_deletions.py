"""What is taken away at home is taken away at the destinations of rules with deleteReplication, and nowhere else."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloud import Cloud
from tests.emulator.replicas import BOTH, let_in, replicate, status

REPLICA = "us-west-2"
ON: Any = {"deleteReplication": {"enabled": True}}


@pytest.fixture
def replica(cloud: Cloud) -> Cloud:
    """The other region, which images and deletions are sent to; `web/api` exists on both sides."""
    replicate(cloud, cloud.at(REPLICA), **ON)
    for each in (cloud, cloud.at(REPLICA)):
        each.ecr.create_repository(repositoryName="web/api")
    return cloud.at(REPLICA)


def delete(cloud: Cloud, **image_id: str) -> None:
    wanted: Any = [image_id]
    answer = cloud.ecr.batch_delete_image(repositoryName="web/api", imageIds=wanted)
    assert answer["failures"] == []


def test_one_of_several_tags_goes_and_the_image_stays(cloud: Cloud, replica: Cloud) -> None:
    digest = cloud.put_image("web/api", "one", "v1")
    cloud.put_image("web/api", "one", "latest")
    delete(cloud, imageTag="latest")

    assert cloud.tags("web/api") == replica.tags("web/api") == {digest: {"v1"}}


def test_with_the_last_tag_the_image_goes(cloud: Cloud, replica: Cloud) -> None:
    cloud.put_image("web/api", "one", "v1")
    delete(cloud, imageTag="v1")

    assert cloud.tags("web/api") == replica.tags("web/api") == {}


def test_an_image_deleted_by_digest_goes_with_tags_that_only_the_replica_has(cloud: Cloud, replica: Cloud) -> None:
    digest = cloud.put_image("web/api", "one", "v1")
    replica.put_image("web/api", "one", "here-only")
    kept = cloud.put_image("web/api", "two", "v2")
    delete(cloud, imageDigest=digest)

    assert replica.tags("web/api") == {kept: {"v2"}}


def test_a_tag_that_the_replica_has_on_another_image_stays_there(cloud: Cloud, replica: Cloud) -> None:
    digest = cloud.put_image("web/api", "one", "v1")
    cloud.put_image("web/api", "one", "latest")
    moved = replica.put_image("web/api", "two", "latest")
    delete(cloud, imageTag="latest")

    assert replica.tags("web/api") == {digest: {"v1"}, moved: {"latest"}}


def test_an_image_deleted_by_a_client_goes(cloud: Cloud, replica: Cloud) -> None:
    digest = cloud.push("web/api", "one", "v1").headers["Docker-Content-Digest"]
    assert cloud.oci("DELETE", f"web/api/manifests/{digest}").status == 202

    assert replica.tags("web/api") == {}
    assert replica.oci("GET", f"web/api/manifests/{digest}").status == 404


@pytest.mark.parametrize("rule", [{}, {"deleteReplication": {"enabled": False}}])
def test_without_the_switch_the_replica_keeps_everything(cloud: Cloud, replica: Cloud, rule: Any) -> None:
    replicate(cloud, replica, **rule)
    digest = cloud.put_image("web/api", "one", "v1")
    delete(cloud, imageDigest=digest)

    assert replica.tags("web/api") == {digest: {"v1"}}


def test_the_switch_is_its_rules_own(cloud: Cloud, replica: Cloud) -> None:
    def rule(region: str) -> Any:
        return {"destinations": [{"region": region, "registryId": cloud.account}]}

    rules = [rule(REPLICA) | ON, rule("eu-west-1")]
    cloud.ecr.put_replication_configuration(replicationConfiguration={"rules": rules})
    digest = cloud.put_image("web/api", "one", "v1")
    delete(cloud, imageDigest=digest)

    assert replica.tags("web/api") == {}
    assert cloud.at("eu-west-1").tags("web/api") == {digest: {"v1"}}


def test_a_deletion_is_not_sent_on(cloud: Cloud, replica: Cloud) -> None:
    further = cloud.at("eu-west-1")
    replicate(replica, further, **ON)
    further.ecr.create_repository(repositoryName="web/api")
    digest = further.put_image("web/api", "one", "v1")
    cloud.put_image("web/api", "one", "v1")
    delete(cloud, imageDigest=digest)

    assert replica.tags("web/api") == {}
    assert further.tags("web/api") == {digest: {"v1"}}


def test_another_account_must_let_the_deletion_in(cloud: Cloud, other: Cloud) -> None:
    replicate(cloud, other, **ON)
    let_in(other, cloud.account, BOTH)
    cloud.ecr.create_repository(repositoryName="web/api")
    one, two = cloud.put_image("web/api", "one", "v1"), cloud.put_image("web/api", "two", "v2")
    delete(cloud, imageDigest=one)
    assert other.tags("web/api") == {two: {"v2"}}

    other.ecr.delete_registry_policy()
    delete(cloud, imageDigest=two)
    assert other.tags("web/api") == {two: {"v2"}}


def test_the_status_names_every_destination_of_an_image(cloud: Cloud, replica: Cloud) -> None:
    before = cloud.put_image("web/api", "one", "v1")
    cloud.ecr.put_replication_configuration(replicationConfiguration={"rules": []})
    cloud.put_image("web/api", "two", "v2")

    (found,) = status(cloud, "v1")
    assert found == {"region": REPLICA, "registryId": cloud.account, "status": "COMPLETE"}
    assert status(cloud, "v2") == []
    asked: Any = {"repositoryName": "web/api", "imageId": {"imageTag": "v1"}}
    answer = cloud.ecr.describe_image_replication_status(**asked)
    assert answer["imageId"] == {"imageTag": "v1", "imageDigest": before}


def test_the_status_of_what_is_not_there_is_refused(cloud: Cloud, replica: Cloud) -> None:
    with pytest.raises(ClientError, match="ImageNotFoundException"):
        status(cloud, "gone")
    with pytest.raises(ClientError, match="RepositoryNotFoundException"):
        status(cloud, "v1", "web/gone")


def test_a_registry_does_not_send_to_itself(cloud: Cloud) -> None:
    replicate(cloud, cloud)
    cloud.ecr.create_repository(repositoryName="web/api")
    cloud.put_image("web/api", "one", "v1")

    assert status(cloud) == []
