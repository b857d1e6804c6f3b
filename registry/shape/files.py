"""The two kinds of file: the root file, registry.yaml, and the files of the teams it includes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from pydantic import Field, StrictStr

from registry.limits import (
    ACCOUNT,
    CACHE_PREFIX_LENGTH,
    CACHE_RULES,
    KMS_ALIAS,
    LOCATION,
    NAMESPACE,
    PRINCIPAL_NAME,
    REGION,
    REGISTRY_NAME,
    REPOSITORY_NAME,
    REPOSITORY_NAME_LENGTH,
    REPOSITORY_PREFIX,
    SIGNING_RULES,
    TEMPLATE_PREFIX_LENGTH,
    anchored,
)
from registry.shape.access import AccessShape, PrincipalShape
from registry.shape.account_settings import AccountSettingsShape
from registry.shape.base import NotNull, NullAsEmpty, Shape, TrueOnly, optional, required
from registry.shape.lifecycles import Lifecycle
from registry.shape.network import NetworkShape
from registry.shape.registry_wide import (
    CreationTemplateShape,
    KmsKeyShape,
    PullThroughCacheRuleShape,
    ScanningShape,
    SigningRuleShape,
)
from registry.shape.settings import NamespaceShape, Settings


class RegistryShape(Shape):
    """Whose registry this is."""

    name: StrictStr = required(
        "Prefix of every stack and role; lower-case words joined by hyphens.",
        examples=["acme"],
        pattern=anchored(REGISTRY_NAME),
    )
    account: StrictStr = required(
        "The AWS account id: 12 digits, in quotes.", examples=["123456789012"], pattern=anchored(ACCOUNT)
    )
    region: StrictStr = required(
        "The home region: images are pushed here.", examples=["ap-northeast-2"], pattern=anchored(REGION)
    )


class ReplicaShape(Shape):
    """A region, of this account or of another, that gets a copy of every image pushed at home."""

    namespaces: Annotated[tuple[StrictStr, ...] | None, NotNull] = optional(
        "Only these namespaces; `_` is the one of names without `/`. Without the key, all.",
        examples=[["web"]],
        minItems=1,
    )
    delete_replication: Annotated[TrueOnly | None, NotNull] = optional(
        "true: a tag or an image deleted at home is deleted here too, also where a lifecycle at home expires it. "
        "Without the key, replicas are kept until their own lifecycle expires them."
    )


class AcceptanceShape(Shape):
    """A warning somebody has read and decided to live with."""

    rule: StrictStr = required("Id of the rule, as the warning prints it in brackets.")
    reason: StrictStr = required("Why it is right here; reviewers read this.")
    until: Annotated[StrictStr | None, NotNull] = optional(
        "The last day (UTC) on which it is accepted; afterwards the warning is back. Without it, for good.",
        examples=["2027-06-30"],
        format="date",
    )

    @property
    def last_day(self) -> date | None:
        """`until` as a date; None where it is not written, or is none."""
        try:
            return date.fromisoformat(self.until) if self.until is not None else None
        except ValueError:
            return None

    @property
    def has_a_date(self) -> bool:
        """Whether `until` can be read, where it is written."""
        return self.until is None or self.last_day is not None


_NAMESPACE: Final = f"^_$|{anchored(NAMESPACE)}"
_NAMES: Final[Any] = {
    "pattern": anchored(REPOSITORY_NAME),
    "minLength": REPOSITORY_NAME_LENGTH[0],
    "maxLength": REPOSITORY_NAME_LENGTH[1],
}


def _prefixes(lengths: tuple[int, int]) -> Any:
    return {"pattern": f"^ROOT$|{anchored(REPOSITORY_PREFIX)}", "minLength": lengths[0], "maxLength": lengths[1]}


_LIFECYCLES = "Which images expire when, by name: a list of sentences, or ECR's own `rules`. Empty: none ever."
_ACCEPTANCES = "Warnings that are right here."


class FileShape(Shape):
    """registry.yaml: everything a company wants of its registry."""

    registry: RegistryShape = required("Whose registry this is: name, account and home region.")
    include: Annotated[tuple[StrictStr, ...], NotNull] = Field(
        default=(),
        description="Files of teams, each with a namespace of its own: paths beside this file, `*` is a wildcard.",
        examples=[["teams/*.yaml"]],
    )
    required_tags: Annotated[tuple[StrictStr, ...], NotNull] = Field(
        default=(), description="Resource tags every repository must have, `owner` among them.", examples=[["owner"]]
    )
    replicas: Annotated[dict[StrictStr, Annotated[ReplicaShape, NullAsEmpty]], NotNull] = Field(
        default_factory=dict,
        description="Regions that get a copy of every image: `REGION` of the same account, or `ACCOUNT/REGION`.",
        json_schema_extra={"propertyNames": {"pattern": anchored(LOCATION)}},
    )
    access: Annotated[AccessShape, NotNull] = Field(
        default_factory=AccessShape, description="What the roles made here have in common."
    )
    principals: Annotated[dict[StrictStr, PrincipalShape], NotNull] = Field(
        default_factory=dict,
        description="Who may be granted something, by name; the grants stand beside what they open.",
        json_schema_extra={"propertyNames": {"pattern": anchored(PRINCIPAL_NAME)}},
    )
    lifecycles: Annotated[dict[StrictStr, Lifecycle], NotNull] = Field(default_factory=dict, description=_LIFECYCLES)
    defaults: Annotated[Settings, NotNull] = Field(
        default_factory=Settings, description="Settings of every repository."
    )
    namespaces: Annotated[dict[StrictStr, Annotated[NamespaceShape, NullAsEmpty]], NotNull] = Field(
        default_factory=dict,
        description="Settings of the repositories of a namespace, by its name.",
        json_schema_extra={"propertyNames": {"pattern": _NAMESPACE}},
    )
    repositories: Annotated[dict[StrictStr, Annotated[Settings, NullAsEmpty]], NotNull] = Field(
        default_factory=dict,
        description="Every repository by its name, with settings of its own or nothing.",
        json_schema_extra={"propertyNames": _NAMES},
    )
    scanning: Annotated[ScanningShape, NotNull] = Field(
        default_factory=ScanningShape,
        description="Which repositories are scanned, and when. Without the key, every image at its push.",
    )
    creation_templates: Annotated[dict[StrictStr, CreationTemplateShape], NotNull] = Field(
        default_factory=dict,
        description="Settings of repositories that ECR creates itself, by the prefix of their names; "
        "`ROOT` for all that no other prefix takes.",
        json_schema_extra={"propertyNames": _prefixes(TEMPLATE_PREFIX_LENGTH)},
    )
    kms_keys: Annotated[dict[StrictStr, Annotated[KmsKeyShape, NullAsEmpty]], NotNull] = Field(
        default_factory=dict,
        description="KMS keys that are made here, by alias; `kms_key: alias/…` beside repositories uses them.",
        json_schema_extra={"propertyNames": {"pattern": anchored(KMS_ALIAS)}},
    )
    pull_through_cache_rules: Annotated[dict[StrictStr, PullThroughCacheRuleShape], NotNull] = Field(
        default_factory=dict,
        description="Upstream registries, by the prefix below which their images are pulled; in the home region. "
        "`ROOT`: no prefix.",
        json_schema_extra={"propertyNames": _prefixes(CACHE_PREFIX_LENGTH), "maxProperties": CACHE_RULES},
    )
    signing: Annotated[tuple[SigningRuleShape, ...], NotNull] = Field(
        default=(),
        description="Which images ECR has signed when they are pushed; in the home region.",
        json_schema_extra={"maxItems": SIGNING_RULES},
    )
    network: Annotated[tuple[NetworkShape, ...], NotNull] = Field(
        default=(), description="VPCs from which the registry is reached without the internet."
    )
    account_settings: Annotated[AccountSettingsShape, NotNull] = Field(
        default_factory=AccountSettingsShape,
        description="Settings that CloudFormation does not know, in every location; `ecrctl settings` applies them.",
    )
    acceptances: Annotated[tuple[AcceptanceShape, ...], NotNull] = Field(default=(), description=_ACCEPTANCES)


class TeamShape(Shape):
    """A team's file: the repositories of one namespace, and nothing outside it."""

    namespace: StrictStr = required(
        "The namespace this team owns; every repository here begins with it and `/`.",
        examples=["web"],
        pattern=_NAMESPACE,
    )
    lifecycles: Annotated[dict[StrictStr, Lifecycle], NotNull] = Field(
        default_factory=dict, description=f"{_LIFECYCLES} Seen in this file only, beside those of the root file."
    )
    defaults: Annotated[Settings, NotNull] = Field(
        default_factory=Settings,
        description="Settings of every repository of this file; nearer than what the root file says of the namespace.",
    )
    repositories: Annotated[dict[StrictStr, Annotated[Settings, NullAsEmpty]], NotNull] = Field(
        default_factory=dict,
        description="Every repository by its full name, with settings of its own or nothing.",
        json_schema_extra={"propertyNames": _NAMES},
    )
    acceptances: Annotated[tuple[AcceptanceShape, ...], NotNull] = Field(default=(), description=_ACCEPTANCES)
