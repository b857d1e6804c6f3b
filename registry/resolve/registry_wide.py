"""What AWS keeps once per account and region, from what is written to the model. Total, as resolve.py is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from registry.findings import YamlPath
from registry.limits import ROOT_PREFIX
from registry.model import CreationTemplate, Encryption, Grant, LifecyclePolicy, Principal, Repository, TagMutability
from registry.patterns import below
from registry.shape import CreationTemplateShape, FileShape, RepositoryPolicyShape


def template_of(
    prefix: str,
    shape: CreationTemplateShape,
    *,
    lifecycle: LifecyclePolicy | None,
    policies: Mapping[str, str],
    written_at: tuple[YamlPath, ...],
    grants: tuple[Grant, ...],
) -> CreationTemplate:
    """A creation template; `lifecycle` is what its name came to, the rest is as in the model."""
    mutability, filters = mutability_of(shape.image_tag_mutability, moving=shape.moving_tags, fixed=shape.fixed_tags)
    return CreationTemplate(
        prefix=prefix,
        applied_for=shape.applied_for,
        description=shape.description,
        image_tag_mutability=mutability,
        exclusion_filters=tuple(dict.fromkeys(filters)),
        encryption=Encryption(
            encryption_type=shape.encryption_type,
            keys=MappingProxyType({} if shape.encryption_type == "AES256" else shape.kms_key),
        ),
        lifecycle=lifecycle,
        policies=MappingProxyType(dict(policies)),
        written_at=written_at,
        grants=grants,
        tags=tuple(sorted(shape.tags.items())),
        custom_role_arn=shape.custom_role_arn,
    )


def has_template(root: FileShape, namespace: str) -> bool:
    """Whether a template of the file decides what replication creates in a namespace."""
    return namespace in root.creation_templates or any(
        "REPLICATION" in shape.applied_for and below(prefix, namespace)
        for prefix, shape in root.creation_templates.items()
    )


def replicated_template(namespace: str, example: Repository) -> CreationTemplate:
    """The template of what replication creates in a namespace besides the declared repositories.

    It has the settings of `example`, a repository of which only the layers above speak. Replication copies images,
    not settings; without a template ECR creates mutable, unscanned repositories.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
    """
    return CreationTemplate(
        prefix=namespace,
        applied_for=("REPLICATION",),
        description=f"Repositories of {namespace[:200]} that are replicated and not declared",
        image_tag_mutability=example.image_tag_mutability,
        exclusion_filters=example.exclusion_filters,
        encryption=example.encryption,
        lifecycle=example.lifecycle,
        policies=example.policies,
        written_at=example.written_at,
        grants=example.grants,
        tags=example.tags,
        custom_role_arn=None,
    )


def mutability_of(
    written: str, *, moving: tuple[str, ...], fixed: tuple[str, ...]
) -> tuple[TagMutability, tuple[str, ...]]:
    """ECR's mutability and exclusion filters: the tags that move, or those that are fixed."""
    if written == "MUTABLE":
        return ("MUTABLE_WITH_EXCLUSION" if fixed else "MUTABLE"), fixed
    return ("IMMUTABLE_WITH_EXCLUSION" if moving else "IMMUTABLE"), moving


def account_settings_of(root: FileShape) -> tuple[tuple[str, str], ...]:
    """The account settings that are written, by their names in ECR's API."""
    written = root.account_settings.model_dump(exclude_none=True)
    return tuple((key.upper(), value) for key, value in sorted(written.items()))


def exclusions_of(root: FileShape, principals: Mapping[str, Principal]) -> tuple[str, ...]:
    """The ARNs whose pulls are not recorded, in order: written, or of the role of a principal."""
    written = root.pull_time_update_exclusions
    found = {each if ":" in each else getattr(principals.get(each), "arn", "") for each in written}
    return tuple(sorted(found - {""}))


def places_of_statements(at: YamlPath, document: Mapping[str, Any] | None) -> tuple[YamlPath, ...]:
    """Where the statements of the `repository_policy` of a layer or template stand; none where it has none."""
    count = len(document["Statement"]) if document else 0
    return tuple((*at, "repository_policy", "Statement", index) for index in range(count))


def policy_text(policy: RepositoryPolicyShape | None) -> str | None:
    """A policy document as the text ECR gets; None where there is none."""
    if policy is None:
        return None
    return json.dumps(policy.model_dump(exclude_none=True), separators=(",", ":"), ensure_ascii=False)


def namespace_below(prefix: str) -> str | None:
    """The namespace of what is created below a prefix; None below `ROOT`, where names of any are."""
    return None if prefix == ROOT_PREFIX else prefix.partition("/")[0]
