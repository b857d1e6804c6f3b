"""The settings of repositories that ECR creates itself."""

from __future__ import annotations

from aws_cdk import aws_ecr as ecr
from constructs import Construct

from registry import model
from registry.locations import Location


class CreationTemplate(ecr.CfnRepositoryCreationTemplate):
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
        kms_key: str | None,
    ) -> None:
        """Declare `template` as it is at a location, whose policy it gets.

        :param role_arn: the role in which ECR creates there.
        :param kms_key: ARN of the key there; None is AES256 or the key AWS manages.
        """
        encryption: dict[str, str] = {"encryptionType": template.encryption.encryption_type}
        if kms_key is not None:
            encryption["kmsKey"] = kms_key
        super().__init__(
            scope,
            construct_id,
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
            repository_policy=template.policy_in(at),
            resource_tags=[{"key": key, "value": value} for key, value in template.tags] or None,
            custom_role_arn=role_arn,
        )
