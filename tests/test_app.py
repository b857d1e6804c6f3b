"""The app: which stacks there are, in which order, under which checks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam

import app as app_file
from registry.model import Registry
from stacks import build as project
from stacks.checked_app import checked_app
from tests.synth import ROOT, SEED, SMALL, Templates, context, declared, resources, synthesized

REPLICATED = f"""{SMALL}
replicas: {{us-west-2: {{namespaces: [web]}}, eu-west-1: }}
repositories: {{web/api: , data/etl: }}
"""


def templates_of(text: str, folder: Path) -> Templates:
    return synthesized(declared(text), folder)[1]


def dependencies(text: str, folder: Path) -> dict[str, set[str]]:
    app = synthesized(declared(text), folder)[0]
    assembly = app.synth()
    paths = {stack.id: stack.hierarchical_id for stack in assembly.stacks_recursively}
    return {
        stack.hierarchical_id: {paths[d.id] for d in stack.dependencies if d.id in paths}
        for stack in assembly.stacks_recursively
    }


def test_stack_paths_start_with_the_account_and_stack_names_with_the_registry(tmp_path: Path) -> None:
    app, _ = synthesized(declared(REPLICATED), tmp_path)
    stacks = {s.hierarchical_id: s for s in app.synth().stacks_recursively}
    assert {path: stack.stack_name for path, stack in stacks.items()} == {
        "123456789012/ap-northeast-2/Access": "acme-Access",
        "123456789012/ap-northeast-2/Registry": "acme-Registry",
        "123456789012/ap-northeast-2/Repositories-data": "acme-Repositories-data",
        "123456789012/ap-northeast-2/Repositories-web": "acme-Repositories-web",
        "123456789012/eu-west-1/Registry": "acme-Registry",
        "123456789012/eu-west-1/Repositories-data": "acme-Repositories-data",
        "123456789012/eu-west-1/Repositories-web": "acme-Repositories-web",
        "123456789012/us-west-2/Registry": "acme-Registry",
        "123456789012/us-west-2/Repositories-web": "acme-Repositories-web",
    }
    assert all(stack.termination_protection for stack in stacks.values())
    assert {str(stack.tags) for stack in stacks.values()} == {"{'ecr-registry': 'acme'}"}


def test_the_stacks_of_the_app_are_those_that_the_commands_look_for(tmp_path: Path) -> None:
    principals = "principals: {nodes: {role: 'arn:aws:iam::123456789012:role/eks-node'}}"
    network = "network: [{region: eu-west-1, trial_vpc: {name: trial, cidr: 10.99.0.0/24}}]"
    granted = REPLICATED.replace("web/api: ", "web/api: {pull: [nodes]}")
    registry = declared(f"{granted}{principals}\n{network}\n")
    app, _ = synthesized(registry, tmp_path)
    found = {(s.environment.account, s.environment.region, s.stack_name) for s in app.synth().stacks_recursively}
    assert found == {
        (at.account, at.region, name) for at in registry.stack_locations for name in registry.stack_names_in(at)
    }
    assert len(found) == 10


def test_the_replicas_repositories_come_before_the_home_stacks_that_replicate_into_them(tmp_path: Path) -> None:
    home, west, ireland = (f"123456789012/{r}" for r in ("ap-northeast-2", "us-west-2", "eu-west-1"))
    order = dependencies(REPLICATED, tmp_path)
    assert order[f"{home}/Registry"] == {
        *(f"{west}/Repositories-web", f"{ireland}/Repositories-web", f"{ireland}/Repositories-data"),
        *(f"{west}/Registry", f"{ireland}/Registry"),
    }
    assert order[f"{home}/Repositories-web"] == {f"{west}/Repositories-web", f"{ireland}/Repositories-web"}
    assert order[f"{home}/Repositories-data"] == {f"{ireland}/Repositories-data"}
    assert all(order[f"{region}/Repositories-web"] == set() for region in (west, ireland))


def spread(namespaces: int, replicas: int) -> Registry:
    """A repository in each namespace, and everything in each replica."""
    regions = ("us-west-2", "eu-west-1", "us-east-1", "eu-central-1")[:replicas]
    return declared(
        f"{SMALL}replicas: {{{', '.join(f'{region}: ' for region in regions)}}}\n"
        f"repositories: {{{', '.join(f'team-{number}/api: ' for number in range(namespaces))}}}\n"
    )


def granted(repositories: int, principals: int) -> Registry:
    """In one namespace, to which each of the principals may push."""
    names = [f"ci-{number}" for number in range(principals)]
    return declared(
        f"{SMALL}repositories: {{{', '.join(f'web/{number}: ' for number in range(repositories))}}}\n"
        f"namespaces: {{web: {{push: [{', '.join(names)}]}}}}\n"
        f"principals: {{{', '.join(f'{name}: {{github: acme/{name}, branch: main}}' for name in names)}}}\n"
    )


def calls(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often building asks the CDK's kernel, which is what building costs."""
    counted = 0
    app = cdk.App(context=context())

    def counting(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal counted
            counted += 1
            return original(*arguments, **named)

        return call

    with monkeypatch.context() as patch:
        for name in ("create", "get", "set", "invoke", "sget", "sinvoke"):
            patch.setattr(jsii, name, counting(getattr(jsii, name)))
        project.build(app, registry, ())
    return counted


def test_building_takes_as_many_calls_more_for_each_namespace_and_for_each_replica(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for few, some, many in (
        [calls(spread(namespaces, 2), monkeypatch) for namespaces in (3, 6, 9)],
        [calls(spread(3, replicas), monkeypatch) for replicas in (2, 3, 4)],
    ):
        assert 0 < many - some == some - few


def test_a_repository_more_takes_one_call_and_a_principal_with_its_role_and_policy_five(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    base = calls(granted(2, 1), monkeypatch)
    assert calls(granted(3, 1), monkeypatch) - base == 1
    assert calls(granted(2, 2), monkeypatch) - base == 5


def test_a_replica_holds_the_same_repositories_with_the_same_settings(tmp_path: Path) -> None:
    made = templates_of(REPLICATED, tmp_path)
    home = made["123456789012/ap-northeast-2/Repositories-web"]
    assert resources(home, "AWS::ECR::Repository") != []
    for region in ("us-west-2", "eu-west-1"):
        for ours, theirs in zip(
            resources(home, "AWS::ECR::Repository"),
            resources(made[f"123456789012/{region}/Repositories-web"], "AWS::ECR::Repository"),
            strict=True,
        ):
            assert ours["Properties"] == theirs["Properties"]


def test_replication_is_declared_at_home_only_and_ends_with_the_last_replica(tmp_path: Path) -> None:
    made = templates_of(REPLICATED, tmp_path / "with")
    configured = {p for p, t in made.items() if resources(t, "AWS::ECR::ReplicationConfiguration")}
    assert configured == {"123456789012/ap-northeast-2/Registry"}
    without = templates_of(SMALL + "repositories: {web/api: }", tmp_path / "without")
    assert [t for t in without.values() if resources(t, "AWS::ECR::ReplicationConfiguration")] == []
    assert "123456789012/ap-northeast-2/Registry" in without


def test_every_region_scans_on_push(tmp_path: Path) -> None:
    for path, template in templates_of(REPLICATED, tmp_path).items():
        if path.endswith("/Registry"):
            (scanning,) = resources(template, "AWS::ECR::RegistryScanningConfiguration")
            assert scanning["Properties"] == {
                "ScanType": "BASIC",
                "Rules": [{"ScanFrequency": "SCAN_ON_PUSH",
                           "RepositoryFilters": [{"Filter": "*", "FilterType": "WILDCARD"}]}],
            }  # fmt: skip


def test_a_new_repository_changes_the_stacks_of_its_namespace_and_no_other(tmp_path: Path) -> None:
    before = templates_of(REPLICATED, tmp_path / "before")
    after = templates_of(REPLICATED.replace("web/api: ,", "web/api: , web/new: ,"), tmp_path / "after")
    assert {path for path in after if before.get(path) != after[path]} == {
        f"123456789012/{region}/Repositories-web" for region in ("ap-northeast-2", "us-west-2", "eu-west-1")
    }
    old = before["123456789012/ap-northeast-2/Repositories-web"]["Resources"]
    new = after["123456789012/ap-northeast-2/Repositories-web"]["Resources"]
    assert {key: new[key] for key in old} == old
    assert len(new) == len(old) + 1


def test_names_that_differ_in_a_separator_only_are_different_resources(tmp_path: Path) -> None:
    made = templates_of(
        SMALL + "repositories: {web/a/b: , web/a--b: , web/a-b: , web/a.b: , web/a_b: , web/ab: }", tmp_path
    )
    found = made["123456789012/ap-northeast-2/Repositories-web"]["Resources"]
    assert len(found) == 6
    assert {r["Properties"]["RepositoryName"] for r in found.values()} == {
        "web/a/b", "web/a--b", "web/a-b", "web/a.b", "web/a_b", "web/ab"}  # fmt: skip


def test_a_cdk_nag_finding_without_acknowledgement_stops_the_synth(tmp_path: Path) -> None:
    app = checked_app(context=context(), outdir=str(tmp_path))
    project.build(app, declared(SMALL + "repositories: {my-app: }"))
    stack = next(child for child in app.node.find_all() if isinstance(child, cdk.Stack))
    iam.ManagedPolicy(stack, "Wide", statements=[iam.PolicyStatement(actions=["ecr:*"], resources=["*"])])
    with pytest.raises(RuntimeError, match="AwsSolutions-IAM5"):
        app.synth()


def test_cdk_nag_judges_our_repositories(tmp_path: Path) -> None:
    app = checked_app(context=context(), outdir=str(tmp_path))
    project.build(app, declared(SMALL + "repositories: {my-app: }"))
    (repository,) = (child for child in app.node.find_all() if isinstance(child, ecr.CfnRepository))
    repository.repository_policy_text = {
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]
    }
    with pytest.raises(RuntimeError, match="AwsSolutions-ECR1"):
        app.synth()


@pytest.mark.parametrize(
    ("kind", "change", "finding"),
    [
        (iam.CfnManagedPolicy, "policy_document", "AwsSolutions-IAM5"),
        (iam.CfnRole, "managed_policy_arns", "AwsSolutions-IAM4"),
    ],
)
def test_cdk_nag_judges_the_roles_and_policies_of_principals(
    kind: type[cdk.CfnResource], change: str, finding: str, tmp_path: Path
) -> None:
    app = checked_app(context=context(), outdir=str(tmp_path))
    project.build(app, granted(1, 1))
    *_, resource = (child for child in app.node.find_all() if isinstance(child, kind))
    wrong = {
        "policy_document": {"Statement": [{"Effect": "Allow", "Action": "ecr:*", "Resource": "arn:aws:ecr:::x"}]},
        "managed_policy_arns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
    }
    setattr(resource, change, wrong[change])
    with pytest.raises(RuntimeError, match=finding):
        app.synth()


def test_a_template_that_cloudformation_would_refuse_stops_the_synth(tmp_path: Path) -> None:
    app = checked_app(context=context(), outdir=str(tmp_path))
    project.build(app, declared(SMALL + "repositories: {my-app: }"))
    stack = next(child for child in app.node.find_all() if isinstance(child, cdk.Stack))
    ecr.CfnRepository(stack, "Bad", repository_name="Not/Legal", image_tag_mutability="SOMETIMES")
    with pytest.raises(RuntimeError, match="SOMETIMES"):
        app.synth()


def test_the_file_is_the_one_of_the_context_also_where_the_cli_hands_over_a_long_context_in_a_file(
    tmp_path: Path,
) -> None:
    (tmp_path / "long.json").write_text(json.dumps({"registry": str(SEED)}))
    given = {"CDK_CONTEXT_JSON": "{}", "CONTEXT_OVERFLOW_LOCATION_ENV": str(tmp_path / "long.json")}
    done = subprocess.run(
        [sys.executable, ROOT / "app.py"], cwd=tmp_path, env={**os.environ, **given, "CDK_OUTDIR": "made"}, check=False
    )
    assert done.returncode == 0
    assert [file.name for file in (tmp_path / "made").glob("*Access*.template.json")]


def test_the_audit_policy_reads_repositories_of_the_registrys_regions_and_changes_nothing(tmp_path: Path) -> None:
    (policy,) = resources(
        templates_of(REPLICATED, tmp_path)["123456789012/ap-northeast-2/Access"], "AWS::IAM::ManagedPolicy"
    )
    on_repositories, on_registry, on_access = policy["Properties"]["PolicyDocument"]["Statement"]
    assert policy["Properties"]["ManagedPolicyName"] == "acme-ecr-audit"
    assert on_repositories["Resource"] == [
        f"arn:aws:ecr:{region}:123456789012:repository/*" for region in ("ap-northeast-2", "eu-west-1", "us-west-2")
    ]
    assert on_registry["Resource"] == "*"
    assert on_access["Resource"] == [f"arn:aws:iam::123456789012:{it}/ecr-registry/acme/*" for it in ("policy", "role")]
    statements = (on_repositories, on_registry, on_access)
    verbs = {action.partition(":")[2] for each in statements for action in each["Action"]}
    assert all(verb.startswith(("Get", "List", "Describe", "BatchGet")) for verb in verbs)
    assert verbs.isdisjoint({"GetAuthorizationToken", "GetDownloadUrlForLayer", "BatchGetImage"})


def test_the_flags_are_those_of_the_checkout_wherever_the_cli_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert app_file.flags() == context()
