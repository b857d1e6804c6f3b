"""What a command does in AWS, and to what: the words of the table in permissions.py."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class On(StrEnum):
    """What an action is done to; the value is the Sid of its statement."""

    ANYTHING = "Account"  # actions without a resource type, and those that look for what is not known before
    REPOSITORIES = "Repositories"
    PUBLIC = "PublicRepositories"
    PUBLISHED = "Published"  # public repositories, also where no file declares any
    STACKS = "Stacks"  # of the registry
    BOOTSTRAP = "BootstrapStack"
    ROLES = "Roles"  # that the registry made
    EXISTING_ROLES = "ExistingRoles"  # that are principals
    PEOPLE = "UsersAndGroups"  # to which somebody attached a policy of the registry
    POLICIES = "Policies"  # that the registry made
    EXECUTION = "ExecutionPolicies"  # of CloudFormation
    PROVIDERS = "OidcProviders"
    KEYS = "Keys"
    PROFILES = "SigningProfiles"  # that the registry makes, or lets others sign with
    FILTERS = "SuppressionFilters"  # of Amazon Inspector, which gives their ids
    CDK = "CdkRoles"  # of the registry's bootstrap, in every account
    BUCKET = "BootstrapBucket"
    IMAGES = "BootstrapImages"  # the repository of the CDK's own images
    PARAMETER = "BootstrapVersion"
    WATCHED = "Monitoring"  # rules, topics, queue, alarms, dashboards of the registry
    WATCHED_LISTS = "MonitoringLists"  # what has no resource type of it, where there is any
    PIPELINES = "Pipelines"  # with their projects
    CLUSTERS = "Clusters"  # of EKS, whose pods get a role here
    ASSOCIATIONS = "PodIdentities"  # with these clusters
    SECRETS = "Secrets"  # that are made for caches


Needs = Mapping[On, frozenset[str]]


def needs(on: On, service: str, *names: str) -> Needs:
    """Some actions of a service."""
    return {on: frozenset(f"{service}:{name}" for name in names)}


def all_of(*parts: Needs) -> Needs:
    """The actions of several parts."""
    return {on: frozenset[str]().union(*(part.get(on, frozenset()) for part in parts)) for on in On}
