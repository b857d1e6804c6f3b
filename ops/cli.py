"""The command line of ecrctl. Importing this adds every command of ops/commands/ to the program."""

from __future__ import annotations

import importlib
import io
import pkgutil
import sys

from ops import commands
from ops.program import app, program
from ops.terminal import warn
from registry.errors import ExitCode, RegistryError

__all__ = ["app", "main"]

for _found in sorted(file.name for file in pkgutil.walk_packages(commands.__path__, "ops.commands.")):
    importlib.import_module(_found)


def main() -> None:
    """Run ecrctl; errors for people become one message and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a name still gets the rest
    try:
        program()()
    except RegistryError as problem:
        warn(str(problem))
        if more := problem.more():
            warn(f"    {more}")
        sys.exit(problem.exit_code)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
