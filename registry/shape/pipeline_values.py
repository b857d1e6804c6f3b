"""What a pipeline is told: names, paths, tags and commands, none of which can be more than that."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import StrictInt, StrictStr

from registry.findings import shown
from registry.limits import (
    BRANCH,
    BUILDKIT,
    CACHE_TAG,
    CONNECTION_ARN,
    ECS_NAME,
    ENVIRONMENT,
    FUNCTION,
    IAM_ROLE_ARN,
    LOG_RETENTION,
    SOURCE,
    SOURCE_PATH,
    TEST_COMMAND_LENGTH,
)
from registry.shape.base import NotNull
from registry.shape.forms import Form, Limit, Refusal, count, text

_PAGE: Final = "docs/pipeline.md"
_SUBJECT: Final = "Pipelines"
Platform = Literal["linux/amd64", "linux/arm64"]
Severity = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW", "NONE"]
#: What CloudFormation puts something else in the place of, wherever it stands in a template; and the CDK's own marks.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
_REPLACED: Final = ("{{resolve:", "${Token[")


ConnectionArn = Annotated[
    StrictStr,
    text(
        Limit(
            "pipeline-connection",
            "https://docs.aws.amazon.com/dtconsole/latest/userguide/connections.html",
            "Name a connection of AWS CodeConnections by its ARN",
            "A pipeline reads its source through a connection. It is made once by hand, because somebody has to agree "
            "to it at the other side.",
            subject=_SUBJECT,
        ),
        CONNECTION_ARN,
        "this is not the ARN of a connection",
        "arn:aws:codeconnections:REGION:ACCOUNT:connection/ID",
        "copy it from `aws codeconnections list-connections`",
    ),
]

_SOURCE: Final = Limit(
    "pipeline-source",
    "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html",
    "Write source, branch and paths as the host of the source knows them",
    "CodePipeline puts variables in the place of #{…}, and CloudFormation of {{…}}, so neither is taken. A path that "
    "leads out of the source would name files of the build machine.",
    subject=_SUBJECT,
)
Source = Annotated[
    StrictStr,
    text(_SOURCE, SOURCE, "this is not a repository in full", "ORGANIZATION/REPOSITORY", "write it as in its address"),
]
Branch = Annotated[
    StrictStr,
    text(
        _SOURCE,
        BRANCH,
        "a pipeline cannot follow this branch",
        "the name of one branch: letters, digits and . _ / + @ -",
        "name one branch, without a wildcard",
    ),
]
SourcePath = Annotated[
    StrictStr,
    text(
        _SOURCE,
        SOURCE_PATH,
        "this is not a path within the source",
        "a path from the top of the source: letters, digits and . _ / + @ -, without ..",
        "write it as in docker/Dockerfile",
    ),
]


def _refuse_command(value: str) -> Refusal | None:
    shortest, longest = TEST_COMMAND_LENGTH
    if shortest <= len(value) <= longest and not any(mark in value for mark in _REPLACED):
        return None
    return Refusal(
        "this command would be another one in the template" if len(value) <= longest and value else
        "this command is empty, or too long",
        shown(value),
        f"{shortest} to {longest:,} characters, without {' and '.join(_REPLACED)}",
        "keep it in a script of the source, such as make test",
    )  # fmt: skip


Command = Annotated[
    StrictStr,
    Form(
        Limit(
            "pipeline-command",
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html",
            "Write test commands without CloudFormation's {{resolve:…}}",
            "CloudFormation puts a secret in the place of such words wherever they stand, so a command would print it.",
            subject=_SUBJECT,
        ),
        _refuse_command,
        {"minLength": TEST_COMMAND_LENGTH[0], "maxLength": TEST_COMMAND_LENGTH[1]},
    ),
]
CacheTag = Annotated[
    StrictStr,
    text(
        Limit(
            "pipeline-cache-tag",
            "https://docs.docker.com/build/cache/backends/registry/",
            "Begin the tags of the build cache with what a tag can be",
            "The cache of each platform has a tag of its own in the repository.",
            subject=_SUBJECT,
        ),
        CACHE_TAG,
        "no tag can be called so",
        "up to 100 letters, digits, . _ -",
        "write cache",
    ),
]
BuildkitImage = Annotated[
    StrictStr,
    text(
        Limit(
            "pipeline-buildkit",
            "https://docs.docker.com/build/builders/drivers/docker-container/",
            "Name the image of BuildKit as docker pulls it",
            "CodeBuild's own Docker writes no cache to a registry, so the build runs in this image.",
            subject=_SUBJECT,
        ),
        BUILDKIT,
        "docker cannot pull this",
        "HOST/NAME:TAG or NAME:TAG, and @sha256:… to pin it",
        "write moby/buildkit:buildx-stable-1, or your copy of it",
    ),
]
Environment = Annotated[
    StrictStr,
    text(
        Limit(
            "pipeline-environment",
            "docs/promoting.md",
            "Give an environment a name that a tag can have",
            "Promoting moves the tag of this name, and writes others behind it that remember it.",
            subject=_SUBJECT,
        ),
        ENVIRONMENT,
        "no environment can be called so",
        "up to 61 letters, digits, . _ -, a letter first",
        "write a tag such as prod",
    ),
]


def _refuse_days(value: int) -> Refusal | None:
    if value in LOG_RETENTION:
        return None
    near = min(LOG_RETENTION, key=lambda days: abs(days - value))
    allowed = ", ".join(map(str, LOG_RETENTION))
    return Refusal("CloudWatch Logs does not keep logs so long", shown(value), allowed, f"write {near}")


LogDays = Annotated[
    StrictInt,
    Form(
        Limit(
            "pipeline-logs",
            "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
            "Keep logs for a number of days that CloudWatch Logs knows",
            "It refuses any other, and the deploy fails.",
            subject=_SUBJECT,
        ),
        _refuse_days,
        {"enum": list(LOG_RETENTION)},
    ),
]
_DEPLOYED: Final = Limit(
    "pipeline-deployed",
    _PAGE,
    "Name what is deployed as ECS and Lambda know it",
    "Names are parts of ARNs in the pipeline's policies. Anything else would allow something else, or nothing.",
    subject=_SUBJECT,
)
EcsName = Annotated[
    StrictStr,
    text(
        _DEPLOYED, ECS_NAME, "ECS has nothing of this name", "letters, digits, _ and -", "write the name, not the ARN"
    ),
]
FunctionName = Annotated[
    StrictStr,
    text(
        _DEPLOYED,
        FUNCTION,
        "Lambda has no function of this name",
        "up to 64 letters, digits, _ and -",
        "write the name, not the ARN",
    ),
]
RoleArn = Annotated[
    StrictStr,
    text(
        _DEPLOYED,
        IAM_ROLE_ARN,
        "this is not the ARN of a role",
        "arn:aws:iam::ACCOUNT:role/NAME",
        "copy it from the task definition: taskRoleArn and executionRoleArn",
    ),
]
Roles = Annotated[
    tuple[RoleArn, ...],
    count(
        _DEPLOYED,
        (1, 10),
        "roles",
        too_few=("ECS needs a role of the task definition", "write executionRoleArn and taskRoleArn of the task"),
        too_many=("these are more roles than a task has", "write executionRoleArn and taskRoleArn of the task"),
        allowed="1 to 10",
    ),
    NotNull,
]
Platforms = Annotated[
    tuple[Platform, ...],
    count(
        Limit(
            "pipeline-platforms",
            _PAGE,
            "Build for at least one platform",
            "Each platform is built on a machine of its own kind, at the same time. Without one nothing is built.",
            subject=_SUBJECT,
        ),
        (1, 2),
        "platforms",
        too_few=("nothing would be built", "write linux/amd64"),
        too_many=("a platform is listed twice", "write each platform once"),
        allowed="linux/amd64, linux/arm64, or both",
    ),
]
