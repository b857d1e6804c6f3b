"""A change set is executed only for what was listed."""

from __future__ import annotations

import pytest

from ops.adopt import change_sets
from ops.adopt.change_sets import CHANGE_SET, ImportRefused
from ops.aws.cloud import CloudError
from tests.ops.adopt.importing import (
    AT,
    WIDE,
    executed,
)
from tests.ops.stubs import Cloud


@pytest.mark.parametrize(
    "changes",
    [
        (("Import", "Scanning"),),
        (("Import", "Scanning"), ("Import", "Cache"), ("Import", "More")),
        (("Import", "Scanning"), ("Import", "Cache"), ("Add", "More")),
        (),
    ],
)
def test_a_change_set_that_does_more_or_less_is_deleted(changes: tuple[tuple[str, str], ...], cloud: Cloud) -> None:
    rows = [{"ResourceChange": {"Action": action, "LogicalResourceId": name}} for action, name in changes]
    cloud.expect("describe_change_set", {"Changes": rows}, {"StackName": WIDE, "ChangeSetName": CHANGE_SET})
    cloud.expect("delete_change_set", {}, {"StackName": WIDE, "ChangeSetName": CHANGE_SET})
    with pytest.raises(ImportRefused, match="would change by more than the import, so nothing was imported there"):
        change_sets.execute(AT, WIDE, ["Scanning", "Cache"])


@pytest.mark.parametrize("status", ["IMPORT_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_FAILED", "UPDATE_FAILED"])
def test_an_import_that_cloudformation_undoes_is_said(status: str, cloud: Cloud) -> None:
    executed(cloud, "Scanning", stack=WIDE, ends=("IMPORT_IN_PROGRESS", status))
    with pytest.raises(CloudError, match=f"ended in {status}"):
        change_sets.execute(AT, WIDE, ["Scanning"])
