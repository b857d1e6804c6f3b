"""What is read of an answer is what botocore reads of it; only the time it takes differs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore.parsers import create_parser

from ops.aws import answers
from ops.aws.answers import JsonReader, Readers, moment

ECR = botocore.session.get_session().get_service_model("ecr")
ROW = {
    "imageDigest": "sha256:a",
    "imageTags": ["v1", "latest"],
    "imagePushedAt": 1.75e9,
    "lastRecordedPullTime": "2026-11-26T08:00:00Z",
    "imageScanFindingsSummary": {"findingSeverityCounts": {"HIGH": 2}, "imageScanCompletedAt": 1750000000.25},
    "imageSizeInBytes": 7,
    "aKeyThatIsNew": 1,
    "imageStatus": None,
}
ANSWERS: dict[str, Any] = {
    "DescribeImages": {"imageDetails": [ROW, {}], "nextToken": "x", "unknown": {}},
    "DescribeRepositories": {"repositories": [{"repositoryName": "web/api", "createdAt": 1.7e9}]},
    "BatchGetImage": {"images": [{"imageId": {"imageDigest": "a"}}], "failures": [{"failureCode": "ImageNotFound"}]},
    "GetLifecyclePolicy": {"lifecyclePolicyText": "{}", "lastEvaluatedAt": 0},
    "DescribeImageScanFindings": {
        "imageScanFindings": {"enhancedFindings": [{"packageVulnerabilityDetails": {"cvss": [{"baseScore": 7.5}]}}]}
    },
    "GetAuthorizationToken": {"authorizationData": [{"authorizationToken": "x", "expiresAt": 1.8e9}]},
    "GetSigningConfiguration": {},
}


def read(parser: Any, operation: str, body: Any) -> Any:
    response = {"body": json.dumps(body).encode(), "headers": {}, "status_code": 200}
    return parser.parse(response, ECR.operation_model(operation).output_shape)


@pytest.mark.parametrize("operation", ANSWERS)
def test_it_reads_what_botocore_reads(operation: str) -> None:
    read_here = read(JsonReader(), operation, ANSWERS[operation])
    assert read_here == read(create_parser("json"), operation, ANSWERS[operation])


@pytest.mark.parametrize("operation", ECR.operation_names)
def test_every_answer_of_ecr_can_be_read(operation: str) -> None:
    if ECR.operation_model(operation).output_shape is not None:
        assert read(JsonReader(), operation, {}) == read(create_parser("json"), operation, {})


@pytest.mark.parametrize("rows", [{"imageTags": [None]}, None])
def test_null_in_a_list_is_no_answer(rows: Any) -> None:
    with pytest.raises(ValueError, match="a list has null in it"):
        read(JsonReader(), "DescribeImages", {"imageDetails": [rows]})


def test_maps_are_what_was_asked_for_from_top_to_bottom() -> None:
    found = read(JsonReader(lambda shape: lambda: Named(shape)), "DescribeImages", ANSWERS["DescribeImages"])
    assert [found.source, found["imageDetails"][0].source] == ["DescribeImagesResponse"] * 2
    assert found["imageDetails"][0]["imageScanFindingsSummary"].source == "DescribeImagesResponse"


class Named(dict[str, Any]):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    answers._zone.cache_clear()
    yield
    monkeypatch.undo()
    time.tzset()
    answers._zone.cache_clear()


@pytest.mark.parametrize(
    "zone", ["Asia/Seoul", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"], indirect=True
)
@pytest.mark.usefixtures("zone")
def test_a_time_has_the_zone_of_this_machine() -> None:
    set_back = 1_761_440_400  # 2025-10-26 01:00 UTC, in Berlin
    for seconds in (1.75e9, 1.76e9 + 0.25, 0, -1, *range(set_back - 3600, set_back + 3600, 450), 1_759_590_000):
        expected = datetime.fromtimestamp(seconds, UTC).astimezone()
        assert (moment(seconds), moment(seconds).utcoffset()) == (expected, expected.utcoffset())
    assert moment("2026-11-26T08:00:00Z") == datetime(2026, 11, 26, 8, tzinfo=UTC)


def test_other_protocols_are_botocores() -> None:
    for protocol in ("query", "smithy-rpc-v2-cbor"):
        assert isinstance(Readers(lambda _: dict).create_parser(protocol), type(create_parser(protocol)))
    assert isinstance(Readers(None).create_parser("json"), type(create_parser("json")))


def test_what_is_known_of_a_shape_is_kept_from_call_to_call() -> None:
    readers = Readers(lambda _: lambda: {})  # another maker at each call
    read(readers.create_parser("json"), "DescribeImages", ANSWERS["DescribeImages"])
    known = answers._reader.cache_info().currsize
    read(readers.create_parser("json"), "DescribeImages", ANSWERS["DescribeImages"])
    assert answers._reader.cache_info().currsize == known
