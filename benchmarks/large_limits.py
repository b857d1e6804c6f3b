"""How near the templates of an assembly come to the limits of CloudFormation, IAM and ECR."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from registry import limits
from registry.access.policies import size

_REPOSITORY: Final = "AWS::ECR::Repository"


@dataclass(frozen=True, slots=True)
class Use:
    """The most that was found of what a limit counts, and where."""

    limit: str
    most: int
    allowed: int
    where: str

    @property
    def broken(self) -> bool:
        """Whether AWS would refuse it."""
        return self.most > self.allowed


def uses(assembly: Path) -> Iterator[Use]:
    """For each limit the most that any template, role, location or account of an assembly has."""
    templates = {file.name: json.loads(file.read_text("utf-8")) for file in assembly.glob("*.template.json")}
    manifest = json.loads((assembly / "manifest.json").read_text("utf-8"))["artifacts"]
    sizes = {file.name: file.stat().st_size for file in assembly.glob("*.template.json")}
    stacks = {name: it["environment"] for name, it in manifest.items() if it["type"] == "aws:cloudformation:stack"}
    files = {manifest[name]["properties"]["templateFile"]: at for name, at in stacks.items()}
    for limit, allowed, found in (
        ("resources in a template", limits.STACK_RESOURCES, _counts(templates, "Resources")),
        ("outputs in a template", limits.TEMPLATE_OUTPUTS, _counts(templates, "Outputs")),
        ("parameters in a template", limits.TEMPLATE_PARAMETERS, _counts(templates, "Parameters")),
        ("bytes of a template", limits.TEMPLATE_BYTES, sizes),
        ("bytes of a description", limits.TEMPLATE_DESCRIPTION_BYTES,
         {name: len(it.get("Description", "").encode()) for name, it in templates.items()}),
        ("characters of a logical id", limits.LOGICAL_ID_LENGTH,
         {key: len(key) for it in templates.values() for key in it["Resources"]}),
        ("stacks in an account and region", limits.STACKS, Counter(stacks.values())),
        ("repositories in an account and region", limits.REPOSITORIES,
         _sum(templates, files, _REPOSITORY)),
        ("roles in an account", limits.ROLES_OF_AN_ACCOUNT[0], _sum(templates, files, "AWS::IAM::Role", regions=False)),
        ("managed policies in an account", limits.MANAGED_POLICIES_OF_AN_ACCOUNT,
         _sum(templates, files, "AWS::IAM::ManagedPolicy", regions=False)),
        ("characters of a managed policy", limits.MANAGED_POLICY_LENGTH,
         {key: size(it["PolicyDocument"]) for key, it in _of(templates, "AWS::IAM::ManagedPolicy")}),
        ("policies attached to a role", limits.POLICIES_OF_A_ROLE[0], _attached(templates)),
        ("characters of a role's trust policy", limits.TRUST_POLICY_LENGTH[0],
         {key: size(it["AssumeRolePolicyDocument"]) for key, it in _of(templates, "AWS::IAM::Role")}),
        ("characters of a role's inline policies", limits.INLINE_POLICIES_LENGTH,
         {key: sum(size(each["PolicyDocument"]) for each in it.get("Policies", ()))
          for key, it in _of(templates, "AWS::IAM::Role")}),
        ("characters of a repository policy", limits.REPOSITORY_POLICY_LENGTH,
         {it["RepositoryName"]: size(it.get("RepositoryPolicyText", {})) for _, it in _of(templates, _REPOSITORY)}),
        ("characters of a lifecycle policy", limits.LIFECYCLE_POLICY_LENGTH,
         {it["RepositoryName"]: len(it.get("LifecyclePolicy", {}).get("LifecyclePolicyText", ""))
          for _, it in _of(templates, _REPOSITORY)}),
        ("replication rules", limits.REPLICATION_RULES_EVERYWHERE,
         {key: len(rules) for key, rules in _replication(templates)}),
        ("destinations of all replication rules", limits.REPLICATION_DESTINATIONS,
         {key: len({str(it) for rule in rules for it in rule["Destinations"]})
          for key, rules in _replication(templates)}),
        ("filters in a replication rule", limits.REPLICATION_FILTERS,
         {key: max(len(rule.get("RepositoryFilters", ())) for rule in rules)
          for key, rules in _replication(templates)}),
    ):  # fmt: skip
        where, most = max(found.items(), key=lambda it: it[1], default=("none", 0))
        yield Use(limit, most, allowed, str(where))


def _counts(templates: Mapping[str, Any], section: str) -> dict[str, int]:
    return {name: len(it.get(section, {})) for name, it in templates.items()}


def _of(templates: Mapping[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The properties of each resource of a kind, by its template and logical id."""
    for name, it in templates.items():
        for key, resource in it["Resources"].items():
            if resource["Type"] == kind:
                yield f"{name} {key}", resource["Properties"]


def _sum(templates: Mapping[str, Any], files: Mapping[str, str], kind: str, *, regions: bool = True) -> Counter[str]:
    """How many of a kind an account has: by region, or in all."""
    found: Counter[str] = Counter()
    for name, _ in _of(templates, kind):
        at = files[name.partition(" ")[0]]
        found[at if regions else at.rpartition("/")[0]] += 1
    return found


def _attached(templates: Mapping[str, Any]) -> Counter[str]:
    found: Counter[str] = Counter()
    for _, policy in _of(templates, "AWS::IAM::ManagedPolicy"):
        found.update(str(role) for role in policy.get("Roles", ()))
    for key, role in _of(templates, "AWS::IAM::Role"):
        found[str({"Ref": key.partition(" ")[2]})] += len(role.get("ManagedPolicyArns", ()))
    return found


def _replication(templates: Mapping[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for key, it in _of(templates, "AWS::ECR::ReplicationConfiguration"):
        yield key, it["ReplicationConfiguration"]["Rules"]
