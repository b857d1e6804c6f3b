"""A lifecycle policy as the algorithm takes it: rules in the order in which they apply.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Literal

from registry.errors import InvalidFile
from registry.lifecycle.check import read_policy
from registry.reading.file_text import MAX_BYTES, content_of

Match = Callable[[str], bool]
#: Before the first tag of an image, between two and after the last one: no tag has it in it.
SEAM = "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `number` counts images or days, as `count_type` says; `description` is empty where there is none.

    :param shields: keeps what it selects from later rules. A prefix with a `*` in it is read both ways, because AWS
        speaks of wildcards for patterns only: the rule takes what the wildcard matches, and shields nothing.
    """

    priority: int
    description: str
    tag_status: Literal["tagged", "untagged", "any"]
    patterns: tuple[str, ...]
    storage_class: Literal["standard", "archive"]
    count_type: Literal["imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned"]
    number: int
    action: Literal["expire", "transition"]
    shields: bool = True

    @property
    def counts_images(self) -> bool:
        """Whether it keeps a number of images, and not those of an age."""
        return self.count_type == "imageCountMoreThan"

    def matcher(self) -> Match:
        """Whether an image meets the rule's tagging requirements, asked with `joined(tags)`.

        Several patterns mean that each of them matches one of the image's tags.
        """
        if self.tag_status == "any":
            return lambda tags: True
        if self.tag_status == "untagged":
            return lambda tags: not tags
        return reduce(_both, map(_matcher, self.patterns))


def joined(tags: tuple[str, ...]) -> str:
    """The tags of an image as one text, in which each stands between seams; empty for an untagged image."""
    return SEAM + SEAM.join(tags) + SEAM if tags else ""


def _both(one: Match, other: Match) -> Match:
    return lambda tags: one(tags) and other(tags)


def _matcher(pattern: str) -> Match:
    """A pattern as a search in joined tags: one `in`, written in C, where there is no wildcard inside."""
    if SEAM in pattern:
        return lambda tags: False
    middle = pattern.strip("*")
    if "*" not in middle:
        wanted = ("" if pattern.startswith("*") else SEAM) + middle + ("" if pattern.endswith("*") else SEAM)
        return lambda tags: wanted in tags if wanted else bool(tags)
    found = re.compile(SEAM + f"[^{SEAM}]*".join(map(re.escape, pattern.split("*"))) + SEAM).search
    return lambda tags: found(tags) is not None


def text_of(path: Path) -> str:
    """The policy of a file, bare or as `aws ecr get-lifecycle-policy` prints it.

    :raises UnreadableFile: where there is none that can be read.
    :raises InvalidFile: as `rules_of`.
    """
    return _accepted(content_of(path, limit=MAX_BYTES), str(path))


def rules_of(text: str, name: str) -> tuple[Rule, ...]:
    """The rules of a policy text, highest priority (lowest number) first.

    :param text: ECR's own lifecycle policy text; `name` is what findings call it.
    :raises InvalidFile: with every breach of ECR's rules, as `ecrctl lifecycle check` finds them.
    """
    text = _accepted(text.encode(errors="surrogatepass"), name)
    rules = []
    for rule in json.loads(text)["rules"]:
        selection = rule["selection"]
        prefixes = (f"{prefix}*" for prefix in selection.get("tagPrefixList", ()))
        rules.append(
            Rule(
                priority=rule["rulePriority"],
                description=rule.get("description", ""),
                tag_status=selection["tagStatus"],
                patterns=(*selection.get("tagPatternList", ()), *prefixes),
                storage_class=selection.get("storageClass", "standard"),
                count_type=selection["countType"],
                number=selection["countNumber"],
                action=rule["action"]["type"],
                shields=not any("*" in prefix for prefix in selection.get("tagPrefixList", ())),
            )
        )
    return tuple(sorted(rules, key=lambda rule: rule.priority))


def _accepted(content: bytes, name: str) -> str:
    found = read_policy(content, name)
    if found.errors:
        raise InvalidFile(found.errors)
    return found.text
