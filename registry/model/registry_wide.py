"""What AWS keeps once per account and region, and what ECR creates repositories from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.findings import YamlPath
from registry.locations import Location
from registry.model.access import Grant
from registry.model.repository import Encryption, LifecyclePolicy, TagMutability


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationTemplate:
    """The settings of repositories that ECR creates itself below a prefix (`ROOT`: all others).

    `policies`, `written_at` and `grants` as in Repository: what is granted in the namespace.
    `custom_role_arn` is a role of the file's, where it names one.
    """

    prefix: str
    applied_for: tuple[str, ...]
    description: str | None
    image_tag_mutability: TagMutability
    exclusion_filters: tuple[str, ...]
    encryption: Encryption
    lifecycle: LifecyclePolicy | None
    policies: Mapping[str, str]
    written_at: tuple[YamlPath, ...]
    grants: tuple[Grant, ...]
    tags: tuple[tuple[str, str], ...]
    custom_role_arn: str | None

    def policy_in(self, location: Location) -> str | None:
        """The policy its repositories get in a location (JSON); None where nothing is allowed beyond IAM."""
        return self.policies.get(str(location), self.policies.get("*"))

    @property
    def needs_role(self) -> bool:
        """Whether ECR creates in a role: for tags and for KMS.

        https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-create.html
        """
        return bool(self.tags) or self.encryption.encryption_type != "AES256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """A region of this account, or of another, that receives the images of these namespaces.

    `all_repositories`: it receives whatever is at home, and `namespaces` are those that the files speak of.
    `templates`: what replication creates there besides the declared repositories.
    """

    location: Location
    namespaces: frozenset[str]
    all_repositories: bool
    delete_replication: bool
    templates: tuple[CreationTemplate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningRule:
    """What is signed at one location, with which profile; without filters every image.

    `made` is the name of a profile that is made there; None where the file names one that exists.
    """

    signing_profile_arn: str
    repository_filters: tuple[str, ...] | None
    made: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPolicy:
    """A policy of a registry as the file writes it, in AWS's form, with its place.

    `opened_because` is why it may let in everybody, where that is accepted.
    """

    document: Mapping[str, Any]
    at: YamlPath
    opened_because: str | None
