"""Lines that GitHub Actions shows beside a line of a file in a pull request.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.findings import Position, printable


def annotation(level: str, position: Position | None, title: str, lines: Sequence[str]) -> str:
    """One line for the log of a job. What stands in it can be no other command.

    :param level: `error`, `warning` or `notice`.
    :param position: the line it stands beside; None is the pull request as a whole.
    """
    place = f"file={_property(position.file)},line={position.line},col={position.column}," if position else ""
    return f"::{level} {place}title={_property(title)}::{_data(chr(10).join(map(printable, lines)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
