"""Images that are built without Docker: what Docker would put in them, the same bytes everywhere, or a refusal."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.context import left_out
from sandbox.demo import EXAMPLE
from sandbox.dockerfile import Built, build
from sandbox.layers import File, files_of, image
from sandbox.place import SandboxError
from sandbox.service import asked


def built(folder: Path, dockerfile: str, /, arguments: dict[str, str] | None = None, **files: str) -> Built:
    for name, text in {"Dockerfile": dockerfile, "app/main.py": "main", "app/lib/it.py": "it", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return build(folder, arguments or {})


def layers(made: Built) -> list[dict[str, bytes]]:
    return [files_of(layer) for layer in made.image.layers]


def runs(made: Built) -> dict[str, Any]:
    return dict(json.loads(made.image.config)["config"])


@pytest.mark.parametrize(
    ("copy", "paths"),
    [
        ("COPY app .", {"srv/main.py", "srv/lib/it.py"}),
        ("COPY app /opt/app", {"opt/app/main.py", "opt/app/lib/it.py"}),
        ("COPY app/main.py .", {"srv/main.py"}),
        ("COPY app/main.py start.py", {"srv/start.py"}),
        ("COPY app/main.py app/lib/it.py code/", {"srv/code/main.py", "srv/code/it.py"}),
        ("COPY --from=first /srv/lib lib", {"srv/lib/it.py"}),
    ],
)
def test_files_land_where_docker_puts_them(copy: str, paths: set[str], tmp_path: Path) -> None:
    first = "FROM a AS first\nWORKDIR /srv\nCOPY app .\n"
    made = built(tmp_path, f"{first}FROM a\nWORKDIR /srv\n{copy}\n")
    assert [set(layer) for layer in layers(made)] == [paths]


def test_settings_come_with_a_stage_and_variables_are_filled_in(tmp_path: Path) -> None:
    made = built(
        tmp_path,
        "FROM a:1 AS base\nENV A=1 B='two words'\nFROM base\nARG WHO=nobody\nENV \\\n  A=$WHO\nUSER ${WHO}\n"
        'EXPOSE 80 53/udp\nLABEL it.is="$WHO"\nCMD ["python", "-m", "app"]\nRUN make\n',
        {"WHO": "me"},
    )
    assert runs(made) == {
        "Env": ["B=two words", "A=me"],
        "User": "me",
        "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
        "Labels": {"it.is": "me"},
        "Cmd": ["python", "-m", "app"],
    }
    assert made.left_out == ("FROM a:1", "RUN make")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("ADD app .", "ADD cannot be followed without Docker"),
        ("COPY --chown=1 app .", "COPY --chown=1 cannot be followed"),
        ("COPY --from=nginx /etc .", "COPY --from=nginx cannot be followed"),
        ("COPY tests .", "there is no tests to copy"),
        ("CMD python -m app", "only the form"),
        ("ENV A 1", "only NAME=VALUE"),
        ("COPY 'app .", "No closing quotation"),
    ],
)
def test_what_takes_docker_is_refused_with_its_line(line: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=problem) as refused:
        built(tmp_path, f"# a comment\nFROM a\n{line}\n")
    assert f"Dockerfile:3: {problem[:4]}" in str(refused.value)
    assert "way out: build it with Docker" in str(refused.value)


def test_an_argument_that_nothing_declares_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="has no ARG REVISON"):
        built(tmp_path, "FROM a\nARG REVISION\n", {"REVISON": "1"})


@pytest.mark.parametrize(
    ("patterns", "name", "out"),
    [
        ("*\n!app", "app/main.py", False),
        ("*\n!app", "secret.txt", True),
        ("*\n!app\n**/__pycache__", "app/__pycache__/main.pyc", True),
        ("# app", "app/main.py", False),
        ("app/*.py", "app/main.py", True),
        ("app/*.py", "app/lib/it.py", False),
        ("app/**/*.py", "app/main.py", True),
        ("app/**/*.py", "app/lib/it.py", True),
        (".git", ".git/config", True),
        ("/app/", "app/main.py", True),
    ],
)
def test_the_last_pattern_that_fits_decides(patterns: str, name: str, out: bool) -> None:
    assert left_out(name, patterns.splitlines()) is out


def test_links_are_refused(tmp_path: Path) -> None:
    (tmp_path / "it").symlink_to("/etc/hostname")
    with pytest.raises(SandboxError, match="it is a link"):
        built(tmp_path, "FROM a\n")


def test_the_same_files_give_the_same_bytes_whatever_the_machine(tmp_path: Path) -> None:
    """Times, modes, the order of a folder and the mask differ, and so would the digest of the image."""
    copy = tmp_path / "copy"
    for name in sorted((path.relative_to(EXAMPLE) for path in EXAMPLE.rglob("*") if path.is_file()), reverse=True):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(EXAMPLE / name, copy / name)
        (copy / name).chmod(0o640)
        os.utime(copy / name, (1, 1))
    assert build(copy, {}).image == build(EXAMPLE, {}).image


def test_nothing_of_a_compressor_is_in_the_bytes() -> None:
    """So the digest rests on the files alone: a number that holds for every zlib, Python and system."""
    made = image(
        [{"app/main.py": File(content=b"x" * 70_000), "run": File(content=b"", executable=True)}], {"User": "1"}
    )
    assert [hashlib.sha256(it).hexdigest()[:16] for it in (*made.layers, made.config)] == [
        "803730d87eef224d",
        "1442d719e6618422",
    ]


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,9}(/[a-z]{1,9}){0,2}\.txt", fullmatch=True), st.binary(max_size=200_000))
)
def test_what_goes_into_a_layer_comes_out_of_it(files: dict[str, bytes]) -> None:
    (layer,) = image([{path: File(content=content) for path, content in files.items()}], {}).layers
    assert gzip.decompress(layer)
    assert files_of(layer) == files


def test_the_example_runs_as_nobody_and_has_nothing_but_the_service(tmp_path: Path) -> None:
    made = build(EXAMPLE, {"REVISION": "3f2a91c"})
    (layer,) = layers(made)
    assert set(layer) == {f"app/service/{name}.py" for name in ("__init__", "__main__", "server")}
    assert runs(made)["User"] == "65532:65532"
    bases = [it for it in made.left_out if it.startswith("FROM ")]
    assert bases
    assert all("@sha256:" in base for base in bases)


def test_the_tests_of_the_example_pass_as_its_build_runs_them() -> None:
    (line,) = (it.removeprefix("RUN python ") for it in build(EXAMPLE, {}).left_out if it.startswith("RUN "))
    done = subprocess.run(
        [sys.executable, "-B", *line.split()], cwd=EXAMPLE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "OK" in done.stderr


def test_the_service_says_which_build_it_is() -> None:
    made = build(EXAMPLE, {"REVISION": "3f2a91c"})
    (layer,) = layers(made)
    assert json.loads(asked(runs(made), layer)) == {"service": "app", "revision": "3f2a91c"}


@pytest.mark.parametrize(
    ("settings", "files", "problem"),
    [
        ({"Entrypoint": ["/bin/app"]}, {}, "only python can be run"),
        ({}, {}, "runs nothing"),
        ({"Cmd": ["python", "-c", "raise SystemExit('no port')"]}, {}, "does not answer.*\n.*no port"),
        ({"Cmd": ["python", "-c", ""]}, {"../outside": b""}, "outside of the image"),
    ],
)
def test_an_image_that_cannot_be_asked_is_refused(settings: Any, files: Any, problem: str) -> None:
    with pytest.raises(SandboxError, match=problem):
        asked(settings, files)
