"""The role in which ECR creates repositories from templates: needed for tags and for KMS, one per account.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-create-iam.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-custom.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from registry import naming
from registry.access.policies import VERSION, packed
from registry.access.purposes import CREATE_FROM_TEMPLATE, ENCRYPT
from registry.locations import Location
from registry.model import CreationTemplate, Registry
from registry.model.once import once
from registry.patterns import names_below
from registry.shape import CACHED


def role_of(registry: Registry, template: CreationTemplate, at: Location) -> str | None:
    """ARN of the role in which ECR creates at a location; None where it needs none.

    It is the one the file names, where that is of this account, else the one made here.
    """
    named = template.custom_role_arn
    if named is not None and naming.account_of(named) == at.account:
        return named
    return creation_role_arn(registry.name, at.account, at.region) if template.needs_role or named is not None else None


def creation_role_arn(registry: str, account: str, region: str) -> str:
    """ARN of the role made here; without IAM path, which a template does not take. `region` says the partition."""
    return naming.role_arn(account, region, "/", naming.creation_role_name(registry))


def creation_role_trust() -> dict[str, Any]:
    """The trust policy of the role made here: ECR alone may assume it."""
    principal = {"Service": "ecr.amazonaws.com"}
    return {
        "Version": VERSION,
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }


@once
def needs_creation_role(registry: Registry, account: str) -> bool:
    """Whether a template of an account creates in the role made here."""
    made = creation_role_arn(registry.name, account, registry.region)
    return any(role_of(registry, template, at) == made for at, template in _templates(registry, account))


@once
def creation_role_policies(registry: Registry, account: str) -> tuple[dict[str, Any], ...]:
    """What the role may do, in as few managed policies as IAM's size allows.

    It creates what the templates say, and lets ECR use their keys.
    """
    return packed(_statements(registry, account))


def _statements(registry: Registry, account: str) -> Iterator[dict[str, Any]]:
    made = creation_role_arn(registry.name, account, registry.region)
    served = [
        (at, template) for at, template in _templates(registry, account) if role_of(registry, template, at) == made
    ]
    resources = sorted(
        {naming.repository_arn(at, name) for at, template in served for name in _created(registry, template, at)}
    )
    yield {
        "Sid": "Create",
        "Effect": "Allow",
        "Action": sorted(CREATE_FROM_TEMPLATE.on_repositories),
        "Resource": resources,
    }
    named = [(at, key) for at, template in served if (key := registry.template_key_in(template, at))]
    keys = sorted({key for _, key in named if key.startswith("arn:")})
    aliases = sorted({key for _, key in named if not key.startswith("arn:")})
    encrypt = sorted(ENCRYPT.on_keys)
    if keys:
        yield {"Sid": "Encrypt", "Effect": "Allow", "Action": encrypt, "Resource": keys}
    if aliases:
        # The id of a key made here is known only when it is: its alias says which is meant.
        yield {
            "Sid": "EncryptByAlias",
            "Effect": "Allow",
            "Action": encrypt,
            "Resource": sorted({naming.key_arn(at, "*") for at, key in named if key in aliases}),
            "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": aliases}},
        }


def _created(registry: Registry, template: CreationTemplate, at: Location) -> list[str]:
    """The repositories that ECR may create by a template: of one for caches alone, below the caches that are there."""
    cached = registry.cached_below(template, at) if template.applied_for == (CACHED,) else ()
    return [names_below(prefix) for prefix in cached or (template.prefix,)]


def _templates(registry: Registry, account: str) -> Iterator[tuple[Location, CreationTemplate]]:
    for at in registry.locations:
        if at.account == account:
            yield from ((at, template) for template in registry.templates_in(at))
