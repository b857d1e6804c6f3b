"""Account settings, which no CloudFormation type speaks of: compared and put.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutAccountSetting.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ops.aws import cloud
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
    wanted = declared(registry, locations, [ACCOUNT_SETTING])
    found = live(registry, locations, [ACCOUNT_SETTING], wanted).settings
    return [
        SettingDifference(at=thing.at, name=thing.name, wanted=settings["value"], live=found[thing]["value"])
        for thing, settings in wanted.items()
        if found[thing]["value"] != settings["value"]
    ]


def apply(settings: Sequence[SettingDifference]) -> None:
    """Put them, one call each."""
    for each in settings:
        said = cloud.ecr(each.at.region).put_account_setting(name=each.name, value=each.wanted)
        if said["name"] != each.name:  # an answer that does not name it is no word that it was put
            raise cloud.OddAnswer("PutAccountSetting", f"it is about {said['name']}, not of {each.name}")
