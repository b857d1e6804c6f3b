"""What `ecrctl show` shows: the settings of one repository, and the lines that set them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ops.terminal import count
from registry.errors import InvalidRegistry, UnknownName
from registry.load import check_sources
from registry.nearest import Nearest
from registry.reading.include import read_files
from registry.resolve.origins import DEFAULT, settings_of


def read(file: Path, repository: str) -> dict[str, Any]:
    """The settings of a repository, for programs; `setAt` is empty where the default holds.

    :raises InvalidRegistry: with every finding, where one is an error.
    :raises UnreadableFile: where the path names no file that can be read.
    :raises UnknownName: for a repository that the file does not declare, with the nearest one.
    """
    sources = read_files(file)
    outcome = check_sources(sources)
    if outcome.registry is None or outcome.written is None:
        raise InvalidRegistry(outcome.findings)
    found = {it.name: it for it in outcome.registry.repositories}
    if repository not in found:
        near = Nearest(found).way_out(repository) or "declare it there, or name one that is"
        raise UnknownName(f"{file} does not declare the repository {repository}\n    way out: {near}")
    settings = settings_of(outcome.written, outcome.registry, found[repository])
    return {
        "repository": repository,
        "settings": [
            {
                "setting": it.key,
                "value": it.value,
                "layer": it.by,
                "setAt": [str(sources.position(at, key=True)) for at in it.at],
            }
            for it in settings
        ],
    }


def table(found: Mapping[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """The same as columns and rows."""
    rows = [[it["setting"], _text(it), it["layer"], it["setAt"] or DEFAULT] for it in found["settings"]]
    return ["setting", "value", "layer", "set at"], rows


def _text(setting: Mapping[str, Any]) -> Any:
    """A value as people write it in YAML."""
    value = setting["value"]
    if setting["setting"] == "repository_policy":
        return count(value, "statement")
    if isinstance(value, bool):
        return "true" if value else "false"
    return "none" if value is None or value == [] else value
