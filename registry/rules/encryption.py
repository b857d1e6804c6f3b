"""Rules about encryption at rest."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Final

from registry.findings import Severity, YamlPath, listed, shown
from registry.limits import ECR_API, ECR_GUIDE, REGION
from registry.locations import Location
from registry.naming import partition, region_of
from registry.regions import nearest_to
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import EVERY_REGION

ENCRYPTION_PAGE: Final = f"{ECR_API}/API_EncryptionConfiguration.html"
_NEAR: Final = 0.9  # of difflib: about one slip in ten letters


def _key_in_vain(declared: RuleContext, repository: str) -> YamlPath | None:
    """Where the key of a repository with AES256 is written, unless a nearer layer chose AES256 on purpose."""
    for path, settings in declared.written.layers(repository):
        if settings.kms_key is not None:
            return (*path, "kms_key")
        if settings.encryption_type is not None:
            return None
    return None


def key_written(keys: Mapping[str, str], location: Location) -> tuple[str, ...]:
    """Under which key of the map the key of a location stands; empty where it is the one of all."""
    return tuple(name for name in (str(location), location.region) if name in keys)[:1]


@rule("kms-key-unused", "Write a KMS key only with encryption_type KMS or KMS_DSSE", ENCRYPTION_PAGE)
def kms_key_unused(declared: RuleContext) -> Iterator[Problem]:
    """The images would be encrypted with AES256, though the file looks as if your key protected them."""
    unencrypted = [r.name for r in declared.registry.repositories if r.encryption.encryption_type == "AES256"]
    used = {
        declared.written.origin(repository.name, "kms_key")
        for repository in declared.registry.repositories
        if repository.encryption.encryption_type != "AES256"
    }
    for name in unencrypted:
        at = _key_in_vain(declared, name)
        if at is not None and at not in used:
            yield Problem(
                at=at,
                message="this key is not used: the encryption type is AES256",
                given="kms_key without encryption_type: KMS",
                allowed="encryption_type KMS or KMS_DSSE with kms_key",
                way_out="write encryption_type: KMS beside it, or remove kms_key",
            )


@rule("kms-key-region", "Give each region a key of that region", ENCRYPTION_PAGE)
def kms_key_region(declared: RuleContext) -> Iterator[Problem]:
    """KMS keys do not leave their region: ECR cannot create the repository there."""
    for location in declared.registry.locations:
        region, written = location.region, location.beside(declared.registry.home)
        if not REGION.fullmatch(region) or nearest_to(region):
            continue
        lacking: dict[YamlPath, list[str]] = {}
        for repository in declared.registry.repositories_in(location):
            keys, key = repository.encryption.keys, repository.encryption.key_in(location)
            if not keys:
                continue
            at = declared.written.origin(repository.name, "kms_key")
            if key is None:
                lacking.setdefault(at, []).append(repository.name)
            elif key.startswith("arn:") and region_of(key) != region:
                yield Problem(
                    at=(*at, *key_written(keys, location)),
                    message=f"the key of a repository in {region} is in {region_of(key)}",
                    given=shown(key, 90),
                    allowed=f"a key of {region}",
                    way_out="write an alias, or a map from region to key",
                )
        if lacking:  # one cause: the location came, and the maps were not told
            at, more = next(iter(lacking)), len(lacking) - 1
            others = f", here and in {more:,} other place{'s' if more > 1 else ''}" if more else ""
            yield Problem(
                at=at,
                message=f"there is no key for {written}{others}",
                given=f"keys of {listed((name for each in lacking.values() for name in each), 3)} for other regions",
                allowed="a key for each region the repository is in",
                way_out=f"add {written}: alias/…, or write one alias for all regions",
            )


@rule("kms-key-near", "Check the alias: one that is nearly the same is made here", ENCRYPTION_PAGE, Severity.WARNING)
def kms_key_near(declared: RuleContext) -> Iterator[Problem]:
    """With a misspelled alias ECR looks for another key, and cannot create the repository or uses the wrong key for
    good.
    """
    made = list(declared.root.kms_keys)
    for at, settings in declared.written.with_settings():
        for region, key in (settings.kms_key or {}).items():
            near = difflib.get_close_matches(key, made, n=1, cutoff=_NEAR) if key not in made else []
            if near and key.startswith("alias/"):
                yield Problem(
                    at=(*at, "kms_key", region) if region != EVERY_REGION else (*at, "kms_key"),
                    message=f"kms_keys has no {key}, but it has {near[0]}",
                    given=key,
                    allowed="aliases under kms_keys, and aliases that exist in KMS",
                    way_out=f"write {near[0]}; or accept this warning if {key} exists in KMS",
                )


@rule("kms-dsse-region", "Use KMS_DSSE in GovCloud only", f"{ECR_GUIDE}/encryption-at-rest.html", Severity.WARNING)
def kms_dsse_region(declared: RuleContext) -> Iterator[Problem]:
    """ECR's guide offers it there only. Elsewhere the deploy may fail."""
    for location in declared.registry.locations:
        region = location.region
        if partition(region) == "aws-us-gov":
            continue
        for repository in declared.registry.repositories_in(location):
            if repository.encryption.encryption_type == "KMS_DSSE":
                yield Problem(
                    at=declared.written.origin(repository.name, "encryption_type"),
                    message=f"ECR may refuse KMS_DSSE in {region}",
                    given="KMS_DSSE",
                    allowed="KMS_DSSE in us-gov-east-1 and us-gov-west-1, KMS or AES256 elsewhere",
                    way_out="write encryption_type: KMS",
                )
        for template in declared.registry.creation_templates:
            if template.encryption.encryption_type == "KMS_DSSE":
                yield Problem(
                    at=("creation_templates", template.prefix, "encryption_type"),
                    message=f"ECR may refuse KMS_DSSE in {region}",
                    given="KMS_DSSE",
                    allowed="KMS_DSSE in us-gov-east-1 and us-gov-west-1, KMS or AES256 elsewhere",
                    way_out="write encryption_type: KMS",
                )
