"""What CloudFormation may do for the stacks of an account: policies for `cdk bootstrap`, less than AdministratorAccess.

Computed from what the file declares, and from the stacks that are there and may have to go. One order serves every
change: `make bootstrap`, then `make deploy`.
https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from registry import naming
from registry.access import cloudformation_actions as actions
from registry.access.cache_role import cache_role_arn, role_of_cache
from registry.access.cloudformation_delivery import deliveries
from registry.access.cloudformation_monitoring import monitored, monitoring
from registry.access.cloudformation_networks import NETWORK, Deployed, networks
from registry.access.cloudformation_secrets import secrets
from registry.access.creation_role import creation_role_arn, role_of
from registry.access.policies import by_role, packed
from registry.access.profiles import named_in
from registry.access.publishing import public_repository_arn
from registry.access.purposes import ENCRYPT
from registry.access.signers import profiles_in
from registry.access.trust import association_arn, associations, made_providers, provider_arn
from registry.locations import Location
from registry.model import ExistingRole, Registry
from registry.model.accepted_findings import filter_arn
from registry.model.once import once
from registry.model.signing_profiles import signing_profile_arn
from registry.model.stacks import PUBLIC_UNIT
from registry.monitoring import names
from registry.monitoring.chat import has_chats

#: Not below a path or name of what the stacks make: CloudFormation must not be able to widen its own policies.
PATH: Final = "/cdk-execution/"
Statement = dict[str, Any]


def execution_policies(registry: Registry, account: str, deployed: Deployed = ()) -> tuple[dict[str, Any], ...]:
    """The managed policies for CloudFormation in one account of a registry, as few as IAM's size allows.

    :param deployed: the stacks of the registry that are in the account, each its location and its unit
        (`Network-vpc-12345678`): what the file no longer has can be deleted as long as it is there.
    """
    return _execution_policies(registry, account, tuple(deployed))


@once
def _execution_policies(registry: Registry, account: str, deployed: Deployed) -> tuple[dict[str, Any], ...]:
    return packed({"Effect": "Allow", **statement} for statement in _statements(registry, account, deployed))


def execution_policy_name(registry: str, number: int) -> str:
    """Name of one of them. Registry names are lower-case, so no policy of the stacks can have it."""
    return f"CloudFormation-{registry}-{number}"


def execution_policy_arns(registry: Registry, account: str, deployed: Deployed = ()) -> list[str]:
    """Their ARNs, for `--cloudformation-execution-policies`."""
    partition = naming.partition(registry.region)
    return [
        f"arn:{partition}:iam::{account}:policy{PATH}{execution_policy_name(registry.name, number)}"
        for number in range(1, len(execution_policies(registry, account, deployed)) + 1)
    ]


def _statements(registry: Registry, account: str, deployed: Deployed) -> Iterator[Statement]:
    yield from networks(registry, account, deployed)
    partition = naming.partition(registry.region)
    places = [*registry.stack_locations_in(account), *(at for at, _ in deployed)]
    regions = sorted({at.region for at in places})
    qualifier = naming.bootstrap_qualifier(registry.name)
    yield {
        "Sid": "BootstrapVersion",
        "Action": ["ssm:GetParameters"],
        "Resource": [f"arn:{partition}:ssm:{r}:{account}:parameter/cdk-bootstrap/{qualifier}/version" for r in regions],
    }
    declared = [at for at in registry.locations if at.account == account]
    if not declared:
        return  # an account with networks only
    elsewhere = (NETWORK, PUBLIC_UNIT)  # what they hold is in no registry of their region
    here = sorted({*declared, *(at for at, unit in deployed if not unit.startswith(elsewhere))})
    yield {
        "Sid": "Repositories",
        "Action": list(actions.REPOSITORIES),
        "Resource": [naming.repository_arn(at, "*") for at in here],
    }
    going = any(unit == PUBLIC_UNIT for _, unit in deployed)
    if account == registry.account and (registry.published or going):
        yield {
            "Sid": "PublicRepositories",
            "Action": list(actions.PUBLIC_REPOSITORIES),
            "Resource": [public_repository_arn(account, registry.region, "*")],
        }
    in_regions = {"StringEquals": {"aws:RequestedRegion": sorted({at.region for at in here})}}
    scanning = actions.ENHANCED_SCANNING if registry.scanning.scan_type == "ENHANCED" else ()
    # Of a file that leaves them to another one nothing, unless it has to give back what it had.
    if registry.manages_registry or any(unit == naming.REGISTRY_UNIT for _, unit in deployed):
        yield {"Sid": "Registries", "Action": list(actions.REGISTRY), "Resource": "*", "Condition": in_regions}
        yield {
            "Sid": "Scanning",
            "Action": sorted((*actions.BASIC_SCANNING, *actions.READING_OF_FILTERS, *scanning)),
            "Resource": "*",
            "Condition": in_regions,
        }
        hiding = actions.SUPPRESSION if registry.scanning.suppression_filters else ()
        yield {
            "Sid": "SuppressionFilters",
            "Action": sorted((*actions.UNSUPPRESSION, *hiding)),
            "Resource": [filter_arn(at, "*") for at in here],
        }
        yield from _signing(registry, here)
    yield from _iam(registry, account)
    if account == registry.account:
        yield from _pods(registry)
    yield from _service_roles(registry, account, declared)
    watched = monitored(registry, here, deployed)
    yield from monitoring(registry, watched)
    yield from _keys(registry, here, watched)
    yield from deliveries(registry, account, deployed)


def _signing(registry: Registry, here: list[Location]) -> Iterator[Statement]:
    """Signing profiles: those made here by their names, and of those that exist whom they let sign."""
    made = [signing_profile_arn(at, name) for at in here for name in profiles_in(registry, at)]
    if made:
        regions = sorted({at.region for at in here if profiles_in(registry, at)})
        yield {
            "Sid": "NewSigningProfiles",
            "Action": list(actions.NEW_SIGNING_PROFILES),
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": regions}},
        }
        yield {"Sid": "SigningProfiles", "Action": list(actions.SIGNING_PROFILES), "Resource": made}
    if named := [signing_profile_arn(at, name) for at in here for name in named_in(registry, at)]:
        yield {
            "Sid": "NamedSigningProfiles",
            "Action": list(actions.NAMED_SIGNING_PROFILES),
            "Resource": named,
        }
    yield {
        "Sid": "SigningPermissions",
        "Action": list(actions.CLOSING_SIGNING_PROFILES),
        "Resource": [signing_profile_arn(at, "*") for at in here],
    }


def _iam(registry: Registry, account: str) -> Iterator[Statement]:
    """Roles and policies of the registry's own path, and the roles of templates and caches, which can have none.

    Whatever stands before the path, so that `access.path` can change. A tag would close nothing: whoever may tag a
    role can put it on. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagement.html
    """
    policies = _own(registry, account, "policy")
    of_ecr = [of(registry.name, account, registry.region) for of in (creation_role_arn, cache_role_arn)]
    roles = [*_own(registry, account, "role"), *of_ecr]  # also where they are not needed: one that was has to go
    boundary = registry.roles.boundary_in(account)
    ours = {"ArnLike": {"iam:PolicyARN": policies}}
    bound = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    attaching = {"Action": list(actions.ATTACHING)}
    yield {"Sid": "Policies", "Action": list(actions.POLICIES), "Resource": policies}
    yield {"Sid": "Roles", "Action": list(actions.ROLES), "Resource": roles}
    if boundary is None:
        existing = [role.arn for role in existing_roles(registry, account)]
        yield {"Sid": "NewRoles", "Action": list(actions.UNBOUNDED_ROLES), "Resource": roles}
        yield {"Sid": "Attachments", **attaching, "Resource": [*roles, *existing], "Condition": ours}
    else:
        yield {"Sid": "BoundedRoles", "Action": list(actions.BOUNDED_ROLES), "Resource": roles, "Condition": bound}
        yield {"Sid": "Attachments", **attaching, "Resource": roles, "Condition": {**ours, **bound}}
        if bounded := [role.arn for role in existing_roles(registry, account, bounded=True)]:
            some = {"Null": {"iam:PermissionsBoundary": "false"}}  # which one is for those who own the role to say
            yield {"Sid": "BoundedAttachments", **attaching, "Resource": bounded, "Condition": {**ours, **some}}
        if unbounded := [role.arn for role in existing_roles(registry, account, bounded=False)]:
            yield {"Sid": "UnboundedAttachments", **attaching, "Resource": unbounded, "Condition": ours}
    # From whichever role it is attached to: a principal that left the file is not known here any more.
    anywhere = [naming.role_arn(account, registry.region, "/", "*")]
    yield {"Sid": "Detachments", "Action": list(actions.DETACHING), "Resource": anywhere, "Condition": ours}
    if account == registry.account and (issuers := made_providers(registry)):
        made = [provider_arn(account, registry.region, issuer) for issuer in issuers]
        yield {"Sid": "OidcProviders", "Action": list(actions.OIDC_PROVIDERS), "Resource": made}


def _pods(registry: Registry) -> Iterator[Statement]:
    """Associations with the clusters of the file, and the roles that EKS gets to hand on.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html
    """
    pods = associations(registry)
    if not pods:
        return
    clusters = sorted({it.cluster for it in pods})
    each = [association_arn(cluster, "*") for cluster in clusters]
    yield {"Sid": "NewPodIdentities", "Action": list(actions.NEW_POD_IDENTITIES), "Resource": clusters}
    yield {"Sid": "PodIdentities", "Action": list(actions.POD_IDENTITIES), "Resource": each}
    yield {
        "Sid": "PassPodRoles",
        "Action": ["iam:PassRole"],
        "Resource": [it.arn for it in pods],
        "Condition": {"StringEquals": {"iam:PassedToService": ["eks.amazonaws.com", "pods.eks.amazonaws.com"]}},
    }


def _own(registry: Registry, account: str, kind: str) -> list[str]:
    """What is in the registry's own IAM path, directly or below another: patterns of ARNs."""
    own = naming.iam_path("/", registry.name)
    return [_iam_arn(registry, account, kind, path, "*") for path in (own, f"/*{own}")]


def _service_roles(registry: Registry, account: str, here: list[Location]) -> Iterator[Statement]:
    """Roles that ECR acts in: its own service-linked ones, and those passed to it.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/using-service-linked-roles.html
    https://docs.aws.amazon.com/inspector/latest/user/using-service-linked-roles.html
    https://docs.aws.amazon.com/chatbot/latest/adminguide/slr-permissions.html
    """
    services = ["*.ecr.amazonaws.com", "ecr.amazonaws.com"]
    if registry.scanning.scan_type == "ENHANCED":
        services += ["agentless.inspector2.amazonaws.com", "inspector2.amazonaws.com"]
    if has_chats(registry, account):
        services.append("management.chatbot.amazonaws.com")
    yield {
        "Sid": "ServiceLinkedRoles",
        "Action": ["iam:CreateServiceLinkedRole"],
        "Resource": [_iam_arn(registry, account, "role", f"/aws-service-role/{service}/", "*") for service in services],
        "Condition": {"StringLike": {"iam:AWSServiceName": services}},
    }
    passed = {role for at in here for it in registry.templates_in(at) if (role := role_of(registry, it, at))}
    for at in here:
        caches = registry.caches_in(at).values()
        passed |= {role for rule in caches if (role := role_of_cache(registry, rule, at))}
    yield from secrets(registry, here)
    if passed:
        yield {
            "Sid": "PassRoles",
            "Action": ["iam:PassRole"],
            "Resource": sorted(passed),
            "Condition": {"StringLike": {"iam:PassedToService": ["*.ecr.amazonaws.com", "ecr.amazonaws.com"]}},
        }


def _keys(registry: Registry, here: list[Location], watched: list[Location]) -> Iterator[Statement]:
    """Keys: those made here by the tag of the stack that makes them, others through ECR only.

    A key gets its tags as it is created, which KMS asks kms:TagResource for on no key in particular. So that an
    existing one cannot be tagged to be taken, it must have neither an alias nor the tag of a registry.
    https://docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html
    https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
    """
    vias = sorted({f"ecr.{at.region}.{naming.dns_suffix(at.region)}" for at in here})
    encrypts = any(registry.encrypts_in(at) for at in here)
    yield {
        "Sid": "UseOfKeys",
        "Action": list(ENCRYPT.on_keys if encrypts else actions.LETTING_GO),
        "Resource": [naming.key_arn(at, "*") for at in here],
        "Condition": {"StringEquals": {"kms:ViaService": vias}},
    }
    made = {at: [*registry.keys_in(at), *([names.monitoring_alias(registry.name)] * (at in watched))] for at in here}
    if making := [at for at in here if made[at]]:
        yield {
            "Sid": "Keys",  # an alias is made and deleted where both it and its key allow it
            "Action": sorted((*actions.ALIASES, *actions.KEYS)),
            "Resource": [naming.key_arn(at, "*") for at in making],
            "Condition": {"StringEquals": {f"aws:ResourceTag/{naming.STACK_TAG}": registry.name}},
        }
        yield {"Sid": "ListAliases", "Action": ["kms:ListAliases"], "Resource": "*"}
        yield {
            "Sid": "NewKeys",
            "Action": list(actions.NEW_KEYS),
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    f"aws:RequestTag/{naming.STACK_TAG}": registry.name,
                    "aws:RequestedRegion": sorted({at.region for at in making}),
                },
                "Null": {"kms:ResourceAliases": "true", f"aws:ResourceTag/{naming.STACK_TAG}": "true"},
            },
        }
        yield {
            "Sid": "Aliases",
            "Action": list(actions.ALIASES),
            "Resource": [naming.alias_arn(at, alias) for at in making for alias in made[at]],
        }


def _iam_arn(registry: Registry, account: str, kind: str, path: str, name: str) -> str:
    return f"arn:{naming.partition(registry.region)}:iam::{account}:{kind}{path}{name}"


def existing_roles(registry: Registry, account: str, *, bounded: bool | None = None) -> list[ExistingRole]:
    """The roles of an account that policies are attached to, by ARN; `bounded`: those that say they are, or not."""
    roles = [it for it in by_role(registry, account) if isinstance(it, ExistingRole) and bounded in (None, it.bounded)]
    return sorted(roles, key=lambda role: role.arn)
