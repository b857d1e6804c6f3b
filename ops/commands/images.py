"""`ecrctl images`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from ops.options import DEFAULT_FILE, InReplica, Json, Markdown, Profiles, RegistryFile, moment, profiles_given
from ops.program import Panel, app
from ops.terminal import print_json, print_markdown, print_table, warn


@app.command("images", rich_help_panel=Panel.IMAGES)
def images(
    repository: Annotated[str, typer.Argument(metavar="REPOSITORY", help="Its name, declared or not.")],
    region: InReplica = None,
    tag: Annotated[
        str | None,
        typer.Option("--tag", metavar="PATTERN", help="Only with such a tag; * is a wildcard.", show_default=False),
    ] = None,
    untagged: Annotated[bool, typer.Option("--untagged", help="Only without tags.")] = False,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since", metavar="TIME", parser=moment, help="Pushed since: 12h, 7d, 2w, or a date.", show_default=False
        ),
    ] = None,
    sort: Annotated[
        Literal["pushed", "pulled", "size", "tag"], typer.Option("--sort", help="The order of the rows.")
    ] = "pushed",
    manifests: Annotated[
        bool,
        typer.Option(
            "--manifests", help="Also platforms, and sizes by unique layers; ECR records the reading as a pull."
        ),
    ] = False,
    profile: Profiles = None,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
    as_markdown: Markdown = False,
) -> None:
    """List the images of a repository: every digest once, with all its tags.

    Shows size, age, last pull, storage class, the last scan, and in which replicas an image has arrived: those of the
    same account, and of each account that --profile has credentials for. Archived images are listed, too. Exits 2 if
    there is no such repository.
    """
    from dataclasses import replace

    from ops.images import ImageRegistry, listing
    from ops.images.places import location
    from ops.output import images as shown
    from ops.registry_file import load

    registry, _ = load(file)
    at = location(registry, region)
    chosen = listing.selected(tag=tag, untagged=untagged, since=since)
    found = listing.listing(registry, at, repository, chosen, profiles_given(profile))
    if manifests and (lifecycle := listing.counts_pulls(registry, repository)):
        warn(f"manifests are not read: to ECR that is a pull, and {lifecycle} counts days since the last one")
    elif manifests:
        client = ImageRegistry(at.region, account=at.account)
        found = replace(found, manifests=listing.read_manifests(client, repository, found.images))
    now = datetime.now(UTC)
    rows = shown.image_rows(found, listing.ordered(found.images, sort), now)
    if as_json:
        print_json(rows)
    elif as_markdown:
        print_markdown(*shown.image_table(found, rows, now))
    elif rows:
        print_table(*shown.image_table(found, rows, now, short=sys.stdout.isatty()))
    if not as_json:
        warn(shown.summary(found))
    if found.unasked:
        unasked = ", ".join(map(str, found.unasked))
        warn(f"not asked, because they are in other accounts: {unasked}; --profile ACCOUNT=NAME gives credentials")
