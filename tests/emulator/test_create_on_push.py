"""A push to a repository that does not exist creates it where a template and the caller's policies say so."""

import json
from typing import Any

import pytest

from tests.emulator.callers import PUSH, caller, statement
from tests.emulator.cloud import Cloud, manifest_of
from tests.emulator.samples import arn, described, lifecycle

CREATE = "ecr:CreateRepository"


def template(cloud: Cloud, prefix: str = "trial", applied_for: str = "CREATE_ON_PUSH", **settings: Any) -> None:
    applied: Any = [applied_for]
    cloud.ecr.create_repository_creation_template(prefix=prefix, appliedFor=applied, **settings)


def test_a_push_creates_the_repository_by_the_template(cloud: Cloud) -> None:
    template(cloud, imageTagMutability="IMMUTABLE", lifecyclePolicy=lifecycle(5))

    pushed = cloud.push("trial/one", "content", "v1")

    assert pushed.status == 201
    assert cloud.tags("trial/one") == {pushed.headers["Docker-Content-Digest"]: {"v1"}}
    assert described(cloud, "trial/one")["imageTagMutability"] == "IMMUTABLE"
    assert cloud.ecr.get_lifecycle_policy(repositoryName="trial/one")["lifecyclePolicyText"] == lifecycle(5)


def test_a_manifest_alone_creates_it_too(cloud: Cloud) -> None:
    template(cloud, "ROOT")

    assert cloud.oci("PUT", "any/thing/manifests/v1", manifest_of("one").encode()).status == 201


@pytest.mark.parametrize("applied_for", ["REPLICATION", "PULL_THROUGH_CACHE"])
def test_a_template_for_something_else_creates_nothing(cloud: Cloud, applied_for: str) -> None:
    template(cloud, applied_for=applied_for)

    refused = cloud.oci("POST", "trial/one/blobs/uploads/")
    assert refused.status == 404
    assert json.loads(refused.data)["errors"][0]["code"] == "NAME_UNKNOWN"
    assert cloud.ecr.describe_repositories()["repositories"] == []


def test_a_template_of_another_prefix_creates_nothing(cloud: Cloud) -> None:
    template(cloud)

    assert cloud.oci("POST", "trials/one/blobs/uploads/").status == 404
    assert cloud.oci("POST", "trial/blobs/uploads/").status == 404


def test_asking_for_an_image_creates_nothing(cloud: Cloud) -> None:
    template(cloud)

    assert cloud.oci("GET", "trial/one/manifests/v1").status == 404
    assert cloud.oci("HEAD", "trial/one/blobs/sha256:00").status == 404
    assert cloud.ecr.describe_repositories()["repositories"] == []


def test_a_template_that_lacks_a_role_for_its_tags_refuses_the_push(cloud: Cloud) -> None:
    template(cloud, resourceTags=[{"Key": "team", "Value": "web"}])

    refused = cloud.oci("POST", "trial/one/blobs/uploads/")
    assert refused.status == 400
    assert "has tags or a KMS key, and no role" in json.loads(refused.data)["errors"][0]["message"]


def test_a_name_that_ecr_refuses_is_refused(cloud: Cloud) -> None:
    template(cloud)

    assert cloud.oci("POST", "trial/One/blobs/uploads/").status == 400


def test_a_created_repository_is_replicated(cloud: Cloud) -> None:
    template(cloud)
    rule: Any = {"destinations": [{"region": "us-west-2", "registryId": cloud.account}]}
    cloud.ecr.put_replication_configuration(replicationConfiguration={"rules": [rule]})
    digest = cloud.push("trial/one", "content", "v1").headers["Docker-Content-Digest"]

    assert cloud.at("us-west-2").tags("trial/one") == {digest: {"v1"}}


def test_with_iam_the_caller_must_be_allowed_to_create_it(guarded: Cloud) -> None:
    template(guarded)
    trial = arn(guarded, "trial/*")

    assert caller(guarded, statement(PUSH, trial)).push("trial/one", "content", "v1") == 403
    assert guarded.ecr.describe_repositories()["repositories"] == []
    only_one = statement([CREATE], arn(guarded, "trial/one"))
    pusher = caller(guarded, statement(PUSH, trial), only_one)
    assert pusher.push("trial/two", "content", "v1") == 403
    assert pusher.push("trial/one", "content", "v1") == 201
    names = [each["repositoryName"] for each in guarded.ecr.describe_repositories()["repositories"]]
    assert names == ["trial/one"]


def test_with_iam_who_may_create_but_not_push_creates_nothing(guarded: Cloud) -> None:
    template(guarded)

    assert caller(guarded, statement([CREATE], "*")).push("trial/one", "content", "v1") == 403
    assert guarded.ecr.describe_repositories()["repositories"] == []


def test_another_account_creates_where_the_registry_policy_lets_it(guarded: Cloud, neighbour: Cloud) -> None:
    template(guarded)
    pusher = caller(neighbour, statement([*PUSH, CREATE], arn(guarded, "*")))
    assert pusher.push("trial/one", "content", "v1", owner=guarded) == 403

    who = {"AWS": f"arn:aws:iam::{neighbour.account}:root"}
    allowed = statement([*PUSH, CREATE], arn(guarded, "trial/*"), Principal=who)
    guarded.ecr.put_registry_policy(policyText=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))
    assert pusher.push("trial/one", "content", "v1", owner=guarded) == 201
    assert described(guarded, "trial/one")["registryId"] == guarded.account
