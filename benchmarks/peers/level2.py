"""The same resources written with level-2 constructs in Python, as the CDK's guides write them.

What is equal for all repositories is made once and shared, as a careful programmer would. With `--native-rules` the
app is made as ours is, so that the race also shows what is won by our constructs alone.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from cdk_nag import AwsSolutionsChecks
from constructs import Construct

from benchmarks.probe import add_probe
from stacks.checked_app import checked_app

ISSUER = "token.actions.githubusercontent.com"
PUSH = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:DescribeImages",
    "ecr:DescribeRepositories",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
]


class RegistryStack(cdk.Stack):
    """The registry's scanning rule."""

    def __init__(self, scope: Construct, construct_id: str, **settings: Any) -> None:
        super().__init__(scope, construct_id, **settings)
        ecr.CfnRegistryScanningConfiguration(
            self,
            "Scanning",
            scan_type="BASIC",
            rules=[
                ecr.CfnRegistryScanningConfiguration.ScanningRuleProperty(
                    scan_frequency="SCAN_ON_PUSH",
                    repository_filters=[
                        ecr.CfnRegistryScanningConfiguration.RepositoryFilterProperty(
                            filter="*", filter_type="WILDCARD"
                        )
                    ],
                )
            ],
        )


class AccessStack(cdk.Stack):
    """The auditors' policy, and a role for each project that pushes."""

    def __init__(self, scope: Construct, construct_id: str, *, plan: dict[str, Any], **settings: Any) -> None:
        super().__init__(scope, construct_id, **settings)
        registry = plan["registry"]
        everything = f"arn:aws:ecr:{registry['region']}:{registry['account']}:repository/*"
        access = [f"arn:aws:iam::{registry['account']}:{kind}{plan['iam_path']}*" for kind in ("policy", "role")]
        audit = iam.ManagedPolicy(
            self,
            "Audit",
            managed_policy_name=f"{registry['name']}-ecr-audit",
            path=plan["iam_path"],
            description=f"Reads the settings, inventories and scan findings of the registry {registry['name']}",
            statements=[
                iam.PolicyStatement(actions=plan["audit"]["on_repositories"], resources=[everything]),
                iam.PolicyStatement(actions=plan["audit"]["on_registry"], resources=["*"]),
                iam.PolicyStatement(actions=plan["audit"]["on_access"], resources=access),
            ],
        )
        cdk.Validations.of(audit).acknowledge(
            *(
                cdk.Acknowledgment(id=f"AwsSolutions-IAM5[Resource::{arn}]", reason="Auditors see everything.")
                for arn in ("*", everything, *access)
            )
        )
        provider = iam.OidcProviderNative(self, "GitHub", url=f"https://{ISSUER}", client_ids=["sts.amazonaws.com"])
        provider.apply_removal_policy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        for role in plan["roles"]:
            self._push_role(registry, plan["iam_path"], role, provider)

    def _push_role(self, registry: dict[str, str], path: str, role: dict[str, Any], provider: Construct) -> None:
        account, region = registry["account"], registry["region"]
        subject = f"repo:{role['project']}:ref:refs/heads/main"
        made = iam.Role(
            self,
            role["principal"],
            role_name=f"{registry['name']}-{role['principal']}",
            path=path,
            description=f"{role['principal']} of the registry {registry['name']}",
            assumed_by=iam.WebIdentityPrincipal(
                f"arn:aws:iam::{account}:oidc-provider/{ISSUER}",
                {"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": subject}},
            ),
            max_session_duration=cdk.Duration.hours(1),
        )
        policy = iam.ManagedPolicy(
            self,
            f"{role['principal']}-policy",
            managed_policy_name=f"{registry['name']}-{role['principal']}-ecr-1",
            path=path,
            description=f"What {role['principal']} may do in the registry {registry['name']}",
            statements=[
                iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"]),
                iam.PolicyStatement(
                    actions=PUSH,
                    resources=[f"arn:aws:ecr:{region}:{account}:repository/{name}" for name in role["repositories"]],
                ),
            ],
            roles=[made],
        )
        for each in (made, policy):
            each.node.add_dependency(provider)
        cdk.Validations.of(policy).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions-IAM5[Resource::*]", reason="ecr:GetAuthorizationToken has no resource type."
            ),
            *(
                cdk.Acknowledgment(
                    id=f"AwsSolutions-IAM5[Resource::arn:aws:ecr:{region}:{account}:repository/{name}]",
                    reason="A role for a namespace covers the repositories that come later.",
                )
                for name in role["repositories"]
                if name.endswith("*")
            ),
        )


class RepositoriesStack(cdk.Stack):
    """The repositories of one namespace."""

    def __init__(
        self, scope: Construct, construct_id: str, *, plan: dict[str, Any], namespace: str, **settings: Any
    ) -> None:
        super().__init__(scope, construct_id, **settings)
        lifecycle_rules = [
            ecr.LifecycleRule(
                description="protect images tagged prod*", tag_pattern_list=["prod*"], max_image_count=1_000_000
            ),
            ecr.LifecycleRule(
                description="keep the last 5 images tagged v*", tag_pattern_list=["v*"], max_image_count=5
            ),
            ecr.LifecycleRule(
                description="expire untagged images 1 day after their push",
                tag_status=ecr.TagStatus.UNTAGGED,
                max_image_age=cdk.Duration.days(1),
            ),
        ]
        moving_tags = [
            ecr.ImageTagMutabilityExclusionFilter.wildcard(tag) for tag in ("latest", "dev", "staging", "prod", "v*.x")
        ]
        encryption = ecr.RepositoryEncryption.KMS
        for each in plan["namespaces"][namespace]["repositories"]:
            repository = ecr.Repository(
                self,
                each["name"],
                repository_name=each["name"],
                encryption=encryption,
                image_scan_on_push=True,
                image_tag_mutability=ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION,
                image_tag_mutability_exclusion_filters=moving_tags,
                lifecycle_rules=lifecycle_rules,
                removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
            )
            repository.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="Pull",
                    principals=[iam.AccountPrincipal(plan["pulling_account"])],
                    actions=[
                        "ecr:BatchCheckLayerAvailability",
                        "ecr:BatchGetImage",
                        "ecr:GetDownloadUrlForLayer",
                    ],
                    conditions={
                        "ArnEquals": {"aws:PrincipalArn": plan["pulling_roles"][each["name"]]},
                        "StringEquals": {"aws:PrincipalOrgID": plan["organization"]},
                    },
                )
            )
            for key, value in each["tags"].items():
                cdk.Tags.of(repository).add(key, value)
        for key, value in plan["namespaces"][namespace]["tags"].items():
            cdk.Tags.of(self).add(key, value)


def main() -> None:
    """Synthesize the plan that the context names."""
    app = checked_app() if "--native-rules" in sys.argv else cdk.App()
    plan = json.loads(Path(app.node.try_get_context("plan")).read_text(encoding="utf-8"))
    registry = plan["registry"]

    def settings(unit: str, holds: str) -> dict[str, Any]:
        return {
            "env": cdk.Environment(account=registry["account"], region=registry["region"]),
            "stack_name": f"{registry['name']}-{unit}",
            "description": f"Amazon ECR registry {registry['name']}: {holds}",
            "termination_protection": True,
            "tags": {"ecr-registry": registry["name"]},
        }

    RegistryStack(app, "Registry", **settings("Registry", "registry-wide settings"))
    AccessStack(app, "Access", plan=plan, **settings("Access", "access"))
    for namespace in plan["namespaces"]:
        RepositoriesStack(
            app,
            f"Repositories-{namespace}",
            plan=plan,
            namespace=namespace,
            **settings(f"Repositories-{namespace}", f"repositories of the namespace {namespace}"),
        )
    if plan["probe"]:
        add_probe(app, registry)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


if __name__ == "__main__":
    main()
