"""`ecrctl login` and the credential helper: who gets the password, and where it does not go."""

from __future__ import annotations

import base64
import io
import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.images import credential_helper
from ops.images.clients import NoTool, ToolFailed, UnusableConfig
from registry.errors import ExitCode, RegistryError, UnknownName
from tests.ops.stubs import HOME, REPLICA, Cloud
from tests.synth import ROOT, SMALL

RUN = CliRunner()
HOST, WEST = (f"123456789012.dkr.ecr.{region}.amazonaws.com" for region in (HOME, REPLICA))
ENDS = datetime(2026, 11, 26, 18, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_text(f"{SMALL}replicas: {{us-west-2: }}\nrepositories: {{web/api: }}\n")
    return path


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH, for tools that write what they are told beside themselves."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def tool(tools: Path, name: str, code: int = 0) -> None:
    script = f'#!/bin/sh\necho "$0 $@" >> {tools}/said\nread -r secret; echo "$secret" >> {tools}/given\nexit {code}\n'
    (tools / name).write_text(script)
    (tools / name).chmod(0o700)


def token(cloud: Cloud, text: str = "AWS:secret", at: str = HOME) -> None:
    data = {"authorizationToken": base64.b64encode(text.encode()).decode(), "expiresAt": ENDS}
    cloud.expect("get_authorization_token", {"authorizationData": [data]}, {}, at=at)


def login(file: Path, *options: str) -> Any:
    return RUN.invoke(app, ["login", "-f", str(file), *options])


@pytest.mark.parametrize(
    ("name", "words"), [("docker", "login"), ("podman", "login"), ("skopeo", "login"), ("helm", "registry login")]
)
def test_a_tool_gets_the_password_on_its_standard_input(
    cloud: Cloud, file: Path, tools: Path, name: str, words: str
) -> None:
    tool(tools, name)
    token(cloud)
    finished = login(file)
    assert finished.exit_code == ExitCode.FINE, finished.exception
    assert finished.output.startswith(f"{name} is logged in to {HOST} until ")
    assert (tools / "said").read_text() == f"{tools}/{name} {words} --username AWS --password-stdin {HOST}\n"
    assert (tools / "given").read_text() == "secret\n"
    assert "secret" not in finished.output


def test_the_tool_that_is_named_is_taken_and_every_region_that_is_named(cloud: Cloud, file: Path, tools: Path) -> None:
    tool(tools, "docker")
    tool(tools, "skopeo")
    token(cloud)
    token(cloud, at=REPLICA)
    login(file, "--with", "skopeo", "--region", HOME, "--region", REPLICA)
    assert [line.split()[-1] for line in (tools / "said").read_text().splitlines()] == [HOST, WEST]
    assert "docker" not in (tools / "said").read_text()


def test_without_a_tool_the_way_out_is_print(file: Path, tools: Path) -> None:
    finished = login(file)
    assert isinstance(finished.exception, NoTool)
    assert str(finished.exception).startswith("docker or podman or skopeo or helm is not on PATH\n    way out: ")
    assert "ecrctl login --print" in str(finished.exception)


def test_a_tool_that_refuses_is_no_login(cloud: Cloud, file: Path, tools: Path) -> None:
    tool(tools, "docker", code=3)
    token(cloud)
    finished = login(file)
    assert isinstance(finished.exception, ToolFailed)
    assert "logged in" not in finished.output
    assert f"docker did not take the password for {HOST} (exit code 3)" in str(finished.exception)


def test_print_is_the_password_alone_and_json_has_the_rest(cloud: Cloud, file: Path) -> None:
    token(cloud)
    assert login(file, "--print").stdout == "secret\n"
    token(cloud, at=REPLICA)
    found = json.loads(login(file, "--json", "--region", REPLICA).stdout)
    assert datetime.fromisoformat(found.pop("expires")) == ENDS
    assert found == {"host": WEST, "user": "AWS", "password": "secret"}


@pytest.mark.parametrize(
    "options",
    [["--print", "--helper"], ["--json", "--with", "docker"], ["--print", "--region", HOME, "--region", REPLICA]],
)
def test_options_that_contradict_each_other_are_bad_usage(file: Path, options: list[str]) -> None:
    assert login(file, *options).exit_code == ExitCode.INVALID


def test_a_region_that_is_not_in_the_file_is_bad_usage(file: Path) -> None:
    finished = login(file, "--print", "--region", "eu-west-1")
    assert isinstance(finished.exception, UnknownName)


class TestHelper:
    @pytest.fixture
    def config(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
        return tmp_path / "docker" / "config.json"

    def test_the_host_is_added_and_everything_else_stays(self, file: Path, config: Path) -> None:
        config.parent.mkdir()
        config.write_text('{"auths": {"x": {}}, "credHelpers": {"gcr.io": "gcloud"}}')
        finished = login(file, "--helper", "--region", REPLICA)
        assert finished.exit_code == ExitCode.FINE
        assert json.loads(config.read_text()) == {
            "auths": {"x": {}}, "credHelpers": {"gcr.io": "gcloud", WEST: "ecrctl"},
        }  # fmt: skip
        assert f"{WEST} asks docker-credential-ecrctl" in finished.stdout

    def test_a_file_is_made_that_only_its_owner_reads_and_twice_is_once(self, file: Path, config: Path) -> None:
        login(file, "--helper")
        assert stat.S_IMODE(config.stat().st_mode) == 0o600
        before = config.stat()
        assert "already asks" in login(file, "--helper").stdout
        assert config.stat().st_mtime_ns == before.st_mtime_ns
        assert [each.name for each in config.parent.iterdir()] == ["config.json"]

    def test_a_link_stays_a_link(self, file: Path, config: Path, tmp_path: Path) -> None:
        config.parent.mkdir()
        (tmp_path / "real.json").write_text("{}")
        config.symlink_to(tmp_path / "real.json")
        login(file, "--helper")
        assert config.is_symlink()
        assert json.loads((tmp_path / "real.json").read_text()) == {"credHelpers": {HOST: "ecrctl"}}

    @pytest.mark.parametrize("text", ["{", "[]", '{"credHelpers": []}', '{"credHelpers": null}'])
    def test_a_file_that_is_not_understood_is_left_alone(self, file: Path, config: Path, text: str) -> None:
        config.parent.mkdir()
        config.write_text(text)
        finished = login(file, "--helper")
        assert isinstance(finished.exception, UnusableConfig)
        assert config.read_text() == text

    def test_a_user_without_a_home_is_told_what_to_set(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def home() -> Path:
            raise RuntimeError("Could not determine home directory.")

        monkeypatch.delenv("DOCKER_CONFIG", raising=False)
        monkeypatch.setattr(Path, "home", home)
        finished = login(file, "--helper")
        assert isinstance(finished.exception, UnusableConfig)
        assert "HOME is not set" in str(finished.exception)

    def test_a_helper_that_docker_cannot_find_is_said(self, file: Path, config: Path, tools: Path) -> None:
        assert "docker looks for docker-credential-ecrctl on PATH" in login(file, "--helper").stderr
        tool(tools, "docker-credential-ecrctl")
        assert login(file, "--helper").stderr == ""


def said(action: str, given: str = "") -> str:
    return credential_helper.answered(action, io.StringIO(given))


@pytest.mark.parametrize("server", [WEST, f"https://{WEST}", f"{WEST}\n"])
def test_docker_gets_a_new_password_for_a_host_of_ecr(cloud: Cloud, server: str) -> None:
    token(cloud, at=REPLICA)
    answer = json.loads(said("get", server))
    assert answer == {"ServerURL": server.strip(), "Username": "AWS", "Secret": "secret"}


@pytest.mark.parametrize("server", ["docker.io", "", "123.dkr.ecr.us-west-2.amazonaws.com", f"evil.org/{WEST}"])
def test_of_other_hosts_it_knows_nothing_in_the_words_of_the_protocol(server: str) -> None:
    with pytest.raises(RegistryError, match=r"^credentials not found in native keychain$"):
        said("get", server)


def test_what_is_to_be_stored_is_forgotten_and_what_would_be_lost_is_refused() -> None:
    assert said("store", json.dumps({"ServerURL": HOST, "Username": "AWS", "Secret": "x"})) == ""
    assert said("erase", HOST) == ""
    assert said("list") == "{}"
    for given in ('{"ServerURL": "docker.io"}', "{", "[]", '{"ServerURL": 7}'):
        with pytest.raises(RegistryError, match="stores no passwords"):
            said("store", given)


def test_a_refusal_is_a_line_on_standard_output_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["docker-credential-ecrctl", "get"])
    monkeypatch.setattr("sys.stdin", io.StringIO("docker.io"))
    with pytest.raises(SystemExit) as ended:
        credential_helper.main()
    assert ended.value.code == ExitCode.NO
    assert capsys.readouterr().out == f"{credential_helper.NOT_FOUND}\n"


def test_what_aws_refuses_is_such_a_line_too(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.refuse("get_authorization_token", "AccessDeniedException", "not you")
    monkeypatch.setattr("sys.argv", ["docker-credential-ecrctl", "get"])
    monkeypatch.setattr("sys.stdin", io.StringIO(HOST))
    with pytest.raises(SystemExit):
        credential_helper.main()
    assert "AWS refused GetAuthorizationToken: not you" in capsys.readouterr().out


def test_the_program_is_installed_beside_ecrctl() -> None:
    assert (ROOT / "scripts" / "docker-credential-ecrctl").stat().st_mode & stat.S_IXUSR
    assert "link docker-credential-ecrctl " in (ROOT / "scripts" / "setup.sh").read_text()


def test_the_password_of_ecr_public_comes_from_us_east_1(file: Path, cloud: Cloud, tools: Path) -> None:
    """From another region the host is not found: aws/aws-app-mesh-controller-for-k8s #639."""
    tool(tools, "docker")
    data = {"authorizationToken": base64.b64encode(b"AWS:secret").decode(), "expiresAt": ENDS}
    cloud.stub("ecr-public", "us-east-1").add_response("get_authorization_token", {"authorizationData": data}, {})
    done = login(file, "--public")
    assert done.exit_code == ExitCode.FINE, done.output
    assert (tools / "said").read_text().endswith("docker login --username AWS --password-stdin public.ecr.aws\n")
    assert (tools / "given").read_text() == "secret\n"


@pytest.mark.parametrize("option", [("--helper",), ("--region", REPLICA)])
def test_ecr_public_is_one_registry_that_the_helper_does_not_know(file: Path, option: tuple[str, ...]) -> None:
    done = login(file, "--public", *option)
    assert done.exit_code == ExitCode.INVALID
    assert "--public goes with --with, --print" in done.output
