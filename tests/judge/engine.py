"""IAM judged by engines that are not ours: @cloud-copilot/iam-simulate in Node, and the evaluator of the local AWS.

Both get the same cases. They know policies, conditions and accounts; what they do not know of
this project is what registry.yaml declares.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
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
    cases = list(cases)
    answers = _ask([str(ROOT / ".venv" / "bin" / "node"), str(HERE / "simulate.cjs")], cases)
    wrong = [answer for answer in answers if answer["result"] == "Error" or answer["ignored"]]
    assert not wrong, wrong[:3]
    assert len(answers) == len(cases)
    return {answer["id"]: answer["result"] == "Allowed" for answer in answers}


def second_opinion(cases: Iterable[Case]) -> dict[str, bool]:
    """The answer of the local AWS's evaluator, which lives in an environment of its own."""
    python = ROOT / ".sandbox" / "venv" / "bin" / "python"
    answers = _ask([str(python), str(HERE / "local_aws.py")], list(cases))
    return {answer["id"]: answer["result"] == "Allowed" for answer in answers}


def _ask(command: list[str], cases: list[Case]) -> list[dict[str, Any]]:
    """The answers of a program, run twice side by side: each has half of the cases."""
    half = len(cases) // 2
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda part: _run(command, part), (cases[:half], cases[half:]))
    return first + second


def _run(command: list[str], cases: list[Case]) -> list[dict[str, Any]]:
    done = subprocess.run(
        command,
        input=json.dumps([asdict(case) for case in cases]),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return list(json.loads(done.stdout))
