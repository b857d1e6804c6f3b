"""Rules about pipelines: what they build for, whom they ask, and which tags they write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.delivery.accepted import LONGEST, accepted_in, as_variable
from registry.findings import YamlPath, listed, shown
from registry.limits import ECR_GUIDE
from registry.naming import account_of
from registry.nearest import Nearest
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import PipelineShape

PAGE: Final = "docs/pipeline.md"
PIPELINES: Final = "pipelines"


def _pipelines(declared: RuleContext) -> Iterator[tuple[str, PipelineShape]]:
    yield from declared.root.pipelines.items()


@rule("pipeline-repository", "Declare the repository that a pipeline builds for", PAGE, waits=True)
def pipeline_repository(declared: RuleContext) -> Iterator[Problem]:
    """A pipeline pushes to a repository of this file. Nothing says who may pull from another one, or how long it keeps
    images.
    """
    known = [repository.name for repository in declared.registry.repositories]
    for name, _ in _pipelines(declared):
        if name not in declared.written.entries:
            yield Problem(
                at=(PIPELINES, name),
                message=f"the file declares no repository {name}",
                given=shown(name),
                allowed="repositories of this file and of the files of teams",
                way_out=Nearest(known).way_out(name) or "declare it under repositories",
                key=True,
            )


@rule(
    "pipeline-account",
    "Use a connection and roles of the registry's account",
    "https://docs.aws.amazon.com/dtconsole/latest/userguide/connections.html",
)
def pipeline_account(declared: RuleContext) -> Iterator[Problem]:
    """The pipeline's roles are in the registry's account, and AWS lets them pass on roles of the same account only."""
    own = declared.registry.account
    for name, shape in _pipelines(declared):
        found: list[tuple[YamlPath, str]] = [((PIPELINES, name, "connection"), shape.connection)]
        for environment, deployment in shape.deploy.items():
            at = (PIPELINES, name, "deploy", environment, "ecs_service", "roles")
            roles = deployment.ecs_service.roles if deployment.ecs_service else ()
            found += [((*at, index), role) for index, role in enumerate(roles)]
        for place, arn in found:
            if account_of(arn) != own:
                yield Problem(
                    at=place,
                    message="this is of another account than the pipeline",
                    given=shown(arn),
                    allowed=f"of the account {own}",
                    way_out=f"make one in {own}",
                )


@rule("pipeline-environments", "Approve and deploy environments that are promoted to", "docs/promoting.md")
def pipeline_environments(declared: RuleContext) -> Iterator[Problem]:
    """An approval or a deployment of another environment would never come."""
    for name, shape in _pipelines(declared):
        places: list[tuple[YamlPath, str]] = [((PIPELINES, name, "deploy", it), it) for it in shape.deploy]
        places += [((PIPELINES, name, "approval", index), it) for index, it in enumerate(shape.approval or ())]
        for place, environment in places:
            if environment not in shape.promote_to:
                yield Problem(
                    at=place,
                    message=f"the pipeline does not promote to {environment}",
                    given=shown(environment),
                    allowed=listed(shape.promote_to) or "environments under promote_to; there are none",
                    way_out=Nearest(shape.promote_to).way_out(environment) or "add it to promote_to, or remove it here",
                    key="deploy" in place,
                )


@rule("pipeline-twice", "List platforms and environments once", PAGE)
def pipeline_twice(declared: RuleContext) -> Iterator[Problem]:
    """Each has a project or a stage of its own, and CloudFormation takes no two of one name."""
    for name, shape in _pipelines(declared):
        for key in ("platforms", "promote_to", "approval"):
            values: tuple[str, ...] = getattr(shape, key) or ()
            for index, value in enumerate(values):
                if value in values[:index]:
                    yield Problem(
                        at=(PIPELINES, name, key, index),
                        message=f"{value} is listed twice",
                        given=listed(values),
                        allowed="each once",
                        way_out="remove one of them",
                    )


@rule(
    "pipeline-moving-tags",
    "Let the tags move that a pipeline moves: environments, and the build cache",
    f"{ECR_GUIDE}/image-tag-mutability.html",
)
def pipeline_moving_tags(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses to move a fixed tag, so the second run of the pipeline fails."""
    for name, shape in _pipelines(declared):
        repository = declared.registry.repository(name)
        if repository is None:
            continue
        moved = list(shape.promote_to)
        if shape.cache is not None:
            moved += [f"{shape.cache}-{platform.rpartition('/')[2]}" for platform in shape.platforms]
        fixed = [tag for tag in moved if not repository.may_move(tag)]
        if fixed:
            environments = [tag for tag in fixed if tag in shape.promote_to]
            caches = [f"{shape.cache}-*"] if len(environments) < len(fixed) else []
            yield Problem(
                at=(PIPELINES, name),
                message=f"{listed(fixed)} may not move in {name}, and this pipeline moves them",
                given=f"{repository.image_tag_mutability}"
                + (f", but for {listed(repository.exclusion_filters)}" if repository.exclusion_filters else ""),
                allowed="tags that may move",
                way_out=f"write moving_tags: {{add: [{listed([*environments, *caches])}]}} of {name}"
                + ("; or remove cache" if caches else ""),
                key=True,
            )


@rule("pipeline-allowed-tags", "Let the tags be that a pipeline writes", "docs/reference.md")
def pipeline_allowed_tags(declared: RuleContext) -> Iterator[Problem]:
    """`ecrctl images` would tell each of them as a tag that must not be."""
    for name, shape in _pipelines(declared):
        repository = declared.registry.repository(name)
        if repository is None:
            continue
        written = ["build-20261126T081500Z-0123456789ab", *(["v1.2.3"] if shape.version_file else [])]
        for environment in shape.promote_to:
            written += [environment, f"{environment}-20261126T081500Z"]
        if shape.cache is not None:
            written += [f"{shape.cache}-{platform.rpartition('/')[2]}" for platform in shape.platforms]
        refused = [tag for tag in written if not repository.allows(tag)]
        if refused:
            yield Problem(
                at=(PIPELINES, name),
                message=f"tags_must_match of {name} leaves out tags that this pipeline writes",
                given=listed(refused),
                allowed=listed(repository.tags_must_match),
                way_out="add patterns for them to tags_must_match, such as build-*",
                key=True,
            )


@rule("pipeline-scan-gate", "Scan what a pipeline waits for", f"{ECR_GUIDE}/image-scanning.html")
def pipeline_scan_gate(declared: RuleContext) -> Iterator[Problem]:
    """The pipeline would wait half an hour for a scan that nobody has asked for, and stop."""
    for name, shape in _pipelines(declared):
        repository = declared.registry.repository(name)
        if repository is not None and shape.scan_gate != "NONE" and not repository.scan_on_push:
            yield Problem(
                at=(PIPELINES, name, "scan_gate") if "scan_gate" in shape.model_fields_set else (PIPELINES, name),
                message=f"images of {name} are not scanned when they are pushed",
                given=f"scan_gate: {shape.scan_gate}",
                allowed="repositories that scanning reaches, or scan_gate: NONE",
                way_out="let scan_on_push of scanning reach it, or write scan_gate: NONE",
                key=True,
            )


@rule(
    "pipeline-accepted-findings",
    "Keep what a pipeline accepts within the length of a variable",
    "https://github.com/wolfeidau/buildkite-serverless-agent/issues/35",
)
def pipeline_accepted_findings(declared: RuleContext) -> Iterator[Problem]:
    """CodeBuild refuses a longer variable when the pipeline runs, and nothing is published any more."""
    for name, shape in _pipelines(declared):
        length = len(as_variable(declared.registry, name))
        if shape.scan_gate != "NONE" and length > LONGEST:
            yield Problem(
                at=(PIPELINES, name),
                message=f"the findings that are accepted in {name} do not go into a variable of its pipeline",
                given=f"{length:,} characters, as JSON, of {len(accepted_in(declared.registry, name))} findings",
                allowed=f"{LONGEST:,} characters",
                way_out="write shorter reasons under accepted_findings, or remove those whose last day is over",
                key=True,
            )


@rule(
    "pipeline-lambda-image",
    "Build for Lambda one platform, without provenance",
    "https://docs.aws.amazon.com/lambda/latest/dg/images-create.html",
)
def pipeline_lambda_image(declared: RuleContext) -> Iterator[Problem]:
    """Lambda takes an image, not an index ("The image manifest or layer media type … is not supported"), and with
    provenance one platform is an index, too.
    """
    for name, shape in _pipelines(declared):
        wrong = [
            *([f"{len(shape.platforms)} platforms"] if len(shape.platforms) > 1 else []),
            *(["provenance"] if shape.provenance else []),
        ]
        for environment, deployment in shape.deploy.items():
            if deployment.lambda_function is not None and wrong:
                yield Problem(
                    at=(PIPELINES, name, "deploy", environment),
                    message="Lambda does not take what this pipeline builds",
                    given=f"lambda_function, and {listed(wrong)}",
                    allowed="one platform, and provenance: false",
                    way_out="write platforms: [linux/amd64] and provenance: false",
                    key=True,
                )
