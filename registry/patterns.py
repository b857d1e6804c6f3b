"""Tag patterns, in which `*` stands for any characters, none included, and everything else for itself."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=4096)
def covers(wide: str, narrow: str) -> bool:
    """Whether everything that the pattern `narrow` matches is matched by `wide` too; `narrow` may be a tag.

    The `*` of `narrow` is read as a character that only a `*` of `wide` matches. That is exact, because ECR's
    alphabet of tags is larger than the characters of any one pattern.
    """
    return re.fullmatch(re.sub(r"(\\\*)+", "(?s:.*)", re.escape(wide)), narrow) is not None
