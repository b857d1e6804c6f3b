"""Writes docs/coverage.md: every operation of ECR's APIs and every property of its CloudFormation types, and where this
project declares, reads or uses it, or why it does not.

Computed from botocore's models, from CloudFormation's schemas as cfn-lint brings them along, from the tables of
permissions and from the golden templates; only what nothing uses has a reason by hand. Run by `make docs`.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import botocore.session
import cfnlint.version
from botocore import xform_name

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "coverage.md"
SCHEMAS: Final = Path(cfnlint.__file__).parent / "data" / "schemas" / "resources"
SERVICES: Final = {"ecr": "Amazon ECR", "ecr-public": "Amazon ECR Public"}
#: Keys of the file that only sound like a property of these types.
_OTHERS: Final = frozenset({"rules"})
#: Why nothing here does it; tests/test_coverage.py fails for what is used after all.
NOT_USED: Final[Mapping[str, str]] = {
    "ecr-public:BatchDeleteImage": "what strangers pull is deleted by hand, with eyes open",
    "ecr-public:DescribeImageTags": "images of ECR Public are no command's: `aws ecr-public describe-image-tags`",
    "ecr-public:DescribeImages": "images of ECR Public are no command's: `aws ecr-public describe-images`",
    "ecr-public:DescribeRegistries": "aliases are asked for by hand, once, and are for good",
    "ecr-public:GetRegistryCatalogData": "the name beside a verified alias, which AWS gives to few",
    "ecr-public:PutRegistryCatalogData": "the name beside a verified alias, which AWS gives to few",
}
#: The same of properties, as TYPE/PATH, or of a whole type.
NOT_DECLARED: Final[Mapping[str, str]] = {
    "AWS::ECR::Repository/LifecyclePolicy/RegistryId": "the policy is of the repository it is in, so of its registry",
}
_INTRODUCTION: Final = """\
# What of ECR is here

Made by `make docs` from botocore {version} and CloudFormation's schemas (cfn-lint {schemas}): every operation and
property there is, and where this project declares, reads or uses it, or why not. A new one in either fails a test
until it is here.

- **deploy**: CloudFormation does it for the resources of the stacks.
- **ecrctl**: the commands that may do it (`ecrctl permissions COMMAND`).
- **granted**: the grants and policies of the file that give it to somebody.
- **local AWS**: the sandbox adds or patches it; what is not marked there is ministack's, or missing.
"""
_PROPERTIES: Final = """\
## Properties of CloudFormation's types

Of every type `AWS::ECR::`. A key of the file that is called otherwise is not named here.

| property | key | declared by | or why not |
|---|---|---|---|"""


@cache
def operations(service: str) -> tuple[str, ...]:
    """The operations of a service, as IAM calls them: `ecr:PutImage`."""
    return tuple(
        f"{service}:{name}" for name in botocore.session.get_session().get_service_model(service).operation_names
    )


@cache
def uses() -> Mapping[str, tuple[str, str, str, str]]:
    """By operation what uses it: the four columns, each a text; those that nothing uses are left out."""
    found = {}
    for service in SERVICES:
        for name in operations(service):
            columns = (_deployed(name), _commands(name), _granted(name), _local(name))
            if any(columns[:3]):
                found[name] = columns
    return found


def _deployed(name: str) -> str:
    from registry.access import cloudformation_actions as actions

    return "yes" if name in {*actions.REPOSITORIES, *actions.REGISTRY, *actions.PUBLIC_REPOSITORIES} else ""


def _commands(name: str) -> str:
    from ops.aws.permissions import COMMANDS

    found = sorted({c.partition(" --")[0] for c, needs in COMMANDS.items() if any(name in it for it in needs.values())})
    if not found and name.startswith("ecr:") and xform_name(name.partition(":")[2]) in _called():
        return "called, under the permission of another action"
    return ", ".join(f"`{each}`" for each in found)


@cache
def _called() -> frozenset[str]:
    """Every name that the code of ops/ has."""
    nodes = (node for file in (ROOT / "ops").rglob("*.py") for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    return frozenset(node.attr for node in nodes if isinstance(node, ast.Attribute))


def _granted(name: str) -> str:
    from registry.access.purposes import PURPOSES

    found = [
        purpose.name
        for purpose in PURPOSES
        if name in (*purpose.of_own_roles, *purpose.on_registry, *purpose.on_caches)
    ]
    return ", ".join(found)


def _local(name: str) -> str:
    service, _, operation = name.partition(":")
    return "patched" if operation in _emulated(service) else ""


@cache
def _emulated(service: str) -> frozenset[str]:
    """The operations in the tables of sandbox/emulator, which runs in an environment of its own."""
    folder, own = ROOT / "sandbox" / "emulator", "public_repositories.py"
    files = [folder / own] if service == "ecr-public" else [it for it in folder.glob("*.py") if it.name != own]
    return frozenset(re.findall(r'"([A-Z][A-Za-z]+)"', "\n".join(file.read_text("utf-8") for file in files)))


@cache
def schemas() -> Mapping[str, Any]:
    """CloudFormation's schemas of ECR, by type."""
    found = (json.loads(file.read_text("utf-8")) for file in SCHEMAS.glob("*.json"))
    return {it["typeName"]: it for it in sorted(found, key=lambda it: str(it["typeName"])) if _is_of_ecr(it)}


def _is_of_ecr(schema: Any) -> bool:
    return str(schema["typeName"]).startswith("AWS::ECR::")


@cache
def properties() -> Mapping[str, str]:
    """By TYPE/PATH of each property where it is declared, or that AWS gives it; empty where nothing does."""
    made = _made()
    found = {}
    for name, schema in schemas().items():
        given = {it.removeprefix("/properties/") for it in schema.get("readOnlyProperties", ())}
        construct = _constructs().get(name)
        for path in dict.fromkeys(_paths(schema, schema.get("definitions", {}), "")):
            there = path in made.get(name, ()) or (construct and f"{_snake(path)}=" in construct[1])
            found[f"{name}/{path}"] = (
                "given by AWS" if path in given else f"`constructs/{construct[0]}`" if there and construct else ""
            )
    return found


def _paths(node: Any, definitions: Any, before: str, seen: tuple[str, ...] = ()) -> Iterator[str]:
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from _paths(definitions[name], definitions, before, (*seen, name))
        return
    for key, inner in node.get("properties", {}).items():
        yield f"{before}{key}"
        yield from _paths(inner, definitions, f"{before}{key}/", seen)
    if "items" in node:
        yield from _paths(node["items"], definitions, before, seen)


@cache
def _made() -> Mapping[str, frozenset[str]]:
    """By type every path of a property in the golden templates."""
    found: dict[str, set[str]] = {}
    for file in sorted((ROOT / "tests" / "golden").glob("*.json")):
        for template in json.loads(file.read_text("utf-8")).values():
            for resource in template["Resources"].values() if isinstance(template, dict) else ():
                found.setdefault(resource["Type"], set()).update(_written(resource.get("Properties", {}), ""))
    return {name: frozenset(paths) for name, paths in found.items()}


def _written(value: Any, before: str) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _written(each, before)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield f"{before}{key}"
            yield from _written(inner, f"{before}{key}/")


@cache
def _constructs() -> Mapping[str, tuple[str, str]]:
    """By type the file of its construct, and what that says."""
    found = {}
    for file in sorted((ROOT / "constructs").glob("*.py")):
        text = file.read_text("utf-8")
        for name in re.findall(r"\becr\.Cfn([A-Z]\w+)\)", text):
            found[f"AWS::ECR::{name}"] = (file.name, text)
    return found


@cache
def _keys() -> frozenset[str]:
    """Every key that the file can have."""
    schema = json.loads((ROOT / "registry.schema.json").read_text("utf-8"))
    return frozenset(key for it in (schema, *schema["definitions"].values()) for key in it.get("properties", ()))


def _snake(path: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", path.rpartition("/")[2]).lower()


def coverage() -> str:
    """The page's text."""
    lines = [_INTRODUCTION.format(version=botocore.__version__, schemas=cfnlint.version.__version__)]
    for service, title in SERVICES.items():
        lines += [f"## Operations of {title}", "", "| operation | deploy | ecrctl | granted | local AWS | or why not |"]
        lines.append("|---|---|---|---|---|---|")
        for name in operations(service):
            columns = uses().get(name, ("", "", "", _local(name)))
            reason = "" if name in uses() else NOT_USED.get(name, "")
            lines.append(f"| {name.partition(':')[2]} | {' | '.join(columns)} | {reason} |")
        lines.append("")
    lines += [_PROPERTIES]
    for name, where in properties().items():
        key = f"`{_snake(name)}`" if where and _snake(name) in _keys() - _OTHERS else ""
        lines.append(f"| {name.removeprefix('AWS::ECR::')} | {key} | {where} | {'' if where else _why(name)} |")
    return "\n".join(lines) + "\n"


def _why(name: str) -> str:
    return NOT_DECLARED.get(name, "")


if __name__ == "__main__":
    PAGE.write_text(coverage(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
