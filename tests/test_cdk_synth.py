"""`cdk synth` with the real CLI: the same bytes everywhere, nothing written for a bad file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.aws.cdk_cli import COMMAND
from tests.synth import ROOT, SEED
from tests.warm import warm_checkout

#: Where the CDK is unpacked is not under test, and takes ten seconds in each new HOME.
UNPACKED = {
    "CDK_DISABLE_CLI_TELEMETRY": "true",
    "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(Path.home() / ".cache" / "aws" / "jsii" / "package-cache"),
}
SHIPPED = ["app.py", "cdk.json", "scripts", "registry", "constructs", "stacks"]


def cdk_synth(
    project: Path, output: Path, *arguments: str, cli: Path = Path(COMMAND[1]), **environment: str
) -> subprocess.CompletedProcess[str]:
    """`cdk synth` from an environment with nothing in it but what is given."""
    return subprocess.run(
        [COMMAND[0], str(cli), "synth", "--quiet", "--output", str(output), *arguments],
        cwd=project,
        env={"PATH": "/usr/bin:/bin", "HOME": os.environ["HOME"], **UNPACKED, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A checkout, for those that are not about how the CLI and the app start."""
    with warm_checkout(tmp_path_factory.mktemp("warm"), "") as made:
        yield made


def synth(place: Path, output: Path, file: str | Path) -> subprocess.CompletedProcess[str]:
    """`cdk synth` of a registry file there."""
    return cdk_synth(place, output, "--context", f"registry={file}", cli=place / "scripts" / "cdk.cjs")


@pytest.fixture(scope="module")
def manifest(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Of the seed."""
    output = tmp_path_factory.mktemp("seed")
    finished = synth(place, output, SEED)
    assert finished.returncode == 0, finished.stderr
    return json.loads((output / "manifest.json").read_text())


def copied(folder: Path) -> Path:
    """A copy of what is shipped, with the tools of this checkout."""
    folder.mkdir(parents=True)
    for name in SHIPPED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    shutil.copy(SEED, folder / "registry.yaml")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the times that a slow synth writes down: performance-counters.json."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and file.name != "performance-counters.json"]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_directory_user_home_time_zone_and_profile_leave_every_byte_as_it_is(tmp_path: Path) -> None:
    first = cdk_synth(
        copied(tmp_path / "one" / "project"),
        tmp_path / "one" / "out",
        HOME=str(tmp_path / "one"),
        USER="alice",
        TZ="Asia/Seoul",
        PYTHONHASHSEED="1",
    )
    second = cdk_synth(
        copied(tmp_path / "another place" / "deeper" / "project"),
        tmp_path / "another place" / "out",
        HOME=str(tmp_path / "another place"),
        USER="bob",
        TZ="America/New_York",
        PYTHONHASHSEED="2",
        LANG="de_DE.UTF-8",
        AWS_PROFILE="nobody",
        AWS_REGION="eu-central-1",
        AWS_ACCESS_KEY_ID="999999999999",
        AWS_SECRET_ACCESS_KEY="x",
        CDK_DEFAULT_ACCOUNT="999999999999",
    )
    assert first.returncode == 0, first.stderr
    assert second.returncode == 0, second.stderr
    one, two = contents(tmp_path / "one" / "out"), contents(tmp_path / "another place" / "out")
    assert any(name.endswith(".template.json") for name in one)
    assert one == two


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"registry: {name: acme, account: 123456789012, region: x}\n", 'write "123456789012", with the quotes'),
        (b"", "the file declares nothing"),
        (b"[" * 20_000, "the nesting is too deep"),
        (b"registry: \xff\n", "the file is not UTF-8 text"),
    ],
)
def test_a_bad_file_gets_messages_and_no_template(place: Path, tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(content)
    finished = synth(place, tmp_path / "out", file)
    assert finished.returncode == 1
    assert f"{file}:1:" in finished.stderr
    assert said in finished.stderr
    assert "Traceback" not in finished.stderr + finished.stdout
    assert list(tmp_path.rglob("*.template.json")) == []


def test_a_missing_file_is_named(place: Path, tmp_path: Path) -> None:
    finished = synth(place, tmp_path / "out", "no-such.yaml")
    assert finished.returncode == 1
    assert "no-such.yaml: cannot be read: No such file or directory" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_warnings_are_shown_and_do_not_stop_the_synth(place: Path, tmp_path: Path) -> None:
    finished = synth(place, tmp_path / "out", ROOT / "tests" / "refused" / "namespace-unused.yaml")
    assert finished.returncode == 0, finished.stderr
    assert "warning: no repository is in the namespace wbe" in finished.stderr


def test_every_flag_the_cdk_recommends_is_set_as_recommended(manifest: Any) -> None:
    (report,) = [a for a in manifest["artifacts"].values() if a["type"] == "cdk:feature-flag-report"]
    flags = report["properties"]["flags"]
    assert len(flags) > 50
    different = {
        name: (flag.get("userValue"), flag["recommendedValue"])
        for name, flag in flags.items()
        if flag.get("userValue", flag.get("unconfiguredBehavesLike", {}).get("v2", False)) != flag["recommendedValue"]
    }
    assert different == {}


def test_a_synth_looks_nothing_up(manifest: Any, place: Path) -> None:
    assert "missing" not in manifest
    assert not (place / "cdk.context.json").exists()
