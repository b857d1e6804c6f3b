"""The CDK app: reads the file while the CDK starts, and synthesizes it. Needs no credentials and no network."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry.errors import ExitCode, RegistryError
from registry.findings import printable
from registry.load import load

if TYPE_CHECKING:
    import aws_cdk as cdk

DEFAULT_FILE = "registry.yaml"
CDK_JSON = Path(__file__).resolve().with_name("cdk.json")


def flags() -> dict[str, Any]:
    """The CDK's feature flags, of this checkout's cdk.json wherever the CLI is started.

    A company's own repository has a cdk.json without them: they belong to the version that it uses.
    """
    context: dict[str, Any] = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    return context


def main(add: Callable[[cdk.App], None] | None = None) -> int:
    """Synthesize the registry that the context key `registry` names; the exit code.

    `add` puts something else in the app before it is synthesized. The file is read in a thread: the CDK starts by
    waiting for its JavaScript. What that thread needs is imported before, so that no two threads import at a time.
    """
    output = Path(os.environ.get("CDK_OUTDIR", ""))
    if output.is_symlink():  # one that came with somebody's branch may lead anywhere
        print(f"{output} is a link, and templates are not written through one\n    way out: remove it", file=sys.stderr)
        return ExitCode.INVALID
    gc.disable()  # a process of seconds has memory enough, and looking for garbage takes a tenth of one
    expected = json.loads(os.environ.get("CDK_CONTEXT_JSON", "{}")).get("registry") or DEFAULT_FILE
    with ThreadPoolExecutor(1) as beside:
        reading = beside.submit(load, Path(expected), expected)
        from stacks.build import build
        from stacks.checked_app import checked_app

        app = checked_app(context=flags())
    name = app.node.try_get_context("registry") or DEFAULT_FILE  # the CLI hands over a long context in a file
    try:
        registry, warnings = reading.result() if name == expected else load(Path(name), name)
    except RegistryError as problem:
        print("\n".join(map(printable, str(problem).split("\n"))), file=sys.stderr)
        return problem.exit_code
    for warning in warnings:
        print(warning, file=sys.stderr)
    build(app, registry)
    if add is not None:
        add(app)
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
