"""Patterns of tags and names, in which `*` stands for any characters, none included; and prefixes of names."""

from __future__ import annotations

from registry.limits import ROOT_PREFIX


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


def meet(one: str, other: str) -> bool:
    """Whether two patterns match something in common.

    Row by row over the characters of `one`: which beginnings of `other` match a text that this much of `one` matches.
    The time is the product of the lengths.
    """
    head, tail = one.partition("*")[0], other.partition("*")[0]
    if not head.startswith(tail) and not tail.startswith(head):
        return False  # most pairs differ at once
    reached = _grown({0}, other)
    for character in one:
        if character == "*":
            reached = set(range(min(reached, default=0), len(other) + 1)) if reached else set()
        else:
            reached = _grown(
                {
                    place if other[place] == "*" else place + 1
                    for place in reached
                    if place < len(other) and other[place] in ("*", character)
                },
                other,
            )
    return len(other) in reached


def _grown(reached: set[int], pattern: str) -> set[int]:
    """Also the places behind wildcards, which match nothing as well."""
    found = set(reached)
    for place in sorted(reached):
        while place < len(pattern) and pattern[place] == "*":
            place += 1
            found.add(place)
    return found


def scanned(repository: str, filters: tuple[str, ...]) -> bool:
    """Whether a scanning filter matches a name; one without `*` matches every name that contains it.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html
    """
    return any(covers(pattern, repository) if "*" in pattern else pattern in repository for pattern in filters)


def below(prefix: str, name: str) -> bool:
    """Whether a repository's name, or another prefix, is below a prefix; ECR assumes a `/` at the end of both."""
    return prefix == ROOT_PREFIX or f"{name}/".startswith(f"{prefix}/")


def names_below(prefix: str) -> str:
    """The repositories below a prefix, as a policy names them."""
    return "*" if prefix == ROOT_PREFIX else f"{prefix}/*"
