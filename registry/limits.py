"""What Amazon ECR accepts, in numbers and patterns, each with its source.

API: botocore 1.44.5's model of ECR. CFN: the CloudFormation schema. Where sources disagree the narrower
one is written here, because a template has to pass both.
"""

from __future__ import annotations

import re
from typing import Final

ECR_API: Final = "https://docs.aws.amazon.com/AmazonECR/latest/APIReference"
ECR_GUIDE: Final = "https://docs.aws.amazon.com/AmazonECR/latest/userguide"
CFN_GUIDE: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide"

# CreateRepository, `repositoryName`; OCI's pattern since 2026-02-25 (API, CFN)
_WORD = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
REPOSITORY_NAME: Final = re.compile(rf"{_WORD}(?:/{_WORD})*")
NAMESPACE: Final = re.compile(_WORD)
REPOSITORY_NAME_LENGTH: Final = (2, 256)

# ImageTagMutabilityExclusionFilter: characters and length from the API; two `*` at most from
# hashicorp/terraform-provider-aws PR #43642, as the API model is silent on it
EXCLUSION_FILTER: Final = re.compile(r"[0-9a-zA-Z._*-]{1,128}")
EXCLUSION_FILTERS: Final = 5
EXCLUSION_FILTER_WILDCARDS: Final = 2

# ECR_GUIDE/lifecycle_policy_parameters.html
LIFECYCLE_RULES: Final = 50
LIFECYCLE_PATTERN_WILDCARDS: Final = 4
LIFECYCLE_COUNT: Final = 2**31 - 1  # no maximum is published; what an integer of the API holds
LIFECYCLE_POLICY_LENGTH: Final = 30_720  # characters (API); the least, 100, any policy with a rule has
REPOSITORIES: Final = 100_000  # of an account in a region, by default: ECR_GUIDE/service-quotas.html
IMAGES: Final = 100_000  # in a repository, by default: ECR_GUIDE/service-quotas.html
ARCHIVED_DAYS: Final = 90  # "cannot delete images that have been in archive for less than 90 days"
IMAGE_TAG: Final = re.compile(r"[a-zA-Z0-9_*][a-zA-Z0-9._*-]{0,299}")  # with `*`; tags are 1 to 300 long (API)

# PutReplicationConfiguration (API) and ECR_GUIDE/service-quotas.html. Sources differ in the rules: 25 in the API since
# botocore 1.44 and in the newest copy of the page, 10 in older ones and in CFN; for ca-central-1 all newer ones say 25
REPLICATION_RULES: Final = 25
REPLICATION_RULES_EVERYWHERE: Final = 10
REPLICATION_RULES_RAISED: Final = ("ca-central-1",)
REPLICATION_DESTINATIONS: Final = 25
REPLICATION_FILTERS: Final = 100  # in one rule

# Tags of AWS::ECR::Repository (CFN is narrower than the API's 128 and 0 to 256, which are those of a creation template)
TAGS: Final = 50
TAG_KEY_LENGTH: Final = 127
TAG_VALUE_LENGTH: Final = (1, 255)
TEMPLATE_TAG_KEY_LENGTH: Final = 128
TEMPLATE_TAG_VALUE_LENGTH: Final = (0, 256)
TAG_CHARACTERS: Final = re.compile(r"(?:[\w.:/=+\-@]|[^\S\t-\r\x1c-\x1f\x85])*")  # spaces, but no tab and no line break

# RegistryScanningRule and SigningRule (API, CFN). AWS's patterns accept the same words; this one cannot be made
# to take exponential time by a long one, as the API's own for scanning can.
REPOSITORY_FILTER: Final = re.compile(r"[a-z0-9*]+(?:[._/-][a-z0-9*]+)*")
NAME_OR_BELOW: Final = re.compile(rf"{_WORD}(?:/{_WORD})*(?:/\*)?")
REPOSITORY_FILTERS: Final = 100  # in one rule
SCANNING_FILTER_LENGTH: Final = 255
SIGNING_FILTER_LENGTH: Final = 256
SIGNING_RULES: Final = 10  # API and ECR_GUIDE/managed-signing.html; CFN's 50 is what ECR refuses
SIGNING_PROFILE_ARN: Final = re.compile(
    r"arn:aws(?:-[a-z]+)*:signer:[a-z0-9-]+:[0-9]{12}:/signing-profiles/[a-zA-Z0-9_]{2,}"
)
SIGNING_PROFILE_ARN_LENGTH: Final = 200
SIGNING_PROFILE: Final = re.compile(r"[a-zA-Z0-9_]{2,64}")  # AWS Signer's ProfileName
SIGNATURE_MONTHS: Final = (1, 135)  # SIGNER_GUIDE/signing-profiles.html: 135 is the default, and the most
#: CreateFilter and FilterCriteria: StringFilterList, FilterReason; ids of CVE, GHSA, ALAS and others have this form
INSPECTOR_API: Final = "https://docs.aws.amazon.com/inspector/v2/APIReference"
VULNERABILITY_ID: Final = re.compile(r"(?=.{3,80}\Z)[A-Za-z0-9]+(?:[-._:][A-Za-z0-9]+)*")
ACCEPTED_IN: Final = 10
FINDING_REASON_LENGTH: Final = 512
#: RegisterPullTimeUpdateExclusion, `principalArn`, and how many a registry takes (ListPullTimeUpdateExclusions)
EXCLUDED_ARN: Final = re.compile(r"arn:aws(?:-[a-z]+)*:iam::[0-9]{12}:(?:role|user)/[\w+=,.@-]+(?:/[\w+=,.@-]+)*", re.A)
EXCLUDED_ARN_LENGTH: Final = 200
EXCLUSIONS: Final = 100
SIGNER_GUIDE: Final = "https://docs.aws.amazon.com/signer/latest/developerguide"

# Prefixes of creation templates and pull-through cache rules (API, CFN). Both also take a `/` at the end, which
# they assume anyway; without it a prefix has one way of being written
ROOT_PREFIX: Final = "ROOT"
REPOSITORY_PREFIX: Final = re.compile(rf"{_WORD}(?:/{_WORD})*")
TEMPLATE_PREFIX_LENGTH: Final = (1, 256)
TEMPLATE_DESCRIPTION_LENGTH: Final = 256
TEMPLATE_KMS_KEY: Final = re.compile(r"arn:aws[a-z0-9-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-z0-9-]+")
ROLE_ARN: Final = re.compile(r"arn:aws[-a-z0-9]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,\-.@_]+")  # CFN: no path
ROLE_ARN_LENGTH: Final = 2048
CACHE_PREFIX_LENGTH: Final = (2, 30)
CACHE_RULES: Final = 50  # ECR_GUIDE/service-quotas.html
CREDENTIAL_ARN: Final = re.compile(
    r"arn:aws(?:-[a-zA-Z]+)*:secretsmanager:[a-zA-Z0-9-]+:[0-9]{12}:secret:ecr-pullthroughcache/[a-zA-Z0-9/_+=.@-]+"
)
CREDENTIAL_ARN_LENGTH: Final = (50, 612)
# A secret that is made here. CreateSecret: Name, which should not end as the ARNs do that AWS makes of names
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
SECRET_NAME: Final = re.compile(r"ecr-pullthroughcache/(?!.*-[a-zA-Z0-9]{6}$)[a-zA-Z0-9/_+=.@-]+")
SECRET_NAME_LENGTH: Final = 512

# SetRepositoryPolicy, `policyText` (API)
REPOSITORY_POLICY_LENGTH: Final = 10_240
REGISTRY_POLICY_LENGTH: Final = 10_240  # PutRegistryPolicy, `policyText` (API)

# Public repositories. API: botocore's model of ECR Public; CFN is narrower in the texts (10,240; the API has 25,600),
# wider in names (256; the API has 205). One region has the API and the type of CloudFormation:
# https://docs.aws.amazon.com/general/latest/gr/ecr-public.html
PUBLIC_REGION: Final = "us-east-1"
PUBLIC_API: Final = "https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference"
PUBLIC_GUIDE: Final = "https://docs.aws.amazon.com/AmazonECR/latest/public"
PUBLIC_NAME: Final = re.compile(r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*")
PUBLIC_NAME_LENGTH: Final = (2, 205)
PUBLIC_DESCRIPTION_LENGTH: Final = 1_024
PUBLIC_TEXT_LENGTH: Final = 10_240
PUBLIC_BADGES: Final = 50  # architectures, and operating systems
PUBLIC_BADGE_LENGTH: Final = (1, 50)
#: What the gallery shows and searches by (PUBLIC_API/API_RepositoryCatalogDataInput.html); it keeps others to itself.
PUBLIC_OPERATING_SYSTEMS: Final = ("Linux", "Windows")
PUBLIC_ARCHITECTURES: Final = ("ARM", "ARM 64", "x86", "x86-64")

# CFN_GUIDE/cloudformation-limits.html
STACK_RESOURCES: Final = 500
STACKS: Final = 2_000  # of an account in a region, by default; AWS raises it on request
TEMPLATE_BYTES: Final = 1_000_000  # "1 MB"
TEMPLATE_OUTPUTS: Final = 200
TEMPLATE_PARAMETERS: Final = 200
TEMPLATE_DESCRIPTION_BYTES: Final = 1_024
# Of an account that administers stack sets, by default; AWS raises all three on request
STACK_SETS: Final = 1_000
STACK_INSTANCES: Final = 100_000  # of a set
STACK_SET_OPERATIONS: Final = 10_000  # at a time in a region
#: "The maximum speed of deployment is 100 concurrent stack instances per stack set": CFN_GUIDE/stacksets-concepts.html
STACK_SET_AT_A_TIME: Final = 100
LOGICAL_ID_LENGTH: Final = 255
SHARDS: Final = (1, 100)  # of a namespace; ours, since trying every shard of a million takes its time
SHARED_STACK: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")  # ours: what stacks are called, in lower case
SHARED_STACK_LENGTHS: Final = (1, 40)
REPOSITORIES_A_SHARD: Final = 240  # half of what a stack holds, so that a namespace may double before a shard is full
STACK_NAME_LENGTH: Final = 128

# An account id and a region as AWS writes them; ReplicationDestination has the same `[0-9]{12}` (API)
ACCOUNT: Final = re.compile(r"[0-9]{12}")
REGION: Final = re.compile(r"(?=.{2,25}\Z)[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")
#: Where something is replicated: a region of the same account, or an account and a region of it
LOCATION: Final = re.compile(r"(?:[0-9]{12}/)?(?=[^/]{2,25}\Z)[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")

# https://docs.aws.amazon.com/kms/latest/developerguide/concepts-key-id.html: alias, key id, or the ARN of either
KMS_KEY: Final = re.compile(
    r"alias/[a-zA-Z0-9/_-]{1,250}"
    r"|(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"|arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(?:key|alias)/[a-zA-Z0-9/_-]+"
)
KMS_API: Final = "https://docs.aws.amazon.com/kms/latest/APIReference"

# A key made here. CreateAlias: AliasName, but not alias/aws/; EnableKeyRotation and ScheduleKeyDeletion: the days
KMS_ALIAS: Final = re.compile(r"alias/(?!aws/)[a-zA-Z0-9/_-]{1,250}")
ROTATION_DAYS: Final = (90, 2_560)
PENDING_DAYS: Final = (7, 30)

# Principals. Wildcards, and the `$` of IAM's policy variables, are in none but branches and tags, where `*` is meant
PRINCIPAL_NAME: Final = re.compile(r"(?=.{2,31}\Z)(?!ecr-creation\Z)[a-z][a-z0-9]*(-[a-z0-9]+)*")
GITHUB_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}/[A-Za-z0-9._-]{1,100}")
GITLAB_PROJECT: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")
GIT_REF: Final = re.compile(r"[A-Za-z0-9._/+@#%=,*-]{1,250}")
GITHUB_ENVIRONMENT: Final = re.compile(r"[A-Za-z0-9._/+@#%=,-](?:[A-Za-z0-9 ._/+@#%=,-]{0,253}[A-Za-z0-9._/+@#%=,-])?")
HOST: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
GITHUB_ID: Final = (1, 2**53 - 1)  # no maximum is published; what JSON's numbers hold exactly
GITHUB_ISSUER: Final = "token.actions.githubusercontent.com"
IAM_ROLE_ARN: Final = re.compile(
    r"arn:aws(?:-[a-z]+)*:iam::[0-9]{12}:role/(?:[!-#%-)+-.0->@-~]+/)*[A-Za-z0-9+=,.@_-]{1,64}"
)
ORGANIZATION: Final = re.compile(r"o-[a-z0-9]{10,32}")  # Organizations API, OrganizationId
ORGANIZATIONAL_UNIT: Final = re.compile(r"o-[a-z0-9]{10,32}/r-[0-9a-z]{4,32}(?:/ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})+")
FUNCTION: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")  # Lambda API, FunctionName
FUNCTIONS: Final = re.compile(r"[A-Za-z0-9_-]{1,63}\*")  # all whose names begin so
SERVICE: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?")
#: What a service acts for: one thing of one account. https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
SOURCE_ARN: Final = re.compile(r"arn:aws(?:-[a-z]+)*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:[A-Za-z0-9_.:/+=@,-]+")

# Issuers of OpenID Connect and what their tokens say; no `*`, `?` or `$` is in any value, as above
UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ANY_UUID: Final = "-".join("?" * number for number in (8, 4, 4, 4, 12))  # as IAM writes 36 characters, not one more
ISSUER: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[A-Za-z0-9._~-]+)*")  # without https://, port and last `/`
ISSUER_LENGTH: Final = 200  # CreateOpenIDConnectProvider takes 255 with https://, and a trust policy names it often
AUDIENCE: Final = re.compile(r"[A-Za-z0-9._~:/+@=,-]{1,255}")  # CreateOpenIDConnectProvider, ClientIDList
#: `{{` begins what CloudFormation puts something else in the place of, wherever it stands in a template
SUBJECT: Final = re.compile(
    r"(?!.*\{\{)[A-Za-z0-9](?:[A-Za-z0-9 ._~:/+@#%=,|{}()-]{0,254}[A-Za-z0-9._~:/+@#%=,|{}()-])?"
)
#: Wildcards stand behind what ends a name, so that `acme` is not the beginning of `acme-evil`
SUBJECTS: Final = re.compile(r"(?=.*\*)(?!.*\{\{)[A-Za-z0-9](?:[A-Za-z0-9 ._~:/+@#%=,|{}()-]|(?<=[:/|])\*){2,255}")
CIRCLECI_ISSUER: Final = "oidc.circleci.com/org"
BUILDKITE_ISSUER: Final = "agent.buildkite.com"
BITBUCKET_ISSUER: Final = "api.bitbucket.org/2.0/workspaces"
TERRAFORM_HOST: Final = "app.terraform.io"
VCS_REPOSITORY: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[A-Za-z0-9._-]+){2,}")
SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,98}[a-z0-9])?")
TERRAFORM_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,90}")
TERRAFORM_PROJECT: Final = re.compile(r"[A-Za-z0-9_-](?:[A-Za-z0-9 _-]{0,38}[A-Za-z0-9_-])?")
#: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/: a label, and a subdomain
KUBERNETES_NAMESPACE: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
SERVICE_ACCOUNT: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9]+(?:[.-]+[a-z0-9]+)*")
EKS_ISSUER: Final = re.compile(
    r"oidc(?:\.eks\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?|-eks\.[a-z0-9-]+\.api\.aws)/id/[0-9A-F]{32}"
)
CLUSTER_ARN: Final = re.compile(  # EKS API, CreateCluster: name
    r"arn:aws(?:-[a-z]+)*:eks:[a-z0-9-]+:[0-9]{12}:cluster/[0-9A-Za-z][A-Za-z0-9_-]{0,99}"
)

# IAM: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
IAM_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
MANAGED_POLICY_LENGTH: Final = 6_144  # characters, white space left out
# Each by default, and what AWS raises it to on request. Copies of the page differ in the first: 10, and newer ones 20.
POLICIES_OF_A_ROLE: Final = (10, 25)
TRUST_POLICY_LENGTH: Final = (2_048, 8_192)
INLINE_POLICIES_LENGTH: Final = 10_240  # of one role together, white space left out
MANAGED_POLICIES_OF_AN_ACCOUNT: Final = 1_500  # by default
ROLES_OF_AN_ACCOUNT: Final = (1_000, 5_000)
SESSION_SECONDS: Final = (3_600, 43_200)  # CreateRole, MaxSessionDuration
ROLE_PATH: Final = re.compile(r"/(?:[!-)+-.0->@-~]+/)*")  # CreateRole, Path; at most 512 characters
ROLE_PATH_LENGTH: Final = 512
POLICY_ARN: Final = re.compile(r"arn:aws(?:-[a-z]+)*:iam::(?:[0-9]{12}|aws):policy/[!-)+-.0->@-~/]+")
OIDC_PROVIDER_ARN: Final = re.compile(
    r"arn:aws(?:-[a-z]+)*:iam::[0-9]{12}:oidc-provider/[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[A-Za-z0-9._~-]+)*"
)

# Networks. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html: 8 hexadecimal digits, or 17
PRIVATELINK_GUIDE: Final = "https://docs.aws.amazon.com/vpc/latest/privatelink"
_ID: Final = "(?:[0-9a-f]{8}|[0-9a-f]{17})"
VPC_ID: Final = re.compile(f"vpc-{_ID}")
SUBNET_ID: Final = re.compile(f"subnet-{_ID}")
SECURITY_GROUP_ID: Final = re.compile(f"sg-{_ID}")
ROUTE_TABLE_ID: Final = re.compile(f"rtb-{_ID}")
ENDPOINT_POLICY_LENGTH: Final = 20_480  # characters, white space included: PRIVATELINK_GUIDE/vpc-endpoints-access.html
TRIAL_NAME: Final = re.compile(r"(?=.{2,31}\Z)[a-z][a-z0-9]*(-[a-z0-9]+)*")
TRIAL_PREFIX_LENGTH: Final = (16, 26)  # a VPC has /16 to /28, a subnet too, and there are four quarters

# Pipelines. CodeConnections: a connection made by hand, of either of the service's two names
CONNECTION_ARN: Final = re.compile(
    r"arn:aws(?:-[a-z]+)*:(?:codeconnections|codestar-connections):[a-z0-9-]+:[0-9]{12}:connection/"
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
#: A repository in full: ORG/REPO, or GROUP/…/PROJECT of GitLab
SOURCE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")
#: Without wildcards, and the braces of CloudFormation's and CodePipeline's variables
BRANCH: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+@-]{0,254}")
#: A path within the source
SOURCE_PATH: Final = re.compile(r"(?!-)(?!/)(?!(?:.*/)?\.\.(?:/|\Z))[A-Za-z0-9._/+@-]{1,250}")
BUILDKIT: Final = re.compile(r"[a-z0-9][a-z0-9._/:@-]{0,254}")
#: What an environment is called: a tag, with room for what remembers it (docs/decisions/0057-promotion-memory.md)
ENVIRONMENT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,60}")
LOG_RETENTION: Final = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
                        3288, 3653)  # fmt: skip  # days; CloudWatch Logs, PutRetentionPolicy
CACHE_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
ECS_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
TEST_COMMAND_LENGTH: Final = (1, 4_000)
ROLE_NAME_LENGTH: Final = 64  # IAM_GUIDE/reference_iam-quotas.html
# Monitoring. SNS, Subscribe: Protocol and Endpoint; SQS, CreateQueue: QueueName; CloudTrail, CreateTrail: Name
EMAIL: Final = re.compile(r"[A-Za-z0-9._%+'&=/-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
HTTPS_URL: Final = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[!-~]*)?")
QUEUE_ARN: Final = re.compile(r"arn:aws(?:-[a-z]+)*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}")
TRAIL_ARN: Final = re.compile(r"arn:aws(?:-[a-z]+)*:cloudtrail:[a-z0-9-]+:[0-9]{12}:trail/[A-Za-z0-9._-]{3,128}")
MONITORING_TEAM: Final = re.compile(r"(?=.{2,31}\Z)[a-z][a-z0-9]*(-[a-z0-9]+)*")
# Chat: the patterns of CloudFormation's schemas, AWS::Chatbot::SlackChannelConfiguration and the one of Microsoft Teams
SLACK_WORKSPACE: Final = re.compile(r"[0-9A-Z]{1,255}")
SLACK_CHANNEL: Final = re.compile(r"[A-Za-z0-9]{1,255}")
MICROSOFT_ID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
MICROSOFT_CHANNEL: Final = re.compile(r"[A-Za-z0-9_=+/.,-]*%3[aA][A-Za-z0-9_=+/.,-]*%40[A-Za-z0-9_=+/.,-]*")
MICROSOFT_CHANNEL_LENGTH: Final = (7, 255)
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html: on a bus, and by default
EVENT_PATTERN_LENGTH: Final = 2_048
EVENT_RULES: Final = 300
EVENT_RULES_IN: Final = {"af-south-1": 100, "eu-south-1": 100}
EVENT_RULE_NAME_LENGTH: Final = 64

# Alarms and dashboards. ECR_GUIDE/service-quotas.html: what a region has by default, calls by their rate a second
REGISTERED_REPOSITORIES: Final = 100_000
CALLS_A_SECOND: Final = {
    "BatchGetImage": 2_000,
    "GetDownloadUrlForLayer": 3_000,
    "GetAuthorizationToken": 500,
    "PutImage": 10,
    "BatchCheckLayerAvailability": 1_000,
    "InitiateLayerUpload": 100,
    "UploadLayerPart": 500,
    "CompleteLayerUpload": 100,
}
ALARM_HOURS: Final = 168  # PutMetricAlarm: an alarm with periods of an hour looks back over seven days at most
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
DASHBOARD_METRICS: Final = 2_500  # in all widgets of a dashboard; 500 in one
METRICS_OF_A_QUERY: Final = 10_000  # that one of Metrics Insights looks at
ALARM_ACTIONS: Final = 5  # of each kind in one alarm (PutMetricAlarm)

# The name of a registry of ours: short enough to begin every stack and role name
REGISTRY_NAME: Final = re.compile(r"(?=.{2,32}\Z)[a-z][a-z0-9]*(-[a-z0-9]+)*")


def anchored(pattern: re.Pattern[str]) -> str:
    """A pattern as JSON Schema writes it: anchored, in the dialect of JavaScript."""
    return f"^(?:{pattern.pattern})$".replace(r"\Z", "$")
