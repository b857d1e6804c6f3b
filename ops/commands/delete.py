"""`ecrctl delete`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ops.options import (
    DEFAULT_FILE,
    Accept,
    InReplica,
    Json,
    RegistryFile,
    Running,
    WithChildren,
    Without,
    Yes,
    moment,
    sources_asked,
)
from ops.program import Panel, app

if TYPE_CHECKING:
    from ops.images.kinds import StoredImage


@app.command("delete", rich_help_panel=Panel.IMAGES)
def delete(
    references: Annotated[
        list[str],
        typer.Argument(
            metavar="REFERENCE", help="REPOSITORY:TAG or @DIGEST; with --untagged or --tag only REPOSITORY."
        ),
    ],
    region: InReplica = None,
    untagged: Annotated[
        bool, typer.Option("--untagged", help="The images without tags that belong to no other image.")
    ] = False,
    tag: Annotated[
        str | None,
        typer.Option("--tag", metavar="PATTERN", help="Such tags, and images without another.", show_default=False),
    ] = None,
    older_than: Annotated[
        datetime | None,
        typer.Option(
            "--older-than",
            metavar="TIME",
            parser=moment,
            help="Of these: pushed before 12h, 7d, 2w.",
            show_default=False,
        ),
    ] = None,
    with_children: WithChildren = False,
    running: Running = None,
    without: Without = None,
    accept: Accept = None,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """Delete images, or take tags away: everything is listed first, and an image that runs stays.

    A tag of an image with other tags is only taken away; the last tag takes the image along, as a digest does. An image
    that ECS, Lambda, Amazon Inspector or a list of yours sees in use stays, and so does one that is part of a manifest
    list. --json without --yes says what would be done.

    Exits 1 if something that was asked for is not done, 3 if AWS refused a call.
    """
    from ops.images import ImageRegistry, asked, deletion, planning
    from ops.images.begun import Begun
    from ops.images.deleting import deleted
    from ops.images.places import location
    from ops.output import removal as shown
    from ops.registry_file import load
    from ops.removal import ask_and_do

    chosen = _chosen(untagged=untagged, tag=tag, older_than=older_than)
    sources = sources_asked(without, accept)
    registry, _ = load(file)
    at = location(registry, region)
    client = ImageRegistry(at.region, account=at.account)
    begun = Begun(at) if with_children else None
    found = (
        asked.by_choice(client, references, chosen, begun) if chosen else asked.by_reference(client, references, begun)
    )
    read = planning.manifest_lists(registry, client, found, needed=with_children)
    used = planning.in_use(registry, at, found, read, sources=sources, files=running or ())
    plans = [
        deletion.plan(
            it,
            read.manifests[it.repository],
            used,
            with_children=with_children,
            accepted=accept is not None,
            selected=chosen is not None,
        )
        for it in found
    ]
    warnings = [*shown.unknown(found, used, read.unread), shown.left_behind(plans)]
    warnings.append(shown.in_replicas(registry, at, plans))
    warnings += shown.left_elsewhere(found) if with_children else []
    ask_and_do(
        found,
        plans,
        deleted(client),
        begun=begun,
        verb="Delete",
        warnings=list(filter(None, warnings)),
        accept=accept,
        as_json=as_json,
        yes=yes,
    )


def _chosen(
    *, untagged: bool, tag: str | None, older_than: datetime | None
) -> Callable[[StoredImage], Iterable[str] | None] | None:
    """What is meant of each image of a repository; None where images are named."""
    if not untagged and tag is None:
        if older_than is not None:
            raise typer.BadParameter(
                "it wants --untagged or --tag, whose images it chooses from", param_hint="--older-than"
            )
        return None

    def chosen(image: StoredImage) -> Iterable[str] | None:
        from registry.patterns import covers

        if older_than is not None and image.pushed >= older_than:
            return ()
        if untagged and not image.tags:
            return None
        return [each for each in image.tags if tag is not None and covers(tag, each)]

    return chosen
