"""`ecrctl init`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from ops.options import ask_text
from ops.program import Panel, app
from ops.terminal import say

_GITHUB: Final = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")
_OWNER: Final = re.compile(r"@[A-Za-z0-9-]+(/[A-Za-z0-9._-]+)?")
_REF: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_URL: Final = re.compile(r"(?!-)[^\s$#'\"`\\|]+( [^\s$#'\"`\\|]+)*")
_WORD: Final = re.compile(r"[A-Za-z0-9-]+")


@app.command("init", rich_help_panel=Panel.FILE)
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the repository; made if it is missing.")],
    name: Annotated[str | None, typer.Option("--name", help="Name of the registry, such as acme.")] = None,
    account: Annotated[str | None, typer.Option("--account", metavar="ID", help="Its AWS account.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="Its home region.")] = None,
    github: Annotated[
        str | None, typer.Option("--github", metavar="ORG/REPO", help="How the repository is called on GitHub.")
    ] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="@ORG/TEAM", help="Who approves changes, in CODEOWNERS.")
    ] = None,
    adopt: Annotated[
        Path | None,
        typer.Option(
            "--adopt",
            metavar="FILE",
            help="Take this registry file and its team files; name, account and region are its own.",
        ),
    ] = None,
    project: Annotated[
        str | None, typer.Option("--project", metavar="URL", help="Where this project is cloned from; default: origin.")
    ] = None,
    branch: Annotated[str, typer.Option("--branch", help="The branch that is deployed.")] = "main",
    environment: Annotated[
        str, typer.Option("--environment", help="The environment of deploys on GitHub.")
    ] = "registry",
) -> None:
    """Make a company's own repository: its registry.yaml, a pinned version of this project, and workflows.

    What no option says is asked in a terminal. Nothing is overwritten. The README.md that is written says what each
    file is for, and what to do before the first deploy. Needs no AWS account and no network.
    """  # fmt: skip
    from ops.init.pin import ROOT, pin_of
    from ops.init.repository import Company, adopted_files, files_of, write
    from registry.load import load

    pin = pin_of(ROOT, project)
    _of_form(pin.url, _URL, "--project", "a URL or a path, without $ # | quotes and backslashes")
    adopted = None
    if adopt is not None:
        adopted, own = adopted_files(adopt), load(adopt)[0]
        if given := [f for f, v in (("--name", name), ("--account", account), ("--region", region)) if v is not None]:
            raise typer.BadParameter("the file says it; leave this option out", param_hint=", ".join(given))
        name, account, region = own.name, own.account, own.region
    company = Company(
        name=_word(name, "--name", "Name of the registry, such as acme"),
        account=_word(account, "--account", "AWS account, 12 digits"),
        region=_word(region, "--region", "Home region, such as eu-central-1"),
        github=_of_form(_wanted(github, "--github", "Repository, as ORG/REPO"), _GITHUB, "--github", "ORG/REPO"),
        owner=_of_form(_wanted(owner, "--owner", "Who approves changes, as @ORG/TEAM"), _OWNER, "--owner", "@ORG/TEAM"),
        branch=_of_form(branch, _REF, "--branch", "letters, digits, and . _ / - inside"),
        environment=_of_form(environment, _REF, "--environment", "letters, digits, and . _ / - inside"),
    )  # fmt: skip
    files = files_of(company, pin, adopted)
    write(files, folder)
    for each in sorted(files):
        say(f"wrote {folder / each}")
    say(f"version {pin.version}, {pin.commit} of {pin.url}")
    say("next: git init, then make setup; README.md says what to do before the first deploy")


def _wanted(value: str | None, option: str, question: str) -> str:
    """What an option says, or a person."""
    if value is not None:
        return value
    if not sys.stdin.isatty():
        raise typer.BadParameter("is needed where nobody can be asked", param_hint=option)
    return ask_text(question)


def _word(value: str | None, option: str, question: str) -> str:
    """What stands in YAML, in ARNs and in a workflow: the registry's own rules say the rest."""
    return _of_form(_wanted(value, option, question), _WORD, option, "letters, digits and -")


def _of_form(value: str, form: re.Pattern[str], option: str, allowed: str) -> str:
    if not form.fullmatch(value):
        raise typer.BadParameter(f'"{value}" is not {allowed}', param_hint=option)
    return value
