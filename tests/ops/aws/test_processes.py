"""Reading in several processes: in order, each with clients of its own, and none of them left at the end."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable

import pytest

from ops.aws import processes
from ops.aws.cloud import CloudError, OddAnswer
from ops.aws.processes import AT_ONCE, LEAST, map_reading
from registry.errors import ExitCode, RegistryError

MANY = list(range(2 * LEAST))
LONG = 60.0  # seconds; ends a hang, and nothing depends on it

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere one process reads")


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_processors", lambda: 2)


def own_process() -> Callable[[int], tuple[int, int]]:
    made_in = os.getpid()
    return lambda item: (item, made_in if made_in == os.getpid() else 0)


def test_two_processes_share_the_items_and_each_makes_what_it_asks_with() -> None:
    found = map_reading(MANY, own_process, "counting")
    assert [item for item, _ in found] == MANY
    assert len({process for _, process in found}) == 2
    assert {process for _, process in found}.isdisjoint({0, os.getpid()})


def test_few_items_are_read_in_this_process() -> None:
    assert {process for _, process in map_reading(MANY[1:], own_process, "counting")} == {os.getpid()}
    assert map_reading([], own_process, "counting") == []


def test_all_processes_share_the_calls_that_are_made_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LEAST", 1)
    together = threading.Barrier(AT_ONCE // 2)  # a copy of it in each process
    assert len(map_reading(list(range(AT_ONCE)), lambda: lambda _: together.wait(LONG), "meeting")) == AT_ONCE


class NoSuch(RegistryError):
    exit_code = ExitCode.INVALID

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"no {what} in {where}")
        self.near = lambda: "this one"  # a function cannot be given to another process


@pytest.mark.parametrize(
    ("problem", "is_given", "text"),
    [
        (ValueError("no"), ValueError, "no"),
        (OddAnswer("DescribeImages", "it has no end"), RegistryError, "DescribeImages cannot be used: it has no end"),
        (NoSuch("image", "web"), RegistryError, "no image in web"),
        (SystemExit("bye"), SystemExit, "bye"),
    ],
)
def test_the_first_error_ends_it_with_its_text_and_its_exit_code(
    problem: BaseException, is_given: type[BaseException], text: str
) -> None:
    def work(item: int) -> int:
        if item == MANY[-1]:
            raise problem
        return item

    with pytest.raises(is_given, match=text) as raised:
        map_reading(MANY, lambda: work, "failing")
    assert getattr(raised.value, "exit_code", None) == getattr(problem, "exit_code", None)
    assert not multiprocessing.active_children()


def test_what_fails_before_the_first_item_is_told() -> None:
    def prepare() -> Callable[[int], int]:
        raise CloudError("no credentials")

    with pytest.raises(CloudError, match="no credentials"):
        map_reading(MANY, prepare, "failing")


def test_a_process_that_is_killed_is_no_answer() -> None:
    def work(item: int) -> int:
        if item == MANY[-1]:
            os.kill(os.getpid(), signal.SIGKILL)
        return item

    with pytest.raises(CloudError, match="has ended before its work") as raised:
        map_reading(MANY, lambda: work, "dying")
    assert raised.value.exit_code == ExitCode.UNKNOWN
    assert not multiprocessing.active_children()


def test_ctrl_c_ends_every_process_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    parent = os.getpid()

    def work(item: int) -> int:
        if item == 0:
            os.kill(os.getpid(), signal.SIGINT)  # a terminal sends it to all
            os.kill(parent, signal.SIGINT)
        threading.Event().wait(LONG)
        return item

    with pytest.raises(KeyboardInterrupt):
        map_reading(MANY, lambda: work, "interrupted")
    assert not multiprocessing.active_children()
    assert capfd.readouterr().err == ""
