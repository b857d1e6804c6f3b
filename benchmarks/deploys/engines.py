"""What carries a fleet: each engine with the stacks it deploys at a time, and what three kinds of deploy take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

from benchmarks.deploys.assumptions import (
    CREATES,
    JOBS_AT_A_TIME,
    MORE_JOBS_AT_A_TIME,
    MORE_STACKS_AT_A_TIME,
    STACKS_AT_A_TIME,
    UPDATES,
    Case,
)
from benchmarks.deploys.simulation import Deploy, Outcome, Stack, in_turns
from benchmarks.fleet import REGIONS, TEAMS, Size
from registry.limits import STACK_SET_AT_A_TIME

STACKS_OF_A_STAGE: Final = 25  # of CDK Pipelines: two actions a stack, and quotas.py has how many a stage takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A kind of deploy: what every handler calls, and which stacks change in how many accounts."""

    name: str
    calls: Sequence[str]
    changes: Callable[[Stack], bool]
    everywhere: bool = True


FIRST: Final = Change(name="first deploy", calls=CREATES, changes=lambda stack: True)
LIFECYCLE: Final = Change(  # creation templates of replicas have it, too
    name="one lifecycle, every repository", calls=UPDATES, changes=lambda stack: not stack.name.endswith("Access")
)
TEAM: Final = Change(  # a repository more: its stack in each region, and the policies of who pushes
    name="one team, one account",
    calls=CREATES,
    changes=lambda stack: stack.name.endswith((TEAMS[0], "Access")),
    everywhere=False,
)
CHANGES: Final = (FIRST, LIFECYCLE, TEAM)


def stacks_of(size: Size, change: Change) -> list[Stack]:
    """The stacks of the largest account of a fleet, as stacks/build.py orders them: replicas first."""
    each, found = dict(enumerate(TEAMS)), []
    repositories = size.in_account(0)
    home, *replicas = REGIONS[: size.regions]
    found.append(Stack(name=f"{home} Access", region=home))
    for region in (*replicas, home):
        others = tuple(it.name for it in found) if region == home else (f"{home} Access",)
        found.append(Stack(name=f"{region} Registry", region=region, after=others))
        for place, team in each.items():
            if number := len(range(place, repositories, len(TEAMS))):
                same = tuple(f"{it} {team}" for it in replicas) if region == home else ()
                found.append(Stack(name=f"{region} {team}", region=region, repositories=number, after=same))
    return [_changed(stack, change) for stack in found]


def _changed(stack: Stack, change: Change) -> Stack:
    repositories = min(1, stack.repositories) if change is TEAM else stack.repositories
    return Stack(
        name=stack.name,
        region=stack.region,
        repositories=repositories,
        changes=change.changes(stack),
        after=stack.after,
    )


@cache
def account(size: Size, change: Change, case: Case, workers: int) -> Outcome:
    """The deploy of one account by so many workers."""
    return Deploy(stacks_of(size, change), case, workers, change.calls).run()


@cache
def _alone(repositories: int, change: Change, case: Case) -> float:
    """Seconds of one stack with nothing beside it."""
    stack = Stack(name="alone", region=REGIONS[0], repositories=repositories)
    return Deploy([stack], case, 1, change.calls).run().seconds


def by_jobs(
    size: Size, change: Change, case: Case, *, workers: int = STACKS_AT_A_TIME, jobs_at_a_time: int = JOBS_AT_A_TIME
) -> float:
    """A job for each account that changes, each `make deploy`: seconds."""
    jobs = size.accounts if change.everywhere else 1
    return in_turns(jobs, jobs_at_a_time, case.job + account(size, change, case, workers).seconds)


def by_one_app(size: Size, change: Change, case: Case, *, workers: int = STACKS_AT_A_TIME) -> float:
    """One app with every account, `cdk deploy --concurrency`: every stack is looked at, one machine; its synth is not
    counted, since no machine holds it.
    """
    stacks = stacks_of(size, change)
    mine = sum(_alone(it.repositories, change, case) if it.changes else case.unchanged for it in stacks)
    others = mine if change.everywhere else len(stacks) * case.unchanged
    return case.job + (mine + others * (size.accounts - 1)) / workers


def by_pipelines(size: Size, change: Change, case: Case) -> float:
    """A pipeline of CDK Pipelines in each account: stages in turn, the stacks of a stage at the same time. A stack
    that does not change has a change set, too.
    """
    stacks = stacks_of(size, change)
    home = [it for it in stacks if it.region == REGIONS[0]]
    waves = ([it for it in home if it.name.endswith("Access")], [it for it in stacks if it not in home])
    stages = [wave[at : at + STACKS_OF_A_STAGE] for wave in waves for at in range(0, len(wave), STACKS_OF_A_STAGE)]
    stages += [[it for it in home if not it.name.endswith(("Access", "Registry"))]]
    stages += [[it for it in home if it.name.endswith("Registry")]]
    return case.job + sum(
        Deploy([_free(it) for it in stage], case, STACKS_OF_A_STAGE, change.calls).run().seconds
        for stage in stages
        if stage
    )


def _free(stack: Stack) -> Stack:
    repositories = stack.repositories if stack.changes else 0
    return Stack(name=stack.name, region=stack.region, repositories=repositories)


def by_stack_sets(size: Size, change: Change, case: Case) -> float:
    """A set for each stack of each account, with its regions: all at the same time, but each set has to be started, and
    those of the home after those of the replicas.
    """
    stacks = [it for it in stacks_of(size, change) if it.changes]
    sets = len({it.name.partition(" ")[2] for it in stacks}) * (size.accounts if change.everywhere else 1)
    halves = [it for it in stacks if it.region != REGIONS[0]], [it for it in stacks if it.region == REGIONS[0]]
    deploys = [Deploy([_free(it) for it in half], case, len(half), change.calls).run() for half in halves if half]
    return sum(sets / case.sets_a_second + it.seconds for it in deploys)


def sets_in_turn(sets: int, accounts: int, case: Case) -> float:
    """Stack sets with one instance in each account, one set after the other: what a landing zone does. Seconds."""
    return sets * in_turns(accounts, STACK_SET_AT_A_TIME, _alone(1, FIRST, case))


_MORE: Final = f"`make deploy CONCURRENCY={MORE_STACKS_AT_A_TIME}`"
ENGINES: Final[Mapping[str, Callable[[Size, Change, Case], float]]] = {
    f"a job for each account, {JOBS_AT_A_TIME} at a time, `make deploy`": by_jobs,
    f"the same, {_MORE}": partial(by_jobs, workers=MORE_STACKS_AT_A_TIME),
    f"the same, {MORE_JOBS_AT_A_TIME} at a time, {_MORE}": partial(
        by_jobs, workers=MORE_STACKS_AT_A_TIME, jobs_at_a_time=MORE_JOBS_AT_A_TIME
    ),
    "a pipeline of CDK Pipelines in each account": by_pipelines,
    "StackSets, a set for each stack of an account": by_stack_sets,
    "one app with every account, `cdk deploy --concurrency 4`": by_one_app,
}


def durations(size: Size, cases: Sequence[Case]) -> Iterator[tuple[str, list[list[float]]]]:
    """Every engine with every kind of deploy, in seconds for each case."""
    for engine, seconds in ENGINES.items():
        yield engine, [[seconds(size, change, case) for case in cases] for change in CHANGES]
