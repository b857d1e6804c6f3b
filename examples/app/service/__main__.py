"""Serve on HOST and PORT until SIGTERM, which is how ECS and Kubernetes end a container."""

import json
import signal
import sys
from os import environ
from threading import Thread

from service.server import made


def main() -> None:
    """Say where it listens, in one line of JSON as everything else in the log, and serve."""
    server = made(environ.get("HOST", "127.0.0.1"), int(environ.get("PORT", "8080")), environ.get("REVISION", "none"))

    def end(*_: object) -> None:
        Thread(target=server.shutdown).start()  # it waits for the loop below, which this thread is in

    signal.signal(signal.SIGTERM, end)
    print(json.dumps({"listening": server.server_port}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
