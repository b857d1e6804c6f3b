"""A filter by which Amazon Inspector hides a finding that was accepted."""

from __future__ import annotations

from typing import Any

from aws_cdk import aws_inspectorv2 as inspector
from constructs import Construct

from registry.model.accepted_findings import criteria, filter_name
from registry.shape import AcceptedFindingShape


class SuppressionFilter(inspector.CfnFilter):
    """Hides a vulnerability in some repositories of this account until a day; the finding itself stays.

    In an organization only the delegated administrator's account can have one.
    https://docs.aws.amazon.com/inspector/latest/user/findings-managing-supression-rules.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        registry_name: str,
        vulnerability: str,
        accepted: AcceptedFindingShape,
        account: str,
    ) -> None:
        """Declare the filter of an acceptance, for the account and region of the stack."""
        said = criteria(accepted, vulnerability, account)
        super().__init__(
            scope,
            construct_id,
            name=filter_name(registry_name, vulnerability),
            description=accepted.reason,
            filter_action="SUPPRESS",
            filter_criteria=inspector.CfnFilter.FilterCriteriaProperty(
                aws_account_id=[_text(it) for it in said["awsAccountId"]],
                vulnerability_id=[_text(it) for it in said["vulnerabilityId"]],
                ecr_image_repository_name=[_text(it) for it in said["ecrImageRepositoryName"]],
                last_observed_at=[
                    inspector.CfnFilter.DateFilterProperty(end_inclusive=it["endInclusive"])
                    for it in said["lastObservedAt"]
                ],
            ),
        )


def _text(it: dict[str, Any]) -> inspector.CfnFilter.StringFilterProperty:
    return inspector.CfnFilter.StringFilterProperty(comparison=it["comparison"], value=it["value"])
