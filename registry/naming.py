"""Names: from what the file declares to stack names, logical ids, policy names and ARNs.

Every function from a declared name is injective, and its output is a contract: a changed logical id or stack name is
a failed deploy on retained repositories (docs/decisions/0050-ids-are-a-contract.md). tests/registry/test_naming.py
proves both.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from registry.limits import LOGICAL_ID_LENGTH, ROLE_NAME_LENGTH, STACK_NAME_LENGTH
from registry.locations import Location

ROOT_NAMESPACE: Final = "_"  # shared by the names without `/`
STACK_TAG: Final = "ecr-registry"  # tag of every stack; its value is the registry's name
OWNER_TAG: Final = "owner"  # resource tag that the key `owner` makes
ACCESS_UNIT: Final = "Access"
REGISTRY_UNIT: Final = "Registry"
MONITORING_UNIT: Final = "Monitoring"
CREATION_ROLE: Final = "ecr-creation"
DELIVERY: Final = "Delivery-"  # begins the unit of the stack of a pipeline
OF_AWS: Final = "aws"  # where an ARN has an account, in those of AWS's own managed policies
IAM_ROOM: Final = "ecr-registry"  # the part of an IAM path below which everything is a registry's own
_SEPARATORS: Final = {"/": "S", "-": "M", ".": "D", "_": "U"}
_IN_LOGICAL_IDS: Final = str.maketrans(_SEPARATORS | {letter: f"X{letter}" for letter in "DHMSUX"})
_LONGEST_NAMESPACE: Final = 60  # characters of a namespace in a stack name before it is shortened
_LONGEST_DELIVERED: Final = 58  # of a repository; its pipeline has the same name, and CodePipeline takes 100


def namespace_of(repository: str) -> str:
    """The part of a repository's name before the first `/`, or `_`."""
    head, slash, _ = repository.partition("/")
    return head if slash else ROOT_NAMESPACE


def shortened(word: str, longest: int, of: str) -> str:
    """A word of at most so many characters: a longer one ends in H and a hash of what it stands for."""
    if len(word) <= longest:
        return word
    return f"{word[: longest - 17]}H{hashlib.sha256(of.encode()).hexdigest()[:16]}"


def logical_id(name: str, kind: str = "") -> str:
    """Logical id, and construct id, of what has a name: the repository `web/a-b` is `webSaMb`.

    `kind` stands before the name where a stack holds things of several kinds: `TemplatewebSaMb`. Logical ids know
    letters and digits only. S stands for `/`, M for `-`, D for `.`, U for `_`, H for a hash, which only names near
    CloudFormation's limit of 255 have; in a name that has capitals itself, such as a key's alias, X stands before
    one of these, and before the two digits of any other character (`@` is X40). Nothing else decides, so that no id
    changes when other things come or go.
    """
    word = kind + re.sub("[^A-Za-z0-9]", lambda found: f"X{ord(found[0]):02x}", name.translate(_IN_LOGICAL_IDS))
    if len(word) > LOGICAL_ID_LENGTH:
        kept = word[: LOGICAL_ID_LENGTH - 17].rstrip("X")  # an X at its end would make a letter of the H
        word = f"{kept}H{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    return word


def shared_unit(stack: str) -> str:
    """Construct id of a Repositories stack that namespaces share: no namespace has a capital."""
    return f"Repositories-Shared-{stack}"


def repositories_unit(namespace: str, shard: int = 0, shards: int = 1) -> str:
    """Construct id of a Repositories stack, and the end of its name: `Repositories-web`, `Repositories-webS2`.

    Namespaces are lower-case, so capitals are free: D stands for `.`, U for `_`, S for a shard, H for a hash.
    Stack names know letters, digits and `-` only.
    """
    if namespace == ROOT_NAMESPACE:
        word = ""
    else:
        word = "-" + namespace.replace(".", "D").replace("_", "U")
        word = shortened(word, _LONGEST_NAMESPACE, namespace)
    return f"Repositories{word}" + (f"S{shard + 1}" if shards > 1 else "")


def network_unit(vpc: str | None, trial: str | None) -> str:
    """Construct id of a Network stack, and the end of its name: `Network-vpc-12345678`, `Network-Trial-NAME`.

    Ids of VPCs have no capital, so that no trial can be called like one.
    """
    return f"Network-{vpc}" if vpc is not None else f"Network-Trial-{trial}"


def delivery_unit(repository: str) -> str:
    """Construct id of a Delivery stack, and the end of its name: `Delivery-webSapi`. Letters stand for what
    `repositories_unit` says, and S for `/`.
    """
    word = repository.replace("/", "S").replace(".", "D").replace("_", "U")
    return f"{DELIVERY}{shortened(word, _LONGEST_DELIVERED, repository)}"


def artifact_bucket(registry: str, account: str, region: str, unit: str) -> str:
    """Name of the bucket in which a pipeline hands on its source; names of buckets are unique in a partition.

    63 lower-case letters, digits and hyphens: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """
    own = hashlib.sha256(f"{registry}/{region}/{unit}".encode()).hexdigest()[:16]
    return f"ecr-delivery-{account}-{own}"


def pipeline_principal(registry: str, repository: str, part: str) -> str:
    """Name of the role of a pipeline's part, behind the registry's: `web=api@build`, at most 64 with both.

    IAM does not tell names apart by their case, so capitals stand for nothing here; no repository has `=`, `@` or `+`,
    and no principal of a file. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    word, room = repository.replace("/", "="), ROLE_NAME_LENGTH - len(f"{registry}-@{part}")
    if len(word) > room:
        word = f"{word[: room - 13]}+{hashlib.sha256(repository.encode()).hexdigest()[:12]}"
    return f"{word}@{part}"


def stack_name(registry: str, unit: str) -> str:
    """The stack's name in CloudFormation. Unique per account and region as long as registry names are."""
    name = f"{registry}-{unit}"
    assert len(name) <= STACK_NAME_LENGTH, name  # registry-name and the shortening above keep it so
    return name


def shard_of(repository: str, shards: int) -> int:
    """Which of `shards` stacks (from 0) holds a repository: rendezvous hashing.

    Adding a repository moves none, and a larger count moves only those that go to the new shards.
    """
    if shards <= 1:
        return 0
    return max(range(shards), key=lambda shard: hashlib.sha256(f"{shard}:{repository}".encode()).digest())


def iam_path(beginning: str, registry: str) -> str:
    """The IAM path of a registry's roles and policies, below the path that the file says.

    A part of its own, not a prefix of names: `acme-web` is not within `acme`, and what is called alike lies elsewhere.
    """
    return f"{beginning}{IAM_ROOM}/{registry}/"


def bootstrap_qualifier(registry: str) -> str:
    """What the CDK's bootstrap of a registry has in its names: four letters of it, and a hash of all of them.

    The CDK takes ten lower-case letters and digits; with nine the longest of its role names, that of publishing
    images, keeps to IAM's 64 characters in a region of 15.
    https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
    """
    number = int.from_bytes(hashlib.sha256(registry.encode()).digest()[:8])
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return registry.replace("-", "")[:4] + "".join(digits[number // 36**place % 36] for place in range(5))


def bootstrap_stack(registry: str) -> str:
    """Name of the stack that `cdk bootstrap` makes for a registry: not the one that other CDK apps share."""
    return f"CDKToolkit-{registry}"


def execution_role_arn(registry: str, account: str, region: str) -> str:
    """ARN of the role in which CloudFormation acts for a registry, as the CDK's bootstrap names it."""
    return role_arn(account, region, "/", f"cdk-{bootstrap_qualifier(registry)}-cfn-exec-role-{account}-{region}")


def deploy_role_arn(registry: str, account: str, region: str) -> str:
    """ARN of the role in which the CDK starts a deploy."""
    return role_arn(account, region, "/", f"cdk-{bootstrap_qualifier(registry)}-deploy-role-{account}-{region}")


def audit_policy_name(registry: str) -> str:
    """Name of the managed policy for auditors."""
    return f"{registry}-ecr-audit"


def creation_role_name(registry: str) -> str:
    """Name of the role in which ECR creates repositories; no principal may be called `ecr-creation`."""
    return role_name(registry, CREATION_ROLE)


def deployer_role_name(registry: str) -> str:
    """Name of the role of a deploy workflow; not below the registry's path, where CloudFormation may change it."""
    return f"{registry}-ecr-deployer"


def creation_policy_name(registry: str, number: int) -> str:
    """Name of a managed policy of that role; they are numbered from 1, and the first has no number."""
    return f"{creation_role_name(registry)}-templates{'' if number == 1 else f'-{number}'}"


def role_name(registry: str, principal: str) -> str:
    """Name of the role made for a principal; at most 64 characters, as IAM allows."""
    return f"{registry}-{principal}"


def access_policy_name(registry: str, principal: str, number: int) -> str:
    """Name of a principal's managed policy; its policies are numbered from 1."""
    return f"{registry}-{principal}-ecr-{number}"


# IAM and EC2 never change a description, so CloudFormation makes what has another one anew, and a policy fails on its
# own name: these texts are contracts as names are. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html


def audit_policy_description(registry: str) -> str:
    """Description of the managed policy for auditors."""
    return f"Reads the settings, inventories and scan findings of the registry {registry}"


def creation_policy_description(registry: str) -> str:
    """Description of the creation role's managed policy."""
    return f"What ECR creates for the registry {registry}"


def access_policy_description(registry: str, principal: str) -> str:
    """Description of each managed policy of a principal."""
    return f"What {principal} may do in the registry {registry}"


def endpoint_group_description(registry: str) -> str:
    """Description of the security group of endpoints."""
    return f"Endpoints of the registry {registry}"


def role_arn(account: str, region: str, path: str, role: str) -> str:
    """ARN of a role; `region` says the partition."""
    return f"arn:{partition(region)}:iam::{account}:role{path}{role}"


def policy_arn(account: str, region: str, path: str, policy: str) -> str:
    """ARN of a managed policy; `region` says the partition."""
    return f"arn:{partition(region)}:iam::{account}:policy{path}{policy}"


def account_of(arn: str) -> str:
    """The account in an ARN; empty where there is none."""
    return (*arn.split(":"), *[""] * 5)[4]


def region_of(arn: str) -> str:
    """The region in an ARN; empty where there is none."""
    return (*arn.split(":"), *[""] * 4)[3]


def partition(region: str) -> str:
    """The partition of a region: `aws`, `aws-cn`, `aws-us-gov` and the isolated ones.

    https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
    """
    prefixes = {
        "cn-": "aws-cn",
        "us-gov-": "aws-us-gov",
        "us-iso-": "aws-iso",
        "us-isob-": "aws-iso-b",
        "eu-isoe-": "aws-iso-e",
        "us-isof-": "aws-iso-f",
        "eusc-": "aws-eusc",
    }
    return next((name for prefix, name in prefixes.items() if region.startswith(prefix)), "aws")


def repository_arn(location: Location, repository: str) -> str:
    """ARN of a repository; `*` is allowed at the end of the name in a policy."""
    region = location.region
    return f"arn:{partition(region)}:ecr:{region}:{location.account}:repository/{repository}"


def key_arn(location: Location, key: str) -> str:
    """ARN of a KMS key by its id; `*` is every key of the location in a policy."""
    return f"arn:{partition(location.region)}:kms:{location.region}:{location.account}:key/{key}"


def alias_arn(location: Location, alias: str) -> str:
    """ARN of the alias (`alias/…`) of a KMS key."""
    return f"arn:{partition(location.region)}:kms:{location.region}:{location.account}:{alias}"


def topic_arn(location: Location, topic: str) -> str:
    """ARN of an SNS topic; `*` is allowed at the end of the name in a policy."""
    return f"arn:{partition(location.region)}:sns:{location.region}:{location.account}:{topic}"


def queue_arn(location: Location, queue: str) -> str:
    """ARN of an SQS queue."""
    return f"arn:{partition(location.region)}:sqs:{location.region}:{location.account}:{queue}"


def event_rule_arn(location: Location, rule: str) -> str:
    """ARN of a rule of the default event bus; `*` is allowed at the end of the name in a policy."""
    return f"arn:{partition(location.region)}:events:{location.region}:{location.account}:rule/{rule}"


def alarm_arn(location: Location, alarm: str) -> str:
    """ARN of a CloudWatch alarm; `*` is allowed at the end of the name in a policy."""
    return f"arn:{partition(location.region)}:cloudwatch:{location.region}:{location.account}:alarm:{alarm}"


def registry_host(account: str, region: str) -> str:
    """The host of an account's registry in a region, to log in to.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
    """
    return f"{account}.dkr.ecr.{region}.{dns_suffix(region)}"


def dns_suffix(region: str) -> str:
    """What the hosts of AWS's services end with in the partition of a region."""
    suffixes = {
        "aws-cn": "amazonaws.com.cn",
        "aws-iso": "c2s.ic.gov",
        "aws-iso-b": "sc2s.sgov.gov",
        "aws-iso-e": "cloud.adc-e.uk",
        "aws-iso-f": "csp.hci.ic.gov",
        "aws-eusc": "amazonaws.eu",
    }
    return suffixes.get(partition(region), "amazonaws.com")


def repository_uri(account: str, region: str, repository: str) -> str:
    """What docker and Kubernetes call the repository, without a tag."""
    return f"{registry_host(account, region)}/{repository}"
