"""`ecrctl usage`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ops.options import DEFAULT_FILE, Json, Markdown, Profiles, RegistryFile, moment, profiles_given
from ops.program import Panel, app
from ops.terminal import print_json, print_markdown, print_table, warn
from registry.errors import ExitCode

if TYPE_CHECKING:
    from registry.locations import Location
    from registry.model import Registry


@app.command("usage", rich_help_panel=Panel.IMAGES)
def usage(
    namespace: Annotated[
        list[str] | None,
        typer.Option("--namespace", metavar="NAME", help="Only this namespace; may be repeated.", show_default=False),
    ] = None,
    owner: Annotated[
        list[str] | None,
        typer.Option("--owner", metavar="NAME", help="Only this owner; may be repeated.", show_default=False),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option("--region", metavar="REGION", help="Only there; default: everywhere.", show_default=False),
    ] = None,
    by: Annotated[
        Literal["repository", "namespace", "owner", "location", "month", "layer", "base"],
        typer.Option(
            "--by", metavar="ROWS", help="What a row is: repository, namespace, owner, location, month, layer or base."
        ),
    ] = "repository",
    sort: Annotated[
        Literal["size", "new", "unpulled", "freed", "images", "name"],
        typer.Option("--sort", metavar="ORDER", help="The order of rows: size, new, unpulled, freed, images or name."),
    ] = "size",
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            metavar="TIME",
            parser=moment,
            help="New: pushed since 12h, 7d, 2w, or a date; default: 30d.",
            show_default=False,
        ),
    ] = None,
    days: Annotated[
        int,
        typer.Option(
            "--unpulled-days",
            min=1,
            max=3650,
            metavar="DAYS",
            help="Unpulled: not pushed or pulled for so long.",
        ),
    ] = 90,
    manifests: Annotated[
        bool | None,
        typer.Option(
            "--manifests/--no-manifests",
            help="Read them for exact sizes; default: where ECR does not record that as a pull.",
            show_default=False,
        ),
    ] = None,
    what_if: Annotated[
        str | None,
        typer.Option(
            "--what-if",
            metavar="LIFECYCLE",
            help="Also what this one would save: declared, a name of the file, POLICY.json, or sentences.",
            show_default=False,
        ),
    ] = None,
    profile: Profiles = None,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
    as_markdown: Markdown = False,
) -> None:
    """Show what takes room, what grows, what nobody pulls, and what a lifecycle would save.

    Over all repositories and locations, declared or not, by unique layers: one that ten images share counts once.
    Reading which layers these are is a pull to ECR, so it is done where the role of the credentials is excluded from
    pull times, or with --manifests; without, a size is a range. Exits 3 if a part of the registry was not asked.
    """
    from ops.output import usage as shown
    from ops.registry_file import load
    from ops.usage.reading import Question, answered
    from registry.usage.count import Since
    from registry.usage.what_if import rules_for

    registry, _ = load(file)
    owners = _owners(registry, owner or ())
    rules = rules_for(what_if, registry, file) if what_if is not None else None
    profiles = profiles_given(profile)
    now = datetime.now(UTC)
    asked, unasked = _locations(registry, region, profiles)
    question = Question(
        locations=asked,
        chosen=_chosen(namespace, owners),
        since=Since(used=now - timedelta(days=days), new=since or now - timedelta(days=30)),
        now=now,
        manifests=manifests,
        profiles=profiles,
        rules=rules,
    )
    found = answered(registry, question)
    if as_json:
        print_json(shown.as_dict(found, question, unasked, what_if))
    else:
        columns, rows = shown.table(found, by, sort, short=sys.stdout.isatty())
        if as_markdown:
            print_markdown(columns, rows)
        elif rows:
            print_table(columns, rows)
        for line in shown.summary(found, days, question.since.new, what_if):
            warn(line)
    if unasked:
        warn(
            f"this is not the whole: not asked, because they are in other accounts: {', '.join(map(str, unasked))}\n"
            "    way out: --profile ACCOUNT=NAME gives credentials, --region asks one location alone"
        )
        raise typer.Exit(ExitCode.UNKNOWN)


def _owners(registry: Registry, asked: Iterable[str]) -> list[str]:
    """Owners are the file's alone, so one that it does not name owns nothing, and is a slip.

    :raises UnknownName: for such a one, with the nearest.
    """
    from registry.errors import UnknownName
    from registry.findings import listed, shown
    from registry.nearest import Nearest

    known = sorted({it.owner for it in registry.repositories if it.owner is not None})
    found = list(asked)
    for name in found:
        if name not in known:
            way_out = Nearest(known).way_out(name) or (
                f"one of {listed(known)}" if known else "give repositories an owner"
            )
            raise UnknownName(f"no repository of the file has the owner {shown(name)}\n    way out: {way_out}")
    return found


def _chosen(namespaces: list[str] | None, owners: list[str] | None) -> Callable[[str, str], bool]:
    from registry.naming import namespace_of

    def chosen(name: str, owner: str) -> bool:
        return (not namespaces or namespace_of(name) in namespaces) and (not owners or owner in owners)

    return chosen


def _locations(
    registry: Registry, region: str | None, profiles: dict[str, str]
) -> tuple[tuple[Location, ...], tuple[Location, ...]]:
    """Those that are asked, and those that cannot be: in other accounts, without a profile."""
    from ops.aws import cloud
    from ops.images.places import location

    wanted = registry.locations if region is None else (location(registry, region),)
    own = cloud.own_account(registry)
    asked = tuple(at for at in wanted if at.account == own or at.account in profiles)
    return asked, tuple(at for at in wanted if at not in asked)
