"""An ECR repository with everything that belongs to it."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Final
from weakref import WeakSet

from aws_cdk import Acknowledgment, MissingRemovalPolicies, RemovalPolicy, Validations
from aws_cdk import aws_ecr as ecr
from constructs import Construct

from registry import model
from registry.access.openings import why_open
from registry.locations import Location

#: The scopes that keep their repositories: one aspect for all of a scope, as each call into the CDK's JavaScript takes
#: its time. It leaves alone a resource that has a policy already.
_KEEPING: Final = WeakSet[Construct]()


class Repository(ecr.CfnRepository):
    """One repository in one region, encrypted, scanned, with its tag mutability and its policies.

    Level 1: the level-2 class refuses valid names and lets invalid policies through, and the model has already decided
    (docs/decisions/0003-level-1-for-ecr.md). One construct, as each call into the CDK's JavaScript takes its time. A
    repository that leaves the template is kept; one whose creation failed is not, so that the next try can create it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, repository: model.Repository, at: Location) -> None:
        """Declare `repository` as it is at a location, whose KMS key and policy it gets."""
        text = repository.policy_in(at)
        policy = json.loads(text) if text else None
        encryption: dict[str, str] = {"encryptionType": repository.encryption.encryption_type}
        if key := repository.encryption.key_in(at):
            encryption["kmsKey"] = key
        super().__init__(
            scope,
            construct_id,
            repository_name=repository.name,
            encryption_configuration=encryption,
            # Deprecated in favour of the registry's scanning rule, which decides; equal to it unless the file says
            # otherwise, for tools that look here. https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
            image_scanning_configuration={"scanOnPush": repository.scan_on_push},
            image_tag_mutability=repository.image_tag_mutability,
            image_tag_mutability_exclusion_filters=[
                {
                    "imageTagMutabilityExclusionFilterType": "WILDCARD",
                    "imageTagMutabilityExclusionFilterValue": tag,
                }
                for tag in repository.exclusion_filters
            ]
            or None,
            lifecycle_policy={"lifecyclePolicyText": repository.lifecycle.text} if repository.lifecycle else None,
            repository_policy_text=policy,
            empty_on_delete=True if repository.empty_on_delete else None,
            tags=[{"key": key, "value": value} for key, value in repository.tags] or None,
        )
        if repository.empty_on_delete:
            self.apply_removal_policy(RemovalPolicy.DESTROY)
        elif scope not in _KEEPING:
            _KEEPING.add(scope)
            MissingRemovalPolicies.of(scope).retain_on_update_or_delete(
                apply_to_resource_types=["AWS::ECR::Repository"]
            )

        if policy and (reason := why_open(policy, repository.opened_because)):
            Validations.of(self).acknowledge(Acknowledgment(id="AwsSolutions-ECR1", reason=reason))

    @cached_property
    def repository(self) -> ecr.IRepository:
        """The repository for other CDK code: grants, event rules, pipelines."""
        return ecr.Repository.from_repository_attributes(
            self, "Import", repository_arn=self.attr_arn, repository_name=self.ref
        )
