"""What tells EKS which role the pods of a service account get."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_eks as eks
from aws_cdk import aws_iam as iam
from constructs import Construct

from registry.model import PodIdentity


class PodIdentityAssociation(Construct):
    """A service account has one association in a cluster. Its session tags stay on: the role trusts nothing else.

    It stays when it leaves the template, as the policies of a deploy name the clusters of the file. Its role is gone
    by then, so the pods get no credentials.
    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, principal: PodIdentity, role: iam.CfnRole) -> None:
        """Declare the association of a principal's service account with the role made for it."""
        super().__init__(scope, construct_id)
        association = eks.CfnPodIdentityAssociation(
            self,
            "Default",
            cluster_name=principal.cluster_name,
            namespace=principal.namespace,
            service_account=principal.service_account,
            role_arn=role.attr_arn,
        )
        association.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
