"""Start, find and stop the local AWS."""

from __future__ import annotations

import errno
import os
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from typing import Final

from sandbox.certificates import ensure_certificates
from sandbox.place import DEFAULT_PORT, HOST, ROOT, Place, SandboxError

_READY_SECONDS: Final = 120.0  # to end a hang; a loaded machine is slow, not broken
_POLL_SECONDS: Final = 0.1
_HEALTH: Final = "/_ministack/health"


def answers(place: Place) -> bool:
    """Whether our server listens there: only it has a certificate of our authority."""
    if not place.authority.exists():
        return False
    context = ssl.create_default_context(cafile=str(place.authority))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(place.endpoint + _HEALTH, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def ensure_running(place: Place, account: str, region: str) -> bool:
    """Start the server unless it runs.

    Returns whether it was started. Raises SandboxError where the port is taken or the server does not start.
    """
    place.folder.mkdir(parents=True, exist_ok=True)
    remembered = place.remembered()
    if remembered and answers(place):
        return False
    if remembered and remembered[1] != place.port:
        elsewhere = Place(folder=place.folder, port=remembered[1])
        if answers(elsewhere):
            raise SandboxError(
                f"The sandbox of this folder already runs on port {elsewhere.port}.\n"
                f"Use it with: make sandbox PORT={elsewhere.port}\nor stop it first with: make sandbox-stop"
            )
    if remembered:
        print("The local AWS of the last run is gone, and its content with it (it keeps everything in memory).")
        place.forget()
    _require_free_port(place)
    ensure_certificates(place)
    _start(place, account, region)
    return True


def stop(place: Place) -> bool:
    """Stop the server that was started last; whether there was one."""
    remembered = place.remembered()
    if remembered is None:
        return False
    running = Place(folder=place.folder, port=remembered[1])
    if answers(running):
        _end(remembered[0])
    place.forget()
    return True


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                return
        except ChildProcessError:  # an earlier run started it
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
        time.sleep(_POLL_SECONDS)
    os.kill(pid, signal.SIGKILL)


def _require_free_port(place: Place) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, place.port))
        except OSError as problem:
            why = "is taken by another program" if problem.errno == errno.EADDRINUSE else "cannot be used"
            another = place.port + 1 if 1024 <= place.port < 65535 else DEFAULT_PORT
            raise SandboxError(
                f"Port {place.port} {why} ({problem.strerror}).\nChoose another one: make sandbox PORT={another}"
            ) from problem


def _start(place: Place, account: str, region: str) -> None:
    python = ROOT / ".sandbox" / "venv" / "bin" / "python"
    if not python.exists():
        raise SandboxError("The local AWS is not installed.\nInstall and start it with: make sandbox")
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(place.folder),
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(place.port),
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(place.certificate),
        "MINISTACK_SSL_KEY": str(place.key),
        "AUTH": "true",
        "MINISTACK_ACCOUNT_ID": account,
        "MINISTACK_REGION": region,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }
    with place.log.open("wb") as log:
        server = subprocess.Popen(
            [str(python), "-m", "sandbox.emulator"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the terminal ends the run, not the server
        )
    place.remember(server.pid)
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if answers(place):
            return
        if server.poll() is not None:
            break
        time.sleep(_POLL_SECONDS)
    if server.poll() is None:
        server.kill()
    place.forget()
    last = place.log.read_text(errors="replace").strip().splitlines()[-5:]
    raise SandboxError(
        "The local AWS did not start. Its last words:\n  "
        + "\n  ".join(last or ["none"])
        + f"\nThe whole log: {place.log}"
    )
