"""`ecrctl plan --prove`: IAM Access Analyzer is asked about the policies that change, and what it answers is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ops.aws.cloud import CloudError, OddAnswer, aws_errors
from ops.cli import app
from registry.errors import ExitCode
from registry.load import load
from registry.plan.proof import NOBODY
from tests.ops.plan.test_plan import OneAfterTheOther
from tests.ops.stubs import Cloud, stubbed
from tests.registry.plan.test_templates_explained import templates
from tests.synth import SMALL

WHO = 'principals: {other: {account: "210987654321"}, third: {account: "310987654321"}}\n'
NONE = f"{SMALL}{WHO}repositories: {{web/api: }}\n"
ONE = NONE.replace("web/api: ", "web/api: {pull: [other]}")
BOTH = NONE.replace("web/api: ", "web/api: {pull: [other, third]}")
WHOSE = "web/api (repository policy in ap-northeast-2)"
PASS: dict[str, Any] = {"result": "PASS", "message": "no"}
FAIL: dict[str, Any] = {"result": "FAIL", "message": "yes", "reasons": [{"description": "new", "statementIndex": 0}]}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """One thing after the other: a stub answers in one order, and two apps do not go in one process."""
    monkeypatch.setattr("ops.plan.run.templates", lambda file: templates(load(file)[0]))
    monkeypatch.setattr("ops.plan.run.ThreadPoolExecutor", lambda _: OneAfterTheOther())
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)


def planned(tmp_path: Path, old: str, new: str, *options: str) -> Result:
    paths = [tmp_path / "old.yaml", tmp_path / "new.yaml"]
    for path, text in zip(paths, (old, new), strict=True):
        path.write_text(text)
    return CliRunner().invoke(app, ["plan", *map(str, paths), "--prove", *options])


def expect_both_ways(cloud: Cloud, more: dict[str, Any], less: dict[str, Any]) -> None:
    for answer in (more, less):
        cloud.expect("check_no_new_access", answer)


def test_a_policy_is_asked_about_both_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    with stubbed(monkeypatch) as cloud:
        expect_both_ways(cloud, FAIL, PASS)
        client = cloud.stub("accessanalyzer").client
        client.meta.events.register("provide-client-params.*.*", lambda params, **_: asked.append(params))
        finished = planned(tmp_path, ONE, BOTH)
    assert finished.exit_code == ExitCode.FINE, finished.output
    assert f"safe: {WHOSE}: AWS: more access, as other changes here say [aws-agrees]" in finished.output
    (there, back), keys = asked, ("existingPolicyDocument", "newPolicyDocument")
    assert [it["policyType"] for it in asked] == ["RESOURCE_POLICY"] * 2
    assert ["310987654321" in there[key] for key in keys] == [False, True]
    assert [back[key] for key in keys] == [there[key] for key in reversed(keys)]


def test_access_that_the_plan_does_not_tell_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stubbed(monkeypatch) as cloud:
        expect_both_ways(cloud, FAIL, FAIL)
        finished = planned(tmp_path, BOTH, ONE, "--json", "--fail-on", "opens")
    assert finished.exit_code == ExitCode.NO
    (found,) = (it for it in json.loads(finished.stdout)["changes"] if it["risk"] == "opens")
    assert (found["rule"], found["subjects"], found["after"]) == ("aws-says-more", [WHOSE], "statement 1")
    assert "more and less access than before" in found["message"]


@pytest.mark.parametrize(("answer", "rule"), [(FAIL, "aws-says-administers"), (PASS, "aws-agrees")])
def test_a_new_policy_is_asked_for_what_nobody_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], rule: str
) -> None:
    (document,) = (
        it["Properties"]["RepositoryPolicyText"]
        for template in templates(load(written(tmp_path, ONE))[0]).values()
        for it in template["Resources"].values()
        if "RepositoryPolicyText" in it.get("Properties", {})
    )
    wanted = {
        "policyDocument": json.dumps(document, sort_keys=True),
        "access": [{"actions": list(NOBODY)}],
        "policyType": "RESOURCE_POLICY",
    }
    with stubbed(monkeypatch) as cloud:
        cloud.expect("check_access_not_granted", answer, wanted)
        finished = planned(tmp_path, NONE, ONE)
    assert f"[{rule}]" in finished.output


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_text(text)
    return path


PUSHED = (
    f"{SMALL}principals: {{ci: {{github: acme/web, owner_id: 1, repository_id: 2, branch: main}}}}\n"
    "repositories: {web/api: {push: [ci]}%s}\n"
)


def test_a_role_that_gets_a_new_repository_alone_has_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of the new document without that repository is what was there, so AWS is asked no less."""
    documents: list[dict[str, Any]] = []
    with stubbed(monkeypatch) as cloud:
        expect_both_ways(cloud, PASS, PASS)
        client = cloud.stub("accessanalyzer").client
        client.meta.events.register("provide-client-params.*.*", lambda params, **_: documents.append(params))
        finished = planned(tmp_path, PUSHED % "", PUSHED % ", web/new: {push: [ci]}", "--fail-on", "opens")
    assert finished.exit_code == ExitCode.FINE, finished.output
    assert "acme-ci (policies in ap-northeast-2): AWS: the same access" in finished.output
    assert [it["policyType"] for it in documents] == ["IDENTITY_POLICY"] * 2
    assert ["web/new" in it["newPolicyDocument"] for it in documents] == [False, False]
    assert "web/new" in documents[1]["existingPolicyDocument"]


def test_where_no_policy_differs_nobody_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stubbed(monkeypatch) as cloud:
        finished = planned(tmp_path, ONE, ONE.replace("{pull", "{owner: team-web, pull"))
    assert finished.exit_code == ExitCode.FINE
    assert not cloud.stubs


def test_a_policy_that_aws_cannot_judge_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stubbed(monkeypatch) as cloud:
        cloud.refuse("check_no_new_access", "UnprocessableEntityException", "too hard")
        finished = planned(tmp_path, ONE, BOTH)
    assert isinstance(finished.exception, CloudError)
    assert finished.exception.exit_code == ExitCode.UNKNOWN
    assert f"too hard (UnprocessableEntityException)\n    about: {WHOSE}\n    way out: " in str(finished.exception)


def test_a_refusal_is_told_as_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stubbed(monkeypatch) as cloud:
        cloud.refuse("check_no_new_access", "AccessDeniedException", "not you")
        finished = planned(tmp_path, ONE, BOTH)
    assert finished.exception is not None
    with pytest.raises(CloudError, match="it takes access-analyzer:CheckNoNewAccess"), aws_errors():
        raise finished.exception


def test_an_answer_that_is_neither_yes_nor_no_is_no_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stubbed(monkeypatch) as cloud:
        cloud.expect("check_no_new_access", {"result": "PERHAPS"})
        finished = planned(tmp_path, ONE, BOTH)
    assert isinstance(finished.exception, OddAnswer)
    assert "its result is PERHAPS" in str(finished.exception)


def test_an_old_file_with_errors_is_not_asked_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ONE.replace("{pull", "{moving_tags: [a, b, c, d, e, f], pull")
    with stubbed(monkeypatch) as cloud:
        finished = planned(tmp_path, broken, BOTH)
    assert "not looked for, and IAM Access Analyzer is not asked" in finished.stderr
    assert not cloud.stubs
