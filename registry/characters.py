"""Characters of a YAML file that are not what they look like, and the way out of a syntax error they make."""

from __future__ import annotations

import re
from typing import Final

# Also what YAML 1.1 takes for the end of a line and YAML 1.2 and editors do not, and marks nobody sees.
UNPRINTABLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
#: Editors show them as a space, or not at all, and YAML takes them for letters: a web page's copy button leaves them.
_LOOKS_LIKE_SPACE: Final = "\xa0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000"
ODD_SPACE: Final = re.compile(f"^[{_LOOKS_LIKE_SPACE}]|[{_LOOKS_LIKE_SPACE}]$|(?<=:)[{_LOOKS_LIKE_SPACE}]")
_ODD_INDENT: Final = re.compile(f"^ *([{_LOOKS_LIKE_SPACE}])")


def way_out(said: str, before: str, line: str, column: int) -> str:
    """The way out of a syntax error.

    :param said: what libyaml says of it; `before` and `line` are the lines it may be in, `column` where in the second.
    """
    if "\t" in line[:column]:
        return "indent with spaces: YAML allows no tabs there"
    if odd := _ODD_INDENT.search(line) or _ODD_INDENT.search(before):
        return f"indent with spaces of the space bar: U+{ord(odd.group(1)):04X} only looks like one"
    if "scanning an alias" in said and (pattern := _pattern_before(line, column)):
        return f'write "{pattern}", with the quotes: a * without them is no text'
    return "check the indentation, the colons and the quotes of this line and the one before"


def _pattern_before(line: str, column: int) -> str:
    """The unquoted word with a * that a column is in, or just behind."""
    found = [it for it in re.finditer(r"\*[^\s,\]}]*", line) if it.start() < column]
    return found[-1].group() if found else ""
