"""The templates that the app makes of a registry file, as fast as they come: without the CLI, and without checks."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ops.aws.cdk_cli import ROOT, read_assembly
from ops.child import run_child
from registry.errors import RegistryError
from registry.replacements.find import StackKey, Template


class NotSynthesized(RegistryError):
    """The app makes no templates of a valid file; the message has what it said."""


def templates(file: Path) -> Mapping[StackKey, Template]:
    """By stack. The checks change no template and take half of the time: `make synth` runs them.

    :raises NotSynthesized: where the app does not start, or fails.
    """
    with tempfile.TemporaryDirectory() as output:
        # What the CLI hands over: https://docs.aws.amazon.com/cdk/v2/guide/configure-synth.html
        wanted = {
            "CDK_OUTDIR": output,
            "CDK_CONTEXT_JSON": json.dumps({"registry": str(file.resolve())}),
            "CDK_VALIDATION": "false",
        }
        try:
            finished = run_child([ROOT / "scripts" / "app"], folder=ROOT, added=wanted)
        except OSError as problem:
            raise NotSynthesized(f"the app does not start: {problem}\n    way out: run `make setup`") from problem
        if finished.returncode:
            raise NotSynthesized(f"the app makes no templates of {file}:\n{finished.stdout.rstrip()}")
        return read_assembly(Path(output)).contents()
