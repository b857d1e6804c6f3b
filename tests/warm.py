"""A checkout in which commands are typed, and whose ecrctl and CDK app start at once.

`scripts/ecrctl` and `scripts/app` of the copy hand on to a process that has loaded the modules of that same copy
(tests/warm_server.py): what is typed, and all the code behind it, is the checkout's; only the start of two programs is
saved, which is a second and three of a processor, for each of some hundred lines. How they start without this is typed
by test_own_repository.py, test_running.py and test_around_a_deploy.py.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.checkout import checkout
from tests.synth import ROOT

_CLIENT = """\
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as there:
    there.connect(sys.argv[1])
    socket.send_fds(there, [b"?"], [0, 1, 2])
    asked = {"words": sys.argv[2:], "folder": os.getcwd(), "environment": dict(os.environ)}
    there.sendall(json.dumps(asked).encode() + b"\\n")
    sys.exit(int(there.makefile().readline() or 137))
"""


@contextmanager
def warm(place: Path) -> Iterator[Path]:
    """The checkout at a place, warm."""
    with tempfile.TemporaryDirectory() as folder:  # the path of a socket is short
        client = Path(folder, "client.py")
        client.write_text(_CLIENT)
        for name in ("ecrctl", "app"):
            start = [sys.executable, "-I", "-S", str(client), f"{folder}/{name}"]
            script = place / "scripts" / name
            script.unlink()
            script.write_text(f'#!/bin/sh\nexec {shlex.join(start)} "$@"\n')
            script.chmod(0o755)
        server = subprocess.Popen(
            [place / ".venv" / "bin" / "python", "-P", Path(__file__).with_name("warm_server.py"), place, folder],
            env={"HOME": os.environ["HOME"], "PATH": f"{place}/.venv/bin:/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == b"ready\n"
            yield place
        finally:
            os.killpg(server.pid, signal.SIGKILL)  # it, the process of its apps, and what they started
            server.communicate()


@contextmanager
def warm_checkout(folder: Path, registry: str) -> Iterator[Path]:
    """A copy of this checkout with a user's registry.yaml, warm."""
    with warm(checkout(folder, registry)) as place:
        yield place


__all__ = ["ROOT", "warm", "warm_checkout"]
