"""Rules about text values: nothing reads a reference in them, and whoever reviews them sees what they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

from registry.findings import TEAM_FILE, YamlPath, printable, shown
from registry.limits import CFN_GUIDE
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import Shape

#: A dynamic reference, which CloudFormation replaces by a secret or a parameter in any property; a parameter of a
#: template, for which the synth wants Fn::Sub; a token of the CDK.
_READ: Final = re.compile(r"\{\{\s*resolve\s*:|\$\{\s*(?:AWS::|Token\[)")


@rule("text-reference", "Write text without CloudFormation references", f"{CFN_GUIDE}/dynamic-references.html")
def text_reference(declared: RuleContext) -> Iterator[Problem]:
    """CloudFormation would put a secret or a parameter in the place of the text, where everyone with read access sees
    it.
    """
    for place, text, is_key in _every_text(declared):
        if found := _READ.search(text):
            yield Problem(
                at=place,
                message="CloudFormation would replace this text, for example by a secret"
                if found[0].startswith("{{")
                else "the template would read this as a reference",
                given=shown(text, 90),
                allowed="text without {{resolve:, ${AWS:: and ${Token[",
                way_out="write the value itself, and keep secrets out of this file",
                key=is_key,
            )


#: Control characters, what nobody sees or turns the direction of writing, and ends of lines that only some know.
#: Joiners are spelling in some languages, and parts of emoji: https://www.unicode.org/reports/tr36/#Joining_Characters
_HIDDEN: Final = frozenset(("Cc", "Cf", "Zl", "Zp"))
_SEEN: Final = frozenset("\t\n\r\u200c\u200d")


@rule("text-hidden", "Write text that shows what it is", "https://github.com/nickboucher/trojan-source")
def text_hidden(declared: RuleContext) -> Iterator[Problem]:
    """A reviewer would approve something else than is deployed, and the CDK CLI, which shows values as they are, would
    take them for commands to the terminal.
    """
    for place, text, is_key in _every_text(declared):
        if text.isprintable():
            continue
        if hidden := next((it for it in text if it not in _SEEN and unicodedata.category(it) in _HIDDEN), None):
            yield Problem(
                at=place,
                message=f"the character U+{ord(hidden):04X} in this text is not seen, or hides what stands beside it",
                given=printable(shown(text)),
                allowed="text that is seen as it is, tabs and ends of lines",
                way_out="remove the character: delete the text, and type it again",
                key=is_key,
            )


def _every_text(declared: RuleContext) -> Iterator[tuple[YamlPath, str, bool]]:
    """Every text of the root file and the team files."""
    yield from _texts(declared.root, ())
    for name, team in declared.written.teams.items():
        yield from _texts(team, (TEAM_FILE, name))


def _texts(value: Any, at: YamlPath) -> Iterator[tuple[YamlPath, str, bool]]:
    """Every text of a value with its place, and whether it is a key."""
    if isinstance(value, str):
        yield at, value, False
    elif isinstance(value, Shape):
        fields = type(value).model_fields
        for name in value.model_fields_set:
            yield from _texts(getattr(value, name), (*at, fields[name].alias or name))
    elif isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(key, str):
                yield (*at, key), key, True
            yield from _texts(inner, (*at, key))
    elif isinstance(value, tuple | list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*at, index))
