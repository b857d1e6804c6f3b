"""The Network stack: which endpoints are made, where, and who can connect to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stacks.network import NetworkStack
from tests.synth import SMALL, Templates, declared, resources, synthesized

ENDPOINT, GROUP = "AWS::EC2::VPCEndpoint", "AWS::EC2::SecurityGroup"
BEFORE = (
    f'{SMALL}principals: {{nodes: {{role: "arn:aws:iam::123456789012:role/eks-node"}}}}\n'
    "repositories: {web/api: {pull: [nodes]}}\n"
    "acceptances: [{rule: network-s3-gateway, reason: a test}]\n"
)
GIVEN = "id: vpc-12345678, cidr: 10.0.0.0/16, subnets: [subnet-12345678, subnet-87654321]"


def made(network: str, folder: Path) -> Templates:
    text = f"{BEFORE}network: [{network}]\n"
    if "gateway" not in text.partition("network: [")[2]:
        text = text.replace("acceptances: [{rule: network-s3-gateway, reason: a test}]\n", "")
    return {path: found for path, found in synthesized(declared(text), folder)[1].items() if "/Network-" in path}


def endpoints(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = [dict(resource["Properties"]) for resource in resources(template, ENDPOINT)]
    return {endpoint["ServiceName"]: endpoint for endpoint in found}


def test_given_groups_are_used_and_none_is_made(tmp_path: Path) -> None:
    (template,) = made(f"{{vpc: {{{GIVEN}, security_groups: [sg-12345678]}}}}", tmp_path).values()
    assert [resource["Type"] for resource in template["Resources"].values()] == [ENDPOINT, ENDPOINT]
    for endpoint in endpoints(template).values():
        assert endpoint["SecurityGroupIds"] == ["sg-12345678"]
        assert endpoint["SubnetIds"] == ["subnet-12345678", "subnet-87654321"]
        assert endpoint["PrivateDnsEnabled"] is True
        assert endpoint["VpcEndpointType"] == "Interface"
        assert endpoint["VpcId"] == "vpc-12345678"


def test_a_group_of_our_own_lets_in_https_from_the_cidrs_and_nothing_out(tmp_path: Path) -> None:
    vpc = GIVEN.replace("10.0.0.0/16", '[10.0.0.0/16, "2600:1f14:abc::/56"]')
    (template,) = made(f"{{vpc: {{{vpc}}}}}", tmp_path).values()
    (group,) = resources(template, GROUP)
    rules = group["Properties"]["SecurityGroupIngress"]
    assert [(rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) for rule in rules] == [("tcp", 443, 443)] * 2
    assert [rule.get("CidrIp", rule.get("CidrIpv6")) for rule in rules] == ["10.0.0.0/16", "2600:1f14:abc::/56"]
    assert [rule["CidrIp"] for rule in group["Properties"]["SecurityGroupEgress"]] == ["255.255.255.255/32"]
    for endpoint in endpoints(template).values():
        assert endpoint["SecurityGroupIds"][0]["Fn::GetAtt"][1] == "GroupId"


def test_a_stack_is_deployed_to_the_account_and_region_of_its_vpc(tmp_path: Path) -> None:
    text = BEFORE.partition("acceptances")[0] + "replicas: {us-west-2: }\n"
    network = f'{{account: "210987654321", region: us-west-2, vpc: {{{GIVEN}}}}}'
    app, _ = synthesized(declared(f"{text}network: [{network}]\n"), tmp_path)
    (stack,) = [child for child in app.node.find_all() if isinstance(child, NetworkStack)]
    assert stack.node.path == "210987654321/us-west-2/Network-vpc-12345678"
    assert (stack.account, stack.region) == ("210987654321", "us-west-2")


def test_nothing_is_deployed_where_others_own_every_endpoint(tmp_path: Path) -> None:
    assert made("{vpc: {id: vpc-12345678, existing: [ecr.api, ecr.dkr]}}", tmp_path) == {}


def test_further_endpoints_dual_stack_and_the_gateway_come_on_request(tmp_path: Path) -> None:
    network = f"{{vpc: {{{GIVEN}, s3: gateway, route_tables: [rtb-12345678]}}, also: [logs, sts], dual_stack: true}}"
    (template,) = made(network, tmp_path).values()
    found = endpoints(template)
    gateway = found.pop("com.amazonaws.ap-northeast-2.s3")
    assert {name.partition("ap-northeast-2.")[2] for name in found} == {"ecr.api", "ecr.dkr", "sts", "logs"}
    assert {endpoint["IpAddressType"] for endpoint in found.values()} == {"dualstack"}
    # Else nodes that reach ECR by IPv6 find no layers: AmazonECR/latest/userguide/vpc-endpoints.html
    assert (gateway["IpAddressType"], gateway["DnsOptions"]) == ("dualstack", {"DnsRecordIpType": "dualstack"})
    assert gateway["VpcEndpointType"] == "Gateway"
    assert gateway["RouteTableIds"] == ["rtb-12345678"]
    assert "SubnetIds" not in gateway


def test_a_trial_has_a_vpc_with_two_subnets_and_no_way_out(tmp_path: Path) -> None:
    (template,) = made("{trial_vpc: {name: trial, cidr: 10.99.0.0/24}}", tmp_path).values()
    kinds = [resource["Type"] for resource in template["Resources"].values()]
    assert kinds.count("AWS::EC2::VPC") == 1
    assert not {"AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::Route"} & set(kinds)
    subnets = [resource["Properties"] for resource in resources(template, "AWS::EC2::Subnet")]
    assert [subnet["CidrBlock"] for subnet in subnets] == ["10.99.0.0/26", "10.99.0.64/26"]
    assert [subnet["AvailabilityZone"]["Fn::Select"][0] for subnet in subnets] == [0, 1]
    found = endpoints(template)
    assert len(found["com.amazonaws.ap-northeast-2.ecr.dkr"]["SubnetIds"]) == 2
    assert len(found["com.amazonaws.ap-northeast-2.s3"]["RouteTableIds"]) == 1
    assert {endpoint["VpcId"]["Ref"] for endpoint in found.values()} == {
        name for name, resource in template["Resources"].items() if resource["Type"] == "AWS::EC2::VPC"
    }
