"""Account settings: what ECR and Amazon Inspector keep for an account in a region, and no CloudFormation type."""

from __future__ import annotations

from typing import Annotated, Literal

from registry.shape.base import NotNull, Shape, optional


class AccountSettingsShape(Shape):
    """Account settings of ECR, and of Amazon Inspector's scans of it; what is not written stays as it is.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutAccountSetting.html
    https://docs.aws.amazon.com/inspector/v2/APIReference/API_EcrConfiguration.html
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
    inspector_rescan_duration: Annotated[
        Literal["LIFETIME", "DAYS_3", "DAYS_7", "DAYS_14", "DAYS_30", "DAYS_60", "DAYS_90", "DAYS_180"] | None, NotNull
    ] = optional(
        "How long Amazon Inspector looks at an image again after its push, with continuous_scan.",
        examples=["DAYS_30"],
    )
    inspector_pull_date_rescan_duration: Annotated[
        Literal["DAYS_3", "DAYS_7", "DAYS_14", "DAYS_30", "DAYS_60", "DAYS_90", "DAYS_180"] | None, NotNull
    ] = optional(
        "And how long after its last pull, or its last use: inspector_pull_date_rescan_mode says which.",
        examples=["DAYS_14"],
    )
    inspector_pull_date_rescan_mode: Annotated[Literal["LAST_PULL_DATE", "LAST_IN_USE_AT"] | None, NotNull] = optional(
        "LAST_IN_USE_AT: as long as a cluster runs the image. LAST_PULL_DATE: since anybody pulled it.",
        examples=["LAST_IN_USE_AT"],
    )
