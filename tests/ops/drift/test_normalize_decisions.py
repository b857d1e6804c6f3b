"""Two policies that are called the same decide the same of every request, and one that is cut up stays the same.

The evaluator here shares nothing with `normalize`: it looks at every request of a small world.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from ops.drift.normalize import policy

ONE, TWO = "111111111111", "222222222222"
ROLES = tuple(f"arn:aws:iam::{account}:role/{name}" for account in (ONE, TWO) for name in ("ci/a", "b"))
ACTIONS = ("ecr:PutImage", "ecr:BatchGetImage")
RESOURCES = ("web/a", "data/b")
ORGANIZATION, PATHS, ARN = "aws:principalorgid", "aws:principalorgpaths", "aws:principalarn"


class Request(NamedTuple):
    """Who asks for what; `context` are the condition keys that it has."""

    role: str
    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]]


def _contexts(role: str) -> Iterator[Mapping[str, tuple[str, ...]]]:
    for organization, paths in itertools.product((None, "o-1", "o-2"), (None, (), ("p",), ("p", "q"), ("Q",))):
        found: dict[str, tuple[str, ...]] = {ARN: (role,)}
        if organization is not None:
            found[ORGANIZATION] = (organization,)
        if paths is not None:
            found[PATHS] = paths
        yield found


REQUESTS = [
    Request(role, action, resource, context)
    for role, action, resource in itertools.product(ROLES, ACTIONS, RESOURCES)
    for context in _contexts(role)
]


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_caller(element: Any, role: str) -> bool:
    names = _many(element["AWS"]) if isinstance(element, Mapping) else [element]
    account = role.split(":")[4]
    return any(it in ("*", role, account, f"arn:aws:iam::{account}:root") for it in names)


def _holds(operator: str, wanted: list[str], found: tuple[str, ...] | None) -> bool:
    if operator == "Null":
        return any((found is None) == (str(it).lower() == "true") for it in wanted)
    if operator.endswith("IfExists"):
        return found is None or _holds(operator.removesuffix("IfExists"), wanted, found)
    quantity, _, base = operator.rpartition(":")
    if quantity == "ForAllValues":
        return all(_holds(base, wanted, (it,)) for it in found or ())
    if quantity == "ForAnyValue":
        return any(_holds(base, wanted, (it,)) for it in found or ())
    if "Not" in base:
        return not _holds(base.replace("Not", ""), wanted, found)
    return any(fnmatchcase(it, pattern) for it in found or () for pattern in wanted)


def _speaks_of(statement: Mapping[str, Any], request: Request) -> bool:
    said = (
        _is_caller(statement["Principal"], request.role)
        if "Principal" in statement
        else not _is_caller(statement["NotPrincipal"], request.role)
    )
    for key, value in (("Action", request.action.lower()), ("Resource", request.resource)):
        for name, wanted in ((key, True), (f"Not{key}", False)):
            if name in statement:
                patterns = [it.lower() if key == "Action" else it for it in _many(statement[name])]
                said = said and any(fnmatchcase(value, it) for it in patterns) is wanted
    return said and all(
        _holds(operator, list(map(str, _many(values))), request.context.get(key.lower()))
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def decisions(document: Mapping[str, Any]) -> list[str]:
    """Deny, Allow or nothing, for each request of the world."""
    found = []
    for request in REQUESTS:
        effects = {it["Effect"] for it in _many(document["Statement"]) if _speaks_of(it, request)}
        found.append("Deny" if "Deny" in effects else "Allow" if effects else "")
    return found


# Policies, as people may write them


def _some(*values: str) -> st.SearchStrategy[Any]:
    lists = st.lists(st.sampled_from(values), min_size=1, max_size=3)
    return lists | lists.map(lambda them: them[0])


_ACCOUNTS = _some(ONE, TWO, f"arn:aws:iam::{ONE}:root", ROLES[0], "*")
_WHO = st.just("*") | _ACCOUNTS.map(lambda names: {"AWS": names})
_OPERATORS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "StringEquals": {"aws:PrincipalOrgID": _some("o-1", "o-2", "O-1"), "aws:principalorgid": _some("o-1", "o-2")},
    "StringNotEquals": {"aws:PrincipalOrgID": _some("o-1", "o-2")},
    "StringEqualsIfExists": {"aws:PrincipalOrgID": _some("o-1", "o-2") | st.just([])},
    "ArnEquals": {"aws:PrincipalArn": _some(*ROLES, "arn:aws:iam::*:role/b")},
    "ArnNotEquals": {"aws:PrincipalArn": _some(*ROLES)},
    "Null": {"aws:PrincipalOrgPaths": st.sampled_from([True, "false", ["true", "false"]])},
    "ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": _some("p", "q", "Q")},
    "ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": _some("p", "q", "Q")},
    "ForAnyValue:StringNotEquals": {"aws:PrincipalOrgPaths": _some("p", "q")},
}
#: Of each operator one key or all, and few operators: many conditions together speak of nobody.
_CONDITIONS = st.lists(
    st.one_of(
        [
            st.fixed_dictionaries({name: st.one_of([st.fixed_dictionaries({key: keys[key]}) for key in keys])})
            | st.fixed_dictionaries({name: st.fixed_dictionaries(keys)})
            for name, keys in _OPERATORS.items()
        ]
    ),
    min_size=1,
    max_size=2,
).map(lambda them: {name: keys for each in them for name, keys in each.items()})
_STATEMENTS = st.builds(
    lambda effect, who, action, resource, condition: {
        "Effect": effect,
        **who,
        **action,
        **resource,
        **({"Condition": condition} if condition is not None else {}),
    },
    st.sampled_from(["Allow", "Deny"]),
    _WHO.map(lambda it: {"Principal": it}) | _ACCOUNTS.map(lambda it: {"NotPrincipal": {"AWS": it}}),
    st.builds(lambda key, it: {key: it}, st.sampled_from(["Action", "NotAction"]), _some(*ACTIONS, "ECR:putimage")),
    st.builds(lambda key, it: {key: it}, st.sampled_from(["Resource", "NotResource"]), _some(*RESOURCES, "web/*")),
    st.none() | _CONDITIONS,
)
_POLICIES = st.lists(_STATEMENTS, min_size=1, max_size=3).map(lambda it: {"Version": "2012-10-17", "Statement": it})


@st.composite
def _nearly_the_same(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A policy, and the same with one thing otherwise: taken out, turned, written elsewhere, or not at all."""
    document = draw(_POLICIES)
    other = json.loads(json.dumps(document))
    statement = draw(st.sampled_from(other["Statement"]))
    at = statement
    while isinstance(at, dict):
        key = draw(st.sampled_from(sorted(at)))
        if not isinstance(at[key], dict) or not at[key] or draw(st.booleans()):
            break
        at = at[key]
    match draw(st.sampled_from(["cut", "name", "other"])):
        case "cut" if isinstance(at[key], list):
            at[key] = at[key][:-1] or at[key]
        case "cut" if "Condition" in statement:
            del statement["Condition"]
        case "name" if key in statement and key[:3] == "Not":
            statement[key[3:]] = statement.pop(key)
        case "other":
            statement |= draw(_STATEMENTS)
            for name in ("Principal", "Action", "Resource"):
                if name in statement:
                    statement.pop(f"Not{name}", None)
    return document, other


@given(_nearly_the_same())
def test_policies_that_are_called_the_same_decide_the_same(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    one, other = both
    if decisions(one) != decisions(other):
        assert policy(one) != policy(other)


@given(_STATEMENTS)
def test_what_is_left_of_a_statement_decides_as_it_did(statement: dict[str, Any]) -> None:
    document = {"Version": "2012-10-17", "Statement": [statement]}
    parts = policy(document)["Statement"]
    assert decisions({"Statement": [_as_written(it) for it in parts]}) == decisions(document)


def _as_written(part: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(part))  # type: ignore[no-any-return]


@given(_POLICIES, st.data())
def test_a_policy_that_is_cut_and_put_together_otherwise_is_the_same(
    document: dict[str, Any], data: st.DataObject
) -> None:
    statements = [cut for statement in document["Statement"] for cut in _cut(statement, data)]
    turned = data.draw(st.permutations(statements))
    repeated = [*turned, *data.draw(st.lists(st.sampled_from(turned), max_size=2))]
    other = {"Statement": [_otherwise(it, data) for it in repeated]}
    assert policy(other) == policy(document)


def _cut(statement: dict[str, Any], data: st.DataObject) -> Iterator[dict[str, Any]]:
    """One statement as two that say what it says, by one of its lists of which any value is enough."""
    places = [("Action",), ("Resource",), ("Principal", "AWS")]
    places += [("Condition", "ArnEquals", "aws:PrincipalArn"), ("Condition", "StringEquals", "aws:PrincipalOrgID")]
    lists = [place for place in places if isinstance(it := _at(statement, place), list) and len(it) > 1]
    if not lists or not data.draw(st.booleans()):
        yield statement
        return
    place = data.draw(st.sampled_from(lists))
    values = _at(statement, place)
    at = data.draw(st.integers(1, len(values) - 1))
    yield from _cut(_with(statement, place, values[:at]), data)
    yield from _cut(_with(statement, place, values[at:]), data)


def _at(statement: Any, place: tuple[str, ...]) -> Any:
    for key in place:
        statement = statement.get(key) if isinstance(statement, dict) else None
    return statement


def _with(statement: dict[str, Any], place: tuple[str, ...], value: Any) -> dict[str, Any]:
    key, *rest = place
    return {**statement, key: _with(statement[key], tuple(rest), value) if rest else value}


def _otherwise(statement: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """The keys in another order, a name, lists turned, one word as a list."""
    keys = data.draw(st.permutations(list(statement)))
    found = {key: statement[key] for key in keys} | {"Sid": data.draw(st.sampled_from(["a", "b"]))}
    for key in ("Action", "NotAction", "Resource", "NotResource"):
        if key in found:
            found[key] = data.draw(st.permutations(_many(found[key])))
    return found
