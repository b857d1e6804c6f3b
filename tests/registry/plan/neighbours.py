"""Registries of which one is the other after a small change, as hypothesis draws them."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from tests.documents import Map, registries

Path = tuple[str, ...]
_DEPTH = 3  # of a setting of a repository: repositories, its name, the key
_MISSING = object()
#: What is the same in all random registries, and what none of them has.
OTHERWISE: dict[Path, Any] = {
    ("principals", "ci", "branch"): "dev*",
    ("principals", "prod", "environment"): "staging",
    ("principals", "nodes", "role"): "arn:aws:iam::210987654321:role/others",
    ("principals", "partner", "role"): "arn:aws:iam::345678901243:role/x",
    ("principals", "account", "account"): "567890123456",
    ("principals", "org", "organization"): "o-zzzzzzzzzz",
    ("lifecycles", "releases"): [{"keep": {"tagged": "v*", "last": 4}}],
    ("lifecycles", "cold"): [{"archive": {"tagged": "model-*", "unpulled_days": 30}}],
    ("kms_keys", "alias/ecr"): {"rotation_period_in_days": 180},
    ("access", "permissions_boundary"): "arn:aws:iam::123456789012:policy/boundary",
    ("access", "max_session_duration"): 7200,
    ("account_settings",): {"blob_mounting": "ENABLED"},
    ("network",): [{"vpc": {"id": "vpc-12345678", "cidr": "10.0.0.0/16", "subnets": ["subnet-12345678"]}}],
    ("registry_policy",): {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "567890123456"},
                "Action": "ecr:BatchGetImage",
                "Resource": "arn:aws:ecr:ap-northeast-2:123456789012:repository/web/*",
            }
        ]
    },
}


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[tuple[Map, dict[str, Map]], tuple[Map, dict[str, Map]]]:
    """A registry, and the same with one to three of its parts as another one has them."""
    (root, teams), (their_root, their_teams) = draw(registries()), draw(registries())
    old, theirs = {**root, **teams}, deepcopy({**their_root, **their_teams})
    for path, value in OTHERWISE.items():
        if draw(st.booleans()):
            _put(theirs, path, value)
    new = deepcopy(old)
    fixed = {"registry", "include", *teams.keys() ^ their_teams.keys()}
    places = sorted(
        path for path in {*_paths(old), *_paths(theirs)} if path[0] not in fixed and _at(old, path) != _at(theirs, path)
    )
    for path in draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True)) if places else ():
        _put(new, path, _at(theirs, path))
    return (root, teams), ({key: new[key] for key in new if key not in teams}, {name: new[name] for name in teams})


def _paths(value: Map, depth: int = _DEPTH) -> Iterator[Path]:
    for key, inner in value.items():
        yield (key,)
        if depth > 1 and isinstance(inner, dict):
            yield from ((key, *path) for path in _paths(inner, depth - 1))


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value.get(key, _MISSING) if isinstance(value, dict) else _MISSING
    return value


def _put(value: Map, path: Path, inner: Any) -> None:
    """Have a part there, or none; where there is nothing it could be in, all stays as it is."""
    for key in path[:-1]:
        value = value.get(key) or {}
    if inner is _MISSING:
        value.pop(path[-1], None)
    else:
        value[path[-1]] = deepcopy(inner)
