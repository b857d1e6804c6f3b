"""Rules about text values: CloudFormation, and the CDK before it, must read no reference in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from registry.findings import TEAM_FILE, YamlPath, shown
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
    files: list[tuple[YamlPath, Shape]] = [((), declared.root)]
    files += [((TEAM_FILE, name), team) for name, team in declared.written.teams.items()]
    for at, file in files:
        for place, text, is_key in _texts(file, at):
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
