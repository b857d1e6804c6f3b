"""`ecrctl cost`: what it prints, what it counts, and how it ends. No AWS is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from registry.cost.assumed import WrongAssumption
from registry.errors import ExitCode, InvalidFile, InvalidRegistry, UnknownName
from tests.registry.cost.worked import GB, TEXT

RUN = CliRunner()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "registry.yaml"
    made.write_text(TEXT)
    return made


@pytest.fixture
def images(tmp_path: Path) -> Path:
    made = tmp_path / "images.json"
    rows = [
        {
            "repositoryName": "web/api",
            "imageDigest": f"sha256:{n}",
            "imagePushedAt": "2020-01-01T00:00:00+00:00",
            "imageSizeInBytes": 100 * GB,
            "imageTags": [f"v{n}"],
        }
        for n in range(3)
    ]
    made.write_text(json.dumps({"imageDetails": rows}))
    return made


def run(file: Path, *words: str) -> Any:
    return RUN.invoke(app, ["cost", *words, "--registry", str(file)])


def test_the_file_alone_is_what_is_billed_without_an_image(file: Path) -> None:
    finished = run(file)
    assert finished.exit_code == ExitCode.FINE
    assert finished.stdout.splitlines() == [
        "what\twhere\tquantity\tprice\ta month",
        "VPC endpoints\tap-northeast-2\t4,380 endpoint-AZ-hour\t0.013\t56.94",
        "KMS keys\tap-northeast-2\t1 to 3 key version-month\t1\t1.00 to 3.00",
        "secrets of pull-through caches\tap-northeast-2\t1 secret-month\t0.4\t0.40",
    ]
    said = finished.stderr.splitlines()
    assert said[0] == "58.34 to 60.34 USD a month, estimated"
    assert (
        "not counted: storage in ap-northeast-2 (0.1 USD a GB-month), ap-northeast-1 (0.1 USD a GB-month): how much is "
        "stored is not known: --images IMAGES.json, or --live"
    ) in said
    assert any(line.startswith("prices: registry/cost/prices.yaml, the oldest of 2026-") for line in said)


def test_lists_of_images_give_bounds_at_home_and_in_replicas(file: Path, images: Path) -> None:
    finished = run(file, "--images", str(images), "--by", "location")
    assert finished.stdout.splitlines() == [
        "where\ta month",
        "ap-northeast-1\t10.00 to 30.00",
        "ap-northeast-2\t68.34 to 90.34",
    ]
    assert "no list was given of 2 of 3 declared repositories" in finished.stderr


@pytest.mark.parametrize(("budget", "code"), [(19, ExitCode.NO), (20, ExitCode.FINE), (60, ExitCode.FINE)])
def test_a_budget_that_is_certainly_not_enough_ends_with_1(
    file: Path, images: Path, budget: int, code: ExitCode
) -> None:
    file.write_text(f"{TEXT}budgets: {{team-web: {budget}}}\n")
    finished = run(file, "--images", str(images), "--by", "owner")
    assert finished.exit_code == code
    assert f"team-web\t20.00 to 60.00\t{budget}.00" in finished.stdout
    told = {19: "error: team-web costs more", 20: "warning: team-web may cost more"}.get(budget)
    assert (told or "") in finished.stderr
    assert ("[budget-exceeded]" in finished.stderr) == (told is not None)


def test_before_and_after_a_plan(file: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.yaml"
    old.write_text(TEXT.replace(", subnet-0a1b2c3d4e5f60713]", "]"))
    finished = run(file, "--plan", str(old))
    assert "VPC endpoints in ap-northeast-2\t37.96\t56.94\t+18.98" in finished.stdout
    assert f"; 39.36 to 41.36 in {old}: +18.98" in finished.stderr
    found = json.loads(run(file, "--plan", str(old), "--json").stdout)
    assert found["difference"] == {"low": "18.98", "high": "18.98"}
    assert (found["before"]["name"], found["before"]["total"]["low"]) == (str(old), "39.36")


def test_a_plan_runs_the_lifecycles_of_both_sides_over_the_images(file: Path, images: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.yaml"
    old.write_text(TEXT)
    last = "lifecycles: {one: [{keep: {tagged: 'v*', last: 1}}]}\ndefaults: {lifecycle: one}\n"
    file.write_text(TEXT + last)
    finished = run(file, "--plan", str(old), "--images", str(images))
    assert "storage in ap-northeast-2\t10.00 to 30.00\t10.00\t-20.00 to 0.00" in finished.stdout


def test_images_that_would_be_archived_are_billed_for_ninety_days(file: Path, images: Path, tmp_path: Path) -> None:
    """Three images of 100 GB, of which the lifecycle moves two: three months of each, at 0.10 a GB-month."""
    old = tmp_path / "old.yaml"
    old.write_text(TEXT)
    moved = "lifecycles: {one: [{archive: {tagged: 'v*', last: 1}}]}\ndefaults: {lifecycle: one}\n"
    file.write_text(TEXT + moved)
    finished = run(file, "--plan", str(old), "--images", str(images))
    assert (
        "2 images are not 90 days in the archive: AWS bills the rest also of those that are deleted earlier, "
        "300 to 600 GB-months, 30.00 to 60.00 USD in each location that holds them"
    ) in finished.output


def test_the_same_for_programs(file: Path, images: Path) -> None:
    found = json.loads(run(file, "--images", str(images), "--assume", "kms-requests=1000000", "--json").stdout)
    assert (found["currency"], found["hoursInAMonth"], found["bytesInAGigabyte"]) == ("USD", 730, 2**30)
    assert found["complete"] is False
    (storage,) = [it for it in found["lines"] if it["item"] == "storage" and it["region"] == "ap-northeast-1"]
    assert storage == {
        "account": "123456789012",
        "region": "ap-northeast-1",
        "item": "storage",
        "about": "web/api",
        "owner": "team-web",
        "quantity": {"low": "100", "high": "300"},
        "unit": "GB-month",
        "counted": "unique layers, between two bounds",
        "price": {"low": "0.1", "high": "0.1", "tiers": False, "ofRegion": "ap-northeast-1", "sources": ["devjapan"]},
        "monthly": {"low": "10", "high": "30"},
    }
    (requests,) = [it for it in found["lines"] if it["item"] == "key-requests"]
    assert requests["monthly"] == {"low": "3", "high": "3"}
    assert {it["name"] for it in found["sources"]} >= {"devjapan", "seoul"}
    assert [(it["owner"], it["budget"]) for it in found["owners"]] == [("", None), ("team-web", None)]
    assert found["notes"][0].startswith("pushes are those of ")


def test_markdown_is_a_table(file: Path) -> None:
    assert run(file, "--markdown").stdout.startswith("| what | where | quantity | price | a month |\n|---|")


def test_every_line_says_how_it_was_counted(file: Path) -> None:
    assert "2 endpoints x 3 zones x 730 h" in run(file, "--by", "line").stdout


def test_a_region_without_prices_is_said_and_another_may_stand_for_it(file: Path) -> None:
    file.write_text(TEXT.replace("ap-northeast-2", "af-south-1"))
    missing = run(file)
    assert "VPC endpoints\taf-south-1\t4,380 endpoint-AZ-hour\tno price\tno price" in missing.stdout
    assert "no price of VPC endpoints in af-south-1: not in the sum" in missing.stderr
    assert "`ecrctl prices --renew`" in missing.stderr
    taken = run(file, "--prices-of", "us-east-1")
    assert "VPC endpoints\taf-south-1\t4,380 endpoint-AZ-hour\t0.01 (of us-east-1)\t43.80" in taken.stdout


def test_what_has_no_price_is_said_once_for_an_item_with_every_place(file: Path) -> None:
    file.write_text(
        'registry: {name: acme, account: "123456789012", region: af-south-1}\n'
        "replicas: {210987654321/af-south-1: }\nrepositories: {web/api: }\n"
        "monitoring: {email: [platform@example.com], events: [pull_through_cache], alarms: }\n"
    )
    said = "no price of CloudWatch alarms in af-south-1, 210987654321/af-south-1: not in the sum"
    assert said in run(file).stderr.splitlines()


def test_prices_beside_the_registry_file_are_taken_before_the_projects(file: Path) -> None:
    (file.parent / "prices.yaml").write_text(
        'currency: EUR\nsources: {us: {title: us, as_of: "2026-11-01"}}\n'
        "prices: {endpoint: {ap-northeast-2: {us: 1}}}\n"
    )
    finished = run(file)
    assert "VPC endpoints\tap-northeast-2\t4,380 endpoint-AZ-hour\t1\t4,380.00" in finished.stdout
    assert finished.stderr.startswith("4,380.00 EUR a month, estimated")


def test_wrong_usage_is_explained(file: Path, images: Path, tmp_path: Path) -> None:
    for words, problem, said in (
        (["--assume", "rescans=many"], WrongAssumption, "way out: --assume rescans=10"),
        (["--prices-of", "af-south-1"], UnknownName, "has no price of af-south-1"),
        (["--images", str(images), "--images", str(images)], UnknownName, "images of web/api again"),
    ):
        finished = run(file, *words)
        assert isinstance(finished.exception, problem), finished.output
        assert said in str(finished.exception)
    empty = tmp_path / "empty.json"
    empty.write_text('{"imageDetails": []}')
    assert "no image in it names its repository" in str(run(file, "--images", str(empty)).exception)
    bad = tmp_path / "bad.yaml"
    bad.write_text("currency: USD\nsources: {}\nprices: {storage: {us-east-1: {me: -5}}}\n")
    assert isinstance(run(file, "--prices", str(bad)).exception, InvalidFile)
    file.write_text("registry: {name: acme}\n")
    assert isinstance(run(file).exception, InvalidRegistry)


def test_live_and_lists_are_one_or_the_other(file: Path, images: Path) -> None:
    finished = run(file, "--live", "--images", str(images))
    assert finished.exit_code == ExitCode.INVALID
    assert "each say what is stored" in " ".join(finished.output.split())
