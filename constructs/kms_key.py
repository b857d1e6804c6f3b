"""A KMS key for ECR, with its alias."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct
from constructs.logical_ids import set_logical_id

from registry import naming
from registry.access.creation_role import creation_role_arn
from registry.access.keys import ADMINISTRATION
from registry.access.purposes import ENCRYPT
from registry.locations import Location
from registry.shape import KmsKeyShape


class KmsKey(Construct):
    """A key that ECR and the roles which create repositories use, and nobody else.

    ECR encrypts and decrypts by grants, which it has made for itself when a repository is created; so only who
    creates needs the key, and only through ECR. Who pushes and pulls needs nothing of it. The key and its alias stay
    when they leave the template: without the key images cannot be read, and an alias that came back on a second key
    would part what is encrypted from what the file says. Only a creation that failed leaves nothing.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, alias: str, key: KmsKeyShape, registry_name: str, at: Location
    ) -> None:
        """Declare the key `alias` at a location, for the registry of that name."""
        super().__init__(scope, construct_id)
        account = iam.AccountPrincipal(at.account)
        self.key = kms.Key(
            self,
            "Key",
            description=f"Encrypts images of the registry {registry_name}: {alias}",
            enable_key_rotation=True,
            rotation_period=Duration.days(key.rotation_period_in_days),
            pending_window=Duration.days(key.pending_window_in_days),
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
            policy=iam.PolicyDocument(
                statements=[
                    iam.PolicyStatement(
                        sid="Administration", principals=[account], actions=list(ADMINISTRATION), resources=["*"]
                    ),
                    iam.PolicyStatement(
                        sid="CreateRepositoriesThroughEcr",
                        principals=[account],
                        actions=list(ENCRYPT.on_keys),
                        resources=["*"],
                        conditions={
                            "StringEquals": {
                                "kms:CallerAccount": at.account,
                                "kms:ViaService": f"ecr.{at.region}.{naming.dns_suffix(at.region)}",
                            },
                            "ArnEquals": {
                                "aws:PrincipalArn": [
                                    naming.execution_role_arn(registry_name, at.account, at.region),
                                    creation_role_arn(registry_name, at.account, at.region),
                                ]
                            },
                        },
                    ),
                ]
            ),
        )
        self.alias = kms.CfnAlias(self, "Alias", alias_name=alias, target_key_id=self.key.key_id)
        self.alias.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        set_logical_id(self.key, naming.logical_id(alias.removeprefix("alias/"), "Key"))
        self.alias.override_logical_id(naming.logical_id(alias.removeprefix("alias/"), "Alias"))
