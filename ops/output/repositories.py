"""What `ecrctl repositories` shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ops.images.holdings import DECLARED, Holding
from ops.images.kinds import Usage
from ops.output.images import moment, size_text
from ops.terminal import count


def repository_rows(found: Sequence[Holding], *, usage: bool) -> list[dict[str, Any]]:
    """Repositories for programs; keys as ECR writes them, and ours like them."""
    return [_row(it) | (_usage(it.usage) if usage else {}) for it in found]


def _row(it: Holding) -> dict[str, Any]:
    stored = it.stored
    return {
        "repositoryName": it.name,
        "repositoryUri": stored.uri if stored else None,
        "declared": it.origin == DECLARED,
        "template": it.origin.removeprefix("template ") if it.origin.startswith("template ") else None,
        "inAws": stored is not None,
        "imageTagMutability": stored.mutability if stored else None,
        "encryptionType": stored.encryption if stored else None,
        "scanOnPush": stored.scan_on_push if stored else None,
        "createdAt": stored.created if stored else None,
    }


def _usage(used: Usage | None) -> dict[str, Any]:
    return {
        "imageCount": used.images if used else None,
        "taggedImageCount": used.tagged if used else None,
        "sizeInBytes": used.size if used else None,
        "lastPushedAt": used.last_push if used else None,
        "lastRecordedPullTime": used.last_pull if used else None,
    }


def repository_table(found: Sequence[Holding], *, usage: bool) -> tuple[list[str], list[list[Any]]]:
    """The same as columns and rows."""
    columns = ["repository", "file", "mutability", "encryption", "scan on push", "created"]
    columns += ["images", "tagged", "size", "last push", "last pull"] if usage else []
    return columns, [_cells(it, usage=usage) for it in found]


def _cells(it: Holding, *, usage: bool) -> list[Any]:
    stored, used = it.stored, it.usage
    origin = it.origin or "not declared"
    if stored is None:
        return [it.name, f"{origin}, not in AWS", *[""] * (9 if usage else 4)]
    cells = [it.name, origin, stored.mutability, stored.encryption, "yes" if stored.scan_on_push else "no"]
    cells.append(moment(stored.created))
    if not usage:
        return cells
    if used is None:
        return [*cells, *[""] * 5]
    return [*cells, used.images, used.tagged, size_text(used.size), moment(used.last_push), moment(used.last_pull)]


def summary(found: Sequence[Holding]) -> str:
    """One line below the table."""
    undeclared = sum(1 for it in found if it.stored and it.origin != DECLARED)
    missing = sum(1 for it in found if it.stored is None)
    text = f"{count(len(found) - missing, 'repository', 'repositories')} in AWS, {undeclared:,} of them not declared"
    return text + (f"; {missing:,} declared and not in AWS" if missing else "")
