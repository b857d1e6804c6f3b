"""What a registry has once, in words: scanning, caches, templates, keys, signing, policies, account settings."""

from __future__ import annotations

from collections.abc import Iterator

from ops.report import words
from ops.report.facts import SettingFacts
from registry.findings import listed
from registry.limits import ROOT_PREFIX
from registry.model import Registry


def settings(registry: Registry) -> Iterator[SettingFacts]:
    """Everything that is no single repository's; of a file that manages repositories only, its keys and its access."""
    if registry.manages_registry:
        yield from _registry_wide(registry)
    for alias, key in registry.kms_keys.items():
        value = (
            f"rotated every {key.rotation_period_in_days} days; a deletion waits for {key.pending_window_in_days} days"
        )
        yield SettingFacts(about="KMS key made here", name=alias, value=value)
    for repository in registry.public_repositories:
        value = repository.shape.repository_description or "without a description"
        yield SettingFacts(about="Published to the world", name=repository.name, value=value)
    yield SettingFacts(about="Roles made here", name="IAM path", value=registry.roles.path)
    for account, boundary in registry.roles.boundaries.items():
        yield SettingFacts(about="Roles made here", name=f"permissions boundary in {account}", value=boundary)
    if registry.roles.organization:
        yield SettingFacts(about="Access", name="only within organization", value=registry.roles.organization)


def _registry_wide(registry: Registry) -> Iterator[SettingFacts]:
    scanning = registry.scanning
    yield SettingFacts(about="Scanning", name="by", value="Amazon Inspector" if _inspector(registry) else "ECR (basic)")
    yield SettingFacts(about="Scanning", name="on push", value=listed(scanning.scan_on_push) or "nothing")
    if scanning.continuous_scan:
        yield SettingFacts(about="Scanning", name="continuously", value=listed(scanning.continuous_scan))
    for prefix, cache in registry.pull_through_cache_rules.items():
        upstream = f"/{cache.upstream_repository_prefix}" if cache.upstream_repository_prefix else ""
        named = cache.secret or listed(tuple(cache.credential_arn.values()))
        secret = f", with the secret {named}" if named else ""
        places = [at.beside(registry.home) for at in registry.cache_locations(cache)]
        where = f", in {listed(places)}" if cache.locations else ""
        name = "any name" if prefix == ROOT_PREFIX else f"below {prefix}/"
        yield SettingFacts(about="Pull-through cache", name=name, value=f"{cache.host}{upstream}{secret}{where}")
    for template in registry.creation_templates:
        tags = words.mutability(template.image_tag_mutability, template.exclusion_filters)
        parts = [template.description or "", f"for {listed(template.applied_for)}", f"tags {tags}"]
        parts += [words.encryption(template.encryption), f"lifecycle {words.lifecycle_name(template.lifecycle)}"]
        parts += [f"{key}: {value}" for key, value in template.tags]
        name = "all other names" if template.prefix == ROOT_PREFIX else f"below {template.prefix}/"
        yield SettingFacts(about="Creation template", name=name, value="; ".join(filter(None, parts)))
    for rule in registry.signing:
        images = "every image" if rule.repository_filters is None else listed(rule.repository_filters)
        yield SettingFacts(about="Signing", name=images, value=rule.signing_profile_arn or rule.signing_profile or "")
    for location, policy in registry.registry_policies.items():
        value = f"{len(policy.document['Statement'])} statements that the file writes; what they open stands in Access"
        yield SettingFacts(about="Registry policy", name=str(location), value=value)
    for name, value in registry.account_settings:
        yield SettingFacts(about="Account setting", name=name, value=value)


def _inspector(registry: Registry) -> bool:
    return registry.scanning.scan_type == "ENHANCED"
