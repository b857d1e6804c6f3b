"""Whom a destination lets replicate, and what ECR may create there: judged by both engines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from registry.access.ecr_actions import ON_REPOSITORIES
from registry.access.registry_policy import registry_policy
from registry.load import load
from registry.locations import Location
from tests.judge.deployed import Deployed, deployed
from tests.judge.engine import Case, judged, second_opinion
from tests.judge.weakened import weakened
from tests.synth import ROOT, SMALL, declared, synthesized

HOME, STRANGER = "123456789012", "999999999999"
#: https://docs.aws.amazon.com/AmazonECR/latest/userguide/slr-replication.html
SERVICE_LINKED = "aws-service-role/replication.ecr.amazonaws.com/AWSServiceRoleForECRReplication"
REPLICATES = {"CreateRepository", "ReplicateImage"}
CREATES = {*REPLICATES, "TagResource"}
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
DESTINATIONS = {
    Location("678901234567", "eu-central-1"): "checkout",
    Location("567890123456", "eu-west-1"): "mobile",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    registry, _ = load(ROOT / "examples" / "company" / "registry.yaml")
    made = deployed(synthesized(registry, tmp_path_factory.mktemp("replication"))[1])
    assert registry.home in made.registries  # by which others fetch for its caches: test_examples.py judges that
    return replace(made, registries={at: it for at, it in made.registries.items() if at.account != registry.account})


def arriving(registries: dict[Location, Any]) -> Iterator[tuple[Case, bool]]:
    """The replication of the home's account and of a stranger's, every action, declared prefixes and others."""
    for at, policy in registries.items():
        for account in (HOME, STRANGER):
            for name in ("checkout/api", "checkout/x/y", "checkouts/api", "checkout", "mobile/api", "web/api"):
                for action in sorted(ON_REPOSITORIES):
                    inside = name.startswith(f"{DESTINATIONS[at]}/")
                    case = Case(
                        id=f"{account} {action} {at} {name}",
                        principal=f"arn:aws:iam::{account}:role/{SERVICE_LINKED}",
                        action=f"ecr:{action}",
                        resource=f"arn:aws:ecr:{at.region}:{at.account}:repository/{name}",
                        account=at.account,
                        identity=[EVERYTHING],
                        resource_policy=policy,
                    )
                    yield case, account == HOME and inside and action in REPLICATES


def wrong(questions: list[tuple[Case, bool]], answers: dict[str, bool]) -> list[str]:
    return [case.id for case, wanted in questions if answers[case.id] != wanted]


def test_destinations_in_other_accounts_have_a_policy_and_regions_of_this_one_have_none(found: Deployed) -> None:
    assert set(found.registries) == set(DESTINATIONS)


def test_a_destination_takes_what_is_declared_for_it_from_the_home_alone(found: Deployed) -> None:
    questions = list(arriving(dict(found.registries)))
    assert any(wanted for _, wanted in questions)
    assert wrong(questions, judged(case for case, _ in questions)) == []
    assert wrong(questions, second_opinion(case for case, _ in questions)) == []


def test_a_destination_of_everything_takes_everything_from_the_home_alone() -> None:
    at = Location("678901234567", "eu-central-1")
    registry = declared(f"{SMALL}replicas: {{{at}: {{all_repositories: true}}}}\nrepositories: {{web/api: }}")
    policy = registry_policy(registry, at)
    questions = [(case, wanted or _is_of_home(case)) for case, wanted in arriving({at: policy})]
    assert wrong(questions, judged(case for case, _ in questions)) == []
    assert wrong(questions, second_opinion(case for case, _ in questions)) == []


def _is_of_home(case: Case) -> bool:
    return f":{HOME}:" in case.principal and case.action.removeprefix("ecr:") in REPLICATES


def test_every_weaker_registry_policy_is_caught(found: Deployed) -> None:
    seen = 0
    for at, policy in found.registries.items():
        (statement,) = [it for it in policy["Statement"] if "ecr:ReplicateImage" in it["Action"]]
        others = [it for it in policy["Statement"] if it is not statement]  # of caches: test_examples.py weakens those
        for what, weaker in weakened(statement):
            seen += 1
            questions = list(arriving({at: {**policy, "Statement": [weaker, *others]}}))
            assert wrong(questions, second_opinion(case for case, _ in questions)), what
    assert seen > 4


def test_ecr_creates_in_its_role_below_the_templates_only(found: Deployed) -> None:
    roles = {key: policies for key, policies in found.identity.items() if key[1] == "company-ecr-creation"}
    assert {account for account, _ in roles} == {HOME, *(at.account for at in DESTINATIONS)}
    questions = []
    for (account, role), policies in roles.items():
        here = next((at for at in DESTINATIONS if at.account == account), Location(HOME, "us-east-1"))
        below = DESTINATIONS.get(here, "web")
        for name in (f"{below}/to-come", f"{below}s/api", f"{below}", "unknown/api"):
            for action in sorted(ON_REPOSITORIES):
                case = Case(
                    id=f"{account} {action} {name}",
                    principal=f"arn:aws:iam::{account}:role/{role}",
                    action=f"ecr:{action}",
                    resource=f"arn:aws:ecr:{here.region}:{account}:repository/{name}",
                    account=account,
                    identity=policies,
                )
                questions.append((case, action in CREATES and name == f"{below}/to-come"))
    assert wrong(questions, judged(case for case, _ in questions)) == []
    assert wrong(questions, second_opinion(case for case, _ in questions)) == []
