"""What CodeBuild's images have and a test has not: the AWS CLI as the steps use it, and a docker that only pushes.

The CLI prints what boto3 is answered, in JSON, with all pages; errors as the CLI writes them. Docker writes down what
it was asked, keeps the password of a login, and pushes a small image instead of building one. Both executables only
hand on to the test's own process, which has its modules already.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from sandbox.images import Registry
from sandbox.place import Place

_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_PROGRAM = f"""\
import json, os, socket, sys
asked = {{"words": [os.path.basename(sys.argv[1]), *sys.argv[2:]], "folder": os.getcwd(),
          "stdin": sys.stdin.read() if "--password-stdin" in sys.argv else "",
          "keys": [os.environ[name] for name in {_KEYS!r}]}}
with socket.create_connection(("127.0.0.1", int(os.environ["SHIMS"]))) as there:
    there.sendall(json.dumps(asked).encode() + b"\\n")
    answer = json.loads(there.makefile().readline())
sys.stdout.write(answer["out"])
sys.stderr.write(answer["err"])
sys.exit(answer["code"])
"""


@dataclass
class Shims:
    """Both programs, in a folder that goes first in a PATH, with `SHIMS=port`; `asked` are the words of docker."""

    place: Place
    region: str
    folder: Path
    port: int = 0
    password: str = ""
    asked: list[list[str]] = field(default_factory=list)

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        name, *words = asked["words"]
        try:
            said = self._aws(words, asked["keys"]) if name == "aws" else self._docker(words, asked)
        except ClientError as problem:
            error = problem.response["Error"]
            said = f"\nAn error occurred ({error['Code']}) when calling it: {error['Message']}\n"
            return {"out": "", "err": said, "code": 254}
        return {"out": said, "err": "", "code": 0}

    def _aws(self, words: list[str], keys: list[str]) -> str:
        """`aws ecr get-login-password`, and any call with --cli-input-json."""
        service, operation, *rest = words
        client: Any = boto3.client(
            service,  # type: ignore[call-overload]
            region_name=self.region,
            endpoint_url=self.place.endpoint,
            verify=str(self.place.authority),
            **dict(zip(("aws_access_key_id", "aws_secret_access_key", "aws_session_token"), keys, strict=True)),
        )
        if operation == "get-login-password":
            (data,) = client.get_authorization_token()["authorizationData"]
            return base64.b64decode(data["authorizationToken"]).decode().partition(":")[2] + "\n"
        assert rest[::2] == ["--cli-input-json", "--output"], rest
        parameters = json.loads(Path(rest[1].removeprefix("file://")).read_text())
        method = operation.replace("-", "_")
        if client.can_paginate(method):
            answer = client.get_paginator(method).paginate(**parameters).build_full_result()
        else:
            answer = getattr(client, method)(**parameters)
        return json.dumps(answer, default=str)

    def _docker(self, words: list[str], asked: dict[str, Any]) -> str:
        """`docker login`, `docker buildx create` and `docker buildx build`."""
        self.asked.append(words)
        if words[0] == "login":
            self.password = asked["stdin"].strip()
        if words[:2] == ["buildx", "build"]:
            options = dict(itertools.pairwise(words))
            output = dict(part.split("=", 1) for part in options["--output"].split(","))
            host, _, repository = output["name"].partition("/")
            account, region = host.split(".")[0], host.split(".")[3]
            text = f"{options['--platform']} {Path(asked['folder'], words[-1], 'app').read_text()}"
            tag = f"pushed-{hashlib.sha256(text.encode()).hexdigest()[:12]}"  # oras pushes by tags
            digest = Registry(self.place, account, region, self.password).push(repository, tag, text)
            Path(options["--metadata-file"]).write_text(json.dumps({"containerimage.digest": digest}))
        return ""


@contextmanager
def served(place: Place, region: str, folder: Path) -> Iterator[Shims]:
    """The programs, as long as a test needs them."""
    shims = Shims(place, region, folder)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            answer = shims.answer(json.loads(self.rfile.readline()))
            self.wfile.write(json.dumps(answer).encode() + b"\n")

    (folder / "shim.py").write_text(_PROGRAM)
    for name in ("aws", "docker"):
        (folder / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{folder}/shim.py" "$0" "$@"\n')
        (folder / name).chmod(0o755)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        shims.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield shims
        server.shutdown()
        thread.join()
