"""AWS as a stub, and the templates of a registry without a synth."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ops.adopt.importing import (
    API,
    CACHE,
    SCANNING,
    STACK,
    UI,
    WIDE,
    template,
)
from tests.ops.stubs import AskedAssembly, Cloud, assembling, importing


@pytest.fixture
def assembly(monkeypatch: pytest.MonkeyPatch) -> AskedAssembly:
    wide = {"Scanning": SCANNING, "Cache": CACHE, "Other": {"Type": "AWS::KMS::Key"}}
    made = AskedAssembly({STACK: template(API | UI), WIDE: wide})
    assembling(monkeypatch, made)
    return made


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with importing(monkeypatch) as made:
        yield made
