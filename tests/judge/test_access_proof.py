"""What `ecrctl access --prove` compares with: policies that allow whatever the compared ones allow, to nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from registry.load import load
from registry.plan.access_proof import Check, Question, questions_about
from tests.judge.callers import callers
from tests.judge.engine import Case, second_opinion
from tests.registry.plan.test_templates_explained import templates
from tests.synth import ROOT

ACTIONS = ("BatchGetImage", "PutImage", "BatchDeleteImage", "DescribeImages")


def compared(file: str) -> Iterator[tuple[Case, Case]]:
    """Each caller's question to a document, and the same one to what it is compared with."""
    registry, _ = load(ROOT / "tests" / "golden" / file)
    asked = [it for it in questions_about(registry.home, templates(registry)) if it.check is Check.SHOWN]
    assert asked
    for number, question in enumerate(asked):
        yield from _cases(registry, number, question)


def _cases(registry: object, number: int, question: Question) -> Iterator[tuple[Case, Case]]:
    for caller in callers(registry, ("ap-northeast-2",)):  # type: ignore[arg-type]
        for action in ACTIONS:
            one, other = (
                Case(
                    id=f"{number} {caller.what} {caller.arn} {action} {which}",
                    principal=caller.arn,
                    action=f"ecr:{action}",
                    resource="arn:aws:ecr:ap-northeast-2:123456789012:repository/web/api",
                    account="123456789012",
                    identity=[{"Version": "2012-10-17", "Statement": [
                        {"Effect": "Allow", "Action": "*", "Resource": "*"}]}] if caller.account else [],
                    resource_policy=json.loads(text),
                    context=caller.context("ap-northeast-2") | {"aws:SecureTransport": "true"},
                )
                for which, text in (("said", question.document), ("shown", question.reference))
            )  # fmt: skip
            yield one, other


@pytest.mark.parametrize(("file", "equal"), [("access.yaml", True), ("raw-policies.yaml", False)])
def test_nothing_is_allowed_that_is_not_in_what_is_shown(file: str, equal: bool) -> None:
    """Where conditions say more than who, what is shown is wider: its row says the condition."""
    pairs = list(compared(file))
    answers = second_opinion(case for pair in pairs for case in pair)
    assert any(answers[said.id] for said, _ in pairs)
    assert [said.id for said, shown in pairs if answers[said.id] and not answers[shown.id]] == []
    wider = [said.id for said, shown in pairs if answers[shown.id] and not answers[said.id]]
    assert not (equal and wider), wider[:5]
