"""The two kinds of file: the root file, registry.yaml, and the files of the teams it includes."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, StrictInt, StrictStr

from registry.limits import CACHE_RULES, ECR_GUIDE
from registry.shape.acceptances import AcceptanceShape, AcceptedFindingShape, VulnerabilityId
from registry.shape.access import AccessShape, PrincipalShape
from registry.shape.account_settings import AccountSettingsShape
from registry.shape.base import NotNull, NullAsEmpty, Shape, TrueOnly, optional, required
from registry.shape.forms import Form, Limit, Refusal, count, number
from registry.shape.lifecycles import Lifecycle
from registry.shape.monitoring import MonitoringShape
from registry.shape.names import (
    AccountId,
    CachePrefix,
    LocationName,
    NamespaceName,
    PrincipalName,
    RegionCode,
    RegistryName,
    RepositoryName,
    TemplatePrefix,
)
from registry.shape.namespaces import NamespaceShape
from registry.shape.network import NetworkShape
from registry.shape.pipeline import PipelineShape
from registry.shape.policies import RegistryPolicyShape, registry_policy_example
from registry.shape.public import PublicName, PublicRepositoryShape
from registry.shape.registry_wide import (
    CreationTemplateShape,
    KmsKeyShape,
    PullThroughCacheRuleShape,
    ScanningShape,
    SigningProfileShape,
    SigningRuleShape,
)
from registry.shape.registry_wide_values import KmsAlias
from registry.shape.settings import Settings
from registry.shape.signing_values import EXCLUSION_COUNT, SIGNING_RULE_COUNT, ExcludedPrincipal, SigningProfileName


class RegistryShape(Shape):
    """Whose registry this is."""

    name: RegistryName = required(
        "Prefix of every stack and role; lower-case words joined by hyphens.",
        examples=["acme"],
    )
    account: AccountId = required("The AWS account id: 12 digits, in quotes.", examples=["123456789012"])
    region: RegionCode = required("The home region: images are pushed here.", examples=["ap-northeast-2"])


_REPLICATED: Final = count(
    Limit(
        "replica-empty",
        f"{ECR_GUIDE}/replication.html",
        "Name at least one namespace that a replica receives",
        "A replica with an empty list receives nothing. Without the key it receives everything.",
        subject="Replicas",
    ),
    (1, None),
    "namespaces",
    too_few=("this replica receives nothing", "remove the replica, or the key namespaces"),
    allowed="namespaces, or no such key for all of them",
)


def _refuse_both(replica: ReplicaShape) -> Refusal | None:
    if replica.namespaces is None or not replica.all_repositories:
        return None
    return Refusal(
        "this replica receives some namespaces, or all repositories, not both",
        "namespaces and all_repositories",
        "one of the two, or neither: then everything that is declared",
        "remove all_repositories, which also copies what is not declared",
    )


_ALL_OR_SOME: Final = Form(
    Limit(
        "replica-all-or-some",
        f"{ECR_GUIDE}/replication.html",
        "Write namespaces, or all_repositories: true",
        "A rule without a filter copies every repository, so a list of namespaces beside it would be untrue.",
        subject="Replicas",
    ),
    _refuse_both,
    {"not": {"required": ["namespaces", "all_repositories"]}},
)


class ReplicaShape(Shape):
    """A region, of this account or of another, that gets a copy of every image pushed at home."""

    forms: ClassVar[tuple[Form, ...]] = (_ALL_OR_SOME,)

    namespaces: Annotated[tuple[StrictStr, ...] | None, _REPLICATED, NotNull] = optional(
        "Only these namespaces; `_` stands for names without `/`. Without the key, all.",
        examples=[["web"]],
    )
    all_repositories: Annotated[TrueOnly | None, NotNull] = optional(
        "true: a replication rule without a filter. ECR copies every repository of the home, also those that no file "
        "declares. Not together with namespaces. Without the key, only what is declared."
    )
    delete_replication: Annotated[TrueOnly | None, NotNull] = optional(
        "true: ECR deletes here every tag and image that is deleted at home, even if a lifecycle expires it "
        "there. Without the key, images stay until the replica's own lifecycle expires them."
    )
    registry_policy: Annotated[RegistryPolicyShape | None, NotNull] = optional(
        "The registry policy of this location, as `registry_policy` of the root file is that of the home.",
        examples=[registry_policy_example("us-west-2")],
    )


_CACHES: Final = count(
    Limit(
        "cache-count",
        f"{ECR_GUIDE}/service-quotas.html",
        f"Write at most {CACHE_RULES} pull-through cache rules",
        "A registry takes no more in a region, and AWS does not raise this quota.",
        subject="Pull-through cache rules",
    ),
    (0, CACHE_RULES),
    "rules",
    too_many=(
        "there are too many pull-through cache rules",
        "join rules of the same upstream: without a prefix upstream one rule caches all of it",
    ),
    allowed=f"at most {CACHE_RULES}; the quota cannot be raised",
    of="Properties",
)

Budget = Annotated[
    StrictInt,
    number(
        Limit(
            "budget-amount",
            "docs/cost.md",
            "Write a budget as a whole number of the currency, at least 1",
            "`ecrctl cost` compares it with what the repositories of the owner cost in a month.",
            subject="Budgets",
        ),
        (1, 1_000_000_000),
        "this is no budget of a month",
        "a whole number from 1 to 1,000,000,000",
    ),
]

#: `registry` is what AWS keeps once per account and region.
Managed = Literal["repositories", "registry"]

_LIFECYCLES = "Lifecycles by name: a list of sentences, or ECR's own `rules`. An empty list: no image expires."
_ACCEPTANCES = "Warnings that you accept."


class FileShape(Shape):
    """registry.yaml: a company's whole registry."""

    registry: RegistryShape = required("Name, account and home region of the registry.")
    include: Annotated[tuple[StrictStr, ...], NotNull] = Field(
        default=(),
        description="Files of teams, each with its own namespace: paths relative to this file, `*` is a wildcard.",
        examples=[["teams/*.yaml"]],
    )
    required_tags: Annotated[tuple[StrictStr, ...], NotNull] = Field(
        default=(), description="Resource tags every repository must have, `owner` among them.", examples=[["owner"]]
    )
    manage: Annotated[tuple[Managed, ...], NotNull] = optional(
        "What this file manages. `[repositories]`: repositories and access only, where another file owns what the "
        "account has once in a region: scanning, replication, registry policy, creation templates, pull-through cache "
        "rules, signing and account settings.",
        ("repositories", "registry"),
        examples=[["repositories"]],
    )
    replicas: Annotated[dict[LocationName, Annotated[ReplicaShape, NullAsEmpty]], NotNull] = Field(
        default_factory=dict,
        description="Regions that get a copy of every image: `REGION` of the same account, or `ACCOUNT/REGION`.",
    )
    access: Annotated[AccessShape, NotNull] = Field(
        default_factory=AccessShape, description="Settings of all roles that the registry creates."
    )
    principals: Annotated[dict[PrincipalName, PrincipalShape], NotNull] = Field(
        default_factory=dict,
        description="Who can get a grant, by name. The grants themselves stand beside the repositories.",
    )
    lifecycles: Annotated[dict[StrictStr, Lifecycle], NotNull] = Field(default_factory=dict, description=_LIFECYCLES)
    defaults: Annotated[Settings, NotNull] = Field(
        default_factory=Settings, description="Settings of every repository."
    )
    namespaces: Annotated[dict[NamespaceName, Annotated[NamespaceShape, NullAsEmpty]], NotNull] = Field(
        default_factory=dict,
        description="Settings of the repositories of a namespace, by its name.",
    )
    repositories: Annotated[dict[RepositoryName, Annotated[Settings, NullAsEmpty]], NotNull] = Field(
        default_factory=dict,
        description="Every repository by its name, with settings of its own or nothing.",
    )
    scanning: Annotated[ScanningShape, NotNull] = Field(
        default_factory=ScanningShape,
        description="Which repositories ECR scans, and when. Without the key, every image when it is pushed.",
    )
    creation_templates: Annotated[dict[TemplatePrefix, CreationTemplateShape], NotNull] = Field(
        default_factory=dict,
        description="Settings of repositories that ECR creates itself, by the prefix of their names; `ROOT` "
        "for names that no other prefix matches.",
    )
    kms_keys: Annotated[dict[KmsAlias, Annotated[KmsKeyShape, NullAsEmpty]], NotNull] = Field(
        default_factory=dict,
        description="KMS keys that the registry creates, by alias; `kms_key: alias/…` uses them.",
    )
    pull_through_cache_rules: Annotated[dict[CachePrefix, PullThroughCacheRuleShape], _CACHES, NotNull] = Field(
        default_factory=dict,
        description="Upstream registries, by the prefix below which their images are pulled. `ROOT`: no prefix.",
    )
    registry_policy: Annotated[RegistryPolicyShape | None, NotNull] = optional(
        "A registry policy of the home in AWS's own form, in addition to what the file comes to; for an account that "
        "has one. Without the key only that: the deploy replaces a live one.",
        examples=[registry_policy_example("ap-northeast-2")],
    )
    signing: Annotated[tuple[SigningRuleShape, ...], SIGNING_RULE_COUNT, NotNull] = Field(
        default=(),
        description="Images that ECR signs when they are pushed: at home, and at replicas with `failover_push`.",
    )
    signing_profiles: Annotated[dict[SigningProfileName, Annotated[SigningProfileShape, NullAsEmpty]], NotNull] = Field(
        default_factory=dict,
        description="Signing profiles that the registry creates, by name; `signing_profile: NAME` uses them.",
    )
    pull_time_update_exclusions: Annotated[tuple[ExcludedPrincipal, ...], EXCLUSION_COUNT, NotNull] = Field(
        default=(),
        description="Principals whose pulls ECR does not record, such as scanners, in every location: a name under "
        "`principals`, or the ARN of a role or a user.",
        examples=[["scanner", "arn:aws:iam::210987654321:role/scanner"]],
    )
    network: Annotated[tuple[NetworkShape, ...], NotNull] = Field(
        default=(), description="VPCs whose nodes reach the registry without internet."
    )
    pipelines: Annotated[dict[RepositoryName, PipelineShape], NotNull] = Field(
        default_factory=dict,
        description="Pipelines of AWS CodePipeline, in the home region, by the repository that they build for.",
    )
    public_repositories: Annotated[dict[PublicName, Annotated[PublicRepositoryShape, NullAsEmpty]], NotNull] = Field(
        default_factory=dict,
        description="Repositories of ECR Public, which the whole world can pull, by their names; in us-east-1. Without "
        "the key nothing is published.",
    )
    monitoring: Annotated[MonitoringShape | None, NotNull] = optional(
        "What is watched in every location, and who hears of it. Without the key nothing is.",
        examples=[{"email": ["platform@example.com"]}],
    )
    account_settings: Annotated[AccountSettingsShape, NotNull] = Field(
        default_factory=AccountSettingsShape,
        description="Account settings of ECR and Amazon Inspector, in every location. CloudFormation cannot set them; "
        "`ecrctl settings` applies them.",
    )
    budgets: Annotated[dict[StrictStr, Budget], NotNull] = Field(
        default_factory=dict,
        description="What the repositories of an owner may cost in a month, by owner, in the currency of the prices "
        "(USD). `ecrctl cost` says whose cost more, and exits 1.",
        examples=[{"team-web": 200}],
    )
    accepted_findings: Annotated[dict[VulnerabilityId, AcceptedFindingShape], NotNull] = Field(
        default_factory=dict,
        description="Vulnerabilities that you accept in some repositories for a time, by their ids. `ecrctl findings`, "
        "`ecrctl promote --gate` and pipelines honour them.",
    )
    acceptances: Annotated[tuple[AcceptanceShape, ...], NotNull] = Field(default=(), description=_ACCEPTANCES)


class TeamShape(Shape):
    """A team's file: the repositories of one namespace, and nothing outside it."""

    namespace: NamespaceName = required(
        "The namespace this team owns; every repository here begins with it and `/`.",
        examples=["web"],
    )
    lifecycles: Annotated[dict[StrictStr, Lifecycle], NotNull] = Field(
        default_factory=dict, description=" Only this file can use them, in addition to those of the root file."
    )
    defaults: Annotated[Settings, NotNull] = Field(
        default_factory=Settings,
        description="Settings of every repository of this file. They win over the root file's settings of the "
        "namespace.",
    )
    repositories: Annotated[dict[RepositoryName, Annotated[Settings, NullAsEmpty]], NotNull] = Field(
        default_factory=dict,
        description="Every repository by its full name, with settings of its own or nothing.",
    )
    acceptances: Annotated[tuple[AcceptanceShape, ...], NotNull] = Field(default=(), description=_ACCEPTANCES)
