"""Whose pulls ECR does not record, which findings Amazon Inspector hides, and how long it looks at images again.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListPullTimeUpdateExclusions.html
https://docs.aws.amazon.com/inspector/v2/APIReference/API_ListFilters.html
https://docs.aws.amazon.com/inspector/v2/APIReference/API_GetConfiguration.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from ops.drift.kind import Kind, Named, Properties, StackKind, lower_camel, owns_the_registry
from ops.drift.repository_settings import Settings
from ops.drift.writer import Change, Writer
from registry.locations import Location
from registry.model import Registry
from registry.model.accepted_findings import criteria, filter_name, filters_in

_Found = Mapping[str, Callable[[], Settings]]


def _pages(ask: Callable[..., Any], rows: str, **asked: Any) -> Iterator[Any]:
    """The rows of a list that botocore has no paginator for."""
    while True:
        page = ask(**asked)
        yield from page.get(rows, ())
        if not (token := page.get("nextToken")):
            return
        asked["nextToken"] = token


# Recorded pulls


def _excluded(client: Any, registry: Registry, at: Location) -> _Found:
    return dict.fromkeys(_pages(client.list_pull_time_update_exclusions, "pullTimeUpdateExclusions"), dict)


EXCLUSION: Final = StackKind(
    noun="pull-time update exclusion",
    where=owns_the_registry,
    type="AWS::ECR::PullTimeUpdateExclusion",
    identifier="PrincipalArn",
    declared=lambda registry, at: {arn: {} for arn in registry.pull_time_update_exclusions},
    deployed=lambda properties: (properties["PrincipalArn"], {}),
    find=_excluded,
)


# Accepted findings


def _hides(registry: Registry, at: Location) -> bool:
    return bool(filters_in(registry, at))


def _filters_declared(registry: Registry, at: Location) -> Named:
    return {
        filter_name(registry.name, vulnerability): _filter(
            "SUPPRESS", accepted.reason, criteria(accepted, vulnerability, at.account)
        )
        for vulnerability, accepted in filters_in(registry, at).items()
    }


def _filter(action: str, description: str, said: Mapping[str, Any]) -> Settings:
    """Criteria in one order: Inspector keeps none. Times are seconds, as templates have them."""
    rows = {key: sorted((_plain(row) for row in value), key=str) for key, value in sorted(said.items()) if value}
    return {"action": action, "description": description, "criteria": rows}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: int(it.timestamp()) if isinstance(it, datetime) else it for key, it in row.items()}


def _filters(client: Any, registry: Registry, at: Location) -> _Found:
    """Those of the names that the file has: an account has filters of others, too."""
    names = _filters_declared(registry, at).keys()
    return {name: read for name, read in all_filters(client).items() if name in names}


def all_filters(client: Any) -> _Found:
    """Every filter of a location, whoever made it."""
    return {
        row["name"]: partial(_filter, row["action"], row.get("description", ""), row["criteria"])
        for row in _pages(client.list_filters, "filters")
    }


def _filter_deployed(properties: Properties) -> tuple[str, Settings]:
    said = lower_camel(properties["FilterCriteria"])
    return properties["Name"], _filter(properties["FilterAction"], properties["Description"], said)


SUPPRESSION_FILTER: Final = StackKind(
    noun="suppression filter",
    service="inspector2",
    where=_hides,
    type="AWS::InspectorV2::Filter",
    identifier="Arn",
    declared=_filters_declared,
    deployed=_filter_deployed,
    find=_filters,
)


# Account settings of Amazon Inspector

#: By the name in the model what Inspector's API calls it.
INSPECTOR_SETTINGS: Final = {
    "INSPECTOR_RESCAN_DURATION": "rescanDuration",
    "INSPECTOR_PULL_DATE_RESCAN_DURATION": "pullDateRescanDuration",
    "INSPECTOR_PULL_DATE_RESCAN_MODE": "pullDateRescanMode",
}


def _inspector_declared(registry: Registry, at: Location) -> Named:
    return {name: {"value": value} for name, value in registry.account_settings if name in INSPECTOR_SETTINGS}


def _configured(client: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = client.get_configuration().get("ecrConfiguration", {}).get("rescanDurationState", {})
    return found


def _inspector(client: Any, registry: Registry, at: Location) -> _Found:
    said = _configured(client)
    return {name: partial(dict, value=said.get(key)) for name, key in INSPECTOR_SETTINGS.items()}


INSPECTOR_SETTING: Final = Kind(
    noun="Inspector setting",
    service="inspector2",
    where=lambda registry, at: owns_the_registry(registry, at) and bool(_inspector_declared(registry, at)),
    declared=_inspector_declared,
    find=_inspector,
    told=lambda registry, at, name: False,
)


def put_inspector_settings(client: Any, values: Mapping[str, str]) -> None:
    """Put some settings, by their names in the model. One call writes all three, so the others are read and kept.

    https://docs.aws.amazon.com/inspector/v2/APIReference/API_UpdateConfiguration.html
    """
    live = _configured(client)
    wanted = {key: values.get(name) or live.get(key) for name, key in INSPECTOR_SETTINGS.items()}
    client.update_configuration(ecrConfiguration={key: value for key, value in wanted.items() if value})


def _register(client: Any, change: Change) -> None:
    client.register_pull_time_update_exclusion(principalArn=change.name)


def _create_filter(client: Any, change: Change) -> None:
    said = change.wanted
    client.create_filter(
        name=change.name, action=said["action"], description=said["description"], filterCriteria=said["criteria"]
    )


def _update_filter(client: Any, change: Change) -> None:
    arn = next(row["arn"] for row in _pages(client.list_filters, "filters") if row["name"] == change.name)
    said = change.wanted
    client.update_filter(
        filterArn=arn, action=said["action"], description=said["description"], filterCriteria=said["criteria"]
    )


FINDING_WRITERS: Final[Mapping[str, Writer]] = {
    EXCLUSION.noun: Writer(create=_register, update=_register),
    SUPPRESSION_FILTER.noun: Writer(
        create=_create_filter,
        update=_update_filter,
        outside="a filter of this name is in no stack: delete it in Amazon Inspector, and deploy",
    ),
    INSPECTOR_SETTING.noun: Writer(
        create=lambda client, change: put_inspector_settings(client, {change.name: change.wanted["value"]}),
        update=lambda client, change: put_inspector_settings(client, {change.name: change.wanted["value"]}),
    ),
}
