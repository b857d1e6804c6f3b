"""Lies in a copy of the emulator: writes down every call there, and ends the process at one of them.

HOME of the emulator is its folder. `kill.json` there says where it ends, and is gone then; `calls` has the names.
"""

import json
import os
import re
import signal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")


def name_of(method: str, path: str, headers: dict[str, str], body: bytes) -> str:
    """Service and operation; of what is asked for by a path, where that begins."""
    found = _SCOPE.search(headers.get("authorization", ""))
    if target := headers.get("x-amz-target"):
        operation = target.rpartition(".")[2]
    else:
        action = dict(parse_qsl(body.decode(errors="replace"))).get("Action")
        operation = action or f"{method} {path.lstrip('/').partition('/')[0]}"
    return f"{found[1] if found else 'oci'}:{operation}"


def install(app: Any) -> None:
    """Stand before everything."""
    stock, folder, asked = app.app, Path(os.environ["HOME"]), list[str]()
    kill = json.loads((folder / "kill.json").read_text()) if (folder / "kill.json").exists() else {}

    def end() -> None:
        (folder / "kill.json").unlink()
        os.kill(os.getpid(), signal.SIGKILL)

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_ministack"):
            await stock(scope, receive, send)
            return
        parts = [await receive()]
        while parts[-1].get("more_body"):
            parts.append(await receive())
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        name = name_of(scope["method"], scope["path"], headers, b"".join(it.get("body", b"") for it in parts))
        here = name == kill.get("call") and name not in asked
        asked.append(name)
        with (folder / "calls").open("a") as file:
            file.write(f"{name}\n")
        if here and not kill["after"]:
            end()

        async def read() -> Any:
            return parts.pop(0) if parts else await receive()

        async def say(message: Any) -> None:
            if here:  # it is carried out, and nobody hears of it
                end()
            await send(message)

        await stock(scope, read, say)

    app.app = answer
