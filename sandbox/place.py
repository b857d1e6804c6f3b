"""Where a sandbox keeps its things, and where it listens."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
DEFAULT_FOLDER: Final = ROOT / ".sandbox"
DEFAULT_PORT: Final = 4578
HOST: Final = "127.0.0.1"


class SandboxError(Exception):
    """Something a person can put right; the text says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One sandbox: its folder and its port on the loopback address."""

    folder: Path
    port: int

    @property
    def endpoint(self) -> str:
        """The URL of every AWS service."""
        return f"https://localhost:{self.port}"

    @property
    def authority(self) -> Path:
        """The certificate authority that clients must trust (PEM)."""
        return self.folder / "ca.pem"

    @property
    def certificate(self) -> Path:
        """The server's certificate chain (PEM)."""
        return self.folder / "server.pem"

    @property
    def key(self) -> Path:
        """The server's private key (PEM)."""
        return self.folder / "server.key"

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.folder / "server.log"

    @property
    def environment_file(self) -> Path:
        """A shell file that points AWS tools at this sandbox."""
        return self.folder / "env"

    @property
    def state(self) -> Path:
        """Process id and port of the server that was started last."""
        return self.folder / "server.json"

    def remember(self, pid: int) -> None:
        """Write down the server's process id."""
        self.state.write_text(json.dumps({"pid": pid, "port": self.port}))

    def remembered(self) -> tuple[int, int] | None:
        """Process id and port of the last server, or None where there is none."""
        try:
            content = json.loads(self.state.read_text())
            return int(content["pid"]), int(content["port"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def forget(self) -> None:
        """The server is gone."""
        self.state.unlink(missing_ok=True)
        self.environment_file.unlink(missing_ok=True)
