"""Snapshots as files beside their input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex

LINE = 120  # characters
TESTS = Path(__file__).resolve().parent


class _BesideInput:
    """Where a case lies is its folder and its name, not the test's."""

    folder: ClassVar[str]

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        """The folder of the inputs."""
        return str(TESTS / cls.folder)

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        """The name of the case."""
        return str(index)


class GoldenTemplate(_BesideInput, SingleFileSnapshotExtension):
    """tests/golden/NAME.json beside NAME.yaml."""

    folder = "golden"
    file_extension = "json"
    _write_mode = WriteMode.TEXT

    def serialize(self, data: Any, **_: Any) -> str:
        """JSON with sorted keys; what fits on a line stands on one, so that a diff shows what changed."""
        return _compact(data) + "\n"


class ReviewedPolicies(GoldenTemplate):
    """tests/judge/policies/NAME.json: what CloudFormation may do in an account of the company example."""

    folder = "judge/policies"


def _compact(value: Any, indent: str = "", used: int = 0) -> str:
    line = json.dumps(value, sort_keys=True, ensure_ascii=False)
    if len(line) + len(indent) + used <= LINE or not isinstance(value, dict | list) or not value:
        return line
    deeper = indent + "  "
    if isinstance(value, list):
        inside = [deeper + _compact(item, deeper) for item in value]
    else:
        named = {key: json.dumps(key) + ": " for key in sorted(value)}
        inside = [deeper + name + _compact(value[key], deeper, len(name)) for key, name in named.items()]
    opening, closing = "[]" if isinstance(value, list) else "{}"
    return f"{opening}\n" + ",\n".join(inside) + f"\n{indent}{closing}"


class RefusedMessage(_BesideInput, SingleFileSnapshotExtension):
    """tests/refused/NAME.txt beside NAME.yaml."""

    folder = "refused"
    file_extension = "txt"
    _write_mode = WriteMode.TEXT

    def serialize(self, data: Any, **_: Any) -> str:
        """What a person reads, as it is."""
        return str(data)
