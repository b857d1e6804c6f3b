"""What tells EKS which role the pods of a service account get."""

from __future__ import annotations

from aws_cdk import CfnResource, RemovalPolicy
from aws_cdk import aws_iam as iam
from constructs import Construct

from registry.model import PodIdentity


class PodIdentityAssociation(Construct):
    """A service account has one association in a cluster. Its session tags stay on: the role trusts nothing else.

    It stays when it leaves the template, as the policies of a deploy name the clusters of the file. Its role is gone
    by then, so the pods get no credentials. The CDK's classes of EKS bring those of EC2 along, which take half a
    second: one resource needs none of them.
    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, principal: PodIdentity, role: iam.CfnRole) -> None:
        """Declare the association of a principal's service account with the role made for it."""
        super().__init__(scope, construct_id)
        association = CfnResource(
            self,
            "Default",
            type="AWS::EKS::PodIdentityAssociation",
            properties={
                "ClusterName": principal.cluster_name,
                "Namespace": principal.namespace,
                "ServiceAccount": principal.service_account,
                "RoleArn": role.attr_arn,
            },
        )
        association.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
