"""A loopback server in AWS's place that knows who asks, and answers everything else with the bytes it is given."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ops.aws.parallel import THREAD
from tests.ops.stubs import ACCOUNT

LONG = 60.0  # seconds; ends a hang, and nothing depends on it
IDENTITY = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::{ACCOUNT}:user/me</Arn><UserId>me</UserId><Account>{ACCOUNT}</Account></GetCallerIdentityResult>
<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>""".encode()


class OddAws:
    """`answer` is called with each request and its operation; None closes the connection without a word."""

    def __init__(self, answer: Callable[[str], tuple[int, bytes] | None]) -> None:
        self.asked: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def _answered(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                target = self.headers.get("X-Amz-Target") or dict(
                    part.partition("=")[::2] for part in body.decode().split("&")
                ).get("Action", self.path)
                operation = target.rpartition(".")[2]
                if operation.startswith("/policy/"):  # of IAM Access Analyzer: check-no-new-access
                    operation = operation.rpartition("/")[2].title().replace("-", "")
                    operation = {"Validation": "ValidatePolicy"}.get(operation, operation)
                server.asked.append(operation)
                said = (200, IDENTITY) if operation == "GetCallerIdentity" else answer(operation)
                if said is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                self.send_response(said[0])
                self.send_header("Content-Length", str(len(said[1])))
                self.end_headers()
                self.wfile.write(said[1])

            do_GET = do_POST = _answered  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._server.server_address[1]}",
            "AWS_ACCESS_KEY_ID": "none",
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "NO_PROXY": "127.0.0.1",
        }

    @contextmanager
    def running(self) -> Iterator[OddAws]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)  # how soon it ends
        thread.start()
        try:
            yield self
        finally:
            for left in threading.enumerate():  # of a command that did not wait for its calls
                if left.name == THREAD:
                    left.join(LONG)
            self._server.shutdown()
            self._server.server_close()
