"""The race stays fair when our templates change: its peer declares the same, under the same checks."""

from __future__ import annotations

from pathlib import Path

from benchmarks import compare, generate
from benchmarks.race import APP, OURS, PYTHON, starts


def test_the_peer_in_python_declares_what_ours_does(tmp_path: Path) -> None:
    for how, side, start in starts(tmp_path, generate.write(tmp_path, 10)):
        if how == APP and side in (OURS, PYTHON):
            start()
    ours, peer = (compare.read(tmp_path / "app" / side) for side in (OURS, PYTHON))
    assert len(ours.resources) > 10
    assert compare.differences(ours, peer) == []
