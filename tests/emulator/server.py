"""Starting the emulator as its own process, and ending it."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".sandbox" / "venv" / "bin" / "python"
#: To end a hang: a loaded machine is slow, not broken.
READY_WITHIN = ENDED_WITHIN = 300.0


def environment(home: Path, port: int) -> dict[str, str]:
    """Everything the process may know; nothing is taken over from the shell."""
    return {
        "HOME": str(home),
        "TMPDIR": str(home),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": "ap-northeast-2",
        "MINISTACK_ACCOUNT_ID": "123456789012",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    }


@contextmanager
def serving(home: Path, certificate: Path | None = None, **settings: str) -> Iterator[str]:
    """Run the emulator until the block ends, and give its endpoint; `certificate` is who signed for it."""
    port = _free_port()
    endpoint = f"{'https' if certificate else 'http'}://127.0.0.1:{port}"
    with (home / "emulator.log").open("w") as log:
        process = subprocess.Popen(
            [PYTHON, "-m", "sandbox.emulator"],
            cwd=ROOT,
            env=environment(home, port) | settings,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_ready(process, f"{endpoint}/_ministack/health", home, certificate)
            yield endpoint
        finally:
            process.kill()  # it would wait half a minute for TLS connections, and keeps nothing
            process.wait(timeout=ENDED_WITHIN)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(process: subprocess.Popen[bytes], health: str, home: Path, certificate: Path | None) -> None:
    deadline = time.monotonic() + READY_WITHIN
    with urllib3.PoolManager(retries=False, ca_certs=certificate and str(certificate)) as http:
        while time.monotonic() < deadline:
            try:
                if http.request("GET", health, timeout=2.0).status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                pass
            try:
                process.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
            break
    raise RuntimeError(f"the emulator is not ready:\n{(home / 'emulator.log').read_text()}")
