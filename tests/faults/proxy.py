"""A proxy on the loopback address between a client and the local AWS: it writes down every call, and spoils one."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import urllib3

from sandbox.place import HOST, Place
from tests.faults.kinds import Fault, Hang, Killed, Silence
from tests.faults.request import Answer, Request

_SCANNED: Final = {
    "imageScanStatus": {"status": "COMPLETE"},
    "imageScanFindings": {
        "imageScanCompletedAt": 1795000000,
        "vulnerabilitySourceUpdatedAt": 1795000000,
        "findingSeverityCounts": {"LOW": 1},
        "findings": [{"name": "CVE-2026-1", "severity": "LOW", "attributes": []}],
    },
}
_LOGIN: Final = {"authorizationToken": "QVdTOnBhc3N3b3Jk", "expiresAt": 1795000000}  # AWS:password
_PASS: Final = {"result": "PASS", "message": "no", "reasons": []}
#: What the local AWS does not have, by service and operation.
NOT_LOCAL: Final[dict[str, dict[str, Any]]] = {
    "ecr-public:GetAuthorizationToken": {"authorizationData": _LOGIN},
    "ecr:DescribeImageScanFindings": _SCANNED,
    "ecr:StartImageScan": {"imageScanStatus": {"status": "IN_PROGRESS"}},
    "access-analyzer:CheckNoNewAccess": _PASS,
    "access-analyzer:CheckAccessNotGranted": _PASS,
    "access-analyzer:CheckNoPublicAccess": _PASS,
    "access-analyzer:ValidatePolicy": {"findings": []},
    "pricing:GetProducts": {"FormatVersion": "aws_v1", "PriceList": []},
}
#: Which call: by its index, the first one of an operation, or what is true of the last of those that were asked.
At = int | str | Callable[[Sequence[Request]], bool]
#: Of a connection, not of the one behind it.
_HOP = {"connection", "content-length", "date", "server", "transfer-encoding"}


@dataclass
class Proxy:
    """`asked` are the calls since `begin`; the fault is at one of them, and at what its kind says besides.

    Nothing that a killed process has still sent gets through before the next `begin`.

    :param everyone: the CDK CLI's calls count, too; and what is killed is the whole group of the process.
    """

    place: Place
    port: int = 0
    asked: list[Request] = field(default_factory=list)
    child: int | None = None
    everyone: bool = False
    _fault: Fault | None = None
    _at: At = 0
    _struck: Request | None = None
    _met: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)

    def begin(self, fault: Fault | None = None, at: At = 0) -> None:
        """Forget what was asked, and spoil a call from now on."""
        with self._lock:
            self.asked, self.child, self._struck, self._met = [], None, None, 0
            self._fault, self._at = fault, at

    def of(self, process: int) -> None:
        """Which process is killed."""
        self.child = process

    @property
    def struck(self) -> Request | None:
        """The call that had the fault."""
        return self._struck

    def answer(self, request: Request) -> Answer:
        """What the client gets.

        :raises Silence, Hang, Killed: where it gets nothing.
        """
        with self._lock:
            mine = self.everyone or request.by_boto
            if mine:
                self.asked.append(request)
            fault = self._fault
            if fault is None or not mine:
                fault = None
            elif self._struck is None and self._is_here(request):
                self._struck = request
            elif self._struck is None or not (
                fault.every or request.key == self._struck.key or (fault.by_name and request.call == self._struck.call)
            ):
                fault = None
            number = self._met
            self._met += fault is not None
        return self.forward(request) if fault is None else fault.answer(request, number, self.forward)

    def _is_here(self, request: Request) -> bool:
        if callable(self._at):
            return self._at(self.asked)
        return self._at in (len(self.asked) - 1, request.call)

    def forward(self, request: Request) -> Answer:
        """What the local AWS says; of what it does not have, what AWS would say."""
        if (known := NOT_LOCAL.get(request.call)) is not None:
            return Answer(200, json.dumps(known).encode(), {"Content-Type": "application/json"})
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
        host = headers.get("Host", "")
        if not self.everyone:  # the signature of a role has the host in it, and is looked at
            headers["Host"] = f"{host.partition(':')[0]}:{self.place.port}"
        answer = self._pool.urlopen(
            request.method, request.path, body=request.body, headers=headers, decode_content=False, redirect=False
        )
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP}
        if "Location" in kept:
            kept["Location"] = kept["Location"].replace(f":{self.place.port}", f":{self.port}")
        return Answer(answer.status, answer.data, kept)

    @contextmanager
    def running(self) -> Iterator[Proxy]:
        """Until the block ends."""
        self._pool = urllib3.HTTPSConnectionPool(
            "localhost", self.place.port, ca_certs=str(self.place.authority), maxsize=32, retries=False
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.place.certificate, self.place.key)
        server = ThreadingHTTPServer((HOST, 0), _handler(self))
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            server.shutdown()
            server.server_close()

    def hang(self) -> None:
        """Say nothing for as long as anybody could wait."""
        self._ended.wait(60)

    def kill(self) -> None:
        """End the process that asks."""
        child, self.child = self.child, None  # its number may be another's when it has ended
        if child is not None:
            (os.killpg if self.everyone else os.kill)(child, signal.SIGKILL)


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - one class
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answered(self) -> None:
            body = self._body()
            try:
                named = {name.title(): value for name, value in self.headers.items()}  # Node sends small letters
                answer = proxy.answer(Request(self.command, self.path, named, body))
            except Killed:
                proxy.kill()
                return self._end()
            except Hang:
                proxy.hang()
                return self._end()
            except (Silence, urllib3.exceptions.HTTPError):
                return self._end()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) + answer.missing))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)
            if answer.missing:
                self._end()

        def _body(self) -> bytes:
            if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = []
            while size := int(self.rfile.readline().partition(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def _end(self) -> None:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

        def handle(self) -> None:
            with suppress(OSError, ValueError):  # the client went away
                super().handle()

        do_GET = do_POST = do_PUT = do_HEAD = do_PATCH = do_DELETE = _answered  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
