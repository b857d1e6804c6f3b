"""`ecrctl align`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, Json, RegistryFile, Yes, confirm_unless
from ops.program import Panel, app
from ops.terminal import count, print_json, say, warn
from registry.errors import ExitCode


@app.command("align", rich_help_panel=Panel.LATER)
def align(
    replica: Annotated[str, typer.Argument(metavar="REPLICA", help="REGION or ACCOUNT/REGION of a replica.")],
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """Bring repositories that ECR made itself at a replica to what the file says there.

    Replication copies images and no settings: where an image arrives before its repository is declared, ECR creates
    the repository mutable, unscanned and without policies. This command shows what differs in the repositories that
    exist there and are in no stack of the registry, asks, and writes the settings of the file with the API of ECR.
    Afterwards `ecrctl import --all` takes them into their stacks.

    It loosens nothing: a setting that is stricter than the file stays and is listed. So does what ECR cannot change
    (the encryption), and a lifecycle that would delete a running image; each with the way out.

    Exits 0 when the repositories are as the file says, 1 when something is left, 3 when AWS refused a call.
    """
    from ops.adopt.align import Aligned, alignment, carry_out, own_replica
    from ops.adopt.shown_alignment import as_dict, print_alignment
    from ops.backfill import destinations_of
    from registry.load import load

    registry, _ = load(file)
    (at,) = destinations_of(registry, [replica])
    found, done = alignment(registry, own_replica(registry, at)), Aligned(steps=(), refused={})
    where = at.beside(registry.home)
    if not as_json and (found.changes or found.left):
        print_alignment(found)
    if found.changes:
        if found.going:
            warn(f"note: lifecycles of the file delete up to {count(found.going, 'image')} there at their next run")
        counted = count(found.repositories, "repository", "repositories")
        if not confirm_unless(yes)(f"Change {counted} in {where}?"):
            raise typer.Exit(ExitCode.NO)
        done = carry_out(found)
    if as_json:
        print_json(as_dict(found, done))
    else:
        for name, why in done.refused.items():
            say(f"{name}: {why}\n    way out: solve it, then run this again: it goes on where it stopped")
        if found.changes:
            counted = count(len(done.steps), "setting")
            say(f"changed {counted} in {where}; `ecrctl import --all` imports what is equal now")
        elif not found.left:
            say(f"{file}: there is nothing to align in {where}")
    if done.refused:
        raise typer.Exit(ExitCode.UNKNOWN)
    raise typer.Exit(ExitCode.NO if found.left else ExitCode.FINE)
