"""Events as AWS's pages show them, less what no rule and no text of ours looks at; and how one differs from another.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html#cloudtrail-examples
An entry of a trail comes as the `detail` of an event:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

from __future__ import annotations

import copy
import json
from typing import Any

Event = dict[str, Any]
DIGEST = "sha256:7f5b2640fe6fb4f46592dfd3410c4a79dac4f89e4782432e0378abcd1234"


def _event(source: str, kind: str, detail: Event, resources: tuple[str, ...] = ()) -> Event:
    return {
        "version": "0",
        "id": "13cde686-328b-6117-af20-0e5566167482",
        "detail-type": kind,
        "source": source,
        "account": "123456789012",
        "time": "2024-05-08T20:44:54Z",
        "region": "us-west-2",
        "resources": list(resources),
        "detail": detail,
    }


def _ecr(kind: str, detail: Event) -> Event:
    return _event("aws.ecr", kind, detail)


def _inspector(kind: str, detail: Event) -> Event:
    return _event("aws.inspector2", kind, detail)


def _image(action: str, **rest: Any) -> Event:
    return {
        "result": "SUCCESS",
        "repository-name": "my-repository-name",
        "image-digest": DIGEST,
        "action-type": action,
        **rest,
    }


def _replicated(result: str, repository: str, tag: str) -> Event:
    found = {"source-account": "123456789012", "source-region": "us-west-2", "image-tag": tag}
    return {**_image("REPLICATE"), "result": result, "repository-name": repository, **found}


def _finding(severity: str, resource: str, details: Event) -> Event:
    return {
        "severity": severity,
        "status": "ACTIVE",
        "type": "PACKAGE_VULNERABILITY",
        "fixAvailable": "YES",
        "title": "CVE-2024-6119 - libssl3t64, openssl",
        "packageVulnerabilityDetails": {"vulnerabilityId": "CVE-2024-6119"},
        "resources": [{"type": resource, "details": details}],
    }


_ECR_IMAGE = {
    "imageHash": "sha256:84f507df33c6864d49c296fb734192696e4cb6f78166ac51ac8b9b118181085d",
    "imageTags": ["ubuntu_latest"],
    "registry": "123456789012",
    "repositoryName": "inspector2",
}
_NONE = {"CRITICAL": 0, "HIGH": 0, "MEDIUM": 0, "TOTAL": 0}


def _called(name: str, who: Event, parameters: Event | None, **rest: Any) -> Event:
    record = {
        "eventVersion": "1.04",
        "userIdentity": who,
        "eventSource": "ecr.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-2",
        "sourceIPAddress": "203.0.113.12",
        "userAgent": "console.amazonaws.com",
        "requestParameters": parameters,
        "eventType": "AwsApiCall",
        **rest,
    }
    return _ecr("AWS API Call via CloudTrail", record)


_MARY = {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/Mary_Major", "userName": "Mary_Major"}
_ROLE = {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:user/Mary_Major"}

SAMPLES: dict[str, Event] = {
    "push": _ecr("ECR Image Action", _image("PUSH", **{"image-tag": "latest"})),
    "deletion": _ecr("ECR Image Action", _image("DELETE", **{"image-tag": "latest"})),
    "archival": _ecr("ECR Image Action", _image("UPDATE_STORAGE_CLASS", **{"target-storage-class": "ARCHIVE"})),
    "referrer restored": _ecr("ECR Referrer Action", _image("UPDATE_STORAGE_CLASS")),
    "cached": _ecr(
        "ECR Pull Through Cache Action",
        {
            "rule-version": "1",
            "sync-status": "SUCCESS",
            "ecr-repository-prefix": "docker-hub",
            "repository-name": "docker-hub/alpine",
            "upstream-registry-url": "public.ecr.aws",
            "image-tag": "3.17.2",
            "image-digest": "sha256:4aa08ef415aecc80814cb42fa41b658480779d80c77ab15EXAMPLE",
        },
    ),
    "basic scan": _ecr(
        "ECR Image Scan",
        {
            "scan-status": "COMPLETE",
            "repository-name": "my-repository-name",
            "finding-severity-counts": {"CRITICAL": 10, "MEDIUM": 9},
            "image-digest": DIGEST,
            "image-tags": [],
        },
    ),
    "scan frequency": _ecr(
        "ECR Scan Resource Change",
        {
            "action-type": "SCAN_FREQUENCY_CHANGE",
            "repositories": [{"repository-name": "repository-1", "scan-frequency": "SCAN_ON_PUSH"}],
            "resource-type": "REPOSITORY",
            "scan-type": "ENHANCED",
        },
    ),
    "replicated": _ecr("ECR Replication Action", _replicated("SUCCESS", "docker-hub/alpine", "3.17.2")),
    "replication failed": _ecr("ECR Replication Action", _replicated("FAILED", "my-app", "latest")),
    "finding of an image": _inspector(
        "Inspector2 Finding",
        _finding("MEDIUM", "AWS_ECR_CONTAINER_IMAGE", {"awsEcrContainerImage": _ECR_IMAGE, "image": _ECR_IMAGE}),
    ),
    "finding of an instance": _inspector("Inspector2 Finding", _finding("HIGH", "AWS_EC2_INSTANCE", {"vm": {}})),
    "finding of a function": _inspector("Inspector2 Finding", _finding("HIGH", "AWS_LAMBDA_FUNCTION", {})),
    "finding in another cloud": _inspector(
        "Inspector2 Finding",
        _finding("HIGH", "Microsoft.ContainerRegistry/registry/containerImage", {"image": _ECR_IMAGE}),
    ),
    "first scan of an image": _inspector(
        "Inspector2 Scan",
        {
            "scan-status": "INITIAL_SCAN_COMPLETE",
            "repository-name": "arn:aws:ecr:us-west-2:123456789012:repository/inspector2",
            "finding-severity-counts": _NONE,
            "image-digest": "sha256:965fbcae990b0467ed5657caceaec165018ef44a4d2d46c7cdea80a9dff0d1ea",
            "image-tags": ["ubuntu22"],
            "version": "1.0",
        },
    ),
    "first scan of an instance": _inspector(
        "Inspector2 Scan",
        {
            "scan-status": "INITIAL_SCAN_COMPLETE",
            "finding-severity-counts": _NONE,
            "instance-id": "i-087d63509b8c97098",
            "version": "1.0",
        },
    ),
    "repository created": _called("CreateRepository", _ROLE, {"repositoryName": "testrepo"}),
    "image put": _called("PutImage", _MARY, {"repositoryName": "testrepo", "imageTag": "latest"}),
    "image got": _called("BatchGetImage", _MARY, {"imageIds": [{"imageTag": "latest"}], "repositoryName": "testrepo"}),
    "lifecycle": {
        **_called(
            "PolicyExecutionEvent",
            {"accountId": "123456789012", "invokedBy": "AWS Internal"},
            None,
            sourceIPAddress="AWS Internal",
            eventType="AwsServiceEvent",
            serviceEventDetails={
                "repositoryName": "testrepo",
                "lifecycleEventImageActions": [
                    {
                        "lifecycleEventImage": {
                            "digest": "sha256:ddba4d27a7ffc3f86dd6c2f92041af252a1f23a8e742c90e6e1297bfa1bc0c45",
                            "tagStatus": "Tagged",
                            "tagList": ["alpine"],
                            "pushedAt": 1584042813000,
                        },
                        "rulePriority": 1,
                    }
                ],
            },
        ),
        "detail-type": "AWS Service Event via CloudTrail",
    },
}


def sample(name: str, **changes: Any) -> Event:
    """A sample with other values: `repository`, and fields of its detail by their names, `_` for `-`."""
    event = copy.deepcopy(SAMPLES[name])
    repository = changes.pop("repository", None)
    if repository is not None:
        event = json.loads(_renamed(json.dumps(event), repository))
    for key, value in changes.items():
        detail = event["detail"]
        detail[key if key in detail or "-" not in "".join(detail) else key.replace("_", "-")] = value
    return event


def _renamed(text: str, repository: str) -> str:
    """The repository of a sample by another name; each page has its own."""
    for name in ("my-repository-name", "my-app", "docker-hub/alpine", "testrepo", "inspector2"):
        text = text.replace(f'"{name}"', json.dumps(repository)).replace(f"/{name}", f"/{repository}")
    return text
