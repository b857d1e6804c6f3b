"""Names of services behind VPC endpoints, against the CDK's own list."""

from __future__ import annotations

import json
from pathlib import Path

import aws_cdk as cdk
import botocore
import pytest
from aws_cdk import aws_ec2 as ec2

from registry.model.endpoints import FIPS_REGIONS, layers_arn, service_name

REGIONS = (
    "ap-northeast-2", "us-east-1", "us-gov-west-1", "cn-north-1", "cn-northwest-1", "us-iso-east-1", "us-isob-east-1",
    "us-isof-south-1", "eu-isoe-west-1", "eusc-de-east-1",
)  # fmt: skip
SERVICES = ("ecr.api", "ecr.dkr", "sts", "logs")


@pytest.mark.parametrize("region", REGIONS)
def test_a_service_is_called_as_the_cdk_calls_it(region: str) -> None:
    stack = cdk.Stack(cdk.App(), "It", env=cdk.Environment(account="123456789012", region=region))
    said = {name: stack.resolve(ec2.InterfaceVpcEndpointAwsService(name).name) for name in SERVICES}
    assert {name: service_name(name, region) for name in SERVICES} == said


def test_the_gateway_to_s3_has_the_same_name_in_every_partition() -> None:
    assert service_name("s3", "ap-northeast-2") == "com.amazonaws.ap-northeast-2.s3"
    assert service_name("s3", "cn-north-1") == "com.amazonaws.cn-north-1.s3"


@pytest.mark.parametrize(
    ("region", "names"),
    [
        ("us-east-1", ["ecr-fips.api", "ecr-fips.dkr", "sts-fips", "logs-fips"]),
        ("us-gov-west-1", ["ecr-fips.api", "ecr-fips.dkr", "sts", "logs"]),
    ],
)
def test_fips_services_have_names_of_their_own_but_where_every_endpoint_is_one(region: str, names: list[str]) -> None:
    said = [service_name(service, region, fips=True) for service in SERVICES]
    assert said == [f"com.amazonaws.{region}.{name}" for name in names]


def test_fips_is_where_botocore_knows_fips_endpoints_of_ecr() -> None:
    known = json.loads((Path(botocore.__file__).parent / "data" / "endpoints.json").read_text())["partitions"]
    found = {
        region
        for partition in known
        for region, endpoint in partition["services"].get("api.ecr", {"endpoints": {}})["endpoints"].items()
        if region in partition["regions"] and any("fips" in v["tags"] for v in endpoint.get("variants", ()))
    }
    assert set(FIPS_REGIONS) == found


@pytest.mark.parametrize(("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn")])
def test_layers_are_in_a_bucket_of_the_region(region: str, partition: str) -> None:
    assert layers_arn(region) == f"arn:{partition}:s3:::prod-{region}-starport-layer-bucket/*"
