"""`ecrctl archive`."""

from __future__ import annotations

from ops.options import (
    DEFAULT_FILE,
    Accept,
    InReplica,
    Json,
    References,
    RegistryFile,
    Running,
    WithChildren,
    Without,
    Yes,
    sources_asked,
)
from ops.program import Panel, app


@app.command("archive", rich_help_panel=Panel.IMAGES)
def archive(
    references: References,
    region: InReplica = None,
    with_children: WithChildren = False,
    running: Running = None,
    without: Without = None,
    accept: Accept = None,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """Archive images, each with all its tags: nobody can pull them before `ecrctl restore`.

    The images are listed first. One that runs stays, as with `ecrctl delete`, and so does one that is part of a
    manifest list that stays. AWS charges at least 90 days of the archive. --json without --yes says what would be done.

    Exits 1 if something that was asked for is not done, 3 if AWS refused a call.
    """
    from ops.images import ImageRegistry, asked, deletion, planning
    from ops.images.archiving import archived
    from ops.images.begun import Begun
    from ops.images.places import location
    from ops.output import removal as shown
    from ops.registry_file import load
    from ops.removal import ask_and_do

    sources = sources_asked(without, accept)
    registry, _ = load(file)
    at = location(registry, region)
    client = ImageRegistry(at.region, account=at.account)
    begun = Begun(at) if with_children else None
    found = asked.images_of(asked.by_reference(client, references, begun))
    read = planning.manifest_lists(registry, client, found, needed=with_children)
    used = planning.in_use(registry, at, found, read, sources=sources, files=running or ())
    plans = [
        deletion.plan(
            it,
            read.manifests[it.repository],
            used,
            with_children=with_children,
            accepted=accept is not None,
            archive=True,
        )
        for it in found
    ]
    ask_and_do(
        found,
        plans,
        archived(client),
        begun=begun,
        verb="Archive",
        warnings=list(filter(None, [*shown.unknown(found, used, read.unread), shown.left_behind(plans)])),
        accept=accept,
        as_json=as_json,
        yes=yes,
    )
