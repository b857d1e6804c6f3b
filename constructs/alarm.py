"""A CloudWatch alarm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from registry.monitoring import alarms
from registry.monitoring.metrics import Metric


class Alarm(cloudwatch.CfnAlarm):
    """An alarm that tells SNS topics when it begins and when it is over.

    Level 1: the level-2 class takes no Metrics Insights query but as a math expression without metrics, of which it
    warns. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, alarm: alarms.Alarm, topics: Sequence[str]) -> None:
        """Declare an alarm; `topics` are ARNs, five at most."""
        super().__init__(
            scope,
            construct_id,
            alarm_name=alarm.name,
            alarm_description=alarm.description,
            comparison_operator=alarm.comparison,
            threshold=alarm.threshold,
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.breaching,
            treat_missing_data=alarm.missing,
            alarm_actions=list(topics),
            ok_actions=list(topics),
            **_measured(alarm),
        )


def _measured(alarm: alarms.Alarm) -> dict[str, Any]:
    if isinstance(alarm.measured, Metric):
        it = alarm.measured
        dimensions = [{"name": name, "value": value} for name, value in it.dimensions]
        return {
            "namespace": it.namespace,
            "metric_name": it.name,
            "dimensions": dimensions,
            "statistic": it.statistic,
            "period": alarm.period,
        }
    query = {"id": "watched", "expression": alarm.measured.text, "period": alarm.period, "returnData": True}
    return {"metrics": [query]}
