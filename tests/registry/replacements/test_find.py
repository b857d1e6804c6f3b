"""What a change of the file can only reach by replacement: one pair of files, or of templates, for each case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from registry.locations import Location
from registry.replacements.find import Outcome, Replacement, replaced_in, replacements
from tests.replaced import HEAD, between, templates_of

AT = Location("123456789012", "ap-northeast-2")
WEST = Location("123456789012", "us-west-2")
KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/12345678-1234-1234-1234-123456789012"
SECRET = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:ecr-pullthroughcache/"
WEB = "repositories: {web/api: , web/ui: }\n"
ACCESS = f"""\
principals:
  ci: {{github: acme/web, owner_id: 1, repository_id: 2, branch: main}}
  jenkins: {{role: "arn:aws:iam::123456789012:role/jenkins"}}
namespaces: {{web: {{push: [ci], pull: [jenkins]}}}}
{WEB}"""
REFUSED, TAKEN, REPLACED, LOST = Outcome.REFUSED, Outcome.TAKEN, Outcome.REPLACED, Outcome.LOST
Row = tuple[Outcome, str, str]


def cache(rule: str) -> str:
    return f"{HEAD}{WEB}pull_through_cache_rules: {{hub: {{{rule}}}}}\n"


def template(settings: str) -> str:
    return f"{HEAD}{WEB}creation_templates: {{x: {{applied_for: [CREATE_ON_PUSH]{settings}}}}}\n"


def at_home(region: str, rest: str, name: str = "acme") -> str:
    return f'registry: {{name: {name}, account: "123456789012", region: {region}}}\n{rest}'


def network(fips: str = "", cidr: str = "10.0.0.0/16") -> str:
    """At a place where ECR has FIPS endpoints."""
    return at_home(
        "us-west-2",
        f"""\
principals: {{nodes: {{role: "arn:aws:iam::123456789012:role/eks-node"}}}}
repositories: {{web/api: {{pull: [nodes]}}}}
network: [{{vpc: {{id: vpc-12345678, cidr: {cidr}, subnets: [subnet-12345678]}}{fips}}}]
""",
    )


def trial(cidr: str) -> str:
    return f"""\
{HEAD}principals: {{nodes: {{role: "arn:aws:iam::123456789012:role/eks-node"}}}}
repositories: {{web/api: {{pull: [nodes]}}}}
network: [{{trial_vpc: {{name: trial, cidr: {cidr}}}}}]
"""


def rows(found: list[Replacement]) -> list[Row]:
    return [(it.outcome, it.type.rpartition("::")[2], it.name) for it in found]


IAM = [(TAKEN, "ManagedPolicy", "acme-ecr-audit"),
       (TAKEN, "OIDCProvider", "https://token.actions.githubusercontent.com"), (TAKEN, "Role", "acme-ci"),
       (TAKEN, "ManagedPolicy", "acme-ci-ecr-1"), (TAKEN, "ManagedPolicy", "acme-jenkins-ecr-1")]  # fmt: skip
FILES = {
    "nothing changes": (HEAD + ACCESS, HEAD + ACCESS, []),
    "what CloudFormation can change, and what is new": (
        HEAD + ACCESS,
        HEAD
        + ACCESS.replace("web/ui: ", "web/ui: {image_tag_mutability: MUTABLE}, web/new: ")
        .replace("pull: [jenkins]", "promote: [jenkins]"),
        [],
    ),
    "principals of other kinds, under the same names": (
        HEAD + ACCESS,
        HEAD
        + ACCESS.replace("github: acme/web, owner_id: 1, repository_id: 2", "gitlab: acme/web")
        .replace("role/jenkins", "role/ci/agent")
        .replace("push: [ci]", "promote: [ci, jenkins]"),
        [],
    ),
    "a repository and a principal leave": (HEAD + ACCESS, f"{HEAD}repositories: {{web/api: }}\n", []),
    "the encryption of repositories": (
        HEAD + WEB,
        f"{HEAD}defaults: {{encryption_type: KMS}}\n{WEB}",
        [(REFUSED, "Repository", "web/api"), (REFUSED, "Repository", "web/ui")],
    ),
    "an alias for the ARN of its key": (
        f"{HEAD}repositories: {{web/api: {{encryption_type: KMS, kms_key: alias/images}}}}\n",
        f'{HEAD}repositories: {{web/api: {{encryption_type: KMS, kms_key: "{KEY}"}}}}\n',
        [(REFUSED, "Repository", "web/api")],
    ),
    "a template's encryption is switched on": (template(""), template(f', encryption_type: KMS, kms_key: "{KEY}"'), []),
    "and off, with the role it needed": (template(f', encryption_type: KMS, kms_key: "{KEY}"'), template(""), []),
    "the secret of a cache rule": (
        cache(f'upstream_registry: docker-hub, credential_arn: "{SECRET}one-AbCdEf"'),
        cache(f'upstream_registry: docker-hub, credential_arn: "{SECRET}two-AbCdEf"'),
        [(REFUSED, "PullThroughCacheRule", "hub")],
    ),
    "the upstream of a cache rule": (
        cache("upstream_registry: k8s"),
        cache("upstream_registry: quay"),
        [(REFUSED, "PullThroughCacheRule", "hub")],
    ),
    "the path of roles and policies": (
        HEAD + ACCESS,
        f"{HEAD}access: {{path: /ci/}}\n{ACCESS}",
        [(REFUSED, "ManagedPolicy", "acme-ecr-audit"), (REFUSED, "Role", "acme-ci"),
         (REFUSED, "ManagedPolicy", "acme-ci-ecr-1"),
         (REFUSED, "ManagedPolicy", "acme-jenkins-ecr-1")],
    ),
    "the path of the creation role's policy": (
        template(', tags: {a: "1"}'),
        "access: {path: /ci/}\n" + template(', tags: {a: "1"}'),
        [(REFUSED, "ManagedPolicy", "acme-ecr-audit"), (REFUSED, "ManagedPolicy", "acme-ecr-creation-templates")],
    ),
    "the home moves to another region": (HEAD + ACCESS, at_home("us-west-2", ACCESS), IAM),
    "home and replica are swapped": (
        f"{HEAD}replicas: {{us-west-2: }}\n{ACCESS}",
        at_home("us-west-2", f"replicas: {{ap-northeast-2: }}\n{ACCESS}"),
        IAM,
    ),
    "a principal moves to a stack of a name": (
        HEAD + ACCESS,
        HEAD + ACCESS.replace("branch: main", "branch: main, stack: more"),
        [(TAKEN, "Role", "acme-ci"), (TAKEN, "ManagedPolicy", "acme-ci-ecr-1")],
    ),
    "a principal comes in a stack of a name": (
        HEAD + WEB,
        HEAD + ACCESS.replace("branch: main", "branch: main, stack: more"),
        [],
    ),
    "the registry is renamed": (
        HEAD + WEB,
        at_home("ap-northeast-2", WEB, "other"),
        [(TAKEN, "RegistryScanningConfiguration", ""), (TAKEN, "Repository", "web/api"),
         (TAKEN, "Repository", "web/ui")],
    ),
    "a namespace gets shards": (
        HEAD + WEB,
        f"{HEAD}namespaces: {{web: {{shards: 2}}}}\n{WEB}",
        [(TAKEN, "Repository", "web/api"), (TAKEN, "Repository", "web/ui")],
    ),
    "a namespace gets more shards: those that move": (
        f"{HEAD}namespaces: {{web: {{shards: 2}}}}\nrepositories: {{web/a1: , web/a2: , web/a3: }}\n",
        f"{HEAD}namespaces: {{web: {{shards: 3}}}}\nrepositories: {{web/a1: , web/a2: , web/a3: }}\n",
        [(TAKEN, "Repository", "web/a2")],
    ),
    "endpoints of another service in the same VPC": (
        network(),
        network(", fips: true"),
        [(REPLACED, "VPCEndpoint", f"com.amazonaws.us-west-2.ecr.{kind} in vpc-12345678") for kind in ("api", "dkr")],
    ),
    "a security group's addresses": (network(), network(cidr="10.1.0.0/16"), []),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "found"), FILES.values(), ids=FILES)
def test_what_a_change_of_the_file_replaces(before: str, after: str, found: list[Row], tmp_path: Path) -> None:
    assert rows(between(before, after, tmp_path)) == found


def test_everything_in_a_vpc_that_is_made_anew_is_made_anew_with_it(tmp_path: Path) -> None:
    found = between(trial("10.99.0.0/24"), trial("10.98.0.0/24"), tmp_path)
    assert {it.outcome for it in found} == {REPLACED}
    kinds = {it.type.rpartition("::")[2] for it in found}
    assert kinds == {"VPC", "Subnet", "RouteTable", "SubnetRouteTableAssociation", "SecurityGroup", "VPCEndpoint"}


def test_it_says_where_and_which_properties_and_who_has_the_name(tmp_path: Path) -> None:
    (one, _) = between(HEAD + WEB, f"{HEAD}defaults: {{encryption_type: KMS}}\n{WEB}", tmp_path / "1")
    assert (one.at, one.stack, one.holder) == (AT, "acme-Repositories-web", None)
    assert one.properties == ("EncryptionConfiguration.EncryptionType",)
    moved = between(HEAD + ACCESS, at_home("us-west-2", ACCESS), tmp_path / "2")
    assert {(it.at, it.stack, it.holder) for it in moved} == {(WEST, "acme-Access", (AT, "acme-Access"))}


# Templates: what no file of ours makes today, but a version of the project could


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def one(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"It": resource(kind, **properties)}}


ENDPOINT = {"VpcId": "vpc-1", "ServiceName": "ecr.api", "PrivateDnsEnabled": True, "VpcEndpointType": "Interface"}
POLICY = {"ManagedPolicyName": "acme-ci", "Path": "/", "Description": "old"}
TEMPLATES = {
    # https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2502
    "the default encryption is written down after an import": (
        one("ECR::Repository", RepositoryName="web/api"),
        one("ECR::Repository", RepositoryName="web/api", EncryptionConfiguration={"EncryptionType": "AES256"}),
        [(REFUSED, ("EncryptionConfiguration.EncryptionType",))],
    ),
    "the text of a policy's description": (
        one("IAM::ManagedPolicy", **POLICY),
        one("IAM::ManagedPolicy", **POLICY | {"Description": "new"}),
        [(REFUSED, ("Description",))],
    ),
    "a policy whose name changes with its path": (
        one("IAM::ManagedPolicy", **POLICY),
        one("IAM::ManagedPolicy", **POLICY | {"Path": "/x/", "ManagedPolicyName": "acme-x"}),
        [(REPLACED, ("ManagedPolicyName", "Path"))],
    ),
    "a policy that CloudFormation names": (
        one("IAM::ManagedPolicy", Path="/"),
        one("IAM::ManagedPolicy", Path="/x/"),
        [(REPLACED, ("Path",))],
    ),
    "the description of a security group": (
        one("EC2::SecurityGroup", VpcId="vpc-1", GroupDescription="old"),
        one("EC2::SecurityGroup", VpcId="vpc-1", GroupDescription="new"),
        [(REPLACED, ("GroupDescription",))],
    ),
    "a repository whose name changes under its logical id": (
        one("ECR::Repository", RepositoryName="web/api"),
        one("ECR::Repository", RepositoryName="web/new"),
        [(LOST, ("RepositoryName",))],
    ),
    "an endpoint of the same host names": (
        one("EC2::VPCEndpoint", **ENDPOINT),
        one("EC2::VPCEndpoint", **ENDPOINT, DnsOptions={"PrivateDnsPreference": "ALL_DOMAINS"}),
        [(REFUSED, ("DnsOptions.PrivateDnsPreference",))],
    ),
    "an endpoint without private DNS": (
        one("EC2::VPCEndpoint", **ENDPOINT | {"PrivateDnsEnabled": False}),
        one("EC2::VPCEndpoint", **ENDPOINT | {"PrivateDnsEnabled": False, "ServiceRegion": "us-east-1"}),
        [(REPLACED, ("ServiceRegion",))],
    ),
    "an endpoint in another VPC": (
        one("EC2::VPCEndpoint", **ENDPOINT),
        one("EC2::VPCEndpoint", **ENDPOINT | {"VpcId": "vpc-2"}),
        [(REPLACED, ("VpcId",))],
    ),
    "a type that nobody knows": (one("X::Y", Name="a", Path="/"), one("X::Y", Name="a", Path="/x/"), []),
    "no properties at all": ({"Resources": {"It": {"Type": "AWS::KMS::Key"}}}, one("KMS::Key", Enabled=True), []),
}


@pytest.mark.parametrize(("old", "new", "found"), TEMPLATES.values(), ids=TEMPLATES)
def test_what_a_change_of_a_template_replaces(old: Any, new: Any, found: list[tuple[Outcome, Any]]) -> None:
    assert [(it.outcome, it.properties) for it in replaced_in(AT, "acme-x", old, new)] == found


def taken(old: dict[str, Any], new: dict[str, Any], at: Location = AT, stack: str = "acme-x") -> list[Row]:
    """What is taken where the new template is another stack's, or has another logical id."""
    renamed = {"Resources": {f"{name}2": it for name, it in new["Resources"].items()}}
    found = replacements({(AT, "acme-x"): old}, {(at, stack): renamed})
    assert all(it.holder == (AT, "acme-x") for it in found)
    return rows(found)


@pytest.mark.parametrize(
    ("kind", "properties", "name"),
    [
        ("ECR::Repository", {"RepositoryName": "web/api"}, "web/api"),
        ("ECR::RepositoryCreationTemplate", {"Prefix": "web/"}, "web/"),
        ("ECR::PullThroughCacheRule", {"EcrRepositoryPrefix": "hub"}, "hub"),
        ("ECR::RegistryPolicy", {}, ""),
        ("ECR::ReplicationConfiguration", {}, ""),
        ("KMS::Alias", {"AliasName": "alias/one"}, "alias/one"),
        ("IAM::Role", {"RoleName": "acme-ci"}, "acme-ci"),
        ("EC2::VPCEndpoint", ENDPOINT, "ecr.api in vpc-1"),
    ],
)
@pytest.mark.parametrize("stack", ["acme-x", "acme-y"])
def test_a_name_under_another_logical_id_or_in_another_stack_is_taken(
    kind: str, properties: dict[str, Any], name: str, stack: str
) -> None:
    made = one(kind, **properties)
    assert taken(made, made, stack=stack) == [(TAKEN, kind.rpartition("::")[2], name)]


def test_iam_is_one_for_an_account_and_knows_no_capitals_and_ecr_is_not() -> None:
    old, new = one("IAM::Role", RoleName="acme-CI", Path="/a/"), one("IAM::Role", RoleName="acme-ci", Path="/b/")
    assert taken(old, new, WEST) == [(TAKEN, "Role", "acme-ci")]
    assert taken(old, new, Location("210987654321", "ap-northeast-2")) == []
    repository = one("ECR::Repository", RepositoryName="web/api")
    assert taken(repository, repository, WEST) == []


def test_gateways_of_other_route_tables_and_what_a_reference_means_elsewhere_are_not_taken() -> None:
    gateway = {"VpcId": "vpc-1", "ServiceName": "s3", "VpcEndpointType": "Gateway"}
    old, new = (one("EC2::VPCEndpoint", **gateway, RouteTableIds=[table]) for table in ("rtb-1", "rtb-2"))
    assert taken(old, new) == []
    assert taken(old, old) == [(TAKEN, "VPCEndpoint", "s3 in vpc-1")]
    inside = one("EC2::VPCEndpoint", **ENDPOINT | {"VpcId": {"Ref": "Vpc"}})
    assert taken(inside, inside, stack="acme-y") == []
    assert taken(inside, inside) == [(TAKEN, "VPCEndpoint", "ecr.api in Vpc")]


def test_an_empty_template_and_one_without_resources_are_read(tmp_path: Path) -> None:
    wanted = templates_of(HEAD + WEB, tmp_path)
    assert replacements({}, wanted) == replacements({(AT, "acme-Access"): {"Resources": None}}, wanted) == []
