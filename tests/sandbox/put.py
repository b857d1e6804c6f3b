"""Bootstraps and stacks as the CDK CLI leaves them, for what comes before what a test is about.

A deploy by the CLI is ten times the work. tests/sandbox/test_first_light.py compares both.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from registry.load import load
from registry.locations import Location
from registry.model import Registry
from registry.naming import bootstrap_qualifier, bootstrap_stack
from sandbox.cdk import ADMINISTRATOR
from sandbox.clients import client
from sandbox.place import Place
from stacks.build import build
from stacks.checked_app import checked_app
from tests.synth import ROOT, context

CHANGE_SET = "cdk-deploy-change-set"
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
TEMPLATE_BODY = 51_200  # bytes in a request


@cache
def _bootstrap_template() -> str:
    """The one that the CLI has in itself, and sends."""
    return (ROOT / "node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml").read_text()


def put_bootstrap(
    place: Place,
    registry: Registry,
    locations: Iterable[Location],
    *,
    policies: Sequence[str] = (ADMINISTRATOR,),
    trusted: Sequence[str] = (),
) -> None:
    """Bootstrap locations for a registry, as `cdk bootstrap` does; one that is already stays as it is.

    :param trusted: accounts that may deploy there.
    """
    said = {
        "FileAssetsBucketKmsKeyId": "AWS_MANAGED_KEY",
        "TrustedAccounts": ",".join(trusted),
        "TrustedAccountsForLookup": "",
        "CloudFormationExecutionPolicies": ",".join(policies),
        "Qualifier": bootstrap_qualifier(registry.name),
        "PublicAccessBlockConfiguration": "true",
    }
    for at in locations:
        cloudformation = client(place, at.account, at.region, "cloudformation")
        put_template(
            cloudformation,
            bootstrap_stack(registry.name),
            {"TemplateBody": _bootstrap_template()},
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in said.items()],
        )


def as_the_cli_does(file: Path, folder: Path, add: Callable[[Any], None] | None = None) -> Any:
    """The assembly of a registry file, with what the CDK CLI adds to the context of an app.

    :param add: what else to put into the app.
    """
    given = {**context(), "aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True}
    app = checked_app(context=given, outdir=str(folder))
    build(app, load(file)[0], ())
    if add is not None:
        add(app)
    return app.synth()


def put_stacks(place: Place, file: Path, *, only: Collection[str] = ()) -> list[str]:
    """Have the stacks of a registry file as its deploy leaves them; the names of those that changed for that.

    The app runs in this process, and its stacks are put in the order and with the change sets of the CDK.

    :param only: accounts or names of the stacks that are put (default: all).
    """
    with tempfile.TemporaryDirectory() as folder:
        return put_assembly(place, file, as_the_cli_does(file, Path(folder)), only=only)


def put_assembly(place: Place, file: Path, assembly: Any, *, only: Collection[str] = ()) -> list[str]:
    """The same, of an assembly that is there already."""
    changed = []
    for stack in assembly.stacks:
        at = stack.environment
        if not only or {stack.stack_name, at.account} & set(only):
            cloudformation = client(place, at.account, at.region, "cloudformation")
            changed += [stack.stack_name] if _put(cloudformation, stack, uploaded(place, file, stack)) else []
    return changed


def uploaded(place: Place, file: Path, stack: Any, template: Any = None) -> dict[str, str]:
    """The template for a change set: one that is too long for that lies in the bucket of the bootstrap.

    :param template: what is put instead of the stack's own.
    """
    text, at = json.dumps(stack.template if template is None else template), stack.environment
    if len(text) <= TEMPLATE_BODY:
        return {"TemplateBody": text}
    bucket = f"cdk-{bootstrap_qualifier(load(file)[0].name)}-assets-{at.account}-{at.region}"
    key = f"{stack.stack_name}.json"
    client(place, at.account, at.region, "s3").put_object(Bucket=bucket, Key=key, Body=text.encode())
    return {"TemplateURL": f"https://s3.{at.region}.amazonaws.com/{bucket}/{key}"}


def _put(cloudformation: Any, stack: Any, template: dict[str, str]) -> str | None:
    kind = put_template(
        cloudformation,
        stack.stack_name,
        template,
        Tags=[{"Key": key, "Value": value} for key, value in stack.tags.items()],
    )
    if kind == "CREATE":
        cloudformation.update_termination_protection(
            StackName=stack.stack_name, EnableTerminationProtection=bool(stack.termination_protection)
        )
    return kind


def put_template(cloudformation: Any, name: str, template: dict[str, str], **more: Any) -> str | None:
    """CREATE a stack, or UPDATE it; which of them it was, None where nothing changed.

    :raises AssertionError: with the status of a stack that could not be brought to this template.
    """
    try:
        (found,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        kind = "UPDATE" if found["StackStatus"] != "REVIEW_IN_PROGRESS" else "CREATE"
        cloudformation.delete_change_set(StackName=name, ChangeSetName=CHANGE_SET)
    except cloudformation.exceptions.ClientError:
        kind = "CREATE"
    cloudformation.create_change_set(
        StackName=name,
        ChangeSetName=CHANGE_SET,
        ChangeSetType=kind,
        **template,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        **more,
    )
    made = cloudformation.describe_change_set(StackName=name, ChangeSetName=CHANGE_SET)
    if made["Status"] == "FAILED":
        assert kind == "UPDATE", made["StatusReason"]
        return None
    cloudformation.execute_change_set(StackName=name, ChangeSetName=CHANGE_SET)
    (left,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert left["StackStatus"] == f"{kind}_COMPLETE", why(cloudformation, name, left["StackStatus"])
    return kind


def why(cloudformation: Any, name: str, status: str) -> str:
    """Why a stack has a status that nobody wants."""
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    return "\n".join([f"{name}: {status}", *(each.get("ResourceStatusReason", "") for each in events)])
