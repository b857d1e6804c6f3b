"""The settings of repositories that ECR creates itself."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_kms as kms
from constructs import Construct

from registry import model
from registry.locations import Location


class CreationTemplate(Construct):
    """What a repository gets that replication, a pull-through cache or a push creates below a prefix.

    It applies at creation only: repositories that exist keep what they have.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        template: model.CreationTemplate,
        at: Location,
        role_arn: str | None,
        keys: Mapping[str, kms.IKey],
    ) -> None:
        """Declare `template` as it is at a location, whose KMS key and policy it gets.

        :param role_arn: the role in which ECR creates there.
        :param keys: the keys made there, by alias: a template takes nothing but a key's ARN.
        """
        super().__init__(scope, construct_id)
        encryption: dict[str, str] = {"encryptionType": template.encryption.encryption_type}
        key = template.encryption.key_in(at)
        if key is not None and key in keys:
            encryption["kmsKey"] = keys[key].key_arn
        elif arn := template.encryption.key_arn_in(at):
            encryption["kmsKey"] = arn
        policy = template.policy_in(at)
        self._resource = ecr.CfnRepositoryCreationTemplate(
            self,
            "Resource",
            prefix=template.prefix,
            applied_for=list(template.applied_for),
            description=template.description,
            encryption_configuration=encryption,
            image_tag_mutability=template.image_tag_mutability,
            image_tag_mutability_exclusion_filters=[
                {
                    "imageTagMutabilityExclusionFilterType": "WILDCARD",
                    "imageTagMutabilityExclusionFilterValue": tag,
                }
                for tag in template.exclusion_filters
            ]
            or None,
            lifecycle_policy=template.lifecycle.text if template.lifecycle else None,
            repository_policy=policy,
            resource_tags=[{"key": key, "value": value} for key, value in template.tags] or None,
            custom_role_arn=role_arn,
        )
