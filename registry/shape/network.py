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
        "Where callers come from: one CIDR or several. The security group made here opens port 443 to them; "
        "without use where security_groups are given.",
        examples=["10.0.0.0/16"],
    )
    subnets: Annotated[tuple[SubnetId, ...], NotNull] = optional(
        "Subnets that get the interface endpoints, at most one of each availability zone.",
        (),
        examples=[["subnet-12345678", "subnet-87654321"]],
        uniqueItems=True,
    )
    security_groups: Annotated[tuple[SecurityGroupId, ...], NotNull] = optional(
        "Security groups of the interface endpoints, which let in port 443. Without the key one is made.",
        (),
        examples=[["sg-12345678"]],
        uniqueItems=True,
    )
    existing: Annotated[tuple[Literal["ecr.api", "ecr.dkr"], ...], NotNull] = optional(
        "Endpoints of ECR that another team owns here; a second one with private DNS would be refused. `ecrctl "
        "network` prints what their policies need.",
        (),
        examples=[["ecr.api", "ecr.dkr"]],
    )
    s3: Annotated[Literal["existing", "gateway"], NotNull] = optional(
        "How image layers, which are in S3, are reached. existing: a way is there, and `ecrctl network` prints what "
        "its policy needs. gateway: a gateway endpoint is made on route_tables, for image layers and nothing else.",
        "existing",
    )
    route_tables: Annotated[tuple[RouteTableId, ...], NotNull] = optional(
        "Route tables of the gateway endpoint, which from then on carries all their S3 traffic of the region.",
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
            ),
            ("vpc", "trial_vpc"),
            lambda said: "this is two networks" if said else "this network has neither vpc nor trial_vpc",
            "exactly one of vpc and trial_vpc",
            ("write vpc with the ids of one that exists", "make an entry of each"),
            none="neither",
        ),
    )

    account: Annotated[AccountId | None, NotNull] = optional(
        "The account the VPC is in, in quotes. Without the key the registry's.",
        examples=["210987654321"],
    )
    region: Annotated[RegionCode | None, NotNull] = optional(
        "The region the VPC is in, where the registry has repositories. Without the key the home region.",
        examples=["us-west-2"],
    )
    vpc: Annotated[VpcShape | None, NotNull] = optional("A VPC that exists.")
    trial_vpc: Annotated[TrialVpcShape | None, NotNull] = optional("A VPC that is made for a trial.")
    also: Annotated[tuple[Literal["sts", "logs"], ...], NotNull] = optional(
        "Further interface endpoints, for nodes without internet: sts for roles, logs for CloudWatch Logs.",
        (),
        examples=[["sts", "logs"]],
    )
    fips: Annotated[TrueOnly | None, NotNull] = optional(
        "true: endpoints of the FIPS services; images are then pulled from …dkr.ecr-fips.REGION.amazonaws.com."
    )
    dual_stack: Annotated[TrueOnly | None, NotNull] = optional("true: endpoints with IPv6 addresses besides IPv4.")
    callers: Annotated[Literal["principals", "organization"], NotNull] = optional(
        "Whom the endpoints let through. principals: those that something is granted to. organization: everyone in "
        "access.organization, and principals outside it.",
        "principals",
    )
    pull_from: Annotated[tuple[AccountId, ...], NotNull] = optional(
        "Accounts whose registries in this region may be pulled from as well, such as the one of EKS's add-ons.",
        (),
        examples=[["602401143452"]],
    )
    pull_through_cache: Annotated[TrueOnly | None, NotNull] = optional(
        "true: whoever may pull may also fetch upstream images (ECR Public among them) by the pull-through cache "
        "rules. The first pull of an image needs a route to the internet."
    )
