"""Each kind says the same of the file, of the template the file makes, and of AWS's answers to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.aws import cloud as ops_cloud
from ops.drift.kind import NOT_KNOWN, Kind, StackKind
from ops.drift.kinds import DELIVERY, KINDS, MONITORING, REGISTRY_WIDE
from ops.drift.named import CACHE_RULE, CREATION_TEMPLATE, REPOSITORY
from ops.drift.reading import NO_KEY, Keys, ResourceKey, declared, live
from ops.drift.registry_wide import ACCOUNT_SETTING, POLICY, REPLICATION, SCANNING, SIGNING
from ops.drift.repository_settings import Settings, differences
from ops.drift.template import resolved
from registry.load import load
from registry.locations import Location
from registry.model import Registry
from tests.ops.stubs import ACCOUNT, HOME, REPLICA, Cloud, stubbed
from tests.ops.stubs import POLICY as LIFECYCLE
from tests.synth import ROOT, SHIPPED, SMALL, synthesized
from tests.synth import declared as registry_of

AT, WEST = Location(ACCOUNT, HOME), Location(ACCOUNT, REPLICA)
FILES = [*SHIPPED, *sorted((ROOT / "tests" / "golden").glob("*.yaml"))]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with stubbed(monkeypatch) as made:
        yield made


#: Networks and their endpoints, keys (TOPIC_KEY is no kind of stacks), OIDC providers, and where a pipeline hands on.
NOT_COMPARED = (
    "AWS::EC2::",
    "AWS::KMS::",
    "AWS::IAM::OIDCProvider",
    "AWS::S3::",
    "AWS::Logs::",
    "AWS::CDK::",
)


def of_templates(registry: Registry, folder: Path) -> dict[ResourceKey, Settings]:
    """What the templates say, which app.py makes of a registry, in the words of the kinds."""
    of_type = {kind.type: kind for kind in KINDS if isinstance(kind, StackKind)}
    _, templates = synthesized(registry, folder, packs=())
    found = {}
    for path, template in templates.items():
        account, region, _ = path.split("/")
        at, resources = Location(account, region), template["Resources"]
        for resource in resources.values():
            if not resource["Type"].startswith(NOT_COMPARED):
                kind = of_type[resource["Type"]]  # a type without a kind would go unseen
                name, said = kind.deployed(resolved(resource["Properties"], resources, at))
                found[ResourceKey(at, kind.noun, name)] = said
    return found


#: What others may do besides: add to a role made here, stop a stage, not confirm. No template speaks of it, and the
#: file wants none of it.
NOT_IN_A_TEMPLATE: list[dict[str, Any]] = [
    {},
    {"furtherPolicies": [], "inlinePolicies": []},
    {"confirmed": True},
    {"stoppedStages": []},
    {"resourcePolicy": None},
]


@pytest.mark.parametrize("file", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_templates_of_a_file_say_what_the_file_declares(file: Path, tmp_path: Path) -> None:
    registry, _ = load(file)
    kinds = {kind.noun: kind for kind in KINDS if isinstance(kind, StackKind)}
    wanted = declared(registry, registry.stack_locations, list(kinds.values()))
    said = of_templates(registry, tmp_path)
    assert said.keys() <= wanted.keys()
    for thing, settings in wanted.items():
        if thing not in said:
            assert settings == kinds[thing.noun].nothing, thing
        else:
            assert {key: settings[key] for key in settings.keys() - said[thing].keys()} in NOT_IN_A_TEMPLATE
            known = {key: value for key, value in said[thing].items() if value is not NOT_KNOWN}
            assert differences(settings, {**settings, **known}) == (), thing
            assert differences(known, settings) == (), thing


def read(kind: Kind, at: Location = AT) -> dict[str, Settings]:
    found = kind.find(ops_cloud.ecr(at.region), registry_of(SMALL + API), at)
    return {name: settings for name, reader in found.items() if (settings := reader()) is not None}


def only(kind: Kind, text: str, at: Location = AT) -> Settings:
    (settings,) = kind.declared(registry_of(SMALL + text), at).values()
    return settings


API = "repositories: {web/api: }\n"


def test_scanning_is_the_same_however_its_filters_are_put_into_rules(cloud: Cloud) -> None:
    wanted = only(SCANNING, f"scanning: {{scan_type: ENHANCED, scan_on_push: [b, a], continuous_scan: [c]}}\n{API}")

    def rule(frequency: str, *filters: str) -> dict[str, Any]:
        entries = [{"filter": each, "filterType": "WILDCARD"} for each in filters]
        return {"scanFrequency": frequency, "repositoryFilters": entries}

    rules = [rule("CONTINUOUS_SCAN", "c"), rule("SCAN_ON_PUSH", "a", "b"), rule("MANUAL", "*")]
    cloud.expect(
        "get_registry_scanning_configuration", {"scanningConfiguration": {"scanType": "ENHANCED", "rules": rules}}
    )
    assert read(SCANNING) == {"": wanted}
    cloud.expect("get_registry_scanning_configuration", {"scanningConfiguration": {"scanType": "BASIC", "rules": []}})
    assert read(SCANNING) == {"": SCANNING.nothing}


def destination(region: str, account: str = ACCOUNT) -> dict[str, str]:
    return {"region": region, "registryId": account}


def test_replication_is_the_same_however_it_is_put_into_rules(cloud: Cloud) -> None:
    text = "replicas: {us-west-2: , eu-west-1: {namespaces: [web]}}\nrepositories: {web/api: , data/x: }"
    wanted = only(REPLICATION, text)
    prefixes = [{"filter": prefix, "filterType": "PREFIX_MATCH"} for prefix in ("web/", "data/")]
    rules = [
        {"destinations": [destination("us-west-2"), destination("eu-west-1")], "repositoryFilters": prefixes[:1]},
        {
            "destinations": [destination("us-west-2")],
            "repositoryFilters": prefixes[1:],
            "deleteReplication": {"enabled": False},
        },
    ]
    cloud.expect("describe_registry", {"replicationConfiguration": {"rules": rules}})
    assert read(REPLICATION) == {"": wanted}
    assert only(REPLICATION, text, WEST) == REPLICATION.nothing


@pytest.mark.parametrize(
    "rule",
    [
        {"destinations": [destination("us-west-2")]},
        {"destinations": [destination("us-west-2", "210987654321")]},
        {"destinations": [destination("eu-west-1")]},
        {"destinations": [destination("us-west-2")], "deleteReplication": {"enabled": True}},
    ],
)
def test_replication_elsewhere_of_everything_or_of_deletions_is_not_the_same(
    rule: dict[str, Any], cloud: Cloud
) -> None:
    filters = [{"filter": "web/", "filterType": "PREFIX_MATCH"}]
    if rule != {"destinations": [destination("us-west-2")]}:  # which has no filter, and so takes everything
        rule["repositoryFilters"] = filters
    cloud.expect("describe_registry", {"replicationConfiguration": {"rules": [rule]}})
    assert read(REPLICATION)[""] != only(REPLICATION, f"replicas: {{us-west-2: }}\n{API}")


def test_a_replication_rule_without_filters_sends_everything(cloud: Cloud) -> None:
    rules = [{"destinations": [destination("us-west-2")]}]
    cloud.expect("describe_registry", {"replicationConfiguration": {"rules": rules}})
    row = {"destination": f"{ACCOUNT}/us-west-2", "filter": "", "deleteReplication": False}
    assert read(REPLICATION) == {"": {"rules": [row]}}


@pytest.mark.parametrize(
    ("delete", "rows"),
    [(False, [("", False)]), (True, [("", False), ("web/", True)])],
    ids=["says nothing more", "repeats deletions"],
)
def test_a_rule_with_filters_beside_one_without(delete: bool, rows: list[tuple[str, bool]], cloud: Cloud) -> None:
    everything = {"destinations": [destination("us-west-2")]}
    some = {
        "destinations": [destination("us-west-2")],
        "repositoryFilters": [{"filter": "web/", "filterType": "PREFIX_MATCH"}],
        "deleteReplication": {"enabled": delete},
    }
    cloud.expect("describe_registry", {"replicationConfiguration": {"rules": [everything, some]}})
    found = read(REPLICATION)[""]
    assert [(row["filter"], row["deleteReplication"]) for row in found["rules"]] == rows
    wanted = only(REPLICATION, f"replicas: {{us-west-2: {{all_repositories: true}}}}\n{API}")
    assert (found == wanted) is not delete


def test_a_registry_without_policy_or_signing_has_none(cloud: Cloud) -> None:
    cloud.refuse("get_registry_policy", "RegistryPolicyNotFoundException")
    assert read(POLICY) == {"": POLICY.nothing}
    cloud.refuse("get_signing_configuration", "SigningConfigurationNotFoundException")
    assert read(SIGNING) == {"": SIGNING.nothing}


def test_the_registry_policy_is_read_as_a_document(cloud: Cloud) -> None:
    cloud.expect("get_registry_policy", {"policyText": '{"Version": "2012-10-17", "Statement": []}'})
    assert read(POLICY) == {"": {"policyText": {"Version": "2012-10-17", "Statement": []}}}
    properties = {"PolicyText": {"Version": "2012-10-17", "Statement": []}}
    assert POLICY.deployed(properties) == ("", {"policyText": {"Version": "2012-10-17", "Statement": []}})


def test_a_registry_policy_of_ones_own_is_compared_with_what_the_file_adds_to_it(cloud: Cloud) -> None:
    own = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage", "Resource": "*"}
    own["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}  # type: ignore[assignment]
    there = "210987654321/us-west-2"
    policy = json.dumps({"Version": "2012-10-17", "Statement": [own]})
    text = f"registry_policy: {policy}\nreplicas: {{{there}: {{registry_policy: {policy}}}}}\n{API}"
    cloud.expect("get_registry_policy", {"policyText": policy})
    live = read(POLICY)[""]
    assert differences(only(POLICY, text), live) == ()
    (found,) = differences(only(POLICY, text, Location(*there.split("/"))), live)
    assert "ReplicateImage" in str(found.declared)
    assert differences(only(POLICY, API), live) != ()


@pytest.mark.parametrize("kind", [POLICY, SIGNING])
def test_a_refusal_is_not_mistaken_for_nothing(kind: Kind, cloud: Cloud) -> None:
    operation = "get_registry_policy" if kind is POLICY else "get_signing_configuration"
    cloud.refuse(operation, "AccessDeniedException", "not you")
    with pytest.raises(ops_cloud.CloudError, match="not you"), ops_cloud.aws_errors():
        read(kind)


def test_a_signing_rule_without_filters_signs_everything(cloud: Cloud) -> None:
    profile = f"arn:aws:signer:{HOME}:{ACCOUNT}:/signing-profiles/releases"
    wanted = only(SIGNING, f"signing: [{{signing_profile_arn: '{profile}'}}]\n{API}")
    for rule in ({}, {"repositoryFilters": [{"filter": "*", "filterType": "WILDCARD_MATCH"}]}):
        rules = [{"signingProfileArn": profile, **rule}]
        cloud.expect("get_signing_configuration", {"signingConfiguration": {"rules": rules}})
        assert read(SIGNING) == {"": wanted}


def test_a_creation_template_is_read_in_every_setting(cloud: Cloud) -> None:
    role, key = f"arn:aws:iam::{ACCOUNT}:role/ecr", f"arn:aws:kms:{HOME}:{ACCOUNT}:key/k"
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": [ACCOUNT]}, "Action": ["ecr:BatchGetImage"]}],
    }
    wanted = only(
        CREATION_TEMPLATE,
        f"creation_templates: {{hub: {{applied_for: [PULL_THROUGH_CACHE, CREATE_ON_PUSH], description: cached, "
        f"lifecycle: untagged-14-days, "
        f"fixed_tags: ['v*'], encryption_type: KMS, kms_key: '{key}', repository_policy: {json.dumps(policy)}, "
        f"tags: {{a: '1'}}, custom_role_arn: '{role}'}}}}\n{API}",
    )
    row = {
        "prefix": "hub",
        "description": "cached",
        "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": key},
        "resourceTags": [{"Key": "a", "Value": "1"}],
        "imageTagMutability": "MUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": [{"filterType": "WILDCARD", "filter": "v*"}],
        "repositoryPolicy": json.dumps(policy),
        "lifecyclePolicy": LIFECYCLE,
        "appliedFor": ["CREATE_ON_PUSH", "PULL_THROUGH_CACHE"],
        "customRoleArn": role,
    }
    cloud.expect("describe_repository_creation_templates", {"repositoryCreationTemplates": [row]})
    assert read(CREATION_TEMPLATE) == {"hub": wanted}


def test_an_empty_description_of_a_template_is_none_as_aws_answers_it(cloud: Cloud) -> None:
    text = f"creation_templates: {{hub: {{applied_for: [REPLICATION], description: ''}}}}\n{API}"
    cloud.expect(
        "describe_repository_creation_templates",
        {"repositoryCreationTemplates": [{"prefix": "hub", "appliedFor": ["REPLICATION"]}]},
    )
    assert read(CREATION_TEMPLATE)["hub"]["description"] == only(CREATION_TEMPLATE, text)["description"]


def test_a_pull_through_cache_rule_is_read_in_every_setting(cloud: Cloud) -> None:
    secret = f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:ecr-pullthroughcache/hub-AbCdEf"
    text = (
        "pull_through_cache_rules: {hub: {upstream_registry: docker-hub, upstream_repository_prefix: library, "
        f"credential_arn: '{secret}'}}, quay: {{upstream_registry: quay}}}}\n{API}"
    )
    accepted = "acceptances: [{rule: cache-declared, reason: x}, {rule: cache-template, reason: x}]\n"
    wanted = CACHE_RULE.declared(registry_of(SMALL + text + accepted), AT)
    rows = [
        {
            "ecrRepositoryPrefix": "hub",
            "upstreamRegistryUrl": "registry-1.docker.io",
            "credentialArn": secret,
            "upstreamRepositoryPrefix": "library",
            "upstreamRegistry": "docker-hub",
        },
        {
            "ecrRepositoryPrefix": "quay",
            "upstreamRegistryUrl": "quay.io",
            "upstreamRepositoryPrefix": "ROOT",
            "upstreamRegistry": "quay",
        },
    ]
    cloud.expect("describe_pull_through_cache_rules", {"pullThroughCacheRules": rows})
    assert read(CACHE_RULE) == wanted


def test_only_the_account_settings_that_are_written_are_asked(cloud: Cloud) -> None:
    registry = registry_of(f"{SMALL}account_settings: {{blob_mounting: ENABLED}}\n{API}")
    wanted = declared(registry, [AT], [ACCOUNT_SETTING])
    cloud.expect("get_account_setting", {"name": "BLOB_MOUNTING", "value": "DISABLED"}, {"name": "BLOB_MOUNTING"})
    found = live(registry, [AT], [ACCOUNT_SETTING], wanted)
    assert found.settings == {ResourceKey(AT, "account setting", "BLOB_MOUNTING"): {"value": "DISABLED"}}


def test_of_repositories_only_the_wanted_ones_are_asked_more(cloud: Cloud) -> None:
    rows = [
        {
            "repositoryName": name,
            "repositoryArn": f"arn:aws:ecr:{HOME}:{ACCOUNT}:repository/{name}",
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
        }
        for name in ("web/api", "web/by-hand")
    ]
    cloud.expect("describe_repositories", {"repositories": rows[1:], "nextToken": "more"}, {"maxResults": 1000})
    cloud.expect("describe_repositories", {"repositories": rows[:1]}, {"maxResults": 1000, "nextToken": "more"})
    cloud.expect("list_tags_for_resource", {"tags": []}, {"resourceArn": rows[0]["repositoryArn"]})
    cloud.expect("get_lifecycle_policy", {"lifecyclePolicyText": LIFECYCLE}, {"repositoryName": "web/api"})
    cloud.refuse("get_repository_policy", "RepositoryPolicyNotFoundException")
    registry = registry_of(SMALL + API)
    wanted = declared(registry, [AT], [REPOSITORY])
    found = live(registry, [AT], [REPOSITORY], wanted)
    assert found.settings == wanted
    assert {thing.name for thing in found.there} == {"web/api", "web/by-hand"}


def test_what_a_template_takes_from_another_resource_is_not_known() -> None:
    key = {"Fn::GetAtt": ["Key961B73FD", "Arn"]}
    _, said = CREATION_TEMPLATE.deployed(
        {
            "Prefix": "web",
            "AppliedFor": ["REPLICATION"],
            "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": key},
        }
    )
    assert said["kmsKey"] is NOT_KNOWN
    assert said["encryptionType"] == "KMS"


def test_a_key_is_asked_for_once_and_a_deleted_one_is_not_one_that_nobody_may_know(cloud: Cloud) -> None:
    arn = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
    cloud.expect("describe_key", {"KeyMetadata": {"KeyId": "k", "Arn": arn}}, {"KeyId": "alias/web"})
    cloud.refuse("describe_key", "NotFoundException")
    cloud.refuse("describe_key", "AccessDeniedException")
    keys = Keys()
    assert [keys.arn(AT, "alias/web"), keys.arn(AT, "alias/web"), keys.arn(AT, arn)] == [arn, arn, arn]
    assert [keys.arn(AT, "alias/other"), keys.arn(AT, None), keys.arn(AT, None)] == [NO_KEY, None, None]


def test_every_kind_of_the_registry_stack_is_registry_wide() -> None:
    others = {kind.noun for kind in KINDS} - {kind.noun for kind in (*REGISTRY_WIDE, *MONITORING, *DELIVERY)}
    never_imported = {
        *("signing profile", "permission to sign", "suppression filter", "cache secret", "pod identity association"),
    }
    assert others == {
        *("repository", "public repository", "account setting", "Inspector setting", "managed policy", "role"),
        *never_imported,
    }
