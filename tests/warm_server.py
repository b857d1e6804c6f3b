"""What a shell starts in a warm checkout (tests/warm.py), in processes that have loaded their modules already.

`python warm_server.py CHECKOUT FOLDER` listens at FOLDER/ecrctl, FOLDER/app and FOLDER/cdk, and runs the code of the
checkout with the folder, the environment, the words and the open files of who asks. Each ecrctl is a fork of its own.
Apps share one process, because they share what takes the CDK three seconds to load, and so come one after another. The
CDK CLI has a process from when it is asked for (warm_cdk.cjs), and another one where that has ended.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any


def served(at: str) -> socket.socket:
    """Where to ask for something."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(at)
    listening.listen()
    return listening


def asked(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """What somebody asks for, and the three files that are open there."""
    _, files, _, _ = socket.recv_fds(connection, 1, 3)
    with connection.makefile() as stream:
        return json.loads(stream.readline()), files


def become(wanted: dict[str, Any], files: list[int]) -> None:
    """Read, write and be where somebody else does."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environment"])


def code_of(work: Callable[[], object]) -> int:
    """The exit code of a program that is run here; what it prints is out then."""
    try:
        found = work()
    except SystemExit as end:
        found = end.code
    except BaseException:
        traceback.print_exc()
        found = 1
    sys.stdout.flush()
    sys.stderr.flush()
    if found is not None and not isinstance(found, int):
        os.write(2, f"{found}\n".encode())
        return 1
    return found or 0


def end_with(asker: socket.socket) -> None:
    """End this process when the one that asked has ended: it was killed, and here is what it does."""
    asker.recv(1)
    os.kill(os.getpid(), signal.SIGKILL)


def serve_ecrctl(listening: socket.socket) -> None:
    import ops
    from ops.cli import main
    from ops.program import program

    for module in pkgutil.walk_packages(ops.__path__, "ops."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    program()
    sys.path.append(str(Path(__file__).parents[1]))  # of which the checkout has all but the tests
    importlib.import_module("tests.clients_at_once").read_all()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        connection, _ = listening.accept()
        if os.fork():
            connection.close()
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        listening.close()
        wanted, files = asked(connection)
        threading.Thread(target=end_with, args=(connection,), daemon=True).start()
        become(wanted, files)
        sys.argv = ["ecrctl", *wanted["words"]]
        code = code_of(main)
        connection.sendall(b"%d\n" % code)
        os._exit(code)


def serve_apps(listening: socket.socket) -> None:
    mine = [os.dup(number) for number in range(3)]
    while True:
        connection, _ = listening.accept()
        with connection:
            importlib.import_module("stacks.build")  # and start the CDK's JavaScript, which keeps this environment
            wanted, files = asked(connection)
            become(wanted, files)
            with suppress(OSError):  # who asked was interrupted
                connection.sendall(b"%d\n" % code_of(synthesize))
            for number, file in enumerate(mine):
                os.dup2(file, number)


def serve_cdk(listening: socket.socket, checkout: str) -> None:
    node = (f"{checkout}/.venv/bin/node", Path(__file__).with_name("warm_cdk.cjs"), f"{checkout}/scripts", "3")
    os.dup2(listening.fileno(), 3)
    while select.select([3], [], []):
        subprocess.run(node, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[3], check=True)


def synthesize() -> int:
    """`python app.py`. The CDK's JavaScript has another environment, so the app is told what it would read there."""
    import app
    from stacks import checked_app

    given = json.loads(os.environ.get("CDK_CONTEXT_JSON", "{}"))
    out = os.path.abspath(os.environ.get("CDK_OUTDIR", "cdk.out"))
    made = checked_app.checked_app

    def told(context: dict[str, Any]) -> Any:
        return made(context={**context, **given}, outdir=out)

    checked_app.checked_app = told  # type: ignore[assignment]
    try:
        return app.main()
    finally:
        checked_app.checked_app = made
        gc.enable()  # a process that stays needs it


def main(checkout: str, folder: str) -> None:
    sys.path.insert(0, checkout)
    programs, apps, cdk = (served(f"{folder}/{name}") for name in ("ecrctl", "app", "cdk"))
    print("ready", flush=True)
    if os.fork():
        apps.close()
        cdk.close()
        serve_ecrctl(programs)
    programs.close()
    if os.fork():
        cdk.close()
        serve_apps(apps)
    apps.close()
    serve_cdk(cdk, checkout)


if __name__ == "__main__":
    main(*map(str, map(Path, sys.argv[1:])))
