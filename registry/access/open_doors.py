"""What whoever deploys to an account could still reach beyond the registry (decision 0012)."""

from __future__ import annotations

from registry.access.cloudformation import existing_roles
from registry.access.cloudformation_secrets import read_secrets
from registry.locations import Location
from registry.model import Registry
from registry.monitoring.chat import has_chats


def open_doors(registry: Registry, account: str) -> list[str]:
    """What whoever deploys to an account could still reach beyond the registry, each as a sentence.

    Decision 0012 says why each is open.
    """
    found = []
    if registry.roles.boundary_in(account) is None:
        if account in registry.accounts:
            found.append("the roles made here can be given any permission: access.permissions_boundary bounds them")
        attached = existing_roles(registry, account)
    else:
        attached = existing_roles(registry, account, bounded=False)
    found += [f"{role.arn} can be given any permission by a policy" for role in attached]
    found += [
        f"{secret} can be read: CloudFormation reads it for the cache"
        for secret in read_secrets(registry, [at for at in registry.locations if at.account == account])
    ]
    if account == registry.account and registry.pipelines:
        found.append("the source that a pipeline hands on can be read: its bucket can be given another policy")
        found.append("whatever the roles of pipelines may do can be done in a build: its commands are in a template")
    here = [at for at in registry.locations if at.account == account]
    if here and registry.scanning.suppression_filters:
        found.append("findings of Amazon Inspector can be hidden: it gives filters their ids itself")
    if here and registry.manages_registry:
        found.append("a filter of Amazon Inspector can be deleted, and an account lose the permission to sign")
    if has_chats(registry, account):
        found.append("a chat channel of any workspace that is authorized in the account can be told")
    if any(map(registry.monitors, here)):
        found.append("any subscription to a topic of the account can be ended: Amazon SNS knows them by no name")
    if any(registry.keys_in(at) or _makes_topic_key(registry, at) for at in here):
        found.append("a KMS key without an alias, whose policy leaves it to IAM, can be taken for one of the registry")
        found.append("a KMS key of the registry can be given another policy, or scheduled for deletion")
    return found


def _makes_topic_key(registry: Registry, at: Location) -> bool:
    return registry.monitoring is not None and registry.monitoring.key_in(at) is None
