"""The regions that an account has: ministack says that every one is switched on.

Those "launched before March 20, 2019 are enabled by default", the others once somebody enables them:
https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
"""

from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import cloudformation, ec2

_stock = ec2._describe_regions


def describe_regions(parameters: dict[str, Any]) -> Any:
    """Of those that are on unless others are asked for; where the account has a stack it was enabled."""
    if ec2._p(parameters, "AllRegions", "").lower() == "true":
        return _stock(parameters)
    used = {region for account, region, _ in cloudformation._stacks._data if account == get_account_id()}
    wanted = set(ec2._parse_member_list(parameters, "RegionName"))
    on = [name for name, status in ec2._AWS_REGIONS if status == "opt-in-not-required" or name in used]
    names = [name for name in on if not wanted or name in wanted]
    return _stock({f"RegionName.{number}": [name] for number, name in enumerate(names or ["none"], 1)})


def install() -> None:
    """Put it where the action is looked up."""
    ec2._ACTION_MAP["DescribeRegions"] = describe_regions
