"""The Registry stack: what is declared where, and that the templates say what the file says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from registry.rules.weights import repository_bytes as template_bytes
from tests.synth import SMALL, Templates, declared, resources, synthesized

HOME, WEST = "123456789012/ap-northeast-2/Registry", "123456789012/us-west-2/Registry"
TEMPLATE, CACHE = "AWS::ECR::RepositoryCreationTemplate", "AWS::ECR::PullThroughCacheRule"
REPLICATION = "AWS::ECR::ReplicationConfiguration"
SIGNING, SCANNING = "AWS::ECR::SigningConfiguration", "AWS::ECR::RegistryScanningConfiguration"
KEYS = {region: f"arn:aws:kms:{region}:123456789012:key/k" for region in ("ap-northeast-2", "us-west-2")}
ROLE = "arn:aws:iam::123456789012:role/r"


def stacks(text: str, folder: Path) -> Templates:
    return synthesized(declared(f"{SMALL}{text}\nrepositories: {{web/api: }}\n"), folder)[1]


def only(template: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = resources(template, kind)
    return dict(found["Properties"])


def test_by_default_every_image_is_scanned_at_its_push_and_nothing_else_is_declared(tmp_path: Path) -> None:
    made = stacks("replicas: {us-west-2: }", tmp_path)
    for region in (HOME, WEST):
        assert only(made[region], SCANNING) == {
            "ScanType": "BASIC",
            "Rules": [
                {"ScanFrequency": "SCAN_ON_PUSH", "RepositoryFilters": [{"Filter": "*", "FilterType": "WILDCARD"}]}
            ],
        }
    assert [r["Type"] for r in made[HOME]["Resources"].values()] == [SCANNING, REPLICATION]
    assert [r["Type"] for r in made[WEST]["Resources"].values()] == [SCANNING, TEMPLATE]


@pytest.mark.parametrize(
    ("scanning", "rules"),
    [
        ("scan_on_push: []", {}),
        ("scan_on_push: ['web/*', data]", {"SCAN_ON_PUSH": ["web/*", "data"]}),
        ("scan_type: ENHANCED, continuous_scan: ['web/*']", {"SCAN_ON_PUSH": ["*"], "CONTINUOUS_SCAN": ["web/*"]}),
        ("scan_type: ENHANCED, scan_on_push: [], continuous_scan: ['*']", {"CONTINUOUS_SCAN": ["*"]}),
    ],
)
def test_scanning_has_a_rule_for_each_frequency_that_has_filters(
    scanning: str, rules: dict[str, list[str]], tmp_path: Path
) -> None:
    made = only(stacks(f"scanning: {{{scanning}}}", tmp_path)[HOME], SCANNING)
    assert {rule["ScanFrequency"]: [f["Filter"] for f in rule["RepositoryFilters"]] for rule in made["Rules"]} == rules
    assert made["ScanType"] == ("ENHANCED" if "ENHANCED" in scanning else "BASIC")


def test_the_deprecated_setting_of_a_repository_mirrors_the_filters(tmp_path: Path) -> None:
    made = stacks("scanning: {scan_on_push: ['data/*']}", tmp_path)
    repository = only(made["123456789012/ap-northeast-2/Repositories-web"], "AWS::ECR::Repository")
    assert repository["ImageScanningConfiguration"] == {"ScanOnPush": False}


def test_a_creation_template_is_in_every_region_with_the_key_of_the_region(tmp_path: Path) -> None:
    keys = ", ".join(f"{region}: '{key}'" for region, key in KEYS.items())
    made = stacks(
        f"""
replicas: {{us-west-2: }}
lifecycles: {{few: [{{keep: {{any: true, last: 3}}}}]}}
creation_templates:
  web/team:
    applied_for: [REPLICATION, CREATE_ON_PUSH]
    description: of the team
    image_tag_mutability: IMMUTABLE
    moving_tags: [dev]
    encryption_type: KMS
    kms_key: {{{keys}}}
    lifecycle: few
    tags: {{b: "", a: "1"}}
    custom_role_arn: {ROLE}
    repository_policy: {{Statement: [{{Effect: Deny, Principal: "*", Action: ecr:PutImage}}]}}
""",
        tmp_path,
    )
    for stack, key in zip((HOME, WEST), KEYS.values(), strict=True):
        templates = [r["Properties"] for r in resources(made[stack], TEMPLATE)]
        properties = next(each for each in templates if each["Prefix"] == "web/team")
        assert json.loads(properties.pop("LifecyclePolicy"))["rules"][0]["selection"]["countNumber"] == 3
        assert json.loads(properties.pop("RepositoryPolicy")) == {
            "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage"}]
        }
        assert properties == {
            "Prefix": "web/team",
            "AppliedFor": ["REPLICATION", "CREATE_ON_PUSH"],
            "Description": "of the team",
            "ImageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
            "ImageTagMutabilityExclusionFilters": [
                {
                    "ImageTagMutabilityExclusionFilterType": "WILDCARD",
                    "ImageTagMutabilityExclusionFilterValue": "dev",
                }
            ],
            "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": key},
            "ResourceTags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}],
            "CustomRoleArn": ROLE,
        }


def test_a_template_whose_lifecycle_is_empty_has_none(tmp_path: Path) -> None:
    made = stacks(
        "lifecycles: {forever: []}\ncreation_templates: {ROOT: {applied_for: [REPLICATION], lifecycle: forever}}",
        tmp_path,
    )
    assert only(made[HOME], TEMPLATE) == {
        "Prefix": "ROOT",
        "AppliedFor": ["REPLICATION"],
        "EncryptionConfiguration": {"EncryptionType": "AES256"},
        "ImageTagMutability": "MUTABLE",
    }


def test_caches_and_signing_are_at_home_only(tmp_path: Path) -> None:
    profile = "arn:aws:signer:ap-northeast-2:210987654321:/signing-profiles/releases"
    made = stacks(
        f"""
replicas: {{us-west-2: }}
pull_through_cache_rules: {{k8s: {{upstream_registry: k8s, upstream_repository_prefix: e2e}}}}
signing: [{{signing_profile_arn: "{profile}"}}]
""",
        tmp_path,
    )
    assert only(made[HOME], CACHE) == {
        "EcrRepositoryPrefix": "k8s",
        "UpstreamRegistry": "k8s",
        "UpstreamRegistryUrl": "registry.k8s.io",
        "UpstreamRepositoryPrefix": "e2e",
    }
    assert only(made[HOME], SIGNING) == {"Rules": [{"SigningProfileArn": profile}]}
    assert [r["Type"] for r in made[WEST]["Resources"].values()] == [SCANNING, TEMPLATE]


SECRET = "AWS::SecretsManager::Secret"


def test_a_secret_is_made_without_a_credential_where_its_rules_are_and_stays(tmp_path: Path) -> None:
    """Under AWS's own key, which ECR demands; without text the rule could not be made."""
    made = stacks(
        "replicas: {us-west-2: {namespaces: [web]}}\npull_through_cache_rules: {hub: {upstream_registry: docker-hub, "
        "secret: ecr-pullthroughcache/hub, locations: [us-west-2]}, lib: {upstream_registry: docker-hub, "
        "secret: ecr-pullthroughcache/hub, locations: [us-west-2], upstream_repository_prefix: library}}",
        tmp_path,
    )
    assert resources(made[HOME], SECRET) == resources(made[HOME], CACHE) == []
    secret = made[WEST]["Resources"]["SecretecrMpullthroughcacheShub"]
    assert secret["Type"] == SECRET
    assert secret["Properties"] == {
        "Name": "ecr-pullthroughcache/hub",
        "Description": "Credentials of an upstream registry, for a pull-through cache of Amazon ECR",
        # CloudFormation writes it again when it changes, over the credential that somebody stored: never change it.
        "SecretString": '{"username": "not-stored-yet", "accessToken": "not-stored-yet"}',
    }
    assert (secret["DeletionPolicy"], secret["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    arn = {"Fn::GetAtt": ["SecretecrMpullthroughcacheShub", "Id"]}
    assert [rule["Properties"]["CredentialArn"] for rule in resources(made[WEST], CACHE)] == [arn, arn]


def test_a_cache_of_another_accounts_ecr_gets_a_role_in_each_of_its_accounts(tmp_path: Path) -> None:
    made = stacks(
        "replicas: {210987654321/us-west-2: {namespaces: [web]}}\n"
        "access: {permissions_boundary: {'123456789012': 'arn:aws:iam::123456789012:policy/b'}}\n"
        "pull_through_cache_rules: {base: {upstream_registry: ecr, "
        "upstream_registry_url: 345678901234.dkr.ecr.us-east-1.amazonaws.com, "
        "locations: [ap-northeast-2, 210987654321/us-west-2]}}",
        tmp_path,
    )
    for account, region in (("123456789012", "ap-northeast-2"), ("210987654321", "us-west-2")):
        rule = only(made[f"{account}/{region}/Registry"], CACHE)
        assert rule["CustomRoleArn"] == f"arn:aws:iam::{account}:role/acme-ecr-cache"
        access = made[f"{account}/ap-northeast-2/Access"]["Resources"]
        role = access["UpstreamRole"]["Properties"]
        assert (role["RoleName"], "Path" in role) == ("acme-ecr-cache", False)
        assert ("PermissionsBoundary" in role) == (account == "123456789012")
        assert access["UpstreamPolicy"]["Properties"]["ManagedPolicyName"] == "acme-ecr-cache-upstreams"
        assert access["UpstreamPolicy"]["Properties"]["Roles"] == [{"Ref": "UpstreamRole"}]


def test_prefixes_that_differ_in_a_slash_only_are_two_constructs(tmp_path: Path) -> None:
    made = stacks(
        "creation_templates: {a/b: {applied_for: [REPLICATION]}, a--b: {applied_for: [REPLICATION]}}", tmp_path
    )
    assert sorted(r["Properties"]["Prefix"] for r in resources(made[HOME], TEMPLATE)) == ["a--b", "a/b"]


def test_what_aws_keeps_once_goes_when_it_leaves_the_file(tmp_path: Path) -> None:
    made = stacks("pull_through_cache_rules: {k8s: {upstream_registry: k8s}}", tmp_path)
    assert all("DeletionPolicy" not in resource for resource in made[HOME]["Resources"].values())


def test_the_weight_of_a_policy_is_not_underestimated(tmp_path: Path) -> None:
    accounts = ", ".join(f"'{100_000_000_000 + number}'" for number in range(600))
    policy = f"{{Statement: [{{Effect: Deny, Principal: {{AWS: [{accounts}]}}, Action: ecr:PutImage}}]}}"
    weights: list[int] = []
    estimates: list[int] = []
    for settings in ("", f"repository_policy: {policy}"):
        registry = declared(f"{SMALL}repositories: {{web/api: {{{settings}}}}}")
        synthesized(registry, tmp_path / str(len(weights)))
        (written,) = (tmp_path / str(len(weights))).glob("cdk.out/**/*Repositories*.template.json")
        weights.append(written.stat().st_size)
        estimates.append(template_bytes(registry.repositories[0]))
    added = weights[1] - weights[0]
    assert added <= estimates[1] - estimates[0] <= 1.1 * added


KEY, ALIAS = "AWS::KMS::Key", "AWS::KMS::Alias"


def test_a_key_is_made_in_the_locations_where_something_is_encrypted_with_it_and_in_no_other(tmp_path: Path) -> None:
    text = (
        "replicas: {us-west-2: {namespaces: [web]}, us-east-1: {namespaces: [data]}}\n"
        "kms_keys: {alias/web: , alias/data: }\n"
        "repositories:\n"
        "  web/api: {encryption_type: KMS, kms_key: alias/web}\n"
        "  data/x: {encryption_type: KMS, kms_key: {ap-northeast-2: alias/data, us-east-1: alias/other}}\n"
    )
    made = synthesized(declared(SMALL + text), tmp_path)[1]
    aliases = {
        path.split("/")[1]: sorted(each["Properties"]["AliasName"] for each in resources(template, ALIAS))
        for path, template in made.items()
        if path.endswith("/Registry")
    }
    assert aliases == {"ap-northeast-2": ["alias/data", "alias/web"], "us-west-2": ["alias/web"], "us-east-1": []}
    for template in made.values():
        assert len(resources(template, KEY)) == len(resources(template, ALIAS))


def test_a_key_and_its_alias_stay_together_and_a_failed_creation_leaves_neither(tmp_path: Path) -> None:
    text = "kms_keys: {alias/a: }\nrepositories: {web/api: {encryption_type: KMS, kms_key: alias/a}}\n"
    made = synthesized(declared(SMALL + text), tmp_path)[1][HOME]
    for kind in (KEY, ALIAS):
        (found,) = resources(made, kind)
        assert (found["DeletionPolicy"], found["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
