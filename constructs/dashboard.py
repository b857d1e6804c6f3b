"""A CloudWatch dashboard."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from registry.monitoring import dashboards


class Dashboard(cloudwatch.CfnDashboard):
    """A dashboard of the account, whatever the region of its stack.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-dashboard.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, dashboard: dashboards.Dashboard) -> None:
        """Declare a dashboard."""
        super().__init__(scope, construct_id, dashboard_name=dashboard.name, dashboard_body=dashboard.body)
