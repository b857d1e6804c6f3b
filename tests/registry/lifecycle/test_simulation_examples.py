"""AWS's worked examples, as the user guide explains them.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_examples.html
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.registry.lifecycle.simulated import acted, archived, image, keep, older, run, unpulled

Map = dict[str, Any]

BETA_AND_PROD = [
    image("A", "beta-1", "prod-1", pushed=10),
    image("B", "beta-2", "prod-2", pushed=9),
    image("C", "beta-3", pushed=8),
]
ALPHA_AND_BETA = [
    image("A", "alpha-1", pushed=12),
    image("B", "beta-1", pushed=11),
    image("C", "alpha-2", "beta-2", pushed=10),
    image("D", "alpha-3", pushed=4),
    image("E", "beta-3", pushed=3),
    image("F", "alpha-4", "beta-4", pushed=2),
]
NOT_EXCLUSIVE = [
    image("A", "alpha-1", "beta-1", "gamma-1", pushed=10),
    image("B", "alpha-2", "beta-2", pushed=9),
    image("C", "alpha-3", "beta-3", "gamma-2", pushed=8),
]
ALL_IMAGES = [
    image("A", "alpha-1", pushed=4),
    image("B", "beta-1", pushed=3),
    image("C", pushed=2),
    image("D", "alpha-2", pushed=1),
]
ALL_RULE_TYPES = [
    image("A", "alpha-1", "beta-1", pushed=4),
    image("B", pushed=3),
    image("C", "alpha-2", pushed=2),
    image("D", "git hash", pushed=1),
    image("E", pushed=1),
]


def prefixes(rule: Map) -> Map:
    """The rule as older versions of the page write it: prefixes for patterns."""
    selection = dict(rule["selection"])
    selection["tagPrefixList"] = [pattern.removesuffix("*") for pattern in selection.pop("tagPatternList")]
    return {**rule, "selection": selection}


@pytest.mark.parametrize(
    ("section", "rules", "images", "wanted"),
    [
        ("multiple rules, A", [keep(1, 1, "prod*"), keep(2, 1, "beta*")], BETA_AND_PROD, {"A": 1}),
        ("multiple rules, B", [keep(1, 1, "beta*"), keep(2, 1, "prod*")], BETA_AND_PROD, {"A": 1, "B": 1}),
        ("multiple tags, A", [older(1, 5, "alpha*", "beta*")], ALPHA_AND_BETA, {"C": 1}),
        ("multiple tags, B", [keep(1, 1, "alpha*", "beta*")], NOT_EXCLUSIVE, {"A": 1, "B": 1}),
        ("all images, A", [keep(1, 1, status="any")], ALL_IMAGES, {"A": 1, "B": 1, "C": 1}),
        (
            "all images, B",
            [keep(1, 1, "alpha*"), older(2, 1, status="untagged"), keep(3, 1, status="any")],
            ALL_RULE_TYPES,
            {"A": 1, "B": 2, "D": 3},
        ),
    ],
)  # fmt: skip
def test_a_worked_example_ends_as_the_guide_says(
    section: str, rules: list[Map], images: list[Map], wanted: dict[str, int]
) -> None:
    expected = {name: ("expire", priority) for name, priority in wanted.items()}
    assert acted(run(rules, images)) == expected, section
    if all("tagPatternList" in rule["selection"] for rule in rules):
        assert acted(run([prefixes(rule) for rule in rules], images)) == expected, f"{section}, with prefixes"


def test_filtering_on_image_age_takes_prod_images_of_more_than_14_days() -> None:
    images = [image("old", "prod1", pushed=15), image("young", "prod2", pushed=13), image("other", "dev", pushed=99)]
    assert acted(run([older(1, 14, "prod*")], images)) == {"old": ("expire", 1)}


def test_filtering_on_image_count_keeps_one_untagged_image() -> None:
    images = [image("old", pushed=3), image("new", pushed=1), image("tagged", "v1", pushed=9)]
    assert acted(run([keep(1, 1, status="untagged")], images)) == {"old": ("expire", 1)}


def test_filtering_on_last_pulled_time_archives_what_nobody_pulled_in_90_days() -> None:
    images = [
        image("pulled", "a", pushed=400, pulled=10),
        image("forgotten", "b", pushed=400, pulled=91),
        image("never", "c", pushed=91),
        image("fresh", "d", pushed=89),
    ]
    assert acted(run([unpulled(1, 90)], images)) == {"forgotten": ("transition", 1), "never": ("transition", 1)}


def test_filtering_on_archive_transition_time_expires_what_was_archived_365_days_ago() -> None:
    images = [
        image("long", "a", pushed=900, archived=366),
        image("short", "b", pushed=900, archived=364),
        image("standard", "c", pushed=900),
    ]
    assert acted(run([archived(1, 365)], images)) == {"long": ("expire", 1)}


def test_archive_and_expire_rules_about_any_images_work_together() -> None:
    policy = [older(1, 30, status="any", action="transition"), archived(2, 365)]
    images = [
        image("old", "a", pushed=31),
        image("young", pushed=29),
        image("archived", "b", pushed=900, archived=366),
        image("resting", "c", pushed=900, archived=100),
    ]
    assert acted(run(policy, images)) == {"old": ("transition", 1), "archived": ("expire", 2)}
