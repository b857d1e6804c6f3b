"""What the actions of commands are done to: the columns of the table in permissions.py."""

from __future__ import annotations

from enum import StrEnum


class On(StrEnum):
    """What an action is done to; the value is the Sid of its statement."""

    ANYTHING = "Account"  # actions without a resource type, and those that look for what is not known before
    REPOSITORIES = "Repositories"
    STACKS = "Stacks"  # of the registry
    BOOTSTRAP = "BootstrapStack"
    ROLES = "Roles"  # that the registry made
    EXISTING_ROLES = "ExistingRoles"  # that are principals
    PEOPLE = "UsersAndGroups"  # to which somebody attached a policy of the registry
    POLICIES = "Policies"  # that the registry made
    EXECUTION = "ExecutionPolicies"  # of CloudFormation
    PROVIDERS = "OidcProviders"
    KEYS = "Keys"
    PROFILES = "SigningProfiles"  # that the registry makes
    FILTERS = "SuppressionFilters"  # of Amazon Inspector, which gives their ids
    CDK = "CdkRoles"  # of the registry's bootstrap, in every account
    BUCKET = "BootstrapBucket"
    IMAGES = "BootstrapImages"  # the repository of the CDK's own images
    PARAMETER = "BootstrapVersion"
    WATCHED = "Monitoring"  # rules, topics, queue, alarms, dashboards of the registry
    WATCHED_LISTS = "MonitoringLists"  # what has no resource type of it, where there is any
    PIPELINES = "Pipelines"  # with their projects
