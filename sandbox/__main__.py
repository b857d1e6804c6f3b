"""`python -m sandbox up|down|demo`: what `make sandbox`, `make sandbox-stop` and `make demo` call; and push and run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ops.aws.cloud import aws_errors
from registry.errors import RegistryError
from sandbox import run, server, show, verbs
from sandbox.cdk import whether_it_runs
from sandbox.demo import demo
from sandbox.place import DEFAULT_FOLDER, DEFAULT_PORT, HOST, Place, SandboxError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="where the sandbox keeps its things")
    actions = parser.add_subparsers(dest="verb", required=True)
    up = actions.add_parser("up", help="start, bootstrap, deploy, push an image and read it back")
    up.add_argument("file", type=Path, nargs="?", default=Path("registry.yaml"))
    actions.add_parser("down", help="stop the local AWS; its content is gone")
    shown = actions.add_parser("demo", help="show examples/app from a build to a rollback")
    for verb in (up, shown):
        verb.add_argument("--port", type=_port, help=f"port on {HOST} (default: the running one's, or {DEFAULT_PORT})")
    pushed = actions.add_parser("push", help="build the image of a folder without Docker, and push it")
    pushed.add_argument("context", type=Path, metavar="FOLDER", help="where the Dockerfile is")
    pushed.add_argument("--build-arg", type=_pair, action="append", default=[], metavar="NAME=VALUE")
    ran = actions.add_parser("run", help="pull an image, start it without Docker, and print what it answers")
    ran.add_argument("--region", help="from this replica (default: the home)")
    for verb in (pushed, ran):
        verb.add_argument("reference", metavar="REPOSITORY:TAG")
        verb.add_argument("--registry", type=Path, default=Path("registry.yaml"), metavar="FILE")
    chosen = parser.parse_args(arguments)
    place = Place(folder=chosen.folder.resolve(), port=DEFAULT_PORT)
    remembered = place.remembered()
    place = Place(folder=place.folder, port=getattr(chosen, "port", None) or (remembered or (0, DEFAULT_PORT))[1])
    try:
        with aws_errors():
            _do(place, chosen)
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


def _do(place: Place, chosen: argparse.Namespace) -> None:
    match chosen.verb:
        case "up":
            run.up(place, chosen.file)
        case "down":
            show.note("stopped" if server.stop(place) else "no sandbox runs here")
        case "demo":
            demo(place)
        case "push":
            verbs.push(place, chosen.context, chosen.reference, dict(chosen.build_arg), chosen.registry)
        case "run":
            verbs.run(place, chosen.reference, chosen.region, chosen.registry)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not name or not sign:
        raise argparse.ArgumentTypeError(f"{text} is no NAME=VALUE")
    return name, value


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is no port; allowed are 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
