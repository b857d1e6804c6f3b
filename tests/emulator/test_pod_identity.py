"""Associations of EKS Pod Identity by CloudFormation: a service account has one in a cluster."""

from __future__ import annotations

from typing import Any

from tests.emulator import stacks
from tests.emulator.cloud import Cloud


def association(role: str, account: str = "flux") -> dict[str, Any]:
    arn = f"arn:aws:iam::123456789012:role/{role}"
    named = {"ClusterName": "main", "Namespace": "flux-system", "ServiceAccount": account, "RoleArn": arn}
    return {"Type": "AWS::EKS::PodIdentityAssociation", "Properties": named}


def test_an_association_comes_changes_and_a_second_one_is_refused(cloud: Cloud) -> None:
    assert stacks.deploy(cloud, "access", {"Association": association("one")}) == "CREATE_COMPLETE"
    assert stacks.deploy(cloud, "access", {"Association": association("two")}) == "UPDATE_COMPLETE"
    eks = cloud.session.client(
        "eks",
        region_name=cloud.region,
        endpoint_url=cloud.endpoint,
        aws_access_key_id=cloud.account,
        aws_secret_access_key="any",
    )
    asked = {"clusterName": "main", "namespace": "flux-system"}
    (row,) = eks.list_pod_identity_associations(**asked, serviceAccount="flux")["associations"]
    found = eks.describe_pod_identity_association(clusterName="main", associationId=row["associationId"])
    assert found["association"]["roleArn"].endswith("/two")
    assert eks.list_pod_identity_associations(**asked, serviceAccount="other")["associations"] == []
    assert stacks.deploy(cloud, "again", {"Association": association("three")}) == "ROLLBACK_COMPLETE"
    assert any("already exists" in failure for failure in stacks.failures(cloud, "again"))
    assert stacks.delete(cloud, "access") == "DELETE_COMPLETE"
    assert stacks.deploy(cloud, "again-free", {"Association": association("three")}) == "CREATE_COMPLETE"
