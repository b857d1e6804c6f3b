"""A project of CodeBuild: one step of a pipeline."""

from __future__ import annotations

from typing import Final

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_codebuild as codebuild
from constructs import Construct

from registry import naming
from registry.delivery.projects import TIMEOUT_IN_MINUTES, Project
from registry.locations import Location

_PACKS: Final = ("HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321")
_SOURCE: Final = "The source is what CodePipeline hands on, which it reads over a connection; no project has a token."
_PRIVILEGED: Final = (
    "docker builds here, and runs in the build's own container. Only the steps that build are privileged; they push to "
    "this repository alone, and can delete nothing. CodeBuild's docker server would keep what earlier builds left for "
    "a month, and a builder without privileges needs user namespaces, which CodeBuild does not give."
)


class BuildProject(codebuild.CfnProject):
    """One machine of CodeBuild with one buildspec and one role.

    Level 1: level 2 makes a role and a policy of its own for each project, and logical ids that end in a hash.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codebuild-project.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        project: Project,
        at: Location,
        log_group: str,
    ) -> None:
        """Declare `project` at the home of its registry; it writes to `log_group`."""
        partition = naming.partition(at.region)
        super().__init__(
            scope,
            construct_id,
            name=project.name,
            service_role=project.role_arn,
            artifacts={"type": "CODEPIPELINE"},
            source={"type": "CODEPIPELINE", "buildSpec": project.buildspec},
            environment={
                "type": project.machine[0],
                "image": project.machine[1],
                "computeType": project.compute,
                "privilegedMode": project.privileged,
                "environmentVariables": [
                    {"name": key, "value": value, "type": "PLAINTEXT"} for key, value in project.variables.items()
                ],
            },
            logs_config={"cloudWatchLogs": {"status": "ENABLED", "groupName": log_group, "streamName": construct_id}},
            # AWS's own key for S3, which costs nothing: constructs/artifact_bucket.py.
            encryption_key=f"arn:{partition}:kms:{at.region}:{at.account}:alias/aws/s3",
            timeout_in_minutes=TIMEOUT_IN_MINUTES,
        )
        self.override_logical_id(construct_id)
        Validations.of(self).acknowledge(
            *(Acknowledgment(id=f"{pack}-CodeBuildProjectSourceRepoUrl", reason=_SOURCE) for pack in _PACKS)
        )
        if project.privileged:
            Validations.of(self).acknowledge(Acknowledgment(id="AwsSolutions-CB3", reason=_PRIVILEGED))
