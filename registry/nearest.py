"""Of known words the one that a wrong one is nearest to."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cached_property
from typing import Final

_LONGEST_NAME: Final = 300  # characters; longer words are compared with nothing


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """The way out by the nearest of the known words, or nothing where none is near."""
    return Nearest(known).way_out(given)


class Nearest:
    """Known words, of which the nearest to a given one is looked for; one object for many look-ups."""

    _MANY: Final = 100  # words; difflib compares with each of them, too slow for thousands of findings

    def __init__(self, known: Iterable[str]) -> None:
        self._words = {word.casefold(): word for word in known}

    def way_out(self, given: str) -> str:
        """The way out by the nearest word, or nothing where none is near."""
        folded = given.casefold()
        if len(folded) > _LONGEST_NAME:
            return ""
        if len(self._words) <= self._MANY:
            near = difflib.get_close_matches(folded, self._words, n=1, cutoff=0.6)
        else:
            near = [self._with_a_slip[slip] for slip in _slips(folded) if slip in self._with_a_slip]
        return f"did you mean {self._words[near[0]]}?" if near else ""

    @cached_property
    def _with_a_slip(self) -> dict[str, str]:
        return {slip: word for word in self._words for slip in _slips(word)}


def _slips(word: str) -> list[str]:
    """A word, and what is left of it without one letter: words one slip apart have one of these in common."""
    if len(word) > _LONGEST_NAME:
        return []
    return [word, *(word[:i] + word[i + 1 :] for i in range(len(word)))]
