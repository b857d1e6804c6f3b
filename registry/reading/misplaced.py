"""What an unknown key may mean: a word that people write for another, or a key in the wrong place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from registry.findings import YamlPath
from registry.shape import ScanningShape, Settings, Shape, keys_of

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
    "policy": ("repository_policy", "registry_policy"),
    "lifecycle_policy": ("lifecycle", "lifecycles"),
    "force_delete": ("empty_on_delete",),
    "encryption": ("encryption_type",),
}


def meant(key: str, known: Sequence[str]) -> str:
    """The way out by the key that is meant by a word, of those that are known in its place, or nothing."""
    word = key.lower().replace("-", "_")
    found = next((each for each in _MEANT.get(word, ()) if each in known), None)
    return f"write {found}:" if found else ""


def elsewhere(location: YamlPath, value: object, root: type[Shape]) -> str:
    """The way out for a key that exists, and not here."""
    key = str(location[-1])
    if is_a_setting_among_entries(location[:2]):
        return indent(location[:2])
    if len(location) == 1:
        if key == "scan_on_push" and isinstance(value, list):
            return _scanning(key)
        if key in keys_of(Settings) and not (key == "lifecycle" and isinstance(value, dict)):
            return "write it in defaults, in a namespace or in a repository"
        return ""
    if key in keys_of(ScanningShape):
        return _scanning(key)
    return f"write {key}: at the top level of the file, not inside another key" if key in keys_of(root) else ""


def _scanning(key: str) -> str:
    value = "BASIC" if key == "scan_type" else "[...]"
    return f"write it once for the registry, at the top level of the root file: scanning: {{{key}: {value}}}"


def inside(location: YamlPath, value: object) -> str:
    """The way out where repositories stand inside others, as they do on paper."""
    if location[0] == "repositories" and len(location) == 3 and (value is None or isinstance(value, dict)):
        return f"write a repository with its whole name, as a key of repositories: {location[1]}/{location[2]}:"
    return ""


def is_a_setting_among_entries(location: YamlPath) -> bool:
    """Whether a key of a repository or namespace stands where their names do: one level too high."""
    return len(location) == 2 and location[0] in ("repositories", "namespaces") and location[1] in keys_of(Settings)


def indent(location: YamlPath) -> str:
    one = {"repositories": "a repository", "namespaces": "a namespace"}[str(location[0])]
    return (
        f"indent {location[1]}: by one level more, so that it stands inside {one}; here it is taken for the name of one"
    )
