"""An ECR that takes its time: enough of its API for drift, so many milliseconds a call, on the loopback address.

`python -m benchmarks.slow_ecr PLAN.json`: the plan holds the answers; the port is printed to standard output.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Final

_THROTTLED: Final = {"__type": "ThrottlingException", "message": "Rate exceeded"}


class SlowEcr:
    """Answers from a plan: `rows` of DescribeRepositories, one answer an operation for the rest."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._asked = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after the other."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
                body = json.loads(await reader.readexactly(int(headers[b"content-length"])))
                await asyncio.sleep(self._plan["seconds"])
                status, answer = self._answer(headers[b"x-amz-target"].decode().rpartition(".")[2], body)
                text = json.dumps(answer).encode()
                writer.write(
                    b"HTTP/1.1 %d OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: %d\r\n\r\n%b"
                    % (status, len(text), text)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self._asked += 1
        if self._plan["throttle_every"] and self._asked % self._plan["throttle_every"] == 0:
            return 400, _THROTTLED
        if operation == "describerepositories":
            start, size = int(body.get("nextToken", 0)), body.get("maxResults", 100)
            rows = self._plan["rows"]
            more = {"nextToken": str(start + size)} if start + size < len(rows) else {}
            return 200, {"repositories": rows[start : start + size], **more}
        return 200, self._plan["answers"][operation]


async def _main(plan: Path) -> None:
    ecr = SlowEcr(json.loads(plan.read_text(encoding="utf-8")))
    server = await asyncio.start_server(ecr.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
