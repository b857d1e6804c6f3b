"""The regions that are known here, against botocore's."""

from __future__ import annotations

import botocore.session
import pytest

from registry.limits import REGION
from registry.regions import REGIONS, nearest_to


def test_the_table_is_what_botocore_lists() -> None:
    session = botocore.session.Session()
    listed = {
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("ecr", partition)
    }
    assert sorted(REGIONS) == sorted(listed), "write botocore's regions into registry/regions.py"
    assert all(REGION.fullmatch(region) for region in REGIONS)


@pytest.mark.parametrize(
    ("given", "meant"),
    [("ap-northest-2", "ap-northeast-2"), ("us-wst-2", "us-west-2"), ("eu-centrall-1", "eu-central-1")],
)
def test_a_slip_is_taken_for_the_region_it_is_nearest_to(given: str, meant: str) -> None:
    assert nearest_to(given) == f"did you mean {meant}?"


def test_a_known_region_is_not_questioned() -> None:
    assert {nearest_to(region) for region in REGIONS} == {""}
