"""`python -m benchmarks.drift`: reading a registry many calls at a time, against one call after the other.

The other way is the same code with one worker, in the same run, against the same local ECR that takes 20 ms a call.
Exit code 1 only where the two do not read the same, or a throttled call is lost.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks.slow_ecr import serving
from ops.aws import parallel
from ops.drift.kinds import KINDS
from ops.drift.reading import Live, declared, live
from registry.load import check_sources
from registry.locations import Location
from registry.model import Registry
from registry.reading.yaml_reader import parse

ROOT: Final = Path(__file__).resolve().parent.parent
AT: Final = Location("123456789012", "ap-northeast-2")
SECONDS_A_CALL: Final = 0.02
BAR: Final = 8.0
WORKERS: Final = parallel.WORKERS


def main() -> int:
    """Read twice, once more with throttling, and print the ratio; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drift", description="Reading many calls at a time.")
    parser.add_argument("--repositories", type=int, default=1_000, metavar="N", help="how many (default: 1000)")
    count = parser.parse_args().repositories
    registry = _registry(count)
    with slow_ecr(registry, throttle_every=0):
        together, at_once = _timed(registry, WORKERS)
        one_by_one, in_turn = _timed(registry, 1)
    with slow_ecr(registry, throttle_every=50):
        throttled, with_retries = _timed(registry, WORKERS)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    print(f"{count:,} repositories, 20 ms a call ({machine})")
    print(f"  one call after the other          {one_by_one:7.2f} s")
    print(f"  {WORKERS} calls at a time               {together:7.2f} s   {one_by_one / together:.1f} x  bar {BAR}")
    print(f"  the same, 1 in 50 calls throttled {throttled:7.2f} s")
    if not at_once == in_turn == with_retries:
        print("they did not read the same", file=sys.stderr)
        return 1
    return 0


def _registry(count: int) -> Registry:
    names = "\n".join(f"  web/service-{number}:" for number in range(count))
    home = f'registry: {{name: acme, account: "{AT.account}", region: {AT.region}}}'
    outcome = check_sources(
        parse(f"{home}\nnamespaces: {{web: {{shards: {count // 200 + 1}}}}}\nrepositories:\n{names}\n".encode(), "x")
    )
    assert outcome.registry is not None, "\n".join(map(str, outcome.findings))
    return outcome.registry


def _timed(registry: Registry, workers: int) -> tuple[float, Live]:
    parallel.WORKERS = workers  # type: ignore[misc]
    kinds = [kind for kind in KINDS if kind.service == "ecr"]
    wanted = declared(registry, [AT], kinds)
    began = time.perf_counter()
    found = live(registry, [AT], kinds, wanted)
    return time.perf_counter() - began, found


@contextmanager
def slow_ecr(registry: Registry, *, throttle_every: int) -> Iterator[None]:
    """A slow ECR that has what the registry declares, and boto3 pointed at it."""
    lifecycle = registry.repositories[0].lifecycle
    plan: dict[str, Any] = {
        "seconds": SECONDS_A_CALL,
        "throttle_every": throttle_every,
        "rows": [
            {
                "repositoryName": repository.name,
                "repositoryArn": f"arn:aws:ecr:{AT.region}:{AT.account}:repository/{repository.name}",
                "imageTagMutability": "IMMUTABLE",
                "imageScanningConfiguration": {"scanOnPush": True},
                "encryptionConfiguration": {"encryptionType": "AES256"},
            }
            for repository in registry.repositories
        ],
        "answers": {
            "getlifecyclepolicy": {"lifecyclePolicyText": lifecycle.text if lifecycle else "{}"},
            "getrepositorypolicy": {"policyText": '{"Version": "2012-10-17", "Statement": []}'},
            "getregistryscanningconfiguration": {"scanningConfiguration": {"scanType": "BASIC", "rules": []}},
            "describeregistry": {"replicationConfiguration": {"rules": []}},
            "getregistrypolicy": {"policyText": '{"Version": "2012-10-17", "Statement": []}'},
            "getsigningconfiguration": {"signingConfiguration": {"rules": []}},
        },
    }
    with serving(plan):
        yield


if __name__ == "__main__":
    sys.exit(main())
