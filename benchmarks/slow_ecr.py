"""An ECR that takes its time, for drift and images: so many milliseconds a call, on the loopback address.

`python -m benchmarks.slow_ecr PLAN.json`: the plan holds the answers; the port is printed to standard output.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import botocore.session

ROOT: Final = Path(__file__).resolve().parent.parent
_THROTTLED: Final = {"__type": "ThrottlingException", "message": "Rate exceeded"}


class SlowEcr:
    """Answers from a plan: `rows` of DescribeRepositories, one answer an operation for the rest.

    What the plan has no answer for has none of what it lists: what is read of ECR grows with ecrctl.
    """

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        # Made once: in a race for the processors of one machine, AWS's own work is not ours.
        answers = _empty_lists() | plan["answers"]
        self._texts = {operation: json.dumps(answer).encode() for operation, answer in answers.items()}
        self._asked = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after the other."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
                body = json.loads(await reader.readexactly(int(headers[b"content-length"])))
                await asyncio.sleep(self._plan["seconds"])
                status, text = self._answer(headers[b"x-amz-target"].decode().rpartition(".")[2], body)
                writer.write(
                    b"HTTP/1.1 %d OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: %d\r\n\r\n%b"
                    % (status, len(text), text)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, operation: str, body: dict[str, Any]) -> tuple[int, bytes]:
        self._asked += 1
        if self._plan["throttle_every"] and self._asked % self._plan["throttle_every"] == 0:
            return 400, json.dumps(_THROTTLED).encode()
        if operation == "describerepositories":
            start, size = int(body.get("nextToken", 0)), body.get("maxResults", 100)
            rows = self._plan["rows"]
            more = {"nextToken": str(start + size)} if start + size < len(rows) else {}
            return 200, json.dumps({"repositories": rows[start : start + size], **more}).encode()
        return 200, self._texts[operation]


def _empty_lists() -> dict[str, dict[str, list[Any]]]:
    """The lists of every answer of ECR, without an entry."""
    service = botocore.session.get_session().get_service_model("ecr")
    shapes = ((name, service.operation_model(name).output_shape) for name in service.operation_names)
    return {
        name.lower(): {key: [] for key, member in shape.members.items() if member.type_name == "list"}
        for name, shape in shapes
        if shape is not None
    }


@contextmanager
def serving(plan: dict[str, Any]) -> Iterator[None]:
    """A process that answers from a plan, and boto3 of this process and its children pointed at it."""
    with tempfile.TemporaryDirectory(prefix="ecr-bench-") as folder:
        file = Path(folder) / "plan.json"
        file.write_text(json.dumps(plan), encoding="utf-8")
        server = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.slow_ecr", str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            port = server.stdout.readline().strip()
            os.environ.update(
                AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
                AWS_ACCESS_KEY_ID="none",
                AWS_SECRET_ACCESS_KEY="none",  # noqa: S106
                AWS_EC2_METADATA_DISABLED="true",
                AWS_CONFIG_FILE=os.devnull,
                AWS_SHARED_CREDENTIALS_FILE=os.devnull,
                NO_PROXY="127.0.0.1",
            )
            yield
        finally:
            server.terminate()
            server.wait()


async def _main(plan: Path) -> None:
    ecr = SlowEcr(json.loads(plan.read_text(encoding="utf-8")))
    server = await asyncio.start_server(ecr.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
