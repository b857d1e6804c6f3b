"""What a private network is once the file has been read: ids and switches, every default filled in, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from registry import naming
from registry.locations import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A VPC that exists (`vpc`, its id) or is made for a trial (`trial`, its name), and its endpoints.

    `services` are the interface endpoints made in it, `existing` those of ECR that others own; the words are those of
    registry/model/endpoints.py. `cidrs` are where callers come from; of a trial's VPC its own
    addresses. `organization` is the one whose members may all pass; None lets through principals only.
    """

    account: str
    region: str
    vpc: str | None
    trial: str | None
    cidrs: tuple[str, ...]
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]
    route_tables: tuple[str, ...]
    services: tuple[str, ...]
    existing: tuple[str, ...]
    s3: Literal["existing", "gateway"]
    fips: bool
    dual_stack: bool
    organization: str | None
    pull_from: tuple[str, ...]
    pull_through_cache: bool

    @property
    def name(self) -> str:
        """What people call it: the VPC's id, or the name of the trial."""
        return self.vpc or f"trial {self.trial}"

    @property
    def location(self) -> Location:
        """Where its stack is."""
        return Location(self.account, self.region)

    @property
    def construct_id(self) -> str:
        """The construct id of its stack."""
        return naming.network_unit(self.vpc, self.trial)

    @property
    def makes_something(self) -> bool:
        """Whether there is anything to deploy: not where others own every endpoint."""
        return bool(self.trial or self.services or self.s3 == "gateway")
