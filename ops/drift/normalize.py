"""What a policy means, whatever its text: spacing, order and AWS's several ways of writing are no difference."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from registry.access.policy_language import VARIABLE, operator
from registry.limits import ACCOUNT
from registry.naming import account_of

_ROOT: Final = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):root")
_OLDEST: Final = "2008-10-17"
_LISTS: Final = ("Action", "NotAction", "Resource", "NotResource")
#: Parts of one statement. A policy of 10 KB could come to millions: such a statement is compared as it is written.
_PARTS: Final = 5_000
#: Condition keys whose values are ARNs.
_ARNS: Final = frozenset({"aws:principalarn", "aws:sourcearn"})


def policy(document: Any) -> Any:
    """A policy document such that two which allow and deny the same are mostly equal.

    Order never counts, one text is a list of one, actions and condition keys have no case, an account is its root,
    `*` as a principal is everyone, names of statements say nothing, and a statement about two principals, actions,
    resources or values of a condition, of which any is enough, is two statements. One that wants a role of another
    account than its principal speaks of nobody. The version of the language says only whether `${` begins a variable.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html (what holds without it)
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
    """
    if not isinstance(document, Mapping):
        return document
    statements = [part for each in _listed(document.get("Statement", [])) for part in _parts(_statement(each))]
    version = document.get("Version", _OLDEST) if VARIABLE in _text(document) else None
    return {"Version": version, "Statement": _unordered(statements)}


def lifecycle(document: Any) -> Any:
    """What the rules of a lifecycle policy do, in their order.

    A priority says only which rule comes first, a description nothing; the tags of a rule have no order, a prefix is a
    pattern, the storage class is said.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
    """
    if not isinstance(document, Mapping):
        return document
    rules = sorted(document.get("rules", []), key=lambda rule: (rule.get("rulePriority", 0), _text(rule)))
    return {**document, "rules": [_rule(each) for each in rules]}


def _statement(statement: Any) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    meant = {key: value for key, value in statement.items() if key != "Sid"}
    for key in _LISTS:
        if key in meant:
            values = _listed(meant[key])
            meant[key] = _unordered([str(it).lower() for it in values] if key.endswith("Action") else values)
    for key in ("Principal", "NotPrincipal"):
        if key in meant:
            meant[key] = _principal(meant[key])
    if "Condition" in meant:
        meant["Condition"] = alike(
            {
                name: {key: _unordered([word(it) for it in _listed(value)]) for key, value in _lower(keys).items()}
                for name, keys in meant["Condition"].items()
            }
        )
    return meant


def arn_operator(name: str, key: str, values: Collection[str]) -> str:
    """`ArnEquals`, where an operator compares an ARN as that does; any other is as it was.

    ArnLike is another name of it. Both look at the six parts of an ARN one by one, so text is compared in the same way
    where no wildcard stands before the last part.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    low = name.lower()
    if key.lower() not in _ARNS or any(VARIABLE in it or len(it.split(":", 5)) < 6 for it in values):
        return name
    parts = 6 if low == "stringequals" else 5 if low == "stringlike" else 0  # that may have no wildcard
    plain = all(not {"*", "?"} & set("".join(it.split(":", 5)[:parts])) for it in values)
    return "ArnEquals" if low in ("arnequals", "arnlike") or (parts and plain) else name


def alike(condition: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """A condition with one word for each way of comparing ARNs; a key that has two such words keeps both: both hold."""
    meant = {
        (name, key): arn_operator(name, key, values) for name, keys in condition.items() for key, values in keys.items()
    }
    words = Counter((word, key) for (_, key), word in meant.items())
    found: dict[str, dict[str, Any]] = {name: {} for name, keys in condition.items() if not keys}
    for (name, key), word in meant.items():
        found.setdefault(word if words[word, key] == 1 else name, {})[key] = condition[name][key]
    return found


def _lower(keys: Mapping[str, Any]) -> Mapping[str, Any]:
    """Condition keys without case; one that is written in two cases is two conditions, which stay as they are."""
    lower = {key.lower(): value for key, value in keys.items()}
    return lower if len(lower) == len(keys) else keys


def _principal(principal: Any) -> Any:
    if not isinstance(principal, Mapping):
        principal = {"AWS": principal}
    return {
        kind: _unordered([account[1] if (account := _ROOT.fullmatch(word(it))) else word(it) for it in _listed(names)])
        for kind, names in principal.items()
    }


def _parts(statement: Any) -> Iterator[Any]:
    """A statement for each of its principals, actions, resources and values: together they say the same."""
    if not isinstance(statement, Mapping):
        yield statement
        return
    who: list[Any] = [{kind: [it]} for kind, names in statement.get("Principal", {}).items() for it in names]
    conditions: list[Any] = list(_conditions(statement["Condition"])) if "Condition" in statement else []
    people = [it for it in itertools.product(who or [None], conditions or [None]) if not _is_nobody(*it)]
    others = {key: [[it] for it in values] for key in ("Action", "Resource") if (values := statement.get(key))}
    if len(people) * math.prod(map(len, others.values())) > _PARTS:
        yield statement
        return
    for (principal, condition), *chosen in itertools.product(people, *others.values()):
        said = {"Principal": principal, "Condition": condition}
        part = {key: value for key, value in said.items() if value is not None}
        yield {**statement, **part, **dict(zip(others, chosen, strict=True))}


def _conditions(condition: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A condition for each choice of values, where one of several is enough: not where an operator says no or all."""
    places = [(name, key, values) for name, keys in condition.items() for key, values in keys.items()]
    any_is_enough = [
        (it := operator(name)) is not None and it.of != "all" and "Not" not in it.base for name, _, _ in places
    ]
    choices = [
        [[value] for value in values] if splits else [values]
        for (_, _, values), splits in zip(places, any_is_enough, strict=True)
    ]
    if math.prod(map(len, choices)) not in range(1, _PARTS):  # none: a list without values stays
        yield dict(condition)
        return
    for chosen in itertools.product(*choices):
        found: dict[str, Any] = {name: {} for name in condition}
        for (name, key, _), values in zip(places, chosen, strict=True):
            found[name][key] = values
        yield found


def _is_nobody(principal: Any, condition: Any) -> bool:
    """Whether the principal is an account, and the condition wants roles that are all in others."""
    account = next(iter((principal or {}).get("AWS", ())), "")
    wanted = [
        keys["aws:principalarn"]
        for name, keys in (condition or {}).items()
        if name.lower() == "arnequals" and keys.get("aws:principalarn")
    ]
    return ACCOUNT.fullmatch(account) is not None and any(
        all(ACCOUNT.fullmatch(account_of(role)) and account_of(role) != account for role in roles) for roles in wanted
    )


def _rule(rule: Any) -> Any:
    selection = {"storageClass": "standard", **rule.get("selection", {})}
    patterns = [*selection.get("tagPatternList", ()), *(f"{it}*" for it in selection.pop("tagPrefixList", ()))]
    if patterns:
        selection["tagPatternList"] = _unordered(patterns)
    meant = {key: value for key, value in rule.items() if key not in ("rulePriority", "description")}
    return {**meant, "selection": selection}


def word(value: Any) -> str:
    """A value as text: IAM takes numbers and truth values without quotes, too."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _unordered(values: list[Any]) -> list[Any]:
    return sorted({_text(value): value for value in values}.values(), key=_text)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
