"""Vulnerabilities that somebody accepted, as the filters by which Amazon Inspector hides them.

https://docs.aws.amazon.com/inspector/v2/APIReference/API_CreateFilter.html
https://docs.aws.amazon.com/inspector/latest/user/findings-managing-supression-rules.html
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from registry.locations import Location
from registry.model.registry import Registry
from registry.naming import partition
from registry.shape import AcceptedFindingShape


def filters_in(registry: Registry, at: Location) -> dict[str, AcceptedFindingShape]:
    """The acceptances that Amazon Inspector gets a filter for at a location, by vulnerability; none unless it is asked.

    Those that are over stay: a filter ends by itself, and templates do not depend on the day on which they are made.
    """
    if not registry.manages_registry or at not in registry.locations or not registry.scanning.suppression_filters:
        return {}
    return dict(registry.accepted_findings)


def filter_name(registry: str, vulnerability: str) -> str:
    """Name of a filter; an account has a name once in a region."""
    return f"{registry}-{vulnerability}"


def filter_arn(at: Location, filter_id: str) -> str:
    """ARN of a filter by the id that Inspector gives it; `*` is every filter of the location in a policy."""
    owner = f"{at.region}:{at.account}:owner/{at.account}"
    return f"arn:{partition(at.region)}:inspector2:{owner}/filter/{filter_id}"


def criteria(accepted: AcceptedFindingShape, vulnerability: str, account: str) -> dict[str, Any]:
    """Which findings a filter hides, in the words of Inspector's API: those of this account, until the day ends (UTC).

    A finding that is observed after that day matches no more, so the filter ends without a deploy.
    """
    end = datetime.combine(accepted.last_day or date.min, time.min, UTC) + timedelta(days=1, seconds=-1)
    return {
        "awsAccountId": [_equals(account)],
        "vulnerabilityId": [_equals(vulnerability)],
        "ecrImageRepositoryName": [_named(each) for each in accepted.repositories],
        "lastObservedAt": [{"endInclusive": int(end.timestamp())}],
    }


def _equals(value: str) -> dict[str, str]:
    return {"comparison": "EQUALS", "value": value}


def _named(repository: str) -> dict[str, str]:
    if repository.endswith("/*"):
        return {"comparison": "PREFIX", "value": repository[:-1]}
    return _equals(repository)
