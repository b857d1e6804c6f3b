"""Account settings of ECR and Amazon Inspector, which no CloudFormation type speaks of: compared and put.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutAccountSetting.html
https://docs.aws.amazon.com/inspector/v2/APIReference/API_UpdateConfiguration.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ops.aws import cloud
from ops.drift.findings_and_pulls import INSPECTOR_SETTING, INSPECTOR_SETTINGS, put_inspector_settings
from ops.drift.reading import declared, live
from ops.drift.registry_wide import ACCOUNT_SETTING
from registry.locations import Location
from registry.model import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingDifference:
    """A setting that is not as the file says; `live` is None where AWS names no value."""

    at: Location
    name: str
    wanted: str
    live: str | None

    def shown(self, home: Location) -> str:
        """One line for people."""
        return f"{self.name} in {self.at.beside(home)}: {self.live or 'not set'}, but the file declares {self.wanted}"


def differences(registry: Registry, locations: Sequence[Location]) -> list[SettingDifference]:
    """The settings to change at locations of the credentials' account."""
    kinds = [ACCOUNT_SETTING, INSPECTOR_SETTING]
    wanted = declared(registry, locations, kinds)
    asked = [kind for kind in kinds if any(thing.noun == kind.noun for thing in wanted)]
    found = live(registry, locations, asked, wanted).settings
    return [
        SettingDifference(at=thing.at, name=thing.name, wanted=settings["value"], live=found[thing]["value"])
        for thing, settings in wanted.items()
        if found[thing]["value"] != settings["value"]
    ]


def apply(settings: Sequence[SettingDifference]) -> None:
    """Put them: those of ECR one call each, those of Inspector one call a location."""
    of_inspector: dict[Location, dict[str, str]] = {}
    for each in settings:
        if each.name in INSPECTOR_SETTINGS:
            of_inspector.setdefault(each.at, {})[each.name] = each.wanted
    for at, values in of_inspector.items():
        put_inspector_settings(cloud.client("inspector2", at.region), values)
    for each in (it for it in settings if it.name not in INSPECTOR_SETTINGS):
        said = cloud.ecr(each.at.region).put_account_setting(name=each.name, value=each.wanted)
        if said["name"] != each.name:  # an answer that does not name it is no word that it was put
            raise cloud.OddAnswer("PutAccountSetting", f"it is about {said['name']}, not of {each.name}")
