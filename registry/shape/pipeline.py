"""Pipelines: how an image of a repository gets there from its source."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

from pydantic import StrictBool, StrictStr

from registry.shape.base import NotNull, Shape, optional, required
from registry.shape.forms import Form, Limit, exactly_one
from registry.shape.pipeline_values import (
    Branch,
    BuildkitImage,
    CacheTag,
    Command,
    ConnectionArn,
    EcsName,
    Environment,
    FunctionName,
    LogDays,
    Platforms,
    Roles,
    Severity,
    Source,
    SourcePath,
)

_PAGE: Final = "docs/pipeline.md"
_SUBJECT: Final = "Pipelines"


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
    platforms: Annotated[Platforms, NotNull] = optional(
        "What is built. Several become one image of several platforms.", ("linux/amd64",), uniqueItems=True
    )
    compute: Annotated[Literal["SMALL", "MEDIUM", "LARGE"], NotNull] = optional(
        "The size of the machines that build and test.", "SMALL"
    )
    test: Annotated[tuple[Command, ...], NotNull] = optional(
        "Commands that run in the source before anything is built, with a role that may do nothing in ECR.",
        (),
        examples=[["make test"]],
    )
    cache: Annotated[CacheTag | None, NotNull] = optional(
        "Keep a build cache in the repository, under tags that begin so (cache-amd64) and can move. Without "
        "the key, each build begins anew.",
        examples=["cache"],
    )
    buildkit: Annotated[BuildkitImage, NotNull] = optional(
        "The image of BuildKit that builds. Pin it by its digest, or name your own copy.",
        "moby/buildkit:buildx-stable-1",
    )
    provenance: Annotated[StrictBool, NotNull] = optional(
        "Attach what the image was built from. Lambda takes no image with it.", True
    )
    scan_gate: Annotated[Severity, NotNull] = optional(
        "Stop at findings of this severity or a worse one, before the image gets a tag. NONE: do not wait for a scan.",
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
