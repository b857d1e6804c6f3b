"""Two paths: / says which build this is, /healthz that it lives."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def answer(path: str, revision: str) -> tuple[int, dict[str, str]]:
    """Status and body. The build is known by its revision: what version it is, a release decides later, with a tag."""
    if path == "/":
        return 200, {"service": "app", "revision": revision}
    if path == "/healthz":
        return 200, {"status": "ok"}
    return 404, {"error": "there are / and /healthz"}


def made(host: str, port: int, revision: str) -> ThreadingHTTPServer:
    """A server that listens; port 0 is any free one."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answer(self.path, revision)
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            print(json.dumps({"request": format % arguments}), file=sys.stderr)

    return ThreadingHTTPServer((host, port), Handler)
