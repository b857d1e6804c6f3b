"""How each kind is put back by ECR's API: what CloudFormation made, and somebody changed or deleted.

A resource is known to CloudFormation by its name, so one that is made again by the API is the stack's as before.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ops.aws import cloud
from ops.drift.cache_secrets import CACHE_SECRET, CACHE_SECRET_WRITER
from ops.drift.findings_and_pulls import FINDING_WRITERS
from ops.drift.iam_writers import IAM_WRITERS
from ops.drift.pod_identity import POD_IDENTITY, POD_IDENTITY_WRITER
from ops.drift.public import PUBLIC_WRITER
from ops.drift.repository_settings import Settings
from ops.drift.signing_profiles import SIGNING_WRITERS
from ops.drift.watch_writers import WATCH_WRITERS
from ops.drift.writer import Change, Writer, text
from registry.access.signers import rules_in
from registry.model.ecr_documents import replicated, scanning_rules, signing_rules
from registry.model.replication import replication_rules
from registry.naming import STACK_TAG, repository_arn

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient


def group(noun: str, setting: str) -> frozenset[str]:
    """The settings that one call writes together with this one."""
    writer = WRITERS[noun]
    if writer.together is None:
        return frozenset()
    return next((each for each in writer.together if setting in each), frozenset({setting}))


# Repositories


def _filters(wanted: Settings) -> list[Any]:
    return [{"filterType": "WILDCARD", "filter": each} for each in wanted["imageTagMutabilityExclusionFilters"]]


def _tags(wanted: Mapping[str, str]) -> list[Any]:
    return [{"Key": key, "Value": value} for key, value in wanted.items()]


def _encryption(wanted: Settings) -> dict[str, Any]:
    key = {"kmsKey": wanted["kmsKey"]} if wanted["kmsKey"] else {}
    return {"encryptionType": wanted["encryptionType"], **key}


def _create_repository(client: ECRClient, change: Change) -> None:
    """The repository as the file says it, with the tag of its stack; it is empty."""
    wanted = change.wanted
    made: Any = {
        "repositoryName": change.name,
        "imageTagMutability": wanted["imageTagMutability"],
        "encryptionConfiguration": _encryption(wanted),
        "imageScanningConfiguration": {"scanOnPush": wanted["scanOnPush"]},
        "tags": _tags({**wanted["tags"], STACK_TAG: change.registry.name}),
    }
    if filters := _filters(wanted):
        made["imageTagMutabilityExclusionFilters"] = filters
    client.create_repository(**made)
    if wanted["repositoryPolicy"] is not None:  # first who may, then what may go
        _update_repository(client, replace(change, settings=frozenset({"repositoryPolicy"})))
    if wanted["lifecyclePolicy"] is not None:
        _update_repository(client, replace(change, settings=frozenset({"lifecyclePolicy"})))


def _update_repository(client: ECRClient, change: Change) -> None:
    name, wanted = change.name, change.wanted
    if change.settings & {"imageTagMutability", "imageTagMutabilityExclusionFilters"}:
        filters: Any = {"imageTagMutabilityExclusionFilters": _filters(wanted)} if _filters(wanted) else {}
        client.put_image_tag_mutability(repositoryName=name, imageTagMutability=wanted["imageTagMutability"], **filters)
    if "scanOnPush" in change.settings:
        client.put_image_scanning_configuration(
            repositoryName=name, imageScanningConfiguration={"scanOnPush": wanted["scanOnPush"]}
        )
    if "lifecyclePolicy" in change.settings:
        if (lifecycle := wanted["lifecyclePolicy"]) is None:
            client.delete_lifecycle_policy(repositoryName=name)
        else:
            client.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=text(lifecycle))
    if "repositoryPolicy" in change.settings:
        if (policy := wanted["repositoryPolicy"]) is None:
            client.delete_repository_policy(repositoryName=name)
        else:
            client.set_repository_policy(repositoryName=name, policyText=text(policy))
    if "tags" in change.settings:
        arn = repository_arn(change.at, name)
        live: Mapping[str, str] = change.live["tags"] if change.live else {}
        if gone := sorted(live.keys() - wanted["tags"].keys()):
            client.untag_resource(resourceArn=arn, tagKeys=gone)
        if changed := {key: value for key, value in wanted["tags"].items() if live.get(key) != value}:
            client.tag_resource(resourceArn=arn, tags=_tags(changed))


# Creation templates and pull-through cache rules


def _create_template(client: ECRClient, change: Change) -> None:
    wanted = change.wanted
    said: Any = {
        "prefix": change.name,
        "appliedFor": wanted["appliedFor"],
        "description": wanted["description"],
        "imageTagMutability": wanted["imageTagMutability"],
        "imageTagMutabilityExclusionFilters": _filters(wanted),
        "encryptionConfiguration": _encryption(wanted),
        "lifecyclePolicy": text(wanted["lifecyclePolicy"]) if wanted["lifecyclePolicy"] else None,
        "repositoryPolicy": text(wanted["repositoryPolicy"]) if wanted["repositoryPolicy"] else None,
        "resourceTags": _tags(wanted["tags"]),
        "customRoleArn": wanted["customRoleArn"],
    }
    client.create_repository_creation_template(**{key: value for key, value in said.items() if value})


def _replace_template(client: ECRClient, change: Change) -> None:
    """Deleted and made again: UpdateRepositoryCreationTemplate does not say how it takes a setting away.

    A template speaks only when a repository is created, so nothing that exists changes.
    """
    client.delete_repository_creation_template(prefix=change.name)
    _create_template(client, change)


def _credential(change: Change) -> str | None:
    """The ARN of a rule's secret; of one made here Secrets Manager knows the end of it."""
    name = change.registry.pull_through_cache_rules[change.name].secret
    if name is None:
        arn: str | None = change.wanted["credentialArn"]
        return arn
    return str(cloud.client("secretsmanager", change.at.region).describe_secret(SecretId=name)["ARN"])


def _create_rule(client: ECRClient, change: Change) -> None:
    said: Any = {"ecrRepositoryPrefix": change.name, **change.wanted, "credentialArn": _credential(change)}
    client.create_pull_through_cache_rule(**{key: value for key, value in said.items() if value})


def _update_rule(client: ECRClient, change: Change) -> None:
    wanted = {"credentialArn": _credential(change), "customRoleArn": change.wanted["customRoleArn"]}
    said: Any = {key: value for key, value in wanted.items() if value}
    client.update_pull_through_cache_rule(ecrRepositoryPrefix=change.name, **said)


# What a registry has once


def _put_scanning(client: ECRClient, change: Change) -> None:
    scanning = change.registry.scanning
    rules: Any = scanning_rules(scanning)
    client.put_registry_scanning_configuration(scanType=scanning.scan_type, rules=rules)


def _put_replication(client: ECRClient, change: Change) -> None:
    rules = replication_rules(change.registry) if change.at == change.registry.home else ()
    said: Any = [
        {**document, **({"deleteReplication": {"enabled": True}} if rule.delete_replication else {})}
        for rule, document in zip(rules, replicated(rules), strict=True)
    ]
    client.put_replication_configuration(replicationConfiguration={"rules": said})


def _put_policy(client: ECRClient, change: Change) -> None:
    if (policy := change.wanted["policyText"]) is None:
        client.delete_registry_policy()
    else:
        client.put_registry_policy(policyText=text(policy))


def _put_signing(client: ECRClient, change: Change) -> None:
    rules: Any = signing_rules(rules_in(change.registry, change.at))
    if rules:
        client.put_signing_configuration(signingConfiguration={"rules": rules})
    else:
        client.delete_signing_configuration()


def _put_account_setting(client: ECRClient, change: Change) -> None:
    client.put_account_setting(name=change.name, value=change.wanted["value"])


_ENCRYPTION: Final = (
    "ECR fixes the encryption of a repository when it is created; write into the file what is live, or move the images "
    "to a repository of another name"
)
_KEY: Final = (
    "ECR fixes the key of a repository when it is created; let the alias name this key again (`aws kms update-alias`), "
    "or write the live value into the file"
)
_UPSTREAM: Final = (
    "ECR does not change the upstream of a rule; delete it in AWS (`aws ecr delete-pull-through-cache-rule`), which "
    "keeps what is cached, and run this again: it creates the rule as the file declares it"
)

#: By the noun of a Kind.
WRITERS: Final[Mapping[str, Writer]] = {
    "repository": Writer(
        create=_create_repository,
        update=_update_repository,
        together=(frozenset({"imageTagMutability", "imageTagMutabilityExclusionFilters"}),),
        unchangeable={"encryptionType": _ENCRYPTION, "kmsKey": _KEY},
    ),
    "creation template": Writer(create=_create_template, update=_replace_template),
    "pull-through cache rule": Writer(
        create=_create_rule,
        update=_update_rule,
        together=(frozenset({"credentialArn", "customRoleArn"}),),
        unchangeable=dict.fromkeys(("upstreamRegistry", "upstreamRegistryUrl", "upstreamRepositoryPrefix"), _UPSTREAM),
    ),
    "scanning configuration": Writer(create=_put_scanning, update=_put_scanning),
    "replication configuration": Writer(create=_put_replication, update=_put_replication),
    "registry policy": Writer(create=_put_policy, update=_put_policy),
    "signing configuration": Writer(create=_put_signing, update=_put_signing),
    "account setting": Writer(create=_put_account_setting, update=_put_account_setting),
    "public repository": PUBLIC_WRITER,
    CACHE_SECRET.noun: CACHE_SECRET_WRITER,
    POD_IDENTITY.noun: POD_IDENTITY_WRITER,
    **IAM_WRITERS,
    **SIGNING_WRITERS,
    **FINDING_WRITERS,
    **WATCH_WRITERS,
}
