"""Access stacks of names: what principals get is the same wherever it stands."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.documents import PRINCIPALS
from tests.examples import examples
from tests.synth import SMALL, Templates, declared, synthesized

#: Principals that have something in an Access stack: the second account is one of the registry's here.
STACKED = ("ci", "lab", "runtime", "nodes", "several", "circle", "irsa", "pods", "other")
CLUSTER = "arn:aws:eks:ap-northeast-2:123456789012:cluster/c"


def synth(stacks: dict[str, str]) -> Templates:
    """Every kind of principal in two accounts, some of them in stacks of names; all grants that there are."""
    principals: dict[str, Any] = {
        name: {key: value for key, value in PRINCIPALS[name].items() if key != "teams"} for name in STACKED
    }
    principals["pods"]["pod_identity"] |= {"cluster": CLUSTER, "association": True}
    for name, stack in stacks.items():
        principals[name] |= {"stack": stack}
    file = {
        "replicas": {"us-west-2": None, "210987654321/us-west-2": None},
        "principals": principals,
        "public_repositories": {"acme/tool": {"push": ["runtime"]}},
        "repositories": {"web/api": {"push": [*STACKED[:5]], "pull": [*STACKED]}},
    }
    with tempfile.TemporaryDirectory() as folder:
        return synthesized(declared(SMALL + yaml.dump(file)), Path(folder), packs=())[1]


@cache
def without() -> Templates:
    """The same, all of them in the Access stacks of their accounts."""
    return synth({})


def resources(templates: Templates) -> dict[tuple[str, str], dict[str, Any]]:
    """Of all Access stacks, by account and logical id; each is in one stack of its account.

    What depends on a provider in its own stack has to say so; between stacks the order of the stacks does.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for path, template in templates.items():
        account, _, unit = path.split("/")
        if unit.startswith("Access"):
            for name, resource in template["Resources"].items():
                assert (account, name) not in found
                found[account, name] = {key: resource[key] for key in ("Type", "Properties")}
    return found


@examples(8)
@given(st.dictionaries(st.sampled_from(STACKED), st.sampled_from(["a", "b"]), min_size=1))
def test_the_resources_are_the_same_in_other_stacks_and_nothing_else_is_another(stacks: dict[str, str]) -> None:
    templates = synth(stacks)
    assert resources(templates) == resources(without())
    others = [path for path in without() if "/Access" not in path]
    assert {path: templates[path] for path in others} == {path: without()[path] for path in others}
    named = {path for path in templates if "/Access-" in path}
    assert {path.rpartition("-")[2] for path in named} == set(stacks.values())
    assert all(templates[path]["Resources"] for path in named)


def test_a_role_comes_after_the_provider_that_it_trusts(tmp_path: Path) -> None:
    text = "principals: {ci: {gitlab: acme/web, branch: main, stack: more}}\nrepositories: {web/api: {push: [ci]}}\n"
    made, _ = synthesized(declared(SMALL + text), tmp_path / "made", packs=())
    exists = "access: {oidc_providers: ['arn:aws:iam::123456789012:oidc-provider/gitlab.com']}\n"
    named, _ = synthesized(declared(SMALL + exists + text), tmp_path / "named", packs=())
    waits = []
    for app in (made, named):
        stacks = {it.id: it for it in app.synth().stacks_recursively}
        (more,) = (it for it in stacks.values() if it.stack_name == "acme-Access-more")
        waits.append([stacks[it.id].stack_name for it in more.dependencies if it.id in stacks])
    assert waits == [["acme-Access"], []]
