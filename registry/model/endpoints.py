"""VPC endpoints: what the services behind them are called, in each partition, and where ECR keeps image layers."""

from __future__ import annotations

from typing import Final

from registry.naming import partition

ECR: Final = ("ecr.api", "ecr.dkr")
#: Services whose endpoint is made in a VPC only on request, for nodes without a way to the internet.
ALSO: Final = ("sts", "logs")

#: How names of services begin outside `com.amazonaws`, by partition, and the services whose names begin so. For China:
#: https://docs.amazonaws.cn/en_us/vpc/latest/privatelink/aws-services-cross-region-privatelink-support.html
#: The isolated partitions have no public page: tests/registry/model/test_endpoints.py compares all with the CDK's own
#: list.
_PREFIXES: Final = {
    "aws-cn": ("cn.com.amazonaws", (*ECR, "sts")),
    "aws-eusc": ("eu.amazonaws", ECR),
    "aws-iso": ("gov.ic.c2s", ECR),
    "aws-iso-b": ("gov.sgov.sc2s", ECR),
    "aws-iso-e": ("uk.adc-e.cloud", ECR),
    "aws-iso-f": ("gov.ic.hci.csp", ECR),
}

#: Where ECR has FIPS endpoints: https://docs.aws.amazon.com/general/latest/gr/ecr.html
FIPS_REGIONS: Final = ("us-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1", "us-west-1", "us-west-2")
#: The FIPS service of each. In GovCloud every endpoint of STS and of CloudWatch Logs is one.
#: https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
_FIPS: Final = {"ecr.api": "ecr-fips.api", "ecr.dkr": "ecr-fips.dkr", "sts": "sts-fips", "logs": "logs-fips"}


def service_name(service: str, region: str, *, fips: bool = False) -> str:
    """The name EC2 knows an endpoint's service by: of `ecr.api`, `ecr.dkr`, `sts`, `logs` or the gateway `s3`."""
    prefix, services = _PREFIXES.get(partition(region), ("", ()))
    begin = prefix if service in services else "com.amazonaws"
    return f"{begin}.{region}.{_fips(service, region) if fips else service}"


def _fips(service: str, region: str) -> str:
    return service if service in ALSO and partition(region) == "aws-us-gov" else _FIPS.get(service, service)


def layers_arn(region: str) -> str:
    """The objects that are image layers: ECR keeps them in a bucket of its own in each region.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms
    """
    return f"arn:{partition(region)}:s3:::prod-{region}-starport-layer-bucket/*"
