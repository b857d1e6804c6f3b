"""Run a service out of an image, without Docker: with the Python of this project, on the loopback address."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.place import HOST, SandboxError


def asked(runs: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    """Start what an image runs, ask it for /, end it; what it answered.

    :param runs: the settings of the image; it must run `python`, listen on HOST and PORT, and say where in a line of
        JSON, as examples/app does.
    :raises SandboxError: where it does not.
    """
    entrypoint = [*runs.get("Entrypoint", ()), *runs.get("Cmd", ())]
    if entrypoint[:1] != ["python"]:
        raise SandboxError(f"This image runs {entrypoint[:1] or 'nothing'}, and without Docker only python can be run.")
    with tempfile.TemporaryDirectory() as folder:
        _unpack(files, Path(folder))
        running = subprocess.Popen(
            [sys.executable, *entrypoint[1:]],
            cwd=Path(folder) / runs.get("WorkingDir", "/").lstrip("/"),
            env={**dict(it.split("=", 1) for it in runs.get("Env", ())), "HOST": HOST, "PORT": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            return _answer(running)
        finally:
            running.terminate()
            running.communicate()


def _answer(running: subprocess.Popen[str]) -> str:
    line = running.stdout.readline() if running.stdout else ""
    try:
        port = int(json.loads(line)["listening"])
        ask = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with ask.open(f"http://{HOST}:{port}/", timeout=10) as response:
            return str(response.read().decode())
    except (ValueError, KeyError, TypeError, urllib.error.URLError) as problem:
        running.terminate()
        raise SandboxError(f"What the image runs does not answer: {problem}\n{running.communicate()[1]}") from problem


def _unpack(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise SandboxError(f"A layer of the image has the file {name}, which is outside of the image.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
