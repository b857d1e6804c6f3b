"""`ecrctl image`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, InReplica, Json, RegistryFile
from ops.program import Panel, app
from ops.terminal import print_json, warn


@app.command("image", rich_help_panel=Panel.IMAGES)
def image(
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="REPOSITORY:TAG or REPOSITORY@DIGEST.")],
    region: InReplica = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Also which layers the other tagged images share; a pull of each.")
    ] = False,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
) -> None:
    """Show one image: platforms, layers with their sizes, signatures and SBOMs, and what would make it smaller.

    Its manifest is read, which ECR records as a pull; it is not where the declared lifecycle counts days since the last
    one. Exits 1 if there is no such image, so that a script can ask whether a tag exists.
    """
    from ops.images import ImageRegistry
    from ops.images.anatomy import anatomy
    from ops.images.listing import counts_pulls
    from ops.images.places import location
    from ops.output import image as shown
    from ops.registry_file import load

    registry, _ = load(file)
    at = location(registry, region)
    client = ImageRegistry(at.region, account=at.account)
    found = client.find(reference)
    lifecycle = counts_pulls(registry, found.repository)
    if lifecycle:
        warn(f"its manifest is not read: to ECR that is a pull, and {lifecycle} counts days since the last one")
    taken_apart = anatomy(client, found, read=not lifecycle, compare=compare)
    if as_json:
        print_json(shown.as_dict(taken_apart))
    else:
        shown.show(taken_apart)
