"""Roles, repository policies and endpoint policies together: what passes a VPC's endpoints, and what does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ops.output.network import rows
from registry.load import load
from registry.locations import Location
from registry.model import LambdaFunctions, Network, Organization, PipelineRole, Registry, ServicePrincipal
from tests.judge.callers import BYSTANDERS, SERVICE, Caller, callers
from tests.judge.declared import MEANING, OWN, holds, is_meant, may
from tests.judge.deployed import Deployed, deployed
from tests.judge.engine import Case, Policy, judged, second_opinion
from tests.judge.weakened import weakened
from tests.synth import ROOT, Templates, declared, synthesized

TEXT = """\
registry: {name: acme, account: "123456789012", region: us-east-1}
replicas: {us-west-2: {namespaces: [web]}}
access: {organization: o-a1b2c3d4e5}
principals:
  main: {github: acme/web, owner_id: 1, repository_id: 2, branch: main}
  prod: {github: acme/web, owner_id: 1, repository_id: 2, environment: prod}
  lab: {gitlab: acme/lab, branch: main}
  nodes: {role: "arn:aws:iam::123456789012:role/eks/eks-node"}
  tidy: {role: "arn:aws:iam::123456789012:role/tidy"}
  partner: {role: "arn:aws:iam::456789012345:role/auditor", outside_organization: true}
  sales: {account: "210987654321"}
  others: {organization: o-b1b2c3d4e5}
  unit: {organizational_unit: o-a1b2c3d4e5/r-ab12/ou-ab12-11111111}
  functions: {lambda_account: "123456789012"}
namespaces:
  web: {push: [main], promote: [prod], pull: [nodes, unit, functions]}
  k8s: {pull: [sales, functions]}
repositories:
  web/api: {pull: [partner], delete: [tidy]}
  web/site: {pull: [sales]}
  data/model: {pull: [others, nodes, lab], failover_push: [main]}
pull_through_cache_rules: {k8s: {upstream_registry: k8s}}
acceptances: [{rule: grant-failover-push, reason: a test}, {rule: principal-outside-organization, reason: a test},
  {rule: network-s3-gateway, reason: a test}]
network:
  - vpc: {id: vpc-11111111, cidr: 10.0.0.0/16, subnets: [subnet-11111111], s3: gateway, route_tables: [rtb-11111111]}
    also: [sts, logs]
  - region: us-west-2
    vpc: {id: vpc-22222222, cidr: 10.0.0.0/16, subnets: [subnet-22222222]}
  - vpc: {id: vpc-33333333, cidr: 10.0.0.0/16, subnets: [subnet-33333333]}
    account: "210987654321"
    callers: organization
    pull_from: ["602401143452"]
    pull_through_cache: true
"""
FOREIGN, ADDONS = "888888888888", "602401143452"
#: Whoever is asked about an endpoint alone may do everything by IAM: so the answer is the endpoint's.
EVERYTHING: Policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
OPEN: Policy = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
ACTIONS = sorted(
    {action for of in (MEANING, OWN) for actions in of.values() for action in actions} | {"DeleteRepository"}
)
UPSTREAM = {"BatchImportUpstreamImage", "CreateRepository"}
EVERY = (*ACTIONS, *sorted(UPSTREAM))
SOME = ("BatchGetImage", "PutImage")
ENGINES = pytest.mark.parametrize("engine", [judged, second_opinion])
Engine = Callable[[list[Case]], dict[str, bool]]


@dataclass(frozen=True)
class Synthesized:
    """A registry, its templates and what they deploy."""

    registry: Registry
    templates: Templates
    found: Deployed

    def policy(self, network: Network, service: str) -> Policy:
        """The policy of an endpoint, as it stands in the template."""
        stack = self.templates[f"{network.account}/{network.region}/{network.construct_id}"]
        endpoints = [r["Properties"] for r in stack["Resources"].values() if r["Type"] == "AWS::EC2::VPCEndpoint"]
        (policy,) = [e["PolicyDocument"] for e in endpoints if e["ServiceName"].endswith(f".{service}")]
        return dict(policy)


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    registry = declared(TEXT)
    templates = synthesized(registry, tmp_path_factory.mktemp("network"))[1]
    return Synthesized(registry, templates, deployed(templates))


def regions(registry: Registry) -> tuple[str, ...]:
    return tuple(dict.fromkeys(at.region for at in registry.locations))


def passes(registry: Registry, network: Network, caller: Caller, action: str, account: str, repository: str) -> bool:
    """What an endpoint lets through, read from the grants a second time."""
    at = Location(registry.account, network.region)
    granted = [
        grant
        for grant in registry.grants
        if not isinstance(grant.principal, LambdaFunctions | ServicePrincipal)
        and passes_as(registry, network, caller, grant.principal)
    ]
    here = [g for g in granted if any(holds(registry, g, at, name) for name in (repository, g.scope))]
    pulls = any(MEANING["pull"] <= MEANING[g.granted] for g in here if holds(registry, g, at, g.scope))
    if account == registry.account:
        exact = any(
            action in MEANING[g.granted] | OWN[g.granted] and holds(registry, g, at, repository) for g in granted
        )
        cached = network.pull_through_cache and repository.startswith("k8s/") and action in UPSTREAM
        return exact or (cached and any(g.granted == "pull" and holds(registry, g, at, repository) for g in granted))
    return account in network.pull_from and pulls and action in MEANING["pull"]


def passes_as(registry: Registry, network: Network, caller: Caller, principal: Any) -> bool:
    """Whether a caller passes as a principal: being it, or being in the organization where that is enough."""
    organization = network.organization
    if organization is not None:
        bound = (
            principal.id if isinstance(principal, Organization) else getattr(principal, "of_organization", organization)
        )
        if bound == organization:
            return caller.organization == organization
    if hasattr(principal, "of_organization"):
        principal = replace(principal, of_organization=None)
    return caller.arn != SERVICE and is_meant(principal, caller, registry, Location(registry.account, network.region))


def asked(
    registry: Registry, network: Network, policy: Policy, actions: Sequence[str] = ()
) -> Iterator[tuple[Case, bool]]:
    """Every caller with every right, at every repository that is declared, beside one, or of somebody else."""
    names = [*(r.name for r in registry.repositories), "web/new", "data/new", "k8s/pause", "webhooks/x"]
    places = [(registry.account, name) for name in names]
    places += [(account, name) for account in (FOREIGN, ADDONS) for name in ("web/api", "eks/pause")]
    for caller in callers(registry, regions(registry)):
        if caller.arn.startswith("arn:"):
            for account, name in places:
                for action in actions or (EVERY if caller.genuine else SOME):
                    case = Case(
                        id=f"{network.name} {caller.what} {action} {account} {name}",
                        principal=caller.arn,
                        action=f"ecr:{action}",
                        resource=f"arn:aws:ecr:{network.region}:{account}:repository/{name}",
                        account=account,
                        identity=[EVERYTHING],
                        resource_policy=OPEN,
                        endpoint=policy,
                        context=caller.context(network.region),
                    )
                    yield case, passes(registry, network, caller, action, account, name)


def differences(questions: list[tuple[Case, bool]], answers: Mapping[str, bool]) -> list[str]:
    return [f"{case.id}: {answers[case.id]}" for case, wanted in questions if answers[case.id] != wanted]


@ENGINES
def test_an_endpoint_lets_through_what_is_declared_and_nothing_else(acme: Synthesized, engine: Engine) -> None:
    questions = [
        question
        for network in acme.registry.networks
        for question in asked(acme.registry, network, acme.policy(network, "ecr.dkr"))
    ]
    assert differences(questions, engine([case for case, _ in questions])) == []
    assert 50 < sum(wanted for _, wanted in questions) < len(questions) / 4


def examples() -> list[Path]:
    return [ROOT / "examples" / name / "registry.yaml" for name in ("seed", "company")]


def through(found: Synthesized, network: Network) -> Iterator[tuple[Case, bool]]:
    """Callers with what the file gives them, through the endpoints of a network."""
    registry, region = found.registry, network.region
    at = Location(registry.account, region)
    policy = found.policy(network, "ecr-fips.dkr" if network.fips else "ecr.dkr")
    names = [r.name for r in registry.repositories_in(at)][::9]
    pipelines = {it.principal.arn for it in registry.grants if isinstance(it.principal, PipelineRole)}  # not in a VPC
    for caller in callers(registry, regions(registry)):
        if not caller.genuine or not caller.arn.startswith("arn:") or caller.arn in pipelines:  # a service is in none
            continue
        own = caller.account in registry.accounts
        role = (caller.account, caller.arn.rpartition("/")[2])
        identity = found.found.identity.get(role, []) if own else [EVERYTHING]
        member = replace(caller, organization=caller.organization or network.organization)
        for name in names:
            for account in (registry.account, FOREIGN):
                for action in (*SOME, "BatchDeleteImage"):
                    foreign = account == FOREIGN
                    case = Case(
                        id=f"{network.name} {caller.what} {action} {account} {name}",
                        principal=caller.arn,
                        action=f"ecr:{action}",
                        resource=f"arn:aws:ecr:{region}:{account}:repository/{name}",
                        account=account,
                        identity=[EVERYTHING] if foreign else identity,
                        resource_policy=OPEN if foreign else found.found.repositories.get((at, name)),
                        endpoint=policy,
                        context=member.context(region),
                    )
                    yield case, not foreign and may(registry, member, action, at, name, declared=True)


@pytest.mark.parametrize("file", examples(), ids=lambda path: path.parent.name)
def test_what_is_granted_passes_and_a_push_to_a_foreign_registry_does_not(file: Path, tmp_path: Path) -> None:
    registry, _ = load(file)
    templates = synthesized(registry, tmp_path)[1]
    found = Synthesized(registry, templates, deployed(templates))
    questions = [q for network in registry.networks for q in through(found, network)]
    assert {case.account for case, _ in questions} == {registry.account, FOREIGN}
    assert any(wanted and case.action == "ecr:PutImage" for case, wanted in questions)
    for engine in (judged, second_opinion):
        assert differences(questions, engine(case for case, _ in questions)) == []


@ENGINES
def test_only_callers_of_the_file_get_a_login_through_an_endpoint(acme: Synthesized, engine: Engine) -> None:
    network = acme.registry.networks[0]
    cases = [
        Case(
            id=caller.what,
            principal=caller.arn,
            action="ecr:GetAuthorizationToken",
            resource="*",
            account=caller.account,
            identity=[EVERYTHING],
            endpoint=acme.policy(network, "ecr.api"),
            context=caller.context(network.region),
        )
        for caller in callers(acme.registry, regions(acme.registry))
        if caller.arn.startswith("arn:")
    ]
    passed = {what for what, yes in engine(cases).items() if yes}
    genuine = {"main", "prod", "lab", "nodes", "partner", "sales", "others", "unit"}
    # The organization of a role or an account is for repository policies to ask; nobody logs in to delete.
    assert passed == genuine | {f"{name}: left the organization" for name in ("nodes", "partner", "sales")} | {
        "others: beside"
    }


def layer(bucket: str = "prod-us-east-1-starport-layer-bucket", **rest: Any) -> Case:
    """A download of a layer: its address is signed by an account of ECR's, not by who pulls."""
    return Case(
        id="layer",
        principal=f"arn:aws:iam::{BYSTANDERS}:role/ecr",
        action="s3:GetObject",
        resource=f"arn:aws:s3:::{bucket}/layer",
        account=BYSTANDERS,
        identity=[EVERYTHING],
        **rest,
    )


@ENGINES
def test_a_layer_download_needs_the_statement_that_ecrctl_prints(acme: Synthesized, engine: Engine) -> None:
    own = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::acme-data/*"}
    theirs = {"Version": "2012-10-17", "Statement": [own]}
    assert engine([layer(endpoint=theirs)]) == {"layer": False}
    (printed,) = [e for e in rows(acme.registry)[2]["existing"] if e["service"].endswith(".s3")]
    added = {**theirs, "Statement": [own, *json.loads(json.dumps(printed["statements"]))]}
    assert engine([layer(endpoint=added)]) == {"layer": True}


@ENGINES
def test_our_gateway_lets_through_layers_of_its_region_and_nothing_else(acme: Synthesized, engine: Engine) -> None:
    policy = acme.policy(acme.registry.networks[0], "s3")
    assert engine([layer(endpoint=policy)]) == {"layer": True}
    for bucket in ("prod-us-west-2-starport-layer-bucket", "acme-data", "prod-us-east-1-starport-layer-bucket-2"):
        assert engine([layer(bucket, endpoint=policy)]) == {"layer": False}
    assert engine([replace(layer(endpoint=policy), action="s3:PutObject")]) == {"layer": False}


@ENGINES
def test_roles_are_assumed_and_logs_written_in_own_accounts_only(acme: Synthesized, engine: Engine) -> None:
    network = acme.registry.networks[0]
    sts, logs = acme.policy(network, "sts"), acme.policy(network, "logs")

    def ask(caller: str, action: str, resource: str, policy: Policy) -> bool:
        case = Case(
            id="it",
            principal=f"arn:aws:iam::{caller}:role/someone",
            action=action,
            resource=resource,
            account=resource.split(":")[4],
            identity=[EVERYTHING],
            resource_policy=OPEN if action == "sts:AssumeRole" else None,
            endpoint=policy,
        )
        return engine([case])["it"]

    own, stream = "123456789012", "arn:aws:logs:us-east-1:{}:log-group:web:log-stream:1"
    assert ask(own, "sts:AssumeRole", f"arn:aws:iam::{FOREIGN}:role/x", sts)
    assert not ask(FOREIGN, "sts:AssumeRole", f"arn:aws:iam::{FOREIGN}:role/x", sts)
    # A web identity has no account yet, so only the role can say whose call it is; the engines ask no endpoint then.
    unsigned = [it for it in sts["Statement"] if "Condition" not in it]
    assert [it["Action"] for it in unsigned] == ["sts:AssumeRoleWithWebIdentity"]
    assert [it["Resource"] for it in unsigned] == [f"arn:aws:iam::{own}:role/*"]
    assert ask(own, "logs:PutLogEvents", stream.format(own), logs)
    assert not ask(FOREIGN, "logs:PutLogEvents", stream.format(FOREIGN), logs)


def test_every_weaker_endpoint_policy_is_caught(acme: Synthesized) -> None:
    """The judge is awake: no statement of an endpoint policy can be weakened by a step without a difference."""
    cases: dict[str, list[tuple[Case, bool]]] = {}
    for network in (acme.registry.networks[0], acme.registry.networks[2]):
        policy = acme.policy(network, "ecr.dkr")
        for index, statement in enumerate(policy["Statement"]):
            if statement["Sid"].startswith("Login"):
                continue  # its resource is `*`; the test of logins has its callers
            first = statement["Action"][0].removeprefix("ecr:")
            for what, weaker in weakened(statement):
                if what.endswith(":repository/*"):
                    continue  # everything of ECR's that an account has; there is no wider resource in it
                statements = [*policy["Statement"][:index], weaker, *policy["Statement"][index + 1 :]]
                key = f"{network.name} {statement['Sid']} {what}"
                cases[key] = [
                    (replace(case, id=f"{key}: {case.id}"), wanted)
                    for case, wanted in asked(
                        acme.registry,
                        network,
                        {**policy, "Statement": statements},
                        ("DeleteRepository",) if what.startswith("action") else (first,),
                    )
                ]
    answers = second_opinion(case for each in cases.values() for case, _ in each)
    assert len(cases) > 40
    assert [what for what, each in cases.items() if not differences(each, answers)] == []
