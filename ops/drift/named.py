"""What a registry has many of: repositories, creation templates, pull-through cache rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from ops.drift.kind import (
    Named,
    Properties,
    StackKind,
    filters_of,
    literal,
    lower_camel,
    owns_the_registry,
    read_json,
    tags_of,
)
from ops.drift.repository_settings import Settings, declared_settings, settings_of
from registry.access.cache_role import role_of_cache, secret_arn
from registry.access.creation_role import role_of
from registry.locations import Location, value_at
from registry.model import CreationTemplate, Registry
from registry.naming import STACK_TAG, namespace_of
from registry.shape import PullThroughCacheRuleShape

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecr.type_defs import RepositoryTypeDef

Found = Mapping[str, Callable[[], Settings]]


# Repositories


def _repositories(client: ECRClient, registry: Registry, at: Location) -> Found:
    """One call for a thousand names; tags and policies cost a call each, and are asked when wanted."""

    def reader(row: RepositoryTypeDef) -> Callable[[], Settings]:
        return lambda: settings_of(client, row["repositoryName"], row)

    pages = client.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 1000})
    return {row["repositoryName"]: reader(row) for page in pages for row in page["repositories"]}


def _repository_deployed(properties: Properties) -> tuple[str, Settings]:
    encryption = properties.get("EncryptionConfiguration", {"EncryptionType": "AES256"})
    tags = tags_of(properties.get("Tags", []))
    return properties["RepositoryName"], literal(
        {
            "imageTagMutability": properties.get("ImageTagMutability", "MUTABLE"),
            "imageTagMutabilityExclusionFilters": filters_of(properties),
            "encryptionType": encryption["EncryptionType"],
            "kmsKey": encryption.get("KmsKey"),
            "scanOnPush": properties.get("ImageScanningConfiguration", {}).get("ScanOnPush", False),
            "lifecyclePolicy": read_json(properties.get("LifecyclePolicy", {}).get("LifecyclePolicyText")),
            "repositoryPolicy": read_json(properties.get("RepositoryPolicyText")),
            "tags": {key: value for key, value in tags.items() if key != STACK_TAG},
        }
    )


def is_of_the_cdk(name: str) -> bool:
    """Whether it is the repository that `cdk bootstrap` makes for assets of apps; no file declares that."""
    return name.startswith("cdk-") and "-container-assets-" in name


def _in_a_namespace_of_the_file(registry: Registry, at: Location, name: str) -> bool:
    return not is_of_the_cdk(name) and namespace_of(name) in {
        repository.namespace for repository in registry.repositories_in(at)
    }


# Creation templates


def _template_declared(registry: Registry, template: CreationTemplate, at: Location) -> Settings:
    policy = template.policy_in(at)
    return {
        "appliedFor": sorted(template.applied_for),
        "description": template.description or None,
        "imageTagMutability": template.image_tag_mutability,
        "imageTagMutabilityExclusionFilters": sorted(template.exclusion_filters),
        "encryptionType": template.encryption.encryption_type,
        "kmsKey": registry.template_key_in(template, at),
        "lifecyclePolicy": json.loads(template.lifecycle.text) if template.lifecycle else None,
        "repositoryPolicy": json.loads(policy) if policy else None,
        "tags": dict(template.tags),
        "customRoleArn": role_of(registry, template, at),
    }


def _templates_declared(registry: Registry, at: Location) -> Named:
    return {each.prefix: _template_declared(registry, each, at) for each in registry.templates_in(at)}


def _templates(client: ECRClient, registry: Registry, at: Location) -> Found:
    def reader(row: Any) -> Callable[[], Settings]:
        encryption = row.get("encryptionConfiguration", {"encryptionType": "AES256"})
        return lambda: {
            "appliedFor": sorted(row["appliedFor"]),
            "description": row.get("description") or None,
            "imageTagMutability": row.get("imageTagMutability", "MUTABLE"),
            "imageTagMutabilityExclusionFilters": sorted(
                entry["filter"] for entry in row.get("imageTagMutabilityExclusionFilters", [])
            ),
            "encryptionType": encryption["encryptionType"],
            "kmsKey": encryption.get("kmsKey"),
            "lifecyclePolicy": read_json(row.get("lifecyclePolicy")),
            "repositoryPolicy": read_json(row.get("repositoryPolicy")),
            "tags": tags_of(row.get("resourceTags", [])),
            "customRoleArn": row.get("customRoleArn"),
        }

    pages = client.get_paginator("describe_repository_creation_templates").paginate()
    return {row["prefix"]: reader(row) for page in pages for row in page["repositoryCreationTemplates"]}


def _template_deployed(properties: Properties) -> tuple[str, Settings]:
    encryption = properties.get("EncryptionConfiguration", {"EncryptionType": "AES256"})
    return properties["Prefix"], literal(
        {
            "appliedFor": sorted(properties["AppliedFor"]),
            "description": properties.get("Description") or None,
            "imageTagMutability": properties.get("ImageTagMutability", "MUTABLE"),
            "imageTagMutabilityExclusionFilters": filters_of(properties),
            "encryptionType": encryption["EncryptionType"],
            "kmsKey": encryption.get("KmsKey"),
            "lifecyclePolicy": read_json(properties.get("LifecyclePolicy")),
            "repositoryPolicy": read_json(properties.get("RepositoryPolicy")),
            "tags": tags_of(properties.get("ResourceTags", [])),
            "customRoleArn": properties.get("CustomRoleArn"),
        }
    )


# Pull-through cache rules


def _rule(of: Callable[[str], Any]) -> Settings:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PullThroughCacheRule.html"""
    return {
        "upstreamRegistry": of("upstreamRegistry"),
        "upstreamRegistryUrl": of("upstreamRegistryUrl"),
        "upstreamRepositoryPrefix": of("upstreamRepositoryPrefix") or "ROOT",
        "credentialArn": of("credentialArn"),
        "customRoleArn": of("customRoleArn"),
    }


def _rule_declared(registry: Registry, rule: PullThroughCacheRuleShape, at: Location) -> Settings:
    said = {
        "upstreamRegistry": rule.upstream_registry,
        "upstreamRegistryUrl": rule.host,
        "upstreamRepositoryPrefix": rule.upstream_repository_prefix,
        "credentialArn": secret_arn(at, rule.secret) if rule.secret else value_at(rule.credential_arn, at),
        "customRoleArn": role_of_cache(registry, rule, at),
    }
    return _rule(said.get)


def _rules_declared(registry: Registry, at: Location) -> Named:
    return {prefix: _rule_declared(registry, rule, at) for prefix, rule in registry.caches_in(at).items()}


def _rules(client: ECRClient, registry: Registry, at: Location) -> Found:
    made = {secret_arn(at, name) for name in registry.secrets_in(at)}

    def reader(row: Any) -> Callable[[], Settings]:
        arn = row.get("credentialArn") or ""  # of a secret made here nobody knows the last six characters beforehand
        known = {**row, "credentialArn": arn[:-7]} if arn[:-7] in made else row
        return lambda: _rule(known.get)

    pages = client.get_paginator("describe_pull_through_cache_rules").paginate()
    return {row["ecrRepositoryPrefix"]: reader(row) for page in pages for row in page["pullThroughCacheRules"]}


def _rule_deployed(properties: Properties) -> tuple[str, Settings]:
    said = lower_camel(properties)
    return properties["EcrRepositoryPrefix"], literal(_rule(said.get))


REPOSITORY: Final = StackKind(
    noun="repository",
    type="AWS::ECR::Repository",
    declared=lambda registry, at: {r.name: declared_settings(r, at) for r in registry.repositories_in(at)},
    deployed=_repository_deployed,
    find=_repositories,
    told=_in_a_namespace_of_the_file,
    identifier="RepositoryName",
)
CREATION_TEMPLATE: Final = StackKind(
    noun="creation template",
    where=owns_the_registry,
    type="AWS::ECR::RepositoryCreationTemplate",
    declared=_templates_declared,
    deployed=_template_deployed,
    find=_templates,
    identifier="Prefix",
)
CACHE_RULE: Final = StackKind(
    noun="pull-through cache rule",
    where=owns_the_registry,
    type="AWS::ECR::PullThroughCacheRule",
    declared=_rules_declared,
    deployed=_rule_deployed,
    find=_rules,
    identifier="EcrRepositoryPrefix",
)
