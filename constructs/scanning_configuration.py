"""The registry's scanning rules."""

from __future__ import annotations

from aws_cdk import aws_ecr as ecr
from constructs import Construct

from registry.model.ecr_documents import scanning_rules
from registry.shape import ScanningShape


class ScanningConfiguration(ecr.CfnRegistryScanningConfiguration):
    """Which repositories of an account and region are scanned, and when.

    AWS keeps one configuration per account and region. Names that no filter matches are scanned by hand only.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, scanning: ScanningShape) -> None:
        """Declare `scanning` for the account and region of the stack."""
        super().__init__(
            scope,
            construct_id,
            scan_type=scanning.scan_type,
            rules=scanning_rules(scanning),
        )
