"""A file that is valid and says what is live: written, checked, and written again without what the check refuses."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from ops.adopt.account import LiveAccount, differences
from ops.adopt.folding.grants import text_of
from ops.adopt.folding.identities import statements_of
from ops.adopt.folding.registry_file import ROOT_FILE, Choices, Folded, fold_account
from ops.drift import normalize
from ops.drift.compare import Drift
from ops.drift.named import REPOSITORY
from ops.drift.registry_wide import POLICY
from registry.access.purposes import GRANTED
from registry.access.registry_policy import registry_policy
from registry.findings import TEAM_FILE, Finding, Position, YamlPath
from registry.load import CheckResult, check_sources
from registry.locations import Location
from registry.model import Registry
from registry.reading.document import Document, Node
from registry.reading.include import read_files
from registry.reading.sources import Sources

#: A synth refuses what these warn of, unless it is accepted.
_OPEN: Final = frozenset(("repository-policy-open", "registry-policy-open"))
_NO_KEY: Final = "kms-key-region"
_ROUNDS: Final = 50  # each takes at least one thing out of the file, or is the last


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptedFile:
    """The texts by path, what checking them found, and where they do not say what is live."""

    folded: Folded
    unsaid: Mapping[tuple[str, ...], str]
    checked: CheckResult
    differences: tuple[Drift, ...]


def adopted_file(account: LiveAccount, *, teams: bool, today: date) -> AdoptedFile:
    """Write the files for an account in memory, until they are valid."""
    choices = Choices()
    for _ in range(_ROUNDS):
        folded = fold_account(account, choices, teams=teams, today=today)
        checked, sources = _checked(folded, today)
        better = _better(account, choices, folded, checked, sources)
        if better == choices:
            break
        choices = better
    found = tuple(differences(account, checked.registry)) if checked.registry is not None else ()
    return AdoptedFile(folded=folded, unsaid=choices.unsaid, checked=checked, differences=found)


def _checked(folded: Folded, today: date) -> tuple[CheckResult, Sources]:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in folded.texts.items():
            file = Path(folder, name)
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        root = Path(folder, ROOT_FILE)
        sources = read_files(root, ROOT_FILE)
        return check_sources(sources, today=today), sources


def _better(account: LiveAccount, choices: Choices, folded: Folded, checked: CheckResult, sources: Sources) -> Choices:
    """What to leave out, or to say besides; the same where nothing is."""
    for finding in checked.errors:
        choices = _without(choices, folded, sources, finding)
    if checked.registry is None:
        return choices
    if not choices.registry_policies and (written := dict(_registry_policies(account, checked.registry))):
        choices = replace(choices, registry_policies=written)
    elif not choices.policies >= (texts := frozenset(_filling(account, checked.registry))):
        choices = replace(choices, policies=choices.policies | texts, registry_policies={})
    return replace(
        choices,
        opened=choices.opened | (_OPEN & {finding.rule for finding in checked.warnings}),
        policies=choices.policies | set(_everywhere_the_same(account, checked.registry)),
    )


def _without(choices: Choices, folded: Folded, sources: Sources, finding: Finding) -> Choices:
    """Leave a principal or a lifecycle in AWS's form, a namespace in the root file, or anything else out."""
    if finding.rule == _NO_KEY and not choices.keys:
        return replace(choices, keys=True)
    place = place_of(sources, finding.position)
    if place[:1] == (TEAM_FILE,):
        namespace = sources.teams[str(place[1])].root.value.get("namespace")
        return replace(choices, root=choices.root | {str(namespace)})
    identities = {name: identity for identity, name in folded.policies.names.items()}
    if (name := _principal(sources.root, place)) in identities:
        return replace(choices, principals=choices.principals | {identities[name]})
    if place[:1] == ("lifecycles",) and len(place) > 1:
        key = next(key for key, name in folded.lifecycles.name_of.items() if name == place[1])
        if not isinstance(folded.lifecycles.written[str(place[1])], Mapping):
            return replace(choices, lifecycles=choices.lifecycles | {key})
        choices = replace(choices, unsayable=choices.unsayable | {key})
    depth = 3 if place[:1] in _NAMED else 2 if place[:1] in _OF_SETTINGS else 1
    path = tuple(str(key) for key in place[:depth] if isinstance(key, str))
    return replace(choices, unsaid={**choices.unsaid, path: f"{finding.message} [{finding.rule}]"})


#: Keys of the root file below which things have names.
_NAMED: Final = frozenset(
    (key,)
    for key in (
        *("repositories", "namespaces", "replicas", "creation_templates", "pull_through_cache_rules"),
        "public_repositories",
    )
)
#: Keys below which each setting stands for itself.
_OF_SETTINGS: Final = frozenset((key,) for key in ("defaults", "lifecycles", "account_settings", "accepted_findings"))


def _principal(root: Document, place: YamlPath) -> str:
    """The principal that a place declares or grants to."""
    if place[:1] == ("principals",) and len(place) > 1:
        return str(place[1])
    node = root.node(place)
    return str(node.value) if node is not None and set(GRANTED) & set(place) else ""


def place_of(sources: Sources, position: Position) -> YamlPath:
    """The keys that lead to a position; the deepest where several begin there."""
    if position.file in sources.teams:
        return (TEAM_FILE, position.file, *_deepest(sources.teams[position.file].root, position))
    return _deepest(sources.root.root, position)


def _deepest(root: Node, position: Position) -> YamlPath:
    here = (position.line, position.column)
    return max((path for path, places in _places(root, ()) if here in places), key=len, default=())


def _places(node: Node, path: YamlPath) -> Iterator[tuple[YamlPath, set[tuple[int, int]]]]:
    for key, child in node.children.items():
        at = {(child.line, child.column)} | ({node.keys[str(key)]} if str(key) in node.keys else set())
        yield (*path, key), at
        yield from _places(child, (*path, key))


def _everywhere_the_same(account: LiveAccount, registry: Registry) -> Iterator[str]:
    """The policies that are live at replicas word for word, where what their grants come to would be another.

    Grants allow pushing at home alone, and name the functions of each region.
    """
    for at in account.locations[1:]:
        declared = {
            it.name: it.policy_in(at) for it in (registry.repositories_in(at) if at in registry.locations else ())
        }
        for name, settings in account.named(REPOSITORY.noun, at).items():
            live, text = settings["repositoryPolicy"], declared.get(name)
            at_home = account.repositories.get(name, {}).get("repositoryPolicy")
            if not live or not at_home or normalize.policy(live) != normalize.policy(at_home):
                continue
            if normalize.policy(json.loads(text) if text else None) != normalize.policy(live):
                yield text_of(at_home)


def _filling(account: LiveAccount, registry: Registry) -> Iterator[str]:
    """All policies, where their grants would have others fill a cache who may not do so today.

    A cache without a prefix is below every name.
    """
    live = account.named(POLICY.noun)[""]["policyText"] or {"Statement": []}
    wanted = registry_policy(registry, account.home) or {"Statement": []}
    if not _parts(wanted) <= _parts(live):
        yield from (text_of(policy) for it in account.repositories.values() if (policy := it["repositoryPolicy"]))


def _parts(policy: Mapping[str, Any]) -> set[str]:
    return {json.dumps(part, sort_keys=True) for part in normalize.policy(policy)["Statement"]}


def _registry_policies(account: LiveAccount, registry: Registry) -> Iterator[tuple[Location, Any]]:
    """What the live registry policies say besides what the file comes to by itself."""
    for at in account.locations:
        live = account.named(POLICY.noun, at).get("", {}).get("policyText")
        if not live or at not in registry.locations:
            continue
        composed = _parts(registry_policy(registry, at) or {"Statement": []})
        rest = [
            statement for statement in statements_of(live) if not _parts({**live, "Statement": [statement]}) <= composed
        ]
        if rest:
            yield at, {**live, "Statement": rest}
