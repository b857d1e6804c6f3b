"""The AWS CLI and docker as far as snippets use them, against a sandbox: neither is on every machine that tests.

`aws` gives the words of the real one to boto3, which refuses a wrong name; docker pushes an image of one small layer
with what is in `app.txt`, and keeps a log-in where the real one does. Both are asked over a socket in a folder, because
a script starts them ten times and boto3 takes a second to start. `date` is a second later each time that it is asked.
"""

from __future__ import annotations

import base64
import json
import shlex
import socketserver
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import jmespath
from botocore import UNSIGNED, xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from ops.images.reference import HOST
from sandbox import images
from sandbox.place import Place

#: What `aws` and `docker` are: they send their words, their environment and their input, and end as they are told.
_CLIENT = """\
import json, os, select, socket, sys
given = sys.stdin.read() if "--password-stdin" in sys.argv else ""
asked = {"words": sys.argv[2:], "environment": dict(os.environ), "folder": os.getcwd(), "input": given}
with socket.socket(socket.AF_UNIX) as there:
    there.connect(sys.argv[1])
    there.sendall(json.dumps(asked).encode() + b"\\n")
    answer = json.loads(there.makefile().read())
sys.stdout.write(answer["out"])
sys.stderr.write(answer["err"])
sys.exit(answer["code"])
"""
_DATE = """\
#!/bin/sh
seconds=$(($(cat {0} 2> /dev/null || echo 10) + 1))
echo "$seconds" > {0}
echo "20260102T0304${{seconds}}Z"
"""


@dataclass
class Asked:
    """A program that somebody starts, and what it says."""

    words: list[str]
    environment: dict[str, str]
    folder: str
    input: str
    place: Place
    out: str = ""
    err: str = ""

    def file(self, name: str) -> Path:
        return Path(self.folder) / name


@dataclass
class Tools:
    """A folder for PATH, with `aws`, `docker` and an `apk` that does nothing."""

    folder: Path
    place: Place
    clients: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def run(self, asked: Asked) -> int:
        name, *words = asked.words
        return self._aws(asked, words) if name == "aws" else docker(asked, words)

    def _aws(self, asked: Asked, words: list[str]) -> int:
        service, verb, *rest = words
        options: dict[str, str] = {}
        while rest:
            name, value, *rest = rest
            assert name.startswith("--"), name
            options[name[2:]] = value
        region = options.pop("region", asked.environment.get("AWS_REGION", ""))
        query, output = options.pop("query", None), options.pop("output", "json")
        if output != "text":
            output = "json"
        try:
            made = self._client(asked, service, region)
            if verb == "get-login-password":
                assert not options
                token = made.get_authorization_token()["authorizationData"][0]["authorizationToken"]
                asked.out = base64.b64decode(token).decode().partition(":")[2] + "\n"
                return 0
            answer = getattr(made, xform_name(verb.replace("-", "_")))(**_parameters(made, verb, options))
        except ClientError as problem:
            asked.err = f"{problem}\n"
            return 254
        found = jmespath.search(query, answer) if query else answer
        asked.out = (str(found) if output == "text" else json.dumps(found, default=str)) + "\n"
        return 0

    def _client(self, asked: Asked, service: str, region: str) -> Any:
        keys = self._keys(asked.environment, region)
        if (service, region, *keys) not in self.clients:
            self.clients[(service, region, *keys)] = self._made(service, region, keys)
        return self.clients[(service, region, *keys)]

    def _keys(self, environment: Mapping[str, str], region: str) -> tuple[str, ...]:
        """From the environment; or by its token, as the AWS CLI does it by itself."""
        if "AWS_ACCESS_KEY_ID" in environment:
            return tuple(environment[f"AWS_{it}"] for it in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"))
        found = self._made("sts", region, ()).assume_role_with_web_identity(
            RoleArn=environment["AWS_ROLE_ARN"],
            RoleSessionName=environment["AWS_ROLE_SESSION_NAME"],
            WebIdentityToken=Path(environment["AWS_WEB_IDENTITY_TOKEN_FILE"]).read_text(),
        )["Credentials"]
        return found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"]

    def _made(self, service: str, region: str, keys: tuple[str, ...]) -> Any:
        names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=region,
            endpoint_url=self.place.endpoint,
            verify=str(self.place.authority),
            config=Config(proxies={}, retries={"max_attempts": 1}, signature_version=None if keys else UNSIGNED),
            **dict(zip(names, keys, strict=False)),
        )


@contextmanager
def installed(folder: Path, place: Place) -> Iterator[Tools]:
    """The tools in a folder, as long as this lasts."""
    tools = Tools(folder / "bin", place)
    tools.folder.mkdir()
    (folder / "client.py").write_text(_CLIENT)
    path = folder / "s"
    for name in ("aws", "docker"):
        words = shlex.join([sys.executable, "-I", "-S", str(folder / "client.py"), str(path), name])
        (tools.folder / name).write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    (tools.folder / "apk").write_text("#!/bin/sh\n")
    (tools.folder / "date").write_text(_DATE.format(shlex.quote(str(folder / "seconds"))))
    for file in tools.folder.iterdir():
        file.chmod(0o755)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked = Asked(**json.loads(self.rfile.readline()), place=place)
            try:
                code = tools.run(asked)
            except Exception as problem:  # what these tools do not know is the test's to see
                code, asked.err = 99, f"{type(problem).__name__}: {problem}\n"
            self.wfile.write(json.dumps({"code": code, "out": asked.out, "err": asked.err}).encode())

    with socketserver.UnixStreamServer(str(path), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield tools
        finally:
            server.shutdown()
            thread.join()


def push(place: Place, reference: str, password: str, text: str) -> str:
    """Push an image with a text to HOST/REPOSITORY:TAG; its digest."""
    host, _, rest = reference.partition("/")
    repository, _, tag = rest.rpartition(":")
    found = HOST.fullmatch(host)
    assert found, f"{host} is no registry of ECR"
    return images.Registry(place, found["account"], found["region"], password).push(repository, tag, text)


def _parameters(client: Any, verb: str, options: dict[str, str]) -> dict[str, Any]:
    operation = "".join(it.capitalize() for it in verb.split("-"))
    members = client.meta.service_model.operation_model(operation).input_shape.members
    names = {xform_name(it, "-"): it for it in members}
    return {names[name]: _value(members[names[name]].type_name, value) for name, value in options.items()}


def _value(kind: str, value: str) -> Any:
    if value.startswith("file://"):
        value = Path(value.removeprefix("file://")).read_text()
    if kind == "list":  # in the AWS CLI's shorthand: imageTag=v1
        return [dict([it.split("=", 1)]) for it in value.split()]
    return value


def docker(asked: Asked, words: list[str]) -> int:
    folder = Path(asked.environment["DOCKER_CONFIG"])
    match words:
        case ["login", "--username", "AWS", "--password-stdin", host]:
            (folder / "config.json").write_text(json.dumps({"auths": {host: asked.input.strip()}}))
        case ["context", "inspect", "ci"]:
            return 1
        case ["context", "create", "ci"]:
            asked.out = "ci\n"
        case ["buildx", "create", "--driver", "docker-container", *endpoint]:
            assert endpoint == (["ci"] if asked.environment.get("DOCKER_TLS_VERIFY") else []), endpoint
            asked.out = "builder\n"
        case ["buildx", "rm", "--force", "builder"]:
            assert (folder / "config.json").exists()
        case ["buildx", "build", "--builder", "builder", "--push", *options, "."]:
            _build(asked, folder, options)
        case _:
            raise AssertionError(words)
    return 0


def _build(asked: Asked, folder: Path, words: list[str]) -> None:
    options: list[tuple[str, str]] = []
    while words:
        name, *words = words
        name, given, value = name.partition("=")
        if not given:
            value, *words = words
        options.append((name, value))
    logged_in = json.loads((folder / "config.json").read_text())["auths"]
    text, digest = asked.file("app.txt").read_text(), ""
    for name, value in options:
        if name == "--tag":
            digest = push(asked.place, value, logged_in[value.partition("/")[0]], text)
        if name == "--cache-to":
            told = dict(it.split("=", 1) for it in value.split(","))
            assert told["image-manifest"] == told["oci-mediatypes"] == "true", "ECR takes no other cache"
            push(asked.place, told["ref"], logged_in[told["ref"].partition("/")[0]], f"cache of {text}")
    (metadata,) = [value for name, value in options if name == "--metadata-file"]
    Path(metadata).write_text(json.dumps({"containerimage.digest": digest}, indent=2))
