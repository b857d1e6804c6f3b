"""The cases of each line of standard input judged by the local AWS's evaluator, by the Python of its environment.

They name policies by number, as simulate.cjs has them.
"""

import json
import sys
from typing import Any

from ministack.core import iam_evaluator as iam


def judge(case: dict[str, Any]) -> bool:
    arn = case["principal"]
    service = arn if arn.endswith(".amazonaws.com") else None
    context = iam.EvalContext(
        principal_arn=arn,
        principal_type="AssumedRole",
        principal_account="" if service else arn.split(":")[4],
        action=case["action"],
        resource_arn=case["resource"],
        region=case["context"].get("aws:RequestedRegion", ""),
        secure_transport=case["context"].get("aws:SecureTransport") == "true",
        service_context={key.lower(): value for key, value in case["context"].items()},
    )
    if case["action"] == "sts:AssumeRoleWithWebIdentity":
        return bool(iam.evaluate_trust_policy(case["resource_policy"], arn, context))
    # This evaluator knows no endpoint policies: one is a further policy that has to allow.
    if case["endpoint"] and iam.evaluate_resource_policy(case["endpoint"], context).decision != "Allow":
        return False
    if service:
        return bool(iam.evaluate_resource_policy(case["resource_policy"], context, service).decision == "Allow")
    identity = iam.evaluate(context, [iam.parse_policy_document(policy) for policy in case["identity"]])
    combined = iam.combine_resource_policy(identity, context, case["resource_policy"], case["account"])
    return bool(combined.decision == "Allow")


for line in sys.stdin:
    given = json.loads(line)
    policies: dict[int | None, Any] = {None: None, **dict(enumerate(given["policies"]))}
    for case in given["cases"]:
        case["identity"] = [policies[number] for number in case["identity"]]
        case["resource_policy"], case["endpoint"] = policies[case["resource_policy"]], policies[case["endpoint"]]
    answers = [{"id": case["id"], "result": "Allowed" if judge(case) else "Denied"} for case in given["cases"]]
    print(json.dumps(answers), flush=True)
