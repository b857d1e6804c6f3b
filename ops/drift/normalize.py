"""What a policy means, whatever its text: spacing, order and AWS's several ways of writing are no difference."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

_ROOT: Final = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):root")
_LISTS: Final = ("Action", "NotAction", "Resource", "NotResource")


def policy(document: Any) -> Any:
    """A policy document such that two which allow and deny the same are mostly equal.

    Order never counts, one text is a list of one, actions and condition keys have no case, an account is its root,
    `*` as a principal is everyone, and names of statements say nothing.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html (what holds without it)
    """
    if not isinstance(document, Mapping):
        return document
    statements = [_statement(each) for each in _listed(document.get("Statement", []))]
    return {"Version": document.get("Version", "2008-10-17"), "Statement": _unordered(statements)}


def lifecycle(document: Any) -> Any:
    """A lifecycle policy, its rules by priority, the tags of a rule in no order, the storage class said.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
    """
    if not isinstance(document, Mapping):
        return document
    rules = [_rule(each) for each in document.get("rules", [])]
    return {**document, "rules": sorted(rules, key=lambda rule: (rule.get("rulePriority", 0), _text(rule)))}


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


def _rule(rule: Any) -> Any:
    selection = {"storageClass": "standard", **rule.get("selection", {})}
    for key in ("tagPatternList", "tagPrefixList"):
        if key in selection:
            selection[key] = _unordered(selection[key])
    return {**rule, "selection": selection}


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _unordered(values: list[Any]) -> list[Any]:
    return sorted({_text(value): value for value in values}.values(), key=_text)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
