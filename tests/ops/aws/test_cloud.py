"""Whatever AWS or the network answers is a message and exit code 3, in every command; no traceback, no false answer."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.aws import cloud
from ops.aws.attempts import CONNECT_TIMEOUT, READ_TIMEOUT
from ops.aws.cdk_cli import Assembly
from ops.aws.cloud import CloudError, OddAnswer
from ops.aws.stacks import resources_of
from ops.cli import app
from ops.drift.iam import MANAGED_POLICY
from ops.drift.reading import Keys
from ops.lifecycle.inspector import is_enhanced
from registry.errors import ExitCode
from registry.locations import Location
from tests.ops.odd_aws import LONG, OddAws
from tests.ops.stubs import ACCOUNT, HOME, stubbed
from tests.ops.test_commands import IDS
from tests.synth import ROOT, SMALL, declared

TEXT = (
    f"{SMALL}replicas: {{us-west-2: }}\naccount_settings: {{blob_mounting: ENABLED}}\nrepositories: {{web/api: }}\n"
    "pull_through_cache_rules: {k8s: {upstream_registry: k8s}}\n"
)
#: A proxy's page, an empty map, nothing, half an answer, a list, an empty body, and a map of something else.
BODIES = {
    "html": b"<html><head><title>Sign in</title></head><body>Proxy<br></body></html>",
    "empty-map": b"{}",
    "null": b"null",
    "cut": b'{"repositories": [{"repositoryName": "web/api"}',
    "list": b"[]",
    "nothing": b"",
    "other": b'{"unexpected": {"a": 1}}',
    "wrong-kinds": b'{"repositories": 7, "scanningConfiguration": [], "rules": "x", "settings": null}',
    "null-rows": b'{"repositories": [null], "pullThroughCacheRules": [null], "imageDetails": [null]}',
    "bytes": b"\xff\xfe\x00",
}
COMMANDS: dict[str, list[str]] = {
    "access --prove": ["access", "--prove"],
    "drift": ["drift"],
    "drift before a deploy": ["drift", "--before-deploy"],
    "scan": ["scan", "web/api"],
    "settings": ["settings", "--yes"],
    "signing": ["signing", "web/api"],
    "backfill": ["backfill", "--yes"],
    "backfill --list": ["backfill", "--list"],
    "backfill --stop": ["backfill", "--stop"],
    "adopt": ["adopt", "acme", "--region", HOME],
    "cache validate": ["cache", "validate"],
    "archive": ["archive", "web/api:v1", "--yes"],
    "cost --live": ["cost", "--live"],
    "delete": ["delete", "web/api:v1", "--yes"],
    "findings": ["findings"],
    "image": ["image", "web/api:v1"],
    "images": ["images", "web/api"],
    "import": ["import", "web/api", "--yes"],
    "import --all": ["import", "--all", "--yes"],
    "align": ["align", "us-west-2", "--yes"],
    "import --registry-wide": ["import", "--registry-wide", "--yes"],
    "clear-failed": ["clear-failed", "--yes"],
    "lifecycle preview": ["lifecycle", "preview", "--all"],
    "lifecycle guard": ["lifecycle", "guard"],
    "lifecycle running": ["lifecycle", "running", "--region", HOME],
    "login": ["login", "--print"],
    "plan --live": ["plan", str(ROOT / "examples" / "minimal" / "registry.yaml"), "--live"],
    "plan --prove": ["plan", str(ROOT / "examples" / "minimal" / "registry.yaml"), "--prove"],
    "prices --renew": ["prices", "--renew"],
    "promote": ["promote", "web/api:v1", "prod", "--yes"],
    "release": ["release", "web/api", "build-7", "--version", "1.2.3"],
    "repositories": ["repositories"],
    "restore": ["restore", "web/api:v1"],
    "usage": ["usage"],
    "usage --what-if": ["usage", "--no-manifests", "--what-if", "declared"],
    "bootstrap": ["bootstrap", "--yes"],
    "retire": ["retire", "--check"],
    "replacements": ["replacements"],
    "drift --fix": ["drift", "--fix", "--yes"],
    "before-deploy": ["before-deploy"],
    "after-deploy": ["after-deploy"],
}
#: What needs no account, at least without an option.
OFFLINE = {
    *("validate", "access", "network", "schema", "rule", "lifecycle check", "lifecycle simulate"),
    *("cost", "init", "permissions", "plan", "prices", "report", "rewrite", "show", "snippet", "upgrade-check"),
}


def use(odd: OddAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in odd.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    nothing = Assembly(Path(), {})  # what the app makes, without a synth
    monkeypatch.setattr("ops.aws.cdk_cli.app_stacks", lambda file, folder: frozenset())
    monkeypatch.setattr("ops.aws.cdk_cli.synthesized_assembly", lambda file, folder: nullcontext(nothing))
    monkeypatch.setattr("ops.plan.run.templates", with_a_policy_of_its_own)
    monkeypatch.setattr("ops.plan.prove_all.templates", with_a_policy_of_its_own)


def with_a_policy_of_its_own(file: Path) -> dict[Any, Any]:
    """Templates of a side for a plan, which differ in a policy."""
    document = {"Version": "2012-10-17", "Statement": [{"Sid": file.parent.name, "Effect": "Allow"}]}
    policy = {"Type": "AWS::ECR::RegistryPolicy", "Properties": {"PolicyText": document}}
    return {(Location(ACCOUNT, HOME), "acme-Registry"): {"Resources": {"RegistryPolicy": policy}}}


def invoked(tmp_path: Path, words: list[str]) -> tuple[int, str]:
    """The exit code, and everything said; a command's error is what main() would say."""
    file = tmp_path / "registry.yaml"
    file.write_text(TEXT)
    options = [] if {"running", "adopt"} & set(words) else ["--registry", str(file)]
    finished = CliRunner().invoke(app, [*words, *options])
    if finished.exception is None or isinstance(finished.exception, SystemExit):
        return finished.exit_code, finished.output
    assert isinstance(finished.exception, CloudError), repr(finished.exception)
    return finished.exception.exit_code, finished.output + str(finished.exception)


def test_every_command_that_asks_aws_is_tried() -> None:
    tried = {name for name in IDS if any(" ".join(words).startswith(name) for words in COMMANDS.values())}
    assert tried | OFFLINE == set(IDS)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_no_command_takes_an_odd_answer_for_an_answer(
    words: list[str], body: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OddAws(lambda operation: (200, body)).running() as odd:
        use(odd, monkeypatch)
        code, said = invoked(tmp_path, words)
    assert code == ExitCode.UNKNOWN, said
    assert odd.asked[-1] in said or "AWS's answer to " in said  # names an operation
    assert "way out: " in said


@pytest.mark.parametrize("body", ["html", "null", "cut", "list", "bytes"])
def test_a_body_that_is_no_json_map_is_no_empty_answer(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with OddAws(lambda operation: (200, BODIES[body])).running() as odd:
        use(odd, monkeypatch)
        with pytest.raises(OddAnswer, match="AWS's answer to DescribeRepositories cannot be used"):
            cloud.ecr(HOME).describe_repositories()


EMPTY = b'<ListPoliciesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListPoliciesResult/></ListPoliciesResponse>'


@pytest.mark.parametrize("body", [*BODIES.values(), EMPTY], ids=[*BODIES, "no-rows"])
def test_an_odd_answer_of_iam_is_no_account_without_policies(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    registry, at = declared(TEXT), Location(ACCOUNT, HOME)
    with OddAws(lambda operation: (200, body)).running() as odd:
        use(odd, monkeypatch)
        with pytest.raises(CloudError):
            MANAGED_POLICY.find(cloud.client("iam", HOME), registry, at)


def test_a_scanning_configuration_that_is_not_said_is_not_basic(monkeypatch: pytest.MonkeyPatch) -> None:
    with OddAws(lambda operation: (200, b"{}")).running() as odd:
        use(odd, monkeypatch)
        with pytest.raises(CloudError):
            is_enhanced(cloud.ecr(HOME), HOME)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_who_asks_is_not_known_from_an_odd_answer(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.ops.odd_aws.IDENTITY", body)
    with OddAws(lambda operation: None).running() as odd:
        use(odd, monkeypatch)
        with pytest.raises(OddAnswer, match="GetCallerIdentity"):
            cloud.caller(HOME)


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_what_aws_refuses_is_said_by_every_command(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = json.dumps({"__type": "AccessDeniedException", "message": "not you"}).encode()
    ec2 = b"<Response><Errors><Error><Code>AccessDenied</Code><Message>not you</Message></Error></Errors></Response>"
    xml = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>"
    of = {
        "ListStacks": xml,
        "DescribeStacks": xml,
        "ListStackResources": xml,
        "CreatePolicy": xml,
        "DescribeRegions": ec2,
    }
    with OddAws(lambda it: (400, of.get(it, refused))).running() as odd:
        use(odd, monkeypatch)
        code, said = invoked(tmp_path, words)
    assert code == ExitCode.UNKNOWN
    assert "not you" in said
    assert any(operation in said for operation in odd.asked), (said, odd.asked)


def test_a_connection_that_ends_is_tried_twice_with_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    with OddAws(lambda operation: None).running() as odd:
        use(odd, monkeypatch)
        code, said = invoked(tmp_path, ["clear-failed", "--yes"])
    assert code == ExitCode.UNKNOWN
    assert odd.asked == ["GetCallerIdentity", "ListStacks", "ListStacks"]
    assert said.startswith("waiting for cloudformation (ListStacks): ")
    assert "AWS cannot be asked" in said


def test_two_attempts_are_well_under_a_minute() -> None:
    assert 2 * (CONNECT_TIMEOUT + READ_TIMEOUT) < 45
    client: Any
    for client in (cloud.ecr(HOME), cloud.client("kms", HOME)):
        assert (client.meta.config.connect_timeout, client.meta.config.read_timeout) == (CONNECT_TIMEOUT, READ_TIMEOUT)


def test_throttling_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    throttled = json.dumps({"__type": "ThrottlingException", "message": "slowly"}).encode()
    left = [(400, throttled)] * 5
    with OddAws(lambda operation: left.pop() if left else (200, b'{"repositories": []}')).running() as odd:
        use(odd, monkeypatch)
        assert cloud.ecr(HOME).describe_repositories()["repositories"] == []
    assert len(odd.asked) == 6


def interruptible() -> None:
    """A job of a background shell ignores SIGINT, and so would what it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_waits_for_no_call(tmp_path: Path) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(TEXT)
    asked, ended = threading.Event(), threading.Event()

    def hang(operation: str) -> None:
        asked.set()
        ended.wait()

    with OddAws(hang).running() as odd:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **odd.environment}
        command = [sys.executable, "-m", "ops", "drift", "--registry", str(file)]
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=interruptible
        ) as running:
            try:
                assert asked.wait(LONG)
                running.send_signal(signal.SIGINT)
                # Had it waited for its calls, their end would be a timeout, and the exit code 3.
                _, said = running.communicate(timeout=LONG)
            finally:
                ended.set()
                running.kill()
    assert (running.returncode, "Traceback" in said) == (ExitCode.INTERRUPTED, False), said


def test_a_part_that_is_missing_is_named_with_the_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    with stubbed(monkeypatch) as made:
        rules = [{"destinations": [{"region": HOME, "registryId": ACCOUNT}]}]
        made.expect("describe_registry", {"replicationConfiguration": {"rules": rules}})
        found: Any = cloud.ecr(HOME).describe_registry()
    (rule,) = found["replicationConfiguration"]["rules"]
    assert rule["destinations"] == rules[0]["destinations"]
    assert rule.get("repositoryFilters", []) == []  # may be left out
    for part, key in ((found, "registryId"), (rule, "repositoryFilters"), (rule["destinations"][0], "kmsKey")):
        with pytest.raises(OddAnswer, match=f"answer to DescribeRegistry cannot be used: it has no {key}"):
            part[key]


def test_a_document_that_is_no_json_is_an_odd_answer() -> None:
    with pytest.raises(OddAnswer, match="a document in it is not JSON"):
        cloud.read_json("{", "GetRepositoryPolicy")


@pytest.mark.parametrize("body", ["Resources: !Ref x\n", "- a list\n", '{"Resources"', "Resources: {A: {}}\n"])
def test_a_template_that_cannot_be_read_is_an_odd_answer(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with stubbed(monkeypatch) as made:
        made.expect("get_template", {"TemplateBody": body})
        with pytest.raises(OddAnswer, match="GetTemplate of acme-Registry"):
            resources_of(cloud.cloudformation(HOME), "acme-Registry")["A"]["Type"]


@pytest.mark.parametrize("code", ["KMSInvalidStateException", "DisabledException", "InternalException"])
def test_what_kms_refuses_is_a_message_of_drift(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with stubbed(monkeypatch) as made:
        made.refuse("describe_key", code, "not now")
        with pytest.raises(CloudError, match="AWS refused DescribeKey: not now"), cloud.aws_errors():
            Keys().arn(Location(ACCOUNT, HOME), "alias/web")
