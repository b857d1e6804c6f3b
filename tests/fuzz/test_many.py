"""What pytest says of many examples is read right: what is green, what is red, and what was not seen to its end."""

from __future__ import annotations

import pytest

from tests.fuzz.many import ROOT, files, outcome, section

GREEN = """\
tests/x.py::test_a:

  - during generate phase (1.13 seconds):
    - Typical runtimes: ~ 0-1 ms, of which < 1ms in data generation
    - 2500 passing, 0 failing, and 17 invalid test cases

  - Stopped because settings.max_examples=2500

1 passed, 40 deselected in 1.40s
"""
RED = """\
    - 10 passing, 1 failing, and 0 invalid test cases
FAILED tests/x.py::test_a - AssertionError
1 failed, 1 passed in 3.00s
"""


def test_examples_are_counted_and_a_red_test_is_named() -> None:
    green, red = (outcome("tests/x.py", said, 1.4, stopped=False) for said in (GREEN, RED))
    assert (green.tests, green.examples, green.result) == (1, 2_517, "green")
    assert (red.tests, red.examples, red.result) == (2, 11, "red: test_a")


@pytest.mark.parametrize("said", ["", "ERROR: not found\n", "3 deselected in 0.1s\n", "2 errors in 0.1s\n"])
def test_a_run_of_no_test_is_not_green(said: str) -> None:
    assert outcome("tests/x.py", said, 1, stopped=False).red


def test_a_run_that_was_stopped_says_so() -> None:
    stopped = outcome("tests/x.py", GREEN, 900, stopped=True)
    assert stopped.result == "green as far as it came: the time was over"
    assert outcome("tests/x.py", "", 900, stopped=True).result == "not seen: the time was over"
    said = section([stopped], "the command")
    assert "In 1 files the time was over" in said.says[1]
    assert f"before {len(files()) - 1} more files" in said.says[2]
    assert said.tables[0].rows == [("`tests/x.py`", 1, "2,517", "900 s", stopped.result)]


def test_every_file_that_uses_hypothesis_is_among_them() -> None:
    drawing = {file for file in (ROOT / "tests").rglob("test_*.py") if "from hypothesis import" in file.read_text()}
    assert drawing - set(files()) <= {ROOT / "tests" / "fuzz" / "test_many.py"}
    assert len(files()) >= 25
