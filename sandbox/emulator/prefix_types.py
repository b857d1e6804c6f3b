"""The CloudFormation types of creation templates and pull-through cache rules, which ministack does not know.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repositorycreationtemplate.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-pullthroughcacherule.html
Their handlers are not public: that a prefix that is taken fails with AlreadyExists is the contract of every handler.
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract.html
"""

from collections.abc import Callable
from dataclasses import dataclass

from ministack.services.cloudformation import drift, provisioners

from sandbox.emulator.answers import Answer, Json, body_of
from sandbox.emulator.prefixes import CACHE_RULES, TEMPLATES, Table
from sandbox.emulator.registry_types import api_case, as_text, template_case
from sandbox.emulator.repository_type import exclusion_filters, template_filters


@dataclass(frozen=True, kw_only=True)
class PrefixType:
    """A type whose resources are named by a prefix."""

    name: str
    key: str
    table: Table
    to_api: Callable[[Json], Json]
    to_template: Callable[[Json], Json]
    properties: frozenset[str]
    replacing: tuple[str, ...]
    returned: tuple[str, ...]
    """The attributes beside Ref."""

    def create(self, logical_id: str, properties: Json, stack_name: str) -> tuple[str, Json]:
        """Refuse a prefix that is taken, as CloudFormation does."""
        prefix: str = properties[self.key]
        if self.is_there(prefix):
            raise ValueError(f"Resource of type '{self.name}' with identifier '{prefix}' already exists.")
        _done(self.table.create(self.to_api(properties)))
        return prefix, self.attributes(prefix)

    def update(
        self, physical_id: str, old: Json, new: Json, stack_name: str, logical_id: str | None = None
    ) -> tuple[str, Json]:
        """Put the new properties in the place of the old: what the template no longer has is gone.

        Another prefix replaces: the new entry is created before the old one is deleted.
        """
        replaced: tuple[str, Json] | None = provisioners._rename_replacement(
            physical_id, old, new, stack_name, logical_id, new[self.key], physical_id, self.create, self.delete
        )
        if replaced is not None:
            return replaced
        if not self.is_there(physical_id):
            raise ValueError(f"Resource of type '{self.name}' with identifier '{physical_id}' was not found.")
        created = self.table.live[physical_id]["createdAt"]
        self.table.live[physical_id] = {}
        _done(self.table.update({**self.to_api(new), "createdAt": created}))
        return physical_id, self.attributes(physical_id)

    def delete(self, physical_id: str, properties: Json) -> None:
        """One that someone deleted already is no failure."""
        self.table.live.pop(physical_id, None)

    def read(self, physical_id: str, properties: Json) -> Json | None:
        """What is live, for drift detection."""
        return self.to_template(self.table.live[physical_id]) if self.is_there(physical_id) else None

    def is_there(self, prefix: str) -> bool:
        """Whether the registry has an entry of the prefix."""
        return prefix in self.table.live

    def attributes(self, prefix: str) -> Json:
        """What Fn::GetAtt can ask for, as text."""
        entry: Json = self.table.live[prefix]
        return {name: str(entry[name[:1].lower() + name[1:]]) for name in self.returned}


def _done(given: Answer) -> None:
    if given[0] != 200:
        raise ValueError(body_of(given)["message"])


def _template_to_api(properties: Json) -> Json:
    """Tags keep their `Key` and `Value`, filters have names of their own, policies are texts."""
    kept = {"ResourceTags", "ImageTagMutabilityExclusionFilters", "RepositoryPolicy", "LifecyclePolicy"}
    request: Json = api_case({key: value for key, value in properties.items() if key not in kept})
    if "ResourceTags" in properties:
        request["resourceTags"] = properties["ResourceTags"]
    if "ImageTagMutabilityExclusionFilters" in properties:
        request["imageTagMutabilityExclusionFilters"] = exclusion_filters(properties)
    for policy in ("RepositoryPolicy", "LifecyclePolicy"):
        if policy in properties:
            request[policy[:1].lower() + policy[1:]] = as_text(properties[policy])
    return request


def _api_to_template(live: Json) -> Json:
    read: Json = template_case({key: value for key, value in live.items() if key not in ("createdAt", "updatedAt")})
    if "resourceTags" in live:
        read["ResourceTags"] = live["resourceTags"]
    if "imageTagMutabilityExclusionFilters" in live:
        read["ImageTagMutabilityExclusionFilters"] = template_filters(live["imageTagMutabilityExclusionFilters"])
    return read


TEMPLATE_TYPE = PrefixType(
    name="AWS::ECR::RepositoryCreationTemplate",
    key="Prefix",
    table=TEMPLATES,
    to_api=_template_to_api,
    to_template=_api_to_template,
    properties=frozenset(
        {
            "AppliedFor",
            "CustomRoleArn",
            "Description",
            "EncryptionConfiguration",
            "ImageTagMutability",
            "ImageTagMutabilityExclusionFilters",
            "LifecyclePolicy",
            "Prefix",
            "RepositoryPolicy",
            "ResourceTags",
        }
    ),
    replacing=("Prefix",),
    returned=("CreatedAt", "UpdatedAt"),
)

_RULE = (
    "CredentialArn",
    "CustomRoleArn",
    "EcrRepositoryPrefix",
    "UpstreamRegistry",
    "UpstreamRegistryUrl",
    "UpstreamRepositoryPrefix",
)
# Every property says "Update requires: Replacement", though the API can update two of them.
CACHE_RULE_TYPE = PrefixType(
    name="AWS::ECR::PullThroughCacheRule",
    key="EcrRepositoryPrefix",
    table=CACHE_RULES,
    to_api=api_case,
    to_template=template_case,
    properties=frozenset(_RULE),
    replacing=_RULE,
    returned=(),
)

ALL = (TEMPLATE_TYPE, CACHE_RULE_TYPE)


def install() -> None:
    """Add both types to what ministack provisions, classifies and compares."""
    for each in ALL:
        provisioners._RESOURCE_HANDLERS[each.name] = {
            "create": each.create,
            "update": each.update,
            "update_with_logical_id": True,
            "delete": each.delete,
        }
        provisioners._REPLACING_PROPERTIES[each.name] = each.replacing
        # A replacement under the same prefix is refused, as for every resource with a name of its own.
        provisioners._CUSTOM_NAME_REPLACEMENT[each.name] = {"name": each.key}
        drift._DRIFT_READERS[each.name] = (each.read, each.properties)
