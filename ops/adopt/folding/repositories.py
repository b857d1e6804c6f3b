"""The settings of repositories, in the words of the file, at the layers where they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ops.adopt.folding.grants import FoldedPolicies, text_of
from ops.adopt.folding.layers import Layers, fold
from ops.adopt.folding.lifecycles import FoldedLifecycles, key_of
from ops.adopt.folding.yaml_text import Anchored
from ops.drift.repository_settings import Settings
from registry.naming import OWNER_TAG, namespace_of
from registry.shape import BUILT_IN_LIFECYCLE

Written = dict[str, Any]


@dataclass(slots=True)
class WrittenLayers:
    """The keys of each layer: of all repositories, of a namespace, of one repository."""

    defaults: Written = field(default_factory=dict)
    namespaces: dict[str, Written] = field(default_factory=dict)
    repositories: dict[str, Written] = field(default_factory=dict)

    def add(self, key: str, layers: Layers[Any], value: Callable[[Any], Any] = lambda it: it) -> None:
        """Write a key wherever the layers say something."""
        for place, it in self._places(layers):
            place[key] = value(it)

    def add_tag(self, tag: str, layers: Layers[str]) -> None:
        """The same for one of the resource tags."""
        for place, it in self._places(layers):
            place.setdefault("tags", {})[tag] = it

    def _places(self, layers: Layers[Any]) -> Iterator[tuple[Written, Any]]:
        """The keys of each layer that says something, and what it says."""
        if layers.default is not None:
            yield self.defaults, layers.default
        for namespace, it in layers.namespaces.items():
            yield self.namespaces.setdefault(namespace, {}), it
        for repository, it in layers.repositories.items():
            yield self.repositories.setdefault(repository, {}), it


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known besides a repository's own settings.

    `keys` are the KMS keys of repositories as the file writes them, by name; `scanned` says whether the registry's
    scanning rules speak of a name; `shared` are the namespaces that have a creation template, which would carry the
    grants of their namespace, or a cache, which they would have filled.
    """

    lifecycles: FoldedLifecycles
    policies: FoldedPolicies
    keys: Mapping[str, Any]
    scanned: Callable[[str], bool]
    shared: frozenset[str]


def fold_repositories(repositories: Mapping[str, Settings], known: Known) -> WrittenLayers:
    """Every setting of every repository, in the fewest places."""
    written = WrittenLayers({}, {}, {name: {} for name in repositories})

    def values(of: Callable[[Settings], Any]) -> dict[str, Any]:
        return {name: of(settings) for name, settings in repositories.items()}

    written.add("owner", fold(values(lambda it: it["tags"].get(OWNER_TAG) or None)))
    _add_mutability(written, repositories)
    written.add("encryption_type", fold(values(lambda it: it["encryptionType"]), "AES256"))
    encrypted = {name: known.keys.get(name) for name, it in repositories.items() if it["encryptionType"] != "AES256"}
    written.add("kms_key", fold(encrypted), lambda key: key if isinstance(key, str) else dict(key))
    names = known.lifecycles.name_of
    written.add("lifecycle", fold(values(lambda it: names[key_of(it["lifecyclePolicy"])]), BUILT_IN_LIFECYCLE))
    flags = {
        name: it["scanOnPush"] if it["scanOnPush"] != known.scanned(name) else None for name, it in repositories.items()
    }
    written.add("scan_on_push", fold(flags))
    tags = {key for settings in repositories.values() for key in settings["tags"]}
    for key in sorted(tags):
        by_name = {name: it["tags"].get(key) for name, it in repositories.items()}
        if key == OWNER_TAG:
            by_name = {name: value if value == "" else None for name, value in by_name.items()}
        written.add_tag(key, fold(by_name))
    _add_policies(written, repositories, known)
    _add_grants(written, repositories, known)
    return written


def _add_mutability(written: WrittenLayers, repositories: Mapping[str, Settings]) -> None:
    """Mutability and its exceptions go together: a layer says both, or what differs from the layer above."""
    pairs = {name: _mutability(settings) for name, settings in repositories.items()}
    layers = fold(pairs, ("IMMUTABLE", ()))
    built_in = {"image_tag_mutability": "IMMUTABLE", "moving_tags": (), "fixed_tags": ()}
    above = built_in | _said(layers.default, built_in)
    written.defaults |= _said(layers.default, built_in)
    below = {}
    for namespace, pair in layers.namespaces.items():
        said = _said(pair, above)
        written.namespaces.setdefault(namespace, {}).update(said)
        below[namespace] = above | said
    for repository, pair in layers.repositories.items():
        written.repositories[repository] |= _said(pair, below.get(namespace_of(repository), above))


def _mutability(settings: Settings) -> tuple[str, tuple[str, ...]]:
    """IMMUTABLE with the tags that move, or MUTABLE with those that do not."""
    kind = "MUTABLE" if settings["imageTagMutability"].startswith("MUTABLE") else "IMMUTABLE"
    return kind, tuple(settings["imageTagMutabilityExclusionFilters"])


def _said(pair: tuple[str, tuple[str, ...]] | None, above: Mapping[str, Any]) -> Written:
    if pair is None:
        return {}
    kind, filters = pair
    key = "moving_tags" if kind == "IMMUTABLE" else "fixed_tags"
    said = {"image_tag_mutability": kind} if above["image_tag_mutability"] != kind else {}
    return said | ({key: filters} if tuple(above[key]) != filters else {})


def _add_policies(written: WrittenLayers, repositories: Mapping[str, Settings], known: Known) -> None:
    """What stays in AWS's form; a policy of several places is written once."""
    documents: dict[str, Mapping[str, Any]] = {}
    texts: dict[str, str | None] = {}
    for name, settings in repositories.items():
        rest = known.policies.by_text[text_of(policy)].rest if (policy := settings["repositoryPolicy"]) else None
        texts[name] = text_of(rest) if rest is not None else None
        if rest is not None:
            documents[text_of(rest)] = rest
    layers = fold(texts)
    places = [layers.default, *layers.namespaces.values(), *layers.repositories.values()]
    repeated = sorted({it for it in places if it is not None and places.count(it) > 1}, key=places.index)
    anchors = {text: Anchored(f"policy-{number}", documents[text]) for number, text in enumerate(repeated, start=1)}
    written.add("repository_policy", layers, lambda text: anchors.get(text, documents[text]))


def _add_grants(written: WrittenLayers, repositories: Mapping[str, Settings], known: Known) -> None:
    """Grants add up over the layers, so that one stands above where every repository below has it."""
    having: dict[tuple[str, str], set[str]] = {}
    members: dict[str, set[str]] = {}
    for name, settings in repositories.items():
        members.setdefault(namespace_of(name), set()).add(name)
        if policy := settings["repositoryPolicy"]:
            for key, identity in known.policies.by_text[text_of(policy)].grants:
                having.setdefault((key, known.policies.names[identity]), set()).add(name)
    for (key, principal), names in sorted(having.items()):
        for place in _places_of_grant(written, names, members, known.shared):
            place.setdefault(key, []).append(principal)


def _places_of_grant(
    written: WrittenLayers, names: set[str], members: Mapping[str, set[str]], shared: frozenset[str]
) -> Iterator[Written]:
    if not shared and len(members) > 1 and all(each <= names for each in members.values()):
        yield written.defaults
        return
    for namespace, each in sorted(members.items()):
        if namespace not in shared and len(each) > 1 and each <= names:
            yield written.namespaces.setdefault(namespace, {})
        else:
            yield from (written.repositories[name] for name in sorted(each & names))
