"""What CloudFormation does on the way from one registry to the next, asked of the policies that bootstrap gives it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from registry import naming
from registry.access.cloudformation import execution_policies
from registry.locations import Location
from registry.model import Registry
from tests.judge.engine import Case
from tests.judge.handlers import NOT_ASKED_FOR, Asking, any_key, handlers
from tests.synth import Templates

BOUNDARY = "iam:DeleteRolePermissionsBoundary"  # where there is a boundary it must not go


@dataclass(frozen=True)
class State:
    """A registry and its templates: what is deployed, or is to be."""

    registry: Registry
    templates: Templates

    def stacks(self, account: str) -> list[tuple[Location, str]]:
        """Its stacks in an account, as `execution_policies` takes them."""
        paths = [path.split("/") for path in self.templates]
        return [(Location(*path[:2]), path[2]) for path in paths if path[0] == account]


NOTHING: dict[str, Any] = {"Resources": {}}


def needed(after: State, before: State | None = None) -> Iterator[Case]:
    """What the handlers need on the way from one registry to the next, after `make bootstrap` with the next.

    Whatever stays or comes is made, read and updated; what goes is deleted, unless it is retained. Of repositories
    that differ in nothing but their names one in each stack is asked for, and no question twice.
    """
    asked: set[tuple[str, ...]] = set()
    for path in sorted({*(before.templates if before else {}), *after.templates}):
        at = Location(*path.split("/")[:2])
        for what, state, resource, asking in _handled(path, at, after, before):
            for action in sorted(handlers()[asking.kind].get(asking.handler, set()) - set(NOT_ASKED_FOR)):
                if action == BOUNDARY and after.registry.roles.boundary_in(at.account):
                    continue
                for number, (arn, context) in enumerate(asking.on(action)):
                    question = (str(at), action, arn, str(sorted(context.items())), asking.kind)
                    if question in asked:
                        continue
                    asked.add(question)
                    yield Case(
                        id=f"{what} {asking.handler} {action} {number}",
                        principal=naming.execution_role_arn(after.registry.name, at.account, at.region),
                        action=action,
                        resource=arn,
                        account=at.account,
                        identity=_policies(at.account, after, before),
                        resource_policy=_key_policy(state.templates, at, resource) if ":key/" in arn else None,
                        context=context,
                    )


def _policies(account: str, after: State, before: State | None) -> tuple[dict[str, Any], ...]:
    if account in after.registry.deployed_accounts:
        return _computed(after, account, before)
    assert before is not None  # an account that left: it is not bootstrapped again, only retired
    return _computed(before, account, None)


def _computed(state: State, account: str, before: State | None) -> tuple[dict[str, Any], ...]:
    return execution_policies(state.registry, account, before.stacks(account) if before else ())


def _handled(
    path: str, at: Location, after: State, before: State | None
) -> Iterator[tuple[str, State, dict[str, Any], Asking]]:
    """The resources of one stack, before or after, and the handlers that are called for each."""
    there = (before.templates if before else {}).get(path, NOTHING)["Resources"]
    here = after.templates.get(path, NOTHING)["Resources"]
    seen: set[str] = set()
    for logical_id, resource in {**there, **here}.items():
        stays = logical_id in here
        retained = resource.get("DeletionPolicy", "")
        alike = f"{resource.get('Properties', {}).get('EncryptionConfiguration')} {retained} {stays}"
        if resource["Type"] == "AWS::ECR::Repository" and alike in seen:
            continue
        seen.add(alike)
        if stays:  # RetainExceptOnCreate is taken back where the first deploy fails
            names = ("create", "read", "update", *(() if retained == "Retain" else ("delete",)))
        else:
            names = () if retained.startswith("Retain") else ("read", "delete")
        state = after if stays else before
        assert state is not None
        deployed = there.get(logical_id, {}).get("Properties", {})
        for handler in names:
            yield (
                f"{path} {logical_id}",
                state,
                resource,
                Asking(
                    state.registry,
                    at,
                    resource["Type"],
                    handler,
                    resource.get("Properties", {}),
                    deployed,
                    here if stays else there,
                ),
            )


def _key_policy(templates: Templates, at: Location, resource: dict[str, Any]) -> dict[str, Any]:
    """The policy of the key a resource is, or is encrypted with: the one made in the same place, or any."""
    if resource["Type"] == "AWS::KMS::Key":
        return dict(resource["Properties"]["KeyPolicy"])
    made = [r for r in templates[f"{at}/Registry"]["Resources"].values() if r["Type"] == "AWS::KMS::Key"]
    encryption = resource.get("Properties", {}).get("EncryptionConfiguration", {})
    aliases = [
        r["Properties"]["AliasName"]
        for r in templates[f"{at}/Registry"]["Resources"].values()
        if r["Type"] == "AWS::KMS::Alias"
    ]
    if made and (resource["Type"].startswith("AWS::KMS::") or encryption.get("KmsKey") in aliases):
        return dict(made[0]["Properties"]["KeyPolicy"])
    return any_key(at.account)
