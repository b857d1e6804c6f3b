"""`ecrctl adopt`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.options import Json, Profiles, profiles_given
from ops.program import Panel, app
from ops.terminal import count, print_json, print_table, say, warn
from registry.errors import ExitCode, RegistryError

if TYPE_CHECKING:
    from ops.adopt.account import LiveAccount
    from ops.adopt.writing import AdoptedFile


class FileThere(RegistryError):
    """Where the file would be written there is one."""


@app.command("adopt", rich_help_panel=Panel.LATER)
def adopt(
    name: Annotated[str, typer.Argument(help="The name of the registry: it begins every stack and role name.")],
    region: Annotated[
        str, typer.Option("--region", envvar="AWS_REGION", help="The home region, where images are pushed.")
    ],
    profile: Profiles = None,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FOLDER", help="Write registry.yaml there. Without it: only look.")
    ] = None,
    teams: Annotated[bool, typer.Option("--teams", help="Write a file of its own for each namespace.")] = False,
    as_json: Json = False,
) -> None:
    """Read an account that has repositories already, and write the registry.yaml that says what is there.

    Reads the home region and every region and account that its replication goes to: repositories with policies,
    lifecycles, tag mutability, encryption and tags, everything that a registry has once, public repositories, and what
    Amazon Inspector hides. Nothing in AWS is changed.
    What repeats becomes defaults, namespaces, named lifecycles and grants; what a file cannot say is named.

    Without --write it prints what there is, what would be safer, and what the file could not say. Afterwards
    `ecrctl import --all` takes what exists into the stacks (docs/adopting.md).

    Exits 0 where the file says everything, 1 where something is left.
    """
    from datetime import UTC, datetime

    from ops.adopt.account import read_account
    from ops.adopt.writing import adopted_file

    profiles = profiles_given(profile)
    write = write.absolute() if write is not None else None
    if write is not None:
        _refuse_existing(write)
    account = read_account(name, region, profiles)
    file = adopted_file(account, teams=teams, today=datetime.now(UTC).date())
    if write is not None:
        _write(write, file)
    complete = _show(account, file, as_json)
    if write is not None:
        lines = sum(text.count("\n") for text in file.folded.texts.values())
        warn(f"written: {count(len(file.folded.texts), 'file')} of {count(lines, 'line')} in {write}")
    raise typer.Exit(ExitCode.FINE if complete else ExitCode.NO)


def _refuse_existing(folder: Path) -> None:
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise FileThere(
            f"{folder} is not empty, and nothing is written over\n"
            "    way out: write into a new folder, look at the file, and move it where you want it: --write adopted"
        )


def _write(folder: Path, file: AdoptedFile) -> None:
    """The whole folder or none of it: whoever is interrupted runs the command again."""
    beginning = folder.with_name(f".{folder.name}.new")
    try:
        if beginning.is_symlink():
            beginning.unlink()
        shutil.rmtree(beginning, ignore_errors=True)
        for name, text in file.folded.texts.items():
            target = beginning / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        beginning.replace(folder)
    except OSError as problem:
        raise FileThere(f"{folder} cannot be written: {problem.strerror}") from problem


def _show(account: LiveAccount, file: AdoptedFile, as_json: bool) -> bool:
    """Print the statistic; whether the file says everything."""
    from ops.adopt import statistic
    from ops.output import drift as shown

    wrong = statistic.wrong(file)
    unsaid = list(statistic.unsaid(file))
    if as_json:
        print_json(statistic.as_json(account, file, shown.as_json(wrong, "the file")))
        return not wrong and not unsaid
    print_table(("what there is", "number", ""), list(statistic.there(account, file)))
    if safer := list(statistic.safer(account, file)):
        print_table(("what would be safer", "number", "way"), safer)
    if unsaid:
        print_table(("what the file cannot say", "why"), unsaid)
    if wrong:
        print_table(*shown.table(wrong, account.home))
    say(_summary(len(wrong), len(unsaid)))
    return not wrong and not unsaid


def _summary(wrong: int, unsaid: int) -> str:
    if not wrong and not unsaid:
        return "the file says everything that is there"
    parts = [count(unsaid, "thing") + " cannot be said"] if unsaid else []
    parts += [count(wrong, "difference") + " between the file and AWS"] if wrong else []
    return f"{' and '.join(parts)}\n    way out: docs/adopting.md says what can be done about each"
