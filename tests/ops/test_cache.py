"""`ecrctl cache validate`: what ECR says of each rule, and what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from registry.errors import ExitCode
from tests.ops.stubs import ACCOUNT, HOME, REPLICA, Cloud, stubbed
from tests.synth import SMALL

HUB = "hub: {upstream_registry: docker-hub, secret: ecr-pullthroughcache/hub}"
OURS = "345678901234.dkr.ecr.us-east-1.amazonaws.com"
ARN = f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:ecr-pullthroughcache/hub-AbCdEf"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)  # one call at a time, as a stub answers in one order
    with stubbed(monkeypatch) as made:
        made.caller()
        yield made


def says(cloud: Cloud, prefix: str, at: str = HOME, **answer: Any) -> None:
    cloud.expect("validate_pull_through_cache_rule", answer, {"ecrRepositoryPrefix": prefix}, at=at)


def validate(folder: Path, rules: str, *options: str) -> tuple[int, str]:
    file = folder / "registry.yaml"
    file.write_text(
        f"{SMALL}replicas: {{{REPLICA}: {{namespaces: [web]}}}}\npull_through_cache_rules: {{{rules}}}\n"
        "creation_templates: {ROOT: {applied_for: [PULL_THROUGH_CACHE]}}\nrepositories: {web/api: }\n"
    )
    finished = CliRunner().invoke(app, ["cache", "validate", "--registry", str(file), *options])
    assert finished.exception is None or isinstance(finished.exception, SystemExit), finished.exception
    return finished.exit_code, finished.output


def test_every_rule_is_asked_at_each_of_its_locations(cloud: Cloud, tmp_path: Path) -> None:
    says(cloud, "hub", isValid=True)
    says(cloud, "hub", REPLICA, isValid=True)
    code, said = validate(tmp_path, HUB.replace("}", f", locations: [{HOME}, {REPLICA}]}}"), "--json")
    assert code == ExitCode.FINE
    assert [(row["prefix"], row["location"], row["works"]) for row in json.loads(said)] == [
        ("hub", REPLICA, True),
        ("hub", HOME, True),
    ]


def test_a_secret_without_a_credential_is_told_with_the_words_that_store_one(cloud: Cloud, tmp_path: Path) -> None:
    """https://github.com/aws/containers-roadmap/issues/2354: people met "authentication to the upstream registry
    failed" at a pull, and had nothing to look at.
    """
    failure = "The authentication to the upstream registry failed."
    says(cloud, "hub", isValid=False, failure=failure)
    code, said = validate(tmp_path, HUB)
    assert code == ExitCode.NO
    assert f"hub\t{HOME}\tregistry-1.docker.io\tno\t{failure}" in said
    assert (
        f"aws secretsmanager put-secret-value --region {HOME} --secret-id ecr-pullthroughcache/hub "
        "--secret-string file://credential.json" in said
    )
    assert '{"username": "NAME", "accessToken": "TOKEN"}' in said
    assert "No deploy is needed" in said


def test_a_secret_of_ones_own_may_be_under_a_key_that_ecr_cannot_use(cloud: Cloud, tmp_path: Path) -> None:
    says(cloud, "hub", isValid=False)
    code, said = validate(tmp_path, f"hub: {{upstream_registry: docker-hub, credential_arn: '{ARN}'}}")
    assert code == ExitCode.NO
    assert "ECR gives no reason" in said
    assert f"--secret-id {ARN} " in said
    assert "must be encrypted with aws/secretsmanager" in said


@pytest.mark.parametrize(
    ("rule", "way_out"),
    [
        (f"upstream_registry: ecr, upstream_registry_url: {OURS}", "`ecrctl access --for-account 345678901234`"),
        (f"upstream_registry: ecr, upstream_registry_url: {OURS.replace('345678901234', ACCOUNT)}",
         f"look whether {ACCOUNT}/us-east-1 has the repositories"),
        ("upstream_registry: k8s", "look whether registry.k8s.io can be reached"),
    ],
)  # fmt: skip
def test_what_to_look_at_where_no_secret_is_the_reason(cloud: Cloud, tmp_path: Path, rule: str, way_out: str) -> None:
    says(cloud, "base", isValid=False, failure="no")
    code, said = validate(tmp_path, f"base: {{{rule}}}")
    assert code == ExitCode.NO
    assert way_out in said


def test_a_rule_that_is_not_deployed_does_not_work(cloud: Cloud, tmp_path: Path) -> None:
    cloud.refuse("validate_pull_through_cache_rule", "PullThroughCacheRuleNotFoundException")
    code, said = validate(tmp_path, HUB)
    assert code == ExitCode.NO
    assert "the rule is not deployed" in said
    assert "make deploy" in said


def test_a_rule_without_a_login_may_not_be_validated_at_all(cloud: Cloud, tmp_path: Path) -> None:
    cloud.refuse("validate_pull_through_cache_rule", "InvalidParameterException")
    code, said = validate(tmp_path, "k8s: {upstream_registry: k8s}")
    assert code == ExitCode.FINE
    assert f"k8s\t{HOME}\tregistry.k8s.io\tnot validated\tECR validates rules with a login" in said


def test_a_file_without_caches_asks_nobody(cloud: Cloud, tmp_path: Path) -> None:
    code, said = validate(tmp_path, "")
    assert code == ExitCode.FINE
    assert "declares no pull-through cache rule" in said
