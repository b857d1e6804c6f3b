"""What is read before a deploy, and what people are told: stubbed AWS, templates of a folder, no synth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.aws.cdk_cli import Assembly
from ops.aws.cloud import CloudError, aws_errors
from ops.cli import app
from ops.deploy.replacements import Looked, look
from registry.locations import Location
from tests.ops.stubs import ACCOUNT, HOME, REPLICA, Cloud, stubbed
from tests.synth import SMALL, declared

TEXT = f"{SMALL}repositories: {{web/api: }}\n"
AT = Location(ACCOUNT, HOME)
REGISTRY = declared(TEXT)
STACK = "acme-Repositories-web"
Resources = dict[str, Any]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)  # a stub answers in one order
    with stubbed(monkeypatch) as made:
        yield made


def repository(name: str = "web/api", kms: bool = False) -> dict[str, Any]:
    encryption = {"EncryptionType": "KMS" if kms else "AES256"}
    properties = {"RepositoryName": name, "EncryptionConfiguration": encryption}
    return {"Type": "AWS::ECR::Repository", "Properties": properties}


def alias(name: str) -> dict[str, Any]:
    return {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": name}}


PROVIDER = {"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": "https://gitlab.com"}}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "acme-ci", "Path": "/"}}


def assembly(folder: Path, stacks: dict[tuple[str, str], Resources]) -> Assembly:
    """A folder as `cdk synth` writes it: stacks by region and name."""
    artifacts = {}
    for number, ((region, name), resources) in enumerate(stacks.items()):
        (folder / f"{number}.json").write_text(json.dumps({"Resources": resources}))
        artifacts[f"stack{number}"] = {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://{ACCOUNT}/{region}",
            "properties": {"stackName": name, "templateFile": f"{number}.json"},
        }
    artifacts["tree"] = {"type": "cdk:tree"}
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    from ops.aws.cdk_cli import read_assembly

    return read_assembly(folder)


def row(name: str, registry: str | None = "acme", status: str = "CREATE_COMPLETE") -> dict[str, Any]:
    tags = [{"Key": "team", "Value": "x"}, *([{"Key": "ecr-registry", "Value": registry}] if registry else [])]
    return {"StackName": name, "StackStatus": status, "CreationTime": 0, "Tags": tags}


def regions(cloud: Cloud, *names: str) -> None:
    cloud.caller()
    cloud.expect("describe_regions", {"Regions": [{"RegionName": name} for name in names]})


def stacks(cloud: Cloud, *rows: dict[str, Any], at: str = HOME) -> None:
    cloud.expect("describe_stacks", {"Stacks": list(rows)}, at=at)


def template(cloud: Cloud, stack: str, resources: Resources, at: str = HOME) -> None:
    body = json.dumps({"Resources": resources})
    cloud.expect("get_template", {"TemplateBody": body}, {"StackName": stack}, at=at)


def looked(folder: Path, wanted: dict[tuple[str, str], Resources], text: str = TEXT) -> Looked:
    return look(declared(text), assembly(folder, wanted))


def names(found: Looked) -> list[tuple[bool, list[str]]]:
    return [(each.stops, [it.name for it in each.replacements]) for each in found.found]


def test_what_is_deployed_as_the_app_says_needs_no_more_than_its_templates(cloud: Cloud, tmp_path: Path) -> None:
    regions(cloud, HOME)
    stacks(cloud, row(STACK), row("else", None), row("other-Repositories-web", "other"))
    template(cloud, STACK, {"A": repository()})  # those of others are not read: nothing is created
    found = looked(tmp_path, {(HOME, STACK): {"A": repository()}})
    assert found == Looked(found=())


def test_a_replacement_is_found_in_a_stack_without_a_tag_too_as_an_import_leaves_it(
    cloud: Cloud, tmp_path: Path
) -> None:
    regions(cloud, HOME)
    stacks(cloud, row(STACK, None))
    template(cloud, STACK, {"A": repository()})
    found = looked(tmp_path, {(HOME, STACK): {"A": repository(kms=True)}})
    assert names(found) == [(True, ["web/api"])]
    assert found.stops


def test_names_are_looked_for_in_every_region_because_the_home_may_have_been_in_one(
    cloud: Cloud, tmp_path: Path
) -> None:
    regions(cloud, HOME, "eu-west-3", REPLICA)
    stacks(cloud)
    cloud.refuse("describe_stacks", "AccessDenied", at="eu-west-3")
    stacks(cloud, row("acme-Access"), at=REPLICA)
    template(cloud, "acme-Access", {"R": ROLE}, at=REPLICA)
    found = looked(tmp_path, {(HOME, "acme-Access"): {"R": ROLE}})
    assert names(found) == [(True, ["acme-ci"])]
    assert "the home region changed" in str(found.found[0])
    assert found.regions == ("eu-west-3",)


def test_a_closed_region_of_the_files_own_is_an_error(cloud: Cloud, tmp_path: Path) -> None:
    regions(cloud, HOME)
    cloud.refuse("describe_stacks", "AccessDenied")
    with pytest.raises(CloudError, match=f"may not list the stacks in {HOME}"):
        looked(tmp_path, {(HOME, STACK): {"A": repository()}})


def test_a_stack_whose_creation_was_undone_has_nothing(cloud: Cloud, tmp_path: Path) -> None:
    regions(cloud, HOME)
    stacks(cloud, row(STACK, status="ROLLBACK_COMPLETE"))
    assert looked(tmp_path, {(HOME, STACK): {"A": repository(kms=True)}}).found == ()


def test_a_deploy_that_goes_on_is_waited_for_and_that_of_others_is_not(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ops.aws.stacks._POLL_SECONDS", 0)
    regions(cloud, HOME)
    stacks(cloud, row(STACK, status="CREATE_IN_PROGRESS"), row("other-Access", "other", "UPDATE_IN_PROGRESS"))
    for status in ("ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"):
        cloud.expect("describe_stacks", {"Stacks": [row(STACK, status=status)]}, {"StackName": STACK})
    template(cloud, "other-Access", {})
    assert looked(tmp_path, {(HOME, STACK): {"A": repository(kms=True)}}).found == ()  # it holds nothing then
    assert capsys.readouterr().err.count("waiting for its end") == 1


def test_a_renamed_registry_is_called_so_and_not_seventy_things_that_exist(cloud: Cloud, tmp_path: Path) -> None:
    regions(cloud, HOME)
    stacks(cloud, row("old-Repositories-web", "old"), row("old-Access", "old"))
    template(cloud, "old-Repositories-web", {"A": repository(), "B": repository("web/ui")})
    template(cloud, "old-Access", {"R": ROLE})
    wanted = {(HOME, STACK): {"A": repository(), "B": repository("web/ui")}, (HOME, "acme-Access"): {"R": ROLE}}
    found = looked(tmp_path, wanted)
    assert names(found) == [(True, ["web/api", "web/ui", "acme-ci"])]
    assert "stacks of the registry old have the resources that acme would create" in str(found.found[0])
    assert "write `name: old`" in str(found.found[0])


@pytest.mark.parametrize(
    ("answer", "found", "unknown"),
    [(None, [(True, ["alias/one"])], ()), ("NotFoundException", [], ()), ("AccessDeniedException", [], ("alias/one",))],
)
def test_an_alias_that_stayed_when_it_left_the_file_is_found_when_it_comes_back(
    answer: str | None, found: list[Any], unknown: tuple[str, ...], cloud: Cloud, tmp_path: Path
) -> None:
    regions(cloud, HOME)
    stacks(cloud)
    if answer is None:
        cloud.expect("describe_key", {"KeyMetadata": {"KeyId": "1"}}, {"KeyId": "alias/one"})
    else:
        cloud.refuse("describe_key", answer)
    seen = looked(tmp_path, {(HOME, "acme-Registry"): {"A": alias("alias/one")}})
    assert (names(seen), seen.names) == (found, unknown)
    assert not found or "leave it out of `kms_keys`" in str(seen.found[0])


@pytest.mark.parametrize(
    ("answer", "found", "unknown"),
    [
        (None, [(True, ["https://gitlab.com"])], ()),
        ("NoSuchEntity", [], ()),
        ("AccessDenied", [], ("https://gitlab.com",)),
    ],
)
def test_a_provider_that_the_account_has_is_found_before_a_second_is_made(
    answer: str | None, found: list[Any], unknown: tuple[str, ...], cloud: Cloud, tmp_path: Path
) -> None:
    regions(cloud, HOME)
    stacks(cloud)
    operation = "get_open_id_connect_provider"
    if answer is None:
        arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.com"
        cloud.expect(operation, {}, {"OpenIDConnectProviderArn": arn})
    else:
        cloud.refuse(operation, answer)
    seen = looked(tmp_path, {(HOME, "acme-Access"): {"P": PROVIDER}})
    assert (names(seen), seen.names) == (found, unknown)
    assert not found or "`access.oidc_providers`" in str(seen.found[0])


def test_what_kms_cannot_say_is_an_error(cloud: Cloud, tmp_path: Path) -> None:
    regions(cloud, HOME)
    stacks(cloud)
    cloud.refuse("describe_key", "KMSInternalException", "try again")
    with pytest.raises(CloudError, match="try again"), aws_errors():
        looked(tmp_path, {(HOME, "acme-Registry"): {"A": alias("alias/one")}})


def test_an_alias_that_a_stack_has_is_asked_of_nobody(cloud: Cloud, tmp_path: Path) -> None:
    regions(cloud, HOME)
    stacks(cloud, row("acme-Registry"), row("acme-Old"))
    template(cloud, "acme-Registry", {"A": alias("alias/one")})
    template(cloud, "acme-Old", {"B": alias("alias/two")})
    wanted = {(HOME, "acme-Registry"): {"A": alias("alias/one"), "B": alias("alias/two")}}
    assert names(looked(tmp_path, wanted)) == [(True, ["alias/two"])]


def test_other_accounts_of_the_registry_are_said_not_to_have_been_looked_at(cloud: Cloud, tmp_path: Path) -> None:
    regions(cloud, HOME)
    stacks(cloud)
    text = f"{TEXT}replicas: {{210987654321/{REPLICA}: }}\n"
    seen = look(declared(text), assembly(tmp_path, {(HOME, STACK): {"A": repository()}}))
    assert (seen.accounts, seen.stops) == (("210987654321",), False)


# The command


def run(folder: Path, *words: str) -> tuple[int, str]:
    file = folder / "registry.yaml"
    file.write_text(TEXT)
    finished = CliRunner().invoke(app, ["replacements", "--registry", str(file), "--app", str(folder), *words])
    if finished.exception and not isinstance(finished.exception, SystemExit):
        raise finished.exception
    return finished.exit_code, finished.output


def changed(cloud: Cloud, folder: Path, kms: bool) -> None:
    regions(cloud, HOME)
    stacks(cloud, row(STACK))
    group = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "old", "VpcId": "vpc-1"}}
    new = {**group, "Properties": {**group["Properties"], "GroupDescription": "new"}}  # type: ignore[dict-item]
    template(cloud, STACK, {"A": repository(), "G": group})
    assembly(folder, {(HOME, STACK): {"A": repository(kms=kms), "G": new}})


def test_it_ends_with_1_and_says_what_and_where_and_the_way_out(cloud: Cloud, tmp_path: Path) -> None:
    changed(cloud, tmp_path, kms=True)
    code, said = run(tmp_path)
    assert code == 1
    lines = said.splitlines()
    assert lines[0] == (
        "error: a repository keeps the encryption it was created with, and EncryptionConfiguration.EncryptionType "
        "changes; the deploy would fail"
    )
    assert lines[1] == f"    {STACK} in {ACCOUNT}/{HOME}: repository web/api"
    assert lines[2].startswith("    way out: write the old `encryption_type` and `kms_key`")
    assert lines[3].startswith("information: CloudFormation makes a new security group for GroupDescription")
    assert lines[4] == f"    {STACK} in {ACCOUNT}/{HOME}: security group G"
    assert len(lines) == 5


def test_what_a_deploy_replaces_by_itself_is_information(cloud: Cloud, tmp_path: Path) -> None:
    changed(cloud, tmp_path, kms=False)
    code, said = run(tmp_path)
    assert (code, said.count("error:"), said.count("information:")) == (0, 0, 1)


def test_json_has_everything(cloud: Cloud, tmp_path: Path) -> None:
    changed(cloud, tmp_path, kms=True)
    code, said = run(tmp_path, "--json")
    answer = json.loads(said)
    assert code == 1
    (error,), (information,) = answer["replacements"], answer["information"]
    assert error["resources"] == [
        {
            "account": ACCOUNT,
            "region": HOME,
            "stackName": STACK,
            "logicalId": "A",
            "type": "AWS::ECR::Repository",
            "name": "web/api",
            "outcome": "replaced under its own name",
            "properties": ["EncryptionConfiguration.EncryptionType"],
            "heldBy": None,
        }
    ]
    assert error["link"].startswith("https://docs.aws.amazon.com/")
    assert information["resources"][0]["name"] is None
    assert answer["notLookedAt"] == {"accounts": [], "regions": [], "names": []}


def test_a_deploy_that_replaces_nothing_says_so(cloud: Cloud, tmp_path: Path) -> None:
    regions(cloud, HOME)
    stacks(cloud)
    assembly(tmp_path, {(HOME, STACK): {"A": repository()}})
    code, said = run(tmp_path)
    assert (code, said) == (0, f"{tmp_path / 'registry.yaml'}: a deploy replaces nothing\n")


def test_a_folder_without_an_assembly_is_an_error_with_the_way_out(cloud: Cloud, tmp_path: Path) -> None:
    with pytest.raises(CloudError, match=r"is not a cloud assembly.*\n    way out: write one with `cdk synth --output"):
        run(tmp_path)
