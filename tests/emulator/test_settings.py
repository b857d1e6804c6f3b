"""Scanning and replication of a registry, through ECR's API."""

from typing import Any

import pytest
import urllib3

from tests.emulator import kinds
from tests.emulator.cloud import Cloud

WEB_ON_PUSH: Any = {
    "scanType": "BASIC",
    "rules": [
        {
            "scanFrequency": "SCAN_ON_PUSH",
            "repositoryFilters": [{"filter": "web/*", "filterType": "WILDCARD"}],
        }
    ],
}


def to_us(cloud: Cloud) -> Any:
    return {"rules": [{"destinations": [{"region": "us-west-2", "registryId": cloud.account}]}]}


def scanning_of(cloud: Cloud) -> Any:
    answer = cloud.ecr.get_registry_scanning_configuration()
    assert answer["registryId"] == cloud.account
    return answer["scanningConfiguration"]


def test_an_untouched_registry_scans_nothing_and_replicates_nothing(cloud: Cloud) -> None:
    assert scanning_of(cloud) == {"scanType": "BASIC", "rules": []}
    assert cloud.ecr.describe_registry()["replicationConfiguration"] == {"rules": []}


def test_the_scanning_configuration_is_kept_as_put(cloud: Cloud) -> None:
    answer = cloud.ecr.put_registry_scanning_configuration(**WEB_ON_PUSH)

    assert answer["registryScanningConfiguration"] == WEB_ON_PUSH
    assert scanning_of(cloud) == WEB_ON_PUSH


def test_the_replication_configuration_is_kept_as_put(cloud: Cloud) -> None:
    answer = cloud.ecr.put_replication_configuration(replicationConfiguration=to_us(cloud))

    assert answer["replicationConfiguration"] == to_us(cloud)
    assert cloud.ecr.describe_registry()["replicationConfiguration"] == to_us(cloud)


def test_settings_belong_to_one_region(cloud: Cloud) -> None:
    cloud.ecr.put_registry_scanning_configuration(**WEB_ON_PUSH)
    cloud.ecr.put_replication_configuration(replicationConfiguration=to_us(cloud))

    elsewhere = cloud.at("us-west-2")
    assert scanning_of(elsewhere) == {"scanType": "BASIC", "rules": []}
    assert elsewhere.ecr.describe_registry()["replicationConfiguration"] == {"rules": []}


def test_a_reset_of_the_emulator_forgets_the_settings(cloud: Cloud) -> None:
    cloud.ecr.put_registry_scanning_configuration(**WEB_ON_PUSH)
    cloud.ecr.put_replication_configuration(replicationConfiguration=to_us(cloud))

    urllib3.request("POST", f"{cloud.endpoint}/_ministack/reset")

    assert scanning_of(cloud) == {"scanType": "BASIC", "rules": []}
    assert cloud.ecr.describe_registry()["replicationConfiguration"] == {"rules": []}


def test_a_reset_of_the_emulator_forgets_everything_else_of_a_registry(cloud: Cloud) -> None:
    cloud.ecr.create_repository_creation_template(prefix="web", appliedFor=["REPLICATION"])
    cloud.ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")
    cloud.ecr.put_replication_configuration(replicationConfiguration=to_us(cloud))
    cloud.ecr.start_replication_backfill(destination={"region": "us-west-2", "registryId": cloud.account})
    kinds.POLICY.put(cloud, "web/*")

    urllib3.request("POST", f"{cloud.endpoint}/_ministack/reset")

    assert cloud.ecr.describe_repository_creation_templates()["repositoryCreationTemplates"] == []
    assert cloud.ecr.get_account_setting(name="BLOB_MOUNTING")["value"] == "DISABLED"
    assert cloud.ecr.list_replication_backfills()["backfills"] == []
    assert kinds.POLICY.live(cloud) == []


# The table of https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html
@pytest.mark.parametrize(
    ("scan_filter", "matching"),
    [
        ("prod", {"prod", "repo-prod", "prod-repo", "repo-prod-repo", "prodrepo"}),
        ("*prod", {"prod", "repo-prod"}),
        ("prod*", {"prod", "prod-repo", "prodrepo"}),
        ("*prod*", {"prod", "repo-prod", "prod-repo", "repo-prod-repo", "prodrepo"}),
        ("prod*repo", {"prod-repo", "prodrepo"}),
    ],
)
def test_a_scanning_filter_reaches_what_the_guide_says(cloud: Cloud, scan_filter: str, matching: set[str]) -> None:
    names = ["prod", "repo-prod", "prod-repo", "repo-prod-repo", "prodrepo"]
    for name in names:
        cloud.ecr.create_repository(repositoryName=name)
    cloud.ecr.put_registry_scanning_configuration(
        scanType="BASIC",
        rules=[
            {
                "scanFrequency": "SCAN_ON_PUSH",
                "repositoryFilters": [{"filter": scan_filter, "filterType": "WILDCARD"}],
            }
        ],
    )

    answer = cloud.ecr.batch_get_repository_scanning_configuration(repositoryNames=names)

    found = {each["repositoryName"]: each["scanFrequency"] for each in answer["scanningConfigurations"]}
    assert found == {name: "SCAN_ON_PUSH" if name in matching else "MANUAL" for name in names}


def test_continuous_scanning_wins_over_scanning_on_push(cloud: Cloud) -> None:
    cloud.ecr.create_repository(repositoryName="web/api")
    everything: Any = {"filter": "*", "filterType": "WILDCARD"}
    web: Any = {"filter": "web/*", "filterType": "WILDCARD"}
    cloud.ecr.put_registry_scanning_configuration(
        scanType="ENHANCED",
        rules=[
            {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [everything]},
            {"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": [web]},
        ],
    )

    answer = cloud.ecr.batch_get_repository_scanning_configuration(repositoryNames=["web/api"])

    (found,) = answer["scanningConfigurations"]
    assert found["scanFrequency"] == "CONTINUOUS_SCAN"
    assert found["appliedScanFilters"] == [web]


def test_the_scanning_of_a_repository_that_is_missing_is_a_failure_of_its_own(cloud: Cloud) -> None:
    answer = cloud.ecr.batch_get_repository_scanning_configuration(repositoryNames=["web/api"])

    assert answer["scanningConfigurations"] == []
    assert [each["failureCode"] for each in answer["failures"]] == ["REPOSITORY_NOT_FOUND"]
