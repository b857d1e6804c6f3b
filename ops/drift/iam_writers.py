"""How what the Access stack has in IAM is put back.

A deploy does not do it: CloudFormation writes a policy or a role when its template changes, and never otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ops.drift.writer import Change, Writer, never, text
from registry import naming


def _update_policy(client: Any, change: Change) -> None:
    """A document is a new version, of which IAM keeps five, and refuses the sixth.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html
    """
    arn = naming.policy_arn(change.at.account, change.at.region, change.registry.roles.path, change.name)
    if "policyDocument" in change.settings:
        document = text(change.wanted["policyDocument"])
        client.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
    if "attachedTo" in change.settings and change.live is not None:
        wanted, live = set(change.wanted["attachedTo"]), set(change.live["attachedTo"])
        detach = {
            "role": lambda name: client.detach_role_policy(RoleName=name, PolicyArn=arn),
            "user": lambda name: client.detach_user_policy(UserName=name, PolicyArn=arn),
            "group": lambda name: client.detach_group_policy(GroupName=name, PolicyArn=arn),
        }
        for kind, _, name in (each.partition("/") for each in sorted(live - wanted)):
            detach[kind](name)
        for _, _, name in (each.partition("/") for each in sorted(wanted - live)):
            client.attach_role_policy(RoleName=name, PolicyArn=arn)


def _update_role(client: Any, change: Change) -> None:
    name, wanted = change.name, change.wanted
    if "assumeRolePolicyDocument" in change.settings:
        client.update_assume_role_policy(RoleName=name, PolicyDocument=text(wanted["assumeRolePolicyDocument"]))
    if "maxSessionDuration" in change.settings:
        client.update_role(RoleName=name, MaxSessionDuration=wanted["maxSessionDuration"])
    if "permissionsBoundary" in change.settings:
        if (boundary := wanted["permissionsBoundary"]) is None:
            client.delete_role_permissions_boundary(RoleName=name)
        else:
            client.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    if "furtherPolicies" in change.settings and change.live is not None:
        for arn in change.live["furtherPolicies"]:
            client.detach_role_policy(RoleName=name, PolicyArn=arn)


_GONE: Final = (
    "it was deleted, and CloudFormation does not know that; `cdk deploy --revert-drift` of its Access stack makes "
    "it again"
)
_LEFT_OVER: Final = (
    "the file does not make it: `aws iam list-entities-for-policy` says whom it is attached to; detach it from them, "
    "then delete it with `aws iam delete-policy`"
)
_OUTSIDE: Final = (
    "it is in no stack, and `ecrctl import` takes nothing of IAM: delete it in AWS, then `make deploy` creates it"
)
_INLINE: Final = (
    "deleting it would lose its text; read it with `aws iam get-role-policy`, then delete it with "
    "`aws iam delete-role-policy`"
)

#: By the noun of a Kind.
IAM_WRITERS: Final[Mapping[str, Writer]] = {
    "managed policy": Writer(
        create=never,
        update=_update_policy,
        together=(),
        unchangeable={"": _GONE},
        outside=_OUTSIDE,
        left_over=_LEFT_OVER,
    ),
    "role": Writer(
        create=never,
        update=_update_role,
        together=(),
        unchangeable={"": _GONE, "inlinePolicies": _INLINE},
        outside=_OUTSIDE,
    ),
}
