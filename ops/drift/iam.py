"""What the Access stack has in IAM: managed policies with whom they are attached to, and the roles made here.

CloudFormation's drift detection does not see a policy that a hand attached to a role or wrote into it, and misses
documents of managed policies that a hand changed.
https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2489 (a policy attached to a role)
https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/936 (an inline policy)
https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1858 (a document)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ops.drift.kind import Found, Named, Properties, StackKind, literal, read_json, unless_gone
from ops.drift.repository_settings import Settings
from registry import naming
from registry.access.audit import audit_policy
from registry.access.creation_role import creation_role_policies, creation_role_trust, needs_creation_role
from registry.access.delivery_roles import delivery_roles, delivery_trust
from registry.access.policies import role_policies
from registry.access.trust import trust_policy
from registry.locations import Location
from registry.model import ExistingRole, MadeRole, PipelineRole, Registry
from registry.monitoring.chat import has_chats
from registry.monitoring.names import chat_role_name
from registry.monitoring.policies import chat_trust

_SESSION: Final = 3_600  # seconds; https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html


def _has_access_stack(registry: Registry, at: Location) -> bool:
    """IAM is global: it is looked at where an account's Access stack is."""
    return at.account in registry.accounts and at.region == registry.region


# Managed policies


def _policies_declared(registry: Registry, at: Location) -> Named:
    """Auditors attach the policy for auditors themselves, so nothing is said of whom that is attached to."""
    found: dict[str, Settings] = {
        naming.audit_policy_name(registry.name): {"policyDocument": audit_policy(registry, at.account)}
    }
    if needs_creation_role(registry, at.account):
        attached = [f"role/{naming.creation_role_name(registry.name)}"]
        for number, document in enumerate(creation_role_policies(registry, at.account), start=1):
            name = naming.creation_policy_name(registry.name, number)
            found[name] = {"policyDocument": document, "attachedTo": attached}
    for principal, documents in role_policies(registry, at.account).items():
        if isinstance(principal, MadeRole | ExistingRole):
            attached = [f"role/{principal.arn.rpartition('/')[2]}"]
            for number, document in enumerate(documents, start=1):
                name = naming.access_policy_name(registry.name, principal.name, number)
                found[name] = {"policyDocument": document, "attachedTo": attached}
    for role, documents in _delivery_roles(registry, at):
        for number, document in enumerate(documents, start=1):
            name = naming.access_policy_name(registry.name, role.name, number)
            found[name] = {"policyDocument": document, "attachedTo": [f"role/{role.arn.rpartition('/')[2]}"]}
    return found


def _delivery_roles(registry: Registry, at: Location) -> list[tuple[PipelineRole, tuple[dict[str, Any], ...]]]:
    """The roles of pipelines, which lie below the registry's path as well."""
    return list(delivery_roles(registry).items()) if at == registry.home else []


def _policies(client: Any, registry: Registry, at: Location) -> Found:
    """Everything below the registry's path, by name; a document and its attachments cost a call each."""

    def reader(row: Any) -> Callable[[], Settings | None]:
        return lambda: unless_gone(lambda: _policy_live(client, row))

    pages = client.get_paginator("list_policies").paginate(Scope="Local", PathPrefix=registry.roles.path)
    return {row["PolicyName"]: reader(row) for page in pages for row in page["Policies"]}


def _policy_live(client: Any, row: Any) -> Settings:
    arn = row["Arn"]
    version = client.get_policy_version(PolicyArn=arn, VersionId=row["DefaultVersionId"])["PolicyVersion"]
    pages = client.get_paginator("list_entities_for_policy").paginate(
        PolicyArn=arn, PolicyUsageFilter="PermissionsPolicy"
    )
    attached = []
    for page in pages:
        attached += [f"role/{each['RoleName']}" for each in page["PolicyRoles"]]
        attached += [f"user/{each['UserName']}" for each in page["PolicyUsers"]]
        attached += [f"group/{each['GroupName']}" for each in page["PolicyGroups"]]
    return {"policyDocument": read_json(version["Document"]), "attachedTo": sorted(attached)}


def _policy_deployed(properties: Properties) -> tuple[str, Settings]:
    said = literal({"policyDocument": read_json(properties["PolicyDocument"]), "attachedTo": properties.get("Roles")})
    roles = said.pop("attachedTo")
    if roles is not None:
        said["attachedTo"] = sorted(f"role/{role}" for role in roles) if isinstance(roles, list) else roles
    return properties["ManagedPolicyName"], said


# Roles made here


def _role(trust: Any, session: int, boundary: str | None, further: list[str], inline: list[str]) -> Settings:
    """`further` are managed policies that are not the registry's own; each of those says whom it is attached to."""
    return {
        "assumeRolePolicyDocument": trust,
        "maxSessionDuration": session,
        "permissionsBoundary": boundary,
        "furtherPolicies": further,
        "inlinePolicies": inline,
    }


def _roles_declared(registry: Registry, at: Location) -> Named:
    boundary = registry.roles.boundary_in(at.account)
    found = {
        naming.role_name(registry.name, principal.name): _role(
            trust_policy(principal, at.account, registry.region), registry.roles.max_session_duration, boundary, [], []
        )
        for principal in role_policies(registry, at.account)
        if isinstance(principal, MadeRole)
    }
    for role, _ in _delivery_roles(registry, at):
        name, trust = naming.role_name(registry.name, role.name), delivery_trust(registry, role)
        found[name] = _role(trust, _SESSION, boundary, [], [])
    if needs_creation_role(registry, at.account):
        found[naming.creation_role_name(registry.name)] = _role(creation_role_trust(), _SESSION, boundary, [], [])
    if has_chats(registry, at.account):
        found[chat_role_name(registry.name)] = _role(chat_trust(), _SESSION, boundary, [], [])
    return found


def _roles(client: Any, registry: Registry, at: Location) -> Found:
    """The roles of the file: no call lists roles with their boundaries."""
    own = naming.policy_arn(at.account, at.region, registry.roles.path, "")

    def reader(name: str) -> Callable[[], Settings | None]:
        return lambda: unless_gone(lambda: _role_live(client, name, own))

    return {name: reader(name) for name in _roles_declared(registry, at)}


def _role_live(client: Any, name: str, own: str) -> Settings:
    role = client.get_role(RoleName=name)["Role"]
    attached = client.get_paginator("list_attached_role_policies").paginate(RoleName=name)
    arns = [each["PolicyArn"] for page in attached for each in page["AttachedPolicies"]]
    inline = client.get_paginator("list_role_policies").paginate(RoleName=name)
    return _role(
        read_json(role["AssumeRolePolicyDocument"]),
        role.get("MaxSessionDuration", _SESSION),
        role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        sorted(arn for arn in arns if not arn.startswith(own)),
        sorted(each for page in inline for each in page["PolicyNames"]),
    )


def _role_deployed(properties: Properties) -> tuple[str, Settings]:
    """What a template says of a role, and nothing of policies that others add to it: no deploy touches those.

    An organization may have a policy attached to every role; that is drift, and no reason to stop each deploy.
    """
    return properties["RoleName"], literal(
        {
            "assumeRolePolicyDocument": read_json(properties["AssumeRolePolicyDocument"]),
            "maxSessionDuration": properties.get("MaxSessionDuration", _SESSION),
            "permissionsBoundary": properties.get("PermissionsBoundary"),
        }
    )


MANAGED_POLICY: Final = StackKind(
    noun="managed policy",
    type="AWS::IAM::ManagedPolicy",
    service="iam",
    where=_has_access_stack,
    optional=True,
    exclusive=True,
    declared=_policies_declared,
    deployed=_policy_deployed,
    find=_policies,
)
ROLE: Final = StackKind(
    noun="role",
    type="AWS::IAM::Role",
    service="iam",
    where=_has_access_stack,
    optional=True,
    declared=_roles_declared,
    deployed=_role_deployed,
    find=_roles,
)
