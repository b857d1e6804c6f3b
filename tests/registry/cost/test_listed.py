"""Lists of images: two bounds, as a list says nothing of layers; and the same when a lifecycle has run."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.cost.listed import after_lifecycle, unfinished, usage_of
from registry.errors import InvalidFile
from registry.lifecycle import inventory
from registry.lifecycle.inventory import Inventory
from registry.usage.totals import Bytes
from tests.registry.cost.worked import registry_of
from tests.synth import SMALL

INDEX = "application/vnd.oci.image.index.v1+json"
NOW = datetime(2026, 11, 26, tzinfo=UTC).timestamp()
TEXT = f"""{SMALL}
lifecycles:
  short: [{{expire: {{untagged: true, after_days: 10}}}}, {{archive: {{tagged: "old-*", after_days: 10}}}}]
repositories: {{web/api: {{owner: team-web, lifecycle: short}}, web/own: {{}}}}
"""


def images(*rows: dict[str, Any]) -> Inventory:
    every = [
        {"repositoryName": "web/api", "imageDigest": f"sha256:{n}", "imagePushedAt": "2026-11-01T00:00:00+00:00"} | row
        for n, row in enumerate(rows)
    ]
    return inventory.read(json.dumps({"imageDetails": every}).encode(), "images.json")


def test_images_take_between_the_largest_and_the_sum() -> None:
    found = usage_of(
        registry_of(TEXT),
        images(
            {"imageSizeInBytes": 10},
            {"imageSizeInBytes": 7, "imagePushedAt": "2026-10-31T23:00:00-05:00"},
            {"imageSizeInBytes": 10, "imageManifestMediaType": INDEX},  # as large as its largest image, which is listed
            {"imageSizeInBytes": 4, "imageStatus": "ARCHIVED"},
            {},  # ECR has no size of some artifacts
        ),
        "web/api",
    )
    assert (found.standard, found.archive) == (Bytes(10, 17), Bytes(4, 4))
    assert (found.owner, found.images, found.archived_images) == ("team-web", 5, 1)
    assert found.pushed_images == {"2026-11": 4}  # 23:00 five hours west of Greenwich is November there
    assert found.pushed == {"2026-11": Bytes(0, 21)}


@given(st.lists(st.integers(0, 10**12), max_size=20))
def test_the_bounds_hold_whatever_the_sizes(sizes: list[int]) -> None:
    found = usage_of(registry_of(TEXT), images(*({"imageSizeInBytes": size} for size in sizes)), "web/api")
    assert found.standard.low <= found.standard.high == sum(sizes)


def test_a_lifecycle_takes_images_and_moves_others_to_the_archive() -> None:
    listed = images(
        {"imageSizeInBytes": 10, "imageTags": ["v1"]},
        {"imageSizeInBytes": 7},
        {"imageSizeInBytes": 4, "imageTags": ["old-1"]},
    )
    found = after_lifecycle(registry_of(TEXT), listed, "web/api", NOW)
    assert (found.standard, found.archive) == (Bytes(10, 10), Bytes(4, 4))
    assert usage_of(registry_of(TEXT), listed, "web/api").standard == Bytes(10, 21)


def test_without_a_lifecycle_of_its_own_nothing_goes() -> None:
    listed = images({"imageSizeInBytes": 10, "imageTags": ["v1"]})
    assert after_lifecycle(registry_of(TEXT), listed, "not/declared", NOW).standard == Bytes(10, 10)


@pytest.mark.parametrize("size", [-1, "5", 1.5, True, 10**15 + 1, 10**400])
def test_a_size_that_is_none_is_refused_with_its_line(size: object) -> None:
    with pytest.raises(InvalidFile, match="imageSizeInBytes: this is no size"):
        images({"imageSizeInBytes": size})


def archived(day: str | None, size: int = 2**30) -> dict[str, Any]:
    said = {"imageSizeInBytes": size, "imageStatus": "ARCHIVED"}
    return {**said, **({"lastArchivedAt": f"{day}T00:00:00+00:00"} if day else {})}


def test_what_is_not_ninety_days_in_the_archive_has_a_rest() -> None:
    """Thirty days of 1 GB are a GB-month; of an image of which nobody says since when, all ninety may be left."""
    found = images(archived("2026-09-27"), archived("2026-08-28"), archived(None, 2**31), {"imageSizeInBytes": 5})
    number, rest = unfinished(registry_of(TEXT), found, "web/own", NOW, after=False)
    assert number == 2
    assert (rest.low, rest.high) == (Decimal(6), Decimal(7))


def test_what_a_lifecycle_would_archive_has_all_of_it_left() -> None:
    found = images({"imageSizeInBytes": 2**30, "imageTags": ["old-1"]}, {"imageSizeInBytes": 7, "imageTags": ["new"]})
    assert unfinished(registry_of(TEXT), found, "web/api", NOW, after=False)[0] == 0
    number, rest = unfinished(registry_of(TEXT), found, "web/api", NOW, after=True)
    assert (number, rest.low, rest.high) == (1, Decimal(3), Decimal(3))
