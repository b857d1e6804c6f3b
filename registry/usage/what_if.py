"""Which lifecycle a question "what if" means: the declared ones, one of the file, a policy text, or sentences."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from registry.errors import InvalidFile, UnknownName
from registry.findings import Position
from registry.lifecycle.policy import Rule, rules_of, text_of
from registry.load import check, check_sources
from registry.model import LifecyclePolicy, Registry
from registry.naming import namespace_of
from registry.nearest import did_you_mean
from registry.reading.yaml_reader import parse
from registry.resolve.lifecycles import BUILT_IN, to_ecr_policy
from registry.shape import BUILT_IN_LIFECYCLE

DECLARED: Final = "declared"
#: A registry that has nothing but a lifecycle, so that sentences are read and judged as those of a file are.
_AROUND: Final = """\
registry: {name: what-if, account: "123456789012", region: us-east-1}
repositories: {what/if: {lifecycle: what-if}}
lifecycles:
  what-if:"""
_OPTION: Final = Position("--what-if", 1, 1)

#: The rules of a repository by its name; None where it has none, and nothing goes.
Rules = Callable[[str], tuple[Rule, ...] | None]


def rules_for(asked: str, registry: Registry, file: Path) -> Rules:
    """The rules that each repository would have.

    :param asked: `declared`, the name of a lifecycle of the file, the path of a policy text, or sentences of a
        lifecycle: `keep: {any: true, last: 10}`, or a list of them in brackets.
    :raises UnknownName: where it is none of these; InvalidFile where ECR would refuse it.
    """
    if asked == DECLARED:
        return _declared(registry)
    if (named := _named(asked, file)) is not None:
        return named
    if os.path.isfile(asked):  # pathlib's raises for what is too long for a path
        return _always(rules_of(text_of(Path(asked)), asked))
    if asked.lstrip()[:1] in ("[", "{") or ":" in asked:
        return _always(_sentences(asked))
    known = {name for policies in _policies(file).values() for name in policies}
    near = did_you_mean(asked, [DECLARED, *sorted(known)])
    raise UnknownName(
        f"{asked} is no lifecycle of {file.name}, no policy text and no sentence\n"
        f"    way out: {near or 'write declared, a name of the file, POLICY.json, or keep: {any: true, last: 10}'}"
    )


def _always(rules: tuple[Rule, ...] | None) -> Rules:
    return lambda repository: rules


def _declared(registry: Registry) -> Rules:
    by_text: dict[str, tuple[Rule, ...]] = {}
    texts = {it.name: it.lifecycle for it in registry.repositories if it.lifecycle}
    for lifecycle in texts.values():
        if lifecycle.text not in by_text:
            by_text[lifecycle.text] = rules_of(lifecycle.text, f"lifecycle {lifecycle.name}")
    return lambda repository: by_text[texts[repository].text] if repository in texts else None


def _named(name: str, file: Path) -> Rules | None:
    """Those of a name; in the namespace of a team whose file has the name, too, the team's own."""
    found = {namespace: _rules(policies[name]) for namespace, policies in _policies(file).items() if name in policies}
    if not found:
        return None
    return lambda repository: found.get(namespace_of(repository), found.get(""))


def _policies(file: Path) -> Mapping[str, Mapping[str, LifecyclePolicy | None]]:
    """Every lifecycle of a file by its name, by the namespace of the team whose file has it; empty for the root."""
    written = check(file).written
    assert written is not None  # the file was read before
    found = {"": {BUILT_IN_LIFECYCLE: to_ecr_policy(BUILT_IN_LIFECYCLE, BUILT_IN)}}
    for place, name, lifecycle in written.lifecycles():
        namespace = written.teams[str(place[1])].namespace if len(place) > 2 else ""
        found.setdefault(namespace, {})[name] = to_ecr_policy(name, lifecycle)
    return found


def _sentences(written: str) -> tuple[Rule, ...] | None:
    """The rules of sentences as a file has them; None of none: nothing ever expires."""
    line = " ".join(written.split())
    text = f"{_AROUND} {line}\n" if line.startswith("[") else f"{_AROUND}\n  - {line}\n"
    outcome = check_sources(parse(text.encode(), "--what-if"))
    if outcome.registry is None:
        raise InvalidFile([replace(each, position=_OPTION) for each in outcome.errors])
    return _rules(outcome.registry.repositories[0].lifecycle)


def _rules(policy: LifecyclePolicy | None) -> tuple[Rule, ...] | None:
    return rules_of(policy.text, f"lifecycle {policy.name}") if policy else None
