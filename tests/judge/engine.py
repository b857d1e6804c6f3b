"""IAM judged by engines that are not ours: @cloud-copilot/iam-simulate in Node, and the evaluator of the local AWS.

Both get the same cases. They know policies, conditions and accounts; what they do not know of
this project is what registry.yaml declares.
"""

from __future__ import annotations

import atexit
import json
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from tests.synth import ROOT

HERE = Path(__file__).resolve().parent
Policy = Mapping[str, Any]
#: Everything in an ARN but the name: arn:aws:ecr:REGION:ACCOUNT:repository/
_KIND = re.compile(r"(?:[^:]*:){5}/?[^:/]+[:/]")


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
    """The answer of iam-simulate to each case, by id; a case it cannot understand fails.

    Of names that the same statements match it is asked one; `second_opinion` is asked each.
    """
    answers = _ask([str(ROOT / ".venv" / "bin" / "node"), str(HERE / "simulate.cjs")], list(cases), of_names=True)
    wrong = [(id, answer) for id, answer in answers.items() if answer["result"] == "Error" or answer["ignored"]]
    assert not wrong, wrong[:3]
    return {id: answer["result"] == "Allowed" for id, answer in answers.items()}


def second_opinion(cases: Iterable[Case]) -> dict[str, bool]:
    """The answer of the local AWS's evaluator, which lives in an environment of its own."""
    python = ROOT / ".sandbox" / "venv" / "bin" / "python"
    answers = _ask([str(python), str(HERE / "local_aws.py")], list(cases), of_names=False)
    return {id: answer["result"] == "Allowed" for id, answer in answers.items()}


def _ask(command: list[str], cases: list[Case], *, of_names: bool) -> dict[str, dict[str, Any]]:
    """The answer of a program to each case by its id.

    Questions that differ only in actions which the same statements name have one answer, so one of them is asked.

    :param of_names: likewise of those that differ in names of resources which the same statements match.
    """
    words = _Words(of_names)
    alike: dict[tuple[Any, ...], list[Case]] = {}
    for case in cases:
        alike.setdefault(words.question(case), []).append(case)
    answers = _run(command, [each[0] for each in alike.values()])
    found = {case.id: answer for answer, each in zip(answers, alike.values(), strict=True) for case in each}
    assert len(found) == len(cases), "two cases have one id"
    return found


class _Words:
    """Which statements of which policies name an action, and match a resource: all that an evaluation sees of them.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """

    def __init__(self, of_names: bool) -> None:
        self.of_names = of_names
        self.found: dict[tuple[Any, ...], Any] = {}
        self.texts: dict[str, int] = {}
        self.kept: list[Any] = []  # so that no other object gets the id of one of them

    def question(self, case: Case) -> tuple[Any, ...]:
        policies = (*case.identity, case.resource_policy, case.endpoint)
        service = case.action.partition(":")[0]
        named = tuple(self._matched(policy, ("Action", "NotAction"), case.action.lower()) for policy in policies)
        matched: Any = case.resource
        if self.of_names and (kind := _KIND.match(matched)):
            elements = ("Resource", "NotResource")
            matched = (kind[0], *(self._matched(policy, elements, case.resource) for policy in policies))
        return (case.principal, case.account, service, self._same(case.context), named, matched)

    def _matched(self, policy: Policy | None, elements: tuple[str, str], word: str) -> Any:
        """Of each of its statements, and which policy it is."""
        key = (id(policy), elements, word)
        if key not in self.found:
            self.kept.append(policy)
            text = str if "Resource" in elements else str.lower
            said = [
                [text(it) for it in _listed(each.get(element, ()))]
                for each in (_listed(policy["Statement"]) if policy else ())
                for element in elements
            ]
            # A variable, or a bracket, which fnmatch reads and IAM does not: only the program itself knows.
            matches = tuple(word if re.search(r"[$[]", "".join(of)) else _any(word, of) for of in said)
            self.found[key] = self._same(policy), matches
        return self.found[key]

    def _same(self, value: Any) -> int:
        """A number that things with the same content have."""
        if (key := (id(value),)) not in self.found:
            self.kept.append(value)
            text = json.dumps(value, sort_keys=True)
            self.found[key] = self.texts.setdefault(text, len(self.texts))
        return int(self.found[key])


def _any(word: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(word, pattern) for pattern in patterns)


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
    program = _program(*command)
    assert program.stdin
    assert program.stdout
    program.stdin.write(json.dumps({"policies": policies, "cases": rows}) + "\n")
    program.stdin.flush()
    answers = program.stdout.readline()
    assert answers, f"{command[-1]} has ended: what it said stands above"
    return list(json.loads(answers))


@cache
def _program(*command: str) -> subprocess.Popen[str]:
    """It answers line by line, and ends with this process: a start takes half a second of a processor."""
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    atexit.register(program.communicate)
    return program
