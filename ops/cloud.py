"""boto3 clients from the usual AWS environment, and its failures as messages for people."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ops.many import WORKERS
from registry.errors import RegistryError
from registry.findings import listed
from registry.locations import Location
from registry.model import Registry

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_ecr import ECRClient

_RETRIES = Config(retries={"mode": "standard", "max_attempts": 8}, max_pool_connections=WORKERS)

#: How services that are not AWS's, a local one for example, say that they do not know an operation.
UNKNOWN_OPERATION: Final = frozenset({"InvalidAction", "UnknownOperationException", "NotImplemented", "501"})


class CloudError(RegistryError):
    """AWS refused a call, or could not be reached."""


def ecr(region: str) -> ECRClient:
    """ECR in a region, with the credentials, profile and endpoint of the environment."""
    return boto3.client("ecr", region_name=region, config=_RETRIES)


def cloudformation(region: str) -> CloudFormationClient:
    """CloudFormation in a region."""
    return boto3.client("cloudformation", region_name=region, config=_RETRIES)


def client(service: str, region: str) -> Any:
    """Any other service in a region."""
    return boto3.client(service, region_name=region, config=_RETRIES)  # type: ignore[call-overload]


def caller(region: str) -> str:
    """The account of the credentials; `region` is one of the file's: those of one partition are nobody in another."""
    return str(boto3.client("sts", region_name=region, config=_RETRIES).get_caller_identity()["Account"])


def own_account(registry: Registry) -> str:
    """The account of the credentials, which must be one of the registry's: stop before anything is touched.

    A command does its part there; each other account of the registry takes credentials of its own.
    """
    account = caller(registry.region)
    if account not in registry.deployed_accounts:
        raise CloudError(
            f"the credentials belong to the account {account}, "
            f"and the file speaks of {listed(registry.deployed_accounts)}\n"
            "    way out: choose the profile or the role of that account, for example with AWS_PROFILE"
        )
    return account


def own_locations(registry: Registry) -> tuple[Location, ...]:
    """The locations of a registry in the account of the credentials, replicas first as in every deploy."""
    account = own_account(registry)
    replicas = (replica.location for replica in registry.replicas)
    return tuple(location for location in (*replicas, registry.home) if location.account == account)


@contextlib.contextmanager
def speaking_for_aws() -> Iterator[None]:
    """Turn botocore's exceptions into one message each."""
    try:
        yield
    except ClientError as problem:
        error = problem.response.get("Error", {})
        raise CloudError(
            f"AWS refused {problem.operation_name}: {error.get('Message', '')} ({error.get('Code', 'no code')})"
        ) from problem
    except BotoCoreError as problem:
        raise CloudError(
            f"AWS cannot be asked: {problem}\n"
            "    way out: check credentials, region and network, for example with `aws sts get-caller-identity`"
        ) from problem
