"""How long a call is waited for, and how often it is tried."""

from __future__ import annotations

import platform
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ConnectionError, HTTPClientError

from ops.aws.parallel import WORKERS
from ops.terminal import warn

#: Seconds. Two attempts of both are well under a minute: a connection that is dead is not waited for.
CONNECT_TIMEOUT: Final = 4
READ_TIMEOUT: Final = 15
#: Calls that were throttled are tried so often, with pauses of up to 20 seconds.
ATTEMPTS: Final = 8
#: And those that got no answer: the network is there at the second attempt, or it is not there.
_CONNECTIONS: Final = 2
# Not botocore's adaptive mode: after one throttled call it slows all calls of the client. With 1 of 50 throttled,
# `python -m benchmarks.drift --repositories 200` took 20.9 s with it and 3.2 s without.
CONFIG: Final = Config(
    retries={"mode": "standard", "max_attempts": ATTEMPTS},
    max_pool_connections=WORKERS,
    connect_timeout=CONNECT_TIMEOUT,
    read_timeout=READ_TIMEOUT,
    # CloudTrail shows it: whose calls these were. botocore makes its own anew for each call, twice.
    user_agent=f"ecrctl Boto3/{boto3.__version__} Python/{platform.python_version()}",
)


def give_up(attempts: int, caught_exception: Exception | None, operation: Any, **_: Any) -> None:
    """Say what is being waited for, and end it where the network does not answer twice: see _CONNECTIONS.

    botocore counts attempts at connections like those that were throttled, and would go on for minutes.
    """
    if isinstance(caught_exception, ConnectionError | HTTPClientError):
        if attempts >= _CONNECTIONS:
            raise caught_exception
        service = operation.service_model.service_name
        warn(f"waiting for {service} ({operation.name}): {caught_exception}; trying once more")
