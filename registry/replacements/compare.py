"""Two sets of templates of one registry file, made by two versions: what a deploy of the second would change.

Pure. What CloudFormation would replace says registry/replacements/find.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from registry.locations import Location
from registry.replacements.find import Replacement, StackKey, Template, replacements, resources_in

#: Says nothing to AWS: where in the code a resource was made.
_SILENT: Final = frozenset({"Metadata"})


class What(StrEnum):
    """What happens to a stack or a resource."""

    ADDED = "is added"
    REMOVED = "is removed"
    CHANGED = "changes"
    REPLACED = "is replaced"
    TAKEN = "is created under a name that is taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChange:
    """One stack or resource that is not the same. `logical_id` and `type` are empty for a whole stack.

    `parts` are what differs: properties, and attributes of the resource such as DeletionPolicy.
    """

    at: Location
    stack: str
    what: What
    logical_id: str = ""
    type: str = ""
    parts: tuple[str, ...] = ()

    def __str__(self) -> str:
        of = f": {self.logical_id} ({self.type})" if self.logical_id else ""
        parts = f": {', '.join(self.parts)}" if self.parts else ""
        return f"{self.at} {self.stack}{of} {self.what}{parts}"

    def as_dict(self) -> dict[str, Any]:
        """The change for programs."""
        return {
            "account": self.at.account,
            "region": self.at.region,
            "stack": self.stack,
            "logicalId": self.logical_id,
            "type": self.type,
            "change": self.what.name,
            "parts": list(self.parts),
        }


def differences(old: Mapping[StackKey, Template], new: Mapping[StackKey, Template]) -> list[TemplateChange]:
    """Everything that differs, by stack; a stack that comes or goes is one change."""
    replaced = {(it.at, it.stack, it.logical_id): it for it in replacements(old, new)}
    found: list[TemplateChange] = []
    for key in dict.fromkeys([*old, *new]):
        at, stack = key
        if key not in new:
            found.append(TemplateChange(at=at, stack=stack, what=What.REMOVED))
        elif key not in old:
            found.append(TemplateChange(at=at, stack=stack, what=What.ADDED))
        else:
            found += _in_stack(key, old[key], new[key], replaced)
    return found


def _in_stack(
    key: StackKey, old: Template, new: Template, replaced: Mapping[tuple[Location, str, str], Replacement]
) -> Iterator[TemplateChange]:
    at, stack = key
    before, after = resources_in(old), resources_in(new)
    for name in sorted({*before, *after}):
        was, becomes = before.get(name), after.get(name)
        kind = (becomes or was or {})["Type"]
        said = replaced.get((at, stack, name))
        if becomes is None or was is None:
            what = What.REMOVED if becomes is None else What.TAKEN if said else What.ADDED
            yield TemplateChange(at=at, stack=stack, what=what, logical_id=name, type=kind)
        elif was["Type"] != kind:
            yield TemplateChange(at=at, stack=stack, what=What.REPLACED, logical_id=name, type=kind, parts=("Type",))
        elif (differs := _differ(was, becomes)) or said:
            named = said.properties if said else ()
            parts = (*named, *(it for it in differs if it not in {path.partition(".")[0] for path in named}))
            what = What.REPLACED if said else What.CHANGED
            yield TemplateChange(at=at, stack=stack, what=what, logical_id=name, type=kind, parts=parts)
    if sections := [name for name in sorted({*old, *new} - {"Resources"}) if old.get(name) != new.get(name)]:
        yield TemplateChange(at=at, stack=stack, what=What.CHANGED, parts=tuple(sections))


def _differ(was: Mapping[str, Any], becomes: Mapping[str, Any]) -> list[str]:
    """The properties and attributes of a resource that are not the same."""
    old, new = was.get("Properties") or {}, becomes.get("Properties") or {}
    properties = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    attributes = sorted({*was, *becomes} - {"Properties", *_SILENT})
    return properties + [name for name in attributes if was.get(name) != becomes.get(name)]
