"""Repository policies as grants: where an AWS policy is what grants would make, the grants are written."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from ops.adopt.folding.identities import (
    Group,
    Identities,
    Identity,
    groups,
    groups_of,
    names_of,
    shape_of,
    statements_of,
)
from ops.drift import normalize
from registry.access.policies import EVERYWHERE, repository_policy
from registry.access.publishing import public_policy
from registry.access.purposes import GRANTED, LAMBDA_PULL, PUBLISH, PULL
from registry.locations import Location
from registry.model import Grant
from registry.resolve.principals import principals_of
from registry.shape import FileShape

#: Which actions a grant gives, in lower case.
_ACTIONS: Final = {name: frozenset(it.lower() for it in each.on_repositories) for name, each in GRANTED.items()}
_LAMBDA: Final = frozenset(it.lower() for it in LAMBDA_PULL.on_repositories)
_PUBLISH: Final = frozenset(it.lower() for it in PUBLISH.on_repositories)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedPolicy:
    """What a policy comes to: grants (by their key, to whom), and what stays in AWS's form."""

    grants: frozenset[tuple[str, Identity]] = frozenset()
    rest: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedPolicies:
    """Every distinct policy by its text, the principals of the file by name, and whose organization this is.

    `pushers` are who may push by the policies of public repositories; one that lets in others, too, is not there.
    """

    by_text: Mapping[str, FoldedPolicy]
    names: Mapping[Identity, str]
    organization: str | None
    pushers: Mapping[str, frozenset[Identity]] = field(default_factory=dict)

    def principals(self) -> dict[str, dict[str, Any]]:
        """The principals as the file writes them."""
        return {name: self._written(identity) for identity, name in sorted(self.names.items(), key=lambda it: it[1])}

    def _written(self, identity: Identity) -> dict[str, Any]:
        return shape_of(identity) | (
            {"outside_organization": True}
            if self.organization and identity.kind in ("account", "role") and not identity.organization
            else {}
        )


def text_of(policy: Mapping[str, Any]) -> str:
    """What a policy is known by: its text, whatever the order of keys."""
    return json.dumps(policy, sort_keys=True)


def fold_policies(
    policies: Sequence[Mapping[str, Any]],
    home: Location,
    left: Collection[Identity],
    raw: Collection[str],
    public: Sequence[Mapping[str, Any]] = (),
) -> FoldedPolicies:
    """Fold the policies of repositories at home.

    :param left: identities whose statements stay as they are, though a grant would make the same.
    :param raw: the texts of policies that stay as they are.
    :param public: the policies of public repositories.
    """
    distinct, published = ({text_of(policy): policy for policy in each} for each in (policies, public))
    parts = {text: dict(groups(policy, home)) for text, policy in (distinct | published).items()}
    there = {identity for each in parts.values() for identities, _ in each.values() for identity in identities}
    seen = {identity for identity in there if _is_principal(identity, home)}
    organization = _organization(seen)
    usable = {identity for identity in seen - set(left) if _usable(identity, seen, organization)}
    folded = {
        text: FoldedPolicy(rest=policy) if text in raw else _fold(policy, parts[text], usable)
        for text, policy in distinct.items()
    }
    pushers = {text: who for text in published if (who := _pushers(parts[text], usable))}
    found = _named(folded, pushers, organization)
    by_text = {
        text: each if _same(each, found, distinct[text], home) else FoldedPolicy(rest=distinct[text])
        for text, each in folded.items()
    }
    proven = {text: who for text, who in pushers.items() if _publish_the_same(who, found, published[text], home)}
    return _named(by_text, proven, organization)


def _named(
    by_text: Mapping[str, FoldedPolicy], pushers: Mapping[str, frozenset[Identity]], organization: str | None
) -> FoldedPolicies:
    """With names for those who are let in, and for no others."""
    used = {identity for each in by_text.values() for _, identity in each.grants}.union(*pushers.values())
    return FoldedPolicies(
        by_text=by_text, names=names_of(used), organization=organization if used else None, pushers=pushers
    )


# Who can be a principal


def _organization(seen: Collection[Identity]) -> str | None:
    """The organization that most of them must be in: `access.organization` of the file."""
    found = Counter(it.organization for it in seen if it.organization)
    return min(found, key=lambda it: (-found[it], it)) if found else None


def _is_principal(identity: Identity, home: Location) -> bool:
    """Whether a file may write it at all: a role's name may have what ours have not, a path may be all of a company."""
    try:
        _file({"it": shape_of(identity)}, identity.organization, home)
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
    policy: Mapping[str, Any], parts: Mapping[Group, tuple[Identities, frozenset[str]]], usable: Set[Identity]
) -> FoldedPolicy:
    """Grants for every group that a set of grants makes, and the statements that speak of others, whole."""
    grants = {
        group: granted
        for group, (identities, actions) in parts.items()
        if identities and usable >= set(identities) and (granted := _granted(identities[0].kind, actions))
    }
    statements = statements_of(policy)
    while True:
        rest = [it for it in statements if not _is_covered(it, grants)]
        kept = {group for it in rest for group in groups_of(it)}
        if not kept & set(grants):
            break
        grants = {group: it for group, it in grants.items() if group not in kept}
    if not grants:
        return FoldedPolicy(rest=policy)
    return FoldedPolicy(
        grants=frozenset((key, who) for group, keys in grants.items() for who in parts[group][0] for key in keys),
        rest={**policy, "Statement": rest} if rest else None,
    )


def _is_covered(statement: Mapping[str, Any], grants: Mapping[Group, Any]) -> bool:
    plain = {"Sid", "Effect", "Principal", "Action", "Condition"}
    of_grants = statement.get("Effect") == "Allow" and "Action" in statement and set(statement) <= plain
    return of_grants and all(group in grants for group in groups_of(statement))


def _granted(kind: str, actions: frozenset[str]) -> tuple[str, ...]:
    """The grants whose actions come to these, as few as can be; none where no set of them does."""
    if kind == "lambda":
        return (PULL.name,) if actions == _LAMBDA else ()
    if kind == "service":
        return (PULL.name,) if actions == _ACTIONS[PULL.name] else ()
    keys = [key for key in _ACTIONS if key in EVERYWHERE or kind == "role"]
    for size in range(1, len(keys) + 1):
        for chosen in itertools.combinations(keys, size):
            if frozenset().union(*(_ACTIONS[key] for key in chosen)) == actions:
                return chosen
    return ()


def _pushers(
    parts: Mapping[Group, tuple[Identities, frozenset[str]]], usable: Set[Identity]
) -> frozenset[Identity] | None:
    """The roles that the policy of a public repository lets push; None where it says anything else."""
    who = frozenset(identity for identities, _ in parts.values() for identity in identities)
    plain = all(identities and actions == _PUBLISH for identities, actions in parts.values())
    return who if plain and who <= usable and all(it.kind == "role" for it in who) else None


# The proof: what the grants come to is what is live


def _same(folded: FoldedPolicy, found: FoldedPolicies, policy: Mapping[str, Any], home: Location) -> bool:
    if not folded.grants:
        return True
    principals = principals_of(_file(found.principals(), found.organization, home))
    grants = [
        Grant(principal=principals[found.names[identity]], granted=key, scope="a/b", at=())  # type: ignore[arg-type]
        for key, identity in folded.grants
    ]
    text = repository_policy(folded.rest, grants, home, home)
    return text is not None and normalize.policy(json.loads(text)) == normalize.policy(policy)


def _publish_the_same(
    who: frozenset[Identity], found: FoldedPolicies, policy: Mapping[str, Any], home: Location
) -> bool:
    principals = principals_of(_file(found.principals(), found.organization, home))
    text = public_policy([principals[found.names[it]] for it in who], home.account, home.region)
    return text is not None and normalize.policy(json.loads(text)) == normalize.policy(policy)
