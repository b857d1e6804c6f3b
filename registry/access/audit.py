"""What auditors may do: read everything of a registry in one account, and change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from registry import naming
from registry.access import delivery
from registry.access.cache_role import cache_role_arn, made_secrets, needs_cache_role
from registry.access.creation_role import creation_role_arn, needs_creation_role
from registry.access.policies import VERSION
from registry.access.purposes import AUDIT
from registry.access.trust import association_arn, associations
from registry.locations import Location
from registry.model import Registry
from registry.monitoring import names
from registry.monitoring.chat import has_chats

#: What shows whether Monitoring and Delivery stacks are as they were deployed; each of these knows ARNs.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
ON_WATCHED: Final = (
    "cloudwatch:GetDashboard",
    "events:ListTargetsByRule",
    "sns:GetSubscriptionAttributes",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
)
#: And these do not, or list what is there.
LISTS_OF_WATCHED: Final = ("cloudwatch:DescribeAlarms", "events:ListRules")
LISTS_OF_CHATS: Final = (
    "chatbot:DescribeSlackChannelConfigurations",
    "chatbot:ListMicrosoftTeamsChannelConfigurations",
)
ON_KEYS: Final = ("kms:DescribeKey", "kms:GetKeyPolicy")
#: What shows whether pods still get their roles, and whether secrets are read by ECR alone; no value of any.
ON_CLUSTERS: Final = ("eks:ListPodIdentityAssociations",)
ON_ASSOCIATIONS: Final = ("eks:DescribePodIdentityAssociation",)
ON_SECRETS: Final = ("secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy")
ON_PIPELINES: Final = ("codebuild:BatchGetProjects", "codepipeline:GetPipeline", "codepipeline:GetPipelineState")


def roles_of_ecr(registry: Registry, account: str) -> list[str]:
    """The roles made for ECR itself, which have no path."""
    made = ((needs_creation_role, creation_role_arn), (needs_cache_role, cache_role_arn))
    return [arn(registry.name, account, registry.region) for needs, arn in made if needs(registry, account)]


def audit_policy(registry: Registry, account: str) -> dict[str, Any]:
    """The managed policy for auditors in `account`, one of the registry's.

    It covers every repository of the account in the registry's regions: what was made outside the file is what an
    auditor looks for. Of IAM it covers what the Access stack makes, and besides what Monitoring and Delivery stacks
    make, where there are any; likewise associations of pods and secrets of caches.
    """
    region, path = registry.region, registry.roles.path
    access = [naming.policy_arn(account, region, path, "*"), naming.role_arn(account, region, path, "*")]
    access += roles_of_ecr(registry, account)
    here = [at for at in registry.locations if at.account == account]
    repositories = [naming.repository_arn(at, "*") for at in here]
    return {
        "Version": VERSION,
        "Statement": [
            _allow("AuditRepositories", AUDIT.on_repositories, repositories),
            _allow("AuditRegistry", AUDIT.on_registry, ["*"]),
            _allow("AuditAccess", AUDIT.on_access, access),
            *_audit_of_pods_and_secrets(registry, account, here),
            *_audit_of_watched(registry, account),
        ],
    }


def _audit_of_pods_and_secrets(registry: Registry, account: str, here: list[Location]) -> Iterator[dict[str, Any]]:
    if clusters := clusters_of(registry, account):
        yield _allow("AuditClusters", ON_CLUSTERS, clusters)
        yield _allow("AuditPodIdentities", ON_ASSOCIATIONS, [association_arn(it, "*") for it in clusters])
    if secrets := made_secrets(registry, here):
        yield _allow("AuditSecrets", ON_SECRETS, secrets)


def clusters_of(registry: Registry, account: str) -> list[str]:
    """The clusters (ARNs) of an account with whose pods a role is associated here."""
    return sorted({it.cluster for it in associations(registry)}) if account == registry.account else []


def _audit_of_watched(registry: Registry, account: str) -> Iterator[dict[str, Any]]:
    if watched := watched_arns(registry, account):
        alias = names.monitoring_alias(registry.name)
        yield _allow("AuditMonitoring", ON_WATCHED, watched)
        chats = LISTS_OF_CHATS if has_chats(registry, account) else ()
        yield _allow("AuditMonitoringLists", (*chats, *LISTS_OF_WATCHED), ["*"])
        yield {
            **_allow("AuditMonitoringKey", ON_KEYS, [f"arn:{naming.partition(registry.region)}:kms:*:{account}:key/*"]),
            "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}},
        }
    if pipelines := pipeline_arns(registry, account):
        yield _allow("AuditPipelines", ON_PIPELINES, pipelines)


def watched_arns(registry: Registry, account: str) -> list[str]:
    """The rules, topics, queues, alarms and dashboards of a registry in an account, in whatever region; none without
    `monitoring`.
    """
    if not any(registry.monitors(at) and at.account == account for at in registry.locations):
        return []
    everywhere, name = Location(account, "*"), registry.name
    arns = [
        naming.event_rule_arn(everywhere, f"{names.watch_prefix(name)}*"),
        naming.topic_arn(everywhere, f"{names.topic_name(name, None)}*"),
        naming.queue_arn(everywhere, names.dead_letter_queue_name(name)),
        naming.alarm_arn(everywhere, f"{names.watch_prefix(name)}*"),
        names.dashboard_arn(everywhere, f"{names.dashboard_name(name)}*"),
    ]
    partition = naming.partition(registry.region)
    return [f"arn:{partition}:{arn.split(':', 2)[2]}" for arn in arns]


def pipeline_arns(registry: Registry, account: str) -> list[str]:
    """The pipelines of a registry in an account, and their projects."""
    if account != registry.account:
        return []
    at, found = registry.home, []
    for repository in registry.pipelines:
        name = delivery.pipeline(registry, repository)
        found += [
            f"arn:{naming.partition(at.region)}:codepipeline:{at.region}:{at.account}:{name}",
            delivery.project_arn(registry, f"{name}-*"),
        ]
    return found


def _allow(sid: str, actions: tuple[str, ...], resources: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resources}
