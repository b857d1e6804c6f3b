"""`python -m benchmarks.images`: the images of every repository, many calls at a time, and the memory it takes.

The time is that of 1,000 repositories against the same code with one call at a time, in the same run; the memory is
that of `ecrctl repositories --sizes` as a process, for 10,000 repositories. The local ECR takes 20 ms a call, and has
100 images in each repository. Exit code 1 only where the two do not read the same.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.drift import AT, SECONDS_A_CALL
from benchmarks.process import run
from benchmarks.slow_ecr import serving
from ops.aws import parallel, processes
from ops.images.holdings import Holding, holdings
from registry.load import check_sources
from registry.model import Registry
from registry.reading.yaml_reader import parse

BAR: Final = 8.0
MEMORY_BAR: Final = 500_000_000
RUNS: Final = 5  # of the short one: one second of somebody else's work on the machine is a third of it
IMAGES: Final = 100  # in each repository
_HOME: Final = f'registry: {{name: acme, account: "{AT.account}", region: {AT.region}}}\nrepositories: {{web/x: }}\n'


def main() -> int:
    """Read twice, and once as a process; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.images", description="Listing images of repositories.")
    parser.add_argument("--repositories", type=int, default=1_000, metavar="N", help="for the time (default: 1000)")
    parser.add_argument("--many", type=int, default=10_000, metavar="N", help="for the memory (default: 10000)")
    asked = parser.parse_args()
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    with serving(_plan(asked.repositories)):
        runs = [_timed() for _ in range(RUNS)]
        parallel.WORKERS = processes.AT_ONCE = 1  # type: ignore[misc]
        one_by_one, in_turn = _timed()
    print(f"{asked.repositories:,} repositories with {IMAGES} images each, 20 ms a call ({machine})")
    print(f"  one call after the other          {one_by_one:7.2f} s")
    times = sorted(seconds for seconds, _ in runs)
    together = statistics.median(times)
    print(f"  many calls at a time             {together:7.2f} s   {one_by_one / together:.1f} x  bar {BAR}")
    print(f"    (the median of {RUNS}: {times[0]:.2f} to {times[-1]:.2f} s)")
    with serving(_plan(asked.many)), tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "registry.yaml"
        file.write_text(_HOME, encoding="utf-8")
        command = [sys.executable, "-m", "ops", "repositories", "--sizes", "--json", "--registry", str(file)]
        taken = run(command, Path(folder), os.environ)
    print(f"`ecrctl repositories --sizes` of {asked.many:,} repositories")
    print(f"  {taken.seconds:.0f} s, memory {taken.memory / 1e6:.0f} MB  bar {MEMORY_BAR / 1e6:.0f} MB")
    if any(at_once != in_turn for _, at_once in runs):
        print("they did not read the same", file=sys.stderr)
        return 1
    return 0


def _timed() -> tuple[float, list[Holding]]:
    began = time.perf_counter()
    found = holdings(_registry(), AT, usage=True)
    return time.perf_counter() - began, found


def _registry() -> Registry:
    outcome = check_sources(parse(_HOME.encode(), "x"))
    assert outcome.registry is not None, "\n".join(map(str, outcome.findings))
    return outcome.registry


def _plan(count: int) -> dict[str, Any]:
    """So many repositories, all with the same images."""
    return {
        "seconds": SECONDS_A_CALL,
        "throttle_every": 0,
        "rows": [
            {
                "repositoryName": f"web/service-{number}",
                "repositoryUri": f"{AT.account}.dkr.ecr.{AT.region}.amazonaws.com/web/service-{number}",
                "createdAt": 1.7e9,
                "imageTagMutability": "IMMUTABLE",
                "imageScanningConfiguration": {"scanOnPush": True},
                "encryptionConfiguration": {"encryptionType": "AES256"},
            }
            for number in range(count)
        ],
        "answers": {
            "describeimages": {
                "imageDetails": [
                    {
                        "registryId": AT.account,
                        "repositoryName": "web/service",
                        "imageDigest": f"sha256:{number:064}",
                        "imageTags": [f"v1.2.{number}", f"build-{number}"],
                        "imageSizeInBytes": 50_000_000 + number,
                        "imagePushedAt": 1.75e9 + number,
                        "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
                        "artifactMediaType": "application/vnd.oci.image.config.v1+json",
                        "lastRecordedPullTime": 1.76e9 + number,
                        "imageStatus": "ACTIVE",
                    }
                    for number in range(IMAGES)
                ]
            }
        },
    }


if __name__ == "__main__":
    sys.exit(main())
