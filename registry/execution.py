"""What CloudFormation may do for the stacks of an account: policies for `cdk bootstrap`, less than AdministratorAccess.

Computed from what the file declares. Run `make bootstrap` again before a deploy that declares a new kind of thing
(a network, a key, a cache), and after one that takes the last of a kind away.
https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from registry import deployment_actions as actions
from registry import naming
from registry.access import by_role, packed
from registry.actions import ENCRYPT
from registry.creation_role import role_of
from registry.locations import Location
from registry.model import ExistingRole, Federated, Registry
from registry.principals import provider_arn

#: Not below a path or name of what the stacks make: CloudFormation must not be able to widen its own policies.
PATH: Final = "/cdk-execution/"
Statement = dict[str, Any]


def execution_policies(registry: Registry, account: str) -> tuple[dict[str, Any], ...]:
    """The managed policies for CloudFormation in one account of a registry, as few as IAM's size allows."""
    return packed({"Effect": "Allow", **statement} for statement in _statements(registry, account))


def execution_policy_name(registry: str, number: int) -> str:
    """Name of one of them. Registry names are lower-case, so no policy of the stacks can have it."""
    return f"CloudFormation-{registry}-{number}"


def execution_policy_arns(registry: Registry, account: str) -> list[str]:
    """Their ARNs, for `--cloudformation-execution-policies`."""
    partition = naming.partition(registry.region)
    return [
        f"arn:{partition}:iam::{account}:policy{PATH}{execution_policy_name(registry.name, number)}"
        for number in range(1, len(execution_policies(registry, account)) + 1)
    ]


def _statements(registry: Registry, account: str) -> Iterator[Statement]:
    yield from _networks(registry, account)
    partition = naming.partition(registry.region)
    regions = sorted({at.region for at in registry.places_in(account)})
    yield {
        "Sid": "BootstrapVersion",
        "Action": ["ssm:GetParameters"],
        "Resource": [f"arn:{partition}:ssm:{r}:{account}:parameter/cdk-bootstrap/*/version" for r in regions],
    }
    here = [at for at in registry.locations if at.account == account]
    if not here:
        return  # an account with networks only
    yield {
        "Sid": "Repositories",
        "Action": list(actions.REPOSITORIES),
        "Resource": [naming.repository_arn(at, "*") for at in here],
    }
    in_regions = {"StringEquals": {"aws:RequestedRegion": regions}}
    yield {"Sid": "Registries", "Action": list(actions.REGISTRY), "Resource": "*", "Condition": in_regions}
    if registry.scanning.scan_type == "ENHANCED":
        yield {
            "Sid": "EnhancedScanning",
            "Action": list(actions.ENHANCED_SCANNING),
            "Resource": "*",
            "Condition": in_regions,
        }
    yield from _iam(registry, account)
    yield from _service_roles(registry, account, here)
    yield from _keys(registry, here)


def _iam(registry: Registry, account: str) -> Iterator[Statement]:
    """Roles, policies and OpenID Connect providers of the registry's own names; other roles get its policies only."""
    paths = sorted({"/", registry.roles.path})
    policies = [_iam_arn(registry, account, "policy", path, f"{registry.name}-*") for path in paths]
    roles = [_iam_arn(registry, account, "role", path, f"{registry.name}-*") for path in paths]
    yield {"Sid": "Policies", "Action": list(actions.POLICIES), "Resource": policies}
    yield {"Sid": "Roles", "Action": list(actions.ROLES), "Resource": roles}
    boundary = registry.roles.permissions_boundary if account == registry.account else None
    if boundary:
        condition: dict[str, Any] = {"Condition": {"StringEquals": {"iam:PermissionsBoundary": boundary}}}
        yield {"Sid": "BoundedRoles", "Action": list(actions.BOUNDED_ROLES), "Resource": roles, **condition}
    else:
        yield {"Sid": "NewRoles", "Action": list(actions.UNBOUNDED_ROLES), "Resource": roles}
    existing = [it.arn for it in by_role(registry, account) if isinstance(it, ExistingRole)]
    yield {
        "Sid": "Attachments",
        "Action": list(actions.ATTACHMENTS),
        "Resource": [*roles, *sorted(existing)],
        "Condition": {"ArnLike": {"iam:PolicyARN": policies}},
    }
    if account == registry.account:
        issuers = {it.issuer for it in by_role(registry, account) if isinstance(it, Federated)}
        providers = {provider_arn(account, registry.region, issuer) for issuer in issuers}
        if made := sorted(providers - registry.roles.existing_providers):
            yield {"Sid": "OidcProviders", "Action": list(actions.OIDC_PROVIDERS), "Resource": made}


def _service_roles(registry: Registry, account: str, here: list[Location]) -> Iterator[Statement]:
    """Roles that ECR acts in: its own service-linked ones, and those passed to it.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/using-service-linked-roles.html
    https://docs.aws.amazon.com/inspector/latest/user/using-service-linked-roles.html
    """
    services = ["*.ecr.amazonaws.com", "ecr.amazonaws.com"]
    if registry.scanning.scan_type == "ENHANCED":
        services += ["agentless.inspector2.amazonaws.com", "inspector2.amazonaws.com"]
    yield {
        "Sid": "ServiceLinkedRoles",
        "Action": ["iam:CreateServiceLinkedRole"],
        "Resource": [_iam_arn(registry, account, "role", f"/aws-service-role/{service}/", "*") for service in services],
        "Condition": {"StringLike": {"iam:AWSServiceName": services}},
    }
    passed = {role for at in here for it in registry.templates_in(at) if (role := role_of(registry, it, at))}
    if registry.home in here:
        passed |= {rule.custom_role_arn for rule in registry.pull_through_cache_rules if rule.custom_role_arn}
        secrets = {rule.credential_arn for rule in registry.pull_through_cache_rules if rule.credential_arn}
        if secrets:
            yield {"Sid": "Secrets", "Action": ["secretsmanager:GetSecretValue"], "Resource": sorted(secrets)}
    if passed:
        yield {
            "Sid": "PassRoles",
            "Action": ["iam:PassRole"],
            "Resource": sorted(passed),
            "Condition": {"StringLike": {"iam:PassedToService": ["*.ecr.amazonaws.com", "ecr.amazonaws.com"]}},
        }


def _keys(registry: Registry, here: list[Location]) -> Iterator[Statement]:
    """Keys: those made here by the tag of the stack that makes them, others through ECR only."""
    encrypted = [at for at in here if registry.encrypts_in(at)]
    if encrypted:
        vias = sorted({f"ecr.{at.region}.{naming.dns_suffix(at.region)}" for at in encrypted})
        yield {
            "Sid": "UseOfKeys",
            "Action": list(ENCRYPT.on_keys),
            "Resource": [naming.key_arn(at, "*") for at in encrypted],
            "Condition": {"StringEquals": {"kms:ViaService": vias}},
        }
    making = [at for at in here if registry.keys_in(at)]
    if making:
        tagged = f"aws:ResourceTag/{naming.STACK_TAG}"
        keys = [naming.key_arn(at, "*") for at in making]
        yield {
            "Sid": "NewKeys",
            "Action": ["kms:CreateKey"],
            "Resource": "*",
            "Condition": {"StringEquals": {f"aws:RequestTag/{naming.STACK_TAG}": registry.name}},
        }
        yield {
            "Sid": "Keys",
            "Action": sorted({*actions.KEYS, *actions.ALIASES}),
            "Resource": keys,
            "Condition": {"StringEquals": {tagged: registry.name}},
        }
        yield {
            "Sid": "Aliases",
            "Action": list(actions.ALIASES),
            "Resource": [naming.alias_arn(at, key.alias) for at in making for key in registry.keys_in(at)],
        }
        yield {"Sid": "ListAliases", "Action": ["kms:ListAliases"], "Resource": "*"}


def _networks(registry: Registry, account: str) -> Iterator[Statement]:
    """Endpoints and security groups: made anywhere in the region, changed where they have the stack's tag.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
    """
    made = [network for network in registry.networks if network.account == account and network.makes_something]
    if not made:
        return
    regions = sorted({network.region for network in made})
    ec2 = [f"arn:{naming.partition(region)}:ec2:{region}:{account}" for region in regions]
    yield {
        "Sid": "ReadNetworks",
        "Action": list(actions.READING_OF_NETWORKS),
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": regions}},
    }
    kinds = ("route-table", "security-group", "subnet", "vpc", "vpc-endpoint")
    yield {
        "Sid": "NewEndpoints",
        "Action": list(actions.NEW_NETWORKS),
        "Resource": [f"{prefix}:{kind}/*" for prefix in ec2 for kind in kinds],
    }
    yield {
        "Sid": "EndpointsIn",  # what an endpoint is put into, or taken out of, is others'
        "Action": list(actions.PLACES_OF_ENDPOINTS),
        "Resource": [f"{prefix}:{kind}/*" for prefix in ec2 for kind in kinds[:3]],
    }
    yield {
        "Sid": "TagsAtCreation",
        "Action": ["ec2:CreateTags"],
        "Resource": [f"{prefix}:*" for prefix in ec2],
        "Condition": {
            "StringEquals": {
                "ec2:CreateAction": sorted(
                    action.removeprefix("ec2:")
                    for action in (*actions.NEW_NETWORKS, *actions.TRIALS)
                    if action.startswith("ec2:Create")
                )
            }
        },
    }
    yield {
        "Sid": "Endpoints",
        "Action": list(actions.NETWORKS),
        "Resource": [f"{prefix}:*" for prefix in ec2],
        "Condition": {"StringEquals": {f"aws:ResourceTag/{naming.STACK_TAG}": registry.name}},
    }
    if any(network.trial for network in made):
        yield {"Sid": "Trials", "Action": list(actions.TRIALS), "Resource": [f"{prefix}:*" for prefix in ec2]}


def _iam_arn(registry: Registry, account: str, kind: str, path: str, name: str) -> str:
    return f"arn:{naming.partition(registry.region)}:iam::{account}:{kind}{path}{name}"
