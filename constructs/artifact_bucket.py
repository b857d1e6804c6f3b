"""The bucket in which a pipeline hands on its source."""

from __future__ import annotations

from typing import Any, Final

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_s3 as s3
from constructs import Construct

#: How long a source is needed: as long as somebody may wait with an approval, which CodePipeline ends after a week.
#: https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html
_DAYS: Final = 14
_PACKS: Final = ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")
_NO_LOGS: Final = "Only the pipeline's own roles reach it; CloudTrail has their calls."
_NO_COPY: Final = "A copy of what is in the source's own host, for days; a lost one is made again by a new run."
_ACCEPTED: Final = (
    ("S1", ("AwsSolutions",), _NO_LOGS),
    ("S3BucketLoggingEnabled", _PACKS, _NO_LOGS),
    ("S3BucketReplicationEnabled", _PACKS, _NO_COPY),
    ("S3BucketVersioningEnabled", _PACKS, _NO_COPY),
)


class ArtifactBucket(Construct):
    """Private, encrypted with AWS's own key for S3, over TLS only, and empty again after two weeks.

    A key of our own would cost a dollar a month for each pipeline and close nothing more: the roles that read here are
    those that would use it. CloudFormation deletes it with its stack, once it is empty.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/S3-artifact-encryption.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str) -> None:
        """Declare the bucket `name`."""
        super().__init__(scope, construct_id)
        self.bucket = s3.CfnBucket(
            self,
            "Bucket",
            bucket_name=name,
            bucket_encryption={"serverSideEncryptionConfiguration": [
                {"bucketKeyEnabled": True, "serverSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}
            ]},
            public_access_block_configuration={
                "blockPublicAcls": True,
                "blockPublicPolicy": True,
                "ignorePublicAcls": True,
                "restrictPublicBuckets": True,
            },
            ownership_controls={"rules": [{"objectOwnership": "BucketOwnerEnforced"}]},
            lifecycle_configuration={"rules": [
                {
                    "id": "expire",
                    "status": "Enabled",
                    "expirationInDays": _DAYS,
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 1},
                }
            ]},
        )  # fmt: skip
        arn = self.bucket.attr_arn
        secure: dict[str, Any] = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "TlsOnly",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [arn, f"{arn}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        }
        self.policy = s3.CfnBucketPolicy(self, "Policy", bucket=self.bucket.ref, policy_document=secure)
        self.bucket.override_logical_id("Artifacts")
        self.policy.override_logical_id("ArtifactsPolicy")
        Validations.of(self.bucket).acknowledge(
            *(Acknowledgment(id=f"{pack}-{rule}", reason=reason) for rule, packs, reason in _ACCEPTED for pack in packs)
        )
