"""Two registry files as the templates they make, by stack, to ask what the second could only replace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from registry import naming
from registry.locations import Location
from registry.replacements.find import Replacement, StackKey, replacements
from tests.synth import declared, synthesized

HEAD = 'registry: {name: acme, account: "123456789012", region: ap-northeast-2}\n'
Deployed = dict[StackKey, dict[str, Any]]


def templates_of(text: str, folder: Path) -> Deployed:
    """What the app makes of a file, by account, region and stack name."""
    registry = declared(text)
    _, templates = synthesized(registry, folder, packs=())
    made = {}
    for path, template in templates.items():
        account, region, unit = path.split("/")
        made[Location(account, region), naming.stack_name(registry.name, unit)] = template
    return made


def between(before: str, after: str, folder: Path) -> list[Replacement]:
    """What deploying the second file over the first could only replace."""
    return replacements(templates_of(before, folder / "before"), templates_of(after, folder / "after"))
