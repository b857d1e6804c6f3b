"""`python -m sandbox up|down`: what `make sandbox` and `make sandbox-stop` call."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ops.aws.cloud import aws_errors
from registry.errors import RegistryError
from sandbox import run, server, show
from sandbox.cdk import whether_it_runs
from sandbox.place import DEFAULT_FOLDER, DEFAULT_PORT, Place, SandboxError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="where the sandbox keeps its things")
    verbs = parser.add_subparsers(dest="verb", required=True)
    up = verbs.add_parser("up", help="start, bootstrap, deploy, push an image and read it back")
    up.add_argument("file", type=Path, nargs="?", default=Path("registry.yaml"))
    up.add_argument("--port", type=_port, help=f"port on 127.0.0.1 (default: the running one's, or {DEFAULT_PORT})")
    verbs.add_parser("down", help="stop the local AWS; its content is gone")
    chosen = parser.parse_args(arguments)
    place = Place(folder=chosen.folder.resolve(), port=DEFAULT_PORT)
    remembered = place.remembered()
    place = Place(folder=place.folder, port=getattr(chosen, "port", None) or (remembered or (0, DEFAULT_PORT))[1])
    try:
        if chosen.verb == "up":
            with aws_errors():
                run.up(place, chosen.file)
        else:
            show.note("stopped" if server.stop(place) else "no sandbox runs here")
    except SandboxError as problem:
        show.problem(str(problem))
        return 1
    except RegistryError as problem:
        show.problem(f"{problem}\n{whether_it_runs(place)}")
        return 1
    except KeyboardInterrupt:
        show.problem(f"\nInterrupted. {whether_it_runs(place)}")
        return 130
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is no port; allowed are 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
