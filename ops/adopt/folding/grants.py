"""Repository policies as grants: where an AWS policy is what grants would make, the grants are written."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from ops.drift import normalize
from registry.access.policies import EVERYWHERE, repository_policy
from registry.access.policy_language import many, principals_of
from registry.access.purposes import GRANTED, LAMBDA_PULL
from registry.limits import PRINCIPAL_NAME
from registry.locations import Location
from registry.model import Grant
from registry.naming import account_of
from registry.resolve.principals import principals_of as resolved_principals
from registry.shape import FileShape

_ACCOUNT: Final = re.compile(r"(?:arn:aws[a-z-]*:iam::)?([0-9]{12})(?::root)?")
_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[^*?]+")
_FUNCTION: Final = re.compile(r"arn:aws[a-z-]*:lambda:([a-z0-9-]+):([0-9]{12}):function:([A-Za-z0-9_-]+\*?|\*)")
#: Which actions a grant gives, in lower case.
_ACTIONS: Final = {name: frozenset(it.lower() for it in each.on_repositories) for name, each in GRANTED.items()}
_LAMBDA: Final = frozenset(it.lower() for it in LAMBDA_PULL.on_repositories)


class Identity(NamedTuple):
    """Whom a statement lets in, as the keys of a principal say it; `organization` is the one it must be in."""

    kind: str
    value: str
    organization: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedPolicy:
    """What a policy comes to: grants (by their key, to whom), and what stays in AWS's form."""

    grants: frozenset[tuple[str, Identity]] = frozenset()
    rest: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedPolicies:
    """Every distinct policy by its text, the principals of the file by name, and whose organization this is."""

    by_text: Mapping[str, FoldedPolicy]
    names: Mapping[Identity, str]
    organization: str | None

    def principals(self) -> dict[str, dict[str, Any]]:
        """The principals as the file writes them."""
        return {name: self._written(identity) for identity, name in sorted(self.names.items(), key=lambda it: it[1])}

    def _written(self, identity: Identity) -> dict[str, Any]:
        return _shape(identity) | (
            {"outside_organization": True}
            if self.organization and identity.kind in ("account", "role") and not identity.organization
            else {}
        )


def text_of(policy: Mapping[str, Any]) -> str:
    """What a policy is known by: its text, whatever the order of keys."""
    return json.dumps(policy, sort_keys=True)


def fold_policies(
    policies: Sequence[Mapping[str, Any]], home: Location, left: Collection[Identity], raw: Collection[str]
) -> FoldedPolicies:
    """Fold the policies of repositories at home.

    :param left: identities whose statements stay as they are, though a grant would make the same.
    :param raw: the texts of policies that stay as they are.
    """
    distinct = {text_of(policy): policy for policy in policies}
    parts = {text: dict(_groups(policy, home)) for text, policy in distinct.items()}
    there = {identity for groups in parts.values() for identities, _ in groups.values() for identity in identities}
    seen = {identity for identity in there if _is_principal(identity, home)}
    organization = _organization(seen)
    usable = {identity for identity in seen - set(left) if _usable(identity, seen, organization)}
    folded = {
        text: FoldedPolicy(rest=policy) if text in raw else _fold(policy, parts[text], usable)
        for text, policy in distinct.items()
    }
    used = {identity for each in folded.values() for _, identity in each.grants}
    found = FoldedPolicies(by_text=folded, names=_names(used), organization=organization if used else None)
    by_text = {
        text: each if _same(each, found, distinct[text], home) else FoldedPolicy(rest=distinct[text])
        for text, each in folded.items()
    }
    used = {identity for each in by_text.values() for _, identity in each.grants}
    return FoldedPolicies(by_text=by_text, names=_names(used), organization=organization if used else None)


# What a statement says


_Group = tuple[str, str, str]  # type and value of a principal, and the condition
_Identities = tuple[Identity, ...]
_SOURCE: Final = ("stringlike", "aws:sourcearn")
_PATHS: Final = ("foranyvalue:stringlike", "aws:principalorgpaths")
_ORGANIZATION: Final = ("stringequals", "aws:principalorgid")
_ROLES: Final = ("arnequals", "aws:principalarn")


def _groups(policy: Mapping[str, Any], home: Location) -> Iterator[tuple[_Group, tuple[_Identities, frozenset[str]]]]:
    """Principals under one condition, who they are, and all the actions they are allowed."""
    actions: dict[_Group, set[str]] = {}
    for statement in statements_of(policy):
        for group in _groups_of(statement):
            actions.setdefault(group, set()).update(it.lower() for it in many(statement.get("Action")))
    for group, them in actions.items():
        yield group, (_identities(group, home), frozenset(them))


def statements_of(policy: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The statements of a policy, of which a single one needs no list."""
    statements = policy.get("Statement", [])
    return [statements] if isinstance(statements, Mapping) else list(statements)


def _groups_of(statement: Mapping[str, Any]) -> list[_Group]:
    condition = json.dumps(statement.get("Condition", {}), sort_keys=True)
    return [(kind, value, condition) for kind, value in principals_of(statement.get("Principal"))]


def _identities(group: _Group, home: Location) -> _Identities:
    """Who a principal under a condition is, where grants can say it; nobody where they cannot.

    Of the values of one key of a condition any is enough, so that several are several identities.
    """
    kind, value, text = group
    said = _conditions(json.loads(text))
    if kind == "Service" and value == "lambda.amazonaws.com" and set(said) == {_SOURCE}:
        found = [_FUNCTION.fullmatch(it) for it in said[_SOURCE]]
        own = [f"{it[2]}:{it[3]}" for it in found if it and it[1] == home.region]
        return tuple(Identity("lambda", it) for it in own) if len(own) == len(found) else ()
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


def _conditions(condition: Any) -> dict[tuple[str, str], tuple[str, ...]]:
    """The values by operator and key, in lower case; what is no map of maps is under a key that nobody asks for."""
    if not isinstance(condition, Mapping) or not all(isinstance(keys, Mapping) for keys in condition.values()):
        return {("", ""): ()}
    return {
        (operator.lower(), key.lower()): tuple(map(str, many(values)))
        for operator, keys in condition.items()
        for key, values in keys.items()
    }


# Who can be a principal


def _organization(seen: Collection[Identity]) -> str | None:
    """The organization that most of them must be in: `access.organization` of the file."""
    found = Counter(it.organization for it in seen if it.organization)
    return min(found, key=lambda it: (-found[it], it)) if found else None


def _is_principal(identity: Identity, home: Location) -> bool:
    """Whether a file may write it at all: a role's name may have what ours have not, a path may be all of a company."""
    try:
        _file({"it": _shape(identity)}, identity.organization, home)
    except ValidationError:
        return False
    return True


def _file(principals: Mapping[str, Any], organization: str | None, home: Location) -> FileShape:
    return FileShape.model_validate(
        {
            "registry": {"name": "adopted", "account": home.account, "region": home.region},
            "access": {"organization": organization} if organization else {},
            "principals": principals,
        }
    )


def _usable(identity: Identity, seen: Collection[Identity], organization: str | None) -> bool:
    """Whether the file can have it as a principal: an identity is in the organization everywhere, or nowhere."""
    if identity.organization is None:
        return True
    return identity.organization == organization and identity._replace(organization=None) not in seen


def _fold(
    policy: Mapping[str, Any], groups: Mapping[_Group, tuple[_Identities, frozenset[str]]], usable: Set[Identity]
) -> FoldedPolicy:
    """Grants for every group that a set of grants makes, and the statements that speak of others, whole."""
    grants = {
        group: granted
        for group, (identities, actions) in groups.items()
        if identities and usable >= set(identities) and (granted := _granted(identities[0].kind, actions))
    }
    statements = statements_of(policy)
    while True:
        rest = [it for it in statements if not _is_covered(it, grants)]
        kept = {group for it in rest for group in _groups_of(it)}
        if not kept & set(grants):
            break
        grants = {group: it for group, it in grants.items() if group not in kept}
    if not grants:
        return FoldedPolicy(rest=policy)
    return FoldedPolicy(
        grants=frozenset((key, who) for group, keys in grants.items() for who in groups[group][0] for key in keys),
        rest={**policy, "Statement": rest} if rest else None,
    )


def _is_covered(statement: Mapping[str, Any], grants: Mapping[_Group, Any]) -> bool:
    plain = {"Sid", "Effect", "Principal", "Action", "Condition"}
    of_grants = statement.get("Effect") == "Allow" and "Action" in statement and set(statement) <= plain
    return of_grants and all(group in grants for group in _groups_of(statement))


def _granted(kind: str, actions: frozenset[str]) -> tuple[str, ...]:
    """The grants whose actions come to these, as few as can be; none where no set of them does."""
    if kind == "lambda":
        return ("pull",) if actions == _LAMBDA else ()
    keys = [key for key in _ACTIONS if key in EVERYWHERE or kind == "role"]
    for size in range(1, len(keys) + 1):
        for chosen in itertools.combinations(keys, size):
            if frozenset().union(*(_ACTIONS[key] for key in chosen)) == actions:
                return chosen
    return ()


# The proof: what the grants come to is what is live


def _same(folded: FoldedPolicy, found: FoldedPolicies, policy: Mapping[str, Any], home: Location) -> bool:
    if not folded.grants:
        return True
    principals = resolved_principals(_file(found.principals(), found.organization, home))
    grants = [
        Grant(principal=principals[found.names[identity]], granted=key, scope="a/b", at=())  # type: ignore[arg-type]
        for key, identity in folded.grants
    ]
    text = repository_policy(folded.rest, grants, home, home)
    return text is not None and normalize.policy(json.loads(text)) == normalize.policy(policy)


# Names


def _names(identities: Collection[Identity]) -> dict[Identity, str]:
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
    return _word(value.rpartition("/")[2])


def _word(text: str) -> str:
    """Lower-case words joined by hyphens, a letter first, not longer than a principal's name."""
    words = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:31].rstrip("-")
    return words if PRINCIPAL_NAME.fullmatch(words) else f"role-{words}"[:31].rstrip("-")


def _account(identity: Identity) -> str:
    return account_of(identity.value) if identity.kind == "role" else identity.value.partition(":")[0][:12]


def _shape(identity: Identity) -> dict[str, Any]:
    if identity.kind == "lambda":
        account, _, function = identity.value.partition(":")
        key = "lambda_function_pattern" if function.endswith("*") else "lambda_function"
        return {"lambda_account": account} | ({} if function == "*" else {key: function})
    return {identity.kind: identity.value}
