"""Bootstrap the regions of an account for the CDK, with CloudFormation allowed what the stacks need and no more.

`cdk bootstrap` alone gives CloudFormation AdministratorAccess, for every CDK app of the account. The policies are made
first, or brought up to date, then the CDK CLI is called with their ARNs, for a bootstrap that is the registry's own.
https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from ops.aws import cloud
from ops.aws.cdk_cli import COMMAND
from ops.deploy.retired_stacks import retired
from ops.terminal import say
from registry import naming
from registry.access.cloudformation import (
    PATH,
    execution_policies,
    execution_policy_arns,
    execution_policy_name,
)
from registry.access.cloudformation_networks import Deployed
from registry.access.open_doors import open_doors
from registry.findings import listed
from registry.locations import Location
from registry.model import Registry

_VERSIONS: Final = 5  # of a managed policy; the oldest makes room


def bootstrap(registry: Registry, *, trust_home: bool | None, confirm: Callable[[str], bool]) -> bool:
    """Bootstrap every region of a registry in the account of the credentials; whether it was done.

    :param trust_home: whether the home's account may deploy here from now on; None leaves that as it is.
    :raises CloudError: where AWS refuses, or the CDK CLI fails.
    """
    account = cloud.own_account(registry)
    targets = registry.stack_locations_in(account)
    deployed = deployed_stacks(registry, account)
    trusts = trust_home if trust_home is not None else _trusts(registry, targets)
    say(f"account {account}: {listed([at.region for at in targets])}")
    for line in (*_allowed(registry, account, deployed), *_trust(registry, account, trusts)):
        say(line)
    if not confirm("Make these policies and bootstrap?"):
        return False
    arns = put_policies(registry, account, deployed)
    run_cdk(arguments(registry, targets, arns, trust_home=trust_home))
    return True


def _allowed(registry: Registry, account: str, deployed: Deployed) -> Iterator[str]:
    for arn in execution_policy_arns(registry, account, deployed):
        yield f"CloudFormation has the permissions in {arn} (see `ecrctl bootstrap --print`)"
    for door in open_doors(registry, account):
        yield f"still possible for whoever deploys: {door}"


def _trust(registry: Registry, account: str, trusts: bool) -> Iterator[str]:
    if account == registry.account:
        return
    if trusts:
        yield f"trusted: whoever may deploy in {registry.account} may deploy here, too; --no-trust-home ends that"
    else:
        yield (
            f"not trusted: {registry.account} cannot deploy here. This account is deployed with its own credentials: "
            f"`make deploy ACCOUNT={account}`; or add --trust-home"
        )


def _trusts(registry: Registry, targets: Sequence[Location]) -> bool:
    """Whether the home's account may deploy to one of these regions since an earlier bootstrap."""
    return any(registry.account in trusted_by(registry, at) for at in targets)


def trusted_by(registry: Registry, at: Location) -> list[str]:
    """The accounts that the registry's bootstrap in a region trusts; none where there is none."""
    client = cloud.cloudformation(at.region)
    try:
        stacks = client.describe_stacks(StackName=naming.bootstrap_stack(registry.name))["Stacks"]
    except client.exceptions.ClientError as problem:
        if "does not exist" in str(problem):
            return []
        raise
    said = {
        each["ParameterKey"]: each.get("ParameterValue", "") for stack in stacks for each in stack.get("Parameters", ())
    }
    return [account for account in said.get("TrustedAccounts", "").split(",") if account]


def deployed_stacks(registry: Registry, account: str) -> list[tuple[Location, str]]:
    """The stacks of a registry in an account, wherever they are: what left the file has to go by these policies."""
    stacks, _ = retired(registry, account, ())
    return [(stack.at, stack.name.removeprefix(naming.stack_name(registry.name, ""))) for stack in stacks]


def put_policies(registry: Registry, account: str, deployed: Deployed = ()) -> list[str]:
    """Make the managed policies for CloudFormation in an account, or bring them up to date; their ARNs."""
    iam = cloud.client("iam", registry.region)
    arns = execution_policy_arns(registry, account, deployed)
    documents = execution_policies(registry, account, deployed)
    for number, (arn, document) in enumerate(zip(arns, documents, strict=True), start=1):
        text = json.dumps(document)
        try:
            iam.create_policy(
                PolicyName=execution_policy_name(registry.name, number),
                Path=PATH,
                PolicyDocument=text,
                Description=f"What CloudFormation may do for the registry {registry.name}; made by ecrctl bootstrap",
            )
        except iam.exceptions.EntityAlreadyExistsException:
            _renew(iam, arn, document)
    return arns


def _renew(iam: Any, arn: str, document: dict[str, Any]) -> None:
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    default = next(version["VersionId"] for version in versions if version["IsDefaultVersion"])
    if iam.get_policy_version(PolicyArn=arn, VersionId=default)["PolicyVersion"]["Document"] == document:
        return
    if len(versions) >= _VERSIONS:
        oldest = min((it for it in versions if not it["IsDefaultVersion"]), key=lambda it: it["CreateDate"])
        iam.delete_policy_version(PolicyArn=arn, VersionId=oldest["VersionId"])
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)


def arguments(
    registry: Registry, targets: Sequence[Location], policies: Sequence[str], *, trust_home: bool | None
) -> list[str]:
    """The arguments of `cdk bootstrap`, with a qualifier and a stack that no other CDK app has.

    Without `--trust` the CDK leaves the trust of an earlier bootstrap as it is. Nobody has to trust the own account.
    """
    trust = {True: ["--trust", registry.account], False: ["--untrust", registry.account], None: []}[trust_home]
    return [
        "bootstrap",
        *(f"aws://{at}" for at in targets),
        *("--qualifier", naming.bootstrap_qualifier(registry.name)),
        *("--toolkit-stack-name", naming.bootstrap_stack(registry.name)),
        *("--cloudformation-execution-policies", ",".join(policies)),
        *(trust if any(at.account != registry.account for at in targets) else ()),
    ]


def run_cdk(words: Sequence[str]) -> None:
    """Run `cdk bootstrap`; what it says is shown.

    :raises CloudError: where it cannot be started, or fails.
    """
    switches = {"CDK_DISABLE_CLI_TELEMETRY": "true", "CDK_DISABLE_VERSION_CHECK": "1"}
    try:
        # From a folder without cdk.json: bootstrapping needs no app, and would synthesize ours.
        with tempfile.TemporaryDirectory() as folder:
            command = [*COMMAND, *words]
            finished = subprocess.run(command, cwd=folder, env={**os.environ, **switches}, check=False)  # noqa: S603
    except OSError as problem:
        raise cloud.CloudError(f"cdk does not start: {problem}\n    way out: run `make setup`") from problem
    if finished.returncode:
        raise cloud.CloudError("cdk bootstrap failed; its output is above")
