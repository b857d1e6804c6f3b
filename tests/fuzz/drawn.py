"""Random registries of a seed, as files of accounts that nobody else has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from tests.documents import Map

Drawn = TypeVar("Drawn")
Files = tuple[Map, dict[str, Map]]
#: The accounts in tests/documents.py that are deployed to.
_ACCOUNTS = ("123456789012", "210987654321")


@dataclass(frozen=True)
class Outcome:
    """What came of one try; `kind` is what it was, such as "accepted"; `wrong` is empty where all is well."""

    part: str
    kind: str
    wrong: str = ""


def examples(strategy: SearchStrategy[Drawn], number: int, of_seed: int) -> list[Drawn]:
    """What hypothesis draws for a seed; it begins with what is small."""
    found: list[Drawn] = []

    @seed(of_seed)
    @settings(
        settings(),
        max_examples=number,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(drawn: Drawn) -> None:
        found.append(drawn)

    draw()
    return found


def accounts(begin: int = 270_000_000_000) -> Callable[[Files], Files]:
    """Each call puts files into accounts of their own; those that are given together into the same ones."""
    numbers: Iterator[int] = count(begin, len(_ACCOUNTS))

    def moved(files: Any) -> Any:
        text, number = json.dumps(files), next(numbers)
        for offset, account in enumerate(_ACCOUNTS):
            text = text.replace(account, str(number + offset))
        return json.loads(text)

    return moved


def written(files: Files, folder: Path) -> Path:
    """The files in a folder; the root file among them. What JSON is, is YAML."""
    root, teams = files
    for name, content in {"registry.yaml": root, **teams}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content))
    return folder / "registry.yaml"
