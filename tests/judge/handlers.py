"""What the handlers of CloudFormation's resource types do, and to what, from one deploy to the next."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint

from registry.locations import Location
from registry.model import ExistingRole, Registry

ANY_BOUNDARY = "arn:aws:iam::{account}:policy/of-another-team"
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
    "kms:DisableKey": "keys stay enabled",
    "kms:DisableKeyRotation": "keys rotate",
    "ec2:AssociateSubnetCidrBlock": "subnets have one block of addresses",
    "ec2:CreateVpcEncryptionControl": "no encryption controls",
    "ec2:DescribeVpcEncryptionControls": "no encryption controls",
    "ec2:DisassociateSubnetCidrBlock": "subnets have one block of addresses",
    "ec2:ModifyVpcTenancy": "no dedicated hosts",
    "ec2:ReplaceRouteTableAssociation": "an association is made anew",
    "chatbot:AssociateToConfiguration": "chats have no custom actions",
    "chatbot:DisassociateFromConfiguration": "chats have no custom actions",
    "secretsmanager:GetRandomPassword": "secrets are made with a text",
    "secretsmanager:ListSecrets": "of the handler that lists all",
    "secretsmanager:RemoveRegionsFromReplication": "secrets are of one region",
    "secretsmanager:ReplicateSecretToRegions": "secrets are of one region",
    "sns:PutDataProtectionPolicy": "no data protection policies",
    "vpc-lattice:CreateServiceNetworkVpcEndpointAssociation": "endpoints of AWS's services",
    "vpc-lattice:DescribeServiceNetworkVpcEndpointAssociation": "endpoints of AWS's services",
    "vpce:AllowMultiRegion": "endpoints in their own region",
}
for _reason, _actions in {
    "the bucket of a pipeline has nothing of the kind": (
        "CreateBucketMetadataTableConfiguration DeleteBucketAnalyticsConfiguration DeleteBucketCors "
        "DeleteBucketEncryption DeleteBucketLifecycle DeleteBucketMetadataTableConfiguration "
        "DeleteBucketMetricsConfiguration DeleteBucketReplication DeleteBucketWebsite DeleteObject "
        "PutAccelerateConfiguration PutAnalyticsConfiguration PutBucketAbac PutBucketAcl PutBucketCORS "
        "PutBucketLogging PutBucketNotification PutBucketObjectLockConfiguration PutBucketReplication "
        "PutBucketVersioning PutBucketWebsite PutIntelligentTieringConfiguration PutInventoryConfiguration "
        "PutMetricsConfiguration PutObjectAcl PutObjectLockConfiguration PutReplicationConfiguration REST.PUT.OBJECT "
        "UpdateBucketMetadataAnnotationTableConfiguration UpdateBucketMetadataInventoryTableConfiguration "
        "UpdateBucketMetadataJournalTableConfiguration"
    ),
    "log groups are kept for some days, and nothing more": (
        "AssociateKmsKey CreateLogDelivery DeleteDataProtectionPolicy DeleteIndexPolicy DeleteResourcePolicy "
        "DisassociateKmsKey PutBearerTokenAuthentication PutDataProtectionPolicy PutIndexPolicy "
        "PutLogGroupDeletionProtection PutResourcePolicy"
    ),
    "no deploy starts a run, or stops a stage": ("DisableStageTransition EnableStageTransition StartPipelineExecution"),
}.items():
    _services = {"t": "s3", "l": "logs", "n": "codepipeline"}
    NOT_ASKED_FOR |= {f"{_services[_reason[0]]}:{_action}": _reason for _action in _actions.split()}
NOT_ASKED_FOR |= {
    f"s3tables:{_action}": "buckets have no tables"
    for _action in ("CreateNamespace", "CreateTable", "CreateTableBucket", "GetTable", "GetTableMetadataLocation",
                    "PutTableBucketPolicy", "PutTableEncryption", "PutTablePolicy", "UpdateTableMetadataLocation")
}  # fmt: skip
NOT_ASKED_FOR["firehose:TagDeliveryStream"] = "log groups have no delivery"
BOUNDED = ("iam:CreateRole", "iam:PutRolePermissionsBoundary")
#: What the schema leaves out, from the Service Authorization Reference's dependent actions.
DEPENDENT = {("AWS::EC2::VPCEndpoint", "create"): {"route53:AssociateVPCWithHostedZone"}}
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
SUBSCRIBED = ("sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes", "sns:Unsubscribe")
OF_TEMPLATES = ("ecr:CreateRepository", "ecr:PutLifecyclePolicy", "ecr:SetRepositoryPolicy")


def any_key(account: str) -> dict[str, Any]:
    """The key policy of a key that exists, as KMS makes it: IAM of the account decides.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    root = {"AWS": f"arn:aws:iam::{account}:root"}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}],
    }


@cache
def handlers() -> dict[str, dict[str, set[str]]]:
    """The permissions of a type's handlers, by type and handler."""
    found: dict[str, dict[str, set[str]]] = {}
    for file in SCHEMAS.glob("*.json"):
        schema = json.loads(file.read_text())
        kind = schema["typeName"]
        for name, handler in schema.get("handlers", {}).items():
            if name != "list":
                found.setdefault(kind, {})[name] = {*handler.get("permissions", ()), *DEPENDENT.get((kind, name), ())}
    # The type is older than the schemas with handlers: these are the calls of its page.
    found["AWS::CodeBuild::Project"] = {
        "create": {"codebuild:CreateProject", "iam:PassRole"},
        "read": {"codebuild:BatchGetProjects"},
        "update": {"codebuild:UpdateProject", "iam:PassRole"},
        "delete": {"codebuild:DeleteProject"},
    }
    # A connection of either name is asked for by the action of the same one.
    for name in ("create", "update"):
        found["AWS::CodePipeline::Pipeline"][name].add("codeconnections:PassConnection")
    return found


@dataclass(frozen=True)
class Asking:
    """A handler that does an action for a resource of a template; `before` are its properties as deployed."""

    registry: Registry
    at: Location
    kind: str
    handler: str
    properties: dict[str, Any]
    before: dict[str, Any]
    resources: dict[str, Any]

    @property
    def tag(self) -> dict[str, Any]:
        """What the resource has where it is there already."""
        return {"aws:ResourceTag/ecr-registry": self.registry.name}

    @property
    def tagging(self) -> dict[str, Any]:
        """What the request says that makes it."""
        return {"aws:RequestTag/ecr-registry": self.registry.name}

    def on(self, action: str) -> Iterator[Asked]:
        """The resources and the condition keys with which it does the action."""
        service = action.partition(":")[0]
        if action == "iam:CreateServiceLinkedRole":
            yield from self._service_linked_role()
        elif action == "iam:PassRole":
            yield from self._passed()
        elif service == "secretsmanager":
            yield from ((secret, {}) for secret in self._secrets())
        elif service in ("codeconnections", "codestar-connections"):
            source = self.properties["Stages"][0]["Actions"][0]["Configuration"]["ConnectionArn"]
            if f":{service}:" in source:
                yield source, {}
        elif service in ("codebuild", "codepipeline", "logs", "s3"):
            yield self._of_pipeline(service, action)
        elif service == "route53":
            if self.properties.get("PrivateDnsEnabled"):
                vpc = self.properties["VpcId"]
                named = vpc if isinstance(vpc, str) else "vpc-0123456789abcdef0"
                yield "*", {"route53:VPCs": [f"VPCId={named},VPCRegion={self.at.region}"]}
        else:
            yield from {
                "iam": self._iam,
                "kms": self._kms,
                "ecr": self._ecr,
                "ecr-public": self._ecr_public,
                "ec2": self._ec2,
                "events": self._events,
                "sns": self._sns,
                "sqs": self._sqs,
                "cloudwatch": self._cloudwatch,
                "chatbot": self._chatbot,
                "signer": self._signer,
                "inspector2": self._inspector,
                "eks": self._eks,
            }[service](action)

    def _secrets(self) -> Iterator[str]:
        """The secret itself, or that of a cache rule, which may be of the same template."""
        secret = self.properties.get("CredentialArn") or self.properties.get("Name")
        if isinstance(secret, dict):
            secret = self.resources[secret["Fn::GetAtt"][0]]["Properties"]["Name"]
        if secret is not None:
            begin = f"arn:aws:secretsmanager:{self.at.region}:{self.at.account}:secret:"
            yield secret if secret.startswith("arn:") else f"{begin}{secret}-AbCdEf"

    def _passed(self) -> Iterator[Asked]:
        if passed := self.properties.get("CustomRoleArn"):
            yield passed, {"iam:PassedToService": "ecr.amazonaws.com"}
        if passed := self.properties.get("ServiceRole"):
            yield passed, {"iam:PassedToService": "codebuild.amazonaws.com"}
        if passed := self.properties.get("IamRoleArn"):
            yield self._role_of(passed), {"iam:PassedToService": "chatbot.amazonaws.com"}
        if passed := self.properties.get("RoleArn"):
            to = "pods.eks" if self.kind == "AWS::EKS::PodIdentityAssociation" else "codepipeline"
            yield self._role_of(passed), {"iam:PassedToService": f"{to}.amazonaws.com"}

    def _role_of(self, reference: dict[str, Any]) -> str:
        """The ARN of a role of the same template."""
        role = self.resources[reference["Fn::GetAtt"][0]]["Properties"]
        return self._arn("role", role["Path"], role["RoleName"])

    def _of_pipeline(self, service: str, action: str) -> Asked:
        begin = f"arn:aws:{service}:{self.at.region}:{self.at.account}"
        if service == "s3":
            bucket = self.properties.get("BucketName") or self.resources["Artifacts"]["Properties"]["BucketName"]
            return f"arn:aws:s3:::{bucket}", {}
        if service == "logs":
            reads = action.partition(":")[2].startswith(("Describe", "Get"))
            group = f"{begin}:log-group:{self.properties['LogGroupName']}"
            return ("*", {"aws:RequestedRegion": self.at.region}) if reads else (group, {})
        name = self.properties["Name"]
        return f"{begin}:{name}" if service == "codepipeline" else f"{begin}:project/{name}", {}

    def _service_linked_role(self) -> Iterator[Asked]:
        if self.kind.startswith("AWS::Chatbot::"):
            name = "management.chatbot.amazonaws.com"
            yield self._arn("role", "/aws-service-role/", f"{name}/x"), {"iam:AWSServiceName": name}
            return
        enhanced = self.kind == "AWS::ECR::RegistryScanningConfiguration"
        if not enhanced or self.properties["ScanType"] == "ENHANCED":
            name = "inspector2.amazonaws.com" if enhanced else "replication.ecr.amazonaws.com"
            yield self._arn("role", "/aws-service-role/", f"{name}/x"), {"iam:AWSServiceName": name}

    def _iam(self, action: str) -> Iterator[Asked]:
        named = self.properties
        if self.kind.startswith("AWS::SNS::"):
            return  # topics log no deliveries, and subscriptions lead to no stream, so neither has a role
        if self.kind in ("AWS::CodePipeline::Pipeline", "AWS::EKS::PodIdentityAssociation"):
            yield self._role_of(named["RoleArn"]), {}
        elif action in ATTACHING:
            if self.kind == "AWS::IAM::ManagedPolicy":
                policy = self._arn("policy", named["Path"], named["ManagedPolicyName"])
                yield from ((role, {"iam:PolicyARN": policy, **bounded}) for role, bounded in self._roles())
        elif self.kind == "AWS::IAM::Role":
            boundary = named.get("PermissionsBoundary") if action in BOUNDED else None
            role = self._arn("role", named.get("Path", "/"), named["RoleName"])
            yield role, {"iam:PermissionsBoundary": boundary} if boundary else {}
        elif self.kind == "AWS::IAM::ManagedPolicy":
            yield self._arn("policy", named["Path"], named["ManagedPolicyName"]), {}
        else:
            yield self._arn("oidc-provider", "/", named["Url"].removeprefix("https://")), {}

    def _roles(self) -> Iterator[Asked]:
        """The roles of a policy; one that exists has a boundary unless its principal says that it has none."""
        for each in self.properties.get("Roles", ()):
            if isinstance(each, dict):
                made = self.resources[each["Ref"]]["Properties"]
                role = self._arn("role", made.get("Path", "/"), made["RoleName"])
                boundary = made.get("PermissionsBoundary")
            else:
                existing = [it for it in self.registry.principals if isinstance(it, ExistingRole)]
                principal = next((it for it in existing if it.role_name == each), None)
                role = principal.arn if principal else self._arn("role", "/", each)
                bounded = principal is not None and principal.bounded and self.registry.roles.boundaries
                boundary = ANY_BOUNDARY.format(account=self.at.account) if bounded else None
            yield role, {"iam:PermissionsBoundary": boundary} if boundary else {}

    def _kms(self, action: str) -> Iterator[Asked]:
        key = f"arn:aws:kms:{self.at.region}:{self.at.account}:key/12345678-1234-1234-1234-123456789012"
        if self.kind == "AWS::ECR::Repository":
            if action == "kms:CreateGrant" and self.handler == "delete":
                return
            if self.properties["EncryptionConfiguration"]["EncryptionType"] == "KMS":
                via = f"ecr.{self.at.region}.amazonaws.com"
                yield key, {"kms:ViaService": via, "kms:CallerAccount": self.at.account}
        elif action == "kms:CreateKey":
            yield "*", {**self.tagging, "aws:RequestedRegion": self.at.region}
        elif action == "kms:TagResource" and self.handler == "create":
            yield key, {**self.tagging, "aws:RequestedRegion": self.at.region}  # it has no tag yet
        elif action == "kms:ListAliases":
            yield "*", {}
        elif self.kind == "AWS::KMS::Alias":
            yield f"arn:aws:kms:{self.at.region}:{self.at.account}:{self.properties['AliasName']}", {}
            yield key, self.tag
        else:
            yield key, self.tag

    def _ecr(self, action: str) -> Iterator[Asked]:
        repositories = f"arn:aws:ecr:{self.at.region}:{self.at.account}:repository"
        if self.kind == "AWS::ECR::Repository":
            yield f"{repositories}/{self.properties['RepositoryName']}", {}
        elif action in OF_TEMPLATES:
            yield f"{repositories}/{self.properties['Prefix']}/x", {}
        else:
            yield "*", {"aws:RequestedRegion": self.at.region}

    def _ecr_public(self, action: str) -> Iterator[Asked]:
        del action
        yield f"arn:aws:ecr-public::{self.at.account}:repository/{self.properties['RepositoryName']}", {}

    def _sns(self, action: str) -> Iterator[Asked]:
        if action in SUBSCRIBED:  # the Service Authorization Reference has no resource type for these
            yield "*", {"aws:RequestedRegion": self.at.region}
            return
        named = self.properties
        referred = named["Topics"] if self.kind == "AWS::SNS::TopicPolicy" else [named.get("TopicArn")]
        topics = [self.resources[each["Ref"]]["Properties"]["TopicName"] for each in referred if each]
        topics = topics or [named["TopicName"]]
        yield from ((f"arn:aws:sns:{self.at.region}:{self.at.account}:{topic}", {}) for topic in topics)

    def _sqs(self, action: str) -> Iterator[Asked]:
        del action
        named = self.properties if self.kind == "AWS::SQS::Queue" else self.resources["DeadLetters"]["Properties"]
        yield f"arn:aws:sqs:{self.at.region}:{self.at.account}:{named['QueueName']}", {}

    def _events(self, action: str) -> Iterator[Asked]:
        known: dict[str, Any] = {}
        if action == "events:PutTargets":
            topics = [self.resources[it["Arn"]["Ref"]]["Properties"]["TopicName"] for it in self.properties["Targets"]]
            known = {"events:TargetArn": [f"arn:aws:sns:{self.at.region}:{self.at.account}:{it}" for it in topics]}
        yield f"arn:aws:events:{self.at.region}:{self.at.account}:rule/{self.properties['Name']}", known

    def _cloudwatch(self, action: str) -> Iterator[Asked]:
        arn = f"arn:aws:cloudwatch:{{}}:{self.at.account}:{{}}"
        if self.kind == "AWS::CloudWatch::Dashboard":
            yield arn.format("", f"dashboard/{self.properties['DashboardName']}"), {}
        elif action == "cloudwatch:DescribeAlarms":  # CloudWatch asks about all of them
            yield arn.format(self.at.region, "alarm:*"), {}
        else:
            yield arn.format(self.at.region, f"alarm:{self.properties['AlarmName']}"), {}

    def _inspector(self, action: str) -> Iterator[Asked]:
        if self.kind == "AWS::InspectorV2::Filter" and not action.startswith("inspector2:List"):  # which have no type
            owner = f"{self.at.region}:{self.at.account}:owner/{self.at.account}"
            yield f"arn:aws:inspector2:{owner}/filter/a1b2c3", {}
            return
        scans = {"inspector2:Enable": (self.properties,)}.get(action, (self.properties, self.before))
        enhanced = any(each.get("ScanType") == "ENHANCED" for each in scans) and self.handler != "delete"
        if enhanced or self.kind == "AWS::InspectorV2::Filter":
            yield "*", {"aws:RequestedRegion": self.at.region}

    def _signer(self, action: str) -> Iterator[Asked]:
        profiles = f"arn:aws:signer:{self.at.region}:{self.at.account}:/signing-profiles/"
        if action == "signer:PutSigningProfile":  # the Service Authorization Reference has no type for it
            yield "*", {"aws:RequestedRegion": self.at.region}
        else:
            yield f"{profiles}{self.properties['ProfileName']}", {}

    def _chatbot(self, action: str) -> Iterator[Asked]:
        part = "slack-channel" if "Slack" in self.kind else "microsoft-teams-channel"
        arn = f"arn:aws:chatbot::{self.at.account}:chat-configuration/{part}/{self.properties['ConfigurationName']}"
        without_type = ("Create", "Describe", "Get", "ListTags")
        yield "*" if action.removeprefix("chatbot:").startswith(without_type) else arn, {}

    def _eks(self, action: str) -> Iterator[Asked]:
        arn, cluster = f"arn:aws:eks:{self.at.region}:{self.at.account}", self.properties["ClusterName"]
        creates = action == "eks:CreatePodIdentityAssociation"
        yield f"{arn}:cluster/{cluster}" if creates else f"{arn}:podidentityassociation/{cluster}/a-1", {}

    def _ec2(self, action: str) -> Iterator[Asked]:
        name = action.removeprefix("ec2:")
        if name.startswith("Describe"):
            yield "*", {"aws:RequestedRegion": self.at.region}
            return
        own = EC2[self.kind]
        arn = f"arn:aws:ec2:{self.at.region}:{self.at.account}:{{}}/x"
        if name == "CreateTags" and self.kind not in CREATES:
            return
        if name == "CreateTags":
            if self.handler == "create":
                yield arn.format(own), {"ec2:CreateAction": f"Create{CREATES[self.kind]}"}
            yield arn.format(own), self.tag
        elif name == "ModifyVpcEndpoint":
            yield arn.format(own), self.tag
            yield from ((arn.format(kind), {}) for kind in ("subnet", "security-group", "route-table"))
        elif name == "CreateVpcEndpoint":
            yield from ((arn.format(kind), {}) for kind in (own, "vpc", "subnet", "security-group", "route-table"))
        elif name in ("AssociateRouteTable", "DisassociateRouteTable"):
            yield from ((arn.format(kind), self.tag) for kind in ("route-table", "subnet"))
        elif name == "CreateSecurityGroup":
            yield from ((arn.format(kind), {}) for kind in (own, "vpc"))
        elif name in ("CreateSubnet", "CreateRouteTable"):
            yield arn.format(own), self.tagging
            yield arn.format("vpc"), self.tag
        else:
            yield arn.format(own), self.tagging if name == "CreateVpc" else self.tag

    def _arn(self, kind: str, path: str, name: str) -> str:
        return f"arn:aws:iam::{self.at.account}:{kind}{path}{name}"
