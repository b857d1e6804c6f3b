"""`ecrctl import --all`: what can be imported is, what cannot is left out with its reason."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.adopt import imports, shown
from ops.adopt.change_sets import ImportRefused
from ops.adopt.imports import Outcome
from ops.adopt.left import differences
from ops.adopt.outside import Outside
from ops.aws.cloud import CloudError
from ops.cli import app
from ops.drift.kind import StackKind
from ops.drift.public import PUBLIC_REPOSITORY
from ops.drift.reading import Keys, ResourceKey
from registry.errors import ExitCode
from registry.limits import PUBLIC_REGION
from registry.locations import Location
from registry.model import Registry
from tests.ops.adopt.importing import (
    API,
    BOTH,
    LAMBDA,
    MUTABLE,
    SAME,
    STACK,
    UI,
    Person,
    executed,
    imported,
    looked,
    never,
    registry,
    rows_of,
    stacks,
    template,
)
from tests.ops.stubs import ACCOUNT, HOME, REPLICA, AskedAssembly, Cloud, assembling
from tests.synth import SMALL, declared


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


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        (["--all"], {"repository", "public repository", "registry policy"}),
        (["web/api"], {"repository"}),
        (["--registry-wide"], {"registry policy"}),
        (["web/api", "--registry-wide"], {"repository", "registry policy"}),
    ],
)
def test_the_words_say_what_is_looked_at(
    words: list[str], taken: set[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []

    def looks(registry: Registry, kinds: Sequence[StackKind], **_: object) -> Outcome:
        asked.extend(kind.noun for kind in kinds)
        return Outcome(imported=(), left=(), exit_code=ExitCode.FINE)

    monkeypatch.setattr("ops.adopt.run.import_found", looks)
    monkeypatch.setattr("ops.adopt.run.refuse_unprepared", lambda registry: None)
    file = tmp_path / "registry.yaml"
    file.write_text(f"{SMALL}repositories: {{web/api: }}\n")
    assert CliRunner().invoke(app, ["import", *words, "--registry", str(file)]).exit_code == 0
    assert set(asked) & {"repository", "public repository", "registry policy"} == taken


def test_a_public_repository_that_differs_is_never_advised_to_be_removed(cloud: Cloud) -> None:
    text = f"{SMALL}repositories: {{web/api: }}\npublic_repositories: {{base: {{about_text: ours}}}}\n"
    thing = ResourceKey(Location(ACCOUNT, PUBLIC_REGION), PUBLIC_REPOSITORY.noun, "base")
    of = declared(text)
    wanted = PUBLIC_REPOSITORY.declared(of, thing.at)["base"]
    found = Outside(
        thing=thing, kind=PUBLIC_REPOSITORY, unit="PublicRepositories", stack="acme-PublicRepositories", wanted=wanted,
        live={**wanted, "aboutText": "theirs"},
    )  # fmt: skip
    (left,) = differences(of, [found], Keys())
    assert left.setting == "aboutText"
    assert left.way_out.startswith("write it into the file")
    assert "remove" not in left.way_out  # what strangers pull would be gone
    assert shown.number_of([found]) == "1 repository"


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
