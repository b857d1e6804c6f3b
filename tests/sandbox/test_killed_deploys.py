"""A deploy that was killed between two calls, typed again; `python -m tests.faults.typed` kills at many more."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from tests.faults.calls import Call, calls_of, kills
from tests.faults.kinds import KINDS
from tests.faults.proxy import Proxy
from tests.faults.request import Request
from tests.faults.typed import LINES, Desk
from tests.sandbox.conftest import HOME, Sandbox


def test_what_is_killed_after_cloudformation_has_begun_is_finished_by_the_same_line(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    (line,) = (it for it in LINES if it.name == "cdk deploy, a change")
    with Proxy(sandbox.place, everyone=True).running() as proxy:
        outcome = Desk(sandbox, proxy, tmp_path).killed(line, KINDS["killed after"], "cloudformation:ExecuteChangeSet")
    assert outcome.call == "cloudformation:ExecuteChangeSet"
    assert outcome.wrong == ""


def call(operation: str, about: str, number: int = 0) -> Call:
    return Call(HOME, operation, about, number, writes="Put" in operation)


def test_a_kill_is_before_and_after_each_change_and_before_the_first_call_that_reads() -> None:
    calls = [call("a:DescribeX", "one"), call("a:PutX", "one"), call("a:DescribeX", "two"), call("a:PutX", "two")]
    assert kills(calls) == [
        (KINDS["killed before"], calls[0]),
        (KINDS["killed before"], calls[1]),
        (KINDS["killed after"], calls[1]),
        (KINDS["killed before"], calls[3]),
        (KINDS["killed after"], calls[3]),
    ]


def asked(stack: str, account: str = "210000000001") -> Request:
    arn = f"arn:aws:cloudformation:{HOME}:{account}:stack/{stack}/1234"
    return Request("POST", "/", {}, urlencode({"Action": "DeleteStack", "StackName": arn}).encode())


def test_a_call_is_known_in_another_order_and_in_another_account() -> None:
    calls = calls_of([asked("one"), asked("two"), asked("one")])
    again = [asked("two", "210000000002"), asked("one", "210000000002"), asked("one", "210000000002")]
    for wanted, index in zip(calls, (1, 0, 2), strict=True):
        assert [wanted.is_last_of(again[: number + 1]) for number in range(3)] == [index == n for n in range(3)]
