"""What a person reads when AWS says no, or nothing: the same sentence from every command about images."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from ops.cli import main
from registry.errors import ExitCode
from tests.ops.images.local_ecr import Image, LocalEcr, Refused
from tests.ops.images.stored import digest

#: Every command about images, and the call of ECR that it begins with.
COMMANDS = {
    "repositories": (["repositories"], "DescribeRepositories"),
    "repositories --sizes": (["repositories", "--sizes"], "DescribeRepositories"),
    "images": (["images", "web/api"], "DescribeImages"),
    "images --manifests": (["images", "web/api", "--manifests"], "DescribeImages"),
    "image": (["image", "web/api:v1.2.3"], "DescribeImages"),
    "findings": (["findings", "web/api:v1.2.3"], "DescribeImages"),
    "findings of all": (["findings"], "DescribeImages"),
    "scan": (["scan", "web/api:v1.2.3"], "DescribeImages"),
    "login": (["login", "--print"], "GetAuthorizationToken"),
    "delete": (["delete", "web/api:v1.2.3", "--yes"], "DescribeImages"),
    "delete --untagged": (["delete", "web/api", "--untagged", "--yes"], "DescribeImages"),
    "archive": (["archive", "web/api:v1.2.3", "--yes"], "DescribeImages"),
    "restore": (["restore", "web/api:v1.2.3"], "DescribeImages"),
}
#: What AWS says, by its code, and the way out.
REFUSALS = {
    "ExpiredTokenException": "the credentials have expired: log in again, for example with `aws sso login`",
    "UnrecognizedClientException": "AWS does not know these credentials: choose others with AWS_PROFILE",
    "ThrottlingException": "AWS was asked too often, also after several pauses: run it again",
    "AccessDeniedException": r"it takes ecr:{call}.*`ecrctl permissions COMMAND` prints all",
}


@pytest.fixture
def ecr(ecr: LocalEcr) -> LocalEcr:
    ecr.has("web/api", Image(digest("a"), {"v1.2.3", "latest"}))
    return ecr


def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: Path, words: list[str]
) -> tuple[int, str]:
    """The exit code of a program that is started with these words, and all that it says."""
    monkeypatch.setattr(sys, "argv", ["ecrctl", *words, "-f", str(file)])
    with pytest.raises(SystemExit) as ended:
        main()
    captured = capsys.readouterr()
    text = captured.out + captured.err
    assert "None" not in text
    assert "Traceback" not in text
    return int(str(ended.value.code)), text


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize(("words", "call"), COMMANDS.values(), ids=COMMANDS)
def test_what_aws_refuses_is_said_with_its_way_out(
    ecr: LocalEcr,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    file: Path,
    words: list[str],
    call: str,
    code: str,
) -> None:
    ecr.refuses[call] = Refused(code, "said by AWS")
    exit_code, text = said(monkeypatch, capsys, file, words)
    assert exit_code == ExitCode.UNKNOWN, text
    assert f"AWS refused {call}: said by AWS ({code})\n    way out: " in text
    assert re.search(REFUSALS[code].format(call=call), text), text


@pytest.mark.parametrize(
    ("call", "words", "grant"),
    [
        ("BatchDeleteImage", COMMANDS["delete"][0], "`delete:` of web/api in registry.yaml grants"),
        ("UpdateImageStorageClass", COMMANDS["archive"][0], "`delete:` of web/api in registry.yaml grants"),
        ("DescribeImages", COMMANDS["images"][0], "`read:` or `push:` or `promote:` or `delete:` of web/api"),
        ("DescribeRepositories", COMMANDS["repositories"][0], "`read:` or `push:` or `promote:` of a repository"),
        ("DescribeImageScanFindings", COMMANDS["findings"][0], "`promote:` of web/api in registry.yaml grants"),
        ("DescribeImageSigningStatus", COMMANDS["image"][0], "the policy for auditors of the Access stack grants"),
    ],
)
def test_a_missing_permission_is_named_with_the_grant_that_has_it(
    ecr: LocalEcr,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    file: Path,
    call: str,
    words: list[str],
    grant: str,
) -> None:
    ecr.refuses[call] = Refused("AccessDeniedException", "not you")
    exit_code, text = said(monkeypatch, capsys, file, words)
    assert exit_code == ExitCode.UNKNOWN
    assert f"it takes ecr:{call}, which " in text
    assert grant in text


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (["images", "web/apo"], "web/api"),
        (["images", "wep/api"], "web/api"),
        (["image", "web/apii:v1.2.3"], "web/api"),
        (["delete", "web/ap:v1.2.3", "--yes"], "web/api"),
        (["scan", "web/apj:v1.2.3"], "web/api"),
        (["findings", "web/apj"], "web/api"),
        (["image", "web/api:v1.2.4"], "v1.2.3"),
        (["findings", "web/api:lates"], "latest"),
    ],
)
def test_the_nearest_right_name_is_told(
    ecr: LocalEcr,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    file: Path,
    words: list[str],
    near: str,
) -> None:
    exit_code, text = said(monkeypatch, capsys, file, words)
    assert exit_code in (ExitCode.NO, ExitCode.INVALID)
    assert text.endswith(f"\n    did you mean {near}?\n")


def test_where_names_may_not_be_listed_the_error_stands_alone(
    ecr: LocalEcr, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    ecr.refuses["DescribeRepositories"] = Refused("AccessDeniedException")
    exit_code, text = said(monkeypatch, capsys, file, ["images", "web/apo"])
    assert exit_code == ExitCode.INVALID
    assert text.startswith("there is no repository web/apo in 123456789012/ap-northeast-2\n    way out: ")
    assert "did you mean" not in text


@pytest.mark.parametrize(("words", "call"), COMMANDS.values(), ids=COMMANDS)
def test_an_endpoint_that_does_not_answer_and_a_profile_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: Path, words: list[str], call: str
) -> None:
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")  # nobody listens there
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    exit_code, text = said(monkeypatch, capsys, file, words)
    assert exit_code == ExitCode.UNKNOWN
    assert "Could not connect to the endpoint URL" in text
    assert "way out: check the network, a proxy (HTTPS_PROXY), an endpoint (AWS_ENDPOINT_URL) and the region" in text


def test_without_credentials_a_person_is_told_to_log_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")  # nobody listens there
    exit_code, text = said(monkeypatch, capsys, file, ["images", "web/api"])
    assert exit_code == ExitCode.UNKNOWN
    assert "way out: name a profile with AWS_PROFILE, or log in, for example with `aws sso login`" in text
