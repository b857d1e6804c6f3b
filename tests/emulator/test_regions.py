"""The regions that are switched on for an account."""

from __future__ import annotations

from dataclasses import replace

from tests.emulator import stacks
from tests.emulator.cloud import Cloud


def test_an_account_has_the_regions_that_need_no_opt_in_and_those_it_uses(cloud: Cloud) -> None:
    opted_in = replace(cloud, region="eu-south-1")

    def on(**asked: object) -> set[str]:
        return {row["RegionName"] for row in cloud.ec2.describe_regions(**asked)["Regions"]}

    everywhere = on()
    assert len(everywhere) == 17
    assert "eu-south-1" not in everywhere
    assert on(RegionNames=["us-west-2", "eu-south-1"]) == {"us-west-2"}
    assert on(RegionNames=["eu-south-1"]) == set()
    assert on(AllRegions=True) > everywhere | {"eu-south-1"}
    stacks.deploy(opted_in, "there", {"Resource": stacks.repository("web/api")})
    assert on() == everywhere | {"eu-south-1"}
