"""A week of metrics of a company, an hour each: people work by day, images grow and expire. Always the same."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

from tests.cloudwatch import CloudWatch

HOURS = 168
#: How often an action is called for one pull, about.
CALLS = {
    "GetAuthorizationToken": 0.4,
    "BatchGetImage": 2,
    "GetDownloadUrlForLayer": 6,
    "BatchCheckLayerAvailability": 1.5,
    "PutImage": 0.012,
    "InitiateLayerUpload": 0.3,
    "UploadLayerPart": 0.6,
    "CompleteLayerUpload": 0.3,
}


def company(repositories: Sequence[str], region: str, *, cached: Sequence[str] = (), klass: bool = True) -> CloudWatch:
    """The metrics of a region with these repositories.

    :param cached: those that no file declares.
    :param klass: metrics of AWS/Usage have the dimension Class.
    """
    found = CloudWatch()
    more = {"Class": "None"} if klass else {}
    in_all = [0.0] * HOURS
    for name in (*repositories, *cached):
        size = 3 + 400 * _share(region, name) ** 4
        pulls = [round(size * _day(hour) * (0.7 + 0.6 * _share(name, str(hour)))) for hour in range(HOURS)]
        in_all = [before + one for before, one in zip(in_all, pulls, strict=True)]
        found.put("AWS/ECR", "RepositoryPullCount", [it or None for it in pulls], RepositoryName=name)
        images = 40 + 9_000 * _share("images", name) ** 6
        growth = images * 0.002 * _share("growth", name)
        found.put(
            "AWS/Usage", "ResourceCount", [round(images + growth * (hour % 96)) for hour in range(HOURS)],
            Service="ECR", Type="RESOURCE", Resource="ImagesPerRepositoryCount",
            ResourceId=f"repository/{name}", **more,
        )  # fmt: skip
    found.put(
        "AWS/Usage", "ResourceCount", [len(repositories) + len(cached)] * HOURS,
        Service="ECR", Type="RESOURCE", Resource="RepositoryCount", **more,
    )  # fmt: skip
    for action, share in CALLS.items():
        found.put(
            "AWS/Usage", "CallCount", [round(one * share * 20) for one in in_all],
            Service="ECR", Type="API", Resource=action, **more,
        )  # fmt: skip
    return found


def _share(*words: str) -> float:
    return int.from_bytes(hashlib.sha256(" ".join(words).encode()).digest()[:4]) / 2**32


def _day(hour: int) -> float:
    """Little at night, less on a weekend."""
    weekend = 0.35 if hour // 24 in (1, 2) else 1
    return weekend * (0.25 + 0.75 * max(0, math.sin((hour % 24 - 6) / 12 * math.pi)))
