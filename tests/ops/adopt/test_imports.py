"""What an import asks of AWS and of the cdk CLI, what it leaves out and why, and what it refuses as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import pytest

from ops.adopt import change_sets, imports, shown
from ops.adopt.change_sets import CHANGE_SET, ImportRefused
from ops.adopt.imports import Outcome
from ops.adopt.outside import IMPORTABLE
from ops.adopt.run import import_found, refuse_unknown, refuse_unprepared
from ops.aws import cloud as ops_cloud
from ops.aws.cloud import CloudError
from ops.drift.kind import StackKind
from ops.drift.kinds import REGISTRY_WIDE
from ops.drift.named import REPOSITORY
from registry.errors import ExitCode, UnknownName
from registry.locations import Location
from registry.model import Registry
from tests.ops.stubs import ACCOUNT, HOME, REPLICA, AskedAssembly, Cloud, assembling, importing, row
from tests.synth import SEED, SMALL, declared

AT = Location(ACCOUNT, HOME)
STACK, WIDE = "acme-Repositories-web", "acme-Registry"
KEY = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
KMS = {"encryptionType": "KMS", "kmsKey": KEY}
API, UI = {"web/api": "webSapi"}, {"web/ui": "webSui"}
SAME: Mapping[str, Any] = {}  # as the file says
BOTH: Mapping[str, Mapping[str, Any]] = {"web/api": SAME, "web/ui": SAME}
MUTABLE: Mapping[str, Any] = {"imageTagMutability": "MUTABLE"}
#: What Lambda adds to a repository whose image a function uses.
LAMBDA = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "LambdaECRImageRetrievalPolicy",
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Condition": {"StringLike": {"aws:sourceArn": f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:*"}},
        }
    ],
}
SCANNING = {
    "Type": "AWS::ECR::RegistryScanningConfiguration",
    "Properties": {
        "ScanType": "BASIC",
        "Rules": [{"ScanFrequency": "SCAN_ON_PUSH", "RepositoryFilters": [{"Filter": "*", "FilterType": "WILDCARD"}]}],
    },
}
CACHE = {
    "Type": "AWS::ECR::PullThroughCacheRule",
    "Properties": {"EcrRepositoryPrefix": "quay", "UpstreamRegistry": "quay", "UpstreamRegistryUrl": "quay.io"},
}


def template(ids: Mapping[str, str]) -> dict[str, Any]:
    return {
        logical_id: {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryName": name}}
        for name, logical_id in ids.items()
    }


@pytest.fixture
def assembly(monkeypatch: pytest.MonkeyPatch) -> AskedAssembly:
    wide = {"Scanning": SCANNING, "Cache": CACHE, "Other": {"Type": "AWS::KMS::Key"}}
    made = AskedAssembly({STACK: template(API | UI), WIDE: wide})
    assembling(monkeypatch, made)
    return made


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with importing(monkeypatch) as made:
        yield made


def registry(repositories: str = "web/api: , web/ui: ", rest: str = "") -> Registry:
    return declared(f"{SMALL}{rest}repositories: {{{repositories}}}")


def stacks(cloud: Cloud, statuses: Mapping[str, str], *, name: str | None = None, at: str = HOME) -> None:
    """DescribeStacks, of all stacks or of one name."""
    rows = [{"StackName": each, "StackStatus": status, "CreationTime": 0} for each, status in statuses.items()]
    cloud.expect("describe_stacks", {"Stacks": rows}, {"StackName": name} if name else None, at=at)


def looked(
    cloud: Cloud,
    live: Mapping[str, Mapping[str, Any]],
    *,
    held: Mapping[str, str] | None = None,
    status: str = "UPDATE_COMPLETE",
    then: str = "",
    owners: Mapping[str, str] | None = None,
    only: Collection[str] = (),
) -> None:
    """One look at repositories: `live` with what differs in each, those that the stack holds, other stacks' ones."""
    cloud.caller()
    stacks(cloud, {STACK: status} if held is not None else {})
    if then:
        stacks(cloud, {STACK: then}, name=STACK)
    if held is not None:
        rows = [{**row("AWS::ECR::Repository", "CREATE_COMPLETE", n), "LogicalResourceId": i} for n, i in held.items()]
        cloud.expect("list_stack_resources", {"StackResourceSummaries": rows}, {"StackName": STACK})
    outside = [name for name in live if name not in (held or {}) and (not only or name in only)]
    if outside:
        cloud.repositories(live, read=outside)
    for name in outside:
        owner(cloud, name, (owners or {}).get(name))


def owner(
    cloud: Cloud, name: str, stack: str | None, *, kind: str = "AWS::ECR::Repository", status: str = "CREATE_COMPLETE"
) -> None:
    if stack is None:
        cloud.refuse("describe_stack_resources", "ValidationError", f"Stack for {name} does not exist")
        return
    resource = {**row(kind, status, name), "StackName": stack, "Timestamp": 0}
    del resource["LastUpdatedTimestamp"]
    cloud.expect("describe_stack_resources", {"StackResources": [resource]}, {"PhysicalResourceId": name})


def executed(cloud: Cloud, *logical_ids: str, stack: str = STACK, ends: Sequence[str] = ("IMPORT_COMPLETE",)) -> None:
    changes = [{"ResourceChange": {"Action": "Import", "LogicalResourceId": each}} for each in logical_ids]
    wanted = {"StackName": stack, "ChangeSetName": CHANGE_SET}
    cloud.expect("describe_change_set", {"Changes": changes}, wanted)
    cloud.expect("execute_change_set", {}, wanted)
    for status in ends:
        stacks(cloud, {stack: status}, name=stack)


class Person:
    """Who is asked, and says yes or no."""

    def __init__(self, answer: bool) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def __call__(self, question: str) -> bool:
        self.asked.append(question)
        return self.answer


def never(question: str) -> bool:
    raise AssertionError(question)


def imported(
    of: Registry,
    *names: str,
    kinds: Sequence[StackKind] = (REPOSITORY,),
    confirm: Callable[[str], bool] | None = None,
    strict: bool = False,
    quiet: bool = False,
) -> Outcome:
    person = confirm or Person(answer=True)
    return import_found(of, kinds, names=names, file=SEED, confirm=person, strict=strict or bool(names), quiet=quiet)


def rows_of(capsys: pytest.CaptureFixture[str], beginning: str) -> list[list[str]]:
    return [line.split("\t") for line in capsys.readouterr().out.splitlines() if line.startswith(beginning)]


# Repositories by name: all of them or nothing


def test_what_is_as_the_file_says_is_imported_and_compared_again(cloud: Cloud, assembly: AskedAssembly) -> None:
    looked(cloud, BOTH, held=UI)
    executed(cloud, "webSapi")
    cloud.repositories(BOTH, read=["web/api"])
    person = Person(answer=True)
    assert imported(registry(), "web/api", confirm=person).exit_code is ExitCode.FINE
    assert person.asked == ["Import 1 repository?"]
    (asked,) = assembly.asked
    assert asked[:2] == ("import", f"{ACCOUNT}/{HOME}/Repositories-web")
    assert {"--no-execute", "--force"} <= set(asked)
    assert assembly.mapped == [{"webSapi": {"RepositoryName": "web/api"}}]


def test_only_what_is_named_is_read_and_imported(cloud: Cloud, assembly: AskedAssembly) -> None:
    looked(cloud, {"web/api": MUTABLE, "web/ui": SAME}, only=["web/ui"])
    executed(cloud, "webSui")
    cloud.repositories(BOTH, read=["web/ui"])
    assert imported(registry(), "web/ui").exit_code is ExitCode.FINE


def test_a_difference_of_a_named_one_is_refused_before_anything_is_prepared(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    looked(cloud, {"web/api": MUTABLE})
    with pytest.raises(ImportRefused, match=rf"repository web/api in {HOME}: imageTagMutability") as refused:
        imported(registry(), "web/api", confirm=never)
    assert '        live: "MUTABLE"\n        file: "IMMUTABLE"' in str(refused.value)
    assert "way out: write it into the file as it is live" in str(refused.value)
    assert assembly.asked == []


def test_a_difference_that_appears_during_the_import_is_not_called_a_success(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    looked(cloud, {"web/api": SAME})
    executed(cloud, "webSapi")
    cloud.repositories({"web/api": {"policy": LAMBDA}}, read=["web/api"])
    with pytest.raises(ImportRefused, match="repositoryPolicy"):
        imported(registry(), "web/api")


@pytest.mark.parametrize("arn", [KEY, f"{KEY[:-1]}3"])
def test_a_key_by_its_alias_is_compared_by_its_arn(cloud: Cloud, assembly: AskedAssembly, arn: str) -> None:
    looked(cloud, {"web/api": {"encryptionConfiguration": KMS}})
    cloud.expect("describe_key", {"KeyMetadata": {"KeyId": "k", "Arn": arn}}, {"KeyId": "alias/ecr"})
    of = registry("web/api: {encryption_type: KMS, kms_key: alias/ecr}")
    if arn == KEY:
        assert imported(of, "web/api", confirm=Person(answer=False)).imported == ()
    else:
        with pytest.raises(ImportRefused, match="kmsKey"):
            imported(of, "web/api", confirm=never)
    assert assembly.asked == []


def test_a_key_that_nobody_may_look_up_is_a_note(
    cloud: Cloud, assembly: AskedAssembly, capsys: pytest.CaptureFixture[str]
) -> None:
    looked(cloud, {"web/api": {"encryptionConfiguration": KMS}})
    cloud.refuse("describe_key", "AccessDeniedException")
    of = registry("web/api: {encryption_type: KMS, kms_key: alias/ecr}")
    assert imported(of, "web/api", confirm=Person(answer=False)).left == ()
    assert "its KMS key is not compared" in capsys.readouterr().err


def test_a_named_one_of_another_stack_is_refused_with_the_way_to_hand_it_over(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    looked(cloud, {"web/api": SAME}, owners={"web/api": "legacy-ecr"})
    with pytest.raises(ImportRefused, match=f"web/api in {HOME} is in the stack legacy-ecr") as refused:
        imported(registry(), "web/api", confirm=never)
    assert "DeletionPolicy: Retain" in str(refused.value)
    assert assembly.asked == []


@pytest.mark.parametrize(
    ("kind", "status"), [("AWS::SSM::Parameter", "CREATE_COMPLETE"), ("AWS::ECR::Repository", "DELETE_COMPLETE")]
)
def test_what_another_stack_has_by_the_same_name_or_had_is_no_owner(
    cloud: Cloud, assembly: AskedAssembly, kind: str, status: str
) -> None:
    cloud.caller()
    stacks(cloud, {})
    cloud.repositories({"web/api": SAME}, read=["web/api"])
    owner(cloud, "web/api", "legacy", kind=kind, status=status)
    person = Person(answer=False)
    imported(registry(), "web/api", confirm=person)
    assert person.asked == ["Import 1 repository?"]


def test_a_row_of_a_deleted_resource_is_not_held(cloud: Cloud, assembly: AskedAssembly) -> None:
    cloud.caller()
    stacks(cloud, {STACK: "UPDATE_COMPLETE"})
    cloud.holds(STACK, "web/api", status="DELETE_SKIPPED")
    cloud.repositories({"web/api": SAME}, read=["web/api"])
    owner(cloud, "web/api", None)
    person = Person(answer=False)
    imported(registry(), "web/api", confirm=person)
    assert person.asked == ["Import 1 repository?"]


def test_what_its_stack_holds_and_what_does_not_exist_is_nothing_to_import(
    cloud: Cloud, assembly: AskedAssembly, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.caller()
    stacks(cloud, {STACK: "UPDATE_COMPLETE"})
    cloud.holds(STACK, "web/api")
    cloud.repositories({"web/api": SAME}, read=[])
    assert imported(registry("web/api: , web/new: "), "web/api", "web/new", confirm=never).exit_code is ExitCode.FINE
    assert "nothing to import" in capsys.readouterr().out


def test_a_name_that_the_file_does_not_declare_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean web/api"):
        refuse_unknown(registry(), ["web/ap"])


def test_an_account_without_a_bootstrap_is_told_ours_and_not_the_cdks(cloud: Cloud) -> None:
    cloud.caller()
    cloud.refuse("describe_stacks", "ValidationError", "Stack with id CDKToolkit-acme does not exist")
    with pytest.raises(ImportRefused, match=r"is not bootstrapped for acme\n    way out: run `make bootstrap`"):
        refuse_unprepared(registry())


def test_replicas_come_before_the_home_and_only_those_of_the_credentials_account(cloud: Cloud) -> None:
    of = registry(rest=f"replicas: {{{REPLICA}: , 210987654321/{REPLICA}: }}\n")
    cloud.caller()
    assert ops_cloud.own_locations(of) == (Location(ACCOUNT, REPLICA), Location(ACCOUNT, HOME))


# Everything: what cannot be imported is left out


def test_one_difference_stops_no_other_and_stands_at_the_end(
    cloud: Cloud, assembly: AskedAssembly, capsys: pytest.CaptureFixture[str]
) -> None:
    looked(cloud, {"web/api": MUTABLE, "web/ui": SAME})
    executed(cloud, "webSui")
    cloud.repositories(BOTH, read=["web/ui"])
    person = Person(answer=True)
    outcome = imported(registry(), confirm=person)
    assert person.asked == ["Import 1 repository? 1 will be left out."]
    assert outcome.exit_code is ExitCode.NO
    assert [it.thing.name for it in outcome.imported] == ["web/ui"]
    ((_, where, setting, live, file, way_out),) = rows_of(capsys, "repository web/api")
    assert (where, setting, live, file) == (HOME, "imageTagMutability", "MUTABLE", "IMMUTABLE")
    assert "write it into the file as it is live" in way_out


def test_all_or_nothing_stops_at_one_difference(cloud: Cloud, assembly: AskedAssembly) -> None:
    looked(cloud, {"web/api": MUTABLE, "web/ui": SAME})
    with pytest.raises(ImportRefused, match="imageTagMutability"):
        imported(registry(), strict=True, confirm=never)
    assert assembly.asked == []


def test_what_another_stack_has_is_left_out_and_named_with_it(
    cloud: Cloud, assembly: AskedAssembly, capsys: pytest.CaptureFixture[str]
) -> None:
    looked(cloud, BOTH, owners={"web/api": "legacy-ecr"})
    executed(cloud, "webSui")
    cloud.repositories(BOTH, read=["web/ui"])
    outcome = imported(registry())
    ((_, _, _, live, _, way_out),) = rows_of(capsys, "repository web/api")
    assert live == "in the stack legacy-ecr"
    assert way_out.startswith("in that stack give it DeletionPolicy: Retain")
    (left,) = shown.as_dict(outcome)["leftOut"]
    assert (left["reason"], left["stack"]) == ("in another stack", "legacy-ecr")


@pytest.mark.parametrize(
    ("status", "way_out"),
    [
        ("ROLLBACK_COMPLETE", "`ecrctl clear-failed`"),
        ("UPDATE_IN_PROGRESS", "wait until the change has ended"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback"),
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_a_stack_that_cannot_import_now_is_said_with_the_way_out(
    cloud: Cloud, assembly: AskedAssembly, status: str, way_out: str, strict: bool
) -> None:
    looked(cloud, {"web/api": SAME}, held={}, status=status)
    if strict:
        with pytest.raises(ImportRefused, match=way_out) as refused:
            imported(registry(), strict=True, confirm=never)
        assert f", in {HOME}\n    way out: " in str(refused.value)
    else:
        (left,) = imported(registry(), confirm=never).left
        assert left.stack == STACK
        assert way_out in left.way_out


@pytest.mark.parametrize("status", ["IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"])
def test_an_import_that_goes_on_is_waited_for_and_what_it_took_in_is_not_asked_for_again(
    cloud: Cloud, assembly: AskedAssembly, status: str
) -> None:
    # aws-cloudformation/cloudformation-coverage-roadmap, issue 1607: the second run asked for both again.
    looked(cloud, BOTH, held=API, status="IMPORT_IN_PROGRESS", then=status)
    executed(cloud, "webSui")
    cloud.repositories(BOTH, read=["web/ui"])
    assert imported(registry()).exit_code is ExitCode.FINE
    assert assembly.mapped == [{"webSui": {"RepositoryName": "web/ui"}}]


def test_the_policy_that_lambda_added_is_a_difference_as_the_import_would_delete_it(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    # aws-cloudformation/cloudformation-coverage-roadmap, issue 2493
    looked(cloud, {"web/api": {"policy": LAMBDA}})
    (left,) = imported(registry(), confirm=never).left
    assert (left.setting, left.live, left.declared) == ("repositoryPolicy", LAMBDA, None)
    assert assembly.asked == []


def test_what_another_tool_left_in_many_is_one_row_for_each_setting(
    cloud: Cloud, assembly: AskedAssembly, capsys: pytest.CaptureFixture[str]
) -> None:
    # aws-cloudformation/cloudformation-coverage-roadmap, issue 784: repositories that Terraform made years ago
    made = {**MUTABLE, "lifecycle": None, "tags": {"ManagedBy": "terraform"}}
    looked(cloud, {"web/api": made, "web/ui": {**made, "imageScanningConfiguration": {"scanOnPush": False}}})
    outcome = imported(registry(), confirm=never)
    assert outcome.exit_code is ExitCode.NO
    api = ["imageTagMutability", "lifecyclePolicy", "tags"]
    assert [it.setting for it in outcome.left if it.thing.name == "web/api"] == api
    assert [it.setting for it in outcome.left if it.thing.name == "web/ui"] == [api[0], "scanOnPush", *api[1:]]
    assert len(rows_of(capsys, "repository ")) == 7


def test_at_a_replica_the_way_out_names_the_command_that_aligns_it(cloud: Cloud, assembly: AskedAssembly) -> None:
    cloud.caller()
    for region in (REPLICA, HOME):
        stacks(cloud, {}, at=region)
    cloud.repositories({"web/api": MUTABLE}, read=["web/api"], at=REPLICA)
    cloud.repositories({}, read=[])
    cloud.refuse("describe_stack_resources", "ValidationError", "Stack for web/api does not exist", at=REPLICA)
    (left,) = imported(registry(rest=f"replicas: {{{REPLICA}: }}\n"), confirm=never).left
    assert left.way_out.startswith(f"`ecrctl align {REPLICA}`")


def test_what_refers_to_a_resource_that_no_deploy_made_is_left_out(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    referring = template(API | UI)
    referring["webSapi"]["Properties"]["RepositoryPolicyText"] = {"Fn::GetAtt": ["Key", "Arn"]}
    assembling(monkeypatch, AskedAssembly({STACK: {**referring, "Key": {"Type": "AWS::KMS::Key"}}}))
    looked(cloud, BOTH)
    executed(cloud, "webSui")
    cloud.repositories(BOTH, read=["web/ui"])
    (left,) = imported(registry()).left
    assert left.said == "in the template it needs Key, which no deploy has made yet"


def test_without_a_yes_nothing_is_prepared(cloud: Cloud, assembly: AskedAssembly) -> None:
    looked(cloud, BOTH)
    assert imported(registry(), confirm=Person(answer=False)).exit_code is ExitCode.NO
    assert assembly.asked == []


def test_for_programs_no_table_is_printed(
    cloud: Cloud, assembly: AskedAssembly, capsys: pytest.CaptureFixture[str]
) -> None:
    looked(cloud, {"web/api": SAME})
    executed(cloud, "webSapi")
    cloud.repositories({"web/api": SAME}, read=["web/api"])
    outcome = imported(registry(), quiet=True)
    assert capsys.readouterr().out == ""
    assert json.loads(json.dumps(shown.as_dict(outcome))) == {
        "imported": [{"account": ACCOUNT, "region": HOME, "kind": "repository", "name": "web/api", "stack": STACK}],
        "leftOut": [],
    }


# Many


def many(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, numbers: Mapping[str, int]) -> tuple[Registry, AskedAssembly]:
    """A registry of namespaces with so many repositories each, all of them outside their stacks."""
    names = {ns: [f"{ns}/r{number:03}" for number in range(count)] for ns, count in numbers.items()}
    made = AskedAssembly(
        {f"acme-Repositories-{ns}": template({n: f"{ns}{n[-3:]}" for n in it}) for ns, it in names.items()}
    )
    assembling(monkeypatch, made)
    every = [name for it in names.values() for name in it]
    looked(cloud, dict.fromkeys(every, SAME))
    cloud.repositories({}, read=[])  # compared again
    return registry("".join(f"{name}: , " for name in every)), made


def test_a_change_set_has_two_hundred_at_most_and_the_next_one_goes_on(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    of, made = many(cloud, monkeypatch, {"web": 450})
    done: list[int] = []
    monkeypatch.setattr(imports, "execute", lambda at, stack, wanted: done.append(len(wanted)))
    assert len(imported(of, quiet=True).imported) == 450
    assert done == [len(mapped) for mapped in made.mapped] == [200, 200, 50]
    assert len({logical_id for mapped in made.mapped for logical_id in mapped}) == 450


def test_what_fails_in_one_stack_stops_no_other(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    of, _ = many(cloud, monkeypatch, {"app": 2, "web": 201, "zoo": 1})

    def execute(at: Location, stack: str, wanted: Sequence[str]) -> None:
        if stack == STACK and len(wanted) == 1:  # the second batch
            raise CloudError(f"{stack} in {at.region} ended in IMPORT_ROLLBACK_COMPLETE\n    way out: read the events")

    monkeypatch.setattr(imports, "execute", execute)
    outcome = imported(of)
    assert len(outcome.imported) == 203
    assert [it.thing.name for it in outcome.left] == ["web/r200"]
    assert outcome.exit_code is ExitCode.UNKNOWN
    ((_, _, _, why, _, way_out),) = rows_of(capsys, "repository web/r200")
    assert why == f"{STACK} in {HOME} ended in IMPORT_ROLLBACK_COMPLETE"
    assert "it goes on where it stopped" in way_out


# What a registry has once


RULE = {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}]}
UPSTREAM = {"ecrRepositoryPrefix": "quay", "upstreamRegistry": "quay", "upstreamRegistryUrl": "quay.io"}
WITH_CACHE = """\
pull_through_cache_rules: {quay: {upstream_registry: quay}}
acceptances: [{rule: cache-declared, reason: x}, {rule: cache-template, reason: x}]
"""


def scanned(cloud: Cloud) -> None:
    scanning = {"scanType": "BASIC", "rules": [RULE]}
    cloud.expect("get_registry_scanning_configuration", {"scanningConfiguration": scanning})


def wide_looked(cloud: Cloud, *, url: str = "quay.io", owner_of_scanning: str | None = None) -> None:
    cloud.caller()
    stacks(cloud, {})
    rule = {**UPSTREAM, "upstreamRegistryUrl": url}
    cloud.expect("describe_pull_through_cache_rules", {"pullThroughCacheRules": [rule]})
    scanned(cloud)
    owner(cloud, ACCOUNT, owner_of_scanning, kind="AWS::ECR::RegistryScanningConfiguration")
    owner(cloud, "quay", None)


def test_registry_wide_settings_are_named_by_what_cloudformation_calls_them(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    wide_looked(cloud)
    executed(cloud, "Scanning", "Cache", stack=WIDE, ends=("IMPORT_IN_PROGRESS", "IMPORT_COMPLETE"))
    cloud.expect("describe_pull_through_cache_rules", {"pullThroughCacheRules": [UPSTREAM]})
    scanned(cloud)
    person = Person(answer=True)
    outcome = imported(registry(rest=WITH_CACHE), kinds=REGISTRY_WIDE, strict=True, confirm=person)
    assert outcome.exit_code is ExitCode.FINE
    assert person.asked == ["Import 2 settings?"]
    (asked,) = assembly.asked
    assert asked[:2] == ("import", f"{ACCOUNT}/{HOME}/Registry")
    assert assembly.mapped == [{"Scanning": {"RegistryId": ACCOUNT}, "Cache": {"EcrRepositoryPrefix": "quay"}}]


def test_a_registry_wide_difference_is_refused_before_anything_is_prepared(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    wide_looked(cloud, url="other.example.com")
    with pytest.raises(ImportRefused, match=f"pull-through cache rule quay in {HOME}: upstreamRegistryUrl") as refused:
        imported(registry(rest=WITH_CACHE), kinds=REGISTRY_WIDE, strict=True, confirm=never)
    assert '        live: "other.example.com"\n        file: "quay.io"' in str(refused.value)
    assert assembly.asked == []


def test_a_registry_wide_setting_of_another_stack_is_left_out_and_named_with_it(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    wide_looked(cloud, owner_of_scanning="platform")
    executed(cloud, "Cache", stack=WIDE)
    cloud.expect("describe_pull_through_cache_rules", {"pullThroughCacheRules": [UPSTREAM]})
    (left,) = imported(registry(rest=WITH_CACHE), kinds=REGISTRY_WIDE).left
    assert (left.thing.noun, left.stack) == ("scanning configuration", "platform")


def test_everything_is_both_in_one_question(cloud: Cloud, assembly: AskedAssembly) -> None:
    cloud.caller()
    stacks(cloud, {})
    cloud.expect("describe_pull_through_cache_rules", {"pullThroughCacheRules": [UPSTREAM]})
    cloud.repositories({"web/api": SAME}, read=[])
    scanned(cloud)
    cloud.policies("web/api")
    for name in (ACCOUNT, "quay", "web/api"):
        owner(cloud, name, None)
    person = Person(answer=False)
    imported(registry(rest=WITH_CACHE), kinds=IMPORTABLE, confirm=person)
    assert person.asked == ["Import 1 repository and 2 settings?"]


def test_a_setting_that_nobody_has_set_is_the_deploys_to_make(cloud: Cloud, assembly: AskedAssembly) -> None:
    cloud.caller()
    stacks(cloud, {})
    cloud.expect("get_registry_scanning_configuration", {"scanningConfiguration": {"scanType": "BASIC", "rules": []}})
    assert imported(registry(), kinds=REGISTRY_WIDE, confirm=never).exit_code is ExitCode.FINE


# Change sets


@pytest.mark.parametrize(
    "changes",
    [
        (("Import", "Scanning"),),
        (("Import", "Scanning"), ("Import", "Cache"), ("Import", "More")),
        (("Import", "Scanning"), ("Import", "Cache"), ("Add", "More")),
        (),
    ],
)
def test_a_change_set_that_does_more_or_less_is_deleted(changes: tuple[tuple[str, str], ...], cloud: Cloud) -> None:
    rows = [{"ResourceChange": {"Action": action, "LogicalResourceId": name}} for action, name in changes]
    cloud.expect("describe_change_set", {"Changes": rows}, {"StackName": WIDE, "ChangeSetName": CHANGE_SET})
    cloud.expect("delete_change_set", {}, {"StackName": WIDE, "ChangeSetName": CHANGE_SET})
    with pytest.raises(ImportRefused, match="would change by more than the import, so nothing was imported there"):
        change_sets.execute(AT, WIDE, ["Scanning", "Cache"])


@pytest.mark.parametrize("status", ["IMPORT_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_FAILED", "UPDATE_FAILED"])
def test_an_import_that_cloudformation_undoes_is_said(status: str, cloud: Cloud) -> None:
    executed(cloud, "Scanning", stack=WIDE, ends=("IMPORT_IN_PROGRESS", status))
    with pytest.raises(CloudError, match=f"ended in {status}"):
        change_sets.execute(AT, WIDE, ["Scanning"])
