"""The one table of ECR's IAM actions by purpose. Roles, policies and documentation read from it.

Whether an action works on a repository or has no resource type (`*` in a policy) is in the Service
Authorization Reference; tests/registry/test_actions.py compares this table with a machine-readable copy.
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
    on_registry: tuple[str, ...]  # these have no resource type, so a policy says `*`


AUDIT: Final = Purpose(
    name="audit",
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/security-iam.html",
    # Reads settings, inventories and findings; no image content: neither layers nor manifests nor a login.
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
    ),
)

PURPOSES: Final = (AUDIT,)
