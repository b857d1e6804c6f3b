"""What counts as drift, from the file and before a deploy, and how it is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from ops.cli import app
from ops.drift.compare import Drift, State, against_deployed, against_file
from ops.drift.deployed import Deployed, deployed
from ops.drift.kind import NOT_KNOWN, StackKind
from ops.drift.kinds import KINDS
from ops.drift.reading import NO_KEY, Keys, Live, ResourceKey, declared
from ops.drift.registry_wide import REPLICATION
from ops.drift.repository_settings import Settings
from ops.output import drift as shown
from registry.locations import Location
from registry.model import Registry
from tests.ops.stubs import ACCOUNT, HOME, REPLICA, Cloud, stubbed
from tests.synth import SMALL
from tests.synth import declared as registry_of

AT, WEST = Location(ACCOUNT, HOME), Location(ACCOUNT, REPLICA)
BY_NOUN = {kind.noun: kind for kind in KINDS}
OF_STACKS = {kind.noun: kind for kind in KINDS if isinstance(kind, StackKind)}
API = ResourceKey(AT, "repository", "web/api")
WIDE = ResourceKey(AT, "replication configuration", "")
RULES: Settings = {"rules": [{"destination": str(WEST), "filter": "web/", "deleteReplication": False}]}
NONE: Settings = {"rules": []}
ARN = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"


class Known(Keys):
    """A KMS that knows these names."""

    def __init__(self, **arns: str) -> None:
        super().__init__()
        self.arns = arns

    def arn(self, at: Location, key: str | None) -> str | None:
        return self.arns.get(str(key))


def registry(settings: str = "") -> Registry:
    return registry_of(f"{SMALL}repositories: {{web/api: {{{settings}}}}}")


def settings_of(registry: Registry) -> dict[ResourceKey, Settings]:
    return declared(registry, [AT], KINDS)


def from_file(
    registry: Registry, live: Mapping[ResourceKey, Settings], *others: ResourceKey, keys: Keys | None = None
) -> list[Drift]:
    found = Live(there=frozenset((*live, *others)), settings=live)
    return list(against_file(registry, BY_NOUN, settings_of(registry), found, keys or Known()))


def test_aws_as_the_file_says_is_no_drift() -> None:
    assert from_file(registry(), settings_of(registry())) == []


def test_one_setting_one_row_with_both_values() -> None:
    live = settings_of(registry())
    live[API] = {**live[API], "imageTagMutability": "MUTABLE", "tags": {"by": "hand"}}
    assert from_file(registry(), live) == [
        Drift(thing=API, state=State.DIFFERS, setting="imageTagMutability", expected="IMMUTABLE", live="MUTABLE"),
        Drift(thing=API, state=State.DIFFERS, setting="tags", expected={}, live={"by": "hand"}),
    ]


def test_a_repository_that_is_not_there_is_missing() -> None:
    live = {thing: settings for thing, settings in settings_of(registry()).items() if thing != API}
    assert from_file(registry(), live) == [Drift(thing=API, state=State.MISSING)]


def test_what_a_registry_has_and_the_file_says_nothing_of_is_drift() -> None:
    live = {**settings_of(registry()), WIDE: RULES}
    assert from_file(registry(), live) == [
        Drift(thing=WIDE, state=State.DIFFERS, setting="rules", expected=[], live=RULES["rules"])
    ]


@pytest.mark.parametrize(
    ("noun", "name", "told"),
    [
        ("repository", "web/by-hand", True),
        ("repository", "data/of-another-namespace", False),
        ("repository", f"cdk-hnb659fds-container-assets-{ACCOUNT}-{HOME}", False),
        ("creation template", "hub", True),
        ("pull-through cache rule", "hub", True),
        ("account setting", "BLOB_MOUNTING", False),
    ],
)
def test_what_is_there_and_not_declared_is_told_in_the_files_namespaces(noun: str, name: str, told: bool) -> None:
    thing = ResourceKey(AT, noun, name)
    found = from_file(registry(), settings_of(registry()), thing)
    assert found == ([Drift(thing=thing, state=State.UNDECLARED)] if told else [])


class NeverAsked(Keys):
    def arn(self, at: Location, key: str | None) -> str | None:
        raise AssertionError(f"KMS was asked for {key}")


def test_kms_is_asked_only_where_two_names_may_be_one_key() -> None:
    kms = registry(f"encryption_type: KMS, kms_key: '{ARN}'")
    assert from_file(kms, settings_of(kms), keys=NeverAsked()) == []
    aes = settings_of(kms)
    aes[API] = {**aes[API], "encryptionType": "AES256", "kmsKey": None}
    assert [each.setting for each in from_file(kms, aes, keys=NeverAsked())] == ["encryptionType", "kmsKey"]


@pytest.mark.parametrize("key", ["", ", kms_key: alias/web"])
def test_a_key_by_its_alias_is_compared_by_its_arn_or_said_not_to_be(key: str) -> None:
    kms = registry(f"encryption_type: KMS{key}")
    named = "alias/web" if key else None
    live = settings_of(kms)
    live[API] = {**live[API], "kmsKey": ARN}
    assert from_file(kms, live, keys=Known(**{str(named): ARN})) == []
    assert from_file(kms, live, keys=Known(**{str(named): f"{ARN}0"})) == [
        Drift(thing=API, state=State.DIFFERS, setting="kmsKey", expected=named, live=ARN)
    ]
    assert from_file(kms, live) == [
        Drift(thing=API, state=State.NOT_COMPARED, setting="kmsKey", expected=named, live=ARN)
    ]
    assert from_file(kms, live, keys=Known(**{str(named): NO_KEY})) == [
        Drift(thing=API, state=State.DIFFERS, setting="kmsKey", expected=named, live=ARN)
    ]


def before(
    wanted: Registry, last: Mapping[ResourceKey, Settings], live: Mapping[ResourceKey, Settings], *, stack: bool = True
) -> list[tuple[str, str, str]]:
    """What stands in the way, where the Registry stack exists or not."""
    things = declared(wanted, [AT], list(OF_STACKS.values()))
    said = Deployed(settings=last, registries=frozenset([AT] if stack else []))
    empty = {ResourceKey(AT, kind.noun, ""): kind.nothing for kind in KINDS if kind.nothing is not None}
    found = Live(there=frozenset(live), settings={**empty, **live})
    drifts = against_deployed(OF_STACKS, things, said, found, Known())
    return [(drift.thing.noun, drift.state.value, drift.setting) for drift in drifts]


def mutable(settings: Settings) -> Settings:
    return {**settings, "imageTagMutability": "MUTABLE"}


def test_a_first_deploy_where_nothing_exists_is_no_drift() -> None:
    assert before(registry(), {}, {}, stack=False) == []


def test_what_the_file_changes_and_is_not_deployed_yet_is_no_drift() -> None:
    now = settings_of(registry())[API]
    assert before(registry("image_tag_mutability: MUTABLE"), {API: now}, {API: now}) == []


def test_what_a_hand_changed_is_drift_unless_the_file_says_it_too() -> None:
    now = settings_of(registry())[API]
    assert before(registry(), {API: now}, {API: mutable(now)}) == [("repository", "differs", "imageTagMutability")]
    assert before(registry("image_tag_mutability: MUTABLE"), {API: now}, {API: mutable(now)}) == []
    other = registry("image_tag_mutability: MUTABLE, fixed_tags: [v1]")
    assert before(other, {API: now}, {API: mutable(now)}) == [("repository", "differs", "imageTagMutability")]


def test_what_leaves_the_file_may_be_as_it_likes() -> None:
    gone = ResourceKey(AT, "repository", "web/gone")
    now = settings_of(registry())[API]
    assert before(registry(), {API: now, gone: now}, {API: now, gone: mutable(now)}) == []
    assert before(registry(), {API: now, gone: now}, {API: now}) == []


def test_a_repository_that_a_hand_deleted_is_missing() -> None:
    assert before(registry(), {API: settings_of(registry())[API]}, {}) == [("repository", "missing", "")]


def test_a_repository_that_exists_outside_its_stack_is_in_the_way() -> None:
    assert before(registry(), {}, {API: settings_of(registry())[API]}) == [
        ("repository", "exists outside its stack", "")
    ]


def replicated(settings: Settings) -> Registry:
    """A registry with the replication that a test says it has, or none."""
    return registry_of(f"{SMALL}{'replicas: {us-west-2: }' if settings['rules'] else ''}\nrepositories: {{web/api: }}")


@pytest.mark.parametrize(
    ("stack", "last", "wanted", "live", "found"),
    [
        (False, None, NONE, RULES, []),  # an account's own that no deploy touches
        (False, None, RULES, RULES, ["exists outside its stack"]),
        (True, None, RULES, RULES, ["exists outside its stack"]),
        (True, None, NONE, RULES, ["differs"]),  # the stack speaks for all that is registry-wide
        (True, None, RULES, NONE, []),
        (True, RULES, RULES, NONE, ["differs"]),  # somebody ended the replication
        (True, RULES, NONE, NONE, []),  # and the file wants it ended
        (True, RULES, NONE, RULES, []),
        (True, RULES, RULES, RULES, []),
    ],
)
def test_what_a_registry_has_once_before_a_deploy(
    stack: bool, last: Settings | None, wanted: Settings, live: Settings, found: list[str]
) -> None:
    declared_ = replicated(wanted)
    assert REPLICATION.declared(declared_, AT)[""] == wanted
    now = {thing: each for thing, each in declared(declared_, [AT], list(OF_STACKS.values())).items() if thing != WIDE}
    said = {**now, **({WIDE: last} if last is not None else {})}
    states = before(declared_, said if stack else {}, {**(now if stack else {}), WIDE: live}, stack=stack)
    assert [state for noun, state, _ in states if noun == WIDE.noun] == found


def test_a_setting_that_only_cloudformation_knows_is_not_compared() -> None:
    now = settings_of(registry())[API]
    assert before(registry(), {API: {**now, "tags": NOT_KNOWN}}, {API: {**now, "tags": {"a": "b"}}}) == []


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with stubbed(monkeypatch) as made:
        yield made


def stack(name: str, status: str = "CREATE_COMPLETE", tag: str = "acme") -> dict[str, Any]:
    return {
        "StackName": name,
        "StackStatus": status,
        "CreationTime": 0,
        "Tags": [{"Key": "ecr-registry", "Value": tag}],
    }


@pytest.mark.parametrize("as_text", [False, True], ids=["JSON", "YAML"])
def test_the_last_deploy_is_what_the_templates_of_tagged_stacks_say(as_text: bool, cloud: Cloud) -> None:
    stacks = [
        {**stack("acme-Registry"), "Tags": []} if as_text else stack("acme-Registry"),  # an import sets no tag
        stack("acme-Repositories-web", "REVIEW_IN_PROGRESS"),
        {**stack("acme-Registry-of-nobody"), "Tags": []},
        stack("acme-Registry-of-another", tag="other"),
        {**stack("CDKToolkit"), "Tags": []},
    ]
    cloud.expect("describe_stacks", {"Stacks": stacks[:1], "NextToken": "more"})
    cloud.expect("describe_stacks", {"Stacks": stacks[1:]})
    rule = {"ScanFrequency": "SCAN_ON_PUSH", "RepositoryFilters": [{"Filter": "*", "FilterType": "WILDCARD"}]}
    scanning = {"Type": "AWS::ECR::RegistryScanningConfiguration", "Properties": {"ScanType": "BASIC", "Rules": [rule]}}
    template = json.dumps({"Resources": {"Scanning": scanning, "Key": {"Type": "AWS::KMS::Key"}}})
    if as_text:
        template = yaml.safe_dump(json.loads(template))
    cloud.expect("get_template", {"TemplateBody": template}, {"StackName": "acme-Registry"})
    found = deployed(registry(), [AT], KINDS)
    assert found.registries == {AT}
    rows = [{"scanFrequency": "SCAN_ON_PUSH", "filter": "*"}]
    assert found.settings == {ResourceKey(AT, "scanning configuration", ""): {"scanType": "BASIC", "rules": rows}}


def test_the_last_deploy_is_read_when_it_has_ended(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was killed goes on in CloudFormation: what is not changed yet was not changed by hand."""
    monkeypatch.setattr("ops.aws.stacks._POLL_SECONDS", 0)
    cloud.expect("describe_stacks", {"Stacks": [stack("acme-Registry", "UPDATE_IN_PROGRESS")]})
    for status in ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"):
        cloud.expect("describe_stacks", {"Stacks": [stack("acme-Registry", status)]}, {"StackName": "acme-Registry"})
    cloud.expect("get_template", {"TemplateBody": "{}"}, {"StackName": "acme-Registry"})
    assert deployed(registry(), [AT], KINDS).registries == {AT}
    cloud.nothing_is_left()


def test_a_stack_that_came_to_be_a_change_set_alone_is_gone(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was deleted, and somebody who began again has not gone on: CloudFormation never ends that by itself."""
    monkeypatch.setattr("ops.aws.stacks._POLL_SECONDS", 0)
    cloud.expect("describe_stacks", {"Stacks": [stack("acme-Registry", "DELETE_IN_PROGRESS")]})
    review = stack("acme-Registry", "REVIEW_IN_PROGRESS")
    cloud.expect("describe_stacks", {"Stacks": [review]}, {"StackName": "acme-Registry"})
    assert deployed(registry(), [AT], KINDS).registries == set()
    cloud.nothing_is_left()


FOUND = [
    Drift(thing=API, state=State.DIFFERS, setting="repositoryPolicy",
          expected={"Version": "1", "Statement": ["a", "b"]}, live={"Version": "1", "Statement": ["b", "c|d"]}),
    Drift(thing=ResourceKey(WEST, "registry policy", ""), state=State.MISSING),
    Drift(thing=ResourceKey(WEST, "repository", "web/own"), state=State.UNDECLARED),
    Drift(thing=API, state=State.NOT_COMPARED, setting="kmsKey", expected="alias/web", live=ARN),
    Drift(thing=API, state=State.EXISTS_OUTSIDE_STACK, expected={}, live={}),
]  # fmt: skip


def test_json_has_everything_and_tells_drift_from_information() -> None:
    said = shown.as_json(FOUND, "the file")
    assert said["comparedWith"] == "the file"
    assert said["drift"][0] == {
        "account": ACCOUNT,
        "region": HOME,
        "kind": "repository",
        "name": "web/api",
        "state": "differs",
        "setting": "repositoryPolicy",
        "expected": {"Version": "1", "Statement": ["a", "b"]},
        "live": {"Version": "1", "Statement": ["b", "c|d"]},
    }
    assert [row["state"] for row in said["drift"]] == ["differs", "missing", "exists outside its stack"]
    assert [row["state"] for row in said["information"]] == ["not declared", "not compared"]


def test_a_table_shows_of_two_policies_what_one_has_and_the_other_has_not() -> None:
    columns, rows = shown.table(FOUND, AT)
    assert columns == ("where", "what", "setting", "expected", "live")
    assert rows == [
        (HOME, "repository web/api", "repositoryPolicy", '{"Statement": ["a"]}', '{"Statement": ["c|d"]}'),
        (REPLICA, "registry policy", "", "there is one", "nothing"),
        (REPLICA, "repository web/own", "", "", "exists, and the file does not declare it"),
        (HOME, "repository web/api", "kmsKey", "alias/web", f"{ARN} (not compared: this key cannot be asked for)"),
        (HOME, "repository web/api", "", "none outside its stack", "exists, and is in no stack"),
    ]


def test_what_is_piped_is_whole() -> None:
    long = Drift(thing=API, state=State.DIFFERS, setting="description", expected="x" * 4_000, live="")
    assert shown.table([long], AT)[1][0][3] == "x" * 4_000


def test_the_last_line_counts() -> None:
    assert shown.summary([]) == "no drift"
    assert shown.summary(FOUND[2:3]) == "no drift, 1 for information"
    assert shown.summary(FOUND[:1]) == "1 difference"
    assert shown.summary(FOUND) == "3 differences, 2 for information"


def test_a_location_in_another_account_is_shown_with_it() -> None:
    there = Drift(thing=ResourceKey(Location("210987654321", HOME), "registry policy", ""), state=State.MISSING)
    assert shown.table([there], AT)[1][0][0] == f"210987654321/{HOME}"


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ([], 1, "repository web/api"),
        (["--json"], 1, '"state": "missing"'),
        (["--markdown"], 1, f"| `{HOME}` | `repository web/api` |  | `there is one` | `nothing` |"),
    ],
)
def test_the_command_ends_with_1_where_there_is_drift(
    options: list[str], code: int, said: str, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)  # a stub answers in one order
    file = tmp_path / "registry.yaml"
    file.write_text(f"{SMALL}repositories: {{web/api: }}\n")
    cloud.caller()
    cloud.expect("describe_repositories", {"repositories": []})
    cloud.expect("describe_repository_creation_templates", {"repositoryCreationTemplates": []})
    cloud.expect("describe_pull_through_cache_rules", {"pullThroughCacheRules": []})
    cloud.expect("list_pull_time_update_exclusions", {"pullTimeUpdateExclusions": []})
    rule = {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}]}
    scanning = {"scanType": "BASIC", "rules": [rule]}
    cloud.expect("get_registry_scanning_configuration", {"scanningConfiguration": scanning})
    cloud.expect("describe_registry", {"replicationConfiguration": {"rules": []}})
    cloud.refuse("get_registry_policy", "RegistryPolicyNotFoundException")
    cloud.refuse("get_signing_configuration", "SigningConfigurationNotFoundException")
    cloud.expect("list_policies", {"Policies": []})
    finished = CliRunner().invoke(app, ["drift", "--registry", str(file), *options])
    assert finished.exit_code == code, finished.output
    assert said in finished.output
