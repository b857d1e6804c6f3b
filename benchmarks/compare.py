"""Whether two synthesized apps declare the same: the race is only fair where they do.

Compared: the stacks by name with account, region, tags and protection, and in each stack the resources by
type and name with all their properties, what they depend on and what happens on deletion. Ignored, as no
deployed resource differs by it: logical ids, the order of keys, of policy statements, actions, principals and
tags, a statement's Sid, metadata, and the rule and parameter about the bootstrap version.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SHOWN: Final = 10  # differences that are printed
_NAMES: Final = ("RepositoryName", "RoleName", "ManagedPolicyName")
_IN_ANY_ORDER: Final = ("AWS", "Action", "DependsOn", "Resource", "Statement", "Tags", "aws:PrincipalArn")


@dataclass(frozen=True, slots=True)
class Assembly:
    """What a cloud assembly declares: stacks by name, and resources by stack, type and name."""

    stacks: dict[str, Any]
    resources: dict[tuple[str, str, str], Any]

    def counts(self) -> dict[str, int]:
        """How many resources there are of each type."""
        return dict(sorted(Counter(kind for _, kind, _ in self.resources).items()))


def read(folder: Path) -> Assembly:
    """Read a cdk.out folder."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    stacks: dict[str, Any] = {}
    resources: dict[tuple[str, str, str], Any] = {}
    for artifact_id, artifact in manifest["artifacts"].items():
        if artifact["type"] != "aws:cloudformation:stack":
            continue
        properties = artifact["properties"]
        template = json.loads((folder / properties["templateFile"]).read_text(encoding="utf-8"))
        stack = properties.get("stackName", artifact_id)
        stacks[stack] = {
            "environment": artifact["environment"],
            "description": template.get("Description"),
            "outputs": template.get("Outputs"),
            "tags": properties.get("tags"),
            "terminationProtection": properties.get("terminationProtection"),
        }
        called = {logical_id: f"{it['Type']} {_name(it)}" for logical_id, it in template["Resources"].items()}
        for resource in _by_name(template["Resources"], called).values():
            key = (stack, resource["Type"], _name(resource))
            if key in resources:
                raise ValueError(f"{folder}: two resources are {' '.join(key)}")
            resources[key] = normalised({k: v for k, v in resource.items() if k != "Metadata"})
    return Assembly(stacks, resources)


def differences(ours: Assembly, peer: Assembly) -> list[str]:
    """What one assembly has that the other has not, or has otherwise; empty where the race is fair."""
    found = []
    if ours.counts() != peer.counts():
        found.append(f"resources by type: ours {ours.counts()}, peer {peer.counts()}")
    for stack in sorted(ours.stacks.keys() | peer.stacks.keys()):
        found += _different(f"stack {stack}", ours.stacks.get(stack), peer.stacks.get(stack))
    for key in sorted(ours.resources.keys() | peer.resources.keys()):
        found += _different(" ".join(key), ours.resources.get(key), peer.resources.get(key))
    return found


def normalised(value: Any, key: str = "") -> Any:
    """A value of a template in a form that is equal where its meaning is."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        return normalised(json.loads(value), key)
    if isinstance(value, dict):
        return {k: normalised(v, k) for k, v in sorted(value.items()) if not (k == "Sid" and "Effect" in value)}
    if key in _IN_ANY_ORDER and not isinstance(value, list):
        value = [value]
    if isinstance(value, list):
        items = [normalised(item) for item in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True)) if key in _IN_ANY_ORDER else items
    return value


def _by_name(value: Any, called: dict[str, str]) -> Any:
    """A value with names for the logical ids it refers to."""
    if isinstance(value, dict):
        return {k: _by_name(v, called) for k, v in value.items()}
    if isinstance(value, list):
        return [_by_name(item, called) for item in value]
    return called.get(value, value) if isinstance(value, str) else value


def _name(resource: dict[str, Any]) -> str:
    properties = resource.get("Properties", {})
    return next((str(properties[key]) for key in _NAMES if key in properties), "")


def _different(what: str, ours: Any, peer: Any) -> list[str]:
    if ours is None or peer is None:
        return [f"{what}: only {'peer' if ours is None else 'ours'} has it"]
    return [
        f"{what}: {part}: ours {json.dumps(a)}, peer {json.dumps(b)}" for part, a, b in _parts(ours, peer) if a != b
    ]


def _parts(ours: dict[str, Any], peer: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """The parts of two maps side by side; Properties one by one."""
    parts = []
    for key in sorted(ours.keys() | peer.keys()):
        a, b = ours.get(key), peer.get(key)
        if key == "Properties" and isinstance(a, dict) and isinstance(b, dict):
            parts += [(k, a.get(k), b.get(k)) for k in sorted(a.keys() | b.keys())]
        else:
            parts.append((key, a, b))
    return parts
