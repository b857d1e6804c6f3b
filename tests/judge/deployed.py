"""What synthesized templates would deploy, as IAM's evaluation sees it: roles, their policies, repository policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.synth import Templates


@dataclass(frozen=True)
class Deployed:
    """Policies by role name, trust policies by role name, repository policies by region and name."""

    identity: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    trust: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    repositories: dict[tuple[str, str], Mapping[str, Any] | None] = field(default_factory=dict)


def deployed(templates: Templates) -> Deployed:
    """Read templates by stack path, `ACCOUNT/REGION/STACK`; fails where a policy is no plain document."""
    found = Deployed()
    for path, template in templates.items():
        region = path.split("/")[1]
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
                        found.identity.setdefault(name, []).append(_plain(properties["PolicyDocument"]))
                case "AWS::IAM::Policy" | "AWS::ECR::RegistryPolicy" | "AWS::IAM::RolePolicy" | "AWS::IAM::User":
                    raise AssertionError(f"{resource['Type']} is not judged yet")
                case "AWS::ECR::Repository":
                    policy = properties.get("RepositoryPolicyText")
                    found.repositories[region, properties["RepositoryName"]] = _plain(policy) if policy else None
    return found


def _plain(document: Mapping[str, Any]) -> Mapping[str, Any]:
    def walk(value: Any) -> None:
        if isinstance(value, dict):
            assert not any(key == "Ref" or key.startswith("Fn::") for key in value), value
            value = list(value.values())
        for inner in value if isinstance(value, list) else ():
            walk(inner)

    walk(document)
    return document
