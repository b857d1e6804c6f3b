"""Whether IAM, a registry's policy and a repository's policy let somebody do something.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
The registry policy is of scope V2, the only one left: it is asked for every ECR action, beside the repository's.
"""

import json
from typing import Any

from ministack.core import iam_evaluator as iam
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import ecr

from sandbox.emulator.settings import POLICY


def repository_arn(owner: str, region: str, name: str) -> str:
    """The ARN of a repository, whether it exists or not."""
    return f"arn:aws:ecr:{region}:{owner}:repository/{name}"


def refusal_of(key: str, account: str, action: str, owner: str, region: str, name: str) -> str:
    """Why the holder of an access key may not do this with a repository; empty where they may.

    :param account: the account the key belongs to.
    :param owner: the account of the registry the repository is in, or would be in.
    """
    with request_scope(account, region):
        caller = iam.resolve_principal(key, account)
    if isinstance(caller, iam.AuthError):
        return "the role or user of this access key is gone"
    arn = repository_arn(owner, region, name)
    context = iam.EvalContext(caller.arn, caller.type, caller.account, action, arn, region, principal_keys=caller.keys)
    if caller.policies is None:
        identity = iam.EvalResult("Allow")  # the account's root
    else:
        identity = iam.evaluate(context, caller.policies, *caller.limits)
    policy = resource_policy(owner, region, name)
    if iam.combine_resource_policy(identity, context, policy, owner, limits=caller.limits).decision == "Allow":
        return ""
    return f"User: {caller.arn} is not authorized to perform: {action} on resource: {arn}"


def resource_policy(owner: str, region: str, name: str) -> str:
    """The registry's policy and the repository's as one; the first names its resources, the second has none."""
    with request_scope(owner, region):
        texts = [POLICY.get().get("policyText"), ecr._repo_policies.get(name)]
    return json.dumps({"Statement": [each for text in texts if text for each in _statements(text)]})


def _statements(text: str) -> list[Any]:
    try:
        found = json.loads(text).get("Statement", [])
    except (ValueError, AttributeError):
        return []
    return found if isinstance(found, list) else [found]


def registry_lets_in(account: str, action: str, name: str) -> bool:
    """Whether the policy of the current registry lets another account's registry do this with a repository here.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create-replication.html
    Who asks is "the root user of a source account", as the page's examples have it.
    """
    arn = repository_arn(get_account_id(), get_region(), name)
    context = iam.EvalContext(f"arn:aws:iam::{account}:root", "Root", account, action, arn, get_region())
    decision: str = iam.evaluate_resource_policy(POLICY.get().get("policyText"), context).decision
    return decision == "Allow"
