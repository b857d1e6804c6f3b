"""IAM's policy language as policies of repositories and registries use it: principals, actions, resources, conditions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from registry.access.ecr_actions import ON_REGISTRY, ON_REPOSITORIES
from registry.patterns import covers

Statement = Mapping[str, Any]
_ON_REPOSITORIES: Final = frozenset(f"ecr:{name}" for name in ON_REPOSITORIES)
_EVERY: Final = _ON_REPOSITORIES | {f"ecr:{name}" for name in ON_REGISTRY}
VARIABLE: Final = "${"  # begins a policy variable, which is replaced by what the request says of itself

#: Base operators by their name in lower case. IAM takes them in any case.
OPERATORS: Final = {
    name.lower(): name
    for name in (
        *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
        *("StringLike", "StringNotLike"),
        *(
            f"{kind}{word}"
            for kind in ("Numeric", "Date")
            for word in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
        ),
        *(f"Arn{word}" for word in ("Equals", "Like", "NotEquals", "NotLike")),
        *("Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null"),
    )
}
#: The operator of which another is the opposite.
OPPOSITES: Final = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_GLOBAL: Final = """
CalledVia CalledViaAWSMCP CalledViaFirst CalledViaLast ChatbotSourceArn CurrentTime Ec2InstanceSourcePrivateIPv4
Ec2InstanceSourceVpc EpochTime FederatedProvider IsMcpServiceAction MultiFactorAuthAge MultiFactorAuthPresent
PrincipalAccount PrincipalArn PrincipalIsAWSService PrincipalOrgID PrincipalOrgPaths PrincipalServiceName
PrincipalServiceNamesList PrincipalTag/ PrincipalType RequestTag/ RequestedRegion ResourceAccount ResourceOrgID
ResourceOrgPaths ResourceTag/ SecureTransport SourceAccount SourceArn SourceIdentity SourceIp SourceOrgID SourceOrgPaths
SourceVpc SourceVpcArn SourceVpce TagKeys TokenIssueTime UserAgent ViaAWSService VpceAccount VpceOrgID VpceOrgPaths
VpcSourceIp referer userid username
"""
#: Keys of every service, and ECR's own; those that end with `/` are followed by the key of a tag.
CONDITION_KEYS: Final = (*(f"aws:{name}" for name in _GLOBAL.split()), "ecr:AccountSetting", "ecr:ResourceTag/")
_KEYS: Final = frozenset(key.lower() for key in CONDITION_KEYS)


_ACCOUNT: Final = "[0-9]{12}"
_AWS: Final = re.compile(
    rf"{_ACCOUNT}|arn:aws[a-z-]*:(?:iam::{_ACCOUNT}:(?:root|(?:user|role)/[!-)+->@-~]+)"
    rf"|sts::{_ACCOUNT}:(?:assumed-role/[\w+=,.@-]+/[\w+=,.@-]+|federated-user/[\w+=,.@-]+))"
)
_SERVICE: Final = re.compile(
    r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov)"
)
_PROVIDER: Final = re.compile(
    rf"arn:aws[a-z-]*:iam::{_ACCOUNT}:(?:saml|oidc)-provider/[!-)+->@-~]+"
    r"|cognito-identity\.amazonaws\.com|www\.amazon\.com|graph\.facebook\.com|accounts\.google\.com"
)
#: The types of principals that ECR knows, and their forms. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
PRINCIPAL_TYPES: Final = {"AWS": _AWS, "Service": _SERVICE, "Federated": _PROVIDER}


def known_principal(kind: str, value: str) -> bool:
    """Whether a value has the form of a principal of a type; only accounts may be any (`*`)."""
    return kind in PRINCIPAL_TYPES and ((kind, value) == ("AWS", "*") or bool(PRINCIPAL_TYPES[kind].fullmatch(value)))


def many(value: Any) -> tuple[str, ...]:
    """One word, or several, as several."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def glob(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern, in which `*` is any characters and `?` one. Takes at most their product."""
    if "*" not in pattern and "?" not in pattern:
        return pattern == text  # most of them
    at = here = 0
    star = mark = -1
    while here < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, mark = at, here
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            mark += 1
            at, here = star + 1, mark
        else:
            return False
    return not pattern[at:].strip("*")


def actions_of(statement: Statement) -> frozenset[str]:
    """ECR's actions (`ecr:…`) that a statement speaks of; IAM does not look at their case."""
    but, known = statement.get("NotAction"), actions_known(statement)
    named = _actions_like(many(statement.get("Action") if but is None else but), known)
    return named if but is None else known - named


@lru_cache(maxsize=1024)
def _actions_like(patterns: tuple[str, ...], known: frozenset[str]) -> frozenset[str]:
    """The known actions that one of the patterns matches: an account has few sets of them."""
    low = [pattern.lower() for pattern in patterns]
    return frozenset(it for it in known if any(glob(pattern, it.lower()) for pattern in low))


def actions_known(statement: Statement) -> frozenset[str]:
    """The actions a statement can speak of: on repositories, and in a registry policy on the registry, too."""
    return _EVERY if _of_registry(statement) else _ON_REPOSITORIES


def _of_registry(statement: Statement) -> bool:
    """Whether a statement is of a registry policy: one of a repository policy has no resource."""
    return statement.get("Resource") is not None or statement.get("NotResource") is not None


def speaks_of(statement: Statement, resource: str) -> bool | None:
    """Whether a statement speaks of a resource, an ARN; None where that hangs on a policy variable."""
    if not _of_registry(statement):
        return True
    but = statement.get("NotResource")
    patterns = many(statement.get("Resource") if but is None else but)
    if any(glob(pattern, resource) for pattern in patterns if VARIABLE not in pattern):
        return but is None
    return None if any(VARIABLE in pattern for pattern in patterns) else but is not None


def is_about_all(statement: Statement, of: Statement) -> bool:
    """Whether a statement certainly speaks of every resource that another of the same policy speaks of."""
    if not _of_registry(statement):
        return True
    wide = [pattern for pattern in many(statement.get("Resource")) if VARIABLE not in pattern]
    narrow = many(of.get("Resource")) or ("*",)
    return all(any(covers(one, other) for one in wide) for other in narrow)


def principals_of(element: Any) -> Iterator[tuple[str, str]]:
    """Type and value of each principal of a Principal or NotPrincipal; `*` alone is of the type AWS."""
    if isinstance(element, str):
        yield "AWS", element
    else:
        for kind, values in (element or {}).items():
            yield from ((kind, value) for value in many(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A condition operator in its parts: the base, which of several values it wants, and `IfExists`."""

    base: str
    of: Literal["", "any", "all"] = ""
    if_exists: bool = False


_OPERATOR: Final = re.compile(r"(?:(forallvalues|foranyvalue):)?([a-z]+?)(ifexists)?")


def operator(written: str) -> Operator | None:
    """The operator of a name; None where there is none."""
    parts = _OPERATOR.fullmatch(written.lower())
    if parts is None or parts[2] not in OPERATORS or (parts[3] and parts[2] == "null"):
        return None
    of: Literal["", "any", "all"] = "" if parts[1] is None else "any" if parts[1] == "foranyvalue" else "all"
    return Operator(base=OPERATORS[parts[2]], of=of, if_exists=parts[3] is not None)


def known_key(key: str) -> bool:
    """Whether a condition key is one that a request to ECR can have."""
    low = key.lower()
    return (low in _KEYS and not low.endswith("/")) or (
        low[: low.find("/") + 1] in _KEYS and len(low) > low.find("/") + 1
    )


def matches(base: str, pattern: str, value: str) -> bool | None:
    """Whether a value of a request is what a positive operator wants; None where that cannot be said."""
    if VARIABLE in pattern:
        return None
    if base == "StringEquals":
        return pattern == value
    if base in ("StringEqualsIgnoreCase", "Bool"):
        return pattern.lower() == value.lower()
    if base == "StringLike":
        return glob(pattern, value)
    if base in ("ArnEquals", "ArnLike"):  # both take wildcards, in each of the six parts by itself
        wanted, found = pattern.split(":", 5), value.split(":", 5)
        return len(wanted) == len(found) and all(map(glob, wanted, found))
    return None
