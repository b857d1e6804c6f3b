"""Rules about creation templates. Their tags, filters and lifecycles are checked with those of repositories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.findings import Severity, YamlPath, listed, shown
from registry.limits import ECR_API, ECR_GUIDE, REGION, TEMPLATE_KMS_KEY
from registry.model import CreationTemplate
from registry.naming import account_of
from registry.regions import nearest_to
from registry.resolve.lifecycles import expires
from registry.rules.encryption import key_written
from registry.rules.registry import home_known
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import CACHED, EVERY_REGION

TEMPLATE_API: Final = f"{ECR_API}/API_CreateRepositoryCreationTemplate.html"
TEMPLATE_PAGE: Final = f"{ECR_GUIDE}/repository-creation-templates.html"
KEY: Final = "creation_templates"


def _templates(declared: RuleContext) -> Iterator[tuple[YamlPath, CreationTemplate]]:
    """The templates with their places."""
    return (((KEY, template.prefix), template) for template in declared.registry.creation_templates)


@rule(
    "creation-template-kms-key",
    "Give a creation template the full ARN of a key in each region",
    f"{ECR_API}/API_EncryptionConfigurationForRepositoryCreationTemplate.html",
)
def creation_template_kms_key(declared: RuleContext) -> Iterator[Problem]:
    """ECR takes no alias here. It cannot create the repository, so the push, replication or cached pull fails."""
    allowed = "arn:aws:kms:REGION:ACCOUNT:key/ID, a key of each region of the registry"
    for at, shape in declared.written.creation_templates():
        for region, key in shape.kms_key.items():
            if not TEMPLATE_KMS_KEY.fullmatch(key) and key not in declared.root.kms_keys:
                yield Problem(
                    at=(*at, "kms_key", region) if region != EVERY_REGION else (*at, "kms_key"),
                    message="a creation template takes the full ARN of a key only",
                    given=shown(key, 90),
                    allowed=allowed,
                    way_out="copy the ARN from `aws kms describe-key --key-id KEY`, or list an alias under kms_keys",
                )
        if shape.kms_key and shape.encryption_type == "AES256":
            yield Problem(
                at=(*at, "kms_key"),
                message="this key is not used: the encryption type is AES256",
                given="kms_key without encryption_type: KMS",
                allowed="encryption_type KMS or KMS_DSSE with kms_key",
                way_out="write encryption_type: KMS beside it, or remove kms_key",
            )
    for location in declared.registry.locations:
        region, written = location.region, location.beside(declared.registry.home)
        if not REGION.fullmatch(region) or nearest_to(region):
            continue
        for at, template in _templates(declared):
            if template not in declared.registry.templates_in(location):
                continue
            keys, wanted = template.encryption.keys, template.encryption.key_in(location)
            found = wanted.split(":")[3] if wanted and TEMPLATE_KMS_KEY.fullmatch(wanted) else region
            if keys and (wanted is None or found != region):
                yield Problem(
                    at=(*at, "kms_key", *key_written(keys, location)),
                    message=f"the template is also in {written}, for which there is no key"
                    if wanted is None
                    else f"the key of a template in {region} is in {found}",
                    given=shown(wanted, 90) if wanted else listed(keys),
                    allowed=allowed,
                    way_out=f"write a map: kms_key: {{{written}: arn:…}}, with each other region of the registry",
                )


@rule("creation-template-role", "Give a creation template a role of the registry's account", TEMPLATE_PAGE)
def creation_template_role(declared: RuleContext) -> Iterator[Problem]:
    """ECR can assume no other role, so it cannot create the repository."""
    for at, template in _templates(declared):
        if template.custom_role_arn is not None:
            yield from role_problems(declared, (*at, "custom_role_arn"), template.custom_role_arn)


def role_problems(declared: RuleContext, at: YamlPath, role: str) -> Iterator[Problem]:
    """What is wrong with a role that ECR is to assume: its account."""
    account = declared.registry.account
    if account_of(role) != account and home_known(declared):
        yield Problem(
            at=at,
            message=f"the role is in another account than {account}",
            given=shown(role, 90),
            allowed=f"arn:aws:iam::{account}:role/NAME; CloudFormation takes no path before the name",
            way_out="create a role in this account, and write its ARN",
        )


@rule(
    "creation-template-create-on-push",
    "Declare repositories instead of creating them on push",
    "https://github.com/aws/containers-roadmap/issues/853",
    Severity.WARNING,
)
def creation_template_create_on_push(declared: RuleContext) -> Iterator[Problem]:
    """Users report that a push from another account can create an empty repository, whoever pushes."""
    for template in declared.registry.creation_templates:
        if "CREATE_ON_PUSH" in template.applied_for:
            yield Problem(
                at=(KEY, template.prefix, "applied_for"),
                message="users report that any caller whose own account allows it to push, even another account, can "
                "create empty repositories through this template",
                given="CREATE_ON_PUSH",
                allowed="repositories that are declared",
                way_out="declare them and remove CREATE_ON_PUSH, or accept it with a reason",
            )


@rule(
    "creation-template-immutable-cache",
    "Let tags move in what a pull-through cache creates",
    f"{ECR_GUIDE}/pull-through-cache.html",
    Severity.WARNING,
)
def creation_template_immutable_cache(declared: RuleContext) -> Iterator[Problem]:
    """A tag such as `latest` moves upstream. In an immutable cache it stays at the first image for ever."""
    for at, template in _templates(declared):
        if template.image_tag_mutability == "IMMUTABLE" and "PULL_THROUGH_CACHE" in template.applied_for:
            yield Problem(
                at=(*at, "image_tag_mutability"),
                message="with IMMUTABLE a cached tag never follows the one upstream, and the cache goes stale",
                given="IMMUTABLE and PULL_THROUGH_CACHE",
                allowed="MUTABLE, or IMMUTABLE with moving_tags for the tags that move upstream",
                way_out="write MUTABLE, or moving_tags: [latest]",
            )


@rule(
    "cache-lifecycle",
    "Let nothing expire in a pull-through cache",
    "https://github.com/aws/containers-roadmap/issues/2837",
    Severity.WARNING,
)
def cache_lifecycle(declared: RuleContext) -> Iterator[Problem]:
    """ECR cannot fetch an expired image again by its digest, so a workload that is pinned to the digest does not
    start.
    """
    for at, template in _templates(declared):
        if CACHED in template.applied_for and template.lifecycle and expires(template.lifecycle.text):
            yield Problem(
                at=(*at, "lifecycle"),
                message=f"an image that {template.lifecycle.name} deletes from a cache cannot be fetched again by its "
                "digest: a workload pinned to that digest no longer starts",
                given=f"lifecycle: {template.lifecycle.name}, and PULL_THROUGH_CACHE",
                allowed="caches in which nothing expires, or whose images are pulled by tag only",
                way_out="remove lifecycle: without it nothing expires in a cache; or accept this warning with a reason",
            )
