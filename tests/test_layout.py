"""The house stands as docs/decisions/0001-rooms.md draws it."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.synth import ROOT, SEED

#: What each room must not import, at run time or for types.
FORBIDDEN = {
    "registry": {"aws_cdk", "cdk_nag", "constructs", "boto3", "botocore", "stacks", "ops", "sandbox", "app", "tests"},
    "constructs": {"boto3", "botocore", "stacks", "ops", "sandbox", "app", "tests"},
    "stacks": {"boto3", "botocore", "ops", "sandbox", "app", "tests"},
    "ops": {"aws_cdk", "cdk_nag", "constructs", "stacks", "sandbox", "app", "tests"},
    "sandbox": {"aws_cdk", "cdk_nag", "constructs", "stacks", "app", "tests"},
    "app.py": {"boto3", "botocore", "ops", "sandbox", "tests"},
}


def files_of(room: str) -> list[Path]:
    place = ROOT / room
    return [place] if place.is_file() else sorted(f for f in place.rglob("*.py") if "node_modules" not in f.parts)


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("room", sorted(FORBIDDEN))
def test_imports_run_one_way(room: str) -> None:
    files = files_of(room)
    assert files
    wrong = {str(f.relative_to(ROOT)): sorted(found) for f in files if (found := imported(f) & FORBIDDEN[room])}
    assert wrong == {}


#: The rooms of registry/, the upper ones first: a file imports from its own room or from one further down.
FLOORS = ["load cost lifecycle plan reference usage", "rules", "resolve", "access delivery monitoring", "model reading",
          "shape",
          "replacements", "naming", "errors locations regions", "findings limits nearest patterns"]  # fmt: skip


def test_no_room_of_registry_imports_from_one_above_it() -> None:
    floor = {room: number for number, rooms in enumerate(FLOORS) for room in rooms.split()}
    files = {file: file.relative_to(ROOT / "registry").with_suffix("").parts[0] for file in files_of("registry")}
    assert set(files.values()) - {"__init__"} == set(floor)
    upward = {
        f"{file.relative_to(ROOT)} imports {name}"
        for file, room in files.items()
        for name in modules(file)
        if name.startswith("registry.") and floor[name.split(".")[1]] < floor.get(room, 0)
    }
    assert upward == set()


def modules(file: Path) -> set[str]:
    """The modules a file imports at run time or for types, whole."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"registry.{each.name}" for each in node.names] if node.module == "registry" else [node.module]
            found |= {name for name in names if name != "registry.VERSION"}
    return found


def test_constructs_is_no_package_of_its_own() -> None:
    assert not (ROOT / "constructs" / "__init__.py").exists(), "it breaks every import of aws_cdk: constructs/README.md"


def test_constructs_joins_the_package_of_that_name() -> None:
    program = "from constructs.repository import Repository; from constructs import Construct; import aws_cdk"
    finished = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr


def test_validating_needs_neither_the_cdk_nor_boto3() -> None:
    program = (
        f"import sys; from pathlib import Path; from registry.load import load; load(Path({str(SEED)!r}));"
        "print(sorted({'aws_cdk', 'jsii', 'constructs', 'boto3', 'botocore'} & set(sys.modules)))"
    )
    finished = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "[]"


def test_a_registry_without_networks_does_not_wait_for_the_classes_of_ec2() -> None:
    program = "import sys; import stacks.build; print('aws_cdk' in sys.modules, 'aws_cdk.aws_ec2' in sys.modules)"
    finished = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "True False"


def test_no_test_reads_the_file_that_belongs_to_the_user() -> None:
    with pytest.raises(AssertionError, match="belongs to the user"):
        (ROOT / "registry.yaml").read_text()  # tests/conftest.py looks at every file that the tests open themselves
    named = re.compile(r"""(ROOT / |Path\()(f?)['"]registry\.yaml['"]|["']validate["']\)""")
    found = [
        str(f.relative_to(ROOT))
        for f in files_of("tests")
        if f.name != "test_layout.py" and named.search(f.read_text())
    ]
    assert found == []


def test_the_workflow_of_a_pull_request_checks_the_users_file_and_none_of_the_projects_own() -> None:
    steps = re.findall(r"- run: (.*)", (ROOT / ".github" / "workflows" / "pull-request.yml").read_text())
    plan = "make plan BASE=HEAD^1 ANNOTATE=1"
    assert steps == ["make setup", "make validate", plan, "make synth", "make compliance"]


def test_the_projects_own_workflow_does_not_run_for_a_change_of_the_users_files() -> None:
    on = (ROOT / ".github" / "workflows" / "project.yml").read_text().partition("\non:\n")[2].partition("\n\n")[0]
    ignored = re.findall(r"^  ([a-z_]+):(?:\n    (?!paths).*)*\n    paths-ignore: (.*)", on, flags=re.MULTILINE)
    users = '[registry.yaml, "teams/**"]'
    assert ignored == [("pull_request", users), ("push", users)]


@pytest.mark.parametrize("workflow", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_commit(workflow: Path) -> None:
    used = re.findall(r"uses: (.*)", workflow.read_text())
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", action)] == []


def test_no_file_is_too_long_to_read() -> None:
    rooms = [*FORBIDDEN, "benchmarks"]
    long = {
        str(f.relative_to(ROOT)): n for r in rooms for f in files_of(r) if (n := len(f.read_text().splitlines())) > 320
    }
    assert long == {}


@pytest.mark.parametrize(
    "lock", ["package-lock.json", "benchmarks/package-lock.json", "tests/browser/package-lock.json"]
)
def test_the_npm_locks_name_no_server_and_hold_hashes(lock: str) -> None:
    packages = {
        name: p for name, p in json.loads((ROOT / lock).read_text())["packages"].items() if name and not p.get("link")
    }
    assert packages
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert package.get("inBundle") or package["integrity"].startswith("sha512-"), name


@pytest.mark.parametrize("lock", sorted(path.name for path in ROOT.glob("requirements*.txt")))
def test_the_python_locks_pin_with_hashes_and_name_no_server(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    pinned = re.findall(r"^([A-Za-z0-9_.-]+)==\S+.*\\\n    --hash=sha256:[0-9a-f]{64}", text, flags=re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^[A-Za-z0-9]", text, flags=re.MULTILINE))


def test_the_pins_that_belong_together_agree() -> None:
    def version(lock: str, package: str) -> str:
        found = re.search(rf"^{package}==(\S+)", (ROOT / lock).read_text(), flags=re.MULTILINE)
        assert found, f"{package} is not in {lock}"
        return found.group(1)

    benchmark = json.loads((ROOT / "benchmarks" / "package.json").read_text())["dependencies"]
    for package in ("aws-cdk-lib", "constructs", "cdk-nag"):
        assert benchmark[package] == version("requirements.txt", package)
    pin = (ROOT / "sandbox" / "emulator" / "pin.py").read_text()
    assert f'PINNED = "{version("requirements-sandbox.txt", "ministack")}"' in pin
