"""`python -m benchmarks.lifecycle`: how long a simulation takes, and how its memory grows with the images.

Whole processes, as users start them: `ecrctl lifecycle simulate --json` on what `aws ecr describe-images` prints,
indented as it prints it, with every field it has. The bar is for a million images, ten times ECR's default quota.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from benchmarks.process import Run, RunFailed, run

BAR: Final = 10.0  # seconds for a million images
ROOT: Final = Path(__file__).resolve().parent.parent
NOW: Final = datetime(2026, 11, 1, tzinfo=UTC)


def main() -> int:
    """Measure every size that the command line asks for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lifecycle", description="How fast a simulation is.")
    parser.add_argument("--images", type=int, nargs="+", default=[250_000, 500_000, 1_000_000], metavar="N")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="counted runs of each size (default: 3)")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    print(f"{'images':>12} {'file':>8} {'median':>8} {'min':>8} {'max':>8} {'memory':>9} {'an image':>9}")
    for count in arguments.images:
        with tempfile.TemporaryDirectory(prefix="ecr-bench-") as folder:
            try:
                runs, size = measured(Path(folder), count, arguments.runs)
            except RunFailed as problem:
                print(f"a run failed: {problem}", file=sys.stderr)
                return 1
        seconds, memory = [each.seconds for each in runs], max(each.memory for each in runs)
        bar = f"  bar {BAR:.0f} s" if count >= 1_000_000 else ""
        print(
            f"{count:12,} {size / 1e6:5.0f} MB {statistics.median(seconds):6.2f} s {min(seconds):6.2f} s "
            f"{max(seconds):6.2f} s {memory / 1e6:6.0f} MB {memory / count:7.0f} B{bar}",
            flush=True,
        )
    return 0


def measured(folder: Path, count: int, runs: int) -> tuple[list[Run], int]:
    """The runs of one size, after one that warms up, and the bytes of the inventory."""
    inventory, policy = folder / "images.json", folder / "policy.json"
    write(inventory, count)
    policy.write_text(json.dumps({"rules": RULES}), encoding="utf-8")
    command = [
        *(sys.executable, "-m", "ops", "lifecycle", "simulate", "--policy", str(policy), "--images", str(inventory)),
        *("--now", NOW.isoformat(), "--json"),
    ]
    found = [run(command, folder, os.environ) for _ in range(runs + 1)]
    return found[1:], inventory.stat().st_size


def write(file: Path, count: int) -> None:
    """Images as `aws ecr describe-images` prints them: two thirds with two tags, the others without."""
    chance = random.Random(1)  # noqa: S311
    with file.open("w", encoding="utf-8") as stream:
        stream.write('{\n    "imageDetails": [')
        for number in range(count):
            text = json.dumps(_image(number, chance), indent=4).replace("\n", "\n        ")
            stream.write(f"{',' if number else ''}\n        {text}")
        stream.write("\n    ]\n}\n")


def _image(number: int, chance: random.Random) -> dict[str, Any]:
    pushed = NOW - timedelta(seconds=chance.randrange(30_000_000))
    tags = {"imageTags": [f"v1.{number}", f"sha-{chance.getrandbits(28):07x}"]} if number % 3 else {}
    return {
        "registryId": "123456789012",
        "repositoryName": "web/api",
        "imageDigest": f"sha256:{chance.getrandbits(256):064x}",
        **tags,
        "imageSizeInBytes": chance.randrange(10**8),
        "imagePushedAt": pushed.isoformat(),
        "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactMediaType": "application/vnd.oci.image.config.v1+json",
        "lastRecordedPullTime": (NOW - timedelta(seconds=chance.randrange(6_000_000))).isoformat(),
        "imageStatus": "ACTIVE",
    }


def _rule(selection: dict[str, Any], number: int, count_type: str = "sinceImagePushed") -> dict[str, Any]:
    unit = {} if count_type == "imageCountMoreThan" else {"countUnit": "days"}
    archives = count_type == "sinceImagePulled"
    return {
        "selection": {**selection, "countType": count_type, "countNumber": number, **unit},
        "action": {"type": "transition", "targetStorageClass": "archive"} if archives else {"type": "expire"},
    }


def _tagged(*patterns: str) -> dict[str, Any]:
    return {"tagStatus": "tagged", "tagPatternList": list(patterns)}


RULES: Final = [
    {"rulePriority": priority, **rule}
    for priority, rule in enumerate(
        [
            _rule(_tagged("v1.9*"), 1_000_000, "imageCountMoreThan"),
            _rule(_tagged("sha-*a"), 50, "imageCountMoreThan"),
            _rule(_tagged("sha-*b*c*"), 50),
            _rule(_tagged("v1.*", "*-rc"), 5),
            _rule({"tagStatus": "untagged"}, 50),
            _rule({"tagStatus": "any"}, 30, "sinceImagePulled"),
        ],
        start=1,
    )
]

if __name__ == "__main__":
    sys.exit(main())
