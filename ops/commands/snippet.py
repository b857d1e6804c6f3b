"""`ecrctl snippet`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ops.options import DEFAULT_FILE, Json, RegistryFile
from ops.program import Panel, app
from ops.terminal import print_json, say, warn

if TYPE_CHECKING:
    from ops.snippet.make import Snippet


@app.command("snippet", rich_help_panel=Panel.FILE)
def snippet(
    name: Annotated[str, typer.Argument(metavar="REPOSITORY|PRINCIPAL", help="The name of one, as the file has it.")],
    target: Annotated[
        Literal[
            "github",
            "gitlab",
            "circleci",
            "bitbucket",
            "jenkins",
            "codebuild",
            "buildkite",
            "terraform",
            "docker",
            "compose",
            "kubernetes",
            "ecs",
            "lambda",
        ],
        typer.Option("--for", help="The tool that the files are for.", show_default=False),
    ],
    as_: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="PRINCIPAL",
            help="Whose jobs they are; default: the only one that may.",
            show_default=False,
        ),
    ] = None,
    language: Annotated[
        Literal["go", "java", "node", "python"] | None,
        typer.Option("--language", help="Also write a Dockerfile for it.", show_default=False),
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(
            "--image",
            metavar="TAG|DIGEST",
            help="What to run; default: prod, or latest, where they move.",
            show_default=False,
        ),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(
            "--region", metavar="REGION", help="Pull from this replica; default: the home.", show_default=False
        ),
    ] = None,
    deployment: Annotated[
        str | None,
        typer.Option(
            "--deployment", metavar="NAME", help="Bitbucket's name of the deployment environment.", show_default=False
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--write", metavar="DIR", help="Write the files there; default: print them.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="With --write: write over files that are there.")] = False,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
) -> None:
    """Make files for another tool, with this registry's account, region, role and tags.

    The files of CI that builds, pushes and promotes without stored keys; Dockerfiles; the files of what runs an image.
    Needs no AWS account and no network.
    """  # fmt: skip
    from ops.images.places import location
    from ops.registry_file import load
    from ops.snippet.make import Request, make

    if force and folder is None:
        raise typer.BadParameter("--force goes with --write")
    registry, _ = load(file)
    at = location(registry, region) if region is not None else None
    asked = Request(name=name, target=target, as_=as_, language=language, image=image, at=at, deployment=deployment)
    made = make(registry, asked)
    if folder is not None:
        from ops.init.repository import write

        write(made.files, folder, force=force, otherwise="" if force else "; --force writes over them")
    if as_json:
        print_json(_as_dict(made))
    elif folder is not None:
        for path in made.files:
            say(f"wrote {folder / path}")
    else:
        _print(made)
    if not as_json:
        for note in made.notes:
            warn(f"note: {note}")


def _print(made: Snippet) -> None:
    """The only file as it is, so that it can go into a pipe; several with their names between."""
    several = len(made.files) > 1
    for path, text in made.files.items():
        if several:
            say(f"==> {path} <==", bold=True)
        say(text.removesuffix("\n"))


def _as_dict(made: Snippet) -> dict[str, object]:
    files = [{"path": path, "content": text} for path, text in made.files.items()]
    return {"repository": made.repository, "principal": made.principal, "files": files, "notes": list(made.notes)}
