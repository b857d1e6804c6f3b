"""The evaluation rules of the user guide, one sentence a test.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from registry.lifecycle import preview_json
from registry.lifecycle.policy import joined
from tests.registry.lifecycle.simulated import (
    NOW,
    acted,
    ago,
    archived,
    digest,
    image,
    index,
    keep,
    later,
    older,
    rules,
    run,
    unpulled,
)


def test_a_higher_rule_shields_what_it_does_not_act_on() -> None:
    policy = [keep(1, 1_000_000, "prod*"), older(2, 1, "v*"), keep(3, 1, status="any")]
    images = [image("prod", "v1", "prod-1", pushed=50), image("a", "x", pushed=2), image("b", "y", pushed=1)]
    assert acted(run(policy, images)) == {"a": ("expire", 3)}


def test_a_rule_counts_images_that_a_higher_rule_marks() -> None:
    policy = [older(1, 5, "tmp*"), keep(2, 2, status="any")]
    images = [
        image("kept by count", "a", pushed=3),
        image("marked", "tmp", pushed=6),
        image("beyond", "b", pushed=7),
        image("newest", "c", pushed=1),
    ]
    # Rule 2 sees newest, kept by count, marked, beyond: the first two stay, the third is rule 1's.
    assert acted(run(policy, images)) == {"marked": ("expire", 1), "beyond": ("expire", 2)}


def test_a_rule_for_one_storage_class_shields_no_image_of_the_other() -> None:
    policy = [keep(1, 1_000_000, "v*"), archived(2, 90)]
    assert acted(run(policy, [image("a", "v1", pushed=500, archived=91)])) == {"a": ("expire", 2)}


def test_rules_about_archived_images_shield_each_other() -> None:
    policy = [archived(1, 400, "v*", status="tagged"), archived(2, 90)]
    images = [image("a", "v1", pushed=500, archived=91), image("b", "x", pushed=500, archived=91)]
    assert acted(run(policy, images)) == {"b": ("expire", 2)}


def test_archived_images_are_no_part_of_a_count() -> None:
    images = [image("a", "v1", pushed=3), image("b", "v2", pushed=2), image("c", "v3", pushed=1, archived=0.5)]
    assert acted(run([keep(1, 2, "v*")], images)) == {}


@pytest.mark.parametrize(
    ("pattern", "tag", "matches"),
    [
        ("prod*", "prod", True),
        ("prod*", "production-team1", True),
        ("prod*", "repo-prod", False),
        ("*prod*", "repo-production", True),
        ("*prod*", "prod-team", True),
        ("*prod", "repo-prod", True),
        ("*prod", "prod1", False),
        ("prod", "prod", True),
        ("prod", "prod1", False),
        ("a*b*c", "a-b-c", True),
        ("a*b*c", "abc", True),
        ("a*b*c", "a-c-b", False),
        ("v1.2", "v1x2", False),
        ("v.*", "v1", False),
        ("*", "anything", True),
        ("**", "anything", True),
        ("a**b", "ab", True),
    ],
)
def test_a_pattern_is_anchored_and_only_the_star_is_special(pattern: str, tag: str, matches: bool) -> None:
    match = rules(older(1, 1, pattern))[0].matcher()
    assert match(joined((tag,))) is matches
    assert match(joined(("x" * 3, tag, "y"))) is (matches or pattern.strip("*") == "")
    assert not match(joined(())), "an untagged image"


def test_several_patterns_may_match_one_tag_or_several() -> None:
    match = rules(older(1, 1, "v*", "*-rc"))[0].matcher()
    assert match(joined(("v1-rc",)))
    assert match(joined(("v1", "x-rc")))
    assert not match(joined(("v1", "v2")))


def test_an_image_of_exactly_that_age_is_not_older() -> None:
    images = [image("exact", pushed=14), image("older", pushed=14 + 1 / 86_400)]
    assert acted(run([older(1, 14, status="untagged")], images)) == {"older": ("expire", 1)}


def test_a_restored_image_is_as_old_as_its_restore() -> None:
    images = [
        image("restored", "a", pushed=500, restored=5),
        image("not", "b", pushed=50),
        image("newest", "c", pushed=1),
    ]
    assert acted(run([older(1, 30, status="any")], images)) == {"not": ("expire", 1)}
    assert acted(run([keep(1, 2, status="any")], images)) == {"not": ("expire", 1)}


def test_a_restored_image_that_nobody_pulled_since_counts_from_its_restore() -> None:
    images = [
        image("pulled before", "a", pushed=500, pulled=400, restored=20),
        image("pulled after", "b", pushed=500, pulled=10, restored=200),
        image("never", "c", pushed=500, restored=100),
    ]
    assert acted(run([unpulled(1, 90)], images)) == {"never": ("transition", 1)}


def test_an_image_that_is_being_restored_is_taken_by_nothing() -> None:
    images = [image("a", "v1", pushed=500, archived=400, imageStatus="ACTIVATING")]
    assert acted(run([older(1, 1, status="any"), archived(2, 90)], images)) == {}


def test_an_archived_image_without_a_time_stays_and_is_reported() -> None:
    outcome = run([archived(1, 90)], [image("a", pushed=500, imageStatus="ARCHIVED")])
    assert (acted(outcome), outcome.undated) == ({}, (digest("a"),))


def test_images_of_one_time_go_by_digest() -> None:
    images = [image(name, "v", pushed=1) for name in "cadb"]
    assert set(acted(run([keep(1, 2, "v*")], images))) == {"a", "b"}


def test_results_come_by_rule_and_then_the_oldest_first() -> None:
    images = [image("b", pushed=20), image("a", pushed=30), image("z", "v1", pushed=90)]
    outcome = run([older(1, 1, status="untagged"), keep(2, 1, "x*"), older(3, 5, status="any")], images)
    assert [mark.image.digest for mark in outcome.marks] == [digest("a"), digest("b"), digest("z")]


def test_the_children_of_an_index_wait_until_it_is_gone() -> None:
    policy = [older(1, 10, "v*"), older(2, 1, status="untagged")]
    images = [index("i", "v1", pushed=11), image("x", pushed=12), image("y", pushed=12), image("free", pushed=2)]
    outcome = run(policy, images, {"i": ["x", "y"]})
    assert acted(outcome) == {"i": ("expire", 1), "free": ("expire", 2)}
    child = ("expire", 2, f"child of {digest('i')}")
    assert later(outcome) == {"x": child, "y": child}


def test_a_child_stays_while_one_of_its_indexes_does() -> None:
    policy = [older(1, 10, status="any")]
    images = [index("old", "v1", pushed=11), index("new", "v2", pushed=1), image("x", pushed=12)]
    outcome = run(policy, images, {"old": ["x"], "new": ["x"]})
    assert (acted(outcome), later(outcome)) == ({"old": ("expire", 1)}, {})


def test_a_child_that_no_rule_takes_stays_after_its_index() -> None:
    outcome = run([older(1, 1, "v*")], [index("i", "v1", pushed=2), image("x", pushed=2)], {"i": ["x"]})
    assert (acted(outcome), later(outcome)) == ({"i": ("expire", 1)}, {})


def test_an_index_in_an_index_waits_too() -> None:
    images = [index("outer", "v1", pushed=9), index("inner", pushed=9), image("x", pushed=9)]
    outcome = run([older(1, 1, status="any")], images, {"outer": ["inner"], "inner": ["x"]})
    assert acted(outcome) == {"outer": ("expire", 1)}
    assert later(outcome) == {
        "inner": ("expire", 1, f"child of {digest('outer')}"),
        "x": ("expire", 1, f"child of {digest('inner')}"),
    }


def test_an_archived_index_holds_nothing_and_archiving_one_frees_its_children() -> None:
    policy = [unpulled(1, 90)]
    images = [index("done", "v1", pushed=500, archived=100), image("x", pushed=500)]
    assert acted(run(policy, images, {"done": ["x"]})) == {"x": ("transition", 1)}
    images = [index("i", "v1", pushed=500), image("x", pushed=500)]
    outcome = run(policy, images, {"i": ["x"]})
    assert acted(outcome) == {"i": ("transition", 1)}
    assert later(outcome) == {"x": ("transition", 1, f"child of {digest('i')}")}


def test_a_held_child_is_counted_and_shielded_like_any_image() -> None:
    images = [index("i", "v1", pushed=1), image("x", pushed=1.5), image("y", pushed=2), image("z", "old", pushed=3)]
    outcome = run([keep(1, 2, status="any")], images, {"i": ["x", "y"]})
    assert acted(outcome) == {"z": ("expire", 1)}


def test_an_index_whose_children_nobody_said_is_reported() -> None:
    images = [index("i", "v1", pushed=1), index("known", "v2", pushed=1), index("cold", pushed=9, archived=1)]
    assert run([keep(1, 9, status="any")], images, {"known": []}).unknown == (digest("i"),)


def test_what_refers_to_an_image_follows_it() -> None:
    images = [
        image("a", "v1", pushed=9),
        image("signature", pushed=1, subjectManifestDigest=digest("a")),
        image("of signature", pushed=1, subjectManifestDigest=digest("signature")),
        image("other", pushed=1, subjectManifestDigest=digest("elsewhere")),
    ]
    outcome = run([older(1, 5, "v*")], images)
    assert acted(outcome) == {"a": ("expire", 1)}
    assert later(outcome) == {
        "signature": ("expire", 1, f"refers to {digest('a')}"),
        "of signature": ("expire", 1, f"refers to {digest('signature')}"),
    }


def test_a_reference_artifact_is_archived_with_its_subject() -> None:
    images = [image("a", "v1", pushed=99), image("s", "sig", pushed=1, subjectManifestDigest=digest("a"))]
    images.append(image("cold", "sig2", pushed=99, archived=9, subjectManifestDigest=digest("a")))
    outcome = run([unpulled(1, 90, "v*", status="tagged")], images)
    assert later(outcome) == {"s": ("transition", 1, f"refers to {digest('a')}")}


def test_the_answer_has_the_shape_of_awss_preview() -> None:
    outcome = run(
        [older(1, 5, status="untagged"), unpulled(2, 90)],
        [image("a", pushed=9), image("b", "v1", "latest", pushed=99), image("c", "v2", pushed=1)],
    )
    found = json.loads(preview_json.text(preview_json.answer(outcome, policy="{}", repository="web/api")))
    assert found == {
        "repositoryName": "web/api",
        "lifecyclePolicyText": "{}",
        "status": "COMPLETE",
        "previewResults": [
            {
                "imageTags": [],
                "imageDigest": digest("a"),
                "imagePushedAt": ago(9),
                "action": {"type": "EXPIRE"},
                "appliedRulePriority": 1,
                "storageClass": "STANDARD",
            },
            {
                "imageTags": ["v1", "latest"],
                "imageDigest": digest("b"),
                "imagePushedAt": ago(99),
                "action": {"type": "TRANSITION", "targetStorageClass": "ARCHIVE"},
                "appliedRulePriority": 2,
                "storageClass": "STANDARD",
            },
        ],
        "summary": {
            "expiringImageTotalCount": 1,
            "transitioningImageTotalCounts": [{"targetStorageClass": "ARCHIVE", "imageTotalCount": 1}],
        },
        "laterResults": [],
    }
    assert NOW.isoformat() == "2026-11-23T12:00:00+00:00"


def prefixed(priority: int, number: int, *prefixes: str) -> dict[str, Any]:
    written = keep(priority, number)
    written["selection"]["tagPrefixList"] = list(prefixes)
    return written


def test_a_wildcard_in_a_prefix_takes_what_it_may_mean_and_shields_nothing() -> None:
    """AWS speaks of wildcards in tagPatternList only; of two readings the one that takes more away is taken."""
    rows = [image("old", "prod-1", pushed=50), image("older", "prod-2", pushed=60), image("new", "v1", pushed=40)]
    assert acted(run([prefixed(1, 9_999, "prod*"), older(2, 45, status="any")], rows)) == {
        "old": ("expire", 2),
        "older": ("expire", 2),
    }
    assert acted(run([prefixed(1, 1, "prod*"), older(2, 90, status="any")], rows)) == {"older": ("expire", 1)}
    assert acted(run([prefixed(1, 1, "prod*"), older(2, 45, status="any")], rows)) == {
        "older": ("expire", 1),
        "old": ("expire", 2),
    }
    assert acted(run([prefixed(1, 9_999, "prod"), older(2, 45, status="any")], rows)) == {}


def test_a_rule_about_any_images_before_one_about_archived_ones_is_carried_out() -> None:
    written = [unpulled(1, 30), archived(2, 90, "v*", status="tagged")]
    rows = [
        image("cold", "v1", pushed=100),
        image("warm", "v2", pushed=100, pulled=3),
        image("gone", "v0", pushed=300, archived=100),
        image("other", "x", pushed=300, archived=100),
    ]
    assert acted(run(written, rows)) == {"cold": ("transition", 1), "gone": ("expire", 2)}


@pytest.mark.parametrize("pattern", ["a\nb", "", "-a", "a b"])
def test_a_pattern_that_no_tag_matches_selects_nothing(pattern: str) -> None:
    assert acted(run([older(1, 1, pattern)], [image("x", "a", "b", pushed=9), image("y", pushed=9)])) == {}
