"""Who may push to public repositories: both engines say of the templates what the file says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry.load import load
from registry.model import ExistingRole, Federated
from tests.judge.deployed import deployed
from tests.judge.engine import Case, judged, second_opinion
from tests.judge.test_examples import EVERYTHING
from tests.judge.weakened import weakened
from tests.synth import ROOT, synthesized

#: https://docs.aws.amazon.com/AmazonECR/latest/public/public-repository-policy-examples.html, written again.
PUSH = {"BatchCheckLayerAvailability", "CompleteLayerUpload", "InitiateLayerUpload", "PutImage", "UploadLayerPart"}
NOT = {"BatchDeleteImage", "DeleteRepository", "PutRepositoryCatalogData", "SetRepositoryPolicy"}
LOGIN = ("ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken")
ORGANIZATION = "o-a1b2c3d4e5"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Case, bool]]:
    registry, _ = load(ROOT / "tests" / "golden" / "public.yaml")
    return list(questions(registry, deployed(synthesized(registry, tmp_path_factory.mktemp("public"))[1])))


def questions(registry: Any, found: Any) -> Iterator[tuple[Case, bool]]:
    """Every principal and a twin of its role, on every public repository and one that no file names."""
    for principal in registry.principals:
        assert isinstance(principal, ExistingRole | Federated)
        for arn in (principal.arn, f"{principal.arn}-twin"):
            own = principal.account == registry.account
            identity = found.identity.get((principal.account, arn.rpartition("/")[2]), []) if own else [EVERYTHING]
            for name in ("hello", "tools/base", "tools/base2"):
                pushers = {who.arn for it in registry.public_repositories if it.name == name for who, _ in it.pushers}
                for organization in (ORGANIZATION, "o-z9y8x7w6v5", None):
                    bound = getattr(principal, "of_organization", None)
                    for action in sorted(PUSH | NOT):
                        case = Case(
                            id=f"{arn} {organization} {action} {name}",
                            principal=arn,
                            action=f"ecr-public:{action}",
                            resource=f"arn:aws:ecr-public::{registry.account}:repository/{name}",
                            account=registry.account,
                            identity=identity,
                            resource_policy=found.public.get(name),
                            context={"aws:PrincipalArn": arn, "aws:PrincipalAccount": principal.account}
                            | ({"aws:PrincipalOrgID": organization} if organization else {}),
                        )
                        yield case, arn in pushers and action in PUSH and (own or bound in (None, organization))
            if own:
                for action in LOGIN:
                    case = Case(
                        id=f"{arn} {action}", principal=arn, action=action, resource="*", account=registry.account,
                        identity=identity,
                    )  # fmt: skip
                    yield case, arn == principal.arn


@pytest.mark.parametrize("engine", [judged, second_opinion])
def test_whoever_is_named_may_push_there_and_nobody_else(asked: list[tuple[Case, bool]], engine: Any) -> None:
    answers = engine(case for case, _ in asked)
    assert any(wanted for _, wanted in asked)
    assert [case.id for case, wanted in asked if answers[case.id] != wanted] == []


def test_every_weaker_statement_of_a_repository_is_caught(tmp_path: Path) -> None:
    registry, _ = load(ROOT / "tests" / "golden" / "public.yaml")
    found = deployed(synthesized(registry, tmp_path)[1])
    policy = found.public["tools/base"]
    tried = 0
    for index, statement in enumerate(policy["Statement"]):
        more = {**statement, "Action": [*statement["Action"], "ecr-public:*"]}
        for what, weaker in (("action ecr-public:*", more), *weakened(statement)):
            # The role's ARN holds its account: naming that too is a second lock. ECR's own actions are nothing here.
            if what == "principal *" or what.startswith("action ecr:"):
                continue
            statements = [*policy["Statement"][:index], weaker, *policy["Statement"][index + 1 :]]
            changed = replace(found, public={"tools/base": {**policy, "Statement": statements}})
            asked = [(replace(case, id=f"{what} {case.id}"), wanted) for case, wanted in questions(registry, changed)]
            answers = second_opinion(case for case, _ in asked)
            assert any(answers[case.id] != wanted for case, wanted in asked), f"{index} {what}"
            tried += 1
    assert tried >= 4
