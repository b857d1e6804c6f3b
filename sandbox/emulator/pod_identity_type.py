"""The CloudFormation type of associations of EKS Pod Identity, which ministack does not know; its EKS API does.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-podidentityassociation.html
"""

from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import eks
from ministack.services.cloudformation import provisioners

from sandbox.emulator.answers import Json

NAME = "AWS::EKS::PodIdentityAssociation"


def create(logical_id: str, properties: Json, stack_name: str) -> tuple[str, Json]:
    """A service account has one association in a cluster. The cluster is none of the local AWS's."""
    who = (properties["ClusterName"], properties["Namespace"], properties["ServiceAccount"])
    for other in eks._pod_identity_associations.values():
        if who == (other["clusterName"], other["namespace"], other["serviceAccount"]):
            raise ValueError(f"Resource of type '{NAME}' with identifier '{'|'.join(who)}' already exists.")
    key = f"a-{new_uuid().replace('-', '')[:16]}"
    return update(eks._pod_identity_association_arn(who[0], key), {}, properties, stack_name)


def update(physical_id: str, old: Json, new: Json, stack_name: str) -> tuple[str, Json]:
    """The role changes without interruption; whose it is replaces."""
    cluster, _, key = physical_id.rpartition("podidentityassociation/")[2].partition("/")
    eks._pod_identity_associations[eks._pia_key(cluster, key)] = {
        "clusterName": cluster,
        "namespace": new["Namespace"],
        "serviceAccount": new["ServiceAccount"],
        "roleArn": new["RoleArn"],
        "associationArn": physical_id,
        "associationId": key,
        "tags": {each["Key"]: each["Value"] for each in new.get("Tags", ())},
        "disableSessionTags": bool(new.get("DisableSessionTags", False)),
    }
    return physical_id, {"AssociationArn": physical_id, "AssociationId": key}


def delete(physical_id: str, properties: Json) -> None:
    """Gone; its pods get no credentials."""
    cluster, _, key = physical_id.rpartition("podidentityassociation/")[2].partition("/")
    eks._pod_identity_associations.pop(eks._pia_key(cluster, key), None)


def listed(cluster: str, query: Json) -> Any:
    """The associations of a service account; of a cluster, too, that was never made: clusters are somebody else's.

    https://docs.aws.amazon.com/eks/latest/APIReference/API_ListPodIdentityAssociations.html
    """
    wanted = {key: query[key] for key in ("namespace", "serviceAccount") if query.get(key)}
    rows = [
        eks._pod_identity_summary(each)
        for each in eks._pod_identity_associations.values()
        if {"clusterName": cluster, **wanted}.items() <= each.items()
    ]
    return eks._json_resp(200, {"associations": rows})


def install() -> None:
    """Add the type to what ministack provisions."""
    eks._list_pod_identity_associations = listed
    provisioners._RESOURCE_HANDLERS[NAME] = {"create": create, "update": update, "delete": delete}
    provisioners._REPLACING_PROPERTIES[NAME] = ("ClusterName", "Namespace", "ServiceAccount")
