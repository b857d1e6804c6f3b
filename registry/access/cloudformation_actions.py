"""What CloudFormation does for the stacks, by what it does it to: the second half of the table in actions.py.

The actions are those of the handlers in CloudFormation's resource schemas, less what these stacks never ask for;
tests/judge/test_execution.py compares both. https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

from __future__ import annotations

from typing import Final

#: AWS::ECR::Repository
REPOSITORIES: Final = (
    "ecr:CreateRepository",
    "ecr:DeleteLifecyclePolicy",
    "ecr:DeleteRepository",
    "ecr:DeleteRepositoryPolicy",
    "ecr:DescribeRepositories",
    "ecr:GetLifecyclePolicy",
    "ecr:GetRepositoryPolicy",
    "ecr:ListTagsForResource",
    "ecr:PutImageScanningConfiguration",
    "ecr:PutImageTagMutability",
    "ecr:PutLifecyclePolicy",
    "ecr:SetRepositoryPolicy",
    "ecr:TagResource",
    "ecr:UntagResource",
)
#: AWS::ECR::PublicRepository
PUBLIC_REPOSITORIES: Final = (
    "ecr-public:CreateRepository",
    "ecr-public:DeleteRepository",
    "ecr-public:DeleteRepositoryPolicy",
    "ecr-public:DescribeRepositories",
    "ecr-public:GetRepositoryCatalogData",
    "ecr-public:GetRepositoryPolicy",
    "ecr-public:ListTagsForResource",
    "ecr-public:PutRepositoryCatalogData",
    "ecr-public:SetRepositoryPolicy",
    "ecr-public:TagResource",
    "ecr-public:UntagResource",
)
#: The types of which a registry has one or a few; none of these actions has a resource type.
REGISTRY: Final = (
    "ecr:CreatePullThroughCacheRule",
    "ecr:CreateRepositoryCreationTemplate",
    "ecr:DeletePullThroughCacheRule",
    "ecr:DeleteRegistryPolicy",
    "ecr:DeleteRepositoryCreationTemplate",
    "ecr:DeleteSigningConfiguration",
    "ecr:DeregisterPullTimeUpdateExclusion",
    "ecr:DescribePullThroughCacheRules",
    "ecr:DescribeRegistry",
    "ecr:DescribeRepositoryCreationTemplates",
    "ecr:GetRegistryPolicy",
    "ecr:GetRegistryScanningConfiguration",
    "ecr:GetSigningConfiguration",
    "ecr:ListPullTimeUpdateExclusions",
    "ecr:PutRegistryPolicy",
    "ecr:PutRegistryScanningConfiguration",
    "ecr:PutReplicationConfiguration",
    "ecr:PutSigningConfiguration",
    "ecr:RegisterPullTimeUpdateExclusion",
    "ecr:UpdateRepositoryCreationTemplate",
)
#: AWS::Signer::SigningProfile, which is kept once its first deploy has come through, and ProfilePermission; a profile
#: is made by an action without a resource type.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssigner.html
NEW_SIGNING_PROFILES: Final = ("signer:PutSigningProfile",)
SIGNING_PROFILES: Final = (
    "signer:AddProfilePermission",
    "signer:CancelSigningProfile",
    "signer:GetSigningProfile",
    "signer:ListTagsForResource",
    "signer:TagResource",
    "signer:UntagResource",
)
#: ProfilePermission of a profile that exists: whom it lets sign, and nothing of the profile itself.
NAMED_SIGNING_PROFILES: Final = ("signer:AddProfilePermission",)
#: Whom a profile lets sign can be taken away from any: one that left the file is not known here any more.
CLOSING_SIGNING_PROFILES: Final = ("signer:ListProfilePermissions", "signer:RemoveProfilePermission")
#: Amazon Inspector: enhanced scanning switches it on, basic scanning off
ENHANCED_SCANNING: Final = ("inspector2:Enable",)
BASIC_SCANNING: Final = ("inspector2:Disable", "inspector2:ListAccountPermissions")
#: AWS::InspectorV2::Filter, which is made where the file asks for it, and goes where it no longer does
SUPPRESSION: Final = (
    "inspector2:CreateFilter",
    "inspector2:TagResource",
    "inspector2:UntagResource",
    "inspector2:UpdateFilter",
)
UNSUPPRESSION: Final = ("inspector2:DeleteFilter",)
READING_OF_FILTERS: Final = ("inspector2:ListFilters", "inspector2:ListTagsForResource")
#: AWS::KMS::Key, which is never switched off, and kept once its first deploy has come through; what ECR asks of a key
#: on behalf of who creates a repository is ENCRYPT in actions.py, and of who deletes one LETTING_GO
NEW_KEYS: Final = ("kms:CreateKey", "kms:PutKeyPolicy", "kms:TagResource")
KEYS: Final = (
    "kms:DescribeKey",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
)
LETTING_GO: Final = ("kms:DescribeKey", "kms:RetireGrant")
ALIASES: Final = ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias")
#: AWS::SNS::Topic and TopicPolicy
TOPICS: Final = (
    "sns:CreateTopic",
    "sns:DeleteTopic",
    "sns:GetDataProtectionPolicy",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:ListTagsForResource",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
    "sns:TagResource",
    "sns:UntagResource",
)
#: AWS::SNS::Subscription, whose other actions have no resource type.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
SUBSCRIPTIONS: Final = ("sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes", "sns:Unsubscribe")
#: AWS::SQS::Queue and QueuePolicy
QUEUES: Final = (
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListQueueTags",
    "sqs:SetQueueAttributes",
    "sqs:TagQueue",
    "sqs:UntagQueue",
)
#: AWS::Events::Rule; its targets are topics of the registry alone
EVENT_RULES: Final = (
    "events:DeleteRule",
    "events:DescribeRule",
    "events:ListTagsForResource",
    "events:ListTargetsByRule",
    "events:PutRule",
    "events:RemoveTargets",
    "events:TagResource",
    "events:UntagResource",
)
EVENT_TARGETS: Final = ("events:PutTargets",)
#: AWS::CloudWatch::Alarm, and what CloudWatch asks of all alarms, whichever is named
ALARMS: Final = (
    "cloudwatch:DeleteAlarms",
    "cloudwatch:ListTagsForResource",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:TagResource",
    "cloudwatch:UntagResource",
)
READING_OF_ALARMS: Final = ("cloudwatch:DescribeAlarms",)
#: AWS::CloudWatch::Dashboard
DASHBOARDS: Final = (
    "cloudwatch:DeleteDashboards",
    "cloudwatch:GetDashboard",
    "cloudwatch:ListTagsForResource",
    "cloudwatch:PutDashboard",
    "cloudwatch:TagResource",
    "cloudwatch:UntagResource",
)
#: AWS::Chatbot::SlackChannelConfiguration and MicrosoftTeamsChannelConfiguration: what reads or makes one has no
#: resource type. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awschatbot.html
CHATS: Final = (
    "chatbot:DeleteMicrosoftTeamsChannelConfiguration",
    "chatbot:DeleteSlackChannelConfiguration",
    "chatbot:ListAssociations",
    "chatbot:TagResource",
    "chatbot:UntagResource",
    "chatbot:UpdateMicrosoftTeamsChannelConfiguration",
    "chatbot:UpdateSlackChannelConfiguration",
)
READING_OF_CHATS: Final = (
    "chatbot:DescribeSlackChannelConfigurations",
    "chatbot:GetMicrosoftTeamsChannelConfiguration",
    "chatbot:ListTagsForResource",
)
NEW_CHATS: Final = ("chatbot:CreateMicrosoftTeamsChannelConfiguration", "chatbot:CreateSlackChannelConfiguration")
#: AWS::EC2::VPCEndpoint and AWS::EC2::SecurityGroup: what reads has no resource type
READING_OF_NETWORKS: Final = (
    "ec2:DescribeInstances",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
)
#: What has the stack's tag can be changed and deleted
NETWORKS: Final = (
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateTags",
    "ec2:DeleteSecurityGroup",
    "ec2:DeleteTags",
    "ec2:DeleteVpcEndpoints",
    "ec2:ModifyVpcEndpoint",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
    "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
    "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
)
NEW_NETWORKS: Final = ("ec2:CreateSecurityGroup", "ec2:CreateVpcEndpoint")
PLACES_OF_ENDPOINTS: Final = ("ec2:ModifyVpcEndpoint",)
#: An endpoint with private DNS puts its hosted zone before the VPC: a dependent action of ec2:CreateVpcEndpoint.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
PRIVATE_DNS: Final = ("route53:AssociateVPCWithHostedZone",)
#: AWS::EC2::VPC, Subnet, RouteTable and SubnetRouteTableAssociation, of a VPC made for a trial
NEW_TRIALS: Final = ("ec2:CreateVpc",)
NEW_IN_TRIALS: Final = ("ec2:CreateRouteTable", "ec2:CreateSubnet")
TRIALS: Final = (
    "ec2:AssociateRouteTable",
    "ec2:DeleteRouteTable",
    "ec2:DeleteSubnet",
    "ec2:DeleteVpc",
    "ec2:DisassociateRouteTable",
    "ec2:ModifySubnetAttribute",
    "ec2:ModifyVpcAttribute",
)
#: AWS::IAM::Role, without policies of its own: those are managed ones
ROLES: Final = (
    "iam:DeleteRole",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
)
#: What decides how far a role can be widened: bounded where `access.permissions_boundary` has one for the account
BOUNDED_ROLES: Final = ("iam:CreateRole", "iam:PutRolePermissionsBoundary")
UNBOUNDED_ROLES: Final = ("iam:CreateRole", "iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary")
ATTACHING: Final = ("iam:AttachRolePolicy",)
DETACHING: Final = ("iam:DetachRolePolicy",)
#: AWS::IAM::ManagedPolicy
POLICIES: Final = (
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:ListEntitiesForPolicy",
    "iam:ListPolicyVersions",
)
#: AWS::EKS::PodIdentityAssociation: what makes one is asked of the cluster, the rest of the association
NEW_POD_IDENTITIES: Final = ("eks:CreatePodIdentityAssociation",)
POD_IDENTITIES: Final = (
    "eks:DeletePodIdentityAssociation",
    "eks:DescribePodIdentityAssociation",
    "eks:TagResource",
    "eks:UntagResource",
    "eks:UpdatePodIdentityAssociation",
)
#: AWS::IAM::OIDCProvider
OIDC_PROVIDERS: Final = (
    "iam:AddClientIDToOpenIDConnectProvider",
    "iam:CreateOpenIDConnectProvider",
    "iam:DeleteOpenIDConnectProvider",
    "iam:GetOpenIDConnectProvider",
    "iam:ListOpenIDConnectProviderTags",
    "iam:RemoveClientIDFromOpenIDConnectProvider",
    "iam:TagOpenIDConnectProvider",
    "iam:UntagOpenIDConnectProvider",
    "iam:UpdateOpenIDConnectProviderThumbprint",
)
