"""`python -m tests.mutants`: each rule, kind and action dropped in turn, and which test notices; docs/reliability.md.

Each is dropped in a fork of its own, in which the tests of its part run until one fails, those that speak of it first.
Property tests are left out: they take minutes. Exit code 1 where nobody notices. With `--part` the figures of the other
parts stay, with `--only` all do.
"""

from __future__ import annotations

import argparse
import sys
from typing import Final

import pytest

from tests.mutants import node
from tests.mutants.dropped import mutants
from tests.mutants.figures import write
from tests.mutants.trial import Collected

_REFUSED: Final = ("tests/test_refused.py", "tests/registry/rules/")
#: The tests of each part. They start no server, because what they begin is not ended when one fails.
ROOMS: Final = {
    "rules": (*_REFUSED, "tests/registry/access/", "tests/registry/lifecycle/"),
    "forms of values": (*_REFUSED, "tests/registry/reading/"),
    "other findings": (*_REFUSED, "tests/registry/reading/", "tests/registry/cost/", "tests/registry/lifecycle/"),
    "changes of a plan": ("tests/registry/plan/", "tests/ops/plan/test_live.py", "tests/ops/plan/test_prove.py"),
    "kinds of drift": ("tests/ops/drift/",),
    "actions of purposes": ("tests/registry/access/", "tests/judge/test_execution.py", "tests/test_golden.py"),
    "actions of roles": ("tests/registry/access/", "tests/judge/test_execution.py", "tests/test_golden.py"),
}
#: A list of everything notices that one is gone, and says nothing of what it does.
_LISTS: Final = (
    "tests/ops/drift/test_kinds.py::test_every_kind_of_the_registry_stack_is_registry_wide",
    "tests/test_refused.py::test_every_rule_has_a_file_it_refuses",
    "tests/test_refused.py::test_every_form_has_a_file_it_refuses",
)


def main() -> int:
    """Exit code 1 where a mutant is not noticed, 2 where tests are red without any."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--part", action="append", choices=ROOMS, help="only these")
    parser.add_argument("--only", metavar="TEXT", default="", help="only those with this text in their names")
    parser.add_argument("--at-once", type=int, default=2)
    asked = parser.parse_args()
    parts = asked.part or list(ROOMS)
    chosen = [it for it in mutants() if it.part in parts and asked.only in it.name]
    trial = Collected(chosen, ROOMS, asked.at_once)
    rooms = sorted({room for part in parts for room in ROOMS[part]})
    plugins = ("-p", "no:cacheprovider", "-p", "no:xdist")
    chosen_tests = ("-m", "not hypothesis and not compliance and not browser")
    node.use()
    pytest.main(
        ["-q", "-s", *plugins, *chosen_tests, *(f"--deselect={name}" for name in _LISTS), *rooms], plugins=[trial]
    )
    dropped = trial.outcomes
    if trial.red or len(dropped) < len(chosen):
        print(f"red, though nothing is dropped: {trial.red}")
        return 2
    missed = [it for it in dropped if not it.noticed_by]
    print(f"{len(dropped)} dropped, {len(missed)} of them unnoticed")
    if not asked.only:
        write(dropped)
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
