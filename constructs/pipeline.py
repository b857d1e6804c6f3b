"""A pipeline of CodePipeline: source, tests, builds, publishing, and a stage for each environment."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_codepipeline as codepipeline
from constructs import Construct

from registry.delivery.stages import EXECUTION_MODE, PIPELINE_TYPE, stages
from registry.shape import PipelineShape


class Pipeline(codepipeline.CfnPipeline):
    """Of type V2, whose stages are `registry.delivery.stages`.

    Level 1: level 2 makes a role for each action, a bucket and a key of its own.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        shape: PipelineShape,
        role_arn: str,
        bucket: str,
        names: Mapping[str, str],
    ) -> None:
        """Declare the pipeline `name`; `names` are those of its projects, by what they are called here."""
        super().__init__(
            scope,
            construct_id,
            name=name,
            pipeline_type=PIPELINE_TYPE,
            execution_mode=EXECUTION_MODE,
            role_arn=role_arn,
            artifact_store={"type": "S3", "location": bucket},
            stages=stages(shape, names),
        )
        self.override_logical_id(construct_id)
