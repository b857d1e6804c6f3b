"""Account settings: what ECR keeps for an account in a region, and no CloudFormation type speaks of."""

from __future__ import annotations

from typing import Annotated, Literal

from registry.shape.base import NotNull, Shape, optional


class AccountSettingsShape(Shape):
    """ECR's account settings; what is not written stays as it is.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutAccountSetting.html
    """

    blob_mounting: Annotated[Literal["ENABLED", "DISABLED"] | None, NotNull] = optional(
        "ENABLED: a push can reuse layers of another repository of the registry with the same encryption.",
        examples=["ENABLED"],
    )
    basic_scan_type_version: Annotated[Literal["AWS_NATIVE"] | None, NotNull] = optional(
        "The scanner of BASIC scans; only AWS_NATIVE is left.", examples=["AWS_NATIVE"]
    )
    registry_policy_scope: Annotated[Literal["V2"] | None, NotNull] = optional(
        "Actions that a registry policy can contain. V2: every action of ECR; only V2 is left.", examples=["V2"]
    )
