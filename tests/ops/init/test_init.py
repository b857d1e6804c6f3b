"""`ecrctl init`: which files it writes, what stands in them, and what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from typer.testing import CliRunner

from ops.cli import app
from ops.init import pin
from ops.init.repository import Occupied
from registry.errors import ExitCode, InvalidRegistry
from registry.load import load
from tests.checkout import git
from tests.synth import ROOT, SMALL

COMMIT = "0123456789abcdef0123456789abcdef01234567"
URL = "https://git.example/ecr-as-code.git"
WORDS = {
    "--name": "acme",
    "--account": "123456789012",
    "--region": "eu-central-1",
    "--github": "acme/registry",
    "--owner": "@acme/platform",
}
FILES = {
    *(".github/CODEOWNERS", ".gitignore"),
    *(f".github/workflows/{name}.yml" for name in ("deploy", "plan", "pull-request")),
    *(".pre-commit-config.yaml", "Jenkinsfile", "Makefile", "README.md", "cdk.json", "ecr-as-code.version"),
    *("registry.yaml", "teams/README.md"),
}


@pytest.fixture(autouse=True)
def _pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"rev-parse": COMMIT, "remote": URL, "describe": None}
    monkeypatch.setattr("ops.init.pin.git", lambda checkout, verb, *words: said[verb])


def init(folder: Path, *more: str, **changed: str | None) -> tuple[int, str]:
    words = {**WORDS, **{f"--{key}": value for key, value in changed.items()}}
    options = [word for key, value in words.items() if value is not None for word in (key, value)]
    finished = CliRunner().invoke(app, ["init", str(folder), *options, *more])
    if finished.exception is not None and not isinstance(finished.exception, SystemExit):
        raise finished.exception
    return finished.exit_code, finished.output


def prose(said: str) -> str:
    """A message without the box around it."""
    return " ".join(said.replace("│", " ").split())


def written(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def test_it_writes_these_files_and_says_so(tmp_path: Path) -> None:
    code, said = init(tmp_path / "a company" / "registry")
    assert code == ExitCode.FINE
    folder = tmp_path / "a company" / "registry"
    assert written(folder) == FILES
    assert [line for line in said.splitlines() if line.startswith("wrote ")] == [
        f"wrote {folder / name}" for name in sorted(FILES)
    ]
    assert f"{COMMIT} of {URL}" in said
    assert not [name for name in FILES if "<<" in (folder / name).read_text()]
    readme = (folder / "README.md").read_text()
    assert {name for name in FILES - {"README.md", ".gitignore", "teams/README.md"} if name not in readme} == set()


def test_its_registry_has_no_findings_and_is_what_was_asked_for(tmp_path: Path) -> None:
    init(tmp_path)
    registry, warnings = load(tmp_path / "registry.yaml")
    assert (registry.name, registry.account, registry.region) == ("acme", "123456789012", "eu-central-1")
    assert warnings == ()


def test_the_version_is_pinned_by_its_commit(tmp_path: Path) -> None:
    init(tmp_path, "--project", "git@git.example:acme/ecr-as-code.git")
    pinned = dict(re.findall(r"^(\w+) := (.*)$", (tmp_path / "ecr-as-code.version").read_text(), flags=re.MULTILINE))
    assert pinned == {
        "ECR_AS_CODE_URL": "git@git.example:acme/ecr-as-code.git",
        "ECR_AS_CODE_VERSION": "v0.1.0",
        "ECR_AS_CODE_COMMIT": COMMIT,
    }


def workflow(folder: Path, name: str) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load((folder / ".github" / "workflows" / name).read_text())
    return found


def test_only_the_deploy_gets_a_token_and_only_for_its_environment(tmp_path: Path) -> None:
    init(tmp_path, "--environment", "prod", "--branch", "trunk")
    text = (tmp_path / ".github" / "workflows" / "pull-request.yml").read_text()
    assert "id-token" not in text
    deploy: dict[str, object] = workflow(tmp_path, "deploy.yml")["jobs"]["deploy"]  # type: ignore[index]
    assert deploy["environment"] == "prod"
    assert deploy["if"] == "github.ref == 'refs/heads/trunk'"
    assert deploy["permissions"] == {"contents": "read", "id-token": "write"}
    text = (tmp_path / ".github" / "workflows" / "deploy.yml").read_text()
    assert "    paths:" not in text  # an adopted file includes team files from any folder
    assert "role-to-assume: arn:aws:iam::123456789012:role/acme-ecr-deployer\n" in text
    assert "actions/cache" not in text  # what another job wrote would run with these credentials


@pytest.mark.parametrize("name", ["deploy.yml", "plan.yml", "pull-request.yml"])
def test_actions_are_those_of_the_projects_own_workflows_pinned_by_commit(tmp_path: Path, name: str) -> None:
    init(tmp_path)
    own = "".join(file.read_text() for file in (ROOT / ".github" / "workflows").glob("*.yml"))
    used = re.findall(r"uses: (.*)", (tmp_path / ".github" / "workflows" / name).read_text())
    assert used
    for action in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", action)
        assert action in own or action.startswith("aws-actions/configure-aws-credentials@")


def test_every_word_of_another_partition_is_of_it(tmp_path: Path) -> None:
    init(tmp_path, region="cn-north-1")
    assert "arn:aws-cn:iam::123456789012:oidc-provider/" in (tmp_path / "registry.yaml").read_text()
    assert "arn:aws-cn:iam::" in (tmp_path / ".github" / "workflows" / "deploy.yml").read_text()


def test_an_existing_file_is_taken_with_its_team_files_and_editors_find_their_schemas(tmp_path: Path) -> None:
    old = tmp_path / "old"
    (old / "parts" / "teams").mkdir(parents=True)
    text = "# ours\n" + SMALL + "include: [parts/teams/*.yaml]  # all of them\nnamespaces: {web: }\n"
    (old / "ours.yaml").write_text("# yaml-language-server: $schema=registry.schema.json\n" + text)
    (old / "parts" / "teams" / "web.yaml").write_text("namespace: web\nrepositories: {web/api: }\n")
    new = tmp_path / "new"
    code, _ = init(new, "--adopt", str(old / "ours.yaml"), name=None, account=None, region=None)
    assert code == ExitCode.FINE
    schema = "# yaml-language-server: $schema="
    assert (new / "registry.yaml").read_text() == f"{schema}.ecr-as-code/registry.schema.json\n{text}"
    assert (
        (new / "parts" / "teams" / "web.yaml")
        .read_text()
        .startswith(f"{schema}../../.ecr-as-code/team.schema.json\nnamespace: web\n")
    )
    assert "123456789012:role/acme-ecr-deployer" in (new / ".github" / "workflows" / "deploy.yml").read_text()
    assert [each.name for each in load(new / "registry.yaml")[0].repositories] == ["web/api"]


@pytest.mark.parametrize("folder", ["teams", "parts/teams", ".", 'a "b" ${{ c }}'])
def test_a_change_of_any_team_file_is_checked_and_deployed(tmp_path: Path, folder: str) -> None:
    old = tmp_path / "old"
    (old / folder).mkdir(parents=True, exist_ok=True)
    pattern = f"{folder}/*-team.yaml".removeprefix("./")
    (old / "ours.yaml").write_text(f"{SMALL}include: [{json.dumps(pattern)}]\nnamespaces: {{web: }}\n")
    (old / folder / "web-team.yaml").write_text("namespace: web\nrepositories: {web/api: }\n")
    new = tmp_path / "new"
    assert init(new, "--adopt", str(old / "ours.yaml"), name=None, account=None, region=None)[0] == ExitCode.FINE
    pushed = workflow(new, "deploy.yml")[True]["push"]  # type: ignore[index]  # YAML 1.1 reads `on` so
    assert not [it for it in pushed["paths-ignore"] if it.endswith((".yaml", "*")) and it != ".pre-commit-config.yaml"]
    hook = yaml.safe_load((new / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"][0]["files"]
    assert re.search(hook, f"{folder}/web-team.yaml".removeprefix("./"))


def test_the_words_of_an_adopted_file_are_not_said_twice(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(f"{SMALL}repositories: {{web/api: }}\n")
    code, said = init(tmp_path / "new", "--adopt", str(tmp_path / "ours.yaml"))
    assert code == ExitCode.INVALID
    assert "leave this option out" in prose(said)
    assert not (tmp_path / "new").exists()


def test_an_invalid_registry_is_explained_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(InvalidRegistry, match=r"registry.yaml:5:12: error: this is not an AWS account id"):
        init(tmp_path / "new", account="12345")
    bad = tmp_path / "bad.yaml"
    bad.write_text(f"{SMALL}repositories: {{WEB: }}\n")
    with pytest.raises(InvalidRegistry, match=r"bad.yaml:2:\d+: error"):
        init(tmp_path / "new", "--adopt", str(bad), name=None, account=None, region=None)
    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("mine\n")
    with pytest.raises(Occupied, match=r"these files already: Makefile\n    allowed: .*\n    way out: ") as refused:
        init(tmp_path)
    assert refused.value.exit_code == ExitCode.INVALID
    assert written(tmp_path) == {"Makefile"}
    assert (tmp_path / "Makefile").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"github": "acme"}, '"acme" is not ORG/REPO'),
        ({"github": "acme/reg${{ evil }}"}, "is not ORG/REPO"),
        ({"owner": "platform"}, '"platform" is not @ORG/TEAM'),
        ({"branch": "a'b"}, "is not letters"),
        ({"environment": "a b"}, "is not letters"),
        ({"project": "https://x/$(y)"}, "is not a URL"),
        ({"project": "--upload-pack=x"}, "is not a URL"),
        ({"name": "acme # x"}, "is not letters"),
        ({"region": "eu-central-1}\n"}, "is not letters"),
        ({"name": None}, "is needed where nobody can be asked"),
    ],
)
def test_what_cannot_stand_in_a_workflow_is_refused(tmp_path: Path, changed: dict[str, str], says: str) -> None:
    code, said = init(tmp_path / "new", **changed)
    assert code == ExitCode.INVALID
    assert says in prose(said)
    assert not (tmp_path / "new").exists()


def test_what_no_option_says_is_asked_in_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return "beta"

    monkeypatch.setattr("ops.commands.init.ask_text", answer)
    monkeypatch.setattr("ops.commands.init.sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    code, _ = init(tmp_path, name=None)
    assert code == ExitCode.FINE
    assert asked == ["Name of the registry, such as acme"]
    assert load(tmp_path / "registry.yaml")[0].name == "beta"


def test_cdk_json_has_no_flags_of_a_version(tmp_path: Path) -> None:
    init(tmp_path)
    assert json.loads((tmp_path / "cdk.json").read_text())["context"] == {"cli-telemetry": False}


class TestPin:
    """What a checkout is, for those who clone it."""

    @pytest.fixture
    def place(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.undo()
        git("init", "--quiet", at=tmp_path)
        git("commit", "--quiet", "--allow-empty", "--message", "one", at=tmp_path)
        return tmp_path

    def test_its_commit_and_where_it_was_cloned_from(self, place: Path) -> None:
        git("remote", "add", "origin", URL, at=place)
        found = pin.pin_of(place, None)
        assert (found.url, found.version, found.commit) == (URL, "v0.1.0", git("rev-parse", "HEAD", at=place))

    @pytest.mark.parametrize("url", ["https://me:ghp_secret@git.example/x.git", "https://ghp_secret@git.example/x.git"])
    def test_credentials_of_an_address_are_not_written_into_a_repository(self, place: Path, url: str) -> None:
        git("remote", "add", "origin", url, at=place)
        for said in (None, url):
            with pytest.raises(pin.NoPin, match="way out: say with --project") as refused:
                pin.pin_of(place, said)
            assert "secret" not in str(refused.value)

    @pytest.mark.parametrize("url", ["ssh://git@git.example/x.git", "git@git.example:acme/x.git"])
    def test_a_user_of_ssh_is_no_secret(self, place: Path, url: str) -> None:
        assert pin.pin_of(place, url).url == url

    def test_a_tag_is_its_name(self, place: Path) -> None:
        git("tag", "v7.0.0", at=place)
        assert pin.pin_of(place, URL).version == "v7.0.0"

    def test_one_that_was_cloned_from_nowhere_has_to_be_told(self, place: Path) -> None:
        with pytest.raises(pin.NoPin, match="way out: say with --project"):
            pin.pin_of(place, None)

    def test_a_folder_inside_another_repository_is_none_of_it(self, place: Path) -> None:
        (place / "inside").mkdir()
        with pytest.raises(pin.NoPin, match="is no checkout of git"):
            pin.pin_of(place / "inside", URL)
