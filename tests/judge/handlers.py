"""What the handlers of CloudFormation's resource types do, and to what, for the resources of synthesized templates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint

from registry.execution import execution_policies
from registry.locations import Location
from registry.model import ExistingRole, Registry
from tests.judge.engine import Case
from tests.synth import Templates

ROLE = "cdk-hnb659fds-cfn-exec-role"
BOUNDARY = "iam:DeleteRolePermissionsBoundary"  # where there is a boundary it must not go
SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas" / "resources"
#: What a handler could do and these stacks never ask for, and why.
NOT_ASKED_FOR = {
    "iam:AttachGroupPolicy": "policies are attached to roles",
    "iam:AttachUserPolicy": "policies are attached to roles",
    "iam:DetachGroupPolicy": "policies are attached to roles",
    "iam:DetachUserPolicy": "policies are attached to roles",
    "iam:PutRolePolicy": "roles have no policies of their own",
    "iam:DeleteRolePolicy": "roles have no policies of their own",
    "iam:ListOpenIDConnectProviders": "of the handler that lists all",
    "kms:ListKeys": "of the handler that lists all",
    "ec2:AssociateSubnetCidrBlock": "subnets have one block of addresses",
    "ec2:CreateVpcEncryptionControl": "no encryption controls",
    "ec2:DescribeVpcEncryptionControls": "no encryption controls",
    "ec2:DisassociateSubnetCidrBlock": "subnets have one block of addresses",
    "ec2:ModifyVpcTenancy": "no dedicated hosts",
    "ec2:ReplaceRouteTableAssociation": "an association is made anew",
    "vpc-lattice:CreateServiceNetworkVpcEndpointAssociation": "endpoints of AWS's services",
    "vpc-lattice:DescribeServiceNetworkVpcEndpointAssociation": "endpoints of AWS's services",
    "vpce:AllowMultiRegion": "endpoints in their own region",
}
BOUNDED = ("iam:CreateRole", "iam:PutRolePermissionsBoundary")
Asked = tuple[str, dict[str, Any]]
ATTACHING = ("iam:AttachRolePolicy", "iam:DetachRolePolicy")
EC2 = {
    "AWS::EC2::RouteTable": "route-table",
    "AWS::EC2::SecurityGroup": "security-group",
    "AWS::EC2::Subnet": "subnet",
    "AWS::EC2::SubnetRouteTableAssociation": "route-table",
    "AWS::EC2::VPC": "vpc",
    "AWS::EC2::VPCEndpoint": "vpc-endpoint",
}
CREATES = {
    "AWS::EC2::RouteTable": "RouteTable",
    "AWS::EC2::SecurityGroup": "SecurityGroup",
    "AWS::EC2::Subnet": "Subnet",
    "AWS::EC2::VPC": "Vpc",
    "AWS::EC2::VPCEndpoint": "VpcEndpoint",
}
OF_TEMPLATES = ("ecr:CreateRepository", "ecr:PutLifecyclePolicy", "ecr:SetRepositoryPolicy")
#: The key policy of a key that exists, as KMS makes it: IAM of the account decides.
ANY_KEY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}],
}


@cache
def handlers() -> dict[str, set[str]]:
    """The permissions of a type's handlers, by type."""
    found: dict[str, set[str]] = {}
    for file in SCHEMAS.glob("*.json"):
        schema = json.loads(file.read_text())
        for name, handler in schema.get("handlers", {}).items():
            if name != "list":
                found.setdefault(schema["typeName"], set()).update(handler.get("permissions", ()))
    return found


@dataclass(frozen=True)
class Asking:
    """A handler that does an action for a resource of a template."""

    registry: Registry
    at: Location
    kind: str
    properties: dict[str, Any]
    resources: dict[str, Any]

    def on(self, action: str) -> Iterator[Asked]:
        """The resources and the condition keys with which it does the action."""
        service = action.partition(":")[0]
        if action == "iam:CreateServiceLinkedRole":
            yield from self._service_linked_role()
        elif action == "iam:PassRole":
            if passed := self.properties.get("CustomRoleArn"):
                yield passed, {"iam:PassedToService": "ecr.amazonaws.com"}
        elif action == "secretsmanager:GetSecretValue":
            if secret := self.properties.get("CredentialArn"):
                yield secret, {}
        elif service == "inspector2":
            if self.properties["ScanType"] == "ENHANCED":
                yield "*", {"aws:RequestedRegion": self.at.region}
        else:
            yield from {"iam": self._iam, "kms": self._kms, "ecr": self._ecr, "ec2": self._ec2}[service](action)

    def _service_linked_role(self) -> Iterator[Asked]:
        enhanced = self.kind == "AWS::ECR::RegistryScanningConfiguration"
        if not enhanced or self.properties["ScanType"] == "ENHANCED":
            name = "inspector2.amazonaws.com" if enhanced else "replication.ecr.amazonaws.com"
            yield self._arn("role", "/aws-service-role/", f"{name}/x"), {"iam:AWSServiceName": name}

    def _iam(self, action: str) -> Iterator[Asked]:
        named = self.properties
        if action in ATTACHING:
            if self.kind == "AWS::IAM::ManagedPolicy":
                policy = self._arn("policy", named["Path"], named["ManagedPolicyName"])
                yield from ((role, {"iam:PolicyARN": policy}) for role in self._roles())
        elif self.kind == "AWS::IAM::Role":
            boundary = named.get("PermissionsBoundary") if action in BOUNDED else None
            role = self._arn("role", named.get("Path", "/"), named["RoleName"])
            yield role, {"iam:PermissionsBoundary": boundary} if boundary else {}
        elif self.kind == "AWS::IAM::ManagedPolicy":
            yield self._arn("policy", named["Path"], named["ManagedPolicyName"]), {}
        else:
            yield self._arn("oidc-provider", "/", named["Url"].removeprefix("https://")), {}

    def _roles(self) -> Iterator[str]:
        for each in self.properties.get("Roles", ()):
            if isinstance(each, dict):
                made = self.resources[each["Ref"]]["Properties"]
                yield self._arn("role", made.get("Path", "/"), made["RoleName"])
            else:
                existing = [it for it in self.registry.principals if isinstance(it, ExistingRole)]
                yield next(it.arn for it in existing if it.role_name == each)

    def _kms(self, action: str) -> Iterator[Asked]:
        key = f"arn:aws:kms:{self.at.region}:{self.at.account}:key/12345678-1234-1234-1234-123456789012"
        tagged = {"aws:ResourceTag/ecr-registry": self.registry.name}
        if self.kind == "AWS::ECR::Repository":
            if self.properties["EncryptionConfiguration"]["EncryptionType"] == "KMS":
                via = f"ecr.{self.at.region}.amazonaws.com"
                yield key, {"kms:ViaService": via, "kms:CallerAccount": self.at.account}
        elif action == "kms:CreateKey":
            yield "*", {"aws:RequestTag/ecr-registry": self.registry.name}
        elif action == "kms:ListAliases":
            yield "*", {}
        elif self.kind == "AWS::KMS::Alias":
            yield f"arn:aws:kms:{self.at.region}:{self.at.account}:{self.properties['AliasName']}", {}
            yield key, tagged
        else:
            yield key, tagged

    def _ecr(self, action: str) -> Iterator[Asked]:
        repositories = f"arn:aws:ecr:{self.at.region}:{self.at.account}:repository"
        if self.kind == "AWS::ECR::Repository":
            yield f"{repositories}/{self.properties['RepositoryName']}", {}
        elif action in OF_TEMPLATES:
            yield f"{repositories}/{self.properties['Prefix']}/x", {}
        else:
            yield "*", {"aws:RequestedRegion": self.at.region}

    def _ec2(self, action: str) -> Iterator[Asked]:
        name = action.removeprefix("ec2:")
        if name.startswith("Describe"):
            yield "*", {"aws:RequestedRegion": self.at.region}
            return
        own = EC2[self.kind]
        arn = f"arn:aws:ec2:{self.at.region}:{self.at.account}:{{}}/x"
        tagged = {"aws:ResourceTag/ecr-registry": self.registry.name}
        if name == "CreateTags":
            yield arn.format(own), {"ec2:CreateAction": f"Create{CREATES[self.kind]}"}
            yield arn.format(own), tagged
        elif name == "ModifyVpcEndpoint":
            yield arn.format(own), tagged
            yield from ((arn.format(kind), {}) for kind in ("subnet", "security-group", "route-table"))
        elif name == "CreateVpcEndpoint":
            yield from ((arn.format(kind), {}) for kind in (own, "vpc", "subnet", "security-group", "route-table"))
        elif name in ("AssociateRouteTable", "DisassociateRouteTable"):
            yield from ((arn.format(kind), {}) for kind in ("route-table", "subnet"))
        elif name in ("CreateSecurityGroup", "CreateSubnet", "CreateRouteTable"):
            yield from ((arn.format(kind), {}) for kind in (own, "vpc"))
        else:
            yield arn.format(own), {} if name == "CreateVpc" else tagged

    def _arn(self, kind: str, path: str, name: str) -> str:
        return f"arn:aws:iam::{self.at.account}:{kind}{path}{name}"


def needed(registry: Registry, templates: Templates) -> Iterator[Case]:
    """What the handlers of every resource of every template need."""
    for path, template in templates.items():
        at = Location(*path.split("/")[:2])
        policies = execution_policies(registry, at.account)
        bounded = registry.roles.permissions_boundary and at.account == registry.account
        for logical_id, resource in template["Resources"].items():
            kind = resource["Type"]
            asking = Asking(registry, at, kind, resource.get("Properties", {}), template["Resources"])
            for action in sorted(handlers()[kind] - set(NOT_ASKED_FOR)):
                if action == BOUNDARY and bounded:
                    continue
                for number, (arn, context) in enumerate(asking.on(action)):
                    yield Case(
                        id=f"{path} {logical_id} {action} {number}",
                        principal=f"arn:aws:iam::{at.account}:role/{ROLE}-{at.account}-{at.region}",
                        action=action,
                        resource=arn,
                        account=at.account,
                        identity=policies,
                        resource_policy=_key_policy(templates, at, resource) if ":key/" in arn else None,
                        context=context,
                    )


def _key_policy(templates: Templates, at: Location, resource: dict[str, Any]) -> dict[str, Any]:
    """The policy of the key a resource is, or is encrypted with: the one made in the same place, or any."""
    made = [r for r in templates[f"{at}/Registry"]["Resources"].values() if r["Type"] == "AWS::KMS::Key"]
    encryption = resource.get("Properties", {}).get("EncryptionConfiguration", {})
    aliases = [
        r["Properties"]["AliasName"]
        for r in templates[f"{at}/Registry"]["Resources"].values()
        if r["Type"] == "AWS::KMS::Alias"
    ]
    if made and (resource["Type"].startswith("AWS::KMS::") or encryption.get("KmsKey") in aliases):
        return dict(made[0]["Properties"]["KeyPolicy"])
    return ANY_KEY
