"""Settings in words, as the page has them."""

from __future__ import annotations

import json
from typing import Any, Final

from registry.access.explain import identity
from registry.model import (
    Account,
    Encryption,
    ExistingRole,
    Federated,
    LifecyclePolicy,
    MadeRole,
    Organization,
    PipelineRole,
    PodIdentity,
    Principal,
    Registry,
    ServicePrincipal,
    TagMutability,
)
from registry.patterns import scanned
from registry.resolve.lifecycles import PROTECTED_COUNT

NOTHING_EXPIRES: Final = "nothing expires"
_SINCE: Final = {
    "sinceImagePushed": "their push",
    "sinceImagePulled": "their last pull",
    "sinceImageTransitioned": "they were archived",
}


def mutability(written: TagMutability, filters: tuple[str, ...], allowed: tuple[str, ...] = ()) -> str:
    """Whether tags of images may move; `allowed` are the patterns of those that there may be."""
    word = written.partition("_")[0].lower()
    moving = f"{word}, but for {', '.join(filters)}" if filters else word
    return f"{moving}; only {', '.join(allowed)}" if allowed else moving


def encryption(written: Encryption) -> str:
    """How images are encrypted, and with whose key."""
    if written.encryption_type == "AES256":
        return "AES256"
    keys = [key if at == "*" else f"{at}: {key}" for at, key in written.keys.items()]
    return f"{written.encryption_type}, {', '.join(keys) or 'the key that AWS manages'}"


def scanning(registry: Registry, name: str, on_push: bool) -> str:
    """When images of a repository are scanned."""
    if registry.manages_registry and scanned(name, registry.scanning.continuous_scan):
        return "continuously"
    return "on push" if on_push else "no"


def lifecycle_name(lifecycle: LifecyclePolicy | None) -> str:
    """What a lifecycle is called."""
    return lifecycle.name if lifecycle else NOTHING_EXPIRES


def sentences(lifecycle: LifecyclePolicy | None) -> tuple[str, ...]:
    """What a lifecycle does, a sentence a rule, in the order in which ECR applies them."""
    return tuple(map(_sentence, json.loads(lifecycle.text)["rules"])) if lifecycle else (NOTHING_EXPIRES,)


def _sentence(rule: dict[str, Any]) -> str:
    selection, number = rule["selection"], rule["selection"]["countNumber"]
    images = _images(selection)
    verb = "archive" if rule["action"]["type"] == "transition" else "expire"
    if selection["countType"] == "imageCountMoreThan":
        if number >= PROTECTED_COUNT:
            return f"keep {images}, however many"
        return f"{verb} {images}, all but the last {number:,}"
    return f"{verb} {images}, {number:,} day{'' if number == 1 else 's'} after {_SINCE[selection['countType']]}"


def _images(selection: dict[str, Any]) -> str:
    archived = "archived " if selection.get("storageClass") == "archive" else ""
    if selection["tagStatus"] == "tagged":
        patterns = [*selection.get("tagPatternList", ()), *(f"{it}*" for it in selection.get("tagPrefixList", ()))]
        return f"{archived}images tagged {' and '.join(patterns)}"
    return f"untagged {archived}images" if selection["tagStatus"] == "untagged" else f"all {archived}images"


def kind(principal: Principal) -> str:
    """What a principal is."""
    if isinstance(principal, PodIdentity) or (isinstance(principal, Federated) and _is_of_pods(principal)):
        return "pods"
    if isinstance(principal, Federated):
        return "CI jobs"
    if isinstance(principal, ExistingRole):
        return "role"
    if isinstance(principal, PipelineRole):
        return "pipeline"
    if isinstance(principal, Account):
        return "account"
    if isinstance(principal, Organization):
        return "organizational unit" if principal.path else "organization"
    return "AWS service" if isinstance(principal, ServicePrincipal) else "Lambda functions"


def _is_of_pods(principal: Federated) -> bool:
    return principal.subject.startswith("system:serviceaccount:")


def role(principal: Principal) -> str:
    """The role they ask with, and whether the registry makes it."""
    if isinstance(principal, MadeRole | PipelineRole):
        return f"{principal.arn}, made here"
    return "exists" if isinstance(principal, ExistingRole) else ""


def who(principal: Principal) -> str:
    """Which one a principal is, without the word that `kind` has already."""
    return identity(principal).removeprefix("account ")
