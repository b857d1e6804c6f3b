"""What AWS keeps once per account and region, and what it creates repositories from: keys of the root file."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import StrictStr

from registry.limits import TAGS
from registry.shape.base import NotNull, Shape, TextOr, optional, required
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
    SigningFilters,
    SigningProfileArn,
    TemplateRole,
)
from registry.shape.settings import (
    BUILT_IN_LIFECYCLE,
    EncryptionType,
    KmsKeyName,
    Mutability,
    TagFilters,
    TagKey,
    TagValue,
    tag_count,
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


class ScanningShape(Shape):
    """Which repositories are scanned for known vulnerabilities, and when."""

    scan_type: Annotated[Literal["BASIC", "ENHANCED"] | None, NotNull] = optional(
        "BASIC: ECR's own scans, free. ENHANCED: Amazon Inspector's, which also sees language packages and is paid.",
        otherwise="BASIC",
    )
    scan_on_push: Annotated[ScanningFilters | None, NotNull] = optional(
        "Repositories whose images are scanned when they are pushed; `*` is a wildcard, and a filter without it "
        "matches every name that contains it. `[]`: none.",
        otherwise=("*",),
        examples=[["web/*", "data/*"]],
    )
    continuous_scan: Annotated[ScanningFilters | None, NotNull] = optional(
        "Repositories whose images are scanned again when a vulnerability becomes known; with ENHANCED only.",
        otherwise=(),
        examples=[["web/*"]],
    )


class CreationTemplateShape(Shape):
    """The settings of repositories that ECR creates itself below a prefix; never of those that are declared."""

    applied_for: Annotated[tuple[AppliedFor, ...], APPLIED_FOR] = required(
        "For which creations: by replication, by a pull-through cache, by a push.",
        examples=[["PULL_THROUGH_CACHE"]],
    )
    description: Annotated[Description | None, NotNull] = optional("For people.")
    image_tag_mutability: Annotated[Mutability | None, NotNull] = optional(
        "IMMUTABLE: a pushed tag never moves. MUTABLE: every tag may move, as a pull-through cache needs it.",
        otherwise="MUTABLE",
    )
    moving_tags: Annotated[TagFilters | None, NotNull] = optional(
        "Tags that may move although tags are IMMUTABLE; `*` is a wildcard; at most 5.",
        otherwise=(),
        examples=[["latest"]],
    )
    fixed_tags: Annotated[TagFilters | None, NotNull] = optional(
        "Tags that never move although tags are MUTABLE; `*` is a wildcard; at most 5.",
        otherwise=(),
        examples=[["v*"]],
    )
    encryption_type: Annotated[EncryptionType | None, NotNull] = optional(
        "Encryption at rest. KMS_DSSE is for GovCloud only.", otherwise="AES256"
    )
    kms_key: Annotated[dict[StrictStr, KmsKeyName] | None, TextOr("region"), NotNull] = optional(
        "Key for KMS: its full ARN, or a map from region to one. Without it AWS's own key.",
        otherwise={},
        examples=["arn:aws:kms:ap-northeast-2:123456789012:key/12345678-1234-1234-1234-123456789012"],
    )
    lifecycle: Annotated[StrictStr | None, NotNull] = optional(
        "Name of a lifecycle. Without it nothing expires where applied_for has PULL_THROUGH_CACHE: a cached image "
        "that is pinned by digest cannot be fetched again.",
        otherwise=BUILT_IN_LIFECYCLE,
        examples=["releases"],
    )
    repository_policy: Annotated[RepositoryPolicyShape | None, NotNull] = optional(
        "Who may do what with the images, besides what IAM allows: an IAM policy document in AWS's own form."
    )
    tags: Annotated[dict[TagKey, TagValue] | None, tag_count(TAGS), NotNull] = optional(
        "Resource tags.",
        otherwise={},
        examples=[{"cost-center": "42"}],
    )
    custom_role_arn: Annotated[TemplateRole | None, NotNull] = optional(
        "The role in which ECR creates; needed for tags and for KMS.",
        examples=["arn:aws:iam::123456789012:role/ecr-creation"],
    )


class KmsKeyShape(Shape):
    """A KMS key that is made here, in every location where something is encrypted with it."""

    rotation_period_in_days: Annotated[RotationDays | None, NotNull] = optional(
        "After how many days KMS makes new key material; what is encrypted stays readable.",
        otherwise=365,
    )
    pending_window_in_days: Annotated[PendingDays | None, NotNull] = optional(
        "How many days a deletion can be undone. A key that leaves the file is kept.",
        otherwise=30,
    )


class PullThroughCacheRuleShape(Shape):
    """An upstream registry whose images ECR fetches when somebody pulls them below a prefix."""

    upstream_registry: Upstream = required("Which registry.")
    upstream_registry_url: Annotated[StrictStr | None, NotNull] = optional(
        "Its host. Needed for ecr and azure-container-registry; every other registry has one, which is the default.",
        examples=["acme.azurecr.io", "210987654321.dkr.ecr.us-east-1.amazonaws.com"],
    )
    upstream_repository_prefix: Annotated[CachePrefix | None, NotNull] = optional(
        "What repository names upstream begin with.",
        otherwise="ROOT",
        examples=["library"],
    )
    credential_arn: Annotated[CredentialArn | None, NotNull] = optional(
        "The secret with the credentials, in the same account and region; its name begins with ecr-pullthroughcache/, "
        "and its key is AWS's own, aws/secretsmanager: ECR reads none under a key of yours.",
        examples=["arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:ecr-pullthroughcache/docker-hub-AbCdEf"],
    )
    custom_role_arn: Annotated[CacheRole | None, NotNull] = optional(
        "The role in which ECR pulls from another account's ECR.",
        examples=["arn:aws:iam::123456789012:role/ecr-cache"],
    )


class SigningRuleShape(Shape):
    """Images that ECR has signed by AWS Signer when they are pushed."""

    signing_profile_arn: SigningProfileArn = required(
        "The signing profile, in the same region.",
        examples=["arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/releases"],
    )
    repository_filters: Annotated[SigningFilters | None, NotNull] = optional(
        "Repositories whose images are signed; `*` is a wildcard. Without the key, all.",
        examples=[["web/*"]],
    )
