"""Rules about resource tags."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import shown
from registry.limits import ECR_API, TAG_CHARACTERS, TAG_KEY_LENGTH, TAG_VALUE_LENGTH, TAGS
from registry.naming import STACK_TAG
from registry.rules.mechanism import Declared, Problem, rule

TAG_PAGE = f"{ECR_API}/API_Tag.html"


@rule("tag", "A resource tag has a key and a value that AWS accepts", TAG_PAGE)
def tag(declared: Declared) -> Iterator[Problem]:
    shortest, longest = TAG_VALUE_LENGTH
    for at, settings in declared.written.every_layer():
        for key, value in (settings.tags or {}).items():
            place = (*at, "tags", key)
            if key.lower().startswith("aws:") or key == STACK_TAG:
                yield Problem(
                    at=place,
                    message=f"the tag key {key} is taken",
                    given=shown(key),
                    allowed=f"keys other than aws:… and {STACK_TAG}",
                    way_out="choose another key",
                    key=True,
                )
            elif not 1 <= len(key) <= TAG_KEY_LENGTH or not TAG_CHARACTERS.fullmatch(key):
                yield Problem(
                    at=place,
                    message="AWS does not accept this tag key",
                    given=shown(key),
                    allowed=f"1 to {TAG_KEY_LENGTH} letters, digits, spaces and . : / = + - @ _",
                    way_out="shorten it, or replace the other characters",
                    key=True,
                )
            elif not shortest <= len(value) <= longest or not TAG_CHARACTERS.fullmatch(value):
                yield Problem(
                    at=place,
                    message=f"AWS does not accept this value of the tag {key}",
                    given=shown(value),
                    allowed=f"{shortest} to {longest} letters, digits, spaces and . : / = + - @ _",
                    way_out="shorten it, or replace the other characters",
                )


@rule("tag-count", "A repository has at most 50 resource tags", f"{ECR_API}/API_TagResource.html")
def tag_count(declared: Declared) -> Iterator[Problem]:
    own = TAGS - 1  # CloudFormation adds the stack's
    for repository in declared.registry.repositories:
        if len(repository.tags) > own:
            yield Problem(
                at=declared.written.entries[repository.name].place,
                message=f"{repository.name} has too many resource tags",
                given=f"{len(repository.tags)} tags, those of its namespace and of the defaults included",
                allowed=f"at most {own}, and {STACK_TAG}, which every stack adds",
                way_out="remove some from the layer that has most",
                key=True,
            )
