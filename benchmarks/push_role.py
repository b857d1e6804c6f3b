"""A role that CI assumes to push: level 2 on our side too, so both Python sides share it."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

ISSUER = "token.actions.githubusercontent.com"
PUSH = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)


def push_role(scope: Construct, plan: dict[str, Any], role: dict[str, Any]) -> iam.Role:
    """The role of one entry of the plan."""
    account, region = plan["registry"]["account"], plan["registry"]["region"]
    made = iam.Role(
        scope,
        role["name"],
        role_name=role["name"],
        assumed_by=iam.WebIdentityPrincipal(
            f"arn:aws:iam::{account}:oidc-provider/{ISSUER}",
            {"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": role["subject"]}},
        ),
        inline_policies={
            "Push": iam.PolicyDocument(
                statements=[
                    iam.PolicyStatement(
                        actions=list(PUSH),
                        resources=[
                            f"arn:aws:ecr:{region}:{account}:repository/{name}" for name in role["repositories"]
                        ],
                    ),
                    iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"]),
                ]
            )
        },
    )
    if role["acknowledged"]:
        cdk.Validations.of(made).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions-IAM5[Resource::*]",
                reason="ecr:GetAuthorizationToken has no resource type.",
            )
        )
    return made
