"""registry.yaml, and the files of teams, that come to what an account has."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from ops.adopt.account import LiveAccount
from ops.adopt.folding import beside, registry_wide
from ops.adopt.folding.grants import FoldedPolicies, fold_policies
from ops.adopt.folding.identities import Identity
from ops.adopt.folding.lifecycles import FoldedLifecycles, fold_lifecycles
from ops.adopt.folding.repositories import Known, WrittenLayers, fold_repositories
from ops.adopt.folding.yaml_text import LINE, Writer
from ops.drift.named import CACHE_RULE, CREATION_TEMPLATE, REPOSITORY
from ops.drift.reading import KEY_OF_AWS
from ops.drift.repository_settings import Settings
from registry.access.purposes import GRANTED
from registry.limits import REPOSITORIES_A_SHARD
from registry.locations import Location
from registry.naming import ROOT_NAMESPACE, namespace_of
from registry.resolve.registry_wide import namespace_below
from registry.rules.size import RESOURCES_IN_A_STACK

ROOT_FILE: Final = "registry.yaml"
#: How long an open policy is accepted without a question.
ACCEPTED_DAYS: Final = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a file cannot have as it would be written first, found out by checking it.

    `principals`, `policies` and `lifecycles` stay in AWS's form, and the lifecycles of `unsayable` cannot even do that;
    `keys` whether repositories need a KMS key at every replica; `unsaid` are places of the file, by the keys that lead
    to them, and why nothing stands there; `root` are namespaces that get no file of their own. `registry_policies` are
    what the file does not come to by itself, by location; `opened` are the rules that warn of everybody being let in.
    """

    principals: frozenset[Identity] = frozenset()
    policies: frozenset[str] = frozenset()
    lifecycles: frozenset[str] = frozenset()
    unsayable: frozenset[str] = frozenset()
    keys: bool = False
    unsaid: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    root: frozenset[str] = frozenset()
    registry_policies: Mapping[Location, Any] = field(default_factory=dict)
    opened: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """The texts of the files by their path beside the root file, what went into them, and what found no words."""

    texts: Mapping[str, str]
    policies: FoldedPolicies
    lifecycles: FoldedLifecycles
    left_out: Mapping[str, str]


def fold_account(account: LiveAccount, choices: Choices, *, teams: bool, today: date) -> Folded:
    """The files for an account.

    :param teams: whether each namespace gets a file of its own.
    """
    repositories = {name: _sayable(settings) for name, settings in account.repositories.items()}
    templates = account.named(CREATION_TEMPLATE.noun)
    lifecycles = fold_lifecycles(
        {name: it["lifecyclePolicy"] for name, it in repositories.items()}
        | {
            f"{prefix.lower()}/created-by-ecr": it["lifecyclePolicy"]
            for prefix, it in templates.items()
            if registry_wide.has_lifecycle(it)
        },
        choices.lifecycles,
        choices.unsayable,
    )
    live_policies = [policy for it in repositories.values() if (policy := it["repositoryPolicy"])]
    public = [policy for it in beside.published(account).values() if (policy := it["repositoryPolicy"])]
    policies = fold_policies(live_policies, account.home, choices.principals, choices.policies, public)
    layers = fold_repositories(
        repositories,
        Known(
            lifecycles=lifecycles,
            policies=policies,
            keys=_keys(account, everywhere=choices.keys or bool(account.unread)),
            scanned=lambda name: registry_wide.is_scanned(account, name),
            shared=frozenset(filter(None, map(namespace_below, [*templates, *account.named(CACHE_RULE.noun)]))),
        ),
    )
    of_teams = _team_files(layers, choices) if teams else {}
    document = _root(account, layers, lifecycles, policies, choices, of_teams, today)
    comments, left_out = _comments(lifecycles, choices), beside.left_out(account, policies)
    _remove(document, choices)
    header = (
        f"Written by `ecrctl adopt` on {today:%Y-%m-%d} from account {account.home.account}, {account.home.region}.",
        *(f"Not read, because no credentials were named: {at}" for at in account.unread),
        *(line for what, why in left_out.items() for line in _lines(f"Not in this file: {what}: {why}")),
        *(line for (key, *more), why in choices.unsaid.items() if not more for line in _lines(_unsaid((key,), why))),
    )
    texts = {ROOT_FILE: Writer(comments).text(document, header)}
    for namespace, team in of_teams.items():
        texts[f"teams/{namespace}.yaml"] = Writer().text(team)
    return Folded(texts=texts, policies=policies, lifecycles=lifecycles, left_out=left_out)


def _sayable(settings: Settings) -> Settings:
    """Without tags that are empty: CloudFormation's type for repositories takes none."""
    return {**settings, "tags": {key: value for key, value in settings["tags"].items() if value}}


def _keys(account: LiveAccount, *, everywhere: bool) -> dict[str, Any]:
    """The KMS key of each repository that is not AWS's own: its ARN, or with replicas the ARN in each region.

    :param everywhere: a replica without one has the key of a repository that has the same at home, or AWS's own.
    """
    found: dict[str, dict[str, str]] = {}
    like: dict[str, dict[str, str]] = {}
    for name, settings in account.repositories.items():
        keys = {
            _place_of(at, account): key
            for at in account.locations
            if (key := (account.named(REPOSITORY.noun, at).get(name) or {}).get("kmsKey"))
            and key not in account.own_keys
        }
        if keys and settings["encryptionType"] != "AES256":
            at_home = keys.setdefault(account.home.region, KEY_OF_AWS)
            found[name] = keys
            like[at_home] = keys | like.get(at_home, {})
    if everywhere:
        places = [_place_of(at, account) for at in (*account.locations, *account.unread)]
        of_aws = dict.fromkeys(places, KEY_OF_AWS)
        found = {name: of_aws | like[keys[account.home.region]] | keys for name, keys in found.items()}
    if len(account.locations) == 1 and not everywhere:
        return {name: keys[account.home.region] for name, keys in found.items()}
    return {name: tuple(sorted(keys.items())) for name, keys in found.items()}


def _place_of(at: Location, account: LiveAccount) -> str:
    """How a map of keys calls a location."""
    return at.region if at.account == account.home.account else str(at)


def _root(
    account: LiveAccount,
    layers: WrittenLayers,
    lifecycles: FoldedLifecycles,
    policies: FoldedPolicies,
    choices: Choices,
    of_teams: Mapping[str, Any],
    today: date,
) -> dict[str, Any]:
    replicas = registry_wide.replicas(account)
    for at, policy in choices.registry_policies.items():
        if at != account.home:
            written = replicas.get(at.beside(account.home)) or {}
            replicas[at.beside(account.home)] = {**written, "registry_policy": policy}
    document = {
        "registry": {"name": account.name, "account": account.home.account, "region": account.home.region},
        "include": ["teams/*.yaml"] if of_teams else None,
        "replicas": replicas,
        "access": {"organization": policies.organization} if policies.organization else None,
        "principals": _principals(policies, of_teams),
        "lifecycles": lifecycles.written,
        "defaults": layers.defaults,
        "namespaces": _namespaces(account, layers, of_teams),
        "repositories": {
            name: written or None for name, written in layers.repositories.items() if namespace_of(name) not in of_teams
        },
        "scanning": registry_wide.scanning(account)
        | ({"suppression_filters": True} if beside.is_suppressed(account) else {}),
        "creation_templates": registry_wide.creation_templates(account, lifecycles),
        "pull_through_cache_rules": registry_wide.cache_rules(account),
        "signing": registry_wide.signing(account),
        "pull_time_update_exclusions": registry_wide.exclusions(account),
        "registry_policy": choices.registry_policies.get(account.home),
        "public_repositories": beside.public_repositories(account, policies),
        "account_settings": registry_wide.account_settings(account) | beside.inspector_settings(account),
        "accepted_findings": beside.accepted_findings(account),
        "acceptances": _acceptances(choices, today),
    }
    return {key: value for key, value in document.items() if value}


def _principals(policies: FoldedPolicies, of_teams: Mapping[str, Any]) -> dict[str, Any]:
    """Each with the teams whose files grant to it."""
    written = policies.principals()
    for namespace, team in of_teams.items():
        places = [team.get("defaults", {}), *(it or {} for it in team["repositories"].values())]
        granted = {name for place in places for key in GRANTED for name in place.get(key, ())}
        for name in sorted(granted):
            written[name].setdefault("teams", []).append(namespace)
    return written


def _namespaces(account: LiveAccount, layers: WrittenLayers, of_teams: Mapping[str, Any]) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for name in account.repositories:
        counts[namespace_of(name)] = counts.get(namespace_of(name), 0) + 1
    found = {name: dict(it) for name, it in layers.namespaces.items() if name not in of_teams}
    for namespace, number in counts.items():
        if number > RESOURCES_IN_A_STACK:
            found.setdefault(namespace, {})["shards"] = -(-number // REPOSITORIES_A_SHARD)
    return dict(sorted(found.items()))


def _acceptances(choices: Choices, today: date) -> list[dict[str, Any]]:
    """An open policy stays open, for a while, and said aloud: a synth refuses it without."""
    until = today + timedelta(days=ACCEPTED_DAYS)
    reason = "Adopted as it was in AWS: everybody can use these repositories. Close them, or say why not."
    return [{"rule": rule, "reason": reason, "until": f"{until:%Y-%m-%d}"} for rule in sorted(choices.opened)]


def _team_files(layers: WrittenLayers, choices: Choices) -> dict[str, dict[str, Any]]:
    """A file for each namespace; one with a policy in AWS's form stays in the root file, where that is reviewed."""
    files: dict[str, dict[str, Any]] = {}
    for name, written in layers.repositories.items():
        namespace = namespace_of(name)
        if namespace != ROOT_NAMESPACE and namespace not in choices.root:
            files.setdefault(namespace, {})[name] = written or None
    return {
        namespace: {
            "namespace": namespace,
            **({"defaults": defaults} if (defaults := layers.namespaces.get(namespace)) else {}),
            "repositories": repositories,
        }
        for namespace, repositories in sorted(files.items())
        if not any(
            "repository_policy" in (it or {}) for it in (layers.namespaces.get(namespace), *repositories.values())
        )
    }


def _comments(lifecycles: FoldedLifecycles, choices: Choices) -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for name, descriptions in lifecycles.descriptions.items():
        if descriptions:
            found[("lifecycles", name)] = [line for it in descriptions for line in _lines(it)]
    for place, why in choices.unsaid.items():
        above = place[:2] if len(place) > 2 else place[:1]
        found.setdefault(above, []).extend(_lines(_unsaid(place, why)))
    return found


def _unsaid(place: tuple[str, ...], why: str) -> str:
    return f"{'.'.join(place)} is not as in AWS: {why}"


def _lines(text: str) -> list[str]:
    """A text as lines that stay a comment, whatever is in it."""
    printable = "".join(it if it.isprintable() else " " for it in text)
    return textwrap.wrap(printable, LINE - 6, break_on_hyphens=False) or [""]


def _remove(document: dict[str, Any], choices: Choices) -> None:
    """Take out what cannot be said."""
    for place in choices.unsaid:
        above: Any = document
        for key in place[:-1]:
            above = above.get(key) if isinstance(above, dict) else None
        if isinstance(above, dict):
            above.pop(place[-1], None)
    if repositories := document.get("repositories"):
        document["repositories"] = {name: written or None for name, written in repositories.items()}
