"""What one can hear of: for each kind its events, what of an event is told, and where AWS describes it.

No free text of an event is told (a finding's title, a user agent): values are put into a message as they are, and so
nobody can write a line of it who may name an image or a session.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from registry.limits import ECR_GUIDE
from registry.shape import EventKind, FindingSeverity

#: From the worst on.
SEVERITIES: Final[tuple[FindingSeverity, ...]] = get_args(FindingSeverity)
INSPECTOR_EVENTS: Final = "https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html"
ECR_EVENTS: Final = f"{ECR_GUIDE}/ecr-eventbridge.html"
TRAIL_EVENTS: Final = f"{ECR_GUIDE}/logging-using-cloudtrail.html"

#: Who calls ECR for AWS: a deploy, ECR itself (replication, caches, creation on push), a lifecycle.
#: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
NO_PERSON: Final = ("AWS Internal", "cloudformation.amazonaws.com", "*ecr.amazonaws.com")
DELETIONS: Final = ("BatchDeleteImage", "DeleteRepository")
POLICIES: Final = ("DeleteRegistryPolicy", "DeleteRepositoryPolicy", "PutRegistryPolicy", "SetRepositoryPolicy")
SETTINGS: Final = (
    "CreatePullThroughCacheRule",
    "CreateRepository",
    "CreateRepositoryCreationTemplate",
    "DeleteLifecyclePolicy",
    "DeletePullThroughCacheRule",
    "DeleteRepositoryCreationTemplate",
    "DeleteSigningConfiguration",
    "DeregisterPullTimeUpdateExclusion",
    "PutAccountSetting",
    "PutImageScanningConfiguration",
    "PutImageTagMutability",
    "PutLifecyclePolicy",
    "PutRegistryScanningConfiguration",
    "PutReplicationConfiguration",
    "PutSigningConfiguration",
    "RegisterPullTimeUpdateExclusion",
    "TagResource",
    "UntagResource",
    "UpdatePullThroughCacheRule",
    "UpdateRepositoryCreationTemplate",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A kind of event.

    :param about: what is said of it in one line; the registry's own words may follow.
    :param told: the lines of the message, with the names of `values` in angle brackets.
    :param values: where in an event each value stands, as a JSON path.
    :param chat: the lines in a chat where those of `told` have lists or maps, with the names of `chat_values` as well:
        there a message is JSON, and what AWS makes of a list within a text of JSON it does not say.
    :param repository: where in `detail` the name of the repository stands, step by step; or its ARN, `of_arn`.
    """

    about: str
    source: str
    detail_type: str
    detail: Mapping[str, Any]
    repository: tuple[str, ...]
    told: tuple[str, ...]
    values: Mapping[str, str]
    link: str
    of_arn: bool = False
    chat: tuple[str, ...] = ()
    chat_values: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=lambda: {"account": "$.account", "region": "$.region"})


def _by_a_person(*names: str) -> dict[str, Any]:
    """Successful calls to ECR, but those that AWS's services make."""
    return {
        "eventSource": ["ecr.amazonaws.com"],
        "eventName": list(names),
        "errorCode": [{"exists": False}],
        "sourceIPAddress": [{"anything-but": {"wildcard": list(NO_PERSON)}}],
    }


_CALL: Final = "AWS API Call via CloudTrail"
_REQUEST: Final = ("requestParameters", "repositoryName")
_WHO: Final = {"who": "$.detail.userIdentity.arn", "what": "$.detail.eventName", "time": "$.time"}
_NAMED: Final = {"repository": "$.detail.requestParameters.repositoryName", **_WHO}
_OF_IMAGE: Final = {"repository": "$.detail.repository-name", "digest": "$.detail.image-digest"}
_COUNTED: Final = {
    **_OF_IMAGE,
    "tags": "$.detail.image-tags",
    "counts": "$.detail.finding-severity-counts",
    "time": "$.time",
}


def _changed(about: str, names: tuple[str, ...]) -> Watched:
    """A change by a person, of which `ecrctl drift` says what it comes to."""
    return Watched(
        about=about,
        source="aws.ecr",
        detail_type=_CALL,
        detail=_by_a_person(*names),
        repository=_REQUEST,
        told=(
            "<who> did <what> in <account>/<region>: <repository>",
            "At <time>. What differs from the file now: ecrctl drift",
        ),
        values=_NAMED,
        link=TRAIL_EVENTS,
    )


_SCANNED: Final = (
    "Findings in <repository>: <counts>",
    "Image <digest>, tags <tags>, in <account>/<region>, scanned at <time>.",
)
_SCANNED_CHAT: Final = (
    "Findings in <repository>: CRITICAL <critical>, HIGH <high>, MEDIUM <medium>, LOW <low>",
    "Image <digest>, tag <tag>, in <account>/<region>, scanned at <time>.",
)
_COUNTED_CHAT: Final = {
    "tag": "$.detail.image-tags[0]",
    **{it.lower(): f"$.detail.finding-severity-counts.{it}" for it in SEVERITIES},
}

#: By kind; the severities and the tags of a registry come to the patterns in event_rules.py.
WATCHED: Final[Mapping[EventKind, Watched]] = {
    "scans": Watched(
        about="A basic scan has found something",
        source="aws.ecr",
        detail_type="ECR Image Scan",
        detail={"scan-status": ["COMPLETE"]},
        repository=("repository-name",),
        told=_SCANNED,
        values=_COUNTED,
        chat=_SCANNED_CHAT,
        chat_values=_COUNTED_CHAT,
        link=ECR_EVENTS,
    ),
    "findings": Watched(
        about="Amazon Inspector has found a vulnerability in an image",
        source="aws.inspector2",
        detail_type="Inspector2 Finding",
        detail={"status": ["ACTIVE"], "resources": {"type": ["AWS_ECR_CONTAINER_IMAGE"]}},
        repository=("resources", "details", "awsEcrContainerImage", "repositoryName"),
        told=(
            "<severity> finding in <repository>: <vulnerability>",
            "Image <digest>, tags <tags>, in <account>/<region>; a fix is available: <fix>.",
        ),
        values={
            "severity": "$.detail.severity",
            "repository": "$.detail.resources[0].details.awsEcrContainerImage.repositoryName",
            "vulnerability": "$.detail.packageVulnerabilityDetails.vulnerabilityId",
            "digest": "$.detail.resources[0].details.awsEcrContainerImage.imageHash",
            "tags": "$.detail.resources[0].details.awsEcrContainerImage.imageTags",
            "fix": "$.detail.fixAvailable",
        },
        chat=(
            "<severity> finding in <repository>: <vulnerability>",
            "Image <digest>, tag <tag>, in <account>/<region>; a fix is available: <fix>.",
        ),
        chat_values={"tag": "$.detail.resources[0].details.awsEcrContainerImage.imageTags[0]"},
        link=INSPECTOR_EVENTS,
    ),
    "replication": Watched(
        about="An image could not be replicated",
        source="aws.ecr",
        detail_type="ECR Replication Action",
        detail={"action-type": ["REPLICATE"], "result": ["FAILED"]},
        repository=("repository-name",),
        told=(
            "Replication of <repository>:<tag> failed: <account>/<region> has no copy of it",
            "Image <digest>, pushed in <sourceaccount>/<sourceregion>; at <time>.",
        ),
        values={
            **_OF_IMAGE,
            "tag": "$.detail.image-tag",
            "sourceaccount": "$.detail.source-account",
            "sourceregion": "$.detail.source-region",
            "time": "$.time",
        },
        link=ECR_EVENTS,
    ),
    "pull_through_cache": Watched(
        about="An upstream image could not be fetched",
        source="aws.ecr",
        detail_type="ECR Pull Through Cache Action",
        detail={"sync-status": [{"anything-but": "SUCCESS"}]},
        repository=("repository-name",),
        told=(
            "Pull-through cache: <repository>:<tag> could not be fetched from <upstream>",
            "Status <status>, code <code>; in <account>/<region>, at <time>.",
        ),
        values={
            "repository": "$.detail.repository-name",
            "tag": "$.detail.image-tag",
            "upstream": "$.detail.upstream-registry-url",
            "status": "$.detail.sync-status",
            "code": "$.detail.failure-code",
            "time": "$.time",
        },
        link=ECR_EVENTS,
    ),
    "tags": Watched(
        about="An image was pushed with a tag that tags_must_match does not allow",
        source="aws.ecr",
        detail_type="ECR Image Action",
        detail={"action-type": ["PUSH"], "result": ["SUCCESS"]},
        repository=("repository-name",),
        told=(
            "<repository>:<tag> was pushed, and tags_must_match does not allow this tag",
            "Image <digest>, in <account>/<region>, at <time>.",
        ),
        values={**_OF_IMAGE, "tag": "$.detail.image-tag", "time": "$.time"},
        link=ECR_EVENTS,
    ),
    "deletions": Watched(
        about="Somebody has deleted images or a repository",
        source="aws.ecr",
        detail_type=_CALL,
        detail=_by_a_person(*DELETIONS),
        repository=_REQUEST,
        told=(
            "<who> did <what> in <repository>",
            "Images <images>, in <account>/<region>, at <time>.",
        ),
        values={**_NAMED, "images": "$.detail.requestParameters.imageIds"},
        chat=("<who> did <what> in <repository>", "In <account>/<region>, at <time>; the trail says which images."),
        link=TRAIL_EVENTS,
    ),
    "lifecycles": Watched(
        about="A lifecycle has expired or archived images",
        source="aws.ecr",
        detail_type="AWS Service Event via CloudTrail",
        detail={"eventSource": ["ecr.amazonaws.com"], "eventName": ["PolicyExecutionEvent"]},
        repository=("serviceEventDetails", "repositoryName"),
        told=(
            "The lifecycle of <repository> has run",
            "Images <images>, in <account>/<region>, at <time>.",
        ),
        values={
            "repository": "$.detail.serviceEventDetails.repositoryName",
            "images": "$.detail.serviceEventDetails.lifecycleEventImageActions",
            "time": "$.time",
        },
        chat=("The lifecycle of <repository> has run", "In <account>/<region>, at <time>; the trail says on what."),
        link=TRAIL_EVENTS,
    ),
    "policies": _changed("Somebody has changed a repository policy or the registry policy", POLICIES),
    "settings": _changed("Somebody has changed a setting of a repository or of the registry", SETTINGS),
}
#: What `scans` is where Amazon Inspector scans: one event for the first scan of an image.
ENHANCED_SCANS: Final = Watched(
    about="The first scan by Amazon Inspector has found something",
    source="aws.inspector2",
    detail_type="Inspector2 Scan",
    detail={"scan-status": ["INITIAL_SCAN_COMPLETE"]},
    repository=("repository-name",),
    told=_SCANNED,
    values=_COUNTED,
    chat=_SCANNED_CHAT,
    chat_values=_COUNTED_CHAT,
    link=INSPECTOR_EVENTS,
    of_arn=True,
)
