"""The workflows of this project and those that `ecrctl init` writes: by the public schema, and as an attacker reads."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from ops.cli import app
from tests.synth import ROOT

TOOLS = Path(sys.executable).parent
COMMIT, URL = "0123456789abcdef0123456789abcdef01234567", "https://git.example/ecr-as-code.git"
WORDS = {
    "--name": "acme",
    "--account": "123456789012",
    "--region": "eu-central-1",
    "--github": "acme/registry",
    "--owner": "@acme/platform",
}


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """This project, a company's own repository as `ecrctl init` makes it, and one of many accounts."""
    company = tmp_path_factory.mktemp("company") / "acme-ecr"
    with pytest.MonkeyPatch.context() as patched:
        said = {"rev-parse": COMMIT, "remote": URL, "describe": None}
        patched.setattr("ops.init.pin.git", lambda checkout, verb, *words: said[verb])
        words = [word for pair in WORDS.items() for word in pair]
        finished = CliRunner().invoke(app, ["init", str(company), *words])
    assert finished.exit_code == 0, finished.output
    return {"own": ROOT, "company": company, "fleet": ROOT / "examples" / "fleet"}


BOTH = pytest.mark.parametrize("whose", ["own", "company"])
ALL = pytest.mark.parametrize("whose", ["own", "company", "fleet"])


def workflows(folder: Path) -> list[Path]:
    return sorted((folder / ".github" / "workflows").glob("*.yml"))


@ALL
def test_each_fits_the_public_schema(repositories: dict[str, Path], whose: str) -> None:
    files = [str(file) for file in workflows(repositories[whose])]
    command = [str(TOOLS / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *files]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert files
    assert finished.returncode == 0, finished.stdout


@ALL
def test_none_lets_in_what_a_stranger_writes(repositories: dict[str, Path], whose: str) -> None:
    """No expression in a shell, no unpinned action, no credentials left, no cache where a token may write."""
    files = [str(file) for file in workflows(repositories[whose])]
    command = [str(TOOLS / "zizmor"), "--offline", "--no-progress", "--persona", "regular", *files]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout


@BOTH
def test_what_may_write_takes_nothing_from_the_pull_request_but_its_number(
    repositories: dict[str, Path], whose: str
) -> None:
    (file,) = [each for each in workflows(repositories[whose]) if "pull_request_target" in each.read_text()]
    text = file.read_text()
    assert set(re.findall(r"\$\{\{ (.*?) \}\}", text)) == {"github.event.pull_request.number", "github.token"}
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    (job,) = workflow["jobs"].values()
    assert job["permissions"] == {"contents": "read", "pull-requests": "write"}
    checkout = job["steps"][0]
    assert checkout["uses"].startswith("actions/checkout@")
    assert checkout["with"] == {"fetch-depth": 0, "persist-credentials": False}, "no ref: the default branch"
    with_token = [step["run"].split()[0] for step in job["steps"] if "GH_TOKEN" in step.get("env", {})]
    assert with_token == ["git", "make"]


@ALL
def test_only_a_deploy_gets_credentials_of_aws(repositories: dict[str, Path], whose: str) -> None:
    for file in workflows(repositories[whose]):
        assert ("id-token" in file.read_text()) == (file.name == "deploy.yml")


@pytest.mark.parametrize(
    ("breaks", "found"),
    [
        (
            lambda text: text.replace('"$NUMBER" >>', '"${{ github.event.pull_request.title }}" >>'),
            "template-injection",
        ),
        (lambda text: text.replace("          persist-credentials: false\n", ""), "artipacked"),
        (lambda text: re.sub(r"setup-python@[0-9a-f]{40}", "setup-python@v7", text), "unpinned-uses"),
        (lambda text: text.replace("# zizmor: ignore[dangerous-triggers]", "#"), "dangerous-triggers"),
    ],
)
def test_the_check_finds_what_it_is_for(tmp_path: Path, breaks: object, found: str) -> None:
    text = (ROOT / ".github" / "workflows" / "plan.yml").read_text()
    broken = breaks(text)  # type: ignore[operator]
    assert broken != text
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    file = tmp_path / ".github" / "workflows" / "plan.yml"
    file.write_text(broken)
    finished = subprocess.run(
        [TOOLS / "zizmor", "--offline", "--no-progress", file], capture_output=True, text=True, check=False
    )
    assert finished.returncode != 0
    assert f"[{found}]" in finished.stdout
