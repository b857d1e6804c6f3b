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
from ops.aws.resources import resources
from registry.access import audit
from registry.access.policies import packed
from registry.access.purposes import PUBLISH
from registry.model import Registry

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
_INSPECTOR: Final = _needs(On.ANYTHING, "inspector2", "GetConfiguration", "ListFilters")
_BESIDE: Final = _all(
    _INSPECTOR,
    {On.CLUSTERS: frozenset(audit.ON_CLUSTERS), On.ASSOCIATIONS: frozenset(audit.ON_ASSOCIATIONS)},
    {On.SECRETS: frozenset(audit.ON_SECRETS)},
    _needs(On.PROFILES, "signer", "GetSigningProfile", "ListProfilePermissions"),
)
_READ_PUBLIC: Final = ("DescribeRepositories", "GetRepositoryCatalogData", "GetRepositoryPolicy", "ListTagsForResource")
_PUBLIC: Final = _needs(On.PUBLIC, "ecr-public", *_READ_PUBLIC)
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
_WRITE_PUBLIC: Final = _needs(On.PUBLIC, "ecr-public", "CreateRepository", "DeleteRepositoryPolicy",
    "PutRepositoryCatalogData", "SetRepositoryPolicy", "TagResource", "UntagResource")  # fmt: skip
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
    _WRITE_PUBLIC,
    _needs(On.WATCHED, "cloudwatch", "PutDashboard", "PutMetricAlarm"),
    _needs(On.WATCHED, "events", "PutRule", "PutTargets", "RemoveTargets"),
    _needs(On.WATCHED, "sns", "SetSubscriptionAttributes", "SetTopicAttributes", "Subscribe", "Unsubscribe"),
    _needs(On.WATCHED, "sqs", "SetQueueAttributes"),
    _needs(On.POLICIES, "iam", "CreatePolicyVersion"),
    _needs(On.SECRETS, "secretsmanager", "DeleteResourcePolicy", "DescribeSecret", "RestoreSecret"),
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
    "adopt": _all(
        _SETTINGS,
        _REGISTRY,
        _KEYS,
        _INSPECTOR,
        _needs(On.PUBLISHED, "ecr-public", *_READ_PUBLIC),
    ),
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
    arns, statements = resources(registry, account), []
    for on, actions in COMMANDS[command].items():
        if actions and (where := arns[on]):
            statement: dict[str, Any] = {"Sid": on, "Effect": "Allow", "Action": sorted(actions), "Resource": where}
            if on in (On.EXISTING_ROLES, On.PEOPLE):
                statement["Condition"] = {"ArnLike": {"iam:PolicyARN": arns[On.POLICIES]}}
            statements.append(statement)
    return packed(statements)
