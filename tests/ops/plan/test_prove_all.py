"""`ecrctl access --prove`: IAM Access Analyzer is asked about every policy of a file, and what it answers is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import ANY
from typer.testing import CliRunner, Result

from ops.aws.cloud import CloudError, OddAnswer
from ops.cli import app
from registry.errors import ExitCode
from registry.load import load
from registry.plan.proof import NOBODY
from tests.ops.stubs import Cloud, stubbed
from tests.registry.plan.test_templates_explained import templates
from tests.synth import SMALL

FILE = f"""{SMALL}
principals:
  ci: {{github: acme/web, owner_id: 1, repository_id: 2, branch: main}}
  other: {{account: "210987654321"}}
repositories: {{web/api: {{push: [ci], pull: [other]}}, web/ui: {{pull: [other]}}}}
"""
PASS: dict[str, Any] = {"result": "PASS", "message": "no"}
FAIL: dict[str, Any] = {"result": "FAIL", "message": "yes", "reasons": [{"description": "new", "statementIndex": 0}]}
VALID: dict[str, Any] = {"findings": []}
BOTH = "web/api (repository policy in ap-northeast-2), web/ui (repository policy in ap-northeast-2)"


def finding(kind: str, code: str) -> dict[str, Any]:
    row = {"findingType": kind, "issueCode": code, "findingDetails": "read it", "learnMoreLink": "x", "locations": []}
    return {"findings": [row]}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """One thing after the other: a stub answers in one order."""
    monkeypatch.setattr("ops.plan.prove_all.templates", lambda file: templates(load(file)[0]))
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)
    monkeypatch.setattr("ops.plan.prove_all.AT_ONCE", 1)
    with stubbed(monkeypatch) as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_text(FILE)
    return path


def proved(file: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["access", "-f", str(file), "--prove", *options])


#: The operations in their order: of auditors, who takes the role of ci and its policy, and one of two repositories.
ASKED = (
    *("validate_policy", "check_access_not_granted"),
    *("validate_policy", "check_no_public_access"),
    *("validate_policy", "check_access_not_granted"),
    *("validate_policy", "check_access_not_granted", "check_no_new_access"),
)


def expect(cloud: Cloud, changed: dict[int, dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Every question, with what is asked; all are fine but those of an index."""
    parameters: list[dict[str, Any]] = []
    for index, operation in enumerate(ASKED):
        fine = VALID if operation == "validate_policy" else PASS
        cloud.expect(operation, (changed or {}).get(index, fine))
    client = cloud.stub("accessanalyzer").client
    client.meta.events.register("provide-client-params.*.*", lambda params, **_: parameters.append(params))
    return parameters


def test_each_policy_is_asked_about_once_and_what_it_costs_is_said_before(cloud: Cloud, file: Path) -> None:
    expect(cloud)
    done = proved(file)
    assert done.exit_code == ExitCode.FINE, done.output
    assert "asking IAM Access Analyzer 9 questions; AWS bills 5 of them" in done.stderr
    assert done.stdout == (
        "AWS proves of every policy, valid: yes 4, administers: yes 3, not public: yes 1, as shown: yes 1\n"
    )


def test_a_repository_policy_is_compared_with_what_access_shows(cloud: Cloud, file: Path) -> None:
    asked = expect(cloud)
    proved(file)
    document, reference = (json.loads(asked[-1][key]) for key in ("newPolicyDocument", "existingPolicyDocument"))
    (statement,) = document["Statement"]
    assert statement["Resource"] == "*"  # ECR takes none there, and AWS's checks want one
    assert {json.dumps(it["Principal"]) for it in reference["Statement"]} == {
        '{"AWS": "arn:aws:iam::210987654321:root"}', '"*"',
    }  # fmt: skip
    assert all(it["Action"] == statement["Action"] for it in reference["Statement"])


def test_a_trust_policy_is_asked_about_as_such(cloud: Cloud, file: Path) -> None:
    """Without its type AWS wants a Resource in it: kakakakakku's terraform-iam-policy-validator #23."""
    asked = expect(cloud)
    proved(file)
    trust = "AWS::IAM::AssumeRolePolicyDocument"
    assert [it.get("validatePolicyResourceType") for it in asked if "locale" in it] == [None, trust, None, None]
    (public,) = (it for it in asked if "resourceType" in it)
    assert public["resourceType"] == trust
    assert "Resource" not in json.loads(public["policyDocument"])["Statement"][0]
    assert [it["access"][0]["actions"] for it in asked if "access" in it] == [list(NOBODY)] * 3


@pytest.mark.parametrize(
    ("index", "answer", "words"),
    [
        (1, FAIL, "lets somebody write policies or delete repositories"),
        (3, FAIL, "lets anybody in the world take the role"),
        (8, FAIL, "allows more than `ecrctl access` shows: report it"),
        (4, finding("SECURITY_WARNING", "PASS_ROLE_WITH_STAR_IN_RESOURCE"), "PASS_ROLE_WITH_STAR_IN_RESOURCE: read it"),
        (6, finding("ERROR", "INVALID_ACTION"), "ERROR INVALID_ACTION: read it"),
    ],
)
def test_what_aws_finds_is_an_answer_of_no(
    cloud: Cloud, file: Path, index: int, answer: dict[str, Any], words: str
) -> None:
    expect(cloud, {index: answer})
    done = proved(file)
    assert done.exit_code == ExitCode.NO
    assert words in done.stdout
    assert ": no 1" in done.stdout


def test_what_aws_advises_is_shown_and_no_reason_to_fail(cloud: Cloud, file: Path) -> None:
    expect(cloud, {6: finding("SUGGESTION", "REDUNDANT_ACTION")})
    done = proved(file)
    assert done.exit_code == ExitCode.FINE
    assert f"{BOTH}: SUGGESTION REDUNDANT_ACTION: read it" in done.stderr


def test_every_page_of_findings_is_read(cloud: Cloud, file: Path) -> None:
    first = {**finding("SUGGESTION", "REDUNDANT_ACTION"), "nextToken": "more"}
    cloud.expect("validate_policy", first)
    cloud.expect(
        "validate_policy",
        finding("ERROR", "INVALID_ACTION"),
        {"policyDocument": ANY, "policyType": ANY, "locale": "EN", "nextToken": "more"},
    )
    for operation in ASKED[1:]:
        cloud.expect(operation, VALID if operation == "validate_policy" else PASS)
    done = proved(file, "--json")
    assert done.exit_code == ExitCode.NO
    (wrong,) = (it for it in json.loads(done.stdout) if not it["fine"])
    assert wrong["check"] == "valid"
    assert wrong["said"] == ["SUGGESTION REDUNDANT_ACTION: read it", "ERROR INVALID_ACTION: read it"]


def test_a_policy_that_aws_cannot_judge_is_named(cloud: Cloud, file: Path) -> None:
    cloud.refuse("validate_policy", "ValidationException", "not a policy")
    done = proved(file)
    assert isinstance(done.exception, CloudError)
    assert done.exception.exit_code == ExitCode.UNKNOWN
    assert "not a policy (ValidationException)\n    about: " in str(done.exception)


def test_an_answer_that_is_neither_yes_nor_no_is_no_proof(cloud: Cloud, file: Path) -> None:
    cloud.expect("validate_policy", VALID)
    cloud.expect("check_access_not_granted", {"result": "PERHAPS"})
    done = proved(file)
    assert isinstance(done.exception, OddAnswer)
    assert "its result is PERHAPS" in str(done.exception)


def test_a_pipeline_may_pass_on_the_roles_that_the_file_names() -> None:
    """And nothing else of what nobody may."""
    from registry.plan.access_proof import Check, questions_about
    from tests.synth import ROOT, declared

    registry = declared((ROOT / "tests" / "golden" / "pipeline.yaml").read_text())
    asked = questions_about(registry.home, templates(registry))
    left = {frozenset(NOBODY) - frozenset(it.administers): it.about for it in asked if it.check is Check.ADMINISTERS}
    assert set(left) == {frozenset(), frozenset({"iam:PassRole"})}
    assert all("@pipeline" in name for name in left[frozenset({"iam:PassRole"})])
