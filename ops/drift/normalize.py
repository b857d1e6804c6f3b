"""What a policy means, whatever its text: spacing, order and AWS's several ways of writing are no difference."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from registry.access.policy_language import VARIABLE, operator
from registry.limits import ACCOUNT
from registry.naming import account_of

_ROOT: Final = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):root")
_OLDEST: Final = "2008-10-17"
_LISTS: Final = ("Action", "NotAction", "Resource", "NotResource")


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
        meant["Condition"] = {
            operator: {key.lower(): _unordered([_word(it) for it in _listed(value)]) for key, value in keys.items()}
            for operator, keys in meant["Condition"].items()
        }
    return meant


def _principal(principal: Any) -> Any:
    if not isinstance(principal, Mapping):
        principal = {"AWS": principal}
    return {
        kind: _unordered([account[1] if (account := _ROOT.fullmatch(str(it))) else it for it in _listed(names)])
        for kind, names in principal.items()
    }


def _parts(statement: Any) -> Iterator[Any]:
    """A statement for each of its principals, actions, resources and values: together they say the same."""
    if not isinstance(statement, Mapping):
        yield statement
        return
    who = [{kind: [it]} for kind, names in statement.get("Principal", {}).items() for it in names]
    choices = {"Principal": who} | {key: [[it] for it in statement.get(key, ())] for key in ("Action", "Resource")}
    if "Condition" in statement:
        choices["Condition"] = list(_conditions(statement["Condition"]))
    split = {key: values for key, values in choices.items() if values}
    for chosen in itertools.product(*split.values()):
        part = {**statement, **dict(zip(split, chosen, strict=True))}
        if not _is_of_nobody(part):
            yield part


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
    for chosen in itertools.product(*choices):
        found: dict[str, Any] = {name: {} for name in condition}
        for (name, key, _), values in zip(places, chosen, strict=True):
            found[name][key] = values
        yield found


def _is_of_nobody(part: Mapping[str, Any]) -> bool:
    """Whether it speaks of an account, and of a role that is not in it."""
    account = next(iter(part.get("Principal", {}).get("AWS", ())), "")
    roles = [
        value
        for name, keys in part.get("Condition", {}).items()
        if name.lower() == "arnequals"
        for value in keys.get("aws:principalarn", ())
    ]
    return ACCOUNT.fullmatch(account) is not None and any(
        ACCOUNT.fullmatch(account_of(role)) is not None and account_of(role) != account for role in roles
    )


def _rule(rule: Any) -> Any:
    selection = {"storageClass": "standard", **rule.get("selection", {})}
    patterns = [*selection.get("tagPatternList", ()), *(f"{it}*" for it in selection.pop("tagPrefixList", ()))]
    if patterns:
        selection["tagPatternList"] = _unordered(patterns)
    meant = {key: value for key, value in rule.items() if key not in ("rulePriority", "description")}
    return {**meant, "selection": selection}


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _unordered(values: list[Any]) -> list[Any]:
    return sorted({_text(value): value for value in values}.values(), key=_text)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
