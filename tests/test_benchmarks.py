"""The race stays fair when our templates change: its peer declares the same, under the same checks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import compare, generate, large_page
from benchmarks.large_limits import Use, uses
from benchmarks.large_registry import changed, company, projects, small_namespaces, write
from benchmarks.race import APP, OURS, PYTHON, starts
from registry.load import load
from tests.synth import ROOT


def test_the_peer_in_python_declares_what_ours_does(tmp_path: Path) -> None:
    for how, side, start in starts(tmp_path, generate.write(tmp_path, 10)):
        if how == APP and side in (OURS, PYTHON):
            start()
    ours, peer = (compare.read(tmp_path / "app" / side) for side in (OURS, PYTHON))
    assert len(ours.resources) > 10
    assert compare.differences(ours, peer) == []


def test_a_company_of_a_thousand_repositories_is_a_registry_that_changes(tmp_path: Path) -> None:
    files = company(1_000)
    sides = [load(write(tmp_path / name, each)) for name, each in (("old", files), ("new", changed(files)))]
    (old, warnings), (new, _) = sides
    assert len(old.repositories) == 1_000
    assert {len(old.repositories_in(at)) for at in old.locations} == {1_000}
    assert len(old.locations) == 3
    assert {each.rule for each in warnings} == set()
    assert len(new.repositories) == 1_009
    assert {it.name for it in new.principals} - {it.name for it in old.principals} == {"audit"}
    assert len(old.units_in(old.home)) == 2 + 4 + 2  # shards, a stack each, shared ones


def test_small_namespaces_have_a_stack_each_or_share_one(tmp_path: Path) -> None:
    stacks = []
    for sharing in (1, 10):
        registry, _ = load(write(tmp_path / str(sharing), small_namespaces(20, sharing)))
        stacks.append(len(registry.units_in(registry.home)))
    assert stacks == [20, 2]


def test_projects_push_in_one_role_or_in_roles_of_several_access_stacks(tmp_path: Path) -> None:
    found = []
    for of_their_own in (False, True):
        registry, _ = load(write(tmp_path / str(of_their_own), projects(5, of_their_own, in_a_stack=2)))
        stacks = [it.construct_id for it in registry.access_stacks_in(registry.account)]
        found.append((len(registry.repositories), len(registry.principals), stacks))
    assert found == [(10, 1, ["Access"]), (10, 5, ["Access", "Access-s1", "Access-s2"])]


@pytest.mark.parametrize("module", ["drift", "images"])
def test_a_registry_can_be_read_from_a_slow_ecr(module: str) -> None:
    few = ["--repositories", "3", *(["--many", "3"] if module == "images" else [])]
    run = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *few], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert " x  bar 8.0" in run.stdout


def test_the_limits_see_what_is_in_an_assembly(tmp_path: Path) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Resource": f"{number:04}"} for number in range(400)]}
    attached = {
        f"P{number}": resource("IAM::ManagedPolicy", Roles=[{"Ref": "R"}], PolicyDocument=policy)
        for number in range(11)
    }
    role = resource("IAM::Role", AssumeRolePolicyDocument={}, Policies=[{"PolicyDocument": policy}])
    assembly(
        tmp_path, {"Access": {"R": role, **attached}, "Web": {f"A{n}": resource("SNS::Topic") for n in range(501)}}
    )
    found = {use.limit: use for use in uses(tmp_path)}
    assert {limit for limit, use in found.items() if use.broken} == {
        "resources in a template",
        "characters of a managed policy",
        "policies attached to a role",
    }
    assert found["resources in a template"].where == "Web.template.json"
    assert found["stacks in an account and region"].most == 2
    assert found["managed policies in an account"].most == 11
    without_indentation = json.dumps(policy, separators=(",", ":"))
    for counted in ("characters of a managed policy", "characters of a role's inline policies"):
        assert found[counted].most == len(without_indentation)


def test_a_run_of_a_part_keeps_the_figures_of_the_others() -> None:
    older = [("1,000", "`ecrctl validate`", "9 s"), ("10,000", "`cdk synth`", "90 s")]
    newer = [("10,000", "`cdk synth`", "80 s"), ("1,000", "`ecrctl drift`", "3 s")]
    assert large_page.renewed(older, newer) == [older[0], newer[1], newer[0]]
    limits = large_page.with_uses(
        {"stacks": {"1,000": "9", "allowed": "2,000"}}, {10_000: [Use("stacks", 80, 2_000, "")]}
    )
    assert limits == {"stacks": {"1,000": "9", "10,000": "80", "allowed": "2,000"}}
    section = large_page.section([*newer, ("1,000", "`cdk synth`", "9 s")], limits)
    assert section.tables[1].columns == ("limit", "1,000", "10,000", "allowed")
    assert section.says[-1] == "**Not run** for 10,000: `ecrctl drift`."


def resource(kind: str, **properties: object) -> dict[str, object]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def assembly(folder: Path, stacks: dict[str, dict[str, object]]) -> None:
    """What `cdk synth` writes, as far as limits look at it."""
    for name, resources in stacks.items():
        (folder / f"{name}.template.json").write_text(json.dumps({"Resources": resources}, indent=1))
    artifacts = {
        name: {
            "type": "aws:cloudformation:stack",
            "environment": "aws://123456789012/us-east-1",
            "properties": {"templateFile": f"{name}.template.json"},
        }
        for name in stacks
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
