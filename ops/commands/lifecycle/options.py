"""Options that several lifecycle commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Repositories = Annotated[
    list[str] | None, typer.Argument(metavar="REPOSITORY", help="Names of the file.", show_default=False)
]
Regions = Annotated[
    list[str] | None,
    typer.Option("--region", metavar="REGION", help="Only there; may be repeated.", show_default=False),
]
Policy = Annotated[
    Path | None,
    typer.Option(
        "--policy", metavar="POLICY.json", help="This policy text, and not the declared ones.", show_default=False
    ),
]


def policy_text(path: Path | None) -> tuple[str, str] | None:
    """A policy and the name of its file, as `targets` takes them."""
    if path is None:
        return None
    from registry.lifecycle.policy import text_of

    return text_of(path), str(path)
