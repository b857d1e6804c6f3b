"""What `ecrctl adopt` reads: the home, wherever it replicates to, and nothing that a file does not declare."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from typer.testing import CliRunner

from ops.adopt import statistic
from ops.adopt.account import NothingThere, read_account
from ops.adopt.writing import adopted_file
from ops.aws.cloud import CloudError
from ops.cli import app
from registry.errors import InvalidRegistry, UnknownName
from registry.limits import PUBLIC_REGION
from registry.locations import Location
from tests.ops.stubs import ACCOUNT, HOME, REPLICA, Cloud, stubbed

VAULT = "678901234567"
KEY = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
AT = Location(ACCOUNT, HOME)
NOTHING = {
    "get_registry_policy": "RegistryPolicyNotFoundException",
    "get_signing_configuration": "SigningConfigurationNotFoundException",
}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)  # one call at a time, as a stub answers in one order
    with stubbed(monkeypatch) as made:
        yield made


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """The account of the profile `vault`."""
    made = Cloud()

    real = boto3.Session

    def session(profile_name: str = "") -> Any:
        return SimpleNamespace(client=made.client) if profile_name == "vault" else real()

    monkeypatch.setattr("ops.aws.cloud.boto3.Session", session)
    yield made
    made.nothing_is_left()


def repository(name: str, at: Location, **changed: Any) -> dict[str, Any]:
    return {
        "repositoryName": name,
        "repositoryArn": f"arn:aws:ecr:{at.region}:{at.account}:repository/{name}",
        "imageTagMutability": "MUTABLE",
        **changed,
    }


def registry_at(
    cloud: Cloud,
    at: Location,
    *rows: dict[str, Any],
    caches: Any = (),
    replicated: Any = (),
    policy: Any = None,
    scan_type: str = "BASIC",
    published: bool = True,
) -> None:
    """What a registry answers, in the order in which it is asked."""
    cloud.expect("describe_repositories", {"repositories": list(rows)}, at=at.region)
    cloud.expect("describe_repository_creation_templates", {"repositoryCreationTemplates": []}, at=at.region)
    cloud.expect("describe_pull_through_cache_rules", {"pullThroughCacheRules": list(caches)}, at=at.region)
    cloud.expect("list_pull_time_update_exclusions", {"pullTimeUpdateExclusions": []}, at=at.region)
    for row in rows:
        cloud.expect("list_tags_for_resource", {"tags": []}, {"resourceArn": row["repositoryArn"]}, at=at.region)
        cloud.refuse("get_lifecycle_policy", "LifecyclePolicyNotFoundException", at=at.region)
        if policy is None:
            cloud.refuse("get_repository_policy", "RepositoryPolicyNotFoundException", at=at.region)
        else:
            cloud.expect("get_repository_policy", {"policyText": json.dumps(policy)}, at=at.region)
    scanning = {"scanType": scan_type, "rules": []}
    cloud.expect(
        "get_registry_scanning_configuration",
        {"registryId": at.account, "scanningConfiguration": scanning},
        at=at.region,
    )
    rules = {"rules": [{"destinations": list(replicated)}] if replicated else []}
    cloud.expect("describe_registry", {"registryId": at.account, "replicationConfiguration": rules}, at=at.region)
    for operation, code in NOTHING.items():
        cloud.refuse(operation, code, at=at.region)
    values = {"BASIC_SCAN_TYPE_VERSION": "AWS_NATIVE", "BLOB_MOUNTING": "DISABLED", "REGISTRY_POLICY_SCOPE": "V2"}
    for name, value in values.items():
        cloud.expect("get_account_setting", {"name": name, "value": value}, {"name": name}, at=at.region)
    if at == AT and rows and published:
        cloud.stub("ecr-public", PUBLIC_REGION).add_response("describe_repositories", {"repositories": []})


def to(at: Location) -> dict[str, str]:
    return {"region": at.region, "registryId": at.account}


def test_the_home_and_the_regions_it_replicates_to_are_read(cloud: Cloud) -> None:
    west = Location(ACCOUNT, REPLICA)
    cloud.caller()
    registry_at(cloud, AT, repository("web/api", AT), replicated=[to(west)])
    cloud.caller()
    registry_at(cloud, west, repository("web/api", west, imageTagMutability="IMMUTABLE"))
    account = read_account("acme", HOME, {})
    assert (account.locations, account.unread) == ((AT, west), ())
    assert [account.named("repository", at)["web/api"]["imageTagMutability"] for at in account.locations] == [
        "MUTABLE",
        "IMMUTABLE",
    ]
    assert account.named("replication configuration")[""]["rules"] == [
        {"destination": str(west), "filter": "", "deleteReplication": False}
    ]


def test_another_account_is_read_with_its_profile(cloud: Cloud, vault: Cloud) -> None:
    other = Location(VAULT, HOME)
    cloud.caller()
    registry_at(cloud, AT, repository("web/api", AT), replicated=[to(other)])
    vault.caller(VAULT)
    registry_at(vault, other, repository("web/api", other))
    account = read_account("acme", HOME, {VAULT: "vault"})
    assert list(account.named("repository", other)) == ["web/api"]
    assert account.profiles == {ACCOUNT: None, VAULT: "vault"}


def test_a_profile_of_the_wrong_account_is_refused_before_anything_is_read_with_it(cloud: Cloud, vault: Cloud) -> None:
    cloud.caller()
    registry_at(cloud, AT, repository("web/api", AT), replicated=[to(Location(VAULT, HOME))])
    vault.caller(ACCOUNT)
    with pytest.raises(CloudError, match=f"belong to the account {ACCOUNT}, not to {VAULT}"):
        read_account("acme", HOME, {VAULT: "vault"})


@pytest.mark.parametrize("stranger", ["999999999999", ACCOUNT])
def test_a_profile_that_nothing_is_read_with_is_refused(cloud: Cloud, vault: Cloud, stranger: str) -> None:
    cloud.caller()
    registry_at(cloud, AT, repository("web/api", AT), replicated=[to(Location(VAULT, HOME))], published=False)
    with pytest.raises(UnknownName, match=rf"the account {stranger}, .*\n.*\n    allowed: {VAULT}\n"):
        read_account("acme", HOME, {VAULT: "vault", stranger: "vault"})


def test_an_account_without_credentials_is_not_read_and_not_forgotten(cloud: Cloud) -> None:
    cloud.caller()
    registry_at(cloud, AT, repository("web/api", AT), replicated=[to(Location(VAULT, HOME))])
    account = read_account("acme", HOME, {})
    assert (account.locations, account.unread) == ((AT,), (Location(VAULT, HOME),))


def test_what_the_cdk_and_caches_make_is_no_repository_of_the_file(cloud: Cloud) -> None:
    cloud.caller()
    rule = {"ecrRepositoryPrefix": "docker-hub", "upstreamRegistryUrl": "registry-1.docker.io"}
    names = (
        f"cdk-hnb659fds-container-assets-{ACCOUNT}-{HOME}",
        "docker-hub/library/nginx",
        "docker-hub-mirror/x",
        "web/api",
    )
    registry_at(cloud, AT, *(repository(name, AT) for name in names), caches=[rule])
    account = read_account("acme", HOME, {})
    assert list(account.repositories) == ["docker-hub-mirror/x", "web/api"]
    assert account.cached == {"docker-hub/library/nginx"}


@pytest.mark.parametrize(("manager", "own"), [("AWS", {KEY}), ("CUSTOMER", set())])
def test_a_key_that_aws_made_is_known_for_one(manager: str, own: set[str], cloud: Cloud) -> None:
    cloud.caller()
    encrypted = {"encryptionType": "KMS", "kmsKey": KEY}
    registry_at(cloud, AT, *(repository(name, AT, encryptionConfiguration=encrypted) for name in ("web/a", "web/b")))
    metadata = {"KeyMetadata": {"KeyId": "12345678-1234-1234-1234-123456789012", "Arn": KEY, "KeyManager": manager}}
    cloud.expect("describe_key", metadata, {"KeyId": KEY})  # once
    assert read_account("acme", HOME, {}).own_keys == own


def test_a_key_that_may_not_be_asked_for_is_written_as_it_is(cloud: Cloud) -> None:
    cloud.caller()
    registry_at(cloud, AT, repository("web/a", AT, encryptionConfiguration={"encryptionType": "KMS", "kmsKey": KEY}))
    cloud.refuse("describe_key", "AccessDeniedException")
    assert read_account("acme", HOME, {}).own_keys == frozenset()


@pytest.mark.parametrize(
    "written",
    [
        {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ci"}, "Action": "ecr:*", "Effect": "Allow"},
        {  # the most frequent Deny there is, as Terraform and people write it: without quotes
            "Effect": "Deny",
            "Principal": "*",
            "Action": "ecr:*",
            "Condition": {"Bool": {"aws:SecureTransport": False}, "NumericGreaterThan": {"aws:MultiFactorAuthAge": 9}},
        },
        {"Principal": {"AWS": [210987654321, "310987654321"]}, "Action": "ecr:PutImage", "Effect": "Allow"},
    ],
    ids=["one-statement", "truth-and-numbers", "an-account-as-a-number"],
)
def test_a_policy_is_read_as_the_file_writes_it(written: dict[str, Any], cloud: Cloud) -> None:
    cloud.caller()
    registry_at(cloud, AT, repository("web/a", AT), policy={"Statement": written})
    account = read_account("acme", HOME, {})
    file = adopted_file(account, teams=False, today=date(2026, 11, 26))
    assert (dict(file.unsaid), file.checked.errors, statistic.wrong(file)) == ({}, (), [])


FILTER = {
    "arn": f"arn:aws:inspector2:{HOME}:{ACCOUNT}:owner/{ACCOUNT}/filter/a1",
    "ownerId": ACCOUNT,
    "action": "SUPPRESS",
    "name": "shop",
    "description": "behind a proxy",
    "criteria": {"vulnerabilityId": [{"comparison": "EQUALS", "value": "CVE-2026-31337"}]},
    "createdAt": 0,
    "updatedAt": 0,
}


def test_amazon_inspector_is_asked_where_it_scans(cloud: Cloud) -> None:
    west = Location(ACCOUNT, REPLICA)
    cloud.caller()
    registry_at(cloud, AT, repository("web/api", AT), replicated=[to(west)])
    cloud.caller()
    registry_at(cloud, west, repository("web/api", west), scan_type="ENHANCED")
    state = {"rescanDurationState": {"rescanDuration": "DAYS_30", "status": "SUCCESS", "updatedAt": 0}}
    cloud.expect("get_configuration", {"ecrConfiguration": state}, at=REPLICA)
    cloud.expect("list_filters", {"filters": [FILTER]}, at=REPLICA)
    account = read_account("acme", HOME, {})
    assert account.named("Inspector setting") == {}
    assert account.named("Inspector setting", west)["INSPECTOR_RESCAN_DURATION"] == {"value": "DAYS_30"}
    assert account.named("suppression filter", west)["shop"]["description"] == "behind a proxy"
    assert account.not_read == {}


def test_what_these_credentials_may_not_read_beside_ecr_is_told_and_the_rest_is_adopted(cloud: Cloud) -> None:
    cloud.caller()
    registry_at(cloud, AT, repository("web/api", AT), scan_type="ENHANCED")
    for operation in ("get_configuration", "list_filters"):
        cloud.refuse(operation, "AccessDeniedException", "not you")
    account = read_account("acme", HOME, {})
    file = adopted_file(account, teams=False, today=date(2026, 11, 26))
    assert list(statistic.unsaid(file)) == [
        (f"every {noun} in {HOME}", f"not read: these credentials may not call inspector2:{action}")
        for noun, action in (("Inspector setting", "GetConfiguration"), ("suppression filter", "ListFilters"))
    ]
    assert statistic.wrong(file) == []


def out_of_reach_of_ecr_public(cloud: Cloud) -> None:
    def nobody_there(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://api.ecr-public.us-east-1.amazonaws.com/")

    cloud.caller()
    registry_at(cloud, AT, repository("web/api", AT), published=False)
    public = cloud.stub("ecr-public", PUBLIC_REGION)
    public.deactivate()
    public.client.meta.events.register("before-call", nobody_there)


def test_a_network_that_does_not_reach_ecr_public_adopts_the_rest_and_is_told(cloud: Cloud) -> None:
    out_of_reach_of_ecr_public(cloud)
    file = adopted_file(read_account("acme", HOME, {}), teams=False, today=date(2026, 11, 26))
    why = "not read: ECR Public, which is in us-east-1 only, cannot be reached from here"
    assert list(statistic.unsaid(file)) == [("every public repository in us-east-1", why)]
    assert statistic.wrong(file) == []


def test_what_the_file_cannot_say_is_an_answer_of_no_with_a_way_out(cloud: Cloud) -> None:
    out_of_reach_of_ecr_public(cloud)
    finished = CliRunner().invoke(app, ["adopt", "acme", "--region", HOME])
    assert finished.exit_code == 1, finished.output
    assert "1 thing cannot be said\n    way out: docs/adopting.md" in finished.output


def test_a_region_without_repositories_is_the_wrong_one(cloud: Cloud) -> None:
    cloud.caller()
    registry_at(cloud, AT)
    with pytest.raises(NothingThere, match=f"has no repository in {HOME}"):
        read_account("acme", HOME, {})


@pytest.mark.parametrize(
    ("name", "region", "says"),
    [
        ("Acme Corp", HOME, "this is not a registry name"),
        ("acme", "eu-central-1a", "this is not a region"),
        ("acme", "", "region"),
        ("acme", "x/y", "this is not a region"),
    ],
)
@pytest.mark.usefixtures("cloud")
def test_what_no_registry_can_have_is_refused_before_aws_is_asked(name: str, region: str, says: str) -> None:
    with pytest.raises(InvalidRegistry, match=says):
        read_account(name, region, {})


def test_the_command_writes_what_it_read_and_overwrites_nothing(cloud: Cloud, tmp_path: Path) -> None:
    cloud.caller()
    registry_at(cloud, AT, repository("web/api", AT))
    words = ["adopt", "acme", "--region", HOME, "--write", str(tmp_path / "new folder")]
    finished = CliRunner().invoke(app, words)
    assert finished.exit_code == 0, finished.output
    written = tmp_path / "new folder" / "registry.yaml"
    assert "  web/api: {image_tag_mutability: MUTABLE, lifecycle: nothing-expires}\n" in written.read_text()
    assert [file.name for file in written.parent.iterdir()] == ["registry.yaml"]
    assert "repositories whose tags can be moved\t1\t" in finished.output
    assert "the file says everything that is there" in finished.output
    again = CliRunner().invoke(app, words)  # asks AWS nothing
    assert again.exit_code == 1
    assert "is not empty, and nothing is written over" in str(again.exception)


def test_what_cannot_be_written_whole_is_not_written(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for left in (".adopted.new", ".adopted.new/teams"):  # of one that was killed
        (tmp_path / left).mkdir()
    cloud.caller()
    registry_at(cloud, AT, repository("web/api", AT))
    words = ["adopt", "acme", "--region", HOME, "--write", str(tmp_path / "adopted")]
    with monkeypatch.context() as full:
        full.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        assert "No space left on device" in str(CliRunner().invoke(app, words).exception)
    assert not (tmp_path / "adopted").exists()
    cloud.caller()
    registry_at(cloud, AT, repository("web/api", AT))
    assert CliRunner().invoke(app, words).exit_code == 0
    assert [str(it.relative_to(tmp_path)) for it in tmp_path.rglob("*")] == ["adopted", "adopted/registry.yaml"]


def test_the_command_only_looks_unless_it_is_told_to_write(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    cloud.caller()
    registry_at(cloud, AT, repository("web/api", AT))
    assert CliRunner().invoke(app, ["adopt", "acme", "--region", HOME, "--json"]).exit_code == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("profile", ["vault", "12=vault", "678901234567=", "=vault"])
def test_a_profile_names_its_account(profile: str) -> None:
    finished = CliRunner().invoke(app, ["adopt", "acme", "--region", HOME, "--profile", profile])
    assert finished.exit_code == 2
    assert "210987654321=vault" in finished.output
