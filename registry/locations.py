"""Where a registry is: an account and a region, for which AWS keeps one private registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.limits import LOCATION


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """An account (12 digits) and a region.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
    """

    account: str
    region: str

    def __str__(self) -> str:
        """`ACCOUNT/REGION`, as in stack paths and in the file."""
        return f"{self.account}/{self.region}"

    def beside(self, home: Location) -> str:
        """How a file writes it whose home is `home`: the region alone in the same account."""
        return self.region if self.account == home.account else str(self)


def value_at(values: Mapping[str, str], at: Location) -> str | None:
    """The value of a location in a map from `ACCOUNT/REGION`, a region, or `*` (all others); None where it has none."""
    return values.get(str(at), values.get(at.region, values.get("*")))


def located(written: str, account: str) -> Location:
    """The location a file means by `REGION`, in `account`, or by `ACCOUNT/REGION`. Total, as resolve.py is."""
    head, slash, region = written.partition("/")
    return Location(head, region) if slash and LOCATION.fullmatch(written) else Location(account, written)
