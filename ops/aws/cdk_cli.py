"""The cdk CLI of this project, for what only it can say or do."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ops.aws.cloud import CloudError
from ops.deploy.bootstrap_check import WAY_OUT
from registry.locations import Location
from registry.replacements.find import StackKey, Template

ROOT: Final = Path(__file__).resolve().parent.parent.parent
#: The pinned CLI, started by the pinned Node itself.
COMMAND: Final = (
    str(ROOT / ".venv" / "bin" / "node"),
    str(ROOT / "scripts" / "cdk.cjs"),
)
#: Where in its own code the CLI failed, which an import tells with its reason.
_TRACE: Final = re.compile(r"(\n +at .*)+(\n +[$'\w]+: .*)*(\n\})?")


@dataclass(frozen=True, slots=True)
class Assembly:
    """What the app makes of a registry file: a cloud assembly, and the template of each stack in it."""

    folder: Path
    templates: Mapping[StackKey, Path]

    def resources(self, at: Location, stack: str) -> Mapping[str, Mapping[str, Any]]:
        """The resources of a stack, by logical id."""
        resources: Mapping[str, Mapping[str, Any]] = _read(self.templates[at, stack])["Resources"]
        return resources

    def contents(self) -> dict[StackKey, Template]:
        """Every template, read: good also when the folder is gone."""
        return {key: _read(path) for key, path in self.templates.items()}

    def cdk(self, *arguments: str, doing: str) -> None:
        """Run the cdk CLI on it.

        :param doing: what failed, for the message: "prepare the import".
        :raises CloudError: where it cannot be started, or ends with an error.
        """
        _cdk(*arguments, "--app", str(self.folder), doing=doing)


def _read(template: Path) -> Template:
    found: Template = json.loads(template.read_text(encoding="utf-8"))
    return found


@contextmanager
def synthesized_assembly(file: Path, *, folder: Path | None = None) -> Iterator[Assembly]:
    """The cloud assembly of a registry file, as `cdk synth` writes it, for as long as it is needed.

    :param folder: where `cdk synth` has written it already, as `make deploy` does once for all that follows.
    """
    if folder is not None:
        yield read_assembly(folder)
        return
    with tempfile.TemporaryDirectory() as output:
        wanted = ("--context", f"registry={file.resolve()}", "--output", output)
        _cdk("synth", "--quiet", *wanted, doing="synthesize the stacks")
        yield read_assembly(Path(output))


def read_assembly(folder: Path) -> Assembly:
    """The cloud assembly in a folder.

    :raises CloudError: where there is none.
    """
    try:
        artifacts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    except (OSError, ValueError) as problem:
        raise CloudError(
            f"{folder} is not a cloud assembly: {problem}\n    way out: write one with `cdk synth --output {folder}`"
        ) from problem
    return Assembly(
        folder,
        {
            (_location(artifact["environment"]), artifact["properties"]["stackName"]): folder
            / artifact["properties"]["templateFile"]
            for artifact in artifacts.values()
            if artifact["type"] == "aws:cloudformation:stack"
        },
    )


def app_stacks(file: Path, *, folder: Path | None = None) -> frozenset[tuple[Location, str]]:
    """Every stack that the app makes of a registry file: location and name.

    Asked of the app itself: what another list forgot would be taken for a stack that has left.

    :param folder: as of `synthesized_assembly`.
    """
    with synthesized_assembly(file, folder=folder) as assembly:
        return frozenset(assembly.templates)


def _location(environment: str) -> Location:
    account, _, region = environment.removeprefix("aws://").partition("/")
    return Location(account, region)


def _cdk(*arguments: str, doing: str) -> None:
    try:
        finished = subprocess.run(  # noqa: S603
            [*COMMAND, *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="backslashreplace",
            check=False,
        )
    except OSError as problem:
        raise CloudError(f"cdk does not start: {problem}\n    way out: run `make setup`") from problem
    if finished.returncode:
        said = _TRACE.sub("", finished.stdout + finished.stderr)
        # Its own way out, `cdk bootstrap`, would make CloudFormation an administrator.
        way_out = f"\n    way out: {WAY_OUT}" if "cdk bootstrap" in said else ""
        raise CloudError(f"cdk could not {doing}:\n{said.replace('cdk bootstrap', 'make bootstrap')}{way_out}")
