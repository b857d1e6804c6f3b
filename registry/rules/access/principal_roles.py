"""Rules about roles that exist: policies can be attached to them, and they are none that are made here."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import shown
from registry.limits import IAM_GUIDE, IAM_ROLE_ARN
from registry.naming import account_of, creation_role_name, partition, role_name
from registry.rules.access.principals import MADE, PRINCIPALS, kind_of, principals
from registry.rules.rule import Problem, RuleContext, rule


@rule("principal-role", "Name a role that takes policies, and name it once", f"{IAM_GUIDE}/id_roles.html")
def principal_role(declared: RuleContext) -> Iterator[Problem]:
    """IAM attaches no policy to service-linked roles and to those of Identity Center. The deploy would fail, or grant
    nothing.
    """
    registry = declared.registry
    own = partition(registry.region)
    made = {
        role_name(registry.name, name): f"the name of the role that is made for {name}"
        for name in declared.root.principals
    }
    made[creation_role_name(registry.name)] = "the name of the role of creation templates"
    first: dict[tuple[str, str], str] = {}
    for name, shape in principals(declared):
        if shape.role is None or not IAM_ROLE_ARN.fullmatch(shape.role):
            continue
        account, path = account_of(shape.role), shape.role.partition(":role")[2]
        role = path.rpartition("/")[2]
        other = first.setdefault((account, role.lower()), name)
        problem = None
        if shape.role.split(":")[1] != own:
            problem = (f"this role is of the partition {shape.role.split(':')[1]}", f"arn:{own}:iam::…",
                       f"name a role of {own}")  # fmt: skip
        elif account in registry.accounts and path.startswith("/aws-service-role/"):
            problem = ("no policy can be attached to a service-linked role", "a role of your own",
                       "grant to the role that the service is given, such as a task execution role")  # fmt: skip
        elif account in registry.accounts and path.startswith("/aws-reserved/"):
            problem = ("this role belongs to IAM Identity Center: no policy can be attached", "a role of your own",
                       "write the policy into the permission set, or grant to another role")  # fmt: skip
        elif (
            account == registry.account
            and role in made
            and (role == creation_role_name(registry.name) or _is_made(declared, role))
        ):
            problem = (f"{role} is {made[role]}", "a role that exists",
                       "grant to that principal, or name another role")  # fmt: skip
        elif declared.root.principals[other].role != shape.role:
            problem = (f"{name} and {other} are two roles with one name in one account", "one role of a name",
                       "copy the ARN from `aws iam get-role`, and remove the other")  # fmt: skip
        if problem:
            message, allowed, way_out = problem
            yield Problem(at=(PRINCIPALS, name, "role"), message=message, given=shown(shape.role, 90),
                          allowed=allowed, way_out=way_out)  # fmt: skip


def _is_made(declared: RuleContext, role: str) -> bool:
    """Whether a role of this name is made: for a principal that something outside IAM vouches for."""
    name = role.removeprefix(f"{declared.registry.name}-")
    shape = declared.root.principals.get(name)
    return shape is not None and kind_of(shape) in MADE
