"""`ecrctl release`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, Json, RegistryFile
from ops.program import Panel, app
from ops.terminal import print_json, say, warn


@app.command("release", rich_help_panel=Panel.IMAGES)
def release(
    repository: Annotated[str, typer.Argument(metavar="REPOSITORY", help="Its name, declared or not.")],
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A tag or a digest of the image in it.")],
    version: Annotated[str, typer.Option("--version", metavar="VERSION", help="Such as 1.2.3, or 1.2.3-rc.1.")],
    fixed_only: Annotated[bool, typer.Option("--fixed-only", help="Move no tag.")] = False,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
) -> None:
    """Tag an image with a version, and move the tags whose newest version it is.

    v1.2.3 stays what it is; v1.2.x and v1.x are moved, unless a newer version has them. A pre-release moves nothing.
    Where the repository lists 1.2 and 1 in moving_tags, the tags are 1.2.3, 1.2 and 1. Nothing is written where one of
    them may not move. The same once more finishes what was not finished.
    """
    from ops.images import ImageRegistry
    from ops.images import release as releasing
    from ops.images.allowed import refuse_unlisted
    from ops.output import promotion as shown
    from ops.registry_file import load

    registry, _ = load(file)
    home = registry.home
    client = ImageRegistry(home.region, account=home.account)
    made = releasing.plan(client, repository, source, version, fixed_only=fixed_only)
    refuse_unlisted(registry, home, repository, made.written)
    done = releasing.carry_out(client, made)
    if as_json:
        print_json(shown.released(done))
    else:
        for line in shown.release_lines(done):
            say(line)
    for note in done.notes:
        warn(note)
