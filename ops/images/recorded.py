"""Whether ECR records what is read here as a pull: it records the pulls of everybody who is not excluded.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-time-update-exclusions.html
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from ops.aws import cloud
from ops.images.asking import Asking


class Recorded(Asking):
    """What is known of pulls by these credentials."""

    def records_pulls(self) -> bool:
        """Whether an image that these credentials pull counts as pulled; so does reading its manifest."""
        with cloud.aws_errors():
            with self._credentials():
                caller = str(cloud.client("sts", self.region).get_caller_identity()["Arn"])
            excluded = self._excluded()
        return not any(_is(caller, each) for each in excluded)

    def _excluded(self) -> list[str]:
        """The roles and users whose pulls are not recorded in the registry; botocore has no paginator for them."""
        found: list[str] = []
        asked: dict[str, Any] = {"maxResults": 100}
        while True:
            try:
                page: Any = self._ecr.list_pull_time_update_exclusions(**asked)
            except ClientError as problem:
                if problem.response.get("Error", {}).get("Code") in cloud.UNKNOWN_OPERATION:
                    return []  # a service that is not AWS's
                raise
            found += page["pullTimeUpdateExclusions"]
            if not (token := page.get("nextToken")):
                return found
            asked["nextToken"] = token


def _is(caller: str, excluded: str) -> bool:
    """Whether a caller is the role or user of an ARN; who assumed a role is called by its name, without its path.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
    """
    partition, account, kind, name = _parts(caller)
    if kind != "assumed-role":
        return caller == excluded
    return (partition, account, "role", name.partition("/")[0]) == (*_parts(excluded)[:3], excluded.rpartition("/")[2])


def _parts(arn: str) -> tuple[str, str, str, str]:
    """Partition, account, and the kind and name of a principal."""
    _, partition, _, _, account, rest = (*arn.split(":", 5), *[""] * 6)[:6]
    kind, _, name = rest.partition("/")
    return partition, account, kind, name
