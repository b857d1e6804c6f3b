"""What differs in the templates and no change of the file explains; and what CloudFormation could only replace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from registry.plan.change import Change, Part, Risk, kinds_about
from registry.replacements.advice import advice
from registry.replacements.compare import TemplateChange, What, differences
from registry.replacements.find import StackKey, Template, replacements, resources_in

kind = kinds_about("Templates")
UNEXPLAINED = kind(
    "unexplained",
    Risk.BREAKS,
    "Something differs in the templates that no line of the file explains",
    "The plan does not know what it does. Look at `make diff`, and report it: the plan should have said it.",
)
FAILS = kind(
    "replacement",
    Risk.BREAKS,
    "CloudFormation could only replace a resource",
    "It creates the new one before it deletes the old one, and fails where the name is taken.",
    "docs/operations.md",
)
Templates = Mapping[StackKey, Template]


def unexplained(changes: Sequence[Change], old: Templates, new: Templates) -> Iterator[Change]:
    """What the templates of both sides say besides the changes.

    :param changes: those of the model; each explains parts of the templates.
    """
    explained = {part for each in changes for part in each.explains}
    for difference in differences(old, new):
        for each in _whole(difference, old, new):
            left = _left(each, explained)
            if left is not None:
                yield Change(
                    kind=UNEXPLAINED,
                    subjects=(f"{each.stack} in {each.at}",),
                    message=f"no line explains: {left.logical_id or 'the stack'} {left.what}"
                    + (f": {', '.join(left.parts)}" if left.parts else ""),
                    explains=frozenset({((each.at, each.stack), each.logical_id, "")}),
                )
    yield from _failing(changes, old, new)


def _whole(difference: TemplateChange, old: Templates, new: Templates) -> Iterator[TemplateChange]:
    """A stack that comes or goes as the resources it holds."""
    if difference.logical_id or difference.what is What.CHANGED:
        yield difference
        return
    template = (new if difference.what is What.ADDED else old)[difference.at, difference.stack]
    for name, resource in resources_in(template).items():
        yield replace(difference, logical_id=name, type=resource["Type"])


def _left(difference: TemplateChange, explained: set[Part]) -> TemplateChange | None:
    """What of a difference nothing explains; None where all of it is explained."""
    stack = (difference.at, difference.stack)
    if (stack, "", "") in explained or (stack, difference.logical_id, "") in explained:
        return None
    left = tuple(it for it in difference.parts if (stack, difference.logical_id, it.partition(".")[0]) not in explained)
    return None if difference.parts and not left else replace(difference, parts=left)


def _failing(changes: Sequence[Change], old: Templates, new: Templates) -> Iterator[Change]:
    """What a deploy fails on, where no change that breaks says so already."""
    said = {part for each in changes if each.risk is Risk.BREAKS for part in each.explains}
    parts = {part[:2] for part in said} | {(part[0], "") for part in said if not part[1]}
    found = [
        it
        for it in replacements(old, new)
        if ((it.at, it.stack), it.logical_id) not in parts and ((it.at, it.stack), "") not in parts
    ]
    for each in advice(found, registry=""):
        if each.stops:
            yield Change(
                kind=FAILS,
                subjects=tuple(sorted({it.name or it.logical_id for it in each.replacements})),
                message=f"{each.message}; {each.way_out}" if each.way_out else each.message,
            )
