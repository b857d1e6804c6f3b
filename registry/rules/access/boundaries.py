"""Rules about permissions boundaries: one for each account, where CloudFormation cannot change it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.access.cloudformation import PATH
from registry.findings import Severity, YamlPath, listed, shown
from registry.limits import IAM_GUIDE, POLICY_ARN
from registry.naming import IAM_ROOM, OF_AWS, account_of
from registry.rules.access.principals import PRINCIPALS, kind_of, principals
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import EVERYWHERE

BOUNDARIES_PAGE: Final = f"{IAM_GUIDE}/access_policies_boundaries.html"
DECISION: Final = "docs/decisions/0012-execution-policies.md"
BOUNDARY: Final = ("access", "permissions_boundary")


def _written(declared: RuleContext) -> Iterator[tuple[str, str, YamlPath]]:
    """Account, or `*`, ARN and place of every boundary."""
    for account, arn in declared.root.access.permissions_boundary.items():
        yield account, arn, BOUNDARY if account == EVERYWHERE else (*BOUNDARY, account)


@rule("boundary-arn", "Name a managed policy of the account that the boundary is for", BOUNDARIES_PAGE)
def boundary_arn(declared: RuleContext) -> Iterator[Problem]:
    """IAM refuses to create a role with a boundary that is no managed policy, or is of another account."""
    accounts = declared.registry.accounts
    for account, arn, at in _written(declared):
        of = account_of(arn)
        if account not in (EVERYWHERE, *accounts):
            yield Problem(
                at=at,
                message="the registry makes no role in this account",
                given=shown(account),
                allowed=listed(accounts),
                way_out="remove it",
                key=True,
            )
        elif of not in (OF_AWS, account) if account != EVERYWHERE else of not in (OF_AWS, *accounts):
            yield Problem(
                at=at,
                message="IAM takes a boundary of the account that the role is in, or one of AWS's own",
                given=shown(arn),
                allowed=f"a policy of {listed(accounts) if account == EVERYWHERE else account}",
                way_out="name the policy of that account",
            )


@rule("boundary-ours", "Keep the boundary outside the paths that deploys write to", DECISION)
def boundary_ours(declared: RuleContext) -> Iterator[Problem]:
    """Whoever may deploy could change the boundary, and then it bounds nothing."""
    for _, arn, at in _written(declared):
        if f"/{IAM_ROOM}/" in arn or f"policy{PATH}" in arn:
            yield Problem(
                at=at,
                message="a deploy can change every policy in this path, so also the boundary"
                if IAM_ROOM in arn
                else "ecrctl bootstrap writes the policies in this path",
                given=shown(arn),
                allowed=f"a policy outside of /{IAM_ROOM}/ and {PATH}",
                way_out="keep the boundary in another path, where only those who answer for it may change it",
            )


@rule(
    "boundary-missing",
    "Give the roles of every account a boundary, or of none",
    BOUNDARIES_PAGE,
    Severity.WARNING,
    waits=True,
)
def boundary_missing(declared: RuleContext) -> Iterator[Problem]:
    """The roles of the accounts left out would have no boundary, though the file looks as if all of them had one."""
    registry = declared.registry
    missing = [account for account in registry.accounts if registry.roles.boundary_in(account) is None]
    written = [arn for _, arn, _ in _written(declared)]
    if written and missing and all(POLICY_ARN.fullmatch(arn) for arn in written):
        yield Problem(
            at=BOUNDARY,
            message=f"the roles made in {listed(missing)} have no boundary",
            given=listed(registry.roles.boundaries),
            allowed="a boundary for each account, or none at all",
            way_out="write a map: "
            + ", ".join(f'"{account}": arn:…:iam::{account}:policy/NAME' for account in registry.accounts),
            key=True,
        )


@rule(
    "principal-boundary",
    "Write without_boundary only for a role of an account with a boundary",
    DECISION,
    Severity.WARNING,
    waits=True,
)
def principal_boundary(declared: RuleContext) -> Iterator[Problem]:
    """Where no boundary is, nothing is excepted. The account in the role's ARN or the boundary's is probably wrong."""
    registry = declared.registry
    for name, shape in principals(declared):
        account = account_of(shape.role or "")
        if shape.without_boundary and kind_of(shape) == "role" and registry.roles.boundary_in(account) is None:
            yield Problem(
                at=(PRINCIPALS, name, "without_boundary"),
                message=f"access.permissions_boundary has no boundary for {account}, so there is nothing to except",
                given="without_boundary: true",
                allowed="roles of an account with a boundary",
                way_out="remove it",
                key=True,
            )
