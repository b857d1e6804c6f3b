"""Promotion and its memory: what prod is on, was on and comes back to, whoever else is at it and whenever it ends."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from ops.aws.cloud import CloudError
from ops.images import ImageRegistry, InTheArchive, NoSuchImage, WrongReference
from ops.images.promoting import carry_out
from ops.images.promotion import (
    NothingBefore,
    Overtaken,
    Promotion,
    TagIsFixed,
    Unfinished,
    plan,
    plan_back,
)
from registry.delivery.steps.history import history
from tests.ops.images.fake_ecr import FakeEcr, Held, Killed, installed
from tests.ops.stubs import ACCOUNT, HOME

NOON = datetime(2026, 11, 26, 12, 0, 0, tzinfo=UTC)


def stamp(seconds: int, more: str = "") -> str:
    return f"prod-{NOON + timedelta(seconds=seconds):%Y%m%dT%H%M%SZ}{more}"


@pytest.fixture
def ecr(monkeypatch: pytest.MonkeyPatch) -> FakeEcr:
    return installed(monkeypatch)


@pytest.fixture
def held(ecr: FakeEcr) -> Held:
    """web/api with three releases; prod is on none."""
    made = ecr.repository()
    for version in ("v1", "v2", "v3"):
        made.image(version, version)
    return made


def promote(tag: str, seconds: int = 0) -> Promotion:
    client = ImageRegistry(HOME, account=ACCOUNT)
    return carry_out(client, plan(client, f"web/api:{tag}", "prod", now=NOON + timedelta(seconds=seconds)))


def back(seconds: int = 0) -> Promotion:
    client = ImageRegistry(HOME, account=ACCOUNT)
    return carry_out(client, plan_back(client, "web/api", "prod", now=NOON + timedelta(seconds=seconds)))


def prod(held: Held) -> str | None:
    """The release that prod is on."""
    on = held.tags.get("prod")
    return next((tag for tag in ("v1", "v2", "v3", "other") if on and held.tags.get(tag) == on), None)


def stack(held: Held) -> list[str]:
    """The releases that prod comes back to, the present one last."""
    names = {digest: tag for tag, digest in held.tags.items() if tag in ("v1", "v2", "v3", "other")}
    return [names[digest] for digest in history(held.tags, "prod").stack]


def test_a_promotion_moves_prod_and_leaves_a_fixed_tag(held: Held) -> None:
    promote("v1")
    done = promote("v2", 60)
    assert (done.action, done.before, done.after) == ("promote", held.tags["v1"], held.tags["v2"])
    assert done.record == stamp(60)
    assert held.tags == {
        "v1": held.tags["v1"], "v2": held.tags["v2"], "v3": held.tags["v3"], "prod": held.tags["v2"],
        stamp(0): held.tags["v1"], stamp(60): held.tags["v2"],
    }  # fmt: skip


def test_an_index_is_promoted_whole_by_its_digest(ecr: FakeEcr) -> None:
    held = ecr.repository()
    index = held.index(held.image("amd64"), held.image("arm64"), tags=("v1",))
    signature = held.image("signature", artifactType="application/vnd.cncf.notary.signature", subject={"digest": index})
    before = dict(held.manifests)
    promote("v1")
    assert held.tags["prod"] == index
    assert held.manifests == before  # nothing is built or copied
    assert [it.digest for it in ImageRegistry(HOME, account=ACCOUNT).referrers("web/api", held.tags["prod"])] == [
        signature
    ]


def test_back_goes_one_back_and_twice_two(held: Held) -> None:
    for number, version in enumerate(("v1", "v2", "v3")):
        promote(version, number)
    done = back(10)
    assert (prod(held), done.action, done.record) == ("v2", "roll back", stamp(10, "-rollback"))
    back(20)
    assert prod(held) == "v1"
    with pytest.raises(NothingBefore, match=r"remembers nothing that prod was on before: prod is on v1 \(sha"):
        back(30)
    promote("v3", 40)
    assert stack(held) == ["v1", "v3"]
    back(50)
    assert prod(held) == "v1"


def test_the_same_image_twice_in_between_is_gone_through_twice(held: Held) -> None:
    for number, version in enumerate(("v1", "v2", "v1")):
        promote(version, number)
    found = []
    for number in range(2):
        back(10 + number)
        found.append(prod(held))
    assert found == ["v2", "v1"]


def test_what_prod_is_on_already_is_not_written_again(held: Held) -> None:
    promote("v1")
    before = dict(held.tags)
    done = promote("v1", 60)
    assert (done.action, done.notes) == ("none", ("prod is on it already",))
    assert held.tags == before


def test_what_prod_was_moved_to_by_hand_is_remembered_and_come_back_to(held: Held) -> None:
    held.tags["prod"] = held.tags["v1"]
    done = promote("v2")
    assert done.notes[0].startswith("prod has no memory yet; that it is on v1 (sha256")
    assert stack(held) == ["v1", "v2"]
    held.image("other", "other")
    held.tags["prod"] = held.tags["other"]
    done = promote("v3", 60)
    assert done.notes[0].startswith("prod was moved by hand; that it is on other (sha256")
    assert stack(held) == ["v1", "v2", "other", "v3"]
    back(70)
    back(80)
    assert prod(held) == "v2"


def test_back_from_what_somebody_put_by_hand_is_what_was_promoted_last(held: Held) -> None:
    promote("v1")
    promote("v2", 10)
    held.tags["prod"] = held.tags["v3"]
    assert back(20).before == held.tags["v3"]
    assert (prod(held), stack(held)) == ("v2", ["v1", "v2"])
    del held.tags["prod"]
    assert back(30).notes == ("prod was taken away by hand",)
    assert prod(held) == "v2"


def test_records_are_in_order_although_clocks_differ(held: Held) -> None:
    promote("v1", 3600)
    assert promote("v2", 0).record == stamp(3601)
    assert stack(held) == ["v1", "v2"]


@pytest.mark.parametrize(
    ("mutability", "filters", "ok", "note"),
    [
        ("IMMUTABLE", (), False, ""),
        ("IMMUTABLE_WITH_EXCLUSION", ("prod",), True, ""),
        ("IMMUTABLE_WITH_EXCLUSION", ("prod*",), True, "is a memory that somebody could move"),
        ("IMMUTABLE_WITH_EXCLUSION", ("latest",), False, ""),
        ("MUTABLE", (), True, "is a memory that somebody could move"),
        ("MUTABLE_WITH_EXCLUSION", ("prod-*",), True, ""),
        ("MUTABLE_WITH_EXCLUSION", ("pro*",), False, ""),
    ],
)
def test_prod_must_be_able_to_move_and_its_memory_should_not(
    held: Held, mutability: str, filters: tuple[str, ...], ok: bool, note: str
) -> None:
    held.mutability, held.filters = mutability, filters
    before = dict(held.tags)
    if ok:
        done = promote("v1")
        assert [note in it for it in done.notes] == ([True] if note else [])
        return
    with pytest.raises(TagIsFixed, match=r"prod may not move in web/api: it is .*\n    way out: add prod to `moving_t"):
        promote("v1")
    assert held.tags == before


def test_what_cannot_be_promoted_is_refused_before_anything_is_written(ecr: FakeEcr, held: Held) -> None:
    held.archived.add(held.tags["v1"])
    with pytest.raises(InTheArchive, match="in the archive"):
        promote("v1")
    with pytest.raises(NoSuchImage):
        promote("v9")
    client = ImageRegistry(HOME, account=ACCOUNT)
    for name in ("", "pro d", "*", "x" * 300):
        with pytest.raises(WrongReference, match="is no name of an environment"):
            plan(client, "web/api:v1", name)
    assert "PutImage" not in ecr.calls


def test_who_may_not_is_told_the_grant(ecr: FakeEcr, held: Held) -> None:
    ecr.denied = {"PutImage"}
    with pytest.raises(CloudError, match=r"refused PutImage: not you .*\n.*which `push:` or `promote:` of web/api"):
        promote("v1")


# It ends anywhere.

FLOWS: dict[str, tuple[list[Callable[[], Any]], Callable[[], Any]]] = {
    "the first promotion": ([], lambda: promote("v1", 100)),
    "the next promotion": ([lambda: promote("v1")], lambda: promote("v2", 100)),
    "a rollback": ([lambda: promote("v1"), lambda: promote("v2", 10)], lambda: back(100)),
}


def world(ecr: FakeEcr) -> Held:
    ecr.held.clear()
    made = ecr.repository()
    for version in ("v1", "v2", "v3"):
        made.image(version, version)
    return made


def killed_at(ecr: FakeEcr, call: int, run: Callable[[], Any], *, after: bool) -> bool:
    """Whether the run was ended before a call of it, or after the call and before its answer."""
    ecr.calls.clear()

    def maybe(operation: str, asked: Any) -> None:
        if len(ecr.calls) == call:
            raise Killed

    answer = ecr._answer

    def lost(*asked: Any) -> Any:
        done = answer(*asked)
        if len(ecr.calls) == call + 1:
            raise Killed
        return done

    with pytest.MonkeyPatch.context() as patch:
        if after:
            patch.setattr(ecr, "_answer", lost)
        else:
            patch.setattr(ecr, "before", maybe)
        try:
            run()
        except Killed:
            return True
    return False


@pytest.mark.parametrize("after", [False, True], ids=["before a call", "before its answer"])
@pytest.mark.parametrize(("earlier", "run"), FLOWS.values(), ids=FLOWS)
def test_ended_between_any_two_calls_every_tag_is_as_before_or_after_and_the_next_run_finishes(
    ecr: FakeEcr, earlier: list[Callable[[], Any]], run: Callable[[], Any], after: bool
) -> None:
    world(ecr)
    for step in earlier:
        step()
    ecr.calls.clear()
    was = dict(ecr.repository().tags)
    run()
    calls, done = len(ecr.calls), dict(ecr.repository().tags)
    assert calls >= 6
    finished = 0
    for call in range(calls):
        held = world(ecr)
        for step in earlier:
            step()
        images = set(held.manifests)
        assert killed_at(ecr, call, run, after=after)
        for tag in {*was, *done}:
            assert held.tags.get(tag) in (was.get(tag), done.get(tag)), f"{tag} after {call} calls"
        assert set(held.manifests) == images
        if held.tags == done:
            continue  # all is written; once more would be a rollback more
        unfinished = history(held.tags, "prod").unfinished is not None
        again = run()
        finished += unfinished
        assert held.tags == done, f"after {call} calls"
        assert (again.action == "finish") == unfinished
        assert any("was not finished, and is now" in it for it in again.notes) == unfinished
    assert finished >= 1  # the test has seen what it is about


@pytest.fixture
def unfinished(ecr: FakeEcr, held: Held) -> Held:
    """A promotion of v2 that ended after its record, with v1 on prod."""
    promote("v1")
    held.tags[stamp(10)] = held.tags["v2"]
    return held


def test_what_is_unfinished_is_said_to_others_with_both_ways_out(unfinished: Held) -> None:
    before = dict(unfinished.tags)
    with pytest.raises(Unfinished) as told:
        promote("v3", 20)
    said = str(told.value)
    assert "a promotion of 2026-11-26 12:00:10 UTC is not finished, or under way" in said
    assert f"`ecrctl promote web/api@{unfinished.tags['v2']} prod` finishes it" in said
    assert "`ecrctl promote web/api prod --rollback` gives it up" in said
    assert unfinished.tags == before


@pytest.mark.parametrize("give_up", [lambda: back(20), lambda: promote("v1", 20)], ids=["rollback", "what prod is"])
def test_an_unfinished_promotion_is_given_up(unfinished: Held, give_up: Callable[[], Promotion]) -> None:
    done = give_up()
    assert done.action == "abandon"
    assert done.notes[0].endswith("was not finished, and is given up")
    assert (prod(unfinished), stack(unfinished)) == ("v1", ["v1"])
    assert unfinished.tags[stamp(10, "-void")] == unfinished.tags["v2"]
    promote("v3", 30)
    assert stack(unfinished) == ["v1", "v3"]


def test_an_unfinished_first_promotion_is_given_up_too(held: Held) -> None:
    held.tags[stamp(0)] = held.tags["v1"]
    assert back(10).action == "abandon"
    assert (prod(held), stack(held)) == (None, [])


def test_an_unfinished_rollback_is_finished_by_a_rollback_or_given_up(held: Held) -> None:
    promote("v1")
    promote("v2", 10)
    held.tags[stamp(20, "-rollback")] = held.tags["v1"]
    with pytest.raises(Unfinished, match=r"(?s)a rollback of .*`ecrctl promote web/api prod --rollback` finishes it"):
        promote("v3", 30)
    untouched = dict(held.tags)
    assert promote("v2", 30).action == "abandon"
    assert (prod(held), stack(held)) == ("v2", ["v1", "v2"])
    held.tags = untouched
    assert back(30).action == "finish"
    assert (prod(held), stack(held)) == ("v1", ["v1"])


# Two at once.


class Interleaved:
    """Runs of which each call to AWS waits for its turn; the turns are given by a schedule of their numbers."""

    def __init__(self, ecr: FakeEcr, *runs: Callable[[], Promotion]) -> None:
        self.ecr, self.runs = ecr, runs
        self.outcomes: list[Promotion | BaseException | None] = [None] * len(runs)
        self.took: list[int] = []
        self._turn = [threading.Semaphore(0) for _ in runs]
        self._waits = [threading.Semaphore(0) for _ in runs]
        self._who = threading.local()
        ecr.before = self._wait

    def _wait(self, operation: str, asked: Any) -> None:
        if operation in SHARED and "imageIds" not in asked:
            self._waits[self._who.number].release()
            self._turn[self._who.number].acquire()

    def _run(self, number: int) -> None:
        self._who.number = number
        try:
            self.outcomes[number] = self.runs[number]()
        except BaseException as problem:
            self.outcomes[number] = problem
        self._waits[number].release()

    def play(self, choose: Callable[[list[int]], int]) -> None:
        """Let the run that is chosen of those that wait make its next call, until all have ended."""
        threads = [threading.Thread(target=self._run, args=(number,)) for number in range(len(self.runs))]
        for number, thread in enumerate(threads):
            thread.start()
            self._waits[number].acquire()
        while waiting := [number for number, it in enumerate(self.outcomes) if it is None]:
            chosen = choose(waiting)
            self.took.append(chosen)
            self._turn[chosen].release()
            self._waits[chosen].acquire()
        for thread in threads:
            thread.join()
        self.ecr.before = lambda operation, asked: None


#: The calls whose order matters: the others read what nobody changes.
SHARED = {"DescribeImages", "PutImage"}


def schedules(play: Callable[[Callable[[list[int]], int]], None]) -> int:
    """Play every order of calls; their number."""
    path: list[tuple[int, list[int]]] = []  # which of those that waited was chosen
    count = 0
    while True:
        step = 0

        def choose(waiting: list[int]) -> int:
            nonlocal step
            if step == len(path):
                path.append((0, waiting))
            step += 1
            return waiting[path[step - 1][0]]

        play(choose)
        count += 1
        while path and path[-1][0] + 1 == len(path[-1][1]):
            path.pop()
        if not path:
            return count
        path[-1] = (path[-1][0] + 1, path[-1][1])


#: What prod was on one after the other, two runs, the images they want it on, and the second in which each begins.
PAIRS: dict[str, tuple[str, tuple[Callable[[int], Promotion], ...], str, tuple[int, int]]] = {
    "two promotions": ("v1", (lambda at: promote("v2", at), lambda at: promote("v3", at)), "v2 v3", (105, 100)),
    "in one second": ("v1", (lambda at: promote("v2", at), lambda at: promote("v3", at)), "v2 v3", (100, 100)),
    "two first promotions": ("", (lambda at: promote("v2", at), lambda at: promote("v3", at)), "v2 v3", (100, 105)),
    "a promotion and a rollback": ("v1 v2", (lambda at: promote("v3", at), back), "v3 v1 v2", (100, 100)),
    "two rollbacks": ("v1 v2 v3", (back, back), "v2 v1", (100, 105)),
    "the same promotion": ("v1", (lambda at: promote("v2", at), lambda at: promote("v2", at)), "v2", (100, 100)),
}


@pytest.mark.parametrize(("was", "runs", "aims", "seconds"), PAIRS.values(), ids=PAIRS)
def test_of_two_at_once_never_both_come_to_different_ends(
    ecr: FakeEcr, was: str, runs: Any, aims: str, seconds: tuple[int, int]
) -> None:
    seen: Counter[str] = Counter()

    def play(choose: Callable[[list[int]], int]) -> None:
        held = world(ecr)
        for number, version in enumerate(was.split()):
            promote(version, number)
        before = dict(held.tags)
        both = Interleaved(ecr, *(partial(run, at) for run, at in zip(runs, seconds, strict=True)))
        both.play(choose)
        won = [it for it in both.outcomes if isinstance(it, Promotion)]
        lost = [it for it in both.outcomes if not isinstance(it, Promotion)]
        assert all(isinstance(it, Overtaken | Unfinished | NothingBefore) for it in lost), (both.took, lost)
        if len(won) == 2 and won[0].after != won[1].after:  # one began when the other had moved prod
            assert won[0].after == won[1].before or won[1].after == won[0].before, (both.took, won)
        assert held.tags.get("prod") in {before.get("prod"), *(held.tags[it] for it in aims.split())}
        before.pop("prod", None)
        assert before.items() <= held.tags.items()  # no memory is lost
        if not won:
            assert history(held.tags, "prod").unfinished is None  # both have cancelled what they wrote
        seen[f"{len(won)} won"] += 1
        if any(it.action != "abandon" for it in won):
            assert held.tags["prod"] in {it.after for it in won}, (both.took, both.outcomes)

    assert schedules(play) > 30
    assert seen["1 won"] + seen["2 won"] > 10
    assert seen["2 won"] if aims == "v2" else seen["1 won"] + seen["0 won"] > 10


def test_who_moved_prod_is_told_when_somebody_gave_the_promotion_up_meanwhile(ecr: FakeEcr) -> None:
    told = []

    def play(choose: Callable[[list[int]], int]) -> None:
        held = world(ecr)
        promote("v1")
        both = Interleaved(ecr, lambda: promote("v2", 100), lambda: back(100))
        both.play(choose)
        one, two = both.outcomes
        if isinstance(two, Promotion) and two.action == "abandon":
            assert isinstance(one, Overtaken)
            if held.tags["prod"] == held.tags["v2"]:
                told.append(str(one))
                assert promote("v3", 200).notes[0].startswith("prod was moved by hand; that it is on v2")

    schedules(play)
    assert told
    assert all("prod was moved to v2" in it for it in told)
