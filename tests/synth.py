"""Synthesize a registry in a test exactly as `cdk synth` does: same flags, same checks."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, NagPack

from registry.delivery.buildspecs import STEPS
from registry.load import check_sources
from registry.model import Registry
from registry.reading.yaml_reader import parse
from stacks import build as project
from stacks.checked_app import checked_app

ROOT = Path(__file__).resolve().parent.parent
#: The registry that is shipped as registry.yaml too, which belongs to the user: no test reads that one.
SEED = ROOT / "examples" / "seed" / "registry.yaml"
#: Every registry of examples/.
SHIPPED = sorted(ROOT.glob("examples/**/registry.yaml"))
Templates = dict[str, dict[str, Any]]

ACCOUNT = "123456789012"
SMALL = 'registry: {name: acme, account: "123456789012", region: ap-northeast-2}\n'


@cache
def context() -> dict[str, Any]:
    """The context of cdk.json: without it the flags of a test differ from those of a deploy."""
    return dict(json.loads((ROOT / "cdk.json").read_text())["context"])


def declared(text: str) -> Registry:
    """The registry a YAML text declares; fails with the findings where it is refused."""
    outcome = check_sources(parse(text.encode(), "registry.yaml"))
    assert outcome.registry is not None, "\n".join(map(str, outcome.findings))
    return outcome.registry


def synthesized(
    registry: Registry, folder: Path, packs: Sequence[type[NagPack]] = (AwsSolutionsChecks,)
) -> tuple[cdk.App, Templates]:
    """The app and its templates by stack path; raises where a check finds something."""
    app = checked_app(context=context(), outdir=str(folder / "cdk.out"))
    project.build(app, registry, packs)
    assembly = app.synth()
    return app, {stack.hierarchical_id: dict(stack.template) for stack in assembly.stacks_recursively}


def templates_in(folder: Path) -> Templates:
    """The templates in the output of `cdk synth`, by their file names."""
    return {file.name: json.loads(file.read_text()) for file in sorted(folder.glob("*.template.json"))}


def resources(template: dict[str, Any], resource_type: str) -> list[dict[str, Any]]:
    """The resources of one type, in the order of the template."""
    return [r for r in template["Resources"].values() if r["Type"] == resource_type]


def readable(template: dict[str, Any]) -> dict[str, Any]:
    """A template for people: no bootstrap boilerplate, JSON inside strings unfolded, hashes of assets masked."""
    kept = {k: v for k, v in template.items() if k not in ("Parameters", "Rules")}
    return dict(_unfolded(kept))


def reviewable(templates: Templates) -> dict[str, dict[str, Any] | str]:
    """Readable templates by stack path; one that equals an earlier one only says so, and so do endpoint policies."""
    seen: dict[str, str] = {}
    shown: dict[str, dict[str, Any] | str] = {}
    for path in sorted(templates):
        template = readable(templates[path])
        for name, resource in template["Resources"].items():
            if resource["Type"] == "AWS::EC2::VPCEndpoint":
                policy = resource["Properties"]["PolicyDocument"]
                same = seen.setdefault(path + json.dumps(policy, sort_keys=True), name)
                resource["Properties"]["PolicyDocument"] = policy if same == name else f"the same as of {same}"
        same = seen.setdefault(json.dumps(template, sort_keys=True), path)
        shown[path] = template if same == path else f"the same as {same}"
    return shown


def _unfolded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _unfolded(v) for k, v in value.items() if k != "Metadata"}
    if isinstance(value, list):
        return [_unfolded(item) for item in value]
    if isinstance(value, str) and value.startswith('{"'):
        return {"(JSON)": _unfolded(json.loads(value))}
    if isinstance(value, str) and value.startswith("[{"):
        return [{"(JSON)": each} for each in json.loads(value)]
    if isinstance(value, str):
        for step in sorted(STEPS.glob("*.*")):
            value = value.replace(step.read_text(), f"({step.name})\n")
    return re.sub(r"\b[0-9a-f]{64}\b", "<64 hex>", value) if isinstance(value, str) else value
