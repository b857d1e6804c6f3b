"""Whether an account is ready for a deploy: bootstrapped, and CloudFormation allowed what the file needs.

Asked before a deploy, because the CDK's own advice is `cdk bootstrap`, which makes CloudFormation an administrator, and
because a permission that is missing is found by CloudFormation in the middle of a deploy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from ops.aws import cloud
from ops.terminal import warn
from registry import naming
from registry.access.cloudformation import execution_policies, execution_policy_arns
from registry.access.trust import made_providers, provider_arn
from registry.locations import Location
from registry.model import Registry

WAY_OUT: Final = "run `make bootstrap` with credentials that may create roles in that account"
_NOT_ALLOWED: Final = frozenset({"AccessDenied", "AccessDeniedException"})


def unready(registry: Registry, *, every_account: bool) -> list[str]:
    """What a deploy would fail on, each as a message with its way out.

    :param every_account: other accounts of the file are deployed to as well, in roles that trust this one.
    :raises CloudError: where AWS refuses to say.
    """
    own = cloud.own_account(registry)
    found = unprepared(registry, own)
    found += _taken_providers(registry) if own == registry.account else ()
    others = [at for at in registry.stack_locations if at.account != own] if every_account else ()
    return [*found, *(_closed(registry, at, own) for at in others if not _may_deploy_to(registry, at))]


def unprepared(registry: Registry, own: str) -> list[str]:
    """Why CloudFormation can take no template of the file in the credentials' account, each with its way out."""
    missing = [at for at in registry.stack_locations_in(own) if not is_bootstrapped(registry, at)]
    found = [f"{at} is not bootstrapped for {registry.name}\n    way out: {WAY_OUT}" for at in missing]
    if not missing and _is_behind(registry, own):
        found.append(
            f"CloudFormation in {own} does not have all permissions that this file needs\n    way out: {WAY_OUT}"
        )
    return found


def is_bootstrapped(registry: Registry, at: Location) -> bool:
    """Whether a location of the credentials' account has the registry's bootstrap."""
    client = cloud.cloudformation(at.region)
    try:
        client.describe_stacks(StackName=naming.bootstrap_stack(registry.name))
    except client.exceptions.ClientError as problem:
        if "does not exist" in str(problem):
            return False
        raise
    return True


def _is_behind(registry: Registry, account: str) -> bool:
    iam = cloud.client("iam", registry.region)
    try:
        live = list(_live(iam, execution_policy_arns(registry, account)))
    except ClientError as problem:
        if problem.response.get("Error", {}).get("Code") not in _NOT_ALLOWED:
            raise
        _unread(f"whether CloudFormation in {account} has all permissions that this file needs", problem)
        return False
    allowed = _by_sid(live)
    wanted = _by_sid(execution_policies(registry, account))
    return not all(sid in allowed and holds(allowed[sid], statement) for sid, statement in wanted.items())


def _taken_providers(registry: Registry) -> Iterator[str]:
    """The OpenID Connect providers that a deploy would make, and that somebody else has made or a deploy has kept."""
    iam = cloud.client("iam", registry.region)
    for issuer in made_providers(registry):
        arn = provider_arn(registry.account, registry.region, issuer)
        try:
            iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
        except iam.exceptions.NoSuchEntityException:
            continue
        except ClientError as problem:
            if problem.response.get("Error", {}).get("Code") not in _NOT_ALLOWED:
                raise
            _unread(f"whether {arn} exists", problem)
            continue
        if arn not in _held(registry):
            yield (
                f"{arn} exists and is in no stack of {registry.name}, so a deploy cannot create it\n"
                f'    way out: write access: {{oidc_providers: ["{arn}"]}}'
            )


def _unread(question: str, problem: ClientError) -> None:
    action = f"iam:{problem.operation_name}"
    warn(
        f"note: not checked: {question}; these credentials may not call {action}\n"
        f"    way out: allow {action}; without it the deploy itself fails where something is missing"
    )


def _held(registry: Registry) -> frozenset[str]:
    """What the Access stack at home holds, by physical id."""
    client = cloud.cloudformation(registry.region)
    pages = client.get_paginator("list_stack_resources").paginate(StackName=naming.stack_name(registry.name, "Access"))
    try:
        return frozenset(row.get("PhysicalResourceId", "") for page in pages for row in page["StackResourceSummaries"])
    except client.exceptions.ClientError as problem:
        if "does not exist" in str(problem):
            return frozenset()
        raise


def _live(iam: Any, arns: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    for arn in arns:
        try:
            version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        except iam.exceptions.NoSuchEntityException:
            continue
        yield iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


def _by_sid(documents: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """The statements by Sid; the parts of one that was too long are put together.

    What somebody wrote by hand may have another form, and is none of ours.
    """
    found: dict[str, dict[str, Any]] = {}
    for document in documents:
        statements = document.get("Statement", ()) if isinstance(document, Mapping) else ()
        for statement in statements if isinstance(statements, list) else ():
            if not isinstance(statement, Mapping) or "Sid" not in statement:
                continue
            known = found.setdefault(statement["Sid"], dict(statement))
            for key in ("Action", "Resource"):
                if isinstance(statement.get(key), list) and isinstance(known.get(key), list):
                    known[key] = sorted({*known[key], *statement[key]})
    return found


def holds(live: Any, wanted: Any) -> bool:
    """Whether a part of a statement has everything that is wanted: lists may be longer, nothing else may differ."""
    if isinstance(wanted, dict):
        same = isinstance(live, dict) and live.keys() == wanted.keys()
        return same and all(holds(live[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        return isinstance(live, list) and set(wanted) <= set(live)
    return bool(live == wanted)


def _may_deploy_to(registry: Registry, at: Location) -> bool:
    """Whether the credentials may assume the role that deploys to a region of another account."""
    try:
        role = naming.deploy_role_arn(registry.name, at.account, at.region)
        cloud.client("sts", at.region).assume_role(RoleArn=role, RoleSessionName="ecrctl-bootstrap-check")
    except ClientError as problem:
        if problem.response.get("Error", {}).get("Code") in _NOT_ALLOWED:
            return False
        raise
    return True


def _closed(registry: Registry, at: Location, own: str) -> str:
    return (
        f"{own} may not deploy to {at}\n"
        f"    way out: run `make deploy ACCOUNT={at.account}` with credentials of {at.account}, "
        f"then `make deploy ACCOUNT={own}` with these; or, to let {at.account} trust {registry.account}, "
        "run `make bootstrap TRUST_HOME=1` with its credentials"
    )
