"""IAM judged by engines that are not ours: @cloud-copilot/iam-simulate in Node, and the evaluator of the local AWS.

Both get the same cases. They know policies, conditions and accounts; what they do not know of
this project is what registry.yaml declares.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tests.synth import ROOT

HERE = Path(__file__).resolve().parent
Policy = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One question: may the principal (an ARN) do the action on the resource (an ARN) of an account?"""

    id: str
    principal: str
    action: str
    resource: str
    account: str
    identity: Sequence[Policy] = ()
    resource_policy: Policy | None = None
    endpoint: Policy | None = None  # the policy of the VPC endpoint that the request goes through
    context: Mapping[str, str | list[str]] = field(default_factory=dict)


def judged(cases: Iterable[Case]) -> dict[str, bool]:
    """The answer of iam-simulate to each case, by id; a case it cannot understand fails."""
    answers = _ask([str(ROOT / ".venv" / "bin" / "node"), str(HERE / "simulate.cjs")], list(cases))
    wrong = [(id, answer) for id, answer in answers.items() if answer["result"] == "Error" or answer["ignored"]]
    assert not wrong, wrong[:3]
    return {id: answer["result"] == "Allowed" for id, answer in answers.items()}


def second_opinion(cases: Iterable[Case]) -> dict[str, bool]:
    """The answer of the local AWS's evaluator, which lives in an environment of its own."""
    python = ROOT / ".sandbox" / "venv" / "bin" / "python"
    answers = _ask([str(python), str(HERE / "local_aws.py")], list(cases))
    return {id: answer["result"] == "Allowed" for id, answer in answers.items()}


def _ask(command: list[str], cases: list[Case]) -> dict[str, dict[str, Any]]:
    """The answer of a program to each case by its id, run twice side by side: each has half of the questions.

    Questions that differ only in actions which the same statements name have one answer, so one of them is asked.
    """
    words = _Words()
    alike: dict[tuple[Any, ...], list[Case]] = {}
    for case in cases:
        alike.setdefault(words.question(case), []).append(case)
    asked = [each[0] for each in alike.values()]
    half = len(asked) // 2
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda part: _run(command, part), (asked[:half], asked[half:]))
    found = {case.id: answer for answer, each in zip((*first, *second), alike.values(), strict=True) for case in each}
    assert len(found) == len(cases), "two cases have one id"
    return found


class _Words:
    """Which statements of which policies name an action: all that an evaluation sees of it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """

    def __init__(self) -> None:
        self.named: dict[tuple[int, str], tuple[bool, ...]] = {}
        self.kept: list[Policy] = []  # so that no other object gets the id of one of them

    def question(self, case: Case) -> tuple[Any, ...]:
        policies = [it for it in (*case.identity, case.resource_policy, case.endpoint) if it]
        return (
            *(case.principal, case.resource, case.account, case.action.partition(":")[0]),
            *(tuple(map(id, case.identity)), id(case.resource_policy), id(case.endpoint)),
            json.dumps(case.context, sort_keys=True),
            tuple(self._named(policy, case.action) for policy in policies),
        )

    def _named(self, policy: Policy, action: str) -> tuple[bool, ...]:
        key = (id(policy), action)
        if key not in self.named:
            self.kept.append(policy)
            self.named[key] = tuple(
                any(fnmatchcase(action.lower(), word.lower()) for word in _listed(each.get(element, ())))
                for each in _listed(policy["Statement"])
                for element in ("Action", "NotAction")
            )
        return self.named[key]


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _run(command: list[str], cases: list[Case]) -> list[dict[str, Any]]:
    """The answers in the order of the cases; each policy is sent once."""
    numbers: dict[int, int] = {}
    policies: list[Policy] = []

    def number(policy: Policy | None) -> int | None:
        if policy is None:
            return None
        if id(policy) not in numbers:
            numbers[id(policy)] = len(policies)
            policies.append(policy)
        return numbers[id(policy)]

    rows = [
        {
            **{name: getattr(case, name) for name in ("id", "principal", "action", "resource", "account", "context")},
            "identity": [number(policy) for policy in case.identity],
            "resource_policy": number(case.resource_policy),
            "endpoint": number(case.endpoint),
        }
        for case in cases
    ]
    done = subprocess.run(
        command,
        input=json.dumps({"policies": policies, "cases": rows}),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return list(json.loads(done.stdout))
