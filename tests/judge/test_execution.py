"""CloudFormation may do what the handlers of every resource of every example need, on the way from file to file.

What it may not do is in test_doors.py. The handlers' permissions are those of CloudFormation's own resource schemas,
which cfn-lint brings along.
"""

from __future__ import annotations

import pytest

from registry import naming
from registry.access.cloudformation import PATH, execution_policies, execution_policy_arns
from registry.access.policies import size
from registry.load import load
from registry.model import Registry
from tests.judge.changes import State, needed
from tests.judge.engine import Case, judged, second_opinion
from tests.synth import ROOT, Templates, declared, synthesized

FILES = [ROOT / "examples" / name / "registry.yaml" for name in ("minimal", "seed", "company")]
FILES += [
    ROOT / "tests" / "golden" / f"{name}.yaml"
    for name in (
        "access",
        "alarms",
        "chat",
        "findings",
        "kms-keys",
        "monitoring",
        "other-account",
        "public",
        "signing",
        "who",
    )
]


@pytest.fixture(scope="module", params=FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Registry, Templates]:
    registry, _ = load(request.param)
    return registry, synthesized(registry, tmp_path_factory.mktemp("execution"))[1]


def test_every_handler_of_every_resource_has_what_it_needs(example: tuple[Registry, Templates]) -> None:
    cases = list(needed(State(*example)))
    assert len(cases) >= 20
    answers = judged(cases)
    assert [case.id for case in cases if not answers[case.id]] == []
    answers = second_opinion(cases)
    assert [case.id for case in cases if not answers[case.id]] == []


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> dict[str, State]:
    """One registry as it may change: with everything, and with next to nothing; bounded since a later day."""
    full, _ = load(ROOT / "examples" / "company" / "registry.yaml")
    name = f'{{name: company, account: "{full.account}", region: {full.region}}}'
    small = declared(f"registry: {name}\nrepositories: {{web/frontend: , base/go: {{empty_on_delete: true}}}}\n")
    return {
        what: State(registry, synthesized(registry, tmp_path_factory.mktemp(what))[1])
        for what, registry in (("full", full), ("small", small))
    }


@pytest.mark.parametrize(("before", "after"), [("small", "full"), ("full", "small")])
def test_a_bootstrap_and_a_deploy_lead_from_any_registry_to_any_other(
    states: dict[str, State], before: str, after: str
) -> None:
    """What comes is made, what goes is deleted, its stacks by `ecrctl retire`: all by policies of the new file."""
    cases = list(needed(states[after], states[before]))
    if after == "small":
        gone = {case.id.split()[0] for case in cases} - set(states["small"].templates)
        assert {path.split("/")[1] for path in gone} >= {"us-east-1", "ap-southeast-1"}
        assert any("Network-Trial" in path for path in gone)
    for engine in (judged, second_opinion):
        answers = engine(cases)
        assert [case.id for case in cases if not answers[case.id]] == []


def test_a_role_that_is_no_principal_any_more_is_let_go_and_a_new_one_taken() -> None:
    """The documented order for both: make bootstrap, then make deploy."""
    text = (
        'registry: {{name: acme, account: "123456789012", region: us-east-1}}\nrepositories: {{web/api: {{{0}}}}}\n{1}'
    )
    role = "arn:aws:iam::123456789012:role/team/jenkins"
    principals = f'principals: {{jenkins: {{role: "{role}"}}}}\n'
    with_it, without = declared(text.format("pull: [jenkins]", principals)), declared(text.format("", ""))
    policy = {"iam:PolicyARN": f"arn:aws:iam::123456789012:policy{with_it.roles.path}acme-jenkins-ecr-1"}
    asked = [
        (with_it, "Attach", True),
        (with_it, "Detach", True),
        (without, "Attach", False),
        (without, "Detach", True),
    ]
    cases = [
        Case(
            id=str(number),
            principal=naming.execution_role_arn("acme", "123456789012", "us-east-1"),
            action=f"iam:{verb}RolePolicy",
            resource=role,
            account="123456789012",
            identity=execution_policies(registry, "123456789012"),
            context=policy,
        )
        for number, (registry, verb, _) in enumerate(asked)
    ]
    for engine in (judged, second_opinion):
        assert list(engine(cases).values()) == [allowed for *_, allowed in asked]


def test_the_policies_fit_iam_and_lie_where_the_stacks_cannot_change_them(
    example: tuple[Registry, Templates],
) -> None:
    registry, _ = example
    for account in registry.deployed_accounts:
        documents = execution_policies(registry, account)
        assert 1 <= len(documents) <= 10
        assert all(size(document) <= 6_144 for document in documents)
        for arn in execution_policy_arns(registry, account):
            assert f"policy{PATH}CloudFormation-{registry.name}-" in arn
