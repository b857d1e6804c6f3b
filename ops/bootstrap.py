"""Bootstrap the regions of an account for the CDK, with CloudFormation allowed what the stacks need and no more.

`cdk bootstrap` alone gives CloudFormation AdministratorAccess. The policies are made first, or brought up to date,
then the CDK CLI is called with their ARNs.
https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from typing import Any, Final

from ops import cloud
from ops.cdk_cli import COMMAND
from ops.output import say
from registry.execution import PATH, execution_policies, execution_policy_arns, execution_policy_name
from registry.findings import listed
from registry.locations import Location
from registry.model import Registry

_VERSIONS: Final = 5  # of a managed policy; the oldest makes room


def bootstrap(registry: Registry, *, confirm: Callable[[str], bool]) -> bool:
    """Bootstrap every region of a registry in the account of the credentials; whether it was done.

    :raises CloudError: where AWS refuses, or the CDK CLI fails.
    """
    with cloud.speaking_for_aws():
        account = cloud.own_account(registry)
        targets = registry.places_in(account)
        arns = execution_policy_arns(registry, account)
        say(f"account {account}: {listed([at.region for at in targets])}")
        for arn in arns:
            say(f"CloudFormation may do what {arn} says (see `ecrctl bootstrap --print`)")
        if not confirm("Make these policies and bootstrap?"):
            return False
        put_policies(registry, account)
    _cdk(arguments(targets, arns, trust=registry.account))
    return True


def put_policies(registry: Registry, account: str) -> list[str]:
    """Make the managed policies for CloudFormation in an account, or bring them up to date; their ARNs."""
    iam = cloud.client("iam", registry.region)
    arns = execution_policy_arns(registry, account)
    for number, (arn, document) in enumerate(zip(arns, execution_policies(registry, account), strict=True), start=1):
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


def arguments(targets: Sequence[Location], policies: Sequence[str], *, trust: str) -> list[str]:
    """The arguments of `cdk bootstrap`; other accounts are deployed to from the one that is trusted."""
    trusting = ["--trust", trust] if any(at.account != trust for at in targets) else []
    environments = [f"aws://{at}" for at in targets]
    return ["bootstrap", *environments, "--cloudformation-execution-policies", ",".join(policies), *trusting]


def _cdk(words: Sequence[str]) -> None:
    switches = {"CDK_DISABLE_CLI_TELEMETRY": "true", "CDK_DISABLE_VERSION_CHECK": "1"}
    try:
        # From a folder without cdk.json: bootstrapping needs no app, and would synthesize ours.
        with tempfile.TemporaryDirectory() as folder:
            command = [*COMMAND, *words]
            finished = subprocess.run(command, cwd=folder, env={**os.environ, **switches}, check=False)  # noqa: S603
    except OSError as problem:
        raise cloud.CloudError(f"cdk cannot be started: {problem}\n    way out: run `make setup`") from problem
    if finished.returncode:
        raise cloud.CloudError("cdk bootstrap failed; what it said stands above")
