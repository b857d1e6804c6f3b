"""The one table of ECR's IAM actions by purpose. Roles, policies and documentation read from it.

Whether an action works on a repository or has no resource type (`*` in a policy) is in the Service
Authorization Reference; tests/registry/access/test_purposes.py compares this table with a machine-readable copy.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What somebody wants to do, and the actions it takes, each in the form `ecr:Action`."""

    name: str
    link: str
    on_repositories: tuple[str, ...]
    # What roles of the registry's own accounts may besides, for `ecrctl release`, `promote`, `delete` and `archive`.
    # Repository policies for others have the plain set, which is also how policies that are adopted read.
    beside: tuple[str, ...] = ()
    on_registry: tuple[str, ...] = ()  # these have no resource type, so a policy says `*`
    on_keys: tuple[str, ...] = ()  # of KMS, on the key that encrypts
    on_caches: tuple[str, ...] = ()  # on repositories below the prefix of a pull-through cache rule, besides
    on_access: tuple[str, ...] = ()  # of IAM, on the policies and roles of the Access stack
    on_profiles: tuple[str, ...] = ()  # of AWS Signer, on the profile that ECR signs the repository's images with

    @property
    def of_own_roles(self) -> tuple[str, ...]:
        """What a role of the registry's own accounts may do with a repository."""
        return (*self.on_repositories, *self.beside)


_LOGIN: Final = ("ecr:GetAuthorizationToken",)
_TAGS: Final = ("ecr:DescribeImages", "ecr:DescribeRepositories")  # what is tagged, and whether a tag may move
_LAYERS: Final = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")

PULL: Final = Purpose(
    name="pull",
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html",
    on_repositories=_LAYERS,
    on_registry=_LOGIN,
    # Whoever pulls an image that is not cached yet has it fetched, into a repository that may not exist yet.
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
    on_caches=("ecr:BatchImportUpstreamImage", "ecr:CreateRepository"),
)
READ: Final = Purpose(
    name="read",
    link="https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html",
    # What Flux, Renovate and Argo CD Image Updater ask: the registry's HTTP API has /v2/NAME/tags/list for ListImages,
    # and digests and manifests for BatchGetImage. Layers take GetDownloadUrlForLayer, which is left out.
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
    on_repositories=("ecr:BatchGetImage", "ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:ListImages"),
    on_registry=_LOGIN,
)
PUSH: Final = Purpose(
    name="push",
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html",
    # AWS's set for pushing, and ecr:GetDownloadUrlForLayer: a build reads its cache from where it pushes.
    on_repositories=(
        *_LAYERS,
        "ecr:CompleteLayerUpload",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
    ),
    beside=_TAGS,
    on_registry=_LOGIN,
    # ECR signs in the name of who pushes: https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
    on_profiles=("signer:SignPayload",),
)
PROMOTE: Final = Purpose(
    name="promote",
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-retag.html",
    # Reads a manifest and puts it back under another tag; layers are neither read nor written.
    on_repositories=("ecr:BatchGetImage", "ecr:PutImage"),
    beside=(*_TAGS, "ecr:DescribeImageScanFindings"),  # for `ecrctl promote --gate`
    on_registry=_LOGIN,
)
DELETE: Final = Purpose(
    name="delete",
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/delete_image.html",
    on_repositories=("ecr:BatchDeleteImage", "ecr:ListImages"),  # calls of the API, which need no login
    # What goes, and what a manifest list consists of; and the archive, which is the smaller step:
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive_restore_image.html
    beside=("ecr:BatchGetImage", "ecr:DescribeImages", "ecr:UpdateImageStorageClass"),
)
PUBLISH: Final = Purpose(
    name="publish",
    link="https://docs.aws.amazon.com/AmazonECR/latest/public/public-repository-policy-examples.html",
    # Pushes to ECR Public, whose actions are others. A login there is a bearer token of AWS STS besides
    # (fluxcd/pkg #938); without a condition, as in AWS's own policies for ECR Public:
    # https://docs.aws.amazon.com/AmazonECR/latest/public/public-registry-auth.html
    on_repositories=(
        "ecr-public:BatchCheckLayerAvailability",
        "ecr-public:CompleteLayerUpload",
        "ecr-public:InitiateLayerUpload",
        "ecr-public:PutImage",
        "ecr-public:UploadLayerPart",
    ),
    on_registry=("ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"),
)
LAMBDA_PULL: Final = Purpose(
    name="lambda-pull",
    link="https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#configuration-images-permissions",
    # The Lambda service itself, through the repository policy.
    on_repositories=("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
)
REPLICATE: Final = Purpose(
    name="replicate",
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create-replication.html",
    # Another account's registry, through the registry policy of the destination.
    on_repositories=("ecr:CreateRepository", "ecr:ReplicateImage"),
)
CREATE_FROM_TEMPLATE: Final = Purpose(
    name="create-from-template",
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-custom.html",
    # ECR itself, in the role of a creation template.
    on_repositories=("ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource"),
)
PULL_UPSTREAM: Final = Purpose(
    name="pull-upstream",
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html",
    # ECR itself, in the role of a pull-through cache, at the ECR of another account, which has to allow the same.
    on_repositories=(
        "ecr:BatchGetImage",
        "ecr:BatchImportUpstreamImage",
        "ecr:GetDownloadUrlForLayer",
        "ecr:GetImageCopyStatus",
    ),
    on_registry=_LOGIN,
)
FILL_CACHE: Final = Purpose(
    name="fill-cache",
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html",
    # ECR itself, in the same role, where the images are cached.
    on_repositories=(
        "ecr:BatchImportUpstreamImage",
        "ecr:CompleteLayerUpload",
        "ecr:GetImageCopyStatus",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
    ),
)
ENCRYPT: Final = Purpose(
    name="encrypt",
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-custom.html",
    # Whoever creates a repository with a key: ECR gives itself grants on its behalf.
    on_repositories=(),
    on_keys=("kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"),
)

AUDIT: Final = Purpose(
    name="audit",
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/security-iam.html",
    # Reads settings, inventories, findings and who may do what; no image content: no layer, no manifest, no login.
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
    on_repositories=(
        "ecr:BatchGetRepositoryScanningConfiguration",
        "ecr:DescribeImageReplicationStatus",
        "ecr:DescribeImageScanFindings",
        "ecr:DescribeImageSigningStatus",
        "ecr:DescribeImages",
        "ecr:DescribeRepositories",
        "ecr:GetLifecyclePolicy",
        "ecr:GetLifecyclePolicyPreview",
        "ecr:GetRepositoryPolicy",
        "ecr:ListImages",
        "ecr:ListTagsForResource",
    ),
    on_registry=(
        "ecr:DescribePullThroughCacheRules",
        "ecr:DescribeRegistry",
        "ecr:DescribeRepositoryCreationTemplates",
        "ecr:GetAccountSetting",
        "ecr:GetRegistryPolicy",
        "ecr:GetRegistryScanningConfiguration",
        "ecr:GetSigningConfiguration",
        "ecr:ListPullTimeUpdateExclusions",
        "iam:ListPolicies",
    ),
    on_access=(
        "iam:GetPolicyVersion",
        "iam:GetRole",
        "iam:ListAttachedRolePolicies",
        "iam:ListEntitiesForPolicy",
        "iam:ListRolePolicies",
    ),
)

#: What can be granted, by the key of the file.
GRANTED: Final = {purpose.name: purpose for purpose in (PULL, READ, PUSH, PROMOTE, DELETE)}

PURPOSES: Final = (
    *GRANTED.values(),
    PUBLISH,
    LAMBDA_PULL,
    REPLICATE,
    CREATE_FROM_TEMPLATE,
    PULL_UPSTREAM,
    FILL_CACHE,
    ENCRYPT,
    AUDIT,
)
