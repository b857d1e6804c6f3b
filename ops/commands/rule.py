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
    from registry.plan.change import Kind
    from registry.rules.rule import Explanation

    Explained = Explanation | Kind


@app.command("rule", rich_help_panel=Panel.FILE)
def rule(
    id: Annotated[
        str | None, typer.Argument(metavar="ID", help="The id of a finding, in brackets after its message.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Explain a rule, or a change of `ecrctl plan`: what to do, why it matters, and where it comes from.

    Without ID it lists all rules by subject. Needs no AWS account and no network.
    """
    from registry.reference.kinds import kinds
    from registry.rules.other_findings import explanations

    rules = explanations()
    known: dict[str, Explained] = {each.id: each for each in rules}
    known |= {each.id: each for each in kinds()}
    if id is None and as_json:
        print_json([_as_dict(each) for each in rules])
    elif id is None:
        for subject, found in groupby(rules, key=lambda it: it.subject):
            say(subject, bold=True)
            for each in found:
                say(f"  {each.id}: {each.title} ({_weight(each)})")
    elif id not in known:
        near = [word for word in known if id in word] or get_close_matches(id, known)
        ways = f"did you mean {', '.join(near[:5])}?" if near else "`ecrctl rule` lists all rules"
        raise UnknownName(f"there is no rule {id}\n    way out: {ways}")
    elif as_json:
        print_json(_as_dict(known[id]))
    else:
        _print(known[id])


def _print(found: Explained) -> None:
    say(f"{found.id} ({_weight(found)}): {found.title}", bold=True)
    say(f"    why:    {found.why}")
    if found.link:
        say(f"    source: {found.link}")


def _as_dict(found: Explained) -> dict[str, str]:
    words = {key: str(getattr(found, key)) for key in ("id", "subject", "title", "why", "link")}
    return {**words, "severity": _weight(found)}


def _weight(found: Explained) -> str:
    """The severity of a rule, or the risk of a change."""
    return str(getattr(found, "risk", None) or getattr(found, "severity", ""))
