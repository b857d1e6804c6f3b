"""An editor as a YAML language server sees it: documents are opened, questions asked over standard input and output."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.synth import ROOT

NODE = ROOT / ".venv" / "bin" / "node"
SERVER = ROOT / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
#: Nothing is fetched: no catalogue of schemas, only what the first line of a file names.
SETTINGS = {"yaml": {"schemaStore": {"enable": False}, "validate": True, "completion": True, "hover": True}}


class Editor:
    """One session with the server; every answer is waited for, nothing sleeps."""

    def __init__(self, server: subprocess.Popen[bytes]) -> None:
        self._server = server
        self._id = self._opened = 0
        self._diagnostics: dict[str, list[dict[str, Any]]] = {}

    def ask(self, method: str, parameters: Any) -> Any:
        """The server's answer to a request."""
        self._id += 1
        self._send({"id": self._id, "method": method, "params": parameters})
        while True:
            message = self._receive()
            if message.get("id") == self._id and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]
            self._serve(message)

    def tell(self, method: str, parameters: Any) -> None:
        """A notification, which has no answer."""
        self._send({"method": method, "params": parameters})

    def open(self, folder: Path, text: str) -> str:
        """Open a new document that would lie in a folder; its address."""
        self._opened += 1
        address = (folder / f"opened-{self._opened}.yaml").as_uri()
        document = {"uri": address, "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return address

    def at(self, method: str, folder: Path, text: str) -> Any:
        """The answer to a question at the place in a text that `|` marks; the mark is not part of it."""
        before, _, after = text.rpartition("|")
        address = self.open(folder, before + after)
        place = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        return self.ask(method, {"textDocument": {"uri": address}, "position": place})

    def completions(self, folder: Path, text: str) -> set[str]:
        """What may be written at the mark."""
        return {item["label"] for item in self.at("textDocument/completion", folder, text)["items"]}

    def hover(self, folder: Path, text: str) -> str:
        """What is said of the word at the mark."""
        answer = self.at("textDocument/hover", folder, text)
        return str(answer["contents"]["value"]) if answer else ""

    def diagnostics(self, folder: Path, text: str) -> list[str]:
        """The server's complaints about a text."""
        address = self.open(folder, text)
        while address not in self._diagnostics:
            self._serve(self._receive())
        return [problem["message"] for problem in self._diagnostics.pop(address)]

    def _serve(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        if method == "workspace/configuration":
            asked = (item.get("section", "") for item in message["params"]["items"])
            self._send({"id": message["id"], "result": [SETTINGS.get(section) for section in asked]})
        elif method == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif method and "id" in message:
            self._send({"id": message["id"], "result": None})

    def _send(self, message: dict[str, Any]) -> None:
        assert self._server.stdin
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._server.stdin.write(f"Content-Length: {len(content)}\r\n\r\n".encode() + content)
        self._server.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._server.stdout
        length = 0
        while (line := self._server.stdout.readline()).strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the language server ended"
        return dict(json.loads(self._server.stdout.read(length)))


@contextmanager
def editor() -> Iterator[Editor]:
    """A session with a server of its own, which ends with it."""
    with subprocess.Popen([str(NODE), str(SERVER), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        try:
            session = Editor(server)
            capabilities = {
                "workspace": {"configuration": True},
                "textDocument": {"hover": {"contentFormat": ["markdown"]}, "publishDiagnostics": {}},
            }
            session.ask("initialize", {"processId": None, "rootUri": ROOT.as_uri(), "capabilities": capabilities})
            session.tell("initialized", {})
            session.tell("workspace/didChangeConfiguration", {"settings": SETTINGS})
            yield session
        finally:
            server.kill()
