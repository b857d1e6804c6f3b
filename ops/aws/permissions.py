"""The one table of what each command may need to do in AWS, and the policy that comes of it for a registry.

A test records every call that the commands make in the other tests, and looks for it in the document of the command;
another compares actions and resource types with the Service Authorization Reference.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
sts:GetCallerIdentity, with which every command begins, needs no permission:
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ops.aws.needs import Needs, On
from ops.aws.needs import all_of as _all
from ops.aws.needs import needs as _needs
from registry import naming
from registry.access import audit
from registry.access.cache_role import made_secrets
from registry.access.cloudformation import PATH, execution_policy_name
from registry.access.policies import by_role, packed
from registry.access.publishing import public_repository_arn
from registry.access.purposes import PUBLISH
from registry.access.signers import profiles_in
from registry.model import ExistingRole, Registry
from registry.model.accepted_findings import filter_arn
from registry.model.signing_profiles import signing_profile_arn
from registry.model.stacks import PUBLIC_UNIT

#: Of every stack that a registry can have. `acme-*` would be the stacks of a registry acme-web as well.
_UNITS: Final = (naming.ACCESS_UNIT, naming.REGISTRY_UNIT, naming.MONITORING_UNIT, PUBLIC_UNIT,
                 "Repositories", "Repositories-*",
                 "Network-*", f"{naming.DELIVERY}*")  # fmt: skip


_ASSUME: Final = _needs(On.CDK, "sts", "AssumeRole")
_LIST_STACKS: Final = _needs(On.ANYTHING, "cloudformation", "DescribeStacks")
_EVERYWHERE: Final = _all(_LIST_STACKS, _needs(On.ANYTHING, "ec2", "DescribeRegions"))
_TEMPLATES: Final = _needs(On.STACKS, "cloudformation", "GetTemplate")
_RESOURCES: Final = _needs(On.STACKS, "cloudformation", "ListStackResources")
_OWNERS: Final = _needs(On.ANYTHING, "cloudformation", "DescribeStackResources")
_REMOVE: Final = _needs(On.STACKS, "cloudformation", "UpdateTerminationProtection", "DeleteStack")
_PROVIDERS: Final = _needs(On.PROVIDERS, "iam", "GetOpenIDConnectProvider")
_KEYS: Final = _needs(On.KEYS, "kms", "DescribeKey")
_SETTINGS: Final = _needs(
    On.REPOSITORIES,
    "ecr",
    *("DescribeRepositories", "GetLifecyclePolicy", "GetRepositoryPolicy", "ListTagsForResource"),
)
_REGISTRY: Final = _needs(
    On.ANYTHING,
    "ecr",
    *("DescribePullThroughCacheRules", "DescribeRegistry", "DescribeRepositoryCreationTemplates", "GetAccountSetting"),
    *("GetRegistryPolicy", "GetRegistryScanningConfiguration", "GetSigningConfiguration"),
    "ListPullTimeUpdateExclusions",
)
_ACCESS: Final = _all(
    _needs(On.ANYTHING, "iam", "ListPolicies"),
    _needs(On.POLICIES, "iam", "GetPolicyVersion", "ListEntitiesForPolicy"),
    _needs(On.ROLES, "iam", "GetRole", "ListAttachedRolePolicies", "ListRolePolicies"),
)
#: Of what the file makes or sets in other services.
_BESIDE: Final = _all(
    _needs(On.ANYTHING, "inspector2", "GetConfiguration", "ListFilters"),
    _needs(On.PROFILES, "signer", "GetSigningProfile", "ListProfilePermissions"),
)
_PUBLIC: Final = _needs(
    On.PUBLIC,
    "ecr-public",
    *("DescribeRepositories", "GetRepositoryCatalogData", "GetRepositoryPolicy", "ListTagsForResource"),
)
_WATCH: Final[Needs] = {
    On.WATCHED: frozenset(audit.ON_WATCHED),
    On.WATCHED_LISTS: frozenset((*audit.LISTS_OF_CHATS, *audit.LISTS_OF_WATCHED)),
    On.KEYS: frozenset(audit.ON_KEYS),
    On.PIPELINES: frozenset(audit.ON_PIPELINES),
}
_LIVE: Final = _all(_SETTINGS, _REGISTRY, _ACCESS, _KEYS, _PUBLIC, _WATCH, _BESIDE)
_IMAGES: Final = _needs(On.REPOSITORIES, "ecr", "BatchGetImage", "DescribeImages")
_TAGGING: Final = _all(_IMAGES, _needs(On.REPOSITORIES, "ecr", "DescribeRepositories", "PutImage"))
_RUNNING: Final = _all(
    _needs(
        On.ANYTHING,
        "ecs",
        *("DescribeServices", "DescribeTaskDefinition", "DescribeTasks", "ListClusters", "ListServices", "ListTasks"),
        "ListTaskDefinitionFamilies",
    ),
    _needs(On.ANYTHING, "lambda", "GetFunction", "ListFunctions"),
)
_IN_USE: Final = _all(
    _RUNNING,
    _needs(On.ANYTHING, "ecr", "GetRegistryScanningConfiguration"),
    _needs(On.ANYTHING, "inspector2", "GetClustersForImage", "ListCoverage"),
)
_USAGE: Final = _all(
    _IMAGES,
    _needs(On.REPOSITORIES, "ecr", "DescribeRepositories"),
    _needs(On.ANYTHING, "ecr", "ListPullTimeUpdateExclusions"),
)
_REMOVE_IMAGES: Final = _all(_IMAGES, _IN_USE)
_GUARD: Final = _all(_IMAGES, _needs(On.REPOSITORIES, "ecr", "GetLifecyclePolicy"), _IN_USE)
_WRITE_REPOSITORIES: Final = _needs(
    On.REPOSITORIES,
    "ecr",
    *("DeleteLifecyclePolicy", "DeleteRepositoryPolicy", "PutImageScanningConfiguration", "PutImageTagMutability"),
    *("PutLifecyclePolicy", "SetRepositoryPolicy", "TagResource", "UntagResource"),
)
_WRITE: Final = _all(
    _WRITE_REPOSITORIES,
    _needs(On.REPOSITORIES, "ecr", "CreateRepository"),
    _needs(
        On.ANYTHING,
        "ecr",
        *("CreatePullThroughCacheRule", "CreateRepositoryCreationTemplate", "DeleteRegistryPolicy"),
        *("DeleteRepositoryCreationTemplate", "DeleteSigningConfiguration", "PutAccountSetting", "PutRegistryPolicy"),
        *("PutRegistryScanningConfiguration", "PutReplicationConfiguration", "PutSigningConfiguration"),
        *("RegisterPullTimeUpdateExclusion", "UpdatePullThroughCacheRule"),
    ),
    _needs(On.ANYTHING, "inspector2", "UpdateConfiguration"),
    _needs(On.FILTERS, "inspector2", "CreateFilter", "UpdateFilter"),
    _needs(On.PROFILES, "signer", "AddProfilePermission"),
    _needs(On.PUBLIC, "ecr-public", "CreateRepository", "DeleteRepositoryPolicy", "PutRepositoryCatalogData"),
    _needs(On.PUBLIC, "ecr-public", "SetRepositoryPolicy", "TagResource", "UntagResource"),
    _needs(On.WATCHED, "cloudwatch", "PutDashboard", "PutMetricAlarm"),
    _needs(On.WATCHED, "events", "PutRule", "PutTargets", "RemoveTargets"),
    _needs(On.WATCHED, "sns", "SetSubscriptionAttributes", "SetTopicAttributes", "Subscribe", "Unsubscribe"),
    _needs(On.WATCHED, "sqs", "SetQueueAttributes"),
    _needs(On.POLICIES, "iam", "CreatePolicyVersion"),
    _needs(On.SECRETS, "secretsmanager", "DescribeSecret"),
    _needs(
        On.ROLES,
        "iam",
        *("AttachRolePolicy", "DeleteRolePermissionsBoundary", "DetachRolePolicy", "PutRolePermissionsBoundary"),
        *("UpdateAssumeRolePolicy", "UpdateRole"),
    ),
    _needs(On.EXISTING_ROLES, "iam", "AttachRolePolicy", "DetachRolePolicy"),
    _needs(On.PEOPLE, "iam", "DetachGroupPolicy", "DetachUserPolicy"),
)
_BOOTSTRAPPED: Final = _all(
    _needs(On.BOOTSTRAP, "cloudformation", "DescribeStacks"),
    _needs(On.EXECUTION, "iam", "GetPolicy", "GetPolicyVersion"),
    _PROVIDERS,
    _RESOURCES,
    _ASSUME,
)
#: What `cdk bootstrap` does besides, from the template of the CDK's bootstrap; no test sees it do so in AWS.
#: https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
_CDK_BOOTSTRAP: Final = _all(
    _needs(
        On.BOOTSTRAP,
        "cloudformation",
        *("CreateChangeSet", "DeleteChangeSet", "DescribeChangeSet", "DescribeStackEvents", "DescribeStacks"),
        *("ExecuteChangeSet", "GetTemplate", "UpdateTerminationProtection", "DeleteStack"),
    ),
    _needs(
        On.CDK,
        "iam",
        *("AttachRolePolicy", "CreateRole", "DeleteRole", "DeleteRolePolicy", "DetachRolePolicy", "GetRole"),
        *("GetRolePolicy", "PutRolePolicy", "TagRole", "UntagRole", "UpdateAssumeRolePolicy", "UpdateRole"),
    ),
    _needs(
        On.BUCKET,
        "s3",
        *("CreateBucket", "DeleteBucketPolicy", "GetBucketPolicy", "PutBucketPolicy", "PutBucketPublicAccessBlock"),
        *("PutBucketVersioning", "PutEncryptionConfiguration", "PutLifecycleConfiguration"),
    ),
    _needs(
        On.IMAGES,
        "ecr",
        *("CreateRepository", "DescribeRepositories", "PutImageTagMutability", "PutLifecyclePolicy"),
        "SetRepositoryPolicy",
    ),
    _needs(On.PARAMETER, "ssm", "DeleteParameter", "GetParameter", "GetParameters", "PutParameter"),
)
_CHANGE_SETS: Final = _all(
    _ASSUME,
    _LIST_STACKS,
    _needs(On.STACKS, "cloudformation", "DeleteChangeSet", "DescribeChangeSet", "ExecuteChangeSet"),
)
_REPLACEMENTS: Final = _all(_EVERYWHERE, _KEYS, _PROVIDERS, _needs(On.ANYTHING, "cloudformation", "GetTemplate"))
_CLEAR_FAILED: Final = _all(_needs(On.ANYTHING, "cloudformation", "DescribeStacks", "ListStacks"), _RESOURCES, _REMOVE)
_DRIFT_BEFORE: Final = _all(_LIVE, _LIST_STACKS, _TEMPLATES, _OWNERS)
_BEFORE: Final = _all(_REPLACEMENTS, _BOOTSTRAPPED, _CLEAR_FAILED, _DRIFT_BEFORE, _GUARD)
_CHECKS: Final = ("CheckAccessNotGranted", "CheckNoNewAccess")
_PUT_INSPECTOR: Final = _needs(On.ANYTHING, "inspector2", "GetConfiguration", "UpdateConfiguration")
_PUT_SETTINGS: Final = _all(_needs(On.ANYTHING, "ecr", "GetAccountSetting", "PutAccountSetting"), _PUT_INSPECTOR)
_AFTER: Final = _all(_PUT_SETTINGS, _EVERYWHERE)

#: By what a person types after `ecrctl`; `diff` and `deploy` are the verbs of make.
COMMANDS: Final[Mapping[str, Needs]] = {
    "access --prove": _needs(On.ANYTHING, "access-analyzer", *_CHECKS, "CheckNoPublicAccess", "ValidatePolicy"),
    "adopt": _all(_SETTINGS, _REGISTRY, _KEYS),
    "after-deploy": _AFTER,
    "archive": _all(_REMOVE_IMAGES, _needs(On.REPOSITORIES, "ecr", "UpdateImageStorageClass")),
    "align": _all(_SETTINGS, _KEYS, _RESOURCES, _OWNERS, _LIST_STACKS, _GUARD, _WRITE_REPOSITORIES),
    "backfill": _needs(
        On.ANYTHING,
        "ecr",
        *("DescribeRegistry", "DescribeReplicationBackfillResults", "ListReplicationBackfills"),
        *("StartReplicationBackfill", "StopReplicationBackfill"),
    ),
    "before-deploy": _BEFORE,
    "bootstrap": _all(
        _EVERYWHERE,
        _needs(On.BOOTSTRAP, "cloudformation", "DescribeStacks"),
        _needs(
            On.EXECUTION,
            "iam",
            *("CreatePolicy", "CreatePolicyVersion", "DeletePolicyVersion", "GetPolicy", "GetPolicyVersion"),
            "ListPolicyVersions",
        ),
        _CDK_BOOTSTRAP,
    ),
    "bootstrap --check": _BOOTSTRAPPED,
    "cache validate": _needs(On.ANYTHING, "ecr", "ValidatePullThroughCacheRule"),
    "clear-failed": _CLEAR_FAILED,
    "cost --live": _USAGE,
    "delete": _all(_REMOVE_IMAGES, _needs(On.REPOSITORIES, "ecr", "BatchDeleteImage")),
    "deploy": _all(_BEFORE, _AFTER, _ASSUME),
    "diff": _all(_ASSUME, _needs(On.STACKS, "cloudformation", "DescribeStacks"), _TEMPLATES),
    "drift": _LIVE,
    "drift --before-deploy": _DRIFT_BEFORE,
    "drift --fix": _all(_LIVE, _LIST_STACKS, _TEMPLATES, _WRITE),
    "findings": _needs(On.REPOSITORIES, "ecr", "BatchGetImage", "DescribeImageScanFindings", "DescribeImages"),
    "image": _all(_IMAGES, _needs(On.REPOSITORIES, "ecr", "DescribeImageSigningStatus")),
    "images": _needs(On.REPOSITORIES, "ecr", "DescribeImages"),
    "images --manifests": _IMAGES,
    "import": _all(_SETTINGS, _REGISTRY, _PUBLIC, _KEYS, _RESOURCES, _OWNERS, _CHANGE_SETS, _BOOTSTRAPPED),
    "lifecycle guard": _GUARD,
    "lifecycle preview": _all(
        _IMAGES, _needs(On.REPOSITORIES, "ecr", "GetLifecyclePolicyPreview", "StartLifecyclePolicyPreview")
    ),
    "lifecycle running": _RUNNING,
    "login": _needs(On.ANYTHING, "ecr", "GetAuthorizationToken"),
    "login --public": {On.ANYTHING: frozenset(PUBLISH.on_registry)},
    "plan --live": _all(_DRIFT_BEFORE, _GUARD, _EVERYWHERE),
    "plan --prove": _needs(On.ANYTHING, "access-analyzer", *_CHECKS),
    "prices --renew": _needs(On.ANYTHING, "pricing", "GetProducts"),
    "promote": _TAGGING,
    "promote --gate": _all(_TAGGING, _needs(On.REPOSITORIES, "ecr", "DescribeImageScanFindings")),
    "promote --to": _all(
        _TAGGING,
        _needs(On.ANYTHING, "ecr", "GetAuthorizationToken"),
        _needs(
            On.REPOSITORIES,
            "ecr",
            *("BatchCheckLayerAvailability", "CompleteLayerUpload", "GetDownloadUrlForLayer", "InitiateLayerUpload"),
            "UploadLayerPart",
        ),
    ),
    "release": _TAGGING,
    "replacements": _REPLACEMENTS,
    "repositories": _needs(On.REPOSITORIES, "ecr", "DescribeRepositories"),
    "repositories --sizes": _needs(On.REPOSITORIES, "ecr", "DescribeImages", "DescribeRepositories"),
    "restore": _all(_IMAGES, _needs(On.REPOSITORIES, "ecr", "UpdateImageStorageClass")),
    "retire": _all(
        _EVERYWHERE,
        _TEMPLATES,
        _RESOURCES,
        _REMOVE,
        _needs(On.STACKS, "cloudformation", "DescribeStackEvents"),
        _needs(On.REPOSITORIES, "ecr", "DescribeImages"),
    ),
    "retire --check": _EVERYWHERE,
    "scan": _needs(
        On.REPOSITORIES, "ecr", "BatchGetImage", "DescribeImageScanFindings", "DescribeImages", "StartImageScan"
    ),
    "settings": _PUT_SETTINGS,
    "signing": _needs(On.REPOSITORIES, "ecr", "DescribeImageSigningStatus", "DescribeImages"),
    "usage": _USAGE,
    "usage --no-manifests": _needs(On.REPOSITORIES, "ecr", "DescribeImages", "DescribeRepositories"),
}


def policy_documents(command: str, registry: Registry, account: str) -> tuple[dict[str, Any], ...]:
    """What a command needs in an account of a registry: one policy, or more where IAM's size of one is too small.

    :param command: a key of COMMANDS.
    """
    resources, statements = _resources(registry, account), []
    for on, actions in COMMANDS[command].items():
        if actions and (where := resources[on]):
            statement: dict[str, Any] = {"Sid": on, "Effect": "Allow", "Action": sorted(actions), "Resource": where}
            if on in (On.EXISTING_ROLES, On.PEOPLE):
                statement["Condition"] = {"ArnLike": {"iam:PolicyARN": resources[On.POLICIES]}}
            statements.append(statement)
    return packed(statements)


def _resources(registry: Registry, account: str) -> Mapping[On, list[str] | str]:
    """The ARNs; region and name are open where a stack or a region may have left the file."""
    name, region, path = registry.name, registry.region, registry.roles.path
    partition, qualifier = naming.partition(region), naming.bootstrap_qualifier(name)
    stacks, iam = f"arn:{partition}:cloudformation:*:{account}:stack", f"arn:{partition}:iam::{account}"
    here = [at for at in registry.locations if at.account == account]
    published = account == registry.account and registry.public_repositories
    return {
        On.ANYTHING: "*",
        On.WATCHED: (watched := audit.watched_arns(registry, account)),
        On.WATCHED_LISTS: "*" if watched else [],
        On.PIPELINES: audit.pipeline_arns(registry, account),
        On.REPOSITORIES: [naming.repository_arn(at, "*") for at in here],
        On.PUBLIC: [public_repository_arn(account, region, "*")] if published else [],
        On.STACKS: [f"{stacks}/{naming.stack_name(name, unit)}/*" for unit in _UNITS],
        On.BOOTSTRAP: [f"{stacks}/{naming.bootstrap_stack(name)}/*"],
        On.ROLES: [naming.role_arn(account, region, path, "*"), *audit.roles_of_ecr(registry, account)],
        On.EXISTING_ROLES: [role.arn for role in by_role(registry, account) if isinstance(role, ExistingRole)],
        On.PEOPLE: [f"{iam}:group/*", f"{iam}:user/*"],
        On.POLICIES: [naming.policy_arn(account, region, path, "*")],
        On.EXECUTION: [f"{iam}:policy{PATH}{execution_policy_name(name, 1)[:-1]}*"],
        On.PROVIDERS: [f"{iam}:oidc-provider/*"],
        On.KEYS: [naming.key_arn(at, "*") for at in here],
        On.FILTERS: [filter_arn(at, "*") for at in here],
        On.PROFILES: [signing_profile_arn(at, it) for at in here for it in profiles_in(registry, at)],
        On.CDK: [f"arn:{partition}:iam::{each}:role/cdk-{qualifier}-*" for each in registry.deployed_accounts],
        On.BUCKET: [f"arn:{partition}:s3:::cdk-{qualifier}-assets-{account}-*"],
        On.IMAGES: [f"arn:{partition}:ecr:*:{account}:repository/cdk-{qualifier}-container-assets-{account}-*"],
        On.SECRETS: made_secrets(registry, here),
        On.PARAMETER: [f"arn:{partition}:ssm:*:{account}:parameter/cdk-bootstrap/{qualifier}/version"],
    }
