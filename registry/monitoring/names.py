"""Names in CloudWatch: injective, and a contract, as those of registry/naming.py are."""

from __future__ import annotations

import hashlib
from typing import Final

from registry import naming
from registry.locations import Location

#: Characters of a namespace or a repository in a name; with a registry's 32 it stays within the 255 of CloudWatch.
_LONGEST: Final = 180


def dashboard_name(registry: str, namespace: str | None = None, region: str | None = None) -> str:
    """Name of a namespace's dashboard, or of the one of the whole registry: `acme-ECR-web`, `acme-ECR`.

    CloudWatch keeps dashboards once in an account, for all regions, so that the name holds all that tells two apart;
    names of registries have no capitals. It knows letters, digits, `-` and `_`: D stands for `.`. `region` is that of
    the stack where it is not the home's: a dashboard that moves to the stack of another region gets another name, or
    the old stack would delete what the new one has made.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
    """
    word = "" if namespace is None else "-" + _shortened(namespace.replace(".", "D"), namespace)
    return f"{registry}-ECR{word}" + ("" if region is None else f"-IN-{region}")


def alarm_name(registry: str, kind: str, of: str = "") -> str:
    """Name of an alarm: `acme-ecr-images`, `acme-ecr-no-pulls-web/api`; unique in a region of an account."""
    return f"{naming.watch_prefix(registry)}{kind}" + (f"-{_shortened(of, of)}" if of else "")


def _shortened(word: str, name: str) -> str:
    if len(word) <= _LONGEST:
        return word
    return f"{word[: _LONGEST - 17]}H{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def dashboard_arn(location: Location, dashboard: str) -> str:
    """ARN of a CloudWatch dashboard, which has no region; `*` is allowed at the end of the name in a policy."""
    return f"arn:{naming.partition(location.region)}:cloudwatch::{location.account}:dashboard/{dashboard}"
