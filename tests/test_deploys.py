"""The simulated deploys, against what a pencil says, and against what people tell of hundreds of accounts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.deploys.assumptions import CASES, LIKELY, PESSIMISTIC, STACKS_AT_A_TIME, Case
from benchmarks.deploys.engines import (
    CHANGES,
    FIRST,
    STACKS_OF_A_STAGE,
    TEAM,
    account,
    by_jobs,
    by_one_app,
    sets_in_turn,
    stacks_of,
)
from benchmarks.deploys.page import filled
from benchmarks.deploys.quotas import OF_ACCOUNTS, OF_OTHER_ENGINES, Quota, stacks_before_throttling
from benchmarks.deploys.simulation import Deploy, Outcome, Stack, in_turns
from benchmarks.fleet import WHOLE, Size

EASY = Case(calls_a_second=1_000, handler=5, at_a_time=10, stack=30, unchanged=3, sets_a_second=1, job=60)
HOUR = 3_600


def deploy(*stacks: Stack, case: Case = EASY, workers: int = 1) -> Outcome:
    return Deploy(stacks, case, workers).run()


def stack(name: str, repositories: int = 0, *after: str, region: str = "here", changes: bool = True) -> Stack:
    return Stack(name=name, region=region, repositories=repositories, after=after, changes=changes)


@pytest.mark.parametrize(
    ("stacks", "workers", "seconds"),
    [
        ([stack("a")], 1, 30),
        ([stack("a", 10)], 1, 35),  # ten at a time
        ([stack("a", 11)], 1, 40),
        ([stack("a", 100)], 1, 80),
        ([stack("a", changes=False)], 1, 3),
        ([stack(name) for name in "abcd"], 1, 120),
        ([stack(name) for name in "abcd"], 2, 60),
        ([stack(name) for name in "abcd"], 9, 30),
        ([stack("home", 0, "replica"), stack("replica", 10)], 2, 65),  # in any order, one after the other
        ([stack("b", 0, "a"), stack("a", changes=False)], 2, 33),
    ],
)
def test_a_deploy_takes_what_a_pencil_says(stacks: list[Stack], workers: int, seconds: float) -> None:
    assert deploy(*stacks, workers=workers) == Outcome(seconds)


def test_a_stack_that_waits_for_nothing_that_comes_is_said() -> None:
    with pytest.raises(ValueError, match="home waits for"):
        deploy(stack("home", 0, "replica"))


def test_a_rate_makes_repositories_wait_and_counts_what_it_throttled() -> None:
    """One call a second and operation, at most 20 s between two tries: 60 repositories take a good minute."""
    outcome = deploy(stack("a", 60), case=replace(EASY, calls_a_second=1))
    assert 30 + 59 + 5 <= outcome.seconds <= 30 + 59 + 5 + 30
    assert outcome.throttled > 60
    assert outcome.most_throttled >= 3


def test_each_region_has_rates_of_its_own() -> None:
    slow = replace(EASY, calls_a_second=1)
    one = deploy(stack("a", 30), stack("b", 30), case=slow, workers=2)
    two = deploy(stack("a", 30), stack("b", 30, region="there"), case=slow, workers=2)
    assert two.seconds < 0.75 * one.seconds


def test_the_same_deploy_takes_the_same_time_in_every_run() -> None:
    stacks = [stack(name, 20) for name in "abc"]
    assert deploy(*stacks, case=LIKELY, workers=2) == deploy(*stacks, case=LIKELY, workers=2)


def test_equal_jobs_run_in_turns() -> None:
    assert [in_turns(jobs, 60, 10) for jobs in (1, 60, 61, 200)] == [10, 10, 20, 40]


def test_one_account_of_many_takes_one_job_and_all_take_turns() -> None:
    one, many = Size(1, 3, 10), Size(120, 3, 1_200)
    assert by_jobs(many, FIRST, LIKELY) == 2 * by_jobs(one, FIRST, LIKELY)
    assert by_jobs(many, TEAM, LIKELY) == by_jobs(one, TEAM, LIKELY)


def test_one_app_looks_at_every_account_for_a_change_of_one() -> None:
    few, many = Size(10, 3, 100), Size(100, 3, 1_000)
    assert by_one_app(many, TEAM, LIKELY) - by_one_app(few, TEAM, LIKELY) == 90 * len(stacks_of(few, TEAM)) * 3 / 4


def test_the_worse_case_takes_longer_and_more_stacks_at_a_time_do_not() -> None:
    small = Size(1, 4, 100)
    for change in CHANGES:
        times = [[account(small, change, case, workers).seconds for workers in (1, 4, 16)] for case in CASES.values()]
        assert times == sorted(times)
        assert all(each == sorted(each, reverse=True) for each in times)


@pytest.mark.parametrize("quota", [*OF_ACCOUNTS, *OF_OTHER_ENGINES], ids=lambda quota: quota.name)
def test_a_quota_ends_one_below_what_is_too_much(quota: Quota) -> None:
    most = quota.largest(WHOLE)
    grown = [quota.needs(replace(WHOLE, **{quota.grows_with: value})) for value in (most, most + 1)]
    assert grown[0] <= quota.limit < grown[1]


def test_a_page_that_asks_for_a_table_that_there_is_not_is_an_error() -> None:
    with pytest.raises(KeyError, match="nothing"):
        filled("<!-- table: nothing -->\n<!-- end -->")


def test_fifty_stack_sets_in_turn_over_eight_hundred_accounts_take_most_of_a_day_s_work() -> None:
    """aws-solutions/aws-control-tower-customizations #177: 800 accounts, more than 50 sets, 5 to 6 hours."""
    assert sets_in_turn(50, 800, LIKELY) < 5 * HOUR < 6 * HOUR < sets_in_turn(50, 800, PESSIMISTIC)


def test_a_stage_of_a_pipeline_holds_25_stacks_and_no_pipeline_holds_200_accounts() -> None:
    """aws/aws-cdk #11315 and #16244, awslabs/aws-deployment-framework #250: 50 actions a stage, 50 stages."""
    assert 2 * STACKS_OF_A_STAGE == 50
    (actions,) = (quota for quota in OF_OTHER_ENGINES if "actions" in quota.name)
    assert actions.needs(WHOLE) <= actions.limit < 2 * WHOLE.accounts * WHOLE.stacks_in_account
    assert WHOLE.accounts * WHOLE.stacks_in_account > 50 * STACKS_OF_A_STAGE


def test_a_job_likely_ends_within_the_hour_that_its_credentials_last_and_may_not() -> None:
    """A session of a role is an hour, if nobody says otherwise."""
    minutes = [account(WHOLE, FIRST, case, 16).seconds / 60 + case.job / 60 for case in (LIKELY, PESSIMISTIC)]
    assert minutes[0] < 0.3 * 60 < 60 < minutes[1] < 69


def test_four_hundred_stacks_of_one_account_are_too_many_at_a_time_and_those_of_a_job_are_not() -> None:
    """aws/aws-cdk-cli #1777: 1,000 stacks, 400 of them in one account, fail by the looks at them."""
    assert max(STACKS_AT_A_TIME, WHOLE.stacks_in_region + 1) <= stacks_before_throttling() < 400
