"""Which files the validators look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.synth import SHIPPED


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--of", type=Path, metavar="FILE", help="a registry file, instead of every example")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "assembly" in metafunc.fixturenames:
        one = metafunc.config.getoption("--of", default=None)
        files = [one] if one else SHIPPED
        metafunc.parametrize("assembly", files, indirect=True, scope="module", ids=str)
