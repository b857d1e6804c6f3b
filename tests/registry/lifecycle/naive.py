"""A second simulation, written from the sentences of the user guide alone, as slow and as plain as they are.

It shares no line with registry/simulation: raw JSON in, digests and rule numbers out.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

Map = dict[str, Any]


def archived(image: Map) -> bool:
    return bool(image.get("imageStatus") == "ARCHIVED")


def time_of(image: Map, key: str) -> datetime:
    return datetime.fromisoformat(image[key])


def pushed(image: Map) -> datetime:
    # "If an image was archived and then restored at any point in the past, the image's last_activated_at is used
    # instead of pushed_at_time."
    return time_of(image, "lastActivatedAt" if "lastActivatedAt" in image else "imagePushedAt")


def pulled(image: Map) -> datetime:
    # "If an image was never pulled, the image's pushed_at_time is used […] archived and then restored […] but never
    # pulled since the image was restored, the image's last_activated_at is used."
    if "lastRecordedPullTime" not in image:
        return pushed(image)
    pull = time_of(image, "lastRecordedPullTime")
    if "lastActivatedAt" in image and pull < time_of(image, "lastActivatedAt"):
        return time_of(image, "lastActivatedAt")
    return pull


def order(image: Map) -> tuple[datetime, str]:
    # "Expiration is always ordered by pushed_at_time or transitioned_at_time."
    return (time_of(image, "lastArchivedAt") if archived(image) else pushed(image)), image["imageDigest"]


def meets(rule: Map, image: Map) -> bool:
    """Storage class and "tagging requirements"."""
    selection = rule["selection"]
    if archived(image) != (selection.get("storageClass", "standard") == "archive"):
        return False
    tags = image.get("imageTags", [])
    if selection["tagStatus"] == "any":
        return True
    if selection["tagStatus"] == "untagged":
        return not tags
    patterns = selection.get("tagPatternList") or [f"{prefix}*" for prefix in selection["tagPrefixList"]]
    # "An image is successfully matched if all of the tags in the list are matched against any of the image's tags."
    return all(any(fnmatch.fnmatchcase(tag, pattern) for tag in tags) for pattern in patterns)


def wants(rule: Map, image: Map, images: Sequence[Map], now: datetime) -> bool:
    """Whether a rule, alone in the world, marks an image."""
    selection = rule["selection"]
    number = selection["countNumber"]
    if not meets(rule, image):
        return False
    if selection["countType"] == "imageCountMoreThan":
        youngest_first = sorted((each for each in images if meets(rule, each)), key=order, reverse=True)
        return image in youngest_first[number:]
    if selection["countType"] == "sinceImageTransitioned":
        since = time_of(image, "lastArchivedAt")
    else:
        since = pulled(image) if selection["countType"] == "sinceImagePulled" else pushed(image)
    return now - since > timedelta(days=number)


def one_run(
    rules: Sequence[Map], images: Sequence[Map], children: Mapping[str, Sequence[str]], now: datetime
) -> dict[str, int]:
    """The rule that acts on each image, by digest."""
    found = {}
    for image in images:
        # "Referenced by a manifest list, it cannot be expired or archived without the manifest list being deleted
        # or archived first."
        if any(
            image["imageDigest"] in children.get(other["imageDigest"], ()) and not archived(other) for other in images
        ):
            continue
        # "An image that matches the tagging requirements of a rule cannot be expired or archived by a rule with a
        # lower priority": only the first rule whose requirements it meets may act on it.
        for rule in sorted(rules, key=lambda each: int(each["rulePriority"])):
            if meets(rule, image):
                if wants(rule, image, images, now):
                    found[image["imageDigest"]] = rule["rulePriority"]
                break
    return found


def every_run(
    rules: Sequence[Map], images: Sequence[Map], children: Mapping[str, Sequence[str]], now: datetime
) -> list[dict[str, int]]:
    """The runs until nothing more happens, at one time."""
    actions = {rule["rulePriority"]: rule["action"]["type"] for rule in rules}
    runs = []
    while found := one_run(rules, images, children, now):
        runs.append(found)
        left = []
        for image in images:
            action = actions.get(found.get(image["imageDigest"], 0))
            if action == "transition":
                left.append({**image, "imageStatus": "ARCHIVED", "lastArchivedAt": now.isoformat()})
            elif action is None:
                left.append(image)
        images = left
    return runs
