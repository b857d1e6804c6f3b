"""What is read of an answer is what botocore reads of it; only the time it takes differs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore.parsers import create_parser

from ops.aws.answers import JsonReader, Readers, moment

ECR = botocore.session.get_session().get_service_model("ecr")
ROW = {
    "imageDigest": "sha256:a",
    "imageTags": ["v1", None, "latest"],
    "imagePushedAt": 1.75e9,
    "lastRecordedPullTime": "2026-11-26T08:00:00Z",
    "imageScanFindingsSummary": {"findingSeverityCounts": {"HIGH": 2}, "imageScanCompletedAt": 1750000000.25},
    "imageSizeInBytes": 7,
    "aKeyThatIsNew": 1,
    "imageStatus": None,
}
ANSWERS: dict[str, Any] = {
    "DescribeImages": {"imageDetails": [ROW, {}, None], "nextToken": "x", "unknown": {}},
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


def test_a_time_has_the_zone_of_this_machine() -> None:
    assert moment(1.75e9) == datetime.fromtimestamp(1.75e9, UTC)
    assert moment(1.75e9).utcoffset() == datetime.fromtimestamp(1.75e9).astimezone().utcoffset()
    assert moment("2026-11-26T08:00:00Z") == datetime(2026, 11, 26, 8, tzinfo=UTC)


def test_other_protocols_are_botocores() -> None:
    assert isinstance(Readers().create_parser("query"), type(create_parser("query")))
    assert type(Readers().create_parser("smithy-rpc-v2-cbor")) is type(create_parser("smithy-rpc-v2-cbor"))
