"""Words that people write where this project has another: what an unknown key may mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

#: What people write instead of a key, and the keys they mean; the first that is known there is proposed.
_MEANT: Final[dict[str, tuple[str, ...]]] = {
    "ref": ("branch",),
    "refs": ("branch",),
    "ref_name": ("branch",),
    "env": ("environment",),
    "repo": ("github",),
    "arn": ("role",),
    "role_arn": ("role",),
    "iam_role": ("role",),
    "user": ("role",),
    "org": ("organization",),
    "organisation": ("organization",),
    "ou": ("organizational_unit",),
    "account_id": ("account",),
    "read": ("pull",),
    "reader": ("pull",),
    "readers": ("pull",),
    "write": ("push",),
    "writer": ("push",),
    "writers": ("push",),
    "read_write": ("push",),
    "policy": ("repository_policy",),
    "lifecycle_policy": ("lifecycle", "lifecycles"),
    "force_delete": ("empty_on_delete",),
    "encryption": ("encryption_type",),
}


def meant(key: str, known: Sequence[str]) -> str:
    """The way out by the key that is meant by a word, of those that are known in its place, or nothing."""
    word = key.lower().replace("-", "_")
    found = next((each for each in _MEANT.get(word, ()) if each in known), None)
    return f"write {found}:" if found else ""
