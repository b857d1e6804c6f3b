"""Rules about the words of policies, of repositories and registries: principals, condition operators and keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from registry.access.policy_language import (
    CONDITION_KEYS,
    OPERATORS,
    PRINCIPAL_TYPES,
    known_key,
    known_principal,
    operator,
)
from registry.findings import Severity, YamlPath, listed, shown
from registry.limits import IAM_GUIDE
from registry.naming import partition
from registry.nearest import Nearest
from registry.rules.access.repository_policies import every_statement, words
from registry.rules.rule import Problem, RuleContext, rule

#: What IAM Access Analyzer finds in a resource policy, by name: "Invalid principal format" and the like.
CHECKS_PAGE: Final = f"{IAM_GUIDE}/access-analyzer-reference-policy-checks.html"
ELEMENT_PAGE: Final = f"{IAM_GUIDE}/reference_policies_elements_principal.html"
_FORMS: Final = {
    "AWS": 'an account\'s 12 digits, the ARN of its root, of a role, a user or a session, or "*"',
    "Service": "a service's principal, such as lambda.amazonaws.com",
    "Federated": "the ARN of a SAML or OpenID Connect provider",
}


@rule("repository-policy-principal", "Write principals in a form that IAM knows", ELEMENT_PAGE)
def repository_policy_principal(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses a policy with an unknown principal, or with a role that does not exist any more."""
    own = partition(declared.registry.region)
    for place, statement in every_statement(declared):
        for key in ("Principal", "NotPrincipal"):
            element, at = getattr(statement, key), (*place, key)
            if isinstance(element, str) and element != "*":
                yield Problem(
                    at=at,
                    message=f"a {key} that is one word must be *",
                    given=shown(element, 90),
                    allowed='"*", or a map from AWS, Service or Federated',
                    way_out=f"write {{AWS: {element}}}"
                    if known_principal("AWS", element)
                    else f"write {{Service: {element}}}"
                    if known_principal("Service", element)
                    else "name an account, a role or a service",
                )
            elif isinstance(element, dict):
                yield from _of_map(at, element, own)


def _of_map(at: YamlPath, element: dict[str, object], own: str) -> Iterator[Problem]:
    if not element:
        yield _nobody(at, "an empty map")
    for kind, value in element.items():
        if kind not in PRINCIPAL_TYPES:
            yield Problem(
                at=(*at, kind),
                message=f"ECR knows no principals of the type {kind}",
                given=shown(kind),
                allowed=listed(PRINCIPAL_TYPES),
                way_out=Nearest(PRINCIPAL_TYPES).way_out(kind) or "write AWS, with the account or the role",
                key=True,
            )
            continue
        if value == ():
            yield _nobody((*at, kind), "an empty list")
        for where, word in words((*at, kind), value):  # type: ignore[arg-type]
            if not known_principal(kind, word):
                yield Problem(
                    at=where,
                    message=_why_not(kind, word),
                    given=shown(word, 90),
                    allowed=_FORMS[kind],
                    way_out=_mended(kind, word),
                )
            elif word.startswith("arn:") and word.split(":")[1] != own:
                yield Problem(
                    at=where,
                    message=f"this principal is in the partition {word.split(':')[1]}, and cannot call ECR in {own}",
                    given=shown(word, 90),
                    allowed=f"arn:{own}:…",
                    way_out=f"name the principal of {own}",
                )


def _nobody(at: YamlPath, given: str) -> Problem:
    return Problem(
        at=at,
        message="no principal is named",
        given=given,
        allowed="one principal or more",
        way_out='name a principal, as in {AWS: "123456789012"}, or remove the statement',
        key=True,
    )


def _why_not(kind: str, word: str) -> str:
    if kind == "AWS" and re.match(r"A(?:ROA|IDA|GPA|KIA|NPA)[A-Z0-9]", word):
        return "this is the unique id of a role or user that has been deleted"
    if "*" in word or "?" in word:
        return f"wildcards are not part of a principal of the type {kind}"
    return f"this is no principal of the type {kind}"


def _mended(kind: str, word: str) -> str:
    if kind == "AWS":
        if re.match(r"A[A-Z]{3}[A-Z0-9]", word):
            return "remove it, or write the ARN of the role that is there now"
        if role := re.fullmatch(r"(arn:aws[a-z-]*:iam::[0-9]{12}):(?:role|user)/.*[*?].*", word):
            return f'write {{AWS: "{role[1]}:root"}} and Condition: {{ArnLike: {{"aws:PrincipalArn": "{word}"}}}}'
        if known_principal("Service", word):
            return f"write {{Service: {word}}}"
        if re.search(":group/", word):
            return "a group is no principal: name the role, or each user"
        return "write the 12 digits of the account in quotes, or copy the ARN from `aws iam get-role`"
    if kind == "Service" and word in ("*", "lambda", "lambda.amazon.com"):
        return "write lambda.amazonaws.com, or whichever service it is"
    return "copy it from the documentation of the service" if kind == "Service" else "copy it from the IAM console"


@rule("repository-policy-condition", "Use condition operators and keys that IAM knows", CHECKS_PAGE)
def repository_policy_condition(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses an unknown operator, and a condition on a malformed key does not do what it says."""
    nearest = Nearest(OPERATORS.values())
    for place, statement in every_statement(declared):
        for written, keys in (statement.Condition or {}).items():
            at = (*place, "Condition", written)
            if operator(written) is None:
                base = re.sub(r"(?i)^forall?(?:any)?values?:|ifexists$", "", written)
                yield Problem(
                    at=at,
                    message="IAM has no such condition operator",
                    given=shown(written),
                    allowed="StringEquals, StringLike, ArnLike, Bool, IpAddress and the like, with ForAnyValue: or "
                    "ForAllValues: before and IfExists after",
                    way_out=nearest.way_out(base) or "write StringEquals, or the operator you need",
                    key=True,
                )
            seen: set[str] = set()
            for key, values in keys.items():
                yield from _key(at, key, values, repeated=key.lower() in seen)
                seen.add(key.lower())


def _key(at: YamlPath, key: str, values: object, *, repeated: bool) -> Iterator[Problem]:
    if not re.fullmatch(r"[A-Za-z0-9.-]+:[!-~]+", key) or key.lower().startswith("fn:"):
        yield Problem(
            at=(*at, key),
            message="this is no condition key",
            given=shown(key),
            allowed="SERVICE:KEY, such as aws:PrincipalOrgID",
            way_out="write the key with its service",
            key=True,
        )
    elif repeated:
        yield Problem(
            at=(*at, key),
            message=f"{key} is here twice: IAM ignores the case of keys",
            given=key,
            allowed="each key once under an operator",
            way_out="join the values in one list",
            key=True,
        )
    if values == ():
        yield Problem(
            at=(*at, key),
            message="this condition has no value",
            given="an empty list",
            allowed="one value or more",
            way_out="write the value, or remove the condition",
            key=True,
        )


@rule("repository-policy-key", "Use condition keys that requests to ECR carry", CHECKS_PAGE, Severity.WARNING)
def repository_policy_key(declared: RuleContext) -> Iterator[Problem]:
    """Most conditions on a missing key never hold, and negated ones always do, so access is not as the policy says."""
    nearest = Nearest(key.rstrip("/") for key in CONDITION_KEYS)
    for place, statement in every_statement(declared):
        for written, keys in (statement.Condition or {}).items():
            for key in keys:
                if re.match(r"(?i)(?:aws|ecr):", key) and not known_key(key):
                    tag = "tag" in key.lower() and key.lower().startswith("ecr:")
                    yield Problem(
                        at=(*place, "Condition", written, key),
                        message="no request to ECR has this key, so the condition does not do what it says",
                        given=shown(key),
                        allowed="the global keys (aws:…), ecr:ResourceTag/KEY",
                        way_out="remove it: IAM has no condition on image tags"
                        if tag
                        else nearest.way_out(key) or "remove it, or write a key from the documentation",
                        key=True,
                    )
