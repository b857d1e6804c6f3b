"""The seed's private network on the local AWS. It keeps no endpoint policy: tests/judge evaluates those."""

from __future__ import annotations

from pathlib import Path

from registry.load import load
from registry.model import Registry
from tests.sandbox.conftest import Sandbox

TRIAL = """\
registry: {name: trial, account: "123456789012", region: ap-northeast-2}
principals: {nodes: {role: "arn:aws:iam::123456789012:role/ecs-task-execution"}}
repositories: {trial/app: {pull: [nodes]}}
network:
  - trial_vpc: {name: pulling, cidr: 10.99.0.0/24}
  - vpc: {id: vpc-87654321, cidr: 10.1.0.0/16, subnets: [subnet-11111111]}
    also: [sts]
"""


def test_the_endpoints_of_the_seed_are_in_its_vpc_and_the_group_is_used_not_made(
    sandbox: Sandbox, shipped: Registry
) -> None:
    ec2 = sandbox.client(shipped, service="ec2")
    found = {e["ServiceName"]: e for e in ec2.describe_vpc_endpoints()["VpcEndpoints"] if e["VpcId"] == "vpc-12345678"}
    assert set(found) == {f"com.amazonaws.ap-northeast-2.ecr.{name}" for name in ("api", "dkr")}
    for endpoint in found.values():
        assert endpoint["VpcEndpointType"] == "Interface"
        assert sorted(endpoint["SubnetIds"]) == ["subnet-12345678", "subnet-87654321"]
    stack = sandbox.client(shipped, service="cloudformation").list_stack_resources(
        StackName="acme-Network-vpc-12345678"
    )
    assert {row["ResourceType"] for row in stack["StackResourceSummaries"]} == {"AWS::EC2::VPCEndpoint"}


def test_a_trial_gets_its_vpc_and_a_group_of_its_own_is_open_to_its_cidr_on_443(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(TRIAL)
    registry, _ = load(file)
    sandbox.bootstrap(registry, registry.home)
    sandbox.put(file, only=["trial-Network-Trial-pulling", "trial-Network-vpc-87654321"])
    ec2 = sandbox.client(registry, service="ec2")
    (vpc,) = [v for v in ec2.describe_vpcs()["Vpcs"] if v["CidrBlock"] == "10.99.0.0/24"]
    endpoints = [e for e in ec2.describe_vpc_endpoints()["VpcEndpoints"] if e["VpcId"] == vpc["VpcId"]]
    assert {e["ServiceName"].partition("ap-northeast-2.")[2] for e in endpoints} == {"ecr.api", "ecr.dkr", "s3"}
    groups = ec2.describe_security_groups()["SecurityGroups"]
    opened = {
        group["VpcId"]: [
            (rule["FromPort"], rule["ToPort"], cidr["CidrIp"])
            for rule in group["IpPermissions"]
            for cidr in rule["IpRanges"]
        ]
        for group in groups
        if group["Description"] == "Endpoints of the registry trial"
    }
    assert opened == {
        vpc["VpcId"]: [(443, 443, "10.99.0.0/24")],
        "vpc-87654321": [(443, 443, "10.1.0.0/16")],
    }
