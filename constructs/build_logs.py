"""Where the projects of a pipeline write their logs."""

from __future__ import annotations

from typing import Final

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_logs as logs
from constructs import Construct

_PACKS: Final = ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")
_OWN_KEY: Final = (
    "CloudWatch Logs encrypts every group with keys of its own; what a build prints is no more secret than its source."
)


class BuildLogs(logs.CfnLogGroup):
    """A log group that forgets, and goes with its stack."""

    def __init__(self, scope: Construct, construct_id: str, *, name: str, days: int) -> None:
        """Declare the group `name`, which keeps what is written for some days."""
        super().__init__(scope, construct_id, log_group_name=name, retention_in_days=days)
        self.override_logical_id("Logs")
        Validations.of(self).acknowledge(
            *(Acknowledgment(id=f"{pack}-CloudWatchLogGroupEncrypted", reason=_OWN_KEY) for pack in _PACKS)
        )
