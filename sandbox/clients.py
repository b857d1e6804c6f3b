"""boto3 clients of the sandbox."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from sandbox.environment import ANY_SECRET
from sandbox.place import Place


def client(place: Place, account: str, region: str, service: str = "ecr") -> Any:
    """A boto3 client that speaks to the sandbox as the root of an account, in a region."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        region_name=region,
        endpoint_url=place.endpoint,
        aws_access_key_id=account,
        aws_secret_access_key=ANY_SECRET,
        verify=str(place.authority),
        config=Config(proxies={}, retries={"max_attempts": 1}, connect_timeout=5, s3={"addressing_style": "path"}),
    )
