"""What somebody who deploys would try, to get beyond the registry: none of it may be allowed to CloudFormation.

Whoever deploys writes the templates, so whatever CloudFormation may do they may do, with any content.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from registry import naming
from registry.access.cache_role import cache_role_arn, role_of_cache
from registry.access.creation_role import creation_role_arn, role_of
from registry.access.profiles import named_in
from registry.access.signers import profiles_in
from registry.access.trust import made_providers
from registry.locations import Location
from registry.model import ExistingRole, PodIdentity, Registry
from registry.model.accepted_findings import filter_arn
from registry.model.signing_profiles import signing_profile_arn
from registry.monitoring import names
from registry.monitoring.names import alarm_name, dashboard_arn
from tests.judge.engine import Case, Policy
from tests.judge.handlers import any_key

Door = tuple[str, str, dict[str, Any]]
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ELSEWHERE, STRANGER = "sa-east-1", "999999999999"
TAG = "ecr-registry"
WRITES_POLICIES = ("iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion")
CHANGES_ROLES = ("iam:CreateRole", "iam:DeleteRole", "iam:PutRolePermissionsBoundary", "iam:TagRole", "iam:UpdateRole",
                 "iam:UpdateAssumeRolePolicy")  # fmt: skip
IMAGES = ("BatchDeleteImage", "BatchGetImage", "CompleteLayerUpload", "GetDownloadUrlForLayer", "InitiateLayerUpload",
          "PutImage", "ReplicateImage", "UploadLayerPart")  # fmt: skip


def doors(registry: Registry, account: str, policies: Sequence[Policy]) -> Iterator[Case]:
    """Every door of an account: those of IAM once, the others in each region the registry is in."""
    for index, at in enumerate(registry.stack_locations_in(account)):
        yield from _asked(registry, at, policies, tuple(_tried(registry, at, whole_account=index == 0)))


def _tried(registry: Registry, at: Location, *, whole_account: bool) -> Iterator[Door]:
    kinds = (
        _passing,
        _keys,
        _networks,
        _monitoring,
        _chats,
        _ecr,
        _findings,
        _signing,
        _pods,
        _pipelines,
        _connections,
        _parts,
    )
    for tried in (*((_policies, _roles, _attachments, _providers, _others) if whole_account else ()), *kinds):
        yield from tried(registry, at)


def _asked(registry: Registry, at: Location, policies: Sequence[Policy], tried: Sequence[Door]) -> Iterator[Case]:
    for number, (action, resource, context) in enumerate(tried):
        owner = at.account if resource == "*" else naming.account_of(resource) or at.account
        yield Case(
            id=f"{at} {number} {action} {resource} {context}",
            principal=naming.execution_role_arn(registry.name, at.account, at.region),
            action=action,
            resource=resource,
            account=owner,
            identity=policies,
            resource_policy=any_key(at.account) if ":key/" in resource else None,
            context=context,
        )


def _boundaries(registry: Registry, at: Location) -> dict[str, Any]:
    """What a role of ours has, so that nothing is refused for want of it."""
    boundary = registry.roles.boundary_in(at.account)
    return {"iam:PermissionsBoundary": boundary} if boundary else {}


def _alike(registry: Registry, at: Location, kind: str) -> list[str]:
    """Names around ours: that begin alike, of another registry, of the bootstrap."""
    name, begin = registry.name, f"arn:aws:iam::{at.account}:{kind}"
    return [
        f"{begin}/administrator",
        f"{begin}/{name}",
        f"{begin}/{name}-admin",
        f"{begin}/{name}-platform/Admin",
        f"{begin}/ci/{name}-boundary",
        f"{begin}/ecr-registry/{name}-web/{name}-web-ci",
        f"{begin}/ecr-registry/{name}x/ci",
        f"{begin}/ci/ecr-registry/x{name}/ci",
        f"{begin}/ecr-registry-{name}/ci",
        f"{begin}/my-ecr-registry/{name}/ci",
        f"{begin}/{name}-web-ecr-creation",
        f"{begin}/{name}-ecr-creation2",
        f"{begin}/ci/{name}-ecr-creation",
        f"{begin}/{name}-ecr-cache2",
        f"{begin}/ci/{name}-ecr-cache",
        f"{begin}/cdk-execution/CloudFormation-{name}-1",
        f"arn:aws:iam::{STRANGER}:{kind}/ecr-registry/{name}/ci",
    ]


def _policies(registry: Registry, at: Location) -> Iterator[Door]:
    boundary = registry.roles.boundary_in(at.account)
    for action in WRITES_POLICIES:
        yield from ((action, policy, {}) for policy in [*_alike(registry, at, "policy"), *filter(None, [boundary])])
    own = f"arn:aws:iam::{at.account}:policy{registry.roles.path}x"
    yield "iam:SetDefaultPolicyVersion", own, {}
    for user in ("AttachUserPolicy", "PutUserPolicy", "CreateUser", "CreateAccessKey", "CreateLoginProfile"):
        yield f"iam:{user}", f"arn:aws:iam::{at.account}:user/eve", {}
    yield "iam:AttachGroupPolicy", f"arn:aws:iam::{at.account}:group/admins", {}


def _roles(registry: Registry, at: Location) -> Iterator[Door]:
    bounded = _boundaries(registry, at)
    own = [f"arn:aws:iam::{at.account}:role{registry.roles.path}ci"]
    own += [of(registry.name, at.account, at.region) for of in (creation_role_arn, cache_role_arn)]
    strange = [*_alike(registry, at, "role"), naming.execution_role_arn(registry.name, at.account, at.region),
               naming.deploy_role_arn(registry.name, at.account, at.region),
               f"arn:aws:iam::{at.account}:role/cdk-hnb659fds-cfn-exec-role-{at.account}-{at.region}"]  # fmt: skip
    strange += [it.arn for it in registry.principals if isinstance(it, ExistingRole) and it.account == at.account]
    for action in CHANGES_ROLES:
        known = {} if action == "iam:TagRole" else bounded
        yield from ((action, role, known) for role in strange)
    for role in own:
        yield "iam:PutRolePolicy", role, bounded
        if bounded:
            for action in ("iam:CreateRole", "iam:PutRolePermissionsBoundary"):
                yield action, role, {}
                yield action, role, {"iam:PermissionsBoundary": READ_ONLY}
                yield action, role, {"iam:PermissionsBoundary": f"arn:aws:iam::{at.account}:policy/lenient"}
            yield "iam:DeleteRolePermissionsBoundary", role, bounded


def _attachments(registry: Registry, at: Location) -> Iterator[Door]:
    bounded = _boundaries(registry, at)
    own = f"arn:aws:iam::{at.account}:policy{registry.roles.path}x"
    ours = [f"arn:aws:iam::{at.account}:role{registry.roles.path}ci"]
    ours += [of(registry.name, at.account, at.region) for of in (creation_role_arn, cache_role_arn)]
    existing = [it for it in registry.principals if isinstance(it, ExistingRole) and it.account == at.account]
    known = [*ours, *(it.arn for it in existing)]
    for role in known:
        yield "iam:AttachRolePolicy", role, {"iam:PolicyARN": ADMINISTRATOR, **bounded}
        yield "iam:DetachRolePolicy", role, {"iam:PolicyARN": ADMINISTRATOR, **bounded}
        for policy in ("x", "ci/x", f"ecr-registry/{registry.name}-web/x", f"ci/ecr-registry/{registry.name}-web/x"):
            arn = f"arn:aws:iam::{at.account}:policy/{policy}"
            yield "iam:AttachRolePolicy", role, {"iam:PolicyARN": arn, **bounded}
    for policy in _alike(registry, at, "policy"):
        yield "iam:AttachRolePolicy", ours[0], {"iam:PolicyARN": policy, **bounded}
        yield "iam:DetachRolePolicy", ours[0], {"iam:PolicyARN": policy, **bounded}
    for role in _alike(registry, at, "role"):
        yield "iam:AttachRolePolicy", role, {"iam:PolicyARN": own, **bounded}
    if bounded:
        for role in (*ours, *(it.arn for it in existing if it.bounded)):
            yield "iam:AttachRolePolicy", role, {"iam:PolicyARN": own}
        for lenient in (READ_ONLY, f"arn:aws:iam::{at.account}:policy/lenient"):
            yield "iam:AttachRolePolicy", ours[0], {"iam:PolicyARN": own, "iam:PermissionsBoundary": lenient}


def _passing(registry: Registry, at: Location) -> Iterator[Door]:
    passed = [role for it in registry.templates_in(at) if (role := role_of(registry, it, at))]
    passed += [role for it in registry.caches_in(at).values() if (role := role_of_cache(registry, it, at))]
    to_ecr = {"iam:PassedToService": "ecr.amazonaws.com"}
    for role in _alike(registry, at, "role"):
        yield "iam:PassRole", role, to_ecr
    yield "iam:PassRole", f"arn:aws:iam::{at.account}:role{registry.roles.path}ci", to_ecr
    yield "iam:PassRole", f"arn:aws:iam::{at.account}:role{registry.roles.path}ci", {}
    for role in passed:
        yield "iam:PassRole", role, {}
        for service in (
            "lambda.amazonaws.com",
            "ec2.amazonaws.com",
            "ecr.amazonaws.com.evil",
            "cloudformation.amazonaws.com",
        ):
            yield "iam:PassRole", role, {"iam:PassedToService": service}
    linked = f"arn:aws:iam::{at.account}:role/aws-service-role"
    for service, name in (
        ("replication.ecr.amazonaws.com", "spot.amazonaws.com"),
        ("spot.amazonaws.com", "spot.amazonaws.com"),
        ("spot.amazonaws.com", "replication.ecr.amazonaws.com"),
    ):
        yield "iam:CreateServiceLinkedRole", f"{linked}/{service}/x", {"iam:AWSServiceName": name}


def _providers(registry: Registry, at: Location) -> Iterator[Door]:
    begin = f"arn:aws:iam::{at.account}:oidc-provider/"
    made = {f"{begin}{issuer}" for issuer in made_providers(registry)} if at.account == registry.account else set()
    strange = {f"{begin}evil.example.com", *registry.roles.existing_providers} - made
    strange |= {f"{each.rpartition('/')[0]}/another" for each in made if "/" in each.removeprefix(begin)} - made
    strange |= {f"{begin}{host}" for host in ("token.actions.githubusercontent.com", "gitlab.com")} - made
    for verb in ("AddClientIDTo", "Create", "Delete", "Tag"):
        yield from ((f"iam:{verb}OpenIDConnectProvider", provider, {}) for provider in sorted(strange))


def _others(registry: Registry, at: Location) -> Iterator[Door]:
    """What a template could resolve ({{resolve:secretsmanager:...}}, {{resolve:ssm:...}}), and other services."""
    begin, verbs = "arn:aws:secretsmanager:", ("GetSecretValue", "CreateSecret", "DeleteSecret", "UpdateSecret")
    strange = [
        f"{begin}{here.region}:{at.account}:secret:{name}-AbCdEf"
        for here in registry.locations
        for name in ("prod/database", "ecr-pullthroughcache/another")
    ]
    for name in ("docker-hub", "github"):
        strange.append(f"{begin}{ELSEWHERE}:{at.account}:secret:ecr-pullthroughcache/{name}-AbCdEf")
    yield from ((f"secretsmanager:{verb}", secret, {}) for secret in strange for verb in verbs)
    own = f"{begin}{at.region}:{at.account}:secret:ecr-pullthroughcache/docker-hub-AbCdEf"
    yield "secretsmanager:PutSecretValue", own, {}
    for name in ("prod/password", "cdk-bootstrap/hnb659fds/version"):
        yield "ssm:GetParameters", f"arn:aws:ssm:{at.region}:{at.account}:parameter/{name}", {}
    yield "s3:GetObject", "arn:aws:s3:::bucket/key", {}
    yield "sts:AssumeRole", f"arn:aws:iam::{at.account}:role/administrator", {}
    yield "lambda:CreateFunction", f"arn:aws:lambda:{at.region}:{at.account}:function:f", {}
    yield "cloudformation:CreateStack", f"arn:aws:cloudformation:{at.region}:{at.account}:stack/x/y", {}


def _keys(registry: Registry, at: Location) -> Iterator[Door]:
    key = naming.key_arn(at, "12345678-1234-1234-1234-123456789012")
    ours, theirs = {f"aws:ResourceTag/{TAG}": registry.name}, {f"aws:ResourceTag/{TAG}": f"{registry.name}-web"}
    tagging = {f"aws:RequestTag/{TAG}": registry.name}
    via = {"kms:ViaService": f"ecr.{at.region}.amazonaws.com"}
    for action in ("Decrypt", "GenerateDataKey", "Encrypt", "ReEncryptFrom"):
        yield f"kms:{action}", key, via
        yield f"kms:{action}", key, ours
    for action in ("CreateGrant", "RetireGrant"):
        yield f"kms:{action}", key, {}
        yield f"kms:{action}", key, ours
        yield f"kms:{action}", key, {"kms:ViaService": f"s3.{at.region}.amazonaws.com"}
    for action in ("PutKeyPolicy", "ScheduleKeyDeletion", "DisableKey", "DeleteAlias", "EnableKeyRotation"):
        yield f"kms:{action}", key, {}
        yield f"kms:{action}", key, theirs
    yield "kms:DisableKey", key, ours
    yield "kms:DeleteAlias", naming.alias_arn(at, "alias/production"), {}
    here = {"aws:RequestedRegion": at.region}
    for known in ({"kms:ResourceAliases": ["alias/production"]}, theirs):
        yield "kms:TagResource", key, {**tagging, **known, **here}
    yield "kms:TagResource", key, {f"aws:RequestTag/{TAG}": "another", **here}
    yield "kms:TagResource", key, here
    elsewhere = naming.key_arn(Location(at.account, ELSEWHERE), "12345678-1234-1234-1234-123456789012")
    yield "kms:PutKeyPolicy", elsewhere, ours
    yield "kms:DeleteAlias", elsewhere, ours
    yield "kms:RetireGrant", elsewhere, via
    yield "kms:CreateAlias", elsewhere.replace("key/12345678-1234-1234-1234-123456789012", "alias/checkout-images"), {}
    yield "kms:CreateKey", "*", here
    yield "kms:CreateKey", "*", {f"aws:RequestTag/{TAG}": "another", **here}
    yield "kms:CreateKey", "*", {**tagging, "aws:RequestedRegion": ELSEWHERE}
    for action in ("CreateAlias", "UpdateAlias"):
        yield f"kms:{action}", naming.alias_arn(at, "alias/production"), {}
        yield f"kms:{action}", key, theirs


def _networks(registry: Registry, at: Location) -> Iterator[Door]:
    ours, tagging = {f"aws:ResourceTag/{TAG}": registry.name}, {f"aws:RequestTag/{TAG}": registry.name}
    begin = f"arn:aws:ec2:{at.region}:{at.account}"
    changes = {
        "vpc": ("DeleteVpc", "ModifyVpcAttribute", "CreateSubnet", "CreateRouteTable"),
        "subnet": ("DeleteSubnet", "ModifySubnetAttribute", "AssociateRouteTable", "DisassociateRouteTable"),
        "route-table": ("DeleteRouteTable", "AssociateRouteTable", "DisassociateRouteTable"),
        "security-group": ("DeleteSecurityGroup", "AuthorizeSecurityGroupIngress", "RevokeSecurityGroupEgress"),
        "vpc-endpoint": ("DeleteVpcEndpoints", "ModifyVpcEndpoint"),
    }
    for kind, actions in changes.items():
        for action in (*actions, "CreateTags", "DeleteTags"):
            for known in ({}, {f"aws:ResourceTag/{TAG}": f"{registry.name}-web"}):
                yield f"ec2:{action}", f"{begin}:{kind}/x", known
            yield f"ec2:{action}", f"arn:aws:ec2:{ELSEWHERE}:{at.account}:{kind}/x", ours
        yield "ec2:CreateTags", f"{begin}:{kind}/x", {"ec2:CreateAction": "RunInstances"}
        yield "ec2:CreateTags", f"{begin}:{kind}/x", tagging
    yield "ec2:CreateVpc", f"{begin}:vpc/x", {}
    yield "ec2:CreateVpc", f"{begin}:vpc/x", {f"aws:RequestTag/{TAG}": "another"}
    yield "ec2:CreateSubnet", f"{begin}:subnet/x", {}
    yield "ec2:CreateSubnet", f"{begin}:subnet/x", {f"aws:RequestTag/{TAG}": "another"}
    yield "ec2:CreateRouteTable", f"{begin}:route-table/x", {}
    yield "ec2:CreateRouteTable", f"arn:aws:ec2:{ELSEWHERE}:{at.account}:route-table/x", tagging
    yield "ec2:CreateSubnet", f"arn:aws:ec2:{ELSEWHERE}:{at.account}:subnet/x", tagging
    yield "ec2:CreateVpc", f"arn:aws:ec2:{ELSEWHERE}:{at.account}:vpc/x", tagging
    for kind in ("route-table", "security-group", "subnet", "vpc-endpoint"):
        yield "ec2:CreateVpcEndpoint", f"arn:aws:ec2:{ELSEWHERE}:{at.account}:{kind}/x", {}
        yield "ec2:ModifyVpcEndpoint", f"arn:aws:ec2:{ELSEWHERE}:{at.account}:{kind}/x", {}
    yield (
        "ec2:CreateTags",
        f"arn:aws:ec2:{ELSEWHERE}:{at.account}:vpc-endpoint/x",
        {"ec2:CreateAction": "CreateVpcEndpoint"},
    )
    yield "ec2:CreateVpcEndpoint", f"arn:aws:ec2:{ELSEWHERE}:{at.account}:vpc/x", {}
    yield "ec2:CreateSecurityGroup", f"arn:aws:ec2:{ELSEWHERE}:{at.account}:vpc/x", {}
    yield "ec2:DescribeSubnets", "*", {"aws:RequestedRegion": ELSEWHERE}
    yield "ec2:RunInstances", f"{begin}:instance/*", {}
    if not any(network.trial and network.region == at.region for network in registry.networks):
        zone = {"route53:VPCs": [f"VPCId=vpc-0fffffffffffffff0,VPCRegion={at.region}"]}
        yield "route53:AssociateVPCWithHostedZone", "arn:aws:route53:::hostedzone/Z1", zone
    yield "route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1", {}


def _monitoring(registry: Registry, at: Location) -> Iterator[Door]:
    """Topics, queues and rules of others, ours elsewhere; and targets that would hand events to somebody else."""
    topic, queue = names.topic_name(registry.name, None), names.dead_letter_queue_name(registry.name)
    rule = names.event_rule_name(registry.name, "scans", None, 1)
    there = Location(at.account, ELSEWHERE)
    for place, ours in ((there, True), (at, False)):
        for action in ("CreateTopic", "DeleteTopic", "SetTopicAttributes", "Subscribe"):
            yield f"sns:{action}", naming.topic_arn(place, topic if ours else "production"), {}
        for action in ("CreateQueue", "DeleteQueue", "SetQueueAttributes"):
            yield f"sqs:{action}", naming.queue_arn(place, queue if ours else "production"), {}
        for action in ("DeleteRule", "PutRule", "RemoveTargets"):
            yield f"events:{action}", naming.event_rule_arn(place, rule if ours else "production"), {}
        target = {"events:TargetArn": [naming.topic_arn(at, topic)]}
        yield "events:PutTargets", naming.event_rule_arn(place, rule if ours else "production"), target
    yield "sns:Publish", naming.topic_arn(at, topic), {}
    yield "sqs:ReceiveMessage", naming.queue_arn(at, queue), {}
    yield "sqs:SendMessage", naming.queue_arn(at, queue), {}
    yield "events:PutEvents", f"arn:aws:events:{at.region}:{at.account}:event-bus/default", {}
    function = f"arn:aws:lambda:{at.region}:{at.account}:function:f"
    for targets in ([function], [naming.topic_arn(at, topic), function], [naming.topic_arn(at, "production")],
                    [naming.topic_arn(there, topic)], []):  # fmt: skip
        known = {"events:TargetArn": targets} if targets else {}
        yield "events:PutTargets", naming.event_rule_arn(at, rule), known
    for place, ours in ((there, True), (at, False)):
        alarm = alarm_name(registry.name, "images") if ours else "production"
        for action in ("DeleteAlarms", "PutMetricAlarm", "TagResource", "UntagResource"):
            yield f"cloudwatch:{action}", naming.alarm_arn(place, alarm), {}
    for action in ("DisableAlarmActions", "SetAlarmState"):
        yield f"cloudwatch:{action}", naming.alarm_arn(at, alarm_name(registry.name, "images")), {}
    for action in ("DeleteDashboards", "GetDashboard", "PutDashboard"):
        yield f"cloudwatch:{action}", dashboard_arn(at, "production"), {}
    yield "cloudwatch:DescribeAlarms", naming.alarm_arn(there, "*"), {}
    for action in ("GetSubscriptionAttributes", "SetSubscriptionAttributes", "Unsubscribe"):
        yield f"sns:{action}", "*", {"aws:RequestedRegion": ELSEWHERE}
    yield "kms:DeleteAlias", naming.alias_arn(there, names.monitoring_alias(registry.name)), {}


def _chats(registry: Registry, at: Location) -> Iterator[Door]:
    """Configurations of others, workspaces, and a role that could do more."""
    chats = f"arn:aws:chatbot::{at.account}:chat-configuration/slack-channel/"
    for action in ("Delete", "Update"):
        yield f"chatbot:{action}SlackChannelConfiguration", f"{chats}production", {}
    yield "chatbot:DeleteSlackWorkspaceAuthorization", "*", {}
    yield "chatbot:RedeemSlackOauthCode", "*", {}
    chat_role = naming.role_arn(at.account, at.region, registry.roles.path, names.chat_role_name(registry.name))
    for known in ({}, {"iam:PassedToService": "lambda.amazonaws.com"}):
        yield "iam:PassRole", chat_role, known
    to_chat = {"iam:PassedToService": "chatbot.amazonaws.com"}
    yield "iam:PassRole", naming.role_arn(at.account, at.region, registry.roles.path, f"{registry.name}-ci"), to_chat


def _ecr(registry: Registry, at: Location) -> Iterator[Door]:
    here = naming.repository_arn(at, "web/api")
    yield from ((f"ecr:{action}", here, {}) for action in IMAGES)
    yield "ecr:GetAuthorizationToken", "*", {"aws:RequestedRegion": at.region}
    for other in (Location(at.account, ELSEWHERE), Location(STRANGER, at.region)):
        for action in ("CreateRepository", "DeleteRepository", "SetRepositoryPolicy"):
            yield f"ecr:{action}", naming.repository_arn(other, "web/api"), {}
    for action in ("PutRegistryPolicy", "PutReplicationConfiguration", "DeletePullThroughCacheRule"):
        yield f"ecr:{action}", "*", {"aws:RequestedRegion": ELSEWHERE}
    regions = {ELSEWHERE} if registry.scanning.scan_type == "ENHANCED" else {ELSEWHERE, at.region}
    for region in sorted(regions):
        yield "inspector2:Enable", "*", {"aws:RequestedRegion": region}
    yield "inspector2:Disable", "*", {"aws:RequestedRegion": ELSEWHERE}
    public = f"arn:aws:ecr-public::{at.account}:repository/web/api"
    yield from ((f"ecr-public:{action}", public, {}) for action in ("BatchDeleteImage", "PutImage", "UploadLayerPart"))
    yield "ecr-public:DeleteRepository", public.replace(at.account, STRANGER), {}


def _findings(registry: Registry, at: Location) -> Iterator[Door]:
    """Filters of other regions and accounts: in its own, whoever deploys may hide findings (`open_doors` says so)."""
    for other in (Location(at.account, ELSEWHERE), Location(STRANGER, at.region)):
        for action in ("CreateFilter", "DeleteFilter", "UpdateFilter"):
            yield f"inspector2:{action}", filter_arn(other, "x"), {}
    yield "inspector2:ListFilters", "*", {"aws:RequestedRegion": ELSEWHERE}
    yield "inspector2:UpdateConfiguration", "*", {"aws:RequestedRegion": at.region}


def _signing(registry: Registry, at: Location) -> Iterator[Door]:
    """Profiles of others, ours elsewhere, and signing itself."""
    ours, there = list(profiles_in(registry, at)), Location(at.account, ELSEWHERE)
    strange = [signing_profile_arn(at, name) for name in ("production", *(f"{it}2" for it in ours))]
    strange += [signing_profile_arn(there, name) for name in ("production", *ours)]
    for action in ("AddProfilePermission", "CancelSigningProfile", "GetSigningProfile", "TagResource"):
        yield from ((f"signer:{action}", each, {}) for each in strange)
    for action in ("ListProfilePermissions", "RemoveProfilePermission"):
        yield f"signer:{action}", signing_profile_arn(there, "production"), {}
    yield "signer:PutSigningProfile", "*", {"aws:RequestedRegion": ELSEWHERE}
    for name in named_in(registry, at):  # whom it lets sign is the file's, the profile is somebody's
        yield from (
            (f"signer:{it}", signing_profile_arn(at, name), {}) for it in ("CancelSigningProfile", "TagResource")
        )
        yield "signer:AddProfilePermission", signing_profile_arn(at, f"{name}2"), {}
        yield "signer:AddProfilePermission", signing_profile_arn(there, name), {}
    for name in ours:
        yield "signer:SignPayload", signing_profile_arn(at, name), {}


def _pods(registry: Registry, at: Location) -> Iterator[Door]:
    """Pods of other clusters, and of a cluster elsewhere that has the name of one of the file."""
    clusters = [it.cluster for it in registry.principals if isinstance(it, PodIdentity)]
    clusters = clusters or [f"arn:aws:eks:{at.region}:{at.account}:cluster/production"]
    for cluster in clusters:
        region = cluster.split(":")[3]
        for strange in (f"{cluster}2", cluster.replace(f":{region}:", f":{ELSEWHERE}:"), f"{cluster[:-1]}x"):
            pods = strange.replace(":cluster/", ":podidentityassociation/")
            yield "eks:CreatePodIdentityAssociation", strange, {}
            yield from ((f"eks:{verb}PodIdentityAssociation", f"{pods}/a-1", {}) for verb in ("Delete", "Update"))
    for it in registry.principals:
        if isinstance(it, PodIdentity) and it.associated:
            for known in ({}, {"iam:PassedToService": "lambda.amazonaws.com"}):
                yield "iam:PassRole", it.arn, known
            for service in ("eks.amazonaws.com", "pods.eks.amazonaws.com"):
                others = {f"{it.arn}2", f"{it.arn.rpartition('/')[0]}/another", it.arn.replace("/ci/", "/")}
                yield from (
                    ("iam:PassRole", each, {"iam:PassedToService": service}) for each in sorted(others - {it.arn})
                )


def _pipelines(registry: Registry, at: Location) -> Iterator[Door]:
    """Pipelines, projects, logs and buckets of others, or elsewhere."""
    own = [naming.stack_name(registry.name, it.construct_id) for it in registry.deliveries] or [registry.name]
    for name, place in (*((it, ELSEWHERE) for it in own), ("another", at.region), (f"{registry.name}-web", at.region)):
        begin = f"{place}:{at.account}"
        for verb in ("Create", "Delete", "Update"):
            yield f"codepipeline:{verb}Pipeline", f"arn:aws:codepipeline:{begin}:{name}", {}
            yield f"codebuild:{verb}Project", f"arn:aws:codebuild:{begin}:project/{name}-Build", {}
        for more in ("", ":log-stream:x"):
            yield "logs:DeleteLogGroup", f"arn:aws:logs:{begin}:log-group:/ecr-registry/{name}{more}", {}
            yield "logs:PutRetentionPolicy", f"arn:aws:logs:{begin}:log-group:/aws/lambda/x{more}", {}
    yield "logs:DescribeLogGroups", "*", {"aws:RequestedRegion": ELSEWHERE}
    group = f"arn:aws:logs:{at.region}:{at.account}:log-group:/ecr-registry/{own[0]}"
    yield "logs:GetLogEvents", f"{group}:log-stream:x", {}
    for bucket in ("bucket", f"ecr-delivery-{at.account}-0123456789abcdef"):
        for action in ("CreateBucket", "DeleteBucket", "PutBucketPolicy", "ListBucket"):
            yield f"s3:{action}", f"arn:aws:s3:::{bucket}", {}
    for unit in (it.construct_id for it in registry.deliveries):
        bucket = naming.artifact_bucket(registry.name, at.account, at.region, unit)
        yield "s3:GetObject", f"arn:aws:s3:::{bucket}/x", {}


def _connections(registry: Registry, at: Location) -> Iterator[Door]:
    """Connections that no pipeline has, and what only a pipeline does with its own."""
    for connection in {it.connection for it in registry.pipelines.values()}:
        there = connection.replace(f":{registry.region}:", f":{ELSEWHERE}:")
        strange = f"{connection.rpartition('/')[0]}/00000000-0000-0000-0000-000000000000"
        prefix = connection.split(":")[2]
        yield from ((f"{prefix}:PassConnection", each, {}) for each in (strange, there) if each != connection)
        yield f"{prefix}:UseConnection", connection, {}


def _parts(registry: Registry, at: Location) -> Iterator[Door]:
    """Roles of pipelines to other services, and other roles to theirs."""
    roles = f"arn:aws:iam::{at.account}:role{{}}{registry.name}-{{}}"
    own = f"/ecr-registry/{registry.name}/"
    for path in dict.fromkeys((registry.roles.path, own, f"/x{own}")):
        for service in ("codebuild", "codepipeline"):
            yield "iam:PassRole", roles.format(path, "ci"), {"iam:PassedToService": f"{service}.amazonaws.com"}
        for part in ("build", "pipeline"):
            yield "iam:PassRole", roles.format(path, f"x@{part}"), {}
            for service in ("lambda.amazonaws.com", "ec2.amazonaws.com"):
                yield "iam:PassRole", roles.format(path, f"x@{part}"), {"iam:PassedToService": service}


def opened(cases: Sequence[Case], answers: Mapping[str, bool]) -> list[str]:
    """The doors that are open."""
    return [case.id for case in cases if answers[case.id]]
