"""A pull-through cache rule."""

from __future__ import annotations

from aws_cdk import aws_ecr as ecr
from constructs import Construct

from registry.shape import PullThroughCacheRuleShape


class PullThroughCacheRule(ecr.CfnPullThroughCacheRule):
    """An upstream registry whose images ECR fetches, and keeps, when they are pulled below a prefix.

    CloudFormation replaces it for every change; what is cached stays.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        rule: PullThroughCacheRuleShape,
        credential_arn: str | None,
        role_arn: str | None,
    ) -> None:
        """Declare `rule`, below `prefix`, for the account and region of the stack.

        :param credential_arn: the secret there with which ECR logs in upstream.
        :param role_arn: the role there in which ECR pulls from another account's ECR.
        """
        super().__init__(
            scope,
            construct_id,
            ecr_repository_prefix=prefix,
            upstream_registry=rule.upstream_registry,
            upstream_registry_url=rule.host,
            upstream_repository_prefix=rule.upstream_repository_prefix,
            credential_arn=credential_arn,
            custom_role_arn=role_arn,
        )
