"""The role in which ECR pulls from another account's ECR."""

from __future__ import annotations

from functools import partial

from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.ecr_role import EcrRole

from registry.access.cache_role import (
    cache_policy_description,
    cache_policy_name,
    cache_role_name,
    cache_role_policies,
    cache_role_trust,
)
from registry.model import Registry


class CacheRole(EcrRole):
    """Pull-through caches alone may assume it, and it pulls nothing but what the rules of the account say.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, registry: Registry, account: str) -> None:
        """Declare the role of `account`, one of the registry's."""
        (trust,) = cache_role_trust(account)["Statement"]
        super().__init__(
            scope,
            construct_id,
            registry=registry,
            account=account,
            kind="Upstream",
            name=cache_role_name(registry.name),
            description=f"ECR pulls from other accounts for the caches of the registry {registry.name} in it",
            assumed_by=iam.ServicePrincipal(trust["Principal"]["Service"], conditions=trust["Condition"]),
            documents=cache_role_policies(registry, account),
            policy_name=partial(cache_policy_name, registry.name),
            policy_description=cache_policy_description(registry.name),
            wide_because="A cache is of every name below a prefix, and a login is of no resource.",
        )
