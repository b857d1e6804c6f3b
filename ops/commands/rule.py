"""`ecrctl rule`."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from ops.options import Json
from ops.program import Panel, app
from ops.terminal import print_json, say
from registry.errors import UnknownName

if TYPE_CHECKING:
    from registry.rules.rule import Explanation


@app.command("rule", rich_help_panel=Panel.FILE)
def rule(
    id: Annotated[
        str | None, typer.Argument(metavar="ID", help="The id of a finding, in brackets after its message.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Explain a rule: what to do, why it matters, and where the rule comes from.

    Without ID it lists all rules by subject. Needs no AWS account and no network.
    """
    from registry.rules.other_findings import explanations

    known = {each.id: each for each in explanations()}
    if id is None and as_json:
        print_json([_as_dict(each) for each in known.values()])
    elif id is None:
        for subject, found in groupby(known.values(), key=lambda it: it.subject):
            say(subject, bold=True)
            for each in found:
                say(f"  {each.id}: {each.title} ({each.severity})")
    elif id not in known:
        near = [word for word in known if id in word] or get_close_matches(id, known)
        ways = f"did you mean {', '.join(near[:5])}?" if near else "`ecrctl rule` lists all rules"
        raise UnknownName(f"there is no rule {id}\n    way out: {ways}")
    elif as_json:
        print_json(_as_dict(known[id]))
    else:
        _print(known[id])


def _print(found: Explanation) -> None:
    say(f"{found.id} ({found.severity}): {found.title}", bold=True)
    say(f"    why:    {found.why}")
    if found.link:
        say(f"    source: {found.link}")


def _as_dict(found: Explanation) -> dict[str, str]:
    return {key: str(getattr(found, key)) for key in ("id", "subject", "severity", "title", "why", "link")}
