"""What a registry has once, and what it creates repositories from, in the words of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ops.adopt.account import LiveAccount
from ops.adopt.folding.lifecycles import FoldedLifecycles, key_of
from ops.drift.findings_and_pulls import EXCLUSION
from ops.drift.named import CACHE_RULE, CREATION_TEMPLATE
from ops.drift.registry_wide import ACCOUNT_SETTING, REPLICATION, SCANNING, SIGNING
from ops.drift.repository_settings import Settings
from registry.access.creation_role import creation_role_arn
from registry.limits import ROOT_PREFIX
from registry.locations import Location
from registry.naming import ROOT_NAMESPACE, namespace_of
from registry.patterns import scanned
from registry.shape import BUILT_IN_LIFECYCLE, CACHED, UPSTREAM_URLS

Written = dict[str, Any]
#: The values of account settings that hold where nobody chose one.
_UNCHOSEN: Final = {"BLOB_MOUNTING": "DISABLED", "BASIC_SCAN_TYPE_VERSION": "AWS_NATIVE", "REGISTRY_POLICY_SCOPE": "V2"}


def scanning(account: LiveAccount) -> Written:
    """`scanning`; empty where the file's own default is what is live."""
    live = account.named(SCANNING.noun)[""]
    filters = {
        key: [row["filter"] for row in live["rules"] if row["scanFrequency"] == frequency]
        for key, frequency in (("scan_on_push", "SCAN_ON_PUSH"), ("continuous_scan", "CONTINUOUS_SCAN"))
    }
    written: Written = {} if live["scanType"] == "BASIC" else {"scan_type": live["scanType"]}
    if filters["scan_on_push"] != ["*"]:
        written["scan_on_push"] = filters["scan_on_push"]
    return written | ({"continuous_scan": filters["continuous_scan"]} if filters["continuous_scan"] else {})


def is_scanned(account: LiveAccount, name: str) -> bool:
    """Whether the scanning rules of the home speak of a repository."""
    return scanned(name, tuple(row["filter"] for row in account.named(SCANNING.noun)[""]["rules"]))


def replicas(account: LiveAccount) -> dict[str, Written | None]:
    """`replicas`: each destination with the namespaces that the filters of its rules come to."""
    rows = account.named(REPLICATION.noun)[""]["rules"]
    present = {namespace_of(name) for name in account.repositories}
    found: dict[str, Written | None] = {}
    for destination in dict.fromkeys(row["destination"] for row in rows):
        of_it = [row for row in rows if row["destination"] == destination]
        at = Location(*destination.split("/", 1)).beside(account.home)
        namespaces = {name for row in of_it for name in _namespaces(row["filter"], account, present)}
        written: Written = {}
        if any(not row["filter"] for row in of_it):
            written["all_repositories"] = True
        elif namespaces != present:
            written["namespaces"] = sorted(namespaces)
        if any(row["deleteReplication"] for row in of_it):
            written["delete_replication"] = True
        found[at] = written or None
    return found


def _namespaces(prefix: str, account: LiveAccount, present: set[str]) -> Iterator[str]:
    """The namespaces that a filter copies whole; for names without `/` there is one that they share."""
    for namespace in present:
        names = [name for name in account.repositories if namespace_of(name) == namespace]
        if namespace == ROOT_NAMESPACE:
            if all(name.startswith(prefix) for name in names) or prefix in names:
                yield namespace
        elif f"{namespace}/".startswith(prefix):
            yield namespace


def creation_templates(account: LiveAccount, lifecycles: FoldedLifecycles) -> dict[str, Written]:
    """`creation_templates` of the home."""
    return {
        prefix: _template(settings, account, lifecycles)
        for prefix, settings in account.named(CREATION_TEMPLATE.noun).items()
    }


def _template(live: Settings, account: LiveAccount, lifecycles: FoldedLifecycles) -> Written:
    written: Written = {"applied_for": live["appliedFor"]}
    if live["description"]:
        written["description"] = live["description"]
    immutable = live["imageTagMutability"].startswith("IMMUTABLE")
    if immutable:
        written["image_tag_mutability"] = "IMMUTABLE"
    if filters := live["imageTagMutabilityExclusionFilters"]:
        written["moving_tags" if immutable else "fixed_tags"] = filters
    if live["encryptionType"] != "AES256":
        written["encryption_type"] = live["encryptionType"]
        if live["kmsKey"] and live["kmsKey"] not in account.own_keys:
            written["kms_key"] = live["kmsKey"]
    name = lifecycles.name_of.get(key_of(live["lifecyclePolicy"]))
    if name is not None and has_lifecycle(live) and name != _unwritten_lifecycle(live):
        written["lifecycle"] = name
    if live["repositoryPolicy"]:
        written["repository_policy"] = live["repositoryPolicy"]
    if live["tags"]:
        written["tags"] = dict(sorted(live["tags"].items()))
    made = creation_role_arn(account.name, account.home.account, account.home.region)
    if live["customRoleArn"] not in (None, made):
        written["custom_role_arn"] = live["customRoleArn"]
    return written


def has_lifecycle(template: Settings) -> bool:
    """Whether a template's lifecycle has to be named: one for caches has none where none is written."""
    return bool(template["lifecyclePolicy"]) or CACHED not in template["appliedFor"]


def _unwritten_lifecycle(template: Settings) -> str | None:
    return None if CACHED in template["appliedFor"] else BUILT_IN_LIFECYCLE


def cache_rules(account: LiveAccount) -> dict[str, Written]:
    """`pull_through_cache_rules`."""
    return {prefix: _cache_rule(settings) for prefix, settings in account.named(CACHE_RULE.noun).items()}


def _cache_rule(live: Settings) -> Written:
    url = live["upstreamRegistryUrl"]
    upstream = live["upstreamRegistry"] or next((it for it, host in UPSTREAM_URLS.items() if host == url), "ecr")
    written: Written = {"upstream_registry": upstream}
    if url and url != UPSTREAM_URLS.get(upstream):
        written["upstream_registry_url"] = url
    if live["upstreamRepositoryPrefix"] != ROOT_PREFIX:
        written["upstream_repository_prefix"] = live["upstreamRepositoryPrefix"]
    return written | {
        key: live[name]
        for key, name in (("credential_arn", "credentialArn"), ("custom_role_arn", "customRoleArn"))
        if live[name]
    }


def signing(account: LiveAccount) -> list[Written]:
    """`signing`, a rule for each profile."""
    rows: Sequence[Mapping[str, str]] = account.named(SIGNING.noun)[""]["rules"]
    profiles = dict.fromkeys(row["signingProfileArn"] for row in rows)
    filters = {it: [row["filter"] for row in rows if row["signingProfileArn"] == it] for it in profiles}
    return [
        {"signing_profile_arn": profile} | ({} if each == ["*"] else {"repository_filters": each})
        for profile, each in filters.items()
    ]


def exclusions(account: LiveAccount) -> list[str]:
    """`pull_time_update_exclusions`, by their ARNs."""
    return list(account.named(EXCLUSION.noun))


def account_settings(account: LiveAccount) -> Written:
    """`account_settings`: those that somebody chose."""
    return {
        name.lower(): settings["value"]
        for name, settings in account.named(ACCOUNT_SETTING.noun).items()
        if settings["value"] not in (None, _UNCHOSEN.get(name))
    }
