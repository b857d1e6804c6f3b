"""What a deploy could only replace: found in two sets of templates, those deployed and those of the file.

Some properties are create-only: CloudFormation makes the resource anew, then deletes the old one. Where the resource
has a name of its own, the new one cannot be made, because the old one still has the name; CloudFormation fails midway.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html
https://repost.aws/knowledge-center/cloudformation-custom-name

Pure: which templates there are is for the caller to find out. What to do about it says replacement_advice.py.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from registry.locations import Location

Template = Mapping[str, Any]
#: A stack: where it is, and its name there.
StackKey = tuple[Location, str]
Resource = Mapping[str, Any]

REPOSITORY: Final = "AWS::ECR::Repository"
PUBLIC_REPOSITORY: Final = "AWS::ECR::PublicRepository"
CACHE_RULE: Final = "AWS::ECR::PullThroughCacheRule"
ENDPOINT: Final = "AWS::EC2::VPCEndpoint"
ROLE: Final = "AWS::IAM::Role"
POLICY: Final = "AWS::IAM::ManagedPolicy"
PROVIDER: Final = "AWS::IAM::OIDCProvider"
ALIAS: Final = "AWS::KMS::Alias"
PROFILE: Final = "AWS::Signer::SigningProfile"
FILTER: Final = "AWS::InspectorV2::Filter"
PERMISSION: Final = "AWS::Signer::ProfilePermission"
#: Names that are taken although the identifier is given by AWS, or is more than one property. A policy's name is unique
#: in an account whatever its path, and an account has one provider for an issuer:
#: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
_NAMED_BY: Final = {
    POLICY: ("ManagedPolicyName",),
    PROVIDER: ("Url",),
    PROFILE: ("ProfileName",),
    PERMISSION: ("ProfileName", "StatementId"),
    FILTER: ("Name",),
}
#: A new one is empty, or opens nothing of what the old one closed.
_HOLDS_DATA: Final = frozenset({REPOSITORY, PUBLIC_REPOSITORY, "AWS::KMS::Key"})


class Outcome(StrEnum):
    """What becomes of the deploy, or of the resource."""

    REFUSED = "replaced under its own name"
    TAKEN = "created under a name that is taken"
    LOST = "replaced by an empty one"
    REPLACED = "replaced"


#: What a deploy does by itself: a line of information.
HARMLESS: Final = frozenset({Outcome.REPLACED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A resource that a deploy would make anew.

    `name` is its own, or empty where it has none; `properties` are the create-only ones that change, `A.B` for one
    inside another. `holder` is the stack that has the name, where it is not this one under the same logical id.
    """

    at: Location
    stack: str
    logical_id: str
    type: str
    name: str
    outcome: Outcome
    properties: tuple[str, ...] = ()
    holder: StackKey | None = None


@cache
def create_only() -> Mapping[str, Mapping[str, Any]]:
    """By resource type what CloudFormation's schema says: create_only.json, which `make docs` writes."""
    text = Path(__file__).with_name("create_only.json").read_text(encoding="utf-8")
    table: Mapping[str, Mapping[str, Any]] = json.loads(text)
    return table


def replacements(deployed: Mapping[StackKey, Template], wanted: Mapping[StackKey, Template]) -> list[Replacement]:
    """What deploying `wanted` over `deployed` would make anew, in the order of the stacks wanted.

    `deployed` may hold stacks that are not wanted: those that left the file, and those of other registries.
    """
    found: list[Replacement] = []
    for key, template in wanted.items():
        found += replaced_in(*key, deployed.get(key, {}), template)
    return found + list(_taken(deployed, wanted))


def replaced_in(at: Location, stack: str, old: Template, new: Template) -> Iterator[Replacement]:
    """The resources of one stack whose create-only properties change under the same logical id."""
    before, after = resources_in(old), resources_in(new)
    changes = _changes(before, after)
    for logical_id, properties in changes.items():
        was, becomes = before[logical_id], after[logical_id]
        identity = _identity(becomes)
        kept = identity is not None and not {path.partition(".")[0] for path in properties} & set(identity)
        if kept:
            outcome = Outcome.REFUSED
        elif becomes["Type"] in _HOLDS_DATA:
            outcome = Outcome.LOST
        else:
            outcome = Outcome.REPLACED
        yield Replacement(
            at=at,
            stack=stack,
            logical_id=logical_id,
            type=becomes["Type"],
            name=_name(was),
            outcome=outcome,
            properties=tuple(properties),
        )


def resources_in(template: Template) -> Mapping[str, Resource]:
    """The resources of a template, by logical id."""
    resources: Mapping[str, Resource] = template.get("Resources") or {}
    return resources


def _changes(before: Mapping[str, Resource], after: Mapping[str, Resource]) -> dict[str, list[str]]:
    """The create-only properties that change, by logical id.

    One that names a resource which is replaced changes as well, though the templates say the same.
    """
    both = [name for name in after if name in before and after[name]["Type"] == before[name]["Type"]]
    paths = {name: create_only().get(after[name]["Type"], {}).get("create_only", ()) for name in both}
    changes: dict[str, list[str]] = {}
    while True:
        now = {
            name: changed
            for name in both
            if (changed := _changed(paths[name], before[name], after[name], changes.keys()))
        }
        if now == changes:
            return changes
        changes = now


def _changed(paths: Collection[str], before: Resource, after: Resource, replaced: Collection[str]) -> list[str]:
    changed = []
    for path in paths:
        old, new = _value(before, path), _value(after, path)
        if old != new or set(_references(new)) & set(replaced):
            changed.append(path)
    return [path.replace("/", ".") for path in changed if not any(other.startswith(f"{path}/") for other in changed)]


def _value(resource: Resource, path: str) -> Any:
    """The value of a property; None where it, or what it is in, is not written."""
    value: Any = resource.get("Properties") or {}
    for step in path.split("/"):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _references(value: Any) -> Iterator[str]:
    """The logical ids that a value takes something from."""
    if isinstance(value, Mapping):
        if isinstance(value.get("Ref"), str):
            yield value["Ref"]
        elif target := value.get("Fn::GetAtt"):
            yield target.partition(".")[0] if isinstance(target, str) else target[0]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _identity(resource: Resource) -> tuple[str, ...] | None:
    """The properties that make up the name by which AWS knows a resource: none for what it keeps once.

    None where CloudFormation gives the name, so that nothing stands in its way.
    """
    kind, properties = resource["Type"], resource.get("Properties") or {}
    if kind == ENDPOINT:
        return _endpoint_identity(properties)
    if kind in _NAMED_BY:
        named = _NAMED_BY[kind]
    elif (known := create_only().get(kind)) is None:
        return None
    elif known["given_by_aws"]:
        return () if known["identifier"] == "RegistryId" else None  # a registry has one
    else:
        named = (known["identifier"],)
    return named if all(properties.get(each) for each in named) else None


def _endpoint_identity(properties: Mapping[str, Any]) -> tuple[str, ...] | None:
    """A VPC has a service's own host names once, and a route table has one gateway for a service.

    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
    """
    if properties.get("VpcEndpointType") == "Gateway":
        return ("VpcId", "ServiceName", "RouteTableIds")
    return ("VpcId", "ServiceName") if properties.get("PrivateDnsEnabled") else None


def _name(resource: Resource) -> str:
    """What people call it; empty where CloudFormation gives the name."""
    words = [_value(resource, each) for each in _identity(resource) or () if each != "RouteTableIds"]
    return " in ".join(word if isinstance(word, str) else next(iter(_references(word)), "") for word in words[::-1])


def _taken(deployed: Mapping[StackKey, Template], wanted: Mapping[StackKey, Template]) -> Iterator[Replacement]:
    """What would be created under a name that a deployed resource has: a stack creates before it deletes."""
    holders: dict[tuple[str, ...], tuple[StackKey, str]] = {}
    for key, template in deployed.items():
        for logical_id, resource in resources_in(template).items():
            if name := unique_name(key, resource):
                holders[name] = (key, logical_id)
    for key, template in wanted.items():
        for logical_id, resource in resources_in(template).items():
            name = unique_name(key, resource)
            if name in holders and holders[name] != (key, logical_id):
                holder, _ = holders[name]
                yield Replacement(
                    at=key[0],
                    stack=key[1],
                    logical_id=logical_id,
                    type=resource["Type"],
                    name=_name(resource),
                    outcome=Outcome.TAKEN,
                    holder=holder,
                )


def unique_name(key: StackKey, resource: Resource) -> tuple[str, ...] | None:
    """The name that no two resources of a type have at once, with where that holds; None where it has none.

    IAM is global and does not distinguish capitals; everything else is known in its account and region.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
    """
    identity, (at, stack) = _identity(resource), key
    if identity is None:
        return None
    words = [json.dumps(_value(resource, each), sort_keys=True) for each in identity]
    if any(word.startswith(("{", "[{")) for word in words):
        words.append(stack)  # a reference says something inside its stack only
    if resource["Type"].startswith("AWS::IAM::"):
        return (resource["Type"], at.account, *(word.lower() for word in words))
    return (resource["Type"], str(at), *words)
