"""Lifecycle policies as sentences, where they say the same; and the names that they get."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from ops.drift import normalize
from registry.naming import ROOT_NAMESPACE, namespace_of
from registry.resolve.lifecycles import BUILT_IN, PROTECTED_COUNT, to_ecr_policy
from registry.shape import BUILT_IN_LIFECYCLE, SentenceShape

#: The name of the lifecycle with which nothing expires.
NOTHING_EXPIRES: Final = "nothing-expires"
_SENTENCES: Final[TypeAdapter[Any]] = TypeAdapter(tuple[SentenceShape, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedLifecycles:
    """`written` are the lifecycles of the file by name, `name_of` the name of each policy by `key_of`.

    `descriptions` are what people wrote beside the rules of a lifecycle that became sentences.
    """

    written: Mapping[str, Any]
    name_of: Mapping[str, str]
    descriptions: Mapping[str, tuple[str, ...]]


def key_of(policy: Mapping[str, Any] | None) -> str:
    """The same for policies that do the same; "" where there is none."""
    return json.dumps(normalize.lifecycle(policy), sort_keys=True) if policy else ""


def fold_lifecycles(
    policies: Mapping[str, Mapping[str, Any] | None], raw: Collection[str], unsayable: Collection[str] = ()
) -> FoldedLifecycles:
    """Name the policies of repositories and templates.

    :param policies: by what they are the policy of: a repository's name, or another word.
    :param raw: keys of policies that stay in ECR's own form, though sentences would say the same.
    :param unsayable: keys of policies that no file can have: with the file nothing expires there.
    """
    users: dict[str, list[str]] = {}
    for user, policy in sorted(policies.items()):
        users.setdefault(key_of(policy), []).append(user)
    of_key = {key_of(policy): policy for policy in policies.values() if policy}
    written: dict[str, Any] = {}
    descriptions: dict[str, tuple[str, ...]] = {}
    name_of = {key_of(_built_in()): BUILT_IN_LIFECYCLE}
    if nothing := {key for key in users if not key or key in unsayable}:
        written[NOTHING_EXPIRES] = []
        name_of |= dict.fromkeys(nothing, NOTHING_EXPIRES)
    taken = {BUILT_IN_LIFECYCLE, NOTHING_EXPIRES}
    for key in sorted(of_key, key=lambda key: (-len(users[key]), users[key])):
        if key in name_of:
            continue
        name_of[key] = name = _free(
            _name(users[key], is_first=not taken - {BUILT_IN_LIFECYCLE, NOTHING_EXPIRES}), taken
        )
        taken.add(name)
        policy = of_key[key]
        sentences = None if key in raw else as_sentences(policy)
        written[name] = {"rules": _rules(policy)} if sentences is None else sentences
        descriptions[name] = () if sentences is None else tuple(_descriptions(policy, sentences))
    used = {name_of[key] for key in users}
    return FoldedLifecycles(
        written={name: written[name] for name in sorted(written) if name in used},
        name_of=name_of,
        descriptions=descriptions,
    )


def as_sentences(policy: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The sentences that do what a policy does; None where there are none."""
    found: list[dict[str, Any]] = []
    for rule in _rules(policy):
        sentence = _sentence(rule)
        if sentence is None:
            return None
        if found and (joined := _joined(found[-1], sentence)):
            found[-1] = joined
        else:
            found.append(sentence)
    try:
        compiled = to_ecr_policy("", _SENTENCES.validate_python(found))
    except ValidationError:
        return None
    same = compiled is not None and key_of(json.loads(compiled.text)) == key_of(policy)
    return found if same else None


def _descriptions(policy: Mapping[str, Any], sentences: list[dict[str, Any]]) -> Iterator[str]:
    """What people said of the rules, and sentences do not say by themselves."""
    compiled = to_ecr_policy("", _SENTENCES.validate_python(sentences))
    own = {rule["description"] for rule in json.loads(compiled.text)["rules"]} if compiled else set()
    yield from (it for it in dict.fromkeys(rule.get("description") for rule in _rules(policy)) if it and it not in own)


def _rules(policy: Mapping[str, Any]) -> list[Any]:
    return sorted(policy.get("rules", ()), key=lambda rule: rule.get("rulePriority", 0))


def _sentence(rule: Mapping[str, Any]) -> dict[str, Any] | None:
    """One rule as a sentence, or None where no sentence comes to it."""
    selection, action = rule.get("selection", {}), rule.get("action", {}).get("type")
    selected = _selected(selection)
    number = selection.get("countNumber")
    archived = selection.get("storageClass") == "archive"
    match (action, selection.get("countType"), archived):
        case ("expire", "imageCountMoreThan", False) if number == PROTECTED_COUNT and "tagged" in selected:
            return {"protect": selected}
        case ("expire", "imageCountMoreThan", False):
            return {"keep": {**selected, "last": number}}
        case ("expire", "sinceImagePushed", False):
            return {"expire": {**selected, "after_days": number}}
        case ("expire", "sinceImageTransitioned", True):
            return {"expire_archived": {**selected, "after_days": number}}
        case ("transition", "sinceImagePushed", False):
            return {"archive": {**selected, "after_days": number}}
        case ("transition", "sinceImagePulled", False):
            return {"archive": {**selected, "unpulled_days": number}}
        case ("transition", "imageCountMoreThan", False):
            return {"archive": {**selected, "last": number}}
    return None


def _selected(selection: Mapping[str, Any]) -> dict[str, Any]:
    if (status := selection.get("tagStatus")) != "tagged":
        return {str(status): True}
    patterns = [*selection.get("tagPatternList", ()), *(f"{prefix}*" for prefix in selection.get("tagPrefixList", ()))]
    return {"tagged": patterns[0] if len(patterns) == 1 else {"all_of": patterns}}


def _joined(before: dict[str, Any], sentence: dict[str, Any]) -> dict[str, Any] | None:
    """Two sentences as one with `any_of`, where they differ in the pattern alone and count nothing."""
    ((verb, one),), ((other_verb, other),) = before.items(), sentence.items()
    rest = {key: value for key, value in one.items() if key != "tagged"}
    if verb != other_verb or "last" in one or rest != {key: it for key, it in other.items() if key != "tagged"}:
        return None
    first, second = one.get("tagged"), other.get("tagged")
    patterns = first["any_of"] if isinstance(first, dict) and "any_of" in first else [first]
    if not isinstance(second, str) or not all(isinstance(it, str) for it in patterns):
        return None
    return {verb: {"tagged": {"any_of": [*patterns, second]}, **rest}}


def _built_in() -> Mapping[str, Any]:
    policy = to_ecr_policy(BUILT_IN_LIFECYCLE, BUILT_IN)
    assert policy is not None
    return dict(json.loads(policy.text))


def _name(users: list[str], *, is_first: bool) -> str:
    """What those are called that use it: the namespace they share, or a repository; `standard` is the most used."""
    namespaces = Counter(map(namespace_of, users))
    if len(namespaces) == 1:
        (namespace,) = namespaces
        if len(users) == 1:
            return "-".join(users[0].split("/"))
        return "no-namespace" if namespace == ROOT_NAMESPACE else namespace
    return "standard" if is_first else "shared"


def _free(name: str, taken: Collection[str]) -> str:
    numbered = (name if number == 1 else f"{name}-{number}" for number in itertools.count(1))
    return next(each for each in numbered if each not in taken)
