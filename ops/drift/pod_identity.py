"""Associations of EKS Pod Identity that the file makes: which role the pods of a service account get.

A service account has one association in a cluster, so whoever changes or removes it takes the role away.
https://docs.aws.amazon.com/eks/latest/APIReference/API_PodIdentityAssociation.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ops.drift.kind import Found, Named, Properties, StackKind, literal, unless_gone
from ops.drift.repository_settings import Settings
from ops.drift.writer import Writer, never
from registry.access.trust import associations
from registry.locations import Location
from registry.model import PodIdentity, Registry


def _associates(registry: Registry, at: Location) -> bool:
    """They are in the Access stack of the home."""
    return at == registry.home and bool(associations(registry))


def _association(role: Any, *, tags_off: bool, target: Any) -> Settings:
    """`disableSessionTags`: the role trusts requests with these tags alone. `targetRoleArn`: pods get that role."""
    return {"roleArn": role, "disableSessionTags": tags_off, "targetRoleArn": target}


def _name(cluster: str, namespace: str, service_account: str) -> str:
    return f"{cluster}/{namespace}/{service_account}"


def _declared(registry: Registry, at: Location) -> Named:
    return {
        _name(it.cluster_name, it.namespace, it.service_account): _association(it.arn, tags_off=False, target=None)
        for it in associations(registry)
    }


def _found(client: Any, registry: Registry, at: Location) -> Found:
    """Those of the file: a cluster has associations for other things, too."""

    def reader(pods: PodIdentity) -> Callable[[], Settings | None]:
        return lambda: unless_gone(lambda: _live(client, pods))

    return {_name(it.cluster_name, it.namespace, it.service_account): reader(it) for it in associations(registry)}


def _live(client: Any, pods: PodIdentity) -> Settings | None:
    """None where the service account has no association; a cluster that is gone has none either."""
    asked = {"namespace": pods.namespace, "serviceAccount": pods.service_account}
    pages = client.get_paginator("list_pod_identity_associations").paginate(clusterName=pods.cluster_name, **asked)
    rows = [row for page in pages for row in page["associations"]]
    if not rows:
        return None
    said = client.describe_pod_identity_association(
        clusterName=pods.cluster_name, associationId=rows[0]["associationId"]
    )["association"]
    off = bool(said.get("disableSessionTags", False))
    return _association(said["roleArn"], tags_off=off, target=said.get("targetRoleArn"))


def _deployed(properties: Properties) -> tuple[str, Settings]:
    name = _name(properties["ClusterName"], properties["Namespace"], properties["ServiceAccount"])
    off = bool(properties.get("DisableSessionTags", False))
    return name, literal(_association(properties["RoleArn"], tags_off=off, target=properties.get("TargetRoleArn")))


POD_IDENTITY: Final = StackKind(
    noun="pod identity association",
    service="eks",
    where=_associates,
    optional=True,
    type="AWS::EKS::PodIdentityAssociation",
    identifier="AssociationArn",
    declared=_declared,
    deployed=_deployed,
    find=_found,
)
#: Both calls hand a role to EKS, which takes iam:PassRole: nobody who repairs needs that.
_BY_HAND: Final = (
    "this hands a role to EKS, which only a deploy may: `aws eks update-pod-identity-association --role-arn ROLE`, "
    "with the association's id from `aws eks list-pod-identity-associations`"
)
_MADE_AGAIN: Final = (
    "CloudFormation knows it by its id, so no deploy makes it again: remove association from the file, deploy, write "
    "it back, and deploy"
)


POD_IDENTITY_WRITER: Final = Writer(
    create=never,
    update=never,
    unchangeable={
        "": _MADE_AGAIN,
        **dict.fromkeys(("roleArn", "disableSessionTags", "targetRoleArn"), _BY_HAND),
    },
    outside="the service account has an association already: delete it (`aws eks delete-pod-identity-association`), "
    "and deploy",
)
