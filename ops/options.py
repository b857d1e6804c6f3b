"""Options that several commands have, and how a command asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from registry.findings import printable

DEFAULT_FILE: Final = Path("registry.yaml")
_UNITS: Final = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_PROFILE: Final = re.compile(r"([0-9]{12})=(.+)")

RegistryFile = Annotated[
    Path, typer.Option("--registry", "-f", metavar="FILE", help="The registry file.", show_default=True)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print a Markdown table.")]
App = Annotated[
    Path | None,
    typer.Option("--app", metavar="FOLDER", help="The output of `cdk synth --output FOLDER`; default: synthesize it."),
]
#: Which location images are looked at in; read by `ops.images.places.location`.
InReplica = Annotated[
    str | None,
    typer.Option("--region", metavar="REGION", help="In this replica; default: the home.", show_default=False),
]
References = Annotated[
    list[str], typer.Argument(metavar="REFERENCE", help="REPOSITORY:TAG or REPOSITORY@DIGEST, or several.")
]
#: Of commands that take images away.
WithChildren = Annotated[
    bool, typer.Option("--with-children", help="Also the images that a manifest list consists of.")
]
Running = Annotated[
    list[Path] | None,
    typer.Option(
        "--running",
        metavar="FILE",
        help="A text with running images, such as the output of kubectl; may be repeated.",
        show_default=False,
    ),
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        metavar="ecs|lambda|inspector",
        help="Do not ask this service; may be repeated.",
        show_default=False,
    ),
]
Accept = Annotated[
    str | None,
    typer.Option(
        "--accept", metavar="REASON", help="Also what runs, for this reason, which is printed.", show_default=False
    ),
]
ImageLists = Annotated[
    list[Path] | None,
    typer.Option(
        "--images",
        metavar="IMAGES.json",
        help="Output of `aws ecr describe-images` of a repository at home; may be repeated.",
        show_default=False,
    ),
]
Profiles = Annotated[
    list[str] | None,
    typer.Option("--profile", metavar="ACCOUNT=NAME", help="The AWS profile of another account; may be repeated."),
]


def sources_asked(without: Sequence[str] | None, accept: str | None) -> list[str]:
    """The services that are asked what runs.

    :raises BadParameter: for one that there is not, and for a reason that is none.
    """
    from ops.lifecycle.guard import SOURCES

    for name in without or ():
        if name not in SOURCES:
            raise typer.BadParameter(f"--without {name}: there are {', '.join(SOURCES)}")
    if accept is not None and not accept.strip():
        raise typer.BadParameter("--accept wants a reason, such as --accept 'stopped on Monday, OPS-17'")
    return [source for source in SOURCES if source not in (without or ())]


def profiles_given(written: Sequence[str] | None) -> dict[str, str]:
    """The profile of each account.

    :raises BadParameter: for a text that names no account.
    """
    found = {}
    for each in written or ():
        parts = _PROFILE.fullmatch(each)
        if parts is None:
            raise typer.BadParameter(
                f"{each} is not an account and a profile, such as 210987654321=vault", param_hint="--profile"
            )
        found[parts[1]] = parts[2]
    return found


def moment(text: str) -> datetime:
    """The time that a person means by 12h, 7d or 2w, so long ago, or by a date.

    :raises BadParameter: for another text.
    """
    number, unit = text[:-1], text[-1:]
    try:
        if unit in _UNITS and number.isascii() and number.isdigit():
            return datetime.now(UTC) - int(number) * _UNITS[unit]
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text} is no time; write 12h, 7d, 2w, or a date such as 2026-11-23") from None


def app_option(folder: Path | None) -> list[str]:
    """The same option in the words of a command line."""
    return [] if folder is None else ["--app", str(folder)]


def refuse_link(output: Path) -> None:
    """A file that is written by name alone is no link: one that came with somebody's branch may lead anywhere.

    :raises BadParameter: where it is one.
    """
    if output.is_symlink():
        raise typer.BadParameter(f"{output} is a link; name the file itself", param_hint="--output")


Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def ask_person(question: str) -> bool:
    """What a person answers."""
    return typer.confirm(printable(question), err=True)  # standard output is for answers


def ask_text(question: str) -> str:
    """What a person types."""
    return str(typer.prompt(printable(question), err=True))


def assume_yes(question: str) -> bool:
    """Yes to everything."""
    del question
    return True


def confirm_unless(yes: bool) -> Callable[[str], bool]:
    """How to ask: not at all with `--yes`."""
    return assume_yes if yes else ask_person
