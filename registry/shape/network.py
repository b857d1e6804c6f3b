"""Private networks: VPCs from which the registry is reached without the internet."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Discriminator, StrictStr, Tag

from registry.shape.base import NotNull, Shape, TrueOnly, optional, required
from registry.shape.forms import Form, Limit, exactly_one
from registry.shape.names import AccountId, RegionCode, TrialName
from registry.shape.network_values import CIDR, RouteTableId, SecurityGroupId, SubnetId, TrialCidr, VpcId
from registry.shape.policies import text_or_list

Cidrs = Annotated[
    Annotated[StrictStr, CIDR, Tag("(text)")] | Annotated[tuple[Annotated[StrictStr, CIDR], ...], Tag("(list)")],
    Discriminator(text_or_list),
]


class VpcShape(Shape):
    """A VPC that exists, by its ids: nothing is looked up."""

    id: VpcId = required("The VPC.", examples=["vpc-12345678"])
    cidr: Annotated[Cidrs | None, NotNull] = optional(
        "Addresses of the callers, one CIDR or several. The new security group opens port 443 to them. Not "
        "used with security_groups.",
        examples=["10.0.0.0/16"],
    )
    subnets: Annotated[tuple[SubnetId, ...], NotNull] = optional(
        "Subnets that get the interface endpoints, at most one of each availability zone.",
        (),
        examples=[["subnet-12345678", "subnet-87654321"]],
        uniqueItems=True,
    )
    security_groups: Annotated[tuple[SecurityGroupId, ...], NotNull] = optional(
        "Security groups of the interface endpoints; they must let in port 443. Without the key, the registry "
        "creates one.",
        (),
        examples=[["sg-12345678"]],
        uniqueItems=True,
    )
    existing: Annotated[tuple[Literal["ecr.api", "ecr.dkr"], ...], NotNull] = optional(
        "Endpoints of ECR that another team owns in this VPC; EC2 would refuse a second one with private DNS. "
        "`ecrctl network` prints the statements that their policies need.",
        (),
        examples=[["ecr.api", "ecr.dkr"]],
    )
    s3: Annotated[Literal["existing", "gateway"], NotNull] = optional(
        "How nodes reach image layers, which are in S3. existing: over an existing endpoint; `ecrctl network` "
        "prints the statement that its policy needs. gateway: over a new gateway endpoint on route_tables, for "
        "image layers and nothing else.",
        "existing",
    )
    route_tables: Annotated[tuple[RouteTableId, ...], NotNull] = optional(
        "Route tables of the gateway endpoint, which then carries all their S3 traffic in the region.",
        (),
        examples=[["rtb-12345678"]],
        uniqueItems=True,
    )


class TrialVpcShape(Shape):
    """A VPC that is made for a trial: two subnets without a way to the internet, and everything it takes to pull."""

    name: TrialName = required("A name for it, of its own.", examples=["trial"])
    cidr: TrialCidr = required("Its addresses, /16 to /26.", examples=["10.99.0.0/24"])


class NetworkShape(Shape):
    """A VPC with interface endpoints for ECR, and who gets what through them. Exactly one of vpc and trial_vpc."""

    forms: ClassVar[tuple[Form, ...]] = (
        exactly_one(
            Limit(
                "network-kind",
                "docs/network.md",
                "Give a network either vpc or trial_vpc",
                "A VPC that exists is only looked at, and one for a trial is made. One entry cannot be both.",
                subject="Private networks",
            ),
            ("vpc", "trial_vpc"),
            lambda said: "this is two networks" if said else "this network has neither vpc nor trial_vpc",
            "exactly one of vpc and trial_vpc",
            ("write vpc with the ids of one that exists", "make an entry of each"),
            none="neither",
        ),
    )

    account: Annotated[AccountId | None, NotNull] = optional(
        "The account of the VPC, in quotes. Without the key, the registry's account.",
        examples=["210987654321"],
    )
    region: Annotated[RegionCode | None, NotNull] = optional(
        "The region of the VPC; the registry must have repositories there. Without the key, the home region.",
        examples=["us-west-2"],
    )
    vpc: Annotated[VpcShape | None, NotNull] = optional("An existing VPC.")
    trial_vpc: Annotated[TrialVpcShape | None, NotNull] = optional("A VPC that the registry creates for a trial.")
    also: Annotated[tuple[Literal["sts", "logs"], ...], NotNull] = optional(
        "Further interface endpoints, for nodes without internet: sts for roles, logs for CloudWatch Logs.",
        (),
        examples=[["sts", "logs"]],
    )
    fips: Annotated[TrueOnly | None, NotNull] = optional(
        "true: endpoints of the FIPS services; images are then pulled from …dkr.ecr-fips.REGION.amazonaws.com."
    )
    dual_stack: Annotated[TrueOnly | None, NotNull] = optional("true: endpoints with IPv4 and IPv6 addresses.")
    callers: Annotated[Literal["principals", "organization"], NotNull] = optional(
        "Who may pass the endpoints. principals: those with a grant. organization: everyone in "
        "access.organization, and principals outside it.",
        "principals",
    )
    pull_from: Annotated[tuple[AccountId, ...], NotNull] = optional(
        "Other accounts from whose registries in this region nodes may pull, such as the account of EKS's add-ons.",
        (),
        examples=[["602401143452"]],
    )
    pull_through_cache: Annotated[TrueOnly | None, NotNull] = optional(
        "true: principals with `pull` may also have ECR fetch upstream images through the pull-through cache "
        "rules. The first pull of an image needs a route to the internet."
    )
