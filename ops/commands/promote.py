"""`ecrctl promote`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from ops.options import DEFAULT_FILE, Json, RegistryFile, Yes, confirm_unless
from ops.program import Panel, app
from ops.terminal import print_json, say, warn
from registry.errors import ExitCode

Severity = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNTRIAGED", "UNDEFINED"]


@app.command("promote", rich_help_panel=Panel.IMAGES)
def promote(
    reference: Annotated[
        str, typer.Argument(metavar="REFERENCE", help="REPOSITORY:TAG or @DIGEST; REPOSITORY with --rollback.")
    ],
    environment: Annotated[str, typer.Argument(metavar="TAG", help="The tag that moves, such as prod.")],
    rollback: Annotated[bool, typer.Option("--rollback", help="Move it back; twice goes back two.")] = False,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="REPOSITORY", help="Copy it there, HOST/ before it or not.", show_default=False),
    ] = None,
    to_profile: Annotated[
        str | None,
        typer.Option("--to-profile", metavar="NAME", help="Whose credentials write there.", show_default=False),
    ] = None,
    gate: Annotated[
        Severity | None,
        typer.Option("--gate", help="Refuse an image with such a finding, or a worse one.", show_default=False),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the replicas, at most half an hour.")] = False,
    yes: Yes = False,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
) -> None:
    """Move a tag such as prod to an image that is there, and remember what it was on.

    The digest stays the same, so a manifest list goes whole, with its signatures. A fixed tag such as
    prod-20261126T081500Z remembers each promotion; --rollback goes by these. A run that ended early is finished by the
    same command. Of two at once, one is told, or both. Exits 1 if something forbids it, 3 if an image is not scanned.
    """
    from ops.images import ImageRegistry, parsed, promoting, promotion
    from ops.images.allowed import refuse_unlisted
    from ops.images.copying import copy, destination
    from ops.images.gate import check
    from ops.output import promotion as shown
    from ops.registry_file import load
    from registry.locations import Location

    if rollback and (to or gate):
        raise typer.BadParameter("--rollback goes back in the repository that is named; leave out --to and --gate")
    if to_profile and not to:
        raise typer.BadParameter("--to-profile is for --to")
    registry, _ = load(file)
    home = registry.home
    client = ImageRegistry(home.region, account=home.account)
    if rollback:
        target = client
        made = promotion.plan_back(client, shown.repository_named(reference), environment)
    else:
        image = parsed(reference)
        target, repository = destination(client, image, to, profile=to_profile)
        source = client.find_active(image)
        if gate:
            for line in check(registry, home, f"{source.repository}@{source.digest}", gate, datetime.now(UTC).date()):
                warn(line)
        made = promotion.plan_for(target, repository, source.digest, environment)
        there = Location(target.account, target.region)
        refuse_unlisted(registry, there, repository, (environment, *(tag for tag, _ in made.writes)))
    for line in shown.plan_lines(made):
        say(line, err=True)
    if made.action != "none" and not confirm_unless(yes)(f"{made.repository}: go on?"):
        raise typer.Exit(ExitCode.NO)
    if not rollback and (target, repository) != (client, source.repository):
        warn(copy(client, source.repository, source.digest, target, repository).said)
    done = promoting.carry_out(target, made)
    if as_json:
        print_json(shown.promoted(done))
    else:
        say(shown.promotion_line(done))
    if wait and not shown.waited(registry, target, done):
        raise typer.Exit(ExitCode.UNKNOWN)
