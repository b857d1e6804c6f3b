"""What synthesized templates would deploy, as IAM's evaluation sees it: roles, their policies, repository policies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.locations import Location
from tests.synth import Templates


@dataclass(frozen=True)
class Deployed:
    """Policies by account and role name, trust policies by role name, repository policies by location and name; those
    of what ECR creates by location and prefix, and of public repositories by name.

    `profiles` are the signing profiles that are made, by ARN, with the other accounts that they let sign.
    """

    identity: dict[tuple[str, str], list[Mapping[str, Any]]] = field(default_factory=dict)
    trust: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    repositories: dict[tuple[Location, str], Mapping[str, Any] | None] = field(default_factory=dict)
    registries: dict[Location, Mapping[str, Any]] = field(default_factory=dict)
    profiles: dict[str, set[str]] = field(default_factory=dict)
    created: dict[tuple[Location, str], Mapping[str, Any] | None] = field(default_factory=dict)
    public: dict[str, Mapping[str, Any]] = field(default_factory=dict)


def deployed(templates: Templates) -> Deployed:
    """Read templates by stack path, `ACCOUNT/REGION/STACK`; fails where a policy is no plain document."""
    found = Deployed()
    for path, template in templates.items():
        at = Location(*path.split("/")[:2])
        resources = template["Resources"]
        for resource in resources.values():
            properties = resource.get("Properties", {})
            match resource["Type"]:
                case "AWS::IAM::Role":
                    assert not properties.keys() & {"Policies", "ManagedPolicyArns"}, properties["RoleName"]
                    found.trust[properties["RoleName"]] = _plain(properties["AssumeRolePolicyDocument"])
                case "AWS::IAM::ManagedPolicy":
                    for role in properties.get("Roles", ()):
                        name = resources[role["Ref"]]["Properties"]["RoleName"] if isinstance(role, dict) else role
                        found.identity.setdefault((at.account, name), []).append(_plain(properties["PolicyDocument"]))
                case "AWS::ECR::RegistryPolicy":
                    found.registries[at] = _plain(properties["PolicyText"])
                case "AWS::Signer::SigningProfile":
                    found.profiles.setdefault(_profile(at, properties), set())
                case "AWS::Signer::ProfilePermission":
                    assert properties["Action"] == "signer:SignPayload"
                    found.profiles.setdefault(_profile(at, properties), set()).add(properties["Principal"])
                case "AWS::IAM::Policy" | "AWS::IAM::RolePolicy" | "AWS::IAM::User":
                    raise AssertionError(f"{resource['Type']} is not judged yet")
                case kind:
                    _read_repository(found, at, kind, properties)
    return found


def _read_repository(found: Deployed, at: Location, kind: str, properties: Mapping[str, Any]) -> None:
    policy = properties.get("RepositoryPolicyText")
    match kind:
        case "AWS::ECR::Repository":
            found.repositories[at, properties["RepositoryName"]] = _plain(policy) if policy else None
        case "AWS::ECR::RepositoryCreationTemplate":
            text = properties.get("RepositoryPolicy")
            found.created[at, properties["Prefix"]] = _plain(json.loads(text)) if text else None
        case "AWS::ECR::PublicRepository" if policy:
            found.public[properties["RepositoryName"]] = _plain(policy)


def _profile(at: Location, properties: Mapping[str, Any]) -> str:
    return f"arn:aws:signer:{at.region}:{at.account}:/signing-profiles/{properties['ProfileName']}"


def _plain(document: Mapping[str, Any]) -> Mapping[str, Any]:
    def walk(value: Any) -> None:
        if isinstance(value, dict):
            assert not any(key == "Ref" or key.startswith("Fn::") for key in value), value
            value = list(value.values())
        for inner in value if isinstance(value, list) else ():
            walk(inner)

    walk(document)
    return document
