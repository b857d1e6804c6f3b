"""The kinds of changes of `ecrctl plan`, by subject and id, and docs/plan-rules.md, which lists them."""

from __future__ import annotations

from itertools import groupby
from typing import Final

import registry.plan  # noqa: F401  registers every kind
from registry.plan.change import KINDS, Kind

_INTRODUCTION: Final = """\
# Changes that `ecrctl plan` tells

Made by `make docs` from `registry/plan/`. `ecrctl rule ID` prints one of them. How to read a plan:
[reviewing.md](reviewing.md).
"""


def kinds() -> list[Kind]:
    """Every kind of change, by subject and then by id."""
    return sorted(KINDS.values(), key=lambda it: (it.subject, it.id))


def kind_table() -> str:
    """docs/plan-rules.md."""
    lines = [_INTRODUCTION]
    for subject, found in groupby(kinds(), key=lambda it: it.subject):
        lines += [f"## {subject}", ""]
        for it in found:
            source = f" [Source]({it.link.removeprefix('docs/')})" if it.link else ""
            lines += [f"### {it.id}", "", f"**{it.risk}**: {it.title}. {it.why}{source}", ""]
    return "\n".join(lines)
