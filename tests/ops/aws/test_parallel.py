"""Many at once: in order, and at the first error or Ctrl-C nothing more is begun and nobody is waited for."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from ops.aws.parallel import WORKERS, map_parallel

LONG = 60.0  # seconds; ends a hang, and nothing depends on it


def test_results_are_in_the_order_of_the_items() -> None:
    assert map_parallel(list(range(100)), lambda it: it * it, "counting") == [it * it for it in range(100)]
    assert map_parallel([], lambda it: it, "counting") == []


def test_as_many_run_at_a_time_as_there_are_workers() -> None:
    together = threading.Barrier(WORKERS)
    assert len(map_parallel(list(range(WORKERS)), lambda it: together.wait(LONG), "meeting")) == WORKERS


def test_after_the_first_error_nothing_more_is_begun() -> None:
    held, begun = threading.Event(), list[int]()
    others = set(threading.enumerate())

    def work(item: int) -> None:
        begun.append(item)
        if item == 0:
            raise ValueError("no")
        held.wait(LONG)

    with pytest.raises(ValueError, match="no"):
        map_parallel(list(range(1_000)), work, "failing")
    held.set()
    for thread in set(threading.enumerate()) - others:
        thread.join(LONG)
    assert len(begun) <= WORKERS


def test_after_ctrl_c_nothing_more_is_begun() -> None:
    held, begun = threading.Event(), list[int]()
    others = set(threading.enumerate())

    def work(item: int) -> None:
        begun.append(item)
        if item == 0:
            os.kill(os.getpid(), signal.SIGINT)
        held.wait(LONG)

    with pytest.raises(KeyboardInterrupt):
        map_parallel(list(range(1_000)), work, "interrupted")
    held.set()
    for thread in set(threading.enumerate()) - others:
        thread.join(LONG)
    assert len(begun) <= WORKERS


@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt])
def test_a_call_that_hangs_is_not_waited_for(problem: type[BaseException]) -> None:
    held, hanging = threading.Event(), threading.Event()
    others = set(threading.enumerate())

    def work(item: int) -> None:
        if item == 0:
            hanging.set()
            held.wait()
        else:
            hanging.wait(LONG)
            raise problem

    try:
        with pytest.raises(problem):
            map_parallel([0, 1], work, "hanging")
        assert all(thread.daemon for thread in set(threading.enumerate()) - others)  # none keeps the program
    finally:
        held.set()
