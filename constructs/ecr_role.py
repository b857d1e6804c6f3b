"""A role that ECR assumes, with managed policies of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.logical_ids import set_logical_id

from registry.model import Registry


class EcrRole(Construct):
    """One principal of ECR's may assume it. It has no path, which ECR's resources do not take."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        registry: Registry,
        account: str,
        kind: str,
        name: str,
        description: str,
        assumed_by: iam.IPrincipal,
        documents: Sequence[dict[str, Any]],
        policy_name: Callable[[int], str],
        policy_description: str,
        wide_because: str,
    ) -> None:
        """Declare the role of `account`, one of the registry's.

        :param kind: begins the logical ids: `KIND`Role, `KIND`Policy, `KIND`Policy2.
        :param policy_name: the name of a managed policy by its number, from 1.
        :param wide_because: why resources end with `*`.
        """
        super().__init__(scope, construct_id)
        boundary = registry.roles.boundary_in(account)
        self.role = iam.Role(
            self,
            "Role",
            role_name=name,
            description=description,
            assumed_by=assumed_by,
            permissions_boundary=iam.ManagedPolicy.from_managed_policy_arn(self, "Boundary", boundary)
            if boundary
            else None,
        )
        set_logical_id(self.role, f"{kind}Role")
        for number, document in enumerate(documents, start=1):
            suffix = "" if number == 1 else number
            policy = iam.ManagedPolicy(
                self,
                f"Policy{suffix}",
                managed_policy_name=policy_name(number),
                path=registry.roles.path,
                description=policy_description,
                document=iam.PolicyDocument.from_json(document),
                roles=[self.role],
            )
            set_logical_id(policy, f"{kind}Policy{suffix}")
            resources = [statement["Resource"] for statement in document["Statement"]]
            each_once = dict.fromkeys(
                each for some in resources for each in ([some] if isinstance(some, str) else some)
            )
            Validations.of(policy).acknowledge(
                *(
                    Acknowledgment(id=f"AwsSolutions-IAM5[Resource::{resource}]", reason=wide_because)
                    for resource in each_once
                    if resource.endswith("*")
                )
            )
