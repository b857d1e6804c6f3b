"""Layers say the same as their repositories did, in as few places as there are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ops.adopt.folding.layers import Layers, fold
from registry.naming import namespace_of


def places(layers: Layers[str]) -> int:
    return (layers.default is not None) + len(layers.namespaces) + len(layers.repositories)


def comes_to(layers: Layers[str], repository: str, built_in: str | None) -> str | None:
    namespace = namespace_of(repository)
    for value in (layers.repositories.get(repository), layers.namespaces.get(namespace), layers.default):
        if value is not None:
            return value
    return built_in


NAMES = st.sampled_from([f"{namespace}/{word}" for namespace in "abc" for word in "vwxyz"] + ["plain", "other"])


@given(st.dictionaries(NAMES, st.sampled_from(["one", "two", "three"])), st.sampled_from([None, "one", "four"]))
def test_every_repository_has_its_value(values: dict[str, str | None], built_in: str | None) -> None:
    layers = fold(values, built_in)
    assert {name: comes_to(layers, name, built_in) for name in values} == values
    assert places(layers) <= sum(value != built_in for value in values.values())


@given(st.dictionaries(NAMES, st.sampled_from([None, "one", "two"])))
def test_what_has_no_value_is_below_no_layer_that_says_one(values: dict[str, str | None]) -> None:
    layers = fold(values)
    assert {name: comes_to(layers, name, None) for name in values} == values


def test_what_all_have_is_said_once() -> None:
    values: dict[str, str | None] = dict.fromkeys(("a/x", "a/y", "b/x", "plain"), "one")
    assert fold(values, "other") == Layers("one")
    assert fold(values, "one") == Layers()


def test_what_a_namespace_has_is_said_there_and_what_one_has_beside_it() -> None:
    values: dict[str, str | None] = {"a/x": "one", "a/y": "one", "a/z": "two", "b/x": "three"}
    assert fold(values, "three") == Layers(None, {"a": "one"}, {"a/z": "two"})


def test_one_repository_is_no_reason_for_a_layer() -> None:
    assert fold({"a/x": "one"}, "other") == Layers(None, {}, {"a/x": "one"})


def test_equals_do_not_depend_on_the_order_they_come_in() -> None:
    values: dict[str, str | None] = {"a/x": "one", "a/y": "two", "b/x": "two", "b/y": "one"}
    assert fold(values) == fold(dict(reversed(values.items())))
