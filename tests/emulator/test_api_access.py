"""ECR's API with IAM on: judged on the repository and in the registry that a call names."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.callers import Caller, caller, document, statement
from tests.emulator.cloud import Cloud
from tests.emulator.samples import arn

DENIED = "AccessDenied"


@pytest.fixture(autouse=True)
def _repositories(guarded: Cloud) -> None:
    for name in ("web/api", "web/front", "shop/cart"):
        guarded.ecr.create_repository(repositoryName=name)


def may(guarded: Cloud, *actions: str, repositories: str = "web/*") -> Caller:
    return caller(guarded, statement(list(actions), arn(guarded, repositories)))


def test_describing_is_judged_on_the_repository(guarded: Cloud) -> None:
    ecr = may(guarded, "ecr:DescribeRepositories").ecr

    (found,) = ecr.describe_repositories(repositoryNames=["web/api"])["repositories"]
    assert found["repositoryName"] == "web/api"
    with pytest.raises(ClientError, match=DENIED):
        ecr.describe_repositories(repositoryNames=["shop/cart"])


def test_every_repository_of_a_call_is_judged(guarded: Cloud) -> None:
    ecr = may(guarded, "ecr:DescribeRepositories", "ecr:BatchGetRepositoryScanningConfiguration").ecr

    assert len(ecr.describe_repositories(repositoryNames=["web/api", "web/front"])["repositories"]) == 2
    with pytest.raises(ClientError, match=rf"{DENIED}.*repository/shop/cart"):
        ecr.describe_repositories(repositoryNames=["web/api", "shop/cart"])
    with pytest.raises(ClientError, match=rf"{DENIED}.*repository/shop/cart"):
        ecr.batch_get_repository_scanning_configuration(repositoryNames=["web/api", "shop/cart"])


def test_describing_all_repositories_needs_all_of_them(guarded: Cloud) -> None:
    with pytest.raises(ClientError, match=DENIED):
        may(guarded, "ecr:DescribeRepositories").ecr.describe_repositories()

    everything = may(guarded, "ecr:DescribeRepositories", repositories="*").ecr
    assert len(everything.describe_repositories()["repositories"]) == 3


TAG: Any = {"tags": [{"Key": "team", "Value": "web"}]}
CALLS: dict[str, Callable[[Any, str], Any]] = {
    "ecr:TagResource": lambda ecr, resource: ecr.tag_resource(resourceArn=resource, **TAG),
    "ecr:UntagResource": lambda ecr, resource: ecr.untag_resource(resourceArn=resource, tagKeys=["team"]),
    "ecr:ListTagsForResource": lambda ecr, resource: ecr.list_tags_for_resource(resourceArn=resource),
}


@pytest.mark.parametrize("action", CALLS)
def test_tags_are_judged_on_the_repository(guarded: Cloud, action: str) -> None:
    ecr = may(guarded, action).ecr

    CALLS[action](ecr, arn(guarded, "web/api"))
    with pytest.raises(ClientError, match=DENIED):
        CALLS[action](ecr, arn(guarded, "shop/cart"))


def test_a_call_that_takes_no_resource_needs_the_star(guarded: Cloud) -> None:
    with pytest.raises(ClientError, match=DENIED):
        may(guarded, "ecr:DescribeRegistry", repositories="*").ecr.describe_registry()

    allowed = caller(guarded, statement(["ecr:DescribeRegistry"], "*")).ecr
    assert allowed.describe_registry()["registryId"] == guarded.account


def grant(owner: Cloud, principal: str, *actions: str, name: str = "web/api") -> None:
    """A repository policy for another account."""
    allowed = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{principal}:root"}, "Action": list(actions)}
    owner.ecr.set_repository_policy(repositoryName=name, policyText=document(allowed))


def test_another_accounts_registry_is_read_where_both_sides_allow_it(guarded: Cloud, neighbour: Cloud) -> None:
    digest = guarded.put_image("web/api", "one", "v1")
    grant(guarded, neighbour.account, "ecr:DescribeImages")
    reader = caller(neighbour, statement(["ecr:DescribeImages"], arn(guarded, "*"))).ecr
    asked: Any = {"registryId": guarded.account, "repositoryName": "web/api"}

    (found,) = reader.describe_images(**asked)["imageDetails"]
    assert (found["imageDigest"], found["registryId"]) == (digest, guarded.account)
    with pytest.raises(ClientError, match=DENIED):
        reader.describe_images(registryId=guarded.account, repositoryName="shop/cart")
    with pytest.raises(ClientError, match=DENIED):
        caller(neighbour).ecr.describe_images(**asked)


def test_another_accounts_root_needs_the_repositorys_policy(guarded: Cloud, neighbour: Cloud) -> None:
    asked: Any = {"registryId": guarded.account, "repositoryNames": ["web/api"]}
    with pytest.raises(ClientError, match=DENIED):
        neighbour.ecr.describe_repositories(**asked)
    with pytest.raises(ClientError, match=DENIED):
        neighbour.ecr.describe_repositories(registryId=guarded.account)

    grant(guarded, neighbour.account, "ecr:DescribeRepositories")
    (found,) = neighbour.ecr.describe_repositories(**asked)["repositories"]
    assert found["registryId"] == guarded.account


def registry_policy(owner: Cloud, principal: str, actions: list[str], name: str, effect: str) -> None:
    who = {"AWS": f"arn:aws:iam::{principal}:root"}
    text = document(statement(actions, arn(owner, name), effect, Principal=who))
    owner.ecr.put_registry_policy(policyText=text)


def test_the_registry_policy_is_asked_beside_the_repositorys(guarded: Cloud, neighbour: Cloud) -> None:
    registry_policy(guarded, neighbour.account, ["ecr:DescribeImages"], "web/*", "Allow")
    reader = caller(neighbour, statement(["ecr:DescribeImages"], "*")).ecr

    assert reader.describe_images(registryId=guarded.account, repositoryName="web/api")["imageDetails"] == []
    with pytest.raises(ClientError, match=DENIED):
        reader.describe_images(registryId=guarded.account, repositoryName="shop/cart")


def test_a_deny_of_the_registry_policy_holds_for_the_own_account(guarded: Cloud) -> None:
    registry_policy(guarded, guarded.account, ["ecr:ListImages"], "web/api", "Deny")
    reader = may(guarded, "ecr:ListImages")

    assert reader.ecr.list_images(repositoryName="web/front")["imageIds"] == []
    with pytest.raises(ClientError, match=DENIED):
        reader.ecr.list_images(repositoryName="web/api")
    assert reader.oci("GET", "web/front/tags/list") == 200
    assert reader.oci("GET", "web/api/tags/list") == 403


def test_without_iam_a_call_is_made_in_the_registry_it_names(cloud: Cloud, other: Cloud) -> None:
    other.ecr.create_repository(repositoryName="web/theirs")

    (found,) = cloud.ecr.describe_repositories(registryId=other.account)["repositories"]
    assert found["repositoryArn"] == arn(other, "web/theirs")
    assert cloud.ecr.describe_repositories()["repositories"] == []


def test_listing_referrers_is_judged_as_reading_images(guarded: Cloud) -> None:
    asked: Any = {"repositoryName": "web/api", "subjectId": {"imageDigest": f"sha256:{'a' * 64}"}}
    assert may(guarded, "ecr:BatchGetImage").ecr.list_image_referrers(**asked)["referrers"] == []
    with pytest.raises(ClientError, match=rf"{DENIED}.*ecr:BatchGetImage"):
        may(guarded, "ecr:DescribeImages").ecr.list_image_referrers(**asked)
