"""Pipelines: how an image of a repository gets there from its source."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

from pydantic import StrictBool, StrictInt, StrictStr

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
from registry.shape.base import NotNull, Shape, optional, required
from registry.shape.forms import Form, Limit, Refusal, count, exactly_one, text

_PAGE: Final = "docs/pipeline.md"
_SUBJECT: Final = "Pipelines"
Platform = Literal["linux/amd64", "linux/arm64"]
Severity = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW"]
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
        Limit("pipeline-deployed", _PAGE),
        (1, 10),
        "roles",
        too_few=("ECS needs a role of the task definition", "write executionRoleArn and taskRoleArn of the task"),
        too_many=("these are more roles than a task has", "write executionRoleArn and taskRoleArn of the task"),
        allowed="1 to 10",
    ),
    NotNull,
]


class EcsDeploymentShape(Shape):
    """A service of ECS that gets the image of an environment."""

    cluster: EcsName = required("The cluster, by name.", examples=["web"])
    service: EcsName = required("The service, by name.", examples=["api"])
    container: EcsName = required("The container of its task definition that gets the image.", examples=["api"])
    roles: Roles = required(
        "The roles of the task definition, which the pipeline passes on to ECS.",
        examples=[["arn:aws:iam::123456789012:role/api-task"]],
    )


class LambdaDeploymentShape(Shape):
    """A Lambda function that gets the image of an environment, as a new version."""

    function: FunctionName = required("The function, by name.", examples=["resize-images"])
    alias: FunctionName = required("The alias that is moved to the new version.", examples=["live"])


class DeploymentShape(Shape):
    """What gets the image of an environment. Exactly one of ecs_service and lambda_function."""

    forms: ClassVar[tuple[Form, ...]] = (
        exactly_one(
            Limit(
                "pipeline-deployment",
                _PAGE,
                "Deploy an environment either to ECS or to Lambda",
                "One promotion is followed by one deployment.",
                subject=_SUBJECT,
            ),
            ("ecs_service", "lambda_function"),
            lambda said: "these are two deployments" if said else "nothing is deployed here",
            "exactly one of ecs_service and lambda_function",
            ("write one of them, or remove the environment here", "remove one of them"),
        ),
    )

    ecs_service: Annotated[EcsDeploymentShape | None, NotNull] = optional("A service of ECS in the home region.")
    lambda_function: Annotated[LambdaDeploymentShape | None, NotNull] = optional("A function in the home region.")


class PipelineShape(Shape):
    """A pipeline of AWS CodePipeline that builds, scans, tags, promotes and deploys the images of a repository."""

    connection: ConnectionArn = required(
        "The connection to where the source is.",
        examples=[
            "arn:aws:codeconnections:ap-northeast-2:123456789012:connection/12345678-90ab-cdef-1234-567890abcdef"
        ],
    )
    source: Source = required("The repository of the source, in full.", examples=["acme/web"])
    branch: Annotated[Branch, NotNull] = optional("Each push to this branch starts the pipeline.", "main")
    context: Annotated[SourcePath, NotNull] = optional("The folder that docker builds in.", ".")
    dockerfile: Annotated[SourcePath, NotNull] = optional("The Dockerfile, from the top of the source.", "Dockerfile")
    platforms: Annotated[
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
        NotNull,
    ] = optional("What is built. Several become one image of several platforms.", ("linux/amd64",), uniqueItems=True)
    compute: Annotated[Literal["SMALL", "MEDIUM", "LARGE"], NotNull] = optional(
        "The size of the machines that build and test.", "SMALL"
    )
    test: Annotated[tuple[Command, ...], NotNull] = optional(
        "Commands that run in the source before anything is built, with a role that may do nothing in ECR.",
        (),
        examples=[["make test"]],
    )
    cache: CacheTag | None = optional(
        "Beginning of the tags of the build cache in the repository, which must be able to move. null: none.",
        "cache",
    )
    buildkit: Annotated[BuildkitImage, NotNull] = optional(
        "The image of BuildKit that builds. Pin it by its digest, or name your own copy.",
        "moby/buildkit:buildx-stable-1",
    )
    provenance: Annotated[StrictBool, NotNull] = optional(
        "Attach what the image was built from. Lambda takes no image with it.", True
    )
    scan_gate: Severity | None = optional(
        "Stop at findings of this severity or a worse one, before the image gets a tag. null: do not wait for a scan.",
        "HIGH",
    )
    version_file: Annotated[SourcePath | None, NotNull] = optional(
        "A file of the source with a version such as 1.2.3. When it is new, the image is released: v1.2.3, and "
        "v1.2.x and v1.x where the repository lets these move. Without the key, nothing is released.",
        examples=["VERSION"],
    )
    promote_to: Annotated[tuple[Environment, ...], NotNull] = optional(
        "Environments, in their order: tags that are moved to the image, and may move.",
        (),
        examples=[["staging", "prod"]],
        uniqueItems=True,
    )
    approval: Annotated[tuple[StrictStr, ...] | None, NotNull] = optional(
        "Environments that wait until somebody approves. Without the key, the last one; an empty list: none.",
        examples=[["prod"]],
    )
    deploy: Annotated[dict[StrictStr, DeploymentShape], NotNull] = optional(
        "What is deployed after an environment is promoted to, by environment.", {}
    )
    log_retention_in_days: Annotated[LogDays, NotNull] = optional("How long CloudWatch keeps the logs.", 90)

    @property
    def approved(self) -> frozenset[str]:
        """The environments that wait for somebody."""
        return frozenset(self.promote_to[-1:] if self.approval is None else self.approval)
