"""`ecrctl usage`: by unique layers, over all repositories and locations; a part is never shown for the whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.images import ImageRegistry
from ops.usage.manifests import layers_of
from registry.errors import ExitCode, RegistryError
from tests.ops.images.stored import IMAGE, INDEX
from tests.ops.stubs import ACCOUNT, HOME, REPLICA
from tests.ops.usage.registry_of_images import UsedEcr
from tests.synth import SMALL

RUN = CliRunner()
OTHER = "210987654321"
FILE = """\
lifecycles:
  last-1: [{keep: {any: true, last: 1}}]
  rests: [{archive: {any: true, unpulled_days: 30}}, {expire_archived: {any: true, after_days: 90}}]
acceptances: [{rule: lifecycle-any-tagged, reason: test}, {rule: lifecycle-archive, reason: test}]
repositories: {web/api: {owner: web}, web/new: , data/etl: {owner: data}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_text(SMALL + FILE)
    return path


@pytest.fixture
def ecr(monkeypatch: pytest.MonkeyPatch) -> UsedEcr:
    fake = UsedEcr()
    monkeypatch.setattr("ops.aws.cloud.boto3.client", fake.client)
    fake.push("web/api", "v1", days=200, pulled=150, base=1_000, one=20)
    fake.push("web/api", "v2", days=2, pulled=1, base=1_000, two=30)
    fake.push("data/etl", "v1", days=120, base=1_000, etl=400)
    fake.push("old/thing", "v1", days=400, thing=7)
    fake.repository("web/new")
    return fake


def asked(file: Path, *options: str) -> Any:
    return RUN.invoke(app, ["usage", "-f", str(file), *options])


def said(file: Path, *options: str) -> Any:
    finished = asked(file, "--json", *options)
    assert finished.exit_code == ExitCode.FINE, finished.output
    return json.loads(finished.stdout)


def rows(found: Any) -> dict[str, Any]:
    return {row["repositoryName"]: row for registry in found["registries"] for row in registry["repositories"]}


def exactly(size: int) -> dict[str, int]:
    return {"atLeast": size, "atMost": size}


def test_a_layer_of_two_images_counts_once(ecr: UsedEcr, file: Path) -> None:
    found = said(file, "--manifests")
    each = rows(found)
    assert set(each) == {"data/etl", "old/thing", "web/api", "web/new"}  # declared or not
    assert each["web/api"]["sizeInBytes"] == exactly(1_000 + 20 + 30 + 2 * 100)
    assert (each["web/api"]["imageCount"], each["web/api"]["owner"]) == (2, "web")
    assert (each["web/new"]["imageCount"], each["web/new"]["sizeInBytes"]) == (0, exactly(0))
    assert found["registries"][0]["eachLayerOnceInBytes"] == exactly(1_000 + 20 + 30 + 400 + 7 + 4 * 100)
    assert found["total"]["sizeInBytes"] == exactly(2_000 + 20 + 30 + 400 + 7 + 4 * 100)
    first = found["registries"][0]["layers"][0]
    assert (first["storedInBytes"], first["repositoryCount"], first["imageCount"]) == (2_000, 2, 3)
    assert found["registries"][0]["bases"][0]["sizeInBytes"] == 1_000


def test_what_is_new_and_what_nobody_pulls(ecr: UsedEcr, file: Path) -> None:
    each = rows(said(file, "--manifests"))
    assert (each["web/api"]["newInBytes"], each["web/api"]["newImageCount"]) == (exactly(30 + 100), 1)
    assert (each["web/api"]["unpulledImageCount"], each["web/api"]["unpulledInBytes"]) == (1, exactly(20 + 100))
    assert each["web/api"]["neverPulledImageCount"] == 0
    assert each["data/etl"]["neverPulledImageCount"] == 1
    assert rows(said(file, "--manifests", "--unpulled-days", "180"))["web/api"]["unpulledImageCount"] == 0
    assert rows(said(file, "--manifests", "--since", "300d"))["web/api"]["newImageCount"] == 2


def test_reading_is_a_pull_so_without_being_asked_nothing_is_read_and_sizes_are_ranges(
    ecr: UsedEcr, file: Path
) -> None:
    found = said(file)
    assert ecr.read == []
    assert rows(found)["web/api"]["sizeInBytes"] == {"atLeast": 1_130, "atMost": 2_250}
    assert (found["registries"][0]["manifestsRead"], found["registries"][0]["layers"]) == (False, [])
    finished = asked(file)
    assert "1.1 kB to 2.2 kB" in finished.stdout
    assert "manifests were not read, because ECR would record that as a pull" in finished.stderr
    assert "register-pull-time-update-exclusion" in finished.stderr


def test_where_the_role_is_excluded_from_pull_times_manifests_are_read(ecr: UsedEcr, file: Path) -> None:
    ecr.caller = f"arn:aws:sts::{ACCOUNT}:assumed-role/auditor/me"
    ecr.excluded = [f"arn:aws:iam::{ACCOUNT}:role/scanner", f"arn:aws:iam::{ACCOUNT}:role/path/auditor"]
    found = said(file)
    assert rows(found)["web/api"]["sizeInBytes"] == exactly(1_250)
    assert found["registries"][0]["manifestsRead"] is True
    assert "record" not in asked(file).stderr


@pytest.mark.parametrize(("caller", "excluded", "recorded"), [
    ("arn:aws:iam::1:user/me", "arn:aws:iam::1:user/me", False),
    ("arn:aws:iam::1:user/me", "arn:aws:iam::1:user/you", True),
    ("arn:aws:sts::1:assumed-role/ci/job", "arn:aws:iam::1:role/ci", False),
    ("arn:aws:sts::1:assumed-role/ci/job", "arn:aws:iam::1:role/ci/other", True),
    ("arn:aws:sts::1:assumed-role/ci/job", "arn:aws:iam::2:role/ci", True),
    ("arn:aws:sts::1:assumed-role/ci/job", "arn:aws:iam::1:user/ci", True),
    ("arn:aws-cn:sts::1:assumed-role/ci/job", "arn:aws:iam::1:role/ci", True),
    ("nonsense", "arn:aws:iam::1:role/ci", True),
])  # fmt: skip
def test_whose_pulls_are_recorded(ecr: UsedEcr, caller: str, excluded: str, recorded: bool) -> None:
    ecr.caller, ecr.excluded = caller, [excluded]
    assert ImageRegistry(HOME, account=ACCOUNT).records_pulls() is recorded


def test_reading_that_was_recorded_is_said(ecr: UsedEcr, file: Path) -> None:
    finished = asked(file, "--manifests")
    assert finished.exit_code == ExitCode.FINE
    assert "ECR recorded the reading of manifests" in finished.stderr


def test_a_lifecycle_that_counts_pulls_keeps_manifests_unread(ecr: UsedEcr, file: Path) -> None:
    file.write_text(file.read_text().replace("web/api: {owner: web}", "web/api: {owner: web, lifecycle: rests}"))
    found = asked(file, "--manifests", "--json")
    assert rows(json.loads(found.stdout))["web/api"]["sizeInBytes"] == {"atLeast": 1_130, "atMost": 2_250}
    assert "web/api" not in ecr.read
    assert "manifests of web/api were not read" in asked(file, "--manifests").stderr


def test_what_a_lifecycle_would_save_is_what_no_image_has_any_more(ecr: UsedEcr, file: Path) -> None:
    found = said(file, "--manifests", "--what-if", "last-1", "--namespace", "web")
    effect = rows(found)["web/api"]["lifecycle"]
    assert (effect["expiringImageCount"], effect["freedInBytes"]) == (1, exactly(20 + 100))  # and not the base
    assert asked(file, "--manifests", "--what-if", "last-1", "--namespace", "web").stderr.count("frees 120 B") == 1


@pytest.mark.parametrize("what_if", [
    "keep: {any: true, last: 1}", "{keep: {any: true, last: 1}}", "[{keep: {any: true, last: 1}}]", "POLICY",
])  # fmt: skip
def test_a_lifecycle_is_a_name_a_sentence_or_a_policy_text(what_if: str, ecr: UsedEcr, file: Path) -> None:
    rule = {"rulePriority": 1, "action": {"type": "expire"},
            "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1}}  # fmt: skip
    policy = file.with_name("policy.json")
    policy.write_text(json.dumps({"rules": [rule]}))
    chosen = str(policy) if what_if == "POLICY" else what_if
    found = rows(said(file, "--manifests", "--what-if", chosen))
    assert found["web/api"]["lifecycle"]["freedInBytes"] == exactly(120)
    assert found["old/thing"]["lifecycle"]["expiringImageCount"] == 0


def test_the_declared_lifecycles_take_nothing_from_what_is_not_declared(ecr: UsedEcr, file: Path) -> None:
    file.write_text(file.read_text().replace("web/api: {owner: web}", "web/api: {owner: web, lifecycle: last-1}"))
    ecr.push("old/thing", "", days=390, more=9)
    found = rows(said(file, "--manifests", "--what-if", "declared"))
    assert found["web/api"]["lifecycle"]["expiringImageCount"] == 1
    assert found["old/thing"]["lifecycle"]["expiringImageCount"] == 0
    assert rows(said(file, "--manifests", "--what-if", "untagged-14-days"))["old/thing"]["lifecycle"][
        "freedInBytes"
    ] == exactly(109)


def test_what_would_go_into_the_archive_is_not_saved(ecr: UsedEcr, file: Path) -> None:
    effect = rows(said(file, "--manifests", "--what-if", "rests"))["web/api"]["lifecycle"]
    assert (effect["transitioningImageCount"], effect["expiringImageCount"]) == (1, 0)
    assert (effect["freedInBytes"], effect["movedToArchiveInBytes"]) == (exactly(0), exactly(120))


@pytest.mark.parametrize(("what_if", "message"), [
    ("kep: {any: true, last: 1}", 'has no key "kep"'),
    ("keep: {any: true, last: 0}", "--what-if:1:1"),
    ("last-2", "did you mean last-1?"),
    ("nothing-like-it", "is no lifecycle of registry.yaml"),
    ("[", "--what-if"),
    ("x" * 5_000, "is no lifecycle of registry.yaml"),
    ("keep: " + "{" * 5_000, "--what-if"),
    ("\0", "is no lifecycle of registry.yaml"),
    ("keep: {any: true, last: 1}\nregistry: {}", "--what-if"),
])  # fmt: skip
def test_what_is_no_lifecycle_is_refused_before_anything_is_asked(
    what_if: str, message: str, ecr: UsedEcr, file: Path
) -> None:
    finished = asked(file, "--what-if", what_if)
    assert isinstance(finished.exception, RegistryError)
    assert finished.exception.exit_code == ExitCode.INVALID
    assert message in str(finished.exception)
    assert ecr.calls == []


def test_the_images_of_a_manifest_list_go_with_it(ecr: UsedEcr, file: Path) -> None:
    held = ecr.repository("web/new")
    children = [ecr.push("web/new", "", days=5, arm=50), ecr.push("web/new", "", days=5, amd=50)]
    held.index(*children, tags=("v1",))
    ecr.details[next(reversed(held.manifests))] = {"imageSizeInBytes": 150}
    ecr.push("web/new", "v2", days=0.1, other=5)
    row = rows(said(file, "--manifests"))["web/new"]
    assert (row["imageCount"], row["sizeInBytes"]) == (4, exactly(2 * 150 + 105))
    effect = rows(said(file, "--manifests", "--what-if", "last-1"))["web/new"]["lifecycle"]
    assert (effect["expiringImageCount"], effect["freedInBytes"]) == (3, exactly(300))
    unread = rows(said(file, "--no-manifests", "--what-if", "last-1"))["web/new"]["lifecycle"]
    assert unread["indexesWithUnknownChildren"] == 1


def test_archived_images_make_a_range_although_manifests_are_read(ecr: UsedEcr, file: Path) -> None:
    ecr.push("web/api", "v0", days=300, archived=True, cold=5_000)
    row = rows(said(file, "--manifests"))["web/api"]
    assert row["standardInBytes"] == exactly(1_250)
    assert row["archiveInBytes"] == {"atLeast": 5_100 - 1_250, "atMost": 5_100}
    assert (row["archivedImageCount"], row["imagesWithUnknownLayers"]) == (1, 1)
    assert "in the archive" in asked(file, "--manifests").stderr


@pytest.mark.parametrize(("options", "names"), [
    (("--namespace", "web"), {"web/api", "web/new"}),
    (("--owner", "data"), {"data/etl"}),
    (("--namespace", "web", "--namespace", "old"), {"web/api", "web/new", "old/thing"}),
    (("--namespace", "web", "--owner", "data"), set[str]()),
])  # fmt: skip
def test_only_what_was_chosen_is_read(options: tuple[str, ...], names: set[str], ecr: UsedEcr, file: Path) -> None:
    assert set(rows(said(file, "--manifests", *options))) == names
    assert set(ecr.read) <= names


@pytest.mark.parametrize(("by", "first"), [
    ("repository", "data/etl\t1\tdata\t1\t1.5 kB"),
    ("namespace", "data\t1\t1\t1.5 kB"),
    ("owner", "data\t1\t1\t1.5 kB"),
    ("location", f"{ACCOUNT}/{HOME}\t4\t4\t2.9 kB"),
    ("layer", f"{ACCOUNT}/{HOME}\tsha256:"),
    ("base", f"{ACCOUNT}/{HOME}\tbelow data/etl:v1\t1\t1.0 kB\t3"),
])  # fmt: skip
def test_a_table_of_each_kind(by: str, first: str, ecr: UsedEcr, file: Path) -> None:
    finished = asked(file, "--manifests", "--by", by)
    assert finished.exit_code == ExitCode.FINE, finished.output
    assert finished.stdout.splitlines()[1].startswith(first)


def test_an_owner_that_the_file_does_not_name_is_a_slip(file: Path) -> None:
    finished = asked(file, "--owner", "dta")
    assert str(finished.exception) == ('no repository of the file has the owner "dta"\n    way out: did you mean data?')
    assert "one of data, web" in str(asked(file, "--owner", "platform").exception)


def test_by_month_the_newest_comes_last(ecr: UsedEcr, file: Path) -> None:
    months = [row.split("\t") for row in asked(file, "--manifests", "--by", "month").stdout.splitlines()[1:]]
    assert [month for month, *_ in months] == sorted(month for month, *_ in months)
    assert sum(int(images) for _, images, _ in months) == 4


@pytest.mark.parametrize(("sort", "first"), [
    ("size", "data/etl"), ("new", "web/api"), ("unpulled", "data/etl"), ("images", "web/api"), ("name", "data/etl"),
])  # fmt: skip
def test_the_order_is_by_what_was_asked(sort: str, first: str, ecr: UsedEcr, file: Path) -> None:
    assert asked(file, "--manifests", "--sort", sort).stdout.splitlines()[1].startswith(first)
    assert asked(file, "--manifests", "--sort", sort, "--markdown").stdout.splitlines()[2].startswith(f"| `{first}`")


def test_replicas_are_counted_as_well(ecr: UsedEcr, file: Path) -> None:
    file.write_text(f"replicas: {{{REPLICA}: }}\n{file.read_text()}")
    ecr.push("web/api", "v2", days=2, at=REPLICA, base=1_000, two=30)
    found = said(file, "--manifests")
    assert [registry["region"] for registry in found["registries"]] == [HOME, REPLICA]
    assert found["total"]["imageCount"] == 5
    assert [r["region"] for r in said(file, "--manifests", "--region", REPLICA)["registries"]] == [REPLICA]
    row = asked(file, "--manifests", "--by", "repository").stdout
    assert "web/api\t2\tweb\t3\t" in row


def test_an_account_that_nobody_has_credentials_for_makes_it_a_part_and_that_is_said(ecr: UsedEcr, file: Path) -> None:
    file.write_text(f"replicas: {{{OTHER}/{REPLICA}: }}\n{file.read_text()}")
    finished = asked(file, "--json", "--manifests")
    assert finished.exit_code == ExitCode.UNKNOWN
    found = json.loads(finished.stdout)
    assert (found["whole"], found["notAsked"]) == (False, [f"{OTHER}/{REPLICA}"])
    assert f"this is not the whole: not asked, because they are in other accounts: {OTHER}/{REPLICA}" in finished.stderr
    assert said(file, "--region", HOME)["whole"] is True


@pytest.mark.parametrize("denied", [
    "DescribeRepositories", "DescribeImages", "BatchGetImage", "ListPullTimeUpdateExclusions",
])  # fmt: skip
def test_a_permission_that_is_missing_is_named_and_nothing_is_shown(denied: str, ecr: UsedEcr, file: Path) -> None:
    ecr.denied = {denied}
    finished = asked(file, "--manifests")
    assert isinstance(finished.exception, RegistryError)
    assert finished.exception.exit_code == ExitCode.UNKNOWN
    assert f"AWS refused {denied}" in str(finished.exception)
    assert f"ecr:{denied}" in str(finished.exception)
    assert finished.stdout == ""


def test_a_repository_or_an_image_that_goes_meanwhile_is_not_there(ecr: UsedEcr, file: Path) -> None:
    def goes(operation: str, parameters: Any) -> None:
        if operation == "DescribeImages" and parameters["repositoryName"] == "old/thing":
            ecr.held.pop((ACCOUNT, HOME, "old/thing"), None)
        if operation == "BatchGetImage" and parameters["repositoryName"] == "data/etl":
            ecr.repository("data/etl").manifests.clear()

    ecr.before = goes
    each = rows(said(file, "--manifests"))
    assert "old/thing" not in each
    assert each["data/etl"]["sizeInBytes"] == {"atLeast": 1_500, "atMost": 1_500}  # one image of that size
    assert each["data/etl"]["imagesWithUnknownLayers"] == 1


LAYER = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:1", "size": 5}
#: goharbor/harbor#12717: the layers of Windows are in the manifest, and in no registry.
WINDOWS = {"mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "digest": "sha256:2",
           "size": 1_700_000_000, "urls": ["https://mcr.microsoft.com/v2/x"]}  # fmt: skip


def test_layers_that_are_kept_elsewhere_take_no_room() -> None:
    assert layers_of({"mediaType": IMAGE, "layers": [WINDOWS, LAYER]}) == ((("sha256:1", 5),), None)
    pushed = {**WINDOWS, "urls": []}  # pushed after all, with --allow-nondistributable-artifacts
    assert layers_of({"mediaType": IMAGE, "layers": [pushed]}) == ((("sha256:2", 1_700_000_000),), None)


@pytest.mark.parametrize("manifest", [
    None,
    {"schemaVersion": 1, "fsLayers": [{"blobSum": "sha256:1"}]},
    {"mediaType": INDEX, "manifests": []},
    {"layers": [{**LAYER, "size": -1}]},
    {"layers": [{**LAYER, "size": 2**70}]},
    {"layers": [{"digest": "sha256:1"}]},
    {"layers": [LAYER], "config": {"digest": "sha256:1"}},
])  # fmt: skip
def test_layers_that_a_manifest_does_not_say_are_not_known(manifest: Any) -> None:
    assert layers_of(manifest) is None
