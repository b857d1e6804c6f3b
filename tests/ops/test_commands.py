"""What holds for every command of ecrctl, those to come included: help, options, order, and one way to show things."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from ops.cli import app
from ops.program import Panel
from registry.errors import ExitCode
from tests.synth import ROOT

RUN = CliRunner()


def commands(group: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that start it, in the order of --help."""
    for name in group.list_commands(None):
        command = group.commands[name]
        if hasattr(command, "commands"):
            yield from commands(command, (*words, name))
        else:
            yield (*words, name), command


EVERY = list(commands(typer.main.get_command(app)))
IDS = [" ".join(words) for words, _ in EVERY]


def options_of(command: Any) -> dict[str, list[str]]:
    return {each.name: [*each.opts] for each in command.params if each.opts[0].startswith("-")}


@pytest.mark.parametrize("words", [(), ("lifecycle",), *(words for words, _ in EVERY)], ids=" ".join)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_fits_80_columns_and_is_not_ragged(words: tuple[str, ...], option: str) -> None:
    finished = RUN.invoke(app, [*words, option], env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"})
    assert finished.exit_code == 0
    assert max(map(len, finished.output.splitlines())) <= 80
    assert "…" not in finished.output
    prose = [line.rstrip() for line in finished.output.splitlines() if not line.startswith(("│", "╭", "╰"))]
    for line, following in pairwise(prose):
        if line and following:  # of one paragraph: the next word did not fit any more
            assert len(line) + 1 + len(following.split()[0]) > 78, line


@pytest.mark.parametrize(("words", "command"), EVERY, ids=IDS)
def test_every_command_says_in_a_sentence_what_it_does(words: tuple[str, ...], command: Any) -> None:
    first = command.help.partition("\n\n")[0]
    assert first[0].isupper()
    assert first.endswith(".")


@pytest.mark.parametrize(("words", "command"), EVERY, ids=IDS)
def test_options_with_one_name_are_one_option(words: tuple[str, ...], command: Any) -> None:
    said = options_of(command)
    for flags in said.values():
        if "--registry" in flags or "-f" in flags:
            assert flags == ["--registry", "-f"]
        if "--json" in flags:
            assert flags == ["--json"]
    if {"--registry"} & {flag for flags in said.values() for flag in flags}:
        missing = RUN.invoke(app, [*words, *["x"] * _needed(command), "--registry", "no-such-file.yaml"])
        assert missing.exit_code != ExitCode.FINE
        assert getattr(missing.exception, "exit_code", missing.exit_code) == ExitCode.INVALID


def _needed(command: Any) -> int:
    one = {"archive", "delete", "image", "images", "import", "plan", "restore", "scan", "show", "snippet"}
    return 2 if command.name == "promote" else int(command.name in one)


def test_every_file_of_commands_adds_one_command_and_help_groups_them() -> None:
    files = {f for f in (ROOT / "ops" / "commands").rglob("*.py") if f.name not in {"__init__.py", "options.py"}}
    assert len(files) == len(EVERY)
    panels = [panel for line in RUN.invoke(app, ["--help"]).output.splitlines() for panel in Panel if panel in line]
    assert panels == list(Panel)


def test_version_and_exit_codes_are_said() -> None:
    version = RUN.invoke(app, ["--version"])
    assert version.exit_code == 0
    assert re.fullmatch(r"ecrctl \d+\.\d+\.\d+\S*\n", version.output)
    said = " ".join(RUN.invoke(app, ["--help"]).output.split())
    for code, words in ((0, "fine"), (1, "findings, drift"), (2, "bad usage"), (3, "could not tell"), (130, "interr")):
        assert f"{code} {words}" in said
        assert code in set(ExitCode)


@pytest.mark.parametrize(
    "words", [["validate"], ["access"], ["access", "--markdown"], ["access", "--json"], ["network"]]
)
def test_what_is_piped_is_never_cut_to_the_width_of_a_terminal(words: list[str]) -> None:
    file = ["--registry", "examples/company/registry.yaml"]
    narrow, wide = (RUN.invoke(app, [*words, *file], env={"COLUMNS": n, "LINES": "5"}) for n in ("20", "500"))
    assert narrow.exit_code == wide.exit_code == 0
    assert narrow.output == wide.output
    assert "\x1b" not in narrow.output
    assert "…" not in narrow.output


SHOWN_BY: dict[str, set[str]] = {"ops/terminal.py": {"print", "rich"}, "ops/options.py": {"confirm", "prompt"}}


@pytest.mark.parametrize("file", sorted((ROOT / "ops").rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_everything_is_shown_by_one_module(file: Path) -> None:
    """So that what is shown is text, whole where it is piped, and not coloured there."""
    name, found = str(file.relative_to(ROOT)), set[str]()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            found.add("print")
        elif isinstance(node, ast.Attribute) and node.attr in {"echo", "secho", "confirm", "prompt"}:
            found.add("print" if node.attr in {"echo", "secho"} else node.attr)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None) or node.names[0].name
            # What only a type checker imports shows nothing.
            found |= {"rich"} if module.startswith("rich") and name != "ops/backfill.py" else set()
    assert found == SHOWN_BY.get(name, set())
