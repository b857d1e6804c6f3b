"""`ecrctl cost`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ops.options import DEFAULT_FILE, ImageLists, Json, Markdown, Profiles, RegistryFile, profiles_given
from ops.program import Panel, app
from ops.terminal import print_json, print_markdown, print_table, warn
from registry.errors import ExitCode
from registry.findings import Severity

if TYPE_CHECKING:
    from ops.cost.held import Held
    from registry.model import Registry

PricesFile = Annotated[
    Path | None,
    typer.Option(
        "--prices",
        metavar="FILE",
        help="A file of prices; default: prices.yaml beside the registry file, or those of this project.",
        show_default=False,
    ),
]


@app.command("cost", rich_help_panel=Panel.FILE)
def cost(
    file: RegistryFile = DEFAULT_FILE,
    images: ImageLists = None,
    usage: Annotated[
        Path | None,
        typer.Option(
            "--usage", metavar="FILE", help="Count what `ecrctl usage --json` printed into it.", show_default=False
        ),
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Count what AWS holds, by unique layers.")] = False,
    manifests: Annotated[
        bool | None,
        typer.Option(
            "--manifests/--no-manifests",
            help="With --live: read them for exact sizes; default: where that is no pull to ECR.",
            show_default=False,
        ),
    ] = None,
    profile: Profiles = None,
    old: Annotated[
        str | None,
        typer.Option(
            "--plan",
            metavar="OLD",
            help="Also what it cost by a file or a revision of git, and the difference.",
            show_default=False,
        ),
    ] = None,
    by: Annotated[Literal["item", "owner", "location", "line"], typer.Option("--by", help="What a row is.")] = "item",
    assume: Annotated[
        list[str] | None,
        typer.Option(
            "--assume",
            metavar="NAME=NUMBER",
            help="A number of a month that nobody can count: rescans, kms-requests, endpoint-gb, restored-gb, "
            "pushed-gb, pushed-images, pipeline-minutes, build-minutes; may be repeated.",
            show_default=False,
        ),
    ] = None,
    prices: PricesFile = None,
    prices_of: Annotated[
        str | None,
        typer.Option(
            "--prices-of",
            metavar="REGION",
            help="Take the prices of this region where another one has none.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
    as_markdown: Markdown = False,
) -> None:
    """Estimate what AWS bills for the registry in a month.

    Needs no AWS account: endpoints, keys, secrets, alarms and dashboards follow from the file, and storage, copies and
    scans from lists of images. --live counts the images in AWS instead, and --usage takes what was counted before.
    Where sources disagree on a price, or nobody knows a size, an amount is a range. What is not counted stands below
    the table, with its price.

    Exits 1 if an owner costs more than its budget (`budgets` in the file), and 3 if a location was not asked.
    """
    if sum(map(bool, (live, images, usage))) > 1:
        raise typer.BadParameter("--live, --images and --usage each say what is stored: give one")
    if (profile or manifests is not None) and not live:
        raise typer.BadParameter("--profile and --manifests are about what AWS holds: give --live, too")
    from ops.cost import run
    from ops.output import cost as shown
    from registry.cost.assumed import assumed

    moment, asked = _asked(run.now(), live=live, usage=usage, profile=profile, manifests=manifests)
    found = run.cost(
        file,
        run.prices_for(file, prices, prices_of),
        assumed(assume or ()),
        moment,
        images=run.lists(images or ()) or None,
        live=asked,
        old=old,
    )
    if as_json:
        print_json(shown.report(found))
    elif as_markdown:
        print_markdown(*shown.table(found, by))
    else:
        print_table(*shown.table(found, by))
    if not as_json:
        for line in shown.summary(found):
            warn(line)
        for finding in found.findings:
            warn(str(finding))
    if any(it.severity is Severity.ERROR for it in found.findings):
        raise typer.Exit(ExitCode.NO)
    if found.unasked:
        raise typer.Exit(ExitCode.UNKNOWN)


def _asked(
    now: datetime, *, live: bool, usage: Path | None, profile: list[str] | None, manifests: bool | None
) -> tuple[datetime, Callable[[Registry], Held] | None]:
    """How what is stored is counted, and the time of it; None where nothing but lists may say so."""
    if usage is not None:
        from ops.cost.held import kept
        from registry.reading.file_text import content_of
        from registry.usage.saved import read

        saved = read(content_of(usage), str(usage))
        return saved.as_of, partial(kept, saved)
    if not live:
        return now, None
    from ops.cost.live import held

    return now, lambda registry: held(registry, profiles_given(profile), now, manifests=manifests)
