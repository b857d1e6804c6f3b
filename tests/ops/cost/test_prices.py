"""`ecrctl prices`: what it shows, and `--renew` against botocore's model of the price list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.aws.cloud import CloudError, OddAnswer
from ops.cli import app
from registry.cost.price_file import read
from registry.cost.price_list import SERVICES
from registry.cost.prices import Item
from registry.errors import ExitCode
from tests.ops.stubs import Cloud, stubbed
from tests.registry.cost.test_price_list import product
from tests.synth import SMALL

RUN = CliRunner()
LIST = "us-east-1"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "registry.yaml"
    made.write_text(f"{SMALL}repositories: {{web/api: }}\n")
    return made


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    # One call at a time, in the order of the services, as a Stubber expects them.
    monkeypatch.setattr("ops.cost.renew.map_parallel", lambda items, work, doing: [work(it) for it in items])
    with stubbed(monkeypatch) as cloud:
        yield cloud


def run(file: Path, *words: str) -> Any:
    return RUN.invoke(app, ["prices", *words, "--registry", str(file)])


def asked(service: str, field: str, also: tuple[tuple[str, str], ...], **more: str) -> dict[str, Any]:
    filters = [
        {"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in ((field, "ap-northeast-2"), *also)
    ]
    return {"ServiceCode": service, "Filters": filters, "FormatVersion": "aws_v1", "MaxResults": 100, **more}


def answers(aws: Cloud, by_service: dict[str, list[list[Any]]]) -> None:
    """Pages of products of each service; of the others an empty one."""
    for service, field, also in SERVICES:
        pages = by_service.get(service, [[]])
        for number, page in enumerate(pages):
            more = {"NextToken": f"t{number - 1}"} if number else {}
            last = {} if number == len(pages) - 1 else {"NextToken": f"t{number}"}
            texts = [it if isinstance(it, str) else json.dumps(it) for it in page]
            aws.expect("get_products", {"FormatVersion": "aws_v1", "PriceList": texts, **last},
                       asked(service, field, also, **more), at=LIST)  # fmt: skip


HERE = {"region": "ap-northeast-2"}
STORAGE = product("APN2-TimedStorage-ByteHrs", ("0", "Inf", "0.11"), **HERE)
PUBLIC = product("APN2-ECR-Public-Something", ("0", "Inf", "0.5"), **HERE)
HOURS = product("APN2-VpcEndpoint-Hours", ("0", "Inf", "0.014"), unit="Hrs", **HERE)


def test_it_shows_every_price_with_its_source_and_day(file: Path) -> None:
    finished = run(file)
    assert finished.exit_code == ExitCode.FINE
    first, *rows = finished.stdout.splitlines()
    assert first == "what\tregion\tprice in USD\tunit\tsource\tlooked up"
    cells = [row.split("\t") for row in rows]
    assert {region for _, region, *_ in cells} == {"ap-northeast-2"}
    assert all(len(row) == 6 and (row[5].startswith("2026-") or row[2] == "no price") for row in cells)
    assert any(
        row.startswith("archive storage\tap-northeast-2\t0.1 up to 153,600, then 0.07\tGB-month\t") for row in rows
    )
    assert finished.stderr.endswith("; 5 prices missing, which `ecrctl prices --renew` asks AWS for\n")
    found = {it["item"]: it for it in json.loads(run(file, "--json").stdout)}
    assert found["secret"]["tiers"] == [{"upTo": None, "price": {"low": "0.4", "high": "0.4"}}]
    assert (found["secret"]["asOf"], found["alarm"]["asOf"], found["alarm"]["tiers"]) == ("2026-10-01", None, [])
    assert run(file, "--markdown").stdout.startswith("| what | region |")


def test_renewing_asks_page_after_page_and_writes_what_aws_says(file: Path, aws: Cloud) -> None:
    answers(aws, {"AmazonECR": [[PUBLIC], [STORAGE]], "AmazonVPC": [[HOURS]]})
    finished = run(file, "--renew")
    assert finished.exit_code == ExitCode.FINE, finished.output
    assert finished.stdout == f"wrote {file.parent / 'prices.yaml'}: 2 prices of AWS's list\n"
    found = read(file.parent / "prices.yaml")
    rate = found.rate(Item.STORAGE, "ap-northeast-2")
    assert rate is not None
    assert rate.text("USD") == "0.11 USD a GB-month"
    assert [source.title for source in rate.sources] == [
        "AWS's price list: AmazonECR APN2-TimedStorage-ByteHrs in ap-northeast-2"
    ]


def test_a_product_that_is_missing_keeps_its_price_and_is_named(file: Path, aws: Cloud) -> None:
    answers(aws, {"AmazonECR": [[STORAGE]]})
    finished = run(file, "--renew")
    said = finished.stderr.splitlines()
    assert "not renewed: VPC endpoints in ap-northeast-2: AWS's list has none; kept" in said
    assert "not renewed: CloudWatch alarms in ap-northeast-2: AWS's list has none; still without one" in said
    assert "not renewed: CodePipeline in ap-northeast-2: nobody knows its name in AWS's list; kept" in said
    kept = read(file.parent / "prices.yaml").rate(Item.ENDPOINT, "ap-northeast-2")
    assert kept is not None
    assert kept.text("USD") == "0.013 USD an endpoint-AZ-hour"


def test_a_product_that_cannot_be_a_price_is_named_and_changes_nothing(file: Path, aws: Cloud) -> None:
    wrong = product("APN2-VpcEndpoint-Hours", ("0", "Inf", "-3"), unit="Hrs", **HERE)
    answers(aws, {"AmazonVPC": [[wrong]]})
    finished = run(file, "--renew")
    assert "not renewed: VPC endpoints in ap-northeast-2: APN2-VpcEndpoint-Hours has" in finished.stderr


def test_what_a_source_says_is_text_in_every_form(file: Path) -> None:
    title = r"a\e[31m|b <script>x</script> [red]r[/red] ${{ x }} {{ x }} $(id) `id`\nnew\u202e"
    (file.parent / "prices.yaml").write_text(
        f'currency: USD\nsources: {{us: {{title: "{title}", as_of: "2026-11-01"}}}}\n'
        "prices: {storage: {ap-northeast-2: {us: 0.1}}}\n"
    )
    rest = "<script>x</script> [red]r[/red] ${{ x }} {{ x }} $(id) `id`\\nnew\\u202e"
    assert f"a\\x1b[31m|b {rest}" in run(file).stdout.splitlines()[1]
    row = run(file, "--markdown").stdout.splitlines()[2]
    assert f"``a\\x1b[31m\\|b {rest}``" in row
    assert run(file, "--json").stdout.isascii()


def test_prices_are_renewed_again(file: Path, aws: Cloud) -> None:
    answers(aws, {"AmazonECR": [[STORAGE]]})
    answers(aws, {"AmazonECR": [[product("APN2-TimedStorage-ByteHrs", ("0", "Inf", "0.12"), **HERE)]]})
    for _ in range(2):
        assert run(file, "--renew").exit_code == ExitCode.FINE
    rate = read(file.parent / "prices.yaml").rate(Item.STORAGE, "ap-northeast-2")
    assert rate is not None
    assert rate.text("USD") == "0.12 USD a GB-month"


def test_a_file_of_something_else_is_not_written_over(file: Path, aws: Cloud) -> None:
    finished = run(file, "--renew", "--output", str(file))
    assert finished.exit_code == ExitCode.INVALID
    assert "holds no prices" in " ".join(finished.output.split())
    assert file.read_text().startswith("registry:")


def test_output_needs_renew(file: Path) -> None:
    assert run(file, "--output", "x.yaml").exit_code == ExitCode.INVALID


@pytest.mark.parametrize("text", ["[]", '"x"', "{", "null"])
def test_an_odd_product_is_no_price_of_nothing(file: Path, aws: Cloud, text: str) -> None:
    answers(aws, {"AmazonCloudWatch": [[text]]})  # the last one asked
    finished = run(file, "--renew")
    assert isinstance(finished.exception, OddAnswer), finished.output
    assert not (file.parent / "prices.yaml").exists()


def test_pages_in_a_circle_end(file: Path, aws: Cloud) -> None:
    service, field, also = SERVICES[0]
    for more in ({}, {"NextToken": "t"}):
        aws.expect("get_products", {"PriceList": [], "NextToken": "t"}, asked(service, field, also, **more), at=LIST)
    finished = run(file, "--renew")
    assert isinstance(finished.exception, OddAnswer)
    assert "a page leads back" in str(finished.exception)


def test_a_permission_that_is_missing_is_named(file: Path, aws: Cloud) -> None:
    aws.refuse("get_products", "AccessDeniedException", "no", at=LIST)
    finished = run(file, "--renew")
    assert isinstance(finished.exception, CloudError)
    assert "it takes pricing:GetProducts" in str(finished.exception)


def test_a_partition_without_a_price_list_says_so(file: Path, aws: Cloud) -> None:
    file.write_text(file.read_text().replace("ap-northeast-2", "us-gov-west-1"))
    finished = run(file, "--renew")
    assert isinstance(finished.exception, CloudError)
    assert "AWS has no price list for the partition aws-us-gov" in str(finished.exception)
