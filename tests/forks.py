"""ecrctl in a process of its own, which is a fork of this one: it has loaded what a new Python would load for a second.

Everything else is as in a shell: the folder, the environment, what is said where, the exit code.
"""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import boto3

import ops
from ops.aws import cdk_cli
from ops.cli import main
from ops.deploy import bootstrap
from ops.program import program
from tests import clients_at_once
from tests.synth import ROOT


def ecrctl(
    *words: str, environment: Mapping[str, str], cdk: Sequence[str] = cdk_cli.COMMAND
) -> subprocess.CompletedProcess[str]:
    """Run ecrctl as somebody with this environment; nobody is there to answer, and nothing is a terminal.

    :param cdk: the command that it starts the CDK CLI with.
    """
    load_everything()

    def run() -> None:
        for module in (cdk_cli, bootstrap):
            module.__dict__["COMMAND"] = cdk
        sys.argv = ["ecrctl", *words]
        main()

    return forked(run, environment)


@cache
def load_everything() -> None:
    """What a fork loads itself, every fork has to load."""
    for module in pkgutil.walk_packages(ops.__path__, "ops."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    program()
    clients_at_once.read_all()
    gc.freeze()  # or each fork copies what it looks through


def forked(
    work: Callable[[], object], environment: Mapping[str, str], begun: Callable[[int], object] = lambda process: None
) -> subprocess.CompletedProcess[str]:
    """Do some work in a fork of this process; what it said, and its exit code (negative: the signal that ended it).

    :param begun: is told the id of the process.
    """
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as said_beside:
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child == 0:
            _be_a_program(work, environment, said.fileno(), said_beside.fileno())
        begun(child)
        _, status = os.waitpid(child, 0)
        said.seek(0)
        said_beside.seek(0)
        code = os.waitstatus_to_exitcode(status)
        return subprocess.CompletedProcess("ecrctl", code, said.read().decode(), said_beside.read().decode())


def _be_a_program(work: Callable[[], object], environment: Mapping[str, str], said: int, beside: int) -> None:
    """Never returns: what this process has open and has planned for its end is the other one's."""
    code = 1
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, file in enumerate((nothing, said, beside)):
            os.dup2(file, number)
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
        os.chdir(ROOT)
        os.environ.clear()
        os.environ.update(environment)
        boto3.setup_default_session()  # the one before has the credentials of somebody else
        work()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
