"""The cdk CLI of this project, for what only it can say or do."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ops.cloud import CloudError
from registry.locations import Location

ROOT: Final = Path(__file__).resolve().parent.parent


def cdk(file: Path, *arguments: str, doing: str) -> str:
    """Run the cdk CLI on a registry file; what it prints to standard output.

    :param doing: what failed, for the message: "prepare the import".
    :raises CloudError: where it cannot be started, or ends with an error.
    """
    node, cli = ROOT / ".venv" / "bin" / "node", ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"
    try:
        with tempfile.TemporaryDirectory() as output:
            finished = subprocess.run(  # noqa: S603
                [
                    *(str(node), str(cli), *arguments),
                    *("--context", f"registry={file.resolve()}", "--output", output),
                ],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
    except OSError as problem:
        raise CloudError(f"cdk cannot be started: {problem}\n    way out: run `make setup`") from problem
    if finished.returncode:
        raise CloudError(f"cdk could not {doing}:\n{finished.stdout}{finished.stderr}")
    return finished.stdout


def app_stacks(file: Path) -> frozenset[tuple[Location, str]]:
    """Every stack that the app makes of a registry file: location and name.

    Asked of the app itself: what another list forgot would be taken for a stack that has left.
    """
    listed: Sequence[dict[str, dict[str, str]]] = json.loads(
        cdk(file, "list", "--long", "--json", doing="list the stacks of the app")
    )
    return frozenset(
        (Location(each["environment"]["account"], each["environment"]["region"]), str(each["name"])) for each in listed
    )
