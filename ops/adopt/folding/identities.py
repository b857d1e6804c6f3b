"""Whom a statement of a policy lets in, as the keys of a principal say it, and what each is called in the file."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple

from ops.drift.normalize import alike
from registry.access.callers import LAMBDA
from registry.access.policy_language import many, principals_of
from registry.limits import PRINCIPAL_NAME
from registry.locations import Location
from registry.naming import account_of

_ACCOUNT: Final = re.compile(r"(?:arn:aws[a-z-]*:iam::)?([0-9]{12})(?::root)?")
_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[^*?]+")
_FUNCTION: Final = re.compile(r"arn:aws[a-z-]*:lambda:([a-z0-9-]+):([0-9]{12}):function:([A-Za-z0-9_-]+\*?|\*)")


class Identity(NamedTuple):
    """Whom a statement lets in, as the keys of a principal say it; `organization` is the one it must be in."""

    kind: str
    value: str
    organization: str | None = None


Group = tuple[str, str, str]  # type and value of a principal, and the condition
Identities = tuple[Identity, ...]
_PATHS: Final = ("foranyvalue:stringlike", "aws:principalorgpaths")
_ORGANIZATION: Final = ("stringequals", "aws:principalorgid")
_ROLES: Final = ("arnequals", "aws:principalarn")
_SOURCES: Final = ("arnequals", "aws:sourcearn")
_SOURCE_ACCOUNTS: Final = ("stringequals", "aws:sourceaccount")


def groups(policy: Mapping[str, Any], home: Location) -> Iterator[tuple[Group, tuple[Identities, frozenset[str]]]]:
    """Principals under one condition, who they are, and all the actions they are allowed."""
    actions: dict[Group, set[str]] = {}
    for statement in statements_of(policy):
        for group in groups_of(statement):
            actions.setdefault(group, set()).update(it.lower() for it in many(statement.get("Action")))
    for group, them in actions.items():
        yield group, (_identities(group, home), frozenset(them))


def statements_of(policy: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The statements of a policy, of which a single one needs no list."""
    statements = policy.get("Statement", [])
    return [statements] if isinstance(statements, Mapping) else list(statements)


def groups_of(statement: Mapping[str, Any]) -> list[Group]:
    """The principals of a statement, each with its condition."""
    condition = json.dumps(statement.get("Condition", {}), sort_keys=True)
    return [(kind, value, condition) for kind, value in principals_of(statement.get("Principal"))]


def _identities(group: Group, home: Location) -> Identities:
    """Who a principal under a condition is, where grants can say it; nobody where they cannot.

    Of the values of one key of a condition any is enough, so that several are several identities.
    """
    kind, value, text = group
    said = _conditions(json.loads(text))
    if kind == "Service":
        return _functions(said, home) if value == LAMBDA else _service(value, said)
    if kind == "AWS" and value == "*" and set(said) == {_PATHS}:
        units = [it.removesuffix("/*") for it in said[_PATHS] if it.endswith("/*")]
        return tuple(Identity("organizational_unit", it) for it in units) if len(units) == len(said[_PATHS]) else ()
    if kind == "AWS" and value == "*" and set(said) == {_ORGANIZATION}:
        return tuple(Identity("organization", it) for it in said[_ORGANIZATION])
    account = _ACCOUNT.fullmatch(value) if kind == "AWS" else None
    bound = said.pop(_ORGANIZATION, ())
    if account is None or account[1] == home.account or len(bound) > 1 or set(said) - {_ROLES}:
        return ()
    organization = bound[0] if bound else None
    if _ROLES not in said:
        return (Identity("account", account[1], organization),)
    roles = [it for it in said[_ROLES] if account_of(it) == account[1]]
    return tuple(Identity("role", it, organization) for it in roles) if all(map(_ROLE.fullmatch, roles)) else ()


def _functions(said: Mapping[tuple[str, str], tuple[str, ...]], home: Location) -> Identities:
    """Lambda, for functions of the home region: a grant names those of each region itself."""
    if set(said) != {_SOURCES}:
        return ()
    found = [_FUNCTION.fullmatch(it) for it in said[_SOURCES]]
    own = [f"{it[2]}:{it[3]}" for it in found if it and it[1] == home.region]
    return tuple(Identity("lambda", it) for it in own) if len(own) == len(found) else ()


def _service(name: str, said: Mapping[tuple[str, str], tuple[str, ...]]) -> Identities:
    """Another service, on behalf of some things of an account, or of everything of it.

    A grant names the account beside the thing, as AWS's own policies do; one that names the thing alone stays.
    https://docs.aws.amazon.com/codebuild/latest/userguide/sample-ecr.html
    """
    accounts, sources = said.get(_SOURCE_ACCOUNTS, ()), said.get(_SOURCES, ())
    if set(said) - {_SOURCE_ACCOUNTS, _SOURCES} or not accounts:
        return ()
    if not sources:
        return tuple(Identity("service", f"{name} {it}") for it in accounts)
    named = {account_of(it) for it in sources if it.count(":") >= 5}
    return tuple(Identity("service", f"{name} {it}") for it in sources) if named == set(accounts) else ()


def _conditions(condition: Any) -> dict[tuple[str, str], tuple[str, ...]]:
    """The values by operator and key, in lower case; what is no map of maps is under a key that nobody asks for.

    Operators that compare an ARN in the same way are one; a key that stands below two of them stays below both.
    """
    if not isinstance(condition, Mapping) or not all(isinstance(keys, Mapping) for keys in condition.values()):
        return {("", ""): ()}
    texts = {name: {key: tuple(map(str, many(said))) for key, said in keys.items()} for name, keys in condition.items()}
    return {
        (operator.lower(), key.lower()): values
        for operator, keys in alike(texts).items()
        for key, values in keys.items()
    }


# In the file


def shape_of(identity: Identity) -> dict[str, Any]:
    """The keys of a principal."""
    if identity.kind == "lambda":
        account, _, function = identity.value.partition(":")
        key = "lambda_function_pattern" if function.endswith("*") else "lambda_function"
        return {"lambda_account": account} | ({} if function == "*" else {key: function})
    if identity.kind == "service":
        name, _, source = identity.value.partition(" ")
        return {"service": {"name": name, "source_arn" if ":" in source else "source_account": source}}
    return {identity.kind: identity.value}


def names_of(identities: Collection[Identity]) -> dict[Identity, str]:
    """A name for each, which says who it is."""
    wished = {identity: _wished(identity) for identity in sorted(identities, key=str)}
    found: dict[Identity, str] = {}
    taken: set[str] = set()
    several = Counter(wished.values())
    for identity, name in wished.items():
        if several[name] > 1:
            name = f"{name[:18].rstrip('-')}-{_account(identity)}"
        numbered = (f"{name[:27].rstrip('-')}-{number}" for number in range(2, 1_000))
        found[identity] = next(it for it in (name, *numbered) if it not in taken)
        taken.add(found[identity])
    return found


def _wished(identity: Identity) -> str:
    kind, value = identity.kind, identity.value
    if kind == "account":
        return f"account-{value}"
    if kind == "organization":
        return "organization"
    if kind == "organizational_unit":
        return _word("unit-" + value.rpartition("/")[2].removeprefix("ou-"))
    if kind == "lambda":
        account, _, function = value.partition(":")
        return f"functions-{account}" if function == "*" else _word(f"function-{function}")
    if kind == "service":
        name, _, source = value.partition(" ")
        return _word(f"{name.partition('.')[0]}-{re.split('[:/]', source)[-1]}")
    return _word(value.rpartition("/")[2])


def _word(text: str) -> str:
    """Lower-case words joined by hyphens, a letter first, not longer than a principal's name."""
    words = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:31].rstrip("-")
    return words if PRINCIPAL_NAME.fullmatch(words) else f"role-{words}"[:31].rstrip("-")


def _account(identity: Identity) -> str:
    if identity.kind == "service":
        source = identity.value.partition(" ")[2]
        return account_of(source) if ":" in source else source
    return account_of(identity.value) if identity.kind == "role" else identity.value.partition(":")[0][:12]
