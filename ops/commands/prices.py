"""`ecrctl prices`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ops.commands.cost import PricesFile
from ops.options import DEFAULT_FILE, Json, Markdown, RegistryFile, refuse_link
from ops.program import Panel, app
from ops.terminal import print_json, print_markdown, print_table, say, warn


@app.command("prices", rich_help_panel=Panel.FILE)
def prices(
    file: RegistryFile = DEFAULT_FILE,
    prices: PricesFile = None,
    renew: Annotated[
        bool, typer.Option("--renew", help="Ask AWS's price list about every region of the registry.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="FILE",
            help="Where --renew writes; default: prices.yaml beside the registry file.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
    as_markdown: Markdown = False,
) -> None:
    """Show the prices of the registry's regions: who says each, and when it was looked up.

    Needs no AWS account. --renew takes credentials of any account, and writes what AWS says today into prices.yaml,
    which `ecrctl cost` and `ecrctl plan` then use. What AWS's list does not have stays as it was, and is named.
    """
    from ops.cost import run
    from ops.output import cost as shown
    from ops.registry_file import load
    from registry.cost.price_file import OWN, text_of

    if output is not None and not renew:
        raise typer.BadParameter("--output is where --renew writes", param_hint="--output")
    registry, _ = load(file)
    found, regions = run.prices_for(file, prices, None), run.regions_of(registry)
    if renew:
        from ops.cost.renew import renewed

        place = output or file.parent / OWN
        refuse_link(place)
        _checked(place)
        asked = renewed(registry, found, datetime.now(UTC).date())
        for line in asked.kept:
            warn(f"not renewed: {line}")
        try:
            place.write_text(text_of(asked.prices), encoding="utf-8", newline="\n")
        except OSError as problem:
            raise typer.BadParameter(
                f"{place} cannot be written: {problem.strerror}", param_hint="--output"
            ) from problem
        say(f"wrote {place}: {len(asked.rates):,} prices of AWS's list")
        return
    if as_json:
        print_json(shown.price_rows(found, regions))
    elif as_markdown:
        print_markdown(*shown.price_table(found, regions))
    else:
        print_table(*shown.price_table(found, regions))
    if not as_json:
        warn(shown.price_summary(found, regions))


def _checked(place: Path) -> None:
    """What is there has to be a file of prices: nothing else is written over."""
    from registry.cost.price_file import read
    from registry.errors import InvalidFile

    if place.exists():
        try:
            read(place)
        except InvalidFile:
            raise typer.BadParameter(f"{place} exists, and holds no prices", param_hint="--output") from None
