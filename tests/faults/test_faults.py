"""One fault for every command that asks AWS, and every kind of fault; `python -m tests.faults` tries many more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ops.aws.permissions import COMMANDS
from tests.faults.commands import READING, WRITING, lost
from tests.faults.kinds import KINDS, Way
from tests.faults.trial import Laboratory, Undisturbed, laboratory
from tests.faults.world import lived_in
from tests.sandbox.conftest import serving

#: Kinds that are seen without knowing what the command says otherwise.
LASTING = [name for name, kind in KINDS.items() if kind.way is Way.LASTS and name != "permission missing"]
BY_KEY = {command.key: command for command in (*READING, *WRITING)}
#: A command, an operation that it needs, and what befalls that: the kinds that are no plain failure.
PLACES = [
    ("drift", "ecr:DescribeRegistry", "throttled twice, Retry-After"),
    ("drift", "iam:ListPolicies", "503 twice"),
    ("drift", "ecr:GetRegistryPolicy", "half of the answer"),
    ("drift", "ecr:DescribeRepositories", "nothing in the answer"),
    ("drift", "ecr:ListTagsForResource", "permission missing"),
    ("lifecycle running", "ecs:ListServices", "same token again"),
    ("lifecycle running", "lambda:ListFunctions", "tokens in a circle"),
    ("lifecycle running", "ecs:ListClusters", "empty page first"),
    ("lifecycle running", "lambda:GetFunction", "connection ends once"),
    ("settings", "ecr:PutAccountSetting", "done, then the connection ends once"),
    ("promote", "ecr:PutImage", "done, then the connection ends once"),
    ("promote", "ecr:PutImage", "killed after"),
    ("release", "ecr:PutImage", "killed before"),
    ("delete", "ecr:BatchDeleteImage", "killed after"),
    ("delete --with-children", "ecr:BatchDeleteImage", "killed after"),
    ("archive --with-children", "ecr:UpdateImageStorageClass", "killed after"),
    ("clear-failed", "cloudformation:UpdateTerminationProtection", "killed after"),
    ("import", "cloudformation:ExecuteChangeSet", "killed after"),
    ("drift --fix", "ecr:PutImageTagMutability", "credentials expire"),
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    folder = tmp_path_factory.mktemp("faults")
    with serving(folder) as sandbox, laboratory(lived_in(sandbox, folder)) as made:
        yield made


def test_every_command_that_asks_aws_is_tried() -> None:
    """`deploy` and `diff` are verbs of make, made of these and of the CDK's."""
    assert {key.removesuffix(" --with-children") for key in BY_KEY} | {"deploy", "diff"} == set(COMMANDS)


def test_what_a_run_loses_is_seen_beside_what_it_takes_and_moves() -> None:
    before = [[("prod", "old", "ACTIVE"), ("pr-1", "trial", "ACTIVE")], []]
    after = [[("prod", "new", "ACTIVE"), ("old", "old", "ACTIVE")], []]
    assert list(lost(before, before, after)) == []
    assert list(lost(before, after, after)) == []
    assert list(lost(before, [[("prod", "new", "ACTIVE")], []], after)) == ["old"]
    assert list(lost(before, [[("old", "old", "ACTIVE")], []], after)) == ["prod, which is on None"]


def test_every_command_says_that_a_call_failed(lab: Laboratory) -> None:
    wrong = []
    for number, command in enumerate(BY_KEY.values()):
        command.restore(lab.world)
        kind = KINDS[LASTING[number % len(LASTING)]]
        finished = lab.run(command, kind, at=0)
        said = finished.stdout + finished.stderr
        if finished.returncode != 3 or "way out: " not in said or "Traceback" in said:
            wrong.append((command.key, kind.name, lab.proxy.struck, finished.returncode, said[-500:]))
    assert not wrong


def test_every_kind_of_fault_ends_as_it_must(lab: Laboratory) -> None:
    assert {kind for _, _, kind in PLACES} | set(LASTING) == set(KINDS)
    known: dict[str, Undisturbed] = {}
    wrong = []
    for key, call, kind in PLACES:
        base = known.get(key) or known.setdefault(key, lab.undisturbed(BY_KEY[key]))
        at = [request.call for request in base.calls].index(call)
        wrong += [outcome for outcome in [lab.tried(BY_KEY[key], base, KINDS[kind], at)] if outcome.wrong]
    assert not wrong
