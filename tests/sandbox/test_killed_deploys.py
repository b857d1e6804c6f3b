"""A deploy that was killed between two calls, typed again; `python -m tests.faults.typed` kills at many more."""

from __future__ import annotations

from pathlib import Path

from tests.faults.kinds import KINDS
from tests.faults.proxy import Proxy
from tests.faults.typed import LINES, Desk, places
from tests.sandbox.conftest import Sandbox


def test_what_is_killed_after_cloudformation_has_begun_is_finished_by_the_same_line(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    (line,) = (it for it in LINES if it.name == "cdk deploy, a change")
    with Proxy(sandbox.place, everyone=True).running() as proxy:
        outcome = Desk(sandbox, proxy, tmp_path).killed(line, KINDS["killed after"], "cloudformation:ExecuteChangeSet")
    assert outcome.call == "cloudformation:ExecuteChangeSet"
    assert outcome.wrong == ""


def test_a_kill_is_at_the_first_call_of_each_operation_and_at_the_last_that_changes_something() -> None:
    calls = [("a:DescribeX", False), ("a:PutX", True), ("a:DescribeX", False), ("a:PutX", True), ("a:PutX", True)]
    assert places(calls, every=False) == [0, 1, 4]
    assert places(calls, every=True) == [0, 1, 2, 3, 4]
