"""What tests of images share: the smallest file with `web/api`, and stubs of AWS that are asked one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.images.local_ecr import LocalEcr, local_ecr
from tests.ops.stubs import Cloud, stubbed
from tests.synth import SMALL


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_text(f"{SMALL}repositories: {{web/api: }}\n")
    return path


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)  # stubs answer in their order
    with stubbed(monkeypatch) as made:
        yield made


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where notes of what was begun are kept."""
    place = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(place))
    return place


@pytest.fixture
def ecr(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalEcr]:
    """An ECR that is asked one call after the other, and restores without a wait."""
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)
    monkeypatch.setattr("ops.images.archiving._POLL_SECONDS", 0.0)
    with local_ecr(monkeypatch) as made:
        yield made
