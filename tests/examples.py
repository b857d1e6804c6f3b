"""How many examples a property test looks at."""

from __future__ import annotations

from typing import Any

from hypothesis import settings


def examples(number: int, **more: Any) -> settings:
    """So many in a run of the suite, and 25 times as many with the profile "many" (tests/conftest.py)."""
    return settings(max_examples=settings().max_examples * number // 100, **more)
