"""What is shown is text, what is piped is whole, and NO_COLOR is honoured: once, for every command."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime

import pytest

from ops import terminal as output

#: What AWS or a file may say: Rich's markup and emoji, an escape sequence, a C1 control, a bidirectional override.
MARKUP = "[/red] [web] [bold]x[/bold] arn:aws:secretsmanager:us-west-2:123456789012:secret:web :warning:"
ESCAPES = "\x1b]0;owned\x07 \x9b31m \u202e txt\r\nnext"
LONG = "arn:aws:ecr:ap-northeast-2:123456789012:repository/" + "web/" * 60


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Terminal()


def test_a_piped_table_is_one_line_a_row_with_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(("who", "what"), [(LONG, ["a", "b"]), (MARKUP, ESCAPES)])
    assert capsys.readouterr().out.split("\n") == [
        "who\twhat",
        f"{LONG}\ta, b",
        f"{MARKUP}\t\\x1b]0;owned\\x07 \\x9b31m \\u202e txt\\r\\nnext",
        "",
    ]


def test_a_table_on_a_terminal_folds_and_loses_nothing(terminal: Terminal) -> None:
    with redirect_stdout(terminal):
        output.print_table(("who", "what [x]"), [(LONG, "pull"), (MARKUP, ESCAPES)])
    shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())
    lines = shown.splitlines()
    assert max(map(len, lines)) <= 80
    assert LONG in "".join(line.strip().partition(" ")[0] for line in lines)
    for word in ("[/red]", "[web]", "[bold]x[/bold]", ":secret:web", ":warning:", "\\x1b]0;owned", "what [x]"):
        assert word in shown
    assert not re.search(r"[\x07\x9b\u202e]", shown)


@pytest.mark.parametrize(("no_color", "coloured"), [(None, True), ("", True), ("1", False)])
def test_no_color_is_honoured(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, no_color: str | None, coloured: bool
) -> None:
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    with redirect_stdout(terminal):
        output.say("error: no", colour="red")
    assert (terminal.getvalue() == "\x1b[31merror: no\x1b[0m\n") is coloured
    assert "error: no" in terminal.getvalue()


def test_nothing_piped_is_coloured(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    output.say("error: no", colour="red", bold=True)
    assert capsys.readouterr().out == "error: no\n"


def test_a_sentence_may_have_lines_and_no_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    output.say(f"one\n    {MARKUP}\x1b[2J")
    output.warn("beside\x07")
    said = capsys.readouterr()
    assert said.out == f"one\n    {MARKUP}\\x1b[2J\n"
    assert said.err == "beside\\x07\n"


def test_progress_shows_text_on_a_terminal_and_nothing_elsewhere(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    for stream in (terminal, io.StringIO()):
        with redirect_stderr(stream), output.progress() as bar, output.waiting(MARKUP + ESCAPES):
            bar.add_task(MARKUP, total=2)
            bar.refresh()
        said = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stream.getvalue())
        assert ("[/red] [web]" in said) is (stream is terminal)
    assert capsys.readouterr().out == ""


def test_json_is_for_programs_and_says_nothing_to_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"name": MARKUP, "text": ESCAPES, "at": datetime(2026, 11, 25, tzinfo=UTC), "일": "\ud800 \U000e0001 ü"}
    output.print_json(value)
    said = capsys.readouterr().out
    assert json.loads(said) == {**value, "at": "2026-11-25T00:00:00+00:00"}
    assert "일" in said
    assert said.replace("\n", "").isprintable()


def test_a_cell_of_markdown_is_code() -> None:
    said = output.markdown(("a", "b"), [("x|y", "`z` :secret: @team"), ("", ["p", "q"]), ("two\nlines", "<b>")])
    assert said.splitlines() == [
        "| a | b |",
        "|---|---|",
        "| `x\\|y` | `` `z` :secret: @team `` |",
        "|  | `p, q` |",
        "| `two\\nlines` | `<b>` |",
    ]


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 repositories"), (1, "1 repository"), (2_000, "2,000 repositories")]
)
def test_a_number_has_its_noun(number: int, said: str) -> None:
    assert output.count(number, "repository", "repositories") == said
    assert output.count(2, "stack") == "2 stacks"
