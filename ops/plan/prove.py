"""IAM Access Analyzer asked about every policy that a change of the file writes anew. AWS bills each question.

It reads documents, and none of the account. Its guide names no limit of how often, so few are asked at a time.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-custom-policy-checks.html
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from ops.aws.cloud import CloudError, OddAnswer, client, refused
from ops.aws.parallel import map_parallel
from registry.findings import listed
from registry.plan.change import Change
from registry.plan.proof import NOBODY, Question, Verdict, answered, questions
from registry.plan.sides import Sides
from registry.plan.unexplained import Templates

AT_ONCE: Final = 4
#: A document that it does not take, or cannot judge.
NOT_JUDGED: Final = ("InvalidParameterException", "UnprocessableEntityException", "ValidationException")


def prove(sides: Sides, changes: Sequence[Change], old: Templates, new: Templates) -> list[Change]:
    """What AWS says of the policies that are not the same in two sets of templates.

    :param changes: what the plan says itself.
    :raises CloudError: where AWS refuses, or cannot judge a policy.
    """
    asked = questions(sides, old, new)
    if not asked:
        return []
    analyzer = client("accessanalyzer", sides.new.registry.region)
    verdicts = map_parallel(asked, partial(_verdict, analyzer), "asking IAM Access Analyzer", at_once=AT_ONCE)
    return list(answered(asked, verdicts, changes))


def _verdict(analyzer: Any, question: Question) -> Verdict:
    of = policy_type(question.identity)
    try:
        if not question.old:
            answer = analyzer.check_access_not_granted(
                policyDocument=question.whole, access=[{"actions": list(NOBODY)}], policyType=of
            )
            more, where = found("CheckAccessNotGranted", answer)
            return Verdict(more, where=where)
        more, where = _gained(analyzer, question.old, question.new, of)
        less, _ = _gained(analyzer, question.whole, question.old, of)
    except ClientError as problem:
        if problem.response.get("Error", {}).get("Code") not in NOT_JUDGED:
            raise
        raise CloudError(
            f"{refused(problem)}\n    about: {listed(sorted(question.about), 3)}\n"
            "    way out: read that policy; without --prove the plan compares it by itself"
        ) from problem
    return Verdict(more, less, where)


def _gained(analyzer: Any, old: str, new: str, of: str) -> tuple[bool, tuple[str, ...]]:
    if not new:  # it speaks of nothing that the other side has
        return False, ()
    answer = analyzer.check_no_new_access(newPolicyDocument=new, existingPolicyDocument=old, policyType=of)
    return found("CheckNoNewAccess", answer)


def policy_type(identity: bool) -> str:
    """What Access Analyzer calls policies of roles, and those of what is reached."""
    return "IDENTITY_POLICY" if identity else "RESOURCE_POLICY"


def found(operation: str, answer: Any) -> tuple[bool, tuple[str, ...]]:
    """Whether there is access, and the statements of the new document that give it."""
    result = answer["result"]
    if result not in ("PASS", "FAIL"):
        raise OddAnswer(operation, f"its result is {result}")
    named = (it.get("statementId") or _numbered(it.get("statementIndex")) for it in answer.get("reasons") or ())
    return result == "FAIL", tuple(dict.fromkeys(filter(None, named)))


def _numbered(index: int | None) -> str:
    return "" if index is None else f"statement {index + 1}"
