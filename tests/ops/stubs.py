"""AWS as botocore's Stubber plays it: each call is expected with its parameters, and answers have ECR's shapes."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from registry.locations import Location
from registry.resolve.lifecycles import BUILT_IN, to_ecr_policy
from registry.shape import BUILT_IN_LIFECYCLE

ACCOUNT, HOME, REPLICA = "123456789012", "ap-northeast-2", "us-west-2"
#: The lifecycle policy of a repository that names none.
POLICY = getattr(to_ecr_policy(BUILT_IN_LIFECYCLE, BUILT_IN), "text", "")

_STACK_TAGS = {"ecr-registry": "acme", "aws:cloudformation:stack-name": "acme-Repositories-web"}


class Cloud:
    """One stubbed client for each service and region, made when first asked for."""

    def __init__(self) -> None:
        self.stubs: dict[tuple[str, str], Stubber] = {}

    def client(self, service: str, region_name: str, **_: object) -> Any:
        return self.stub(service, region_name).client

    def stub(self, service: str, region: str = HOME) -> Stubber:
        if (service, region) not in self.stubs:
            made = boto3.Session().client(  # type: ignore[call-overload]
                service, region_name=region, aws_access_key_id="none", aws_secret_access_key="none"
            )
            self.stubs[service, region] = Stubber(made)
            self.stubs[service, region].activate()
        return self.stubs[service, region]

    def expect(
        self, operation: str, answer: dict[str, Any], wanted: dict[str, Any] | None = None, *, at: str = HOME
    ) -> None:
        self.stub(_service(operation), at).add_response(operation, answer, wanted)

    def refuse(self, operation: str, code: str, message: str = "", *, at: str = HOME) -> None:
        self.stub(_service(operation), at).add_client_error(operation, code, message)

    def caller(self, account: str = ACCOUNT) -> None:
        self.expect(
            "get_caller_identity", {"Account": account, "UserId": "me", "Arn": f"arn:aws:iam::{account}:user/me"}
        )

    def repository(self, name: str, *, at: str = HOME, **changed: Any) -> None:
        """A live repository as the file would make it, except for what is changed; asked by its name."""
        row = _repository_row(name, at, **changed)
        self.expect("describe_repositories", {"repositories": [row]}, {"repositoryNames": [name]}, at=at)
        self.policies(name, at, **changed)

    def repositories(self, changed: Mapping[str, Mapping[str, Any]], *, read: Collection[str], at: str = HOME) -> None:
        """The same for all of them in one call; then the policies and tags of those that are read."""
        rows = [_repository_row(name, at, **settings) for name, settings in changed.items()]
        self.expect("describe_repositories", {"repositories": rows}, {"maxResults": 1000}, at=at)
        for name in read:
            self.policies(name, at, **changed[name])

    def policies(
        self,
        name: str,
        at: str = HOME,
        *,
        lifecycle: str | None = POLICY,
        policy: Any = None,
        tags: Mapping[str, str] = _STACK_TAGS,
        **_: object,
    ) -> None:
        """What is asked of each repository that is read."""
        self.expect(
            "list_tags_for_resource",
            {"tags": [{"Key": key, "Value": value} for key, value in tags.items()]},
            {"resourceArn": f"arn:aws:ecr:{at}:{ACCOUNT}:repository/{name}"},
            at=at,
        )
        if lifecycle is None:
            self.refuse("get_lifecycle_policy", "LifecyclePolicyNotFoundException", at=at)
        else:
            self.expect("get_lifecycle_policy", {"lifecyclePolicyText": lifecycle}, {"repositoryName": name}, at=at)
        if policy is None:
            self.refuse("get_repository_policy", "RepositoryPolicyNotFoundException", at=at)
        else:
            self.expect("get_repository_policy", {"policyText": json.dumps(policy)}, {"repositoryName": name}, at=at)

    def no_repository(self, *, at: str = HOME) -> None:
        self.refuse("describe_repositories", "RepositoryNotFoundException", at=at)

    def holds(self, stack: str, *names: str, status: str = "CREATE_COMPLETE", at: str = HOME) -> None:
        """A stack that exists and has these repositories."""
        rows = [row("AWS::ECR::Repository", status, name) for name in names]
        self.expect("list_stack_resources", {"StackResourceSummaries": rows}, {"StackName": stack}, at=at)

    def no_stack(self, stack: str, *, at: str = HOME) -> None:
        self.refuse("list_stack_resources", "ValidationError", f"Stack with id {stack} does not exist", at=at)

    def nothing_is_left(self) -> None:
        """Every answer was asked for."""
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()


SERVICES = {
    "ecr": {
        "describe_repositories", "list_tags_for_resource", "get_lifecycle_policy", "get_repository_policy",
        "describe_images", "batch_get_image", "get_authorization_token", "list_image_referrers", "start_image_scan",
        "describe_image_signing_status", "start_lifecycle_policy_preview", "get_lifecycle_policy_preview",
        "get_registry_scanning_configuration", "describe_image_scan_findings", "describe_registry",
        "get_registry_policy", "get_signing_configuration", "get_account_setting", "put_account_setting",
        "describe_repository_creation_templates", "describe_pull_through_cache_rules",
        "validate_pull_through_cache_rule",
        "start_replication_backfill", "stop_replication_backfill", "list_replication_backfills",
        "describe_replication_backfill_results", "put_image_tag_mutability", "put_image_scanning_configuration",
        "put_lifecycle_policy", "set_repository_policy", "delete_repository_policy", "tag_resource", "untag_resource",
        "list_pull_time_update_exclusions", "register_pull_time_update_exclusion",
    },
    "accessanalyzer": {
        "check_access_not_granted", "check_no_new_access", "check_no_public_access", "validate_policy",
    },
    "kms": {"describe_key", "get_key_policy"},
    "events": {"list_rules", "list_targets_by_rule", "put_rule", "put_targets", "remove_targets"},
    "sns": {
        "get_topic_attributes", "list_subscriptions_by_topic", "get_subscription_attributes", "set_topic_attributes",
        "set_subscription_attributes", "subscribe", "unsubscribe",
    },
    "sqs": {"get_queue_url", "get_queue_attributes", "set_queue_attributes"},
    "cloudwatch": {"describe_alarms", "get_dashboard", "put_metric_alarm", "put_dashboard"},
    "chatbot": {"describe_slack_channel_configurations", "list_microsoft_teams_channel_configurations"},
    "codebuild": {"batch_get_projects"},
    "codepipeline": {"get_pipeline", "get_pipeline_state"},
    "ec2": {"describe_regions"},
    "iam": {
        "create_policy", "get_policy", "list_policy_versions", "get_policy_version", "delete_policy_version",
        "create_policy_version", "get_open_id_connect_provider", "list_policies", "list_entities_for_policy",
        "get_role", "list_attached_role_policies", "list_role_policies", "attach_role_policy", "detach_role_policy",
        "detach_user_policy", "detach_group_policy", "update_assume_role_policy", "update_role",
        "put_role_permissions_boundary", "delete_role_permissions_boundary",
    },
    "sts": {"get_caller_identity", "assume_role"},
    "ecs": {
        "list_clusters", "list_services", "describe_services", "list_tasks", "describe_tasks",
        "list_task_definition_families", "describe_task_definition",
    },
    "lambda": {"list_functions", "get_function"},
    "inspector2": {
        "list_coverage", "get_clusters_for_image", "get_configuration", "update_configuration", "list_filters",
        "create_filter", "update_filter",
    },
    "eks": {"list_pod_identity_associations", "describe_pod_identity_association"},
    "secretsmanager": {"describe_secret", "get_resource_policy", "restore_secret", "delete_resource_policy"},
    "pricing": {"get_products"},
    "signer": {
        "get_signing_profile", "list_profile_permissions", "add_profile_permission",
    },
}  # fmt: skip


def _repository_row(name: str, at: str, **changed: Any) -> dict[str, Any]:
    row = {
        "repositoryName": name,
        "repositoryArn": f"arn:aws:ecr:{at}:{ACCOUNT}:repository/{name}",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfiguration": {"encryptionType": "AES256"},
    }
    return row | {key: it for key, it in changed.items() if key not in {"lifecycle", "policy", "tags"}}


def _service(operation: str) -> str:
    return next((name for name, operations in SERVICES.items() if operation in operations), "cloudformation")


def row(resource_type: str, status: str, physical: str | None = None) -> dict[str, Any]:
    """A resource of a stack; without a physical id where its creation did not come that far."""
    summary = {"LogicalResourceId": "L", "ResourceType": resource_type, "ResourceStatus": status}
    return {**summary, "LastUpdatedTimestamp": 0, **({"PhysicalResourceId": physical} if physical else {})}


@contextmanager
def stubbed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """ops.cloud with stubbed clients; afterwards nothing may be left unasked."""
    cloud = Cloud()
    monkeypatch.setattr("ops.aws.cloud.boto3.client", cloud.client)
    yield cloud
    cloud.nothing_is_left()


@contextmanager
def importing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """The same for commands that import: one call at a time, as a stub answers in one order, and without waiting."""
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)
    monkeypatch.setattr("ops.adopt.change_sets._POLL_SECONDS", 0.0)
    with stubbed(monkeypatch) as made:
        yield made


class AskedAssembly:
    """An assembly with the resources of each stack, that remembers what the cdk CLI was asked to do with it.

    `mapped` is what each `cdk import` was to import.
    """

    def __init__(self, resources: Mapping[str, Mapping[str, Any]]) -> None:
        self._resources = resources
        self.asked: list[tuple[str, ...]] = []
        self.mapped: list[dict[str, Any]] = []

    def resources(self, at: Location, stack: str) -> Mapping[str, Any]:
        return self._resources[stack]

    def cdk(self, *arguments: str, doing: str) -> None:
        self.asked.append(arguments)
        self.mapped.append(json.loads(Path(arguments[-1]).read_text()))


def assembling(monkeypatch: pytest.MonkeyPatch, made: AskedAssembly) -> None:
    """Let every import be of this assembly."""

    @contextmanager
    def assembly(file: Path, *, folder: Path | None) -> Iterator[AskedAssembly]:
        yield made

    monkeypatch.setattr("ops.adopt.imports.synthesized_assembly", assembly)
