"""A checkout in which commands are typed, and whose ecrctl, CDK app and CDK CLI start at once.

`scripts/ecrctl`, `scripts/app` and `scripts/cdk.cjs` of the copy hand on to processes that have loaded the code of that
same copy (tests/warm_server.py, tests/warm_cdk.cjs): what is typed, and all the code behind it, is the checkout's; only
the start of three programs is saved, which is a second, three and one of a processor, for each of some hundred lines.
How they start without this is typed by test_own_repository.py, test_first_light.py and test_around_a_deploy.py.
"""

from __future__ import annotations

import json
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
from tests.warm_server import served

_CLIENT = """\
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as there:
    there.connect(sys.argv[1])
    socket.send_fds(there, [b"?"], [0, 1, 2])
    asked = {"words": sys.argv[2:], "folder": os.getcwd(), "environment": dict(os.environ)}
    there.sendall(json.dumps(asked).encode() + b"\\n")
    sys.exit(int(there.makefile().readline() or 137))
"""
#: Before a person at a terminal, and where another run has the process, the CLI starts as ever.
_CDK = """\
"use strict";
const net = require("node:net");
const cold = () => require(COLD);
if ([0, 1, 2].some((number) => require("node:tty").isatty(number))) cold();
else {
  let taken = false, code = 137, left = Buffer.alloc(0);
  const there = net.connect(AT, () => {
    const { argv, env } = process;
    there.write(JSON.stringify({ words: argv.slice(2), folder: process.cwd(), environment: env }) + "\\n");
  });
  there.on("error", () => {});
  there.on("close", () => { if (taken) process.exitCode = code; else cold(); });
  there.on("data", (part) => {
    left = Buffer.concat([left, part]);
    while (left.length >= 5 && left.length >= 5 + left.readUInt32BE(1)) {
      const kind = left[0], content = left.subarray(5, 5 + left.readUInt32BE(1));
      left = left.subarray(5 + content.length);
      if (kind === 0) code = content[0];
      else if (kind === 3) taken = true;
      else (kind === 1 ? process.stdout : process.stderr).write(content);
    }
  });
}
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
        cdk = place / "scripts" / "cdk.cjs"
        cdk.rename(cdk.with_name("cold-cdk.cjs"))
        cdk.write_text(_asking(f"{folder}/cdk", cdk.with_name("cold-cdk.cjs")))
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


def _asking(at: str, cold: Path) -> str:
    return _CDK.replace("AT", json.dumps(at)).replace("COLD", json.dumps(str(cold)))


@contextmanager
def warm_cdk() -> Iterator[tuple[str, str]]:
    """The CDK CLI of this checkout likewise, as the command that starts it; two that start it wait for each other."""
    node, scripts = str(ROOT / ".venv" / "bin" / "node"), ROOT / "scripts"
    with tempfile.TemporaryDirectory() as folder:
        client = Path(folder, "cdk.cjs")
        client.write_text(_asking(f"{folder}/cdk", scripts / "cdk.cjs"))
        with served(f"{folder}/cdk") as listening:
            number = listening.fileno()  # when the server has ended nobody listens, and the CLI starts as ever
            server = subprocess.Popen(
                [node, Path(__file__).with_name("warm_cdk.cjs"), scripts, str(number), "wait"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[number],
            )
        try:
            yield node, str(client)
        finally:
            server.kill()
            server.wait()


@contextmanager
def warm_checkout(folder: Path, registry: str) -> Iterator[Path]:
    """A copy of this checkout with a user's registry.yaml, warm."""
    with warm(checkout(folder, registry)) as place:
        yield place


__all__ = ["ROOT", "warm", "warm_checkout"]
