"""What a deploy could only replace, said to people: in one message for each cause, with the way that works for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry.findings import listed, printable
from registry.replacements.find import (
    ALIAS,
    CACHE_RULE,
    ENDPOINT,
    FILTER,
    HARMLESS,
    PERMISSION,
    POLICY,
    PROFILE,
    PROVIDER,
    PUBLIC_REPOSITORY,
    REPOSITORY,
    ROLE,
    Outcome,
    Replacement,
    StackKey,
)

OPERATIONS: Final = "docs/operations.md"
_STACKS: Final = 20  # shown of one cause
#: What a registry has once, and so has no name.
_ONCE: Final = {
    "AWS::ECR::RegistryPolicy": "registry policy",
    "AWS::ECR::RegistryScanningConfiguration": "scanning configuration",
    "AWS::ECR::ReplicationConfiguration": "replication configuration",
    "AWS::ECR::SigningConfiguration": "signing configuration",
}
_NOUNS: Final = {
    **_ONCE,
    REPOSITORY: "repository",
    PUBLIC_REPOSITORY: "public repository",
    CACHE_RULE: "pull-through cache rule",
    ENDPOINT: "VPC endpoint",
    ROLE: "role",
    POLICY: "managed policy",
    PROVIDER: "OIDC provider",
    ALIAS: "KMS alias",
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": "configuration of a Microsoft Teams channel",
    "AWS::Chatbot::SlackChannelConfiguration": "configuration of a Slack channel",
    "AWS::CodeBuild::Project": "build project",
    "AWS::CodePipeline::Pipeline": "pipeline",
    "AWS::EC2::SecurityGroup": "security group",
    "AWS::EKS::PodIdentityAssociation": "association of pods with their role",
    "AWS::Events::Rule": "event rule",
    "AWS::SNS::Subscription": "subscription",
    "AWS::SNS::Topic": "topic",
    PROFILE: "signing profile",
    FILTER: "suppression filter",
    "AWS::ECR::PullTimeUpdateExclusion": "pull-time update exclusion",
    PERMISSION: "permission of a signing profile",
    "AWS::SQS::Queue": "queue",
    "AWS::ECR::RepositoryCreationTemplate": "creation template",
    "AWS::Logs::LogGroup": "log group",
    "AWS::S3::Bucket": "bucket",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A cause, what it means, and the way that works. `message` and `way_out` are filled in by `_said`."""

    message: str
    way_out: str
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Everything of one cause. `stops` says whether a deploy would fail, or lose data, on it."""

    stops: bool
    message: str
    way_out: str
    link: str
    replacements: tuple[Replacement, ...]

    def __str__(self) -> str:
        stacks: dict[str, list[str]] = {}
        for it in self.replacements:
            stacks.setdefault(_where(it), []).append(called(it))
        lines = [f"{'error' if self.stops else 'information'}: {self.message}"]
        lines += [f"    {stack}: {listed(dict.fromkeys(names))}" for stack, names in list(stacks.items())[:_STACKS]]
        lines += [f"    and {len(stacks) - _STACKS:,} stacks more"] if len(stacks) > _STACKS else []
        lines += [f"    way out: {self.way_out}"] if self.way_out else []
        return "\n".join(map(printable, lines))

    def as_dict(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "severity": "error" if self.stops else "information",
            "message": self.message,
            "wayOut": self.way_out,
            "link": self.link,
            "resources": [
                {
                    "account": it.at.account,
                    "region": it.at.region,
                    "stackName": it.stack,
                    "logicalId": it.logical_id,
                    "type": it.type,
                    "name": it.name or None,
                    "outcome": str(it.outcome),
                    "properties": list(it.properties),
                    "heldBy": f"{it.holder[0]}/{it.holder[1]}" if it.holder else None,
                }
                for it in self.replacements
            ],
        }


def advice(
    found: Iterable[Replacement], *, registry: str, others: Mapping[StackKey, str] | None = None
) -> list[Advice]:
    """What was found, grouped by its cause; what stops a deploy comes first.

    :param registry: the registry's name.
    :param others: the name of the registry that a stack belongs to, of stacks that are not this registry's.
    """
    causes: dict[Case, list[Replacement]] = {}
    for each in found:
        causes.setdefault(_case(each, registry, others or {}), []).append(each)
    said = [
        Advice(
            stops=rows[0].outcome not in HARMLESS,
            message=case.message,
            way_out=case.way_out,
            link=case.link,
            replacements=tuple(rows),
        )
        for case, rows in causes.items()
    ]
    return sorted(said, key=lambda each: not each.stops)


def _where(it: Replacement) -> str:
    where = f"{it.stack} in {it.at}"
    return f"{where} would create a resource that {it.holder[1]} in {it.holder[0]} has" if it.holder else where


def called(it: Replacement) -> str:
    """What people call a resource; by its logical id where CloudFormation gives the name."""
    return noun(it.type) if it.type in _ONCE else f"{noun(it.type)} {it.name or it.logical_id}"


def noun(resource_type: str) -> str:
    """What people call a resource type."""
    return _NOUNS.get(resource_type, resource_type)


def _case(it: Replacement, registry: str, others: Mapping[StackKey, str]) -> Case:
    if it.outcome is Outcome.TAKEN:
        return _taken(it, registry, others)
    changed = ", ".join(it.properties)
    if it.outcome is Outcome.REFUSED:
        return _REFUSED.get(it.type, _refused)(it, changed)
    if it.outcome is Outcome.LOST:
        return Case(
            message=f"{changed} can only change by replacing the resource: the new one is empty",
            way_out="undo the change, or give the new resource another name in the file",
            link=OPERATIONS,
        )
    return Case(
        message=f"CloudFormation makes a new {noun(it.type)} for {changed}, then deletes the old one; no data is lost",
        way_out="",
    )


def _encryption(it: Replacement, changed: str) -> Case:
    return Case(
        message=f"a repository keeps the encryption it was created with, and {changed} changes; the deploy would fail",
        way_out=(
            "write the old `encryption_type` and `kms_key`, letter for letter (for CloudFormation an alias and the ARN "
            "of its key are two keys); or declare a repository of another name with the new encryption and copy the "
            "images there; or, to give up the images: remove the repository from the file, deploy, delete it with "
            "`aws ecr delete-repository --force`, write it back with the new encryption, deploy"
        ),
        link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html",
    )


def _cache_rule(it: Replacement, changed: str) -> Case:
    return Case(
        message=f"CloudFormation can only replace a cache rule, and {changed} changes for a prefix that has a rule",
        way_out=(
            "to rotate a credential, store the new value in the secret that the rule names (`aws secretsmanager "
            "put-secret-value`): its ARN stays, so no deploy is needed; for any other change remove the rule from "
            "the file, deploy, write the changed rule back, deploy; ECR serves cached images in between"
        ),
        link="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
        "aws-resource-ecr-pullthroughcacherule.html",
    )


def _iam(it: Replacement, changed: str) -> Case:
    """Path and Description of policies, Path of roles."""
    if "Path" in it.properties:
        return Case(
            message="CloudFormation can only replace a role or policy to change its path, and its name is taken",
            way_out=f"write the old `access.path`; for another path follow {OPERATIONS}, `Another path`",
            link="https://repost.aws/knowledge-center/cloudformation-custom-name",
        )
    return _refused(it, changed)


def _endpoint(it: Replacement, changed: str) -> Case:
    return Case(
        message=f"a VPC has the host names of a service once, and CloudFormation can change {changed} of its endpoint "
        "only by creating another endpoint first",
        way_out=(
            "undo the change; or remove the endpoint from the file, deploy, write the changed one back, deploy: in "
            "between nothing in the VPC reaches the service through it"
        ),
        link="https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
    )


def _refused(it: Replacement, changed: str) -> Case:
    return Case(
        message=f"CloudFormation cannot change {changed} of a {noun(it.type)}: it would make a new one under a name "
        "that is taken",
        way_out=(
            "undo the change; if nobody changed the file, the project changed: deploy with the version before, and "
            "read the changelog"
        ),
        link="https://repost.aws/knowledge-center/cloudformation-custom-name",
    )


_REFUSED: Final[Mapping[str, Callable[[Replacement, str], Case]]] = {
    REPOSITORY: _encryption,
    CACHE_RULE: _cache_rule,
    ROLE: _iam,
    POLICY: _iam,
    ENDPOINT: _endpoint,
}


def _taken(it: Replacement, registry: str, others: Mapping[StackKey, str]) -> Case:
    if it.holder is None:
        return _in_no_stack(it)
    at, stack = it.holder
    other = others.get(it.holder)
    if other and it.type == PROVIDER:
        return _PROVIDER
    if other:
        return Case(
            message=f"stacks of the registry {other} have the resources that {registry} would create; the names of "
            "stacks, roles and policies begin with the registry's name, so a renamed registry is another registry",
            way_out=f"write `name: {other}`; or follow {OPERATIONS}, `Another name`; or, if {other} is a separate "
            "registry, remove its resources from this file",
            link=OPERATIONS,
        )
    if it.holder == (it.at, it.stack):
        return Case(
            message=f"{stack} would create a {noun(it.type)} before it deletes the one that has its name",
            way_out=(
                "the file did not cause this: the project gives it another name in its template; deploy with the "
                "version before, and read the changelog"
            ),
            link="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
            "aws-attribute-updatereplacepolicy.html",
        )
    if it.type in (ROLE, POLICY) and at == it.at:
        return Case(
            message="principals move to another Access stack, which cannot create their roles and policies while "
            f"{stack} in {at} has the names",
            way_out=f"write the old `stack`, or none where there was none; or follow {OPERATIONS}, "
            "`Another Access stack`: roles are deleted and made anew, and their jobs fail meanwhile",
            link=OPERATIONS,
        )
    if it.type in (ROLE, POLICY, PROVIDER):
        return Case(
            message=f"names of roles and policies are unique in an account, and those of {stack} in {at.region} have "
            f"the names that {it.stack} in {it.at.region} would create: the home region changed",
            way_out=f"write the old `registry.region` (also in a disaster: replicas continue to serve pulls, and "
            f"`failover_push` allows pushes to them); to move the home for good, follow {OPERATIONS}, `Another home`",
            link=OPERATIONS,
        )
    if it.type == REPOSITORY:
        return Case(
            message="repositories move to another stack: they stay in AWS when they leave a stack, and the other stack "
            "cannot create them again",
            way_out=f"write the old `shards` or `stack`; or follow {OPERATIONS}, `More shards`, with the stacks named "
            "here",
            link=OPERATIONS,
        )
    return Case(
        message=f"{stack} in {at.region} has the {noun(it.type)} that {it.stack} in {it.at.region} would create",
        way_out=f"undo the change; or remove it from the file, deploy, write it back, deploy ({OPERATIONS})",
        link=OPERATIONS,
    )


def _in_no_stack(it: Replacement) -> Case:
    if it.type == ALIAS:
        return Case(
            message="the alias exists and is in no stack of this registry, like an alias that left `kms_keys`",
            way_out="leave it out of `kms_keys`, and name it in `kms_key` as before (a creation template needs the ARN "
            "of its key): repositories that use it keep their key",
            link="https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html",
        )
    return _PROVIDER


_PROVIDER: Final = Case(
    message="the account has this provider, in no stack of this registry; an account has one for an issuer",
    way_out="list its ARN in `access.oidc_providers`",
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
)
