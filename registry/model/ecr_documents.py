"""What a registry has once, as ECR's API writes it. The CDK's level-1 properties have the same words.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryScanningConfiguration.html
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutReplicationConfiguration.html
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutSigningConfiguration.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from registry.model.registry_wide import SigningRule
from registry.model.replication import ReplicationRule
from registry.shape import PublicRepositoryShape, ScanningShape

Rules = list[dict[str, Any]]


def scanning_rules(scanning: ScanningShape) -> Rules:
    """A rule for each frequency that has filters."""
    return [
        {"scanFrequency": frequency, "repositoryFilters": _filters(filters, "WILDCARD")}
        for frequency, filters in (
            ("SCAN_ON_PUSH", scanning.scan_on_push),
            ("CONTINUOUS_SCAN", scanning.continuous_scan),
        )
        if filters
    ]


def replicated(rules: Sequence[ReplicationRule]) -> Rules:
    """Destinations and filters of each rule; `deleteReplication`, newer than the CDK's schema, stands elsewhere.

    ECR's API takes no empty list of filters.
    """
    return [
        {"destinations": [{"region": to.region, "registryId": to.account} for to in rule.destinations]}
        | ({"repositoryFilters": _filters(rule.filters, "PREFIX_MATCH")} if rule.filters else {})
        for rule in rules
    ]


def signing_rules(rules: Sequence[SigningRule]) -> Rules:
    """A rule without filters signs every image."""
    return [
        {"signingProfileArn": rule.signing_profile_arn}
        | (
            {}
            if rule.repository_filters is None
            else {"repositoryFilters": _filters(rule.repository_filters, "WILDCARD_MATCH")}
        )
        for rule in rules
    ]


def _filters(filters: Sequence[str], kind: str) -> Rules:
    return [{"filter": each, "filterType": kind} for each in filters]


def catalog_data(shape: PublicRepositoryShape) -> dict[str, Any]:
    """What the gallery shows of a public repository, without what is not written.

    https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_RepositoryCatalogDataInput.html
    """
    said = {
        "description": shape.repository_description,
        "aboutText": shape.about_text,
        "usageText": shape.usage_text,
        "operatingSystems": sorted(shape.operating_systems),
        "architectures": sorted(shape.architectures),
    }
    return {key: value for key, value in said.items() if value}
