"""IAM Access Analyzer asked about every policy that a file makes. AWS bills each custom check, and no validation.

It reads documents, and none of the account. https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-custom-policy-checks.html
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from ops.aws.cloud import CloudError, client, refused
from ops.aws.parallel import map_parallel
from ops.plan.prove import AT_ONCE, NOT_JUDGED, found, policy_type
from ops.plan.templates import templates
from ops.terminal import waiting, warn
from registry.findings import listed
from registry.limits import IAM_GUIDE
from registry.model import Registry
from registry.plan.access_proof import BILLED, Answer, Check, Question, questions_about

PRICES: Final = "https://aws.amazon.com/iam/access-analyzer/pricing/"
#: What ValidatePolicy may find that lets somebody in, or that IAM refuses. Warnings and suggestions are shown alone.
_WRONG: Final = frozenset({"ERROR", "SECURITY_WARNING"})
#: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html
_TRUST: Final = "AWS::IAM::AssumeRolePolicyDocument"


def prove_all(registry: Registry, file: Path) -> list[Answer]:
    """What AWS says of every policy in the templates of a file.

    :raises NotSynthesized: where the app makes no templates.
    :raises CloudError: where AWS refuses, or cannot judge a policy.
    """
    with waiting("synthesizing"):
        made = templates(file)
    asked = questions_about(registry.home, made)
    billed = sum(each.check in BILLED for each in asked)
    warn(f"asking IAM Access Analyzer {len(asked):,} questions; AWS bills {billed:,} of them ({PRICES})")
    analyzer = client("accessanalyzer", registry.region)
    return map_parallel(asked, partial(_answered, analyzer), "asking IAM Access Analyzer", at_once=AT_ONCE)


def _answered(analyzer: Any, question: Question) -> Answer:
    try:
        return _validated(analyzer, question) if question.check is Check.VALID else _checked(analyzer, question)
    except ClientError as problem:
        if problem.response.get("Error", {}).get("Code") not in NOT_JUDGED:
            raise
        raise CloudError(
            f"{refused(problem)}\n    about: {listed(question.about, 3)} ({question.check})\n"
            f"    way out: read that policy against {IAM_GUIDE}/reference_policies_grammar.html"
        ) from problem


def _validated(analyzer: Any, question: Question) -> Answer:
    of: dict[str, Any] = {"validatePolicyResourceType": _TRUST} if question.trust else {}
    pages = analyzer.get_paginator("validate_policy").paginate(
        policyDocument=question.document, policyType=policy_type(question.identity), locale="EN", **of
    )
    rows = [row for page in pages for row in page["findings"]]
    said = tuple(f"{row['findingType']} {row['issueCode']}: {row['findingDetails']}" for row in rows)
    return Answer(question=question, fine=not any(row["findingType"] in _WRONG for row in rows), said=said)


def _checked(analyzer: Any, question: Question) -> Answer:
    if question.check is Check.PUBLIC:
        operation = "CheckNoPublicAccess"
        answer = analyzer.check_no_public_access(policyDocument=question.document, resourceType=_TRUST)
    elif question.check is Check.ADMINISTERS:
        operation = "CheckAccessNotGranted"
        answer = analyzer.check_access_not_granted(
            policyDocument=question.document,
            access=[{"actions": list(question.administers)}],
            policyType=policy_type(question.identity),
        )
    else:
        operation = "CheckNoNewAccess"
        answer = analyzer.check_no_new_access(
            newPolicyDocument=question.document,
            existingPolicyDocument=question.reference,
            policyType=policy_type(question.identity),
        )
    more, where = found(operation, answer)
    return Answer(question=question, fine=not more, said=where)
