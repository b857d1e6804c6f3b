"""scripts/cdk.cjs: where V8 finds nothing, rubbish or another CLI in what it compiled before, the CLI starts, too."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ops.aws.cdk_cli import COMMAND

CLI = "exports.cli = () => { console.log(%r, ...process.argv.slice(2), require('path').basename(__filename)); "
CLI += "process.exit(7); };\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    shutil.copy(COMMAND[1], tmp_path / "scripts")
    (tmp_path / "node_modules" / "aws-cdk" / "lib").mkdir(parents=True)
    (tmp_path / "node_modules" / "aws-cdk" / "lib" / "index.js").write_text(CLI % "one")
    return tmp_path


def started(checkout: Path) -> tuple[int, str]:
    words = [COMMAND[0], checkout / "scripts" / "cdk.cjs", "synth", "--quiet"]
    finished = subprocess.run(words, capture_output=True, text=True, check=False)
    return finished.returncode, finished.stdout + finished.stderr


def kept(checkout: Path) -> list[Path]:
    return sorted((checkout / "node_modules" / "aws-cdk" / "lib").glob("index.js.*"))


ONE = (7, "one synth --quiet index.js\n")


def test_the_second_start_takes_what_the_first_one_compiled(checkout: Path) -> None:
    assert started(checkout) == ONE
    (file,) = kept(checkout)
    written = file.stat().st_mtime_ns
    assert started(checkout) == ONE
    assert kept(checkout) == [file]
    assert file.stat().st_mtime_ns == written  # so V8 took it


@pytest.mark.parametrize("half", [True, False])
def test_what_v8_does_not_take_is_made_anew(checkout: Path, half: bool) -> None:
    started(checkout)
    (file,) = kept(checkout)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if half else b"rubbish" * 1000)
    assert started(checkout) == ONE
    assert kept(checkout) == [file]
    assert file.stat().st_size == len(whole)


def test_another_cli_is_compiled_itself(checkout: Path) -> None:
    started(checkout)
    (checkout / "node_modules" / "aws-cdk" / "lib" / "index.js").write_text(CLI % "two, which has another length")
    assert started(checkout) == (7, "two, which has another length synth --quiet index.js\n")


def test_where_nothing_can_be_kept_it_starts(checkout: Path) -> None:
    started(checkout)
    (file,) = kept(checkout)
    file.unlink()
    file.mkdir()
    (file / "not empty").touch()
    assert started(checkout) == ONE
    assert kept(checkout) == [file]  # and no half of another one
