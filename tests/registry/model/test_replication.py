"""Replication rules: which prefixes go where, and nothing that was not declared."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.limits import REPLICATION_FILTERS
from registry.model.replication import ReplicationRule, filters_of, replication_rules
from tests.synth import SMALL, declared

#: RepositoryFilter of ECR's API, 2 to 256 characters
FILTER = re.compile(r"(?:[a-z0-9]+(?:[._-][a-z0-9]*)*/)*[a-z0-9]*(?:[._-][a-z0-9]*)*")


def rules(text: str) -> tuple[ReplicationRule, ...]:
    return replication_rules(declared(SMALL + text))


def regions(rule: ReplicationRule) -> tuple[str, ...]:
    return tuple(destination.region for destination in rule.destinations)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("repositories: {web/api: }", []),
        ("replicas: {us-west-2: }\nrepositories: {}", []),
        ("replicas: {us-west-2: }\nrepositories: {web/api: , web/ui: }", [(("us-west-2",), ("web/",))]),
        ("replicas: {us-west-2: }\nrepositories: {web/a/b: , tool: }", [(("us-west-2",), ("tool", "web/"))]),
        (
            "replicas: {us-west-2: , eu-west-1: }\nrepositories: {web/api: }",
            [(("eu-west-1", "us-west-2"), ("web/",))],
        ),
        (
            "replicas: {us-west-2: {namespaces: [web]}, eu-west-1: }\nrepositories: {web/api: , data/x: }",
            [(("eu-west-1",), ("data/", "web/")), (("us-west-2",), ("web/",))],
        ),
        (
            "replicas: {us-west-2: {namespaces: [web, data]}, eu-west-1: }\nrepositories: {web/api: , data/x: }",
            [(("eu-west-1", "us-west-2"), ("data/", "web/"))],
        ),
        ("replicas: {us-west-2: {all_repositories: true}}\nrepositories: {}", [(("us-west-2",), ())]),
        (
            "replicas: {us-west-2: {all_repositories: true}, eu-west-1: , 210987654321/us-west-2: "
            "{all_repositories: true}}\nrepositories: {web/api: }",
            [(("eu-west-1",), ("web/",)), (("us-west-2", "us-west-2"), ())],
        ),
        ("replicas: {us-west-2: {namespaces: [_]}}\nrepositories: {tool: , web/x: }", [(("us-west-2",), ("tool",))]),
    ],
)
def test_replicas_with_the_same_filters_share_a_rule(
    text: str, wanted: list[tuple[tuple[str, ...], tuple[str, ...]]]
) -> None:
    assert [(regions(rule), rule.filters) for rule in rules(text)] == wanted


@pytest.mark.parametrize(("count", "sizes"), [(100, [100]), (101, [100, 1]), (250, [100, 100, 50])])
def test_more_than_100_filters_are_spread_over_rules(count: int, sizes: list[int]) -> None:
    names = ", ".join(f"n{i}/x: " for i in range(count))
    found = rules(f"replicas: {{us-west-2: , eu-west-1: }}\nrepositories: {{{names}}}")
    assert [len(rule.filters) for rule in found] == sizes
    assert {regions(rule) for rule in found} == {("eu-west-1", "us-west-2")}
    assert {prefix for rule in found for prefix in rule.filters} == {f"n{i}/" for i in range(count)}


names = st.from_regex(r"[ab]{1,2}((__|-|\.)[ab])?(/[ab]{1,2}){0,2}", fullmatch=True).filter(lambda name: len(name) > 1)


@given(st.sets(names, min_size=1, max_size=12), st.sets(st.sampled_from(["a", "b", "ab", "_"]), max_size=3))
def test_filters_match_exactly_what_the_replica_declares_wherever_that_is_accepted(
    written: set[str], wanted: set[str]
) -> None:
    registry = declared(SMALL + f"repositories: {{{', '.join(f'{name}: ' for name in sorted(written))}}}")
    filters = filters_of(registry, frozenset(wanted))
    matched = {name for name in written if name.startswith(filters)}
    meant = {repository.name for repository in registry.repositories if repository.namespace in wanted}
    assert meant <= matched
    # More is matched only where a name without `/` begins the others, which the rule replication-reach refuses.
    assert all(any(name.startswith(f) for f in filters if "/" not in f) for name in matched - meant)
    assert all(FILTER.fullmatch(prefix) and 2 <= len(prefix) <= 256 for prefix in filters)
    assert len(filters) <= REPLICATION_FILTERS
