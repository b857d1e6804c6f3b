"""Tag patterns, in which `*` stands for any characters, none included, and everything else for itself."""

from __future__ import annotations


def covers(wide: str, narrow: str) -> bool:
    """Whether everything that the pattern `narrow` matches is matched by `wide` too; `narrow` may be a tag.

    The `*` of `narrow` is read as a character that only a `*` of `wide` matches. That is exact, because ECR's
    alphabet of tags is larger than the characters of any one pattern. Each part between wildcards takes its first
    place, so the time is bounded by the product of the lengths, whatever a file holds.
    """
    first, *others = wide.split("*")
    if not others:
        return wide == narrow
    *middle, last = others
    start, end = len(first), len(narrow) - len(last)
    if start > end or not narrow.startswith(first) or not narrow.endswith(last):
        return False
    for part in middle:
        found = narrow.find(part, start, end)
        if found < 0:
            return False
        start = found + len(part)
    return True
