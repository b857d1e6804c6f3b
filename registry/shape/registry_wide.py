"""What AWS keeps once per account and region, and what it creates repositories from: keys of the root file."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

from pydantic import StrictStr

from registry.limits import SIGNATURE_MONTHS, TAGS
from registry.shape.base import NotNull, Shape, TextOr, TrueOnly, optional, required, unwritten
from registry.shape.forms import Form
from registry.shape.names import CachePrefix
from registry.shape.policies import RepositoryPolicyShape
from registry.shape.registry_wide_values import (
    APPLIED_FOR,
    CacheRole,
    CredentialArn,
    Description,
    PendingDays,
    RotationDays,
    ScanningFilters,
    TemplateRole,
)
from registry.shape.settings import (
    BUILT_IN_LIFECYCLE,
    EncryptionType,
    KmsKeyName,
    Mutability,
    TagFilters,
    TemplateTagKey,
    TemplateTagValue,
    tag_count,
)
from registry.shape.signing_values import (
    ONE_PROFILE,
    SignatureMonths,
    SigningFilters,
    SigningProfileArn,
    SigningProfileName,
)

CACHED: Final = "PULL_THROUGH_CACHE"
AppliedFor = Literal["REPLICATION", "PULL_THROUGH_CACHE", "CREATE_ON_PUSH"]
Upstream = Literal[
    "ecr",
    "ecr-public",
    "quay",
    "k8s",
    "docker-hub",
    "github-container-registry",
    "azure-container-registry",
    "gitlab-container-registry",
    "chainguard",
]

#: The host of each upstream that has one only (CreatePullThroughCacheRule; Chainguard's from its own documentation).
UPSTREAM_URLS: Final = {
    "ecr-public": "public.ecr.aws",
    "quay": "quay.io",
    "k8s": "registry.k8s.io",
    "docker-hub": "registry-1.docker.io",
    "github-container-registry": "ghcr.io",
    "gitlab-container-registry": "registry.gitlab.com",
    "chainguard": "cgr.dev",
}


class ScanningShape(Shape):
    """Which repositories are scanned for known vulnerabilities, and when."""

    scan_type: Annotated[Literal["BASIC", "ENHANCED"], NotNull] = optional(
        "BASIC: ECR's own scans, free of charge. ENHANCED: scans by Amazon Inspector, which also checks "
        "language packages and is paid.",
        "BASIC",
    )
    scan_on_push: Annotated[ScanningFilters, NotNull] = optional(
        "Repositories whose images are scanned when they are pushed. `*` is a wildcard; a filter without `*` "
        "matches every name that contains it. `[]`: none.",
        ("*",),
        examples=[["web/*", "data/*"]],
    )
    continuous_scan: Annotated[ScanningFilters, NotNull] = optional(
        "Repositories whose images are scanned again for new vulnerabilities; with ENHANCED only.",
        (),
        examples=[["web/*"]],
    )
    suppression_filters: Annotated[TrueOnly | None, NotNull] = optional(
        "true: Amazon Inspector suppresses `accepted_findings`, too; with ENHANCED only. In an organization only the "
        "delegated administrator's account can have such filters."
    )


class CreationTemplateShape(Shape):
    """The settings of repositories that ECR creates itself below a prefix; never of those that are declared."""

    applied_for: Annotated[tuple[AppliedFor, ...], APPLIED_FOR] = required(
        "Kinds of creation: by replication, by a pull-through cache, by a push.",
        examples=[["PULL_THROUGH_CACHE"]],
    )
    description: Annotated[Description | None, NotNull] = optional("A text for people.")
    image_tag_mutability: Annotated[Mutability, NotNull] = optional(
        "IMMUTABLE: a pushed tag never moves. MUTABLE: every tag may move, as a pull-through cache needs it.",
        "MUTABLE",
    )
    moving_tags: Annotated[TagFilters, NotNull] = optional(
        "Tags that may move although tags are IMMUTABLE; `*` is a wildcard; at most 5.",
        (),
        examples=[["latest"]],
    )
    fixed_tags: Annotated[TagFilters, NotNull] = optional(
        "Tags that never move although tags are MUTABLE; `*` is a wildcard; at most 5.",
        (),
        examples=[["v*"]],
    )
    encryption_type: Annotated[EncryptionType, NotNull] = optional(
        "Encryption at rest. KMS_DSSE is for GovCloud only.", "AES256"
    )
    kms_key: Annotated[dict[StrictStr, KmsKeyName], TextOr("region"), NotNull] = optional(
        "Key for KMS: its full ARN, or a map from region to one. Without it AWS's own key.",
        {},
        examples=["arn:aws:kms:ap-northeast-2:123456789012:key/12345678-1234-1234-1234-123456789012"],
    )
    lifecycle: Annotated[StrictStr | None, NotNull] = unwritten(
        "Name of a lifecycle. Without it nothing expires if applied_for has PULL_THROUGH_CACHE: a cached image "
        "that is pinned by digest cannot be fetched again.",
        BUILT_IN_LIFECYCLE,
        examples=["releases"],
    )
    repository_policy: Annotated[RepositoryPolicyShape | None, NotNull] = optional(
        "A repository policy in AWS's own form, in addition to IAM."
    )
    tags: Annotated[dict[TemplateTagKey, TemplateTagValue], tag_count(TAGS), NotNull] = optional(
        "Resource tags.",
        {},
        examples=[{"cost-center": "42"}],
    )
    custom_role_arn: Annotated[TemplateRole | None, NotNull] = optional(
        "The role that ECR assumes to create repositories; needed for tags and for KMS.",
        examples=["arn:aws:iam::123456789012:role/ecr-creation"],
    )


class KmsKeyShape(Shape):
    """A KMS key that is made here, in every location where something is encrypted with it."""

    rotation_period_in_days: Annotated[RotationDays, NotNull] = optional(
        "Days until KMS rotates the key material; encrypted data stays readable.",
        365,
    )
    pending_window_in_days: Annotated[PendingDays, NotNull] = optional(
        "Days in which a deletion can be undone. A key that leaves the file stays in AWS.",
        30,
    )


class PullThroughCacheRuleShape(Shape):
    """An upstream registry whose images ECR fetches when somebody pulls them below a prefix."""

    upstream_registry: Upstream = required("Which registry.")
    upstream_registry_url: Annotated[StrictStr | None, NotNull] = optional(
        "The host of the upstream registry. Required for ecr and azure-container-registry; the others have a default.",
        examples=["acme.azurecr.io", "210987654321.dkr.ecr.us-east-1.amazonaws.com"],
    )
    upstream_repository_prefix: Annotated[CachePrefix | None, NotNull] = unwritten(
        "The prefix of repository names upstream.",
        "ROOT",
        examples=["library"],
    )
    credential_arn: Annotated[CredentialArn | None, NotNull] = optional(
        "The secret with the credentials, in the same account and region. Its name begins with "
        "ecr-pullthroughcache/, and it is encrypted with AWS's own key, aws/secretsmanager: ECR cannot read "
        "one under your key.",
        examples=["arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:ecr-pullthroughcache/docker-hub-AbCdEf"],
    )
    custom_role_arn: Annotated[CacheRole | None, NotNull] = optional(
        "The role that ECR assumes to pull from another account's ECR.",
        examples=["arn:aws:iam::123456789012:role/ecr-cache"],
    )

    @property
    def host(self) -> str:
        """The upstream's host: as written, or the only one it has; empty where it has none without being written."""
        return self.upstream_registry_url or UPSTREAM_URLS.get(self.upstream_registry, "")


class SigningProfileShape(Shape):
    """A signing profile of AWS Signer that is made here, in every location where images are pushed that it signs."""

    signature_validity_in_months: Annotated[SignatureMonths, NotNull] = optional(
        "Months for which a signature is valid. It cannot change: use a profile of another name.",
        SIGNATURE_MONTHS[1],
    )


class SigningRuleShape(Shape):
    """Images that ECR has signed by AWS Signer when they are pushed."""

    forms: ClassVar[tuple[Form, ...]] = (ONE_PROFILE,)

    signing_profile: Annotated[SigningProfileName | None, NotNull] = optional(
        "A profile under `signing_profiles`, by its name.", examples=["releases"]
    )
    signing_profile_arn: Annotated[SigningProfileArn | None, NotNull] = optional(
        "A profile that exists, of the same account or another. The rule holds in its region: the home, or a replica "
        "that is pushed to.",
        examples=["arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/releases"],
    )
    repository_filters: Annotated[SigningFilters | None, NotNull] = optional(
        "Repositories whose images are signed; `*` is a wildcard. Without the key, all.",
        examples=[["web/*"]],
    )
