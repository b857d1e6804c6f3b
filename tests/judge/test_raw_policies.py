"""Policies that are written as they are: what we say of them, both engines say of the templates and of each policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from registry.access.explain import ask
from registry.access.openings import Audience, openings
from registry.access.policy_language import glob, speaks_of
from registry.load import check_sources, load
from registry.model import Registry
from registry.reading.include import read_files
from tests.judge.callers import Caller, callers
from tests.judge.deployed import Deployed, deployed
from tests.judge.engine import Case, judged, second_opinion
from tests.judge.test_examples import EVERYTHING
from tests.synth import ROOT, synthesized

ENGINES = pytest.mark.parametrize("engine", [judged, second_opinion])
ACTIONS = ("BatchGetImage", "PutImage", "BatchDeleteImage", "GetDownloadUrlForLayer", "DescribeImages")


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> tuple[Registry, Deployed]:
    registry, _ = load(ROOT / "tests" / "golden" / "raw-policies.yaml")
    _, templates = synthesized(registry, tmp_path_factory.mktemp("raw"))
    return registry, deployed(templates)


def questions(registry: Registry, found: Deployed) -> Iterator[tuple[Case, bool]]:
    """Every principal, action, repository and location, with what `ecrctl access --can` says."""
    principals = {it.name: it for it in registry.principals}
    for caller in callers(registry, tuple(at.region for at in registry.locations)):
        if not caller.genuine or caller.what not in principals:
            continue
        ours = caller.account in registry.accounts
        context = caller.context("ap-northeast-2") | {"aws:SecureTransport": "true"}
        if ours:
            context["aws:PrincipalOrgID"] = "o-a1b2c3d4e5"
        identity = found.identity.get((caller.account, caller.arn.rpartition("/")[2]), []) if ours else [EVERYTHING]
        for (at, repository), own in found.repositories.items():
            policy = both(own, found.registries.get(at))
            for action in ACTIONS:
                answer = ask(registry, principals[caller.what], f"ecr:{action}", repository)
                assert answer is not None
                case = Case(
                    id=f"{caller.what} {action} {at} {repository}",
                    principal=caller.arn,
                    action=f"ecr:{action}",
                    resource=f"arn:aws:ecr:{at.region}:{at.account}:repository/{repository}",
                    account=at.account,
                    identity=identity if caller.account else [],
                    resource_policy=policy,
                    context=context | (caller.context(at.region) if caller.source else {}),
                )
                yield case, any(at in reason.locations for reason in answer.reasons if reason.allows)


@cache
def _both(own: str, of_registry: str) -> dict[str, Any]:
    statements = [each for text in (own, of_registry) for each in (json.loads(text) or {"Statement": []})["Statement"]]
    return {"Version": "2012-10-17", "Statement": statements}


def both(own: Any, of_registry: Any) -> dict[str, Any]:
    """The policies of a repository and of its registry as one: either allows, and a Deny of either wins."""
    return _both(json.dumps(own), json.dumps(of_registry))


@ENGINES
def test_what_access_answers_is_what_the_templates_do(golden: tuple[Registry, Deployed], engine: Any) -> None:
    cases = {case.id: (case, said) for case, said in questions(*golden)}
    answers = engine([case for case, _ in cases.values()])
    assert [id for id, (_, said) in cases.items() if answers[id] != said] == []
    assert 20 < sum(said for _, said in cases.values()) < len(cases) - 20


HOME, OTHER, STRANGE = "123456789012", "210987654321", "999999999999"
PRINCIPALS: tuple[Any, ...] = (
    "*",
    {"AWS": "*"},
    {"AWS": ["arn:aws:iam::210987654321:root", "345678901234"]},
    {"AWS": "arn:aws:iam::210987654321:role/ci"},
    {"Service": "lambda.amazonaws.com"},
    {"AWS": "*", "Service": "lambda.amazonaws.com"},
)
ARN, ORG, PATHS = "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths"
CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {"Bool": {"aws:SecureTransport": "true"}},
    {"StringEquals": {ORG: "o-a1b2c3d4e5"}},
    {"StringEquals": {"aws:principalORGID": ["o-a1b2c3d4e5", "o-z9y8x7w6v5"]}},
    {"StringLike": {ORG: "o-*"}},
    {"StringLike": {ORG: "*"}},
    {"StringEqualsIfExists": {ORG: "o-a1b2c3d4e5"}},
    {"StringNotEquals": {ORG: "o-a1b2c3d4e5"}},
    {"ForAllValues:StringEquals": {ORG: "o-a1b2c3d4e5"}},
    {"Null": {ORG: "true"}},
    {"StringEquals": {ORG: "o-a1b2c3d4e5"}, "StringLike": {ARN: "*"}},
    {"ForAnyValue:StringLike": {PATHS: "o-a1b2c3d4e5/r-ab12/*"}},
    {"ForAnyValue:StringLike": {PATHS: "*"}},
    {"ArnLike": {ARN: "arn:aws:iam::210987654321:role/*"}},
    {"ArnEquals": {ARN: ["arn:aws:iam::210987654321:role/ci", "arn:aws:iam::345678901234:role/ci"]}},
    {"ArnLike": {ARN: "arn:aws:iam::*:role/ci"}},
    {"StringLike": {ARN: "arn:aws:iam::2*:role/ci"}},
    {"StringLike": {ARN: "arn:aws:iam::*:iam::210987654321:role/ci"}},
    {"ArnNotLike": {ARN: "arn:aws:iam::210987654321:role/ci"}},
    {"StringEquals": {"aws:PrincipalAccount": "210987654321"}},
    {"StringLike": {"aws:PrincipalAccount": "21098765432?"}},
    {"StringEquals": {"aws:PrincipalTag/team": "web"}},
    {"StringLike": {"aws:SourceArn": "arn:aws:lambda:*:210987654321:function:*"}},
    {"StringEquals": {"aws:SourceAccount": "210987654321"}},
)
#: A Deny beside it, or none.
DENIES: tuple[dict[str, Any] | None, ...] = (
    None,
    {"Principal": "*", "Action": "ecr:*", "Condition": {"StringNotEquals": {ORG: "o-a1b2c3d4e5"}}},
    {"Principal": "*", "Action": "ecr:*", "Condition": {"ArnNotLike": {ARN: "arn:aws:iam::210987654321:role/*"}}},
    {"Principal": "*", "Action": "ecr:*", "Condition": {"StringEquals": {ORG: "o-a1b2c3d4e5"}}},
    {"Principal": "*", "Action": "ecr:Batch*"},
    {"Principal": "*", "NotAction": "ecr:BatchGetImage"},
    {"NotPrincipal": {"AWS": ["arn:aws:iam::210987654321:role/ci", "210987654321"]}, "Action": "ecr:*"},
)
ODD = "a path that looks like another ARN"
ASKING = (
    Caller(what="ci", arn=f"arn:aws:iam::{OTHER}:role/ci", organization="o-a1b2c3d4e5"),
    Caller(what="its twin", arn=f"arn:aws:iam::{OTHER}:role/ci2", organization="o-a1b2c3d4e5"),
    Caller(what="a stranger", arn=f"arn:aws:iam::{STRANGE}:role/ci", organization="o-z9y8x7w6v5"),
    Caller(what="of no organization", arn=f"arn:aws:iam::{STRANGE}:role/ci"),
    Caller(what=ODD, arn=f"arn:aws:iam::{STRANGE}:role/:iam::{OTHER}:role/ci"),
    *(
        Caller(
            what=f"Lambda of {account}",
            arn="lambda.amazonaws.com",
            source={"eu-west-1": f"arn:aws:lambda:eu-west-1:{account}:function:f"},
        )
        for account in (OTHER, STRANGE)
    ),
)


def is_of(audience: Audience, caller: Caller) -> bool:
    """Whether a caller is of an audience, as its words say."""
    service = "" if caller.account else caller.arn
    source = caller.source.get("eu-west-1", "")
    return (
        audience.everybody
        or (audience.service is not None and audience.service == service)
        or (audience.service is None and not service and audience.other is None)
    ) and all(
        (
            audience.arn is None or glob(audience.arn, caller.arn),
            audience.account in (None, caller.account),
            audience.organization in (None, caller.organization),
            audience.path is None or glob(audience.path, f"{caller.organization}/r-ab12/"),
            audience.source is None or glob(audience.source, source) or audience.source in source,
        )
    )


@ENGINES
def test_nobody_is_let_in_of_whom_we_do_not_say_so(engine: Any) -> None:
    """Whatever an engine allows, is in what we read: to one of the audiences, among its actions."""
    said: dict[str, bool] = {}
    cases: list[Case] = []
    callers = [it for it in ASKING if engine is judged or it.what != ODD]  # the second takes its ARN apart otherwise
    for (p, who), (c, condition), (d, deny) in product(*map(enumerate, (PRINCIPALS, CONDITIONS, DENIES))):
        if deny and c > 2:
            continue
        allow = {
            "Effect": "Allow",
            "Principal": who,
            "Action": ["ecr:BATCHget*", "ecr:putimage"],
            "Condition": condition,
        }
        statements = [allow, *([{"Effect": "Deny", **deny}] if deny else [])]
        policy = {"Version": "2012-10-17", "Statement": statements}
        found = openings(policy)
        for caller, action in product(callers, ("BatchGetImage", "PutImage")):
            case = Case(
                id=f"{p} {c} {d} {caller.what} {action}",
                principal=caller.arn,
                action=f"ecr:{action}",
                resource=f"arn:aws:ecr:eu-west-1:{HOME}:repository/web/api",
                account=HOME,
                identity=[EVERYTHING] if caller.account else [],
                resource_policy=policy,
                context=caller.context("eu-west-1") | {"aws:SecureTransport": "true", "aws:PrincipalTag/team": "web"},
            )
            cases.append(case)
            said[case.id] = any(case.action in it.actions and is_of(it.audience, caller) for it in found)
    answers = engine(cases)
    assert [id for id, yes in answers.items() if yes and not said[id]] == []
    closed = sum(not yes for yes in said.values())
    assert closed > len(said) / 4  # and what we say is no excuse: we do not call everything open


_OURS = f"arn:aws:ecr:eu-west-1:{HOME}:repository"
#: What a statement of a registry policy is about.
RESOURCES: tuple[dict[str, Any], ...] = (
    {"Resource": "*"},
    {"Resource": f"{_OURS}/*"},
    {"Resource": [f"{_OURS}/data/*", f"{_OURS}/web/a?i"]},
    {"Resource": f"{_OURS}/web"},
    {"NotResource": f"{_OURS}/web/*"},
    {"NotResource": [f"{_OURS}/data/*", f"{_OURS}/web/api/*"]},
)


@ENGINES
def test_nobody_is_let_into_a_registry_of_whom_we_do_not_say_so(engine: Any) -> None:
    """The same of registry policies: a Deny narrows only what it speaks of, and each statement its own repositories."""
    said: dict[str, bool] = {}
    cases: list[Case] = []
    for (r, about), (n, not_about), (d, deny), (c, condition) in product(
        enumerate(RESOURCES), enumerate(RESOURCES), enumerate(DENIES), enumerate(CONDITIONS[:3])
    ):
        allow = {"Effect": "Allow", "Principal": "*", "Action": ["ecr:Batch*", "ecr:PutImage"], **about}
        statements = [allow | {"Condition": condition}, *([{"Effect": "Deny", **deny, **not_about}] if deny else [])]
        policy = {"Version": "2012-10-17", "Statement": statements}
        found = openings(policy)
        for caller, action, name in product(ASKING[:3], ("BatchGetImage", "PutImage"), ("web/api", "data/api")):
            case = Case(
                id=f"{r} {n} {d} {c} {caller.what} {action} {name}",
                principal=caller.arn,
                action=f"ecr:{action}",
                resource=f"{_OURS}/{name}",
                account=HOME,
                identity=[EVERYTHING],
                resource_policy=policy,
                context=caller.context("eu-west-1") | {"aws:SecureTransport": "true"},
            )
            cases.append(case)
            said[case.id] = any(
                case.action in it.actions
                and is_of(it.audience, caller)
                and speaks_of(statements[it.statement], case.resource) is not False
                for it in found
            )
    answers = engine(cases)
    assert [id for id, yes in answers.items() if yes and not said[id]] == []
    assert sum(not yes for yes in said.values()) > len(said) / 3


def test_a_team_that_writes_any_of_these_policies_opens_nothing_by_it(tmp_path: Path) -> None:
    """Without a principal marked for it, no Allow of a team's passes, but to the own account, which opens nothing."""
    (tmp_path / "teams").mkdir()
    names = {}
    for (p, who), (c, condition) in product(enumerate(PRINCIPALS), enumerate(CONDITIONS)):
        allow = {"Effect": "Allow", "Principal": who, "Action": "ecr:PutImage"}
        names[f"web/r{p}-{c}"] = {
            "repository_policy": {"Statement": [{**allow, **({"Condition": condition} if condition else {})}]}
        }
    root = {
        "registry": {"name": "acme", "account": HOME, "region": "eu-west-1"},
        "include": ["teams/*.yaml"],
        "access": {"organization": "o-a1b2c3d4e5"},
    }
    (tmp_path / "registry.yaml").write_text(json.dumps(root))
    (tmp_path / "teams" / "web.yaml").write_text(json.dumps({"namespace": "web", "repositories": names}))
    outcome = check_sources(read_files(tmp_path / "registry.yaml", "registry.yaml"))
    refused = [f for f in outcome.findings if f.rule == "repository-policy-team"]
    opening = [name for name, it in names.items() if openings(it["repository_policy"])]
    assert len(refused) == len(opening) > 100
