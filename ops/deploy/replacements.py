"""What the next deploy could only replace: the templates of the file against those that are deployed.

`make deploy` asks before anything is touched; CloudFormation would find out midway, and roll back what went before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from ops.aws import cloud
from ops.aws.cdk_cli import Assembly
from ops.aws.parallel import map_parallel
from ops.aws.stacks import Stack, in_every_region, resources_of, settled
from registry.access.trust import provider_arn
from registry.findings import listed
from registry.model import Registry
from registry.replacements.advice import Advice, advice
from registry.replacements.find import (
    ALIAS,
    PROVIDER,
    Outcome,
    Replacement,
    StackKey,
    Template,
    replacements,
    resources_in,
    unique_name,
)

#: A resource that a deploy creates: its stack, its logical id, and what the template says of it.
Created = tuple[StackKey, str, Mapping[str, Any]]
#: A stack whose creation was undone: its template names what does not exist. `ecrctl clear-failed` removes it.
_HOLDS_NOTHING = frozenset({"ROLLBACK_COMPLETE", "DELETE_COMPLETE"})
_NOT_THERE = frozenset({"NotFoundException", "NoSuchEntity"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found, and what was not looked at: other accounts, closed regions, names of KMS and IAM."""

    found: tuple[Advice, ...]
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def stops(self) -> bool:
        """Whether a deploy would fail, or lose data."""
        return any(each.stops for each in self.found)

    def as_dict(self) -> dict[str, Any]:
        """Everything, for programs."""
        return {
            "replacements": [each.as_dict() for each in self.found if each.stops],
            "information": [each.as_dict() for each in self.found if not each.stops],
            "notLookedAt": {
                "accounts": list(self.accounts),
                "regions": list(self.regions),
                "names": list(self.names),
            },
        }


def look(registry: Registry, assembly: Assembly) -> Looked:
    """Compare every stack of the app in the account of the credentials with what is deployed there.

    Stacks are looked for in every region that is switched on: after the home or a replica moved, what has the names is
    where the file no longer is. Those of other registries are read only where something would be created.

    :raises CloudError: where a region of the registry's own may not be looked into.
    """
    account = cloud.own_account(registry)
    wanted = {key: {"Resources": assembly.resources(*key)} for key in assembly.templates if key[0].account == account}
    names = {at: {stack for place, stack in wanted if place == at} for at, _ in wanted}
    stacks, closed = in_every_region(registry.region, account, None, names=names)
    _refuse_closed({at.region for at, _ in wanted} & set(closed), account)
    own = [each for each in stacks if each.registry in (None, registry.name) or (each.at, each.name) in wanted]
    foreign = _holding([stack for stack in stacks if stack not in own])
    deployed = _templates(_holding(settled(own)))
    if created := _created(deployed, wanted):
        deployed |= _templates(foreign)
        others = {(it.at, it.name): it.registry or "" for it in foreign}
    else:
        others = {}
    found = replacements(deployed, wanted)
    known = {(it.at, it.stack, it.logical_id) for it in found}
    unknown: list[str] = []
    found += _in_no_stack(registry, [it for it in created if (*it[0], it[1]) not in known], unknown)
    return Looked(
        found=tuple(advice(found, registry=registry.name, others=others)),
        accounts=tuple(each for each in registry.deployed_accounts if each != account),
        regions=tuple(closed),
        names=tuple(unknown),
    )


def _holding(stacks: Sequence[Stack]) -> list[Stack]:
    return [stack for stack in stacks if stack.status not in _HOLDS_NOTHING]


def _refuse_closed(regions: set[str], account: str) -> None:
    if regions:
        raise cloud.CloudError(
            f"these credentials of {account} may not list the stacks in {listed(sorted(regions))}, where the file has "
            "stacks\n    way out: allow cloudformation:DescribeStacks there"
        )


def _templates(stacks: Sequence[Stack]) -> dict[StackKey, Template]:
    clients = {stack.at.region: cloud.cloudformation(stack.at.region) for stack in stacks}
    read = map_parallel(stacks, lambda it: resources_of(clients[it.at.region], it.name), "reading templates")
    return {(stack.at, stack.name): {"Resources": resources} for stack, resources in zip(stacks, read, strict=True)}


def _created(deployed: Mapping[StackKey, Template], wanted: Mapping[StackKey, Template]) -> list[Created]:
    """The named resources of the app that no stack of the registry has."""
    held = {unique_name(key, it) for key, template in deployed.items() for it in resources_in(template).values()}
    return [
        (key, logical_id, resource)
        for key, template in wanted.items()
        for logical_id, resource in resources_in(template).items()
        if (name := unique_name(key, resource)) is not None and name not in held
    ]


def _in_no_stack(registry: Registry, created: Sequence[Created], unknown: list[str]) -> Iterator[Replacement]:
    """What a stack once had and left behind when it left the file: aliases of keys, providers of identities.

    What ECR has of its own is the matter of `ecrctl drift --before-deploy`.

    :param unknown: gets the names that these credentials may not ask about.
    """
    for (at, stack), logical_id, resource in created:
        kind, properties = resource["Type"], resource.get("Properties", {})
        if kind == ALIAS:
            name = properties["AliasName"]
            there = _exists(cloud.client("kms", at.region).describe_key, KeyId=name)
        elif kind == PROVIDER:
            name = properties["Url"]
            arn = provider_arn(at.account, at.region, name.removeprefix("https://"))
            iam = cloud.client("iam", registry.region)
            there = _exists(iam.get_open_id_connect_provider, OpenIDConnectProviderArn=arn)
        else:
            continue
        if there is None:
            unknown.append(name)
        elif there:
            yield Replacement(
                at=at, stack=stack, logical_id=logical_id, type=kind, name=name, outcome=Outcome.TAKEN, holder=None
            )


def _exists(ask: Callable[..., object], **named: str) -> bool | None:
    """Whether AWS knows it; None where these credentials may not ask."""
    try:
        ask(**named)
    except ClientError as problem:
        code = problem.response.get("Error", {}).get("Code")
        if code in _NOT_THERE:
            return False
        if code in cloud.NOT_ALLOWED:
            return None
        raise
    return True
