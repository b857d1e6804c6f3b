"""What holds for every policy and every repository, and that two simulations agree."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from registry.findings import Severity
from registry.lifecycle.check import checked_policy
from registry.lifecycle.in_use import removed_images
from tests.examples import examples
from tests.registry.lifecycle import naive
from tests.registry.lifecycle.simulated import NOW, acted, archived, image, index, keep, older, run, unpulled
from tests.registry.resolve.test_lifecycles import sentences
from tests.synth import SMALL

Map = dict[str, Any]

TAGS = ("v1", "v2", "v1-rc", "prod", "prod-1", "dev", "pr-7", "x")
PATTERNS = ("v*", "*-rc", "prod*", "pr-*", "*1*", "dev", "v*1", "*")
days = st.integers(0, 12).map(lambda number: number * 30 / 4)
counts = st.integers(1, 4)
ages = st.sampled_from([7, 15, 30, 60])


@st.composite
def policies(draw: st.DrawFn) -> list[Map]:
    """Rules that ECR accepts: unique patterns, one rule about untagged images, `any` last, for each storage class."""
    patterns = st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2, unique=True).map(sorted)
    made = [(draw(kinds), "tagged", each) for each in draw(st.lists(patterns, max_size=4, unique_by=tuple))]
    if draw(st.booleans()):
        made.insert(draw(st.integers(0, len(made))), (draw(kinds), "untagged", []))
    if draw(st.booleans()):
        made.insert(0, ((archived, 90, {}), "tagged", ["v*"]))
    if draw(st.booleans()) or not made:
        made.append((draw(kinds), "any", []))
    if draw(st.booleans()):
        made.append(((archived, 120, {}), "any", []))
    return [
        make(priority, number, *words, status=status, **action)
        for priority, ((make, number, action), status, words) in enumerate(made, start=1)
    ]


ACTIONS = st.sampled_from([{"action": "expire"}, {"action": "transition"}])
#: How a rule counts: a function of simulated.py, its number, and the action where there is a choice.
kinds: st.SearchStrategy[tuple[Any, int, Map]] = st.one_of(
    st.tuples(st.just(keep), counts, ACTIONS),
    st.tuples(st.just(older), ages, ACTIONS),
    st.tuples(st.just(unpulled), ages, st.just({})),
)


@st.composite
def repositories(draw: st.DrawFn) -> tuple[list[Map], dict[str, list[str]]]:
    """Images of every kind, some of one time, and which index names which others."""
    rows, children = [], {}
    names = [f"{number:02}" for number in range(draw(st.integers(0, 9)))]
    for name in names:
        tags = draw(st.lists(st.sampled_from(TAGS), max_size=2, unique=True))
        more: Map = {}
        status = draw(st.sampled_from(["plain", "plain", "pulled", "restored", "archived"]))
        if status == "archived":
            more["archived"] = draw(st.sampled_from([0, 91, 100, 130]))
        elif status == "restored":
            more |= {"restored": draw(days)} | ({"pulled": draw(days)} if draw(st.booleans()) else {})
        elif status == "pulled":
            more["pulled"] = draw(days)
        is_index = draw(st.integers(0, 3)) == 0
        rows.append((index if is_index else image)(name, *tags, pushed=draw(days), **more))
        if is_index and (after := names[names.index(name) + 1 :]):
            children[name] = draw(st.lists(st.sampled_from(after), max_size=3, unique=True))
    return rows, children


@examples(250)
@given(policies(), repositories())
def test_two_simulations_agree(policy: list[Map], repository: tuple[list[Map], dict[str, list[str]]]) -> None:
    rows, children = repository
    named = {f"sha256:{parent}": [f"sha256:{name}" for name in names] for parent, names in children.items()}
    runs = naive.every_run(policy, rows, named, NOW)
    outcome = run(policy, rows, children)
    assert {mark.image.digest: mark.rule.priority for mark in outcome.marks} == (runs[0] if runs else {})
    waited = {each.image.digest: each.rule.priority for each in outcome.later}
    assert waited == {digest: rule for later in runs[1:] for digest, rule in later.items()}
    event(f"{len(runs)} runs")
    event("something goes" if runs else "nothing goes")


@given(policies(), repositories(), st.randoms(use_true_random=False))
def test_the_order_of_images_and_rules_says_nothing(
    policy: list[Map], repository: tuple[list[Map], dict[str, list[str]]], chance: random.Random
) -> None:
    rows, children = repository
    mixed, turned = list(rows), list(policy)
    chance.shuffle(mixed)
    chance.shuffle(turned)
    assert run(turned, mixed, children) == run(policy, rows, children)


@given(policies(), repositories())
def test_an_image_is_touched_once_and_by_a_rule_that_selects_it(
    policy: list[Map], repository: tuple[list[Map], dict[str, list[str]]]
) -> None:
    rows, children = repository
    outcome = run(policy, rows, children)
    gone = [each.image.digest for each in removed_images(outcome)]
    assert len(gone) == len(set(gone))
    by_digest, by_number = {row["imageDigest"]: row for row in rows}, {rule["rulePriority"]: rule for rule in policy}
    for mark in outcome.marks:
        assert naive.meets(by_number[mark.rule.priority], by_digest[mark.image.digest])


@given(policies(), repositories(), st.sampled_from(PATTERNS))
def test_a_protected_image_is_never_touched(
    policy: list[Map], repository: tuple[list[Map], dict[str, list[str]]], pattern: str
) -> None:
    rows, children = repository
    protect = keep(1, 1_000_000, pattern)
    others = [
        {**rule, "rulePriority": rule["rulePriority"] + 1}
        for rule in policy
        if rule["selection"].get("tagPatternList") != [pattern]
    ]
    outcome = run([protect, *others], rows, children)
    protected = {row["imageDigest"] for row in rows if naive.meets(protect, row)}
    assert protected.isdisjoint(each.image.digest for each in removed_images(outcome))


@given(policies(), repositories())
def test_a_lower_rule_changes_nothing_a_higher_one_decided(
    policy: list[Map], repository: tuple[list[Map], dict[str, list[str]]]
) -> None:
    rows, children = repository
    whole = acted(run(policy, rows, children))
    for count in range(1, len(policy)):
        part = acted(run(policy[:count], rows, children))
        assert part == {name: said for name, said in whole.items() if said[1] <= count}


@given(st.lists(sentences, min_size=1, max_size=8), repositories())
def test_the_policy_of_any_accepted_lifecycle_is_one_ecr_takes_and_can_be_simulated(
    written: list[Map], repository: tuple[list[Map], dict[str, list[str]]]
) -> None:
    from registry.load import check_sources
    from registry.reading.yaml_reader import parse

    text = f"{SMALL}lifecycles: {json.dumps({'x': written})}\nrepositories: {{a/b: {{lifecycle: x}}}}\n"
    outcome = check_sources(parse(text.encode(), "f.yaml"))
    policy = outcome.registry.repositories[0].lifecycle if outcome.registry else None
    if policy is None:
        event("refused")
        return
    event("accepted")
    assert not any(it.severity is Severity.ERROR for it in checked_policy(policy.text.encode(), "p.json"))
    rows, children = repository
    rules = json.loads(policy.text)["rules"]
    named = {f"sha256:{parent}": [f"sha256:{name}" for name in names] for parent, names in children.items()}
    assert {m.image.digest: m.rule.priority for m in run(rules, rows, children).marks} == naive.one_run(
        rules, rows, named, NOW
    )
