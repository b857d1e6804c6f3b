"""Who may come: for every principal of a registry one caller that is it, and callers that only look like it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from registry.model import (
    Account,
    ExistingRole,
    LambdaFunctions,
    MadeRole,
    Organization,
    PipelineRole,
    Registry,
    ServicePrincipal,
)

BYSTANDERS = "999999999999"  # an account that no file names
ELSEWHERE = "o-elsewhere000"
SERVICE, OTHER_SERVICE = "lambda.amazonaws.com", "events.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A role by ARN, or a service on behalf of something, and what IAM knows of it."""

    what: str
    arn: str
    organization: str | None = None
    path: str | None = None
    source: Mapping[str, str] = field(
        default_factory=dict
    )  # a function of Lambda, or what else a service acts for, by region

    @property
    def genuine(self) -> bool:
        """Whether it is a principal of the file, not one that only looks like it."""
        return ":" not in self.what

    @property
    def account(self) -> str:
        """The account the caller is in; empty for a service."""
        return "" if self.arn.endswith(".amazonaws.com") else self.arn.split(":")[4]

    def context(self, region: str) -> dict[str, str | list[str]]:
        """The keys IAM has of the caller for a request in a region."""
        known: dict[str, str | list[str]] = {}
        if self.organization:
            known["aws:PrincipalOrgID"] = self.organization
            known["aws:PrincipalOrgPaths"] = [f"{self.path or f'{self.organization}/r-ab12'}/"]
        if self.source:
            known["aws:SourceArn"] = self.source[region]
            known["aws:SourceAccount"] = self.source[region].split(":")[4]
        return known


def role(account: str, name: str) -> str:
    """ARN of a role."""
    return f"arn:aws:iam::{account}:role/{name}"


def services(principal: ServicePrincipal, regions: tuple[str, ...]) -> Iterator[Caller]:
    """A service for what is meant; for another thing, for another account; and another service for the same."""
    mine = principal.source or f"arn:aws:codebuild:eu-central-1:{principal.account}:project/any"
    sources = {
        principal.name: mine,
        f"{principal.name}: another project": f"{mine}2",
        f"{principal.name}: another account": mine.replace(principal.account, BYSTANDERS),
    }
    for what, source in sources.items():
        yield Caller(what=what, arn=principal.service, source=dict.fromkeys(regions, source))
    yield Caller(what=f"{principal.name}: events", arn=OTHER_SERVICE, source=dict.fromkeys(regions, mine))


def callers(registry: Registry, regions: tuple[str, ...]) -> Iterator[Caller]:
    """Genuine callers and impostors."""
    found: list[Caller] = []
    for principal in registry.principals:
        name = principal.name
        if isinstance(principal, MadeRole):
            path = registry.roles.path
            found.append(Caller(what=name, arn=f"arn:aws:iam::{registry.account}:role{path}{registry.name}-{name}"))
        elif isinstance(principal, PipelineRole):
            twin = principal.arn.replace("@", "@2")
            found += [Caller(what=name, arn=principal.arn), Caller(what=f"{name}: twin", arn=twin)]
        elif isinstance(principal, ExistingRole):
            here = Caller(what=name, arn=principal.arn, organization=principal.of_organization)
            found += [
                here,
                replace(here, what=f"{name}: twin", arn=f"{principal.arn}2"),
                replace(here, what=f"{name}: same name, other account", arn=role(BYSTANDERS, principal.role_name)),
                replace(here, what=f"{name}: left the organization", organization=ELSEWHERE),
            ]
        elif isinstance(principal, Account):
            here = Caller(what=name, arn=role(principal.account, "anyone"), organization=principal.of_organization)
            found += [here, replace(here, what=f"{name}: left the organization", organization=None)]
        elif isinstance(principal, Organization):
            here = Caller(what=name, arn=role(BYSTANDERS, "member"), organization=principal.id, path=principal.path)
            found += [
                here,
                replace(here, what=f"{name}: beside", path=f"{principal.id}/r-ab12/ou-ab12-99999999"),
                replace(here, what=f"{name}: elsewhere", organization=ELSEWHERE, path=None),
            ]
        elif isinstance(principal, ServicePrincipal):
            found += services(principal, regions)
        else:
            assert isinstance(principal, LambdaFunctions)
            function = principal.function.replace("*", "any")
            for account, what in ((principal.account, name), (BYSTANDERS, f"{name}: other account")):
                arns = {region: f"arn:aws:lambda:{region}:{account}:function:{function}" for region in regions}
                found.append(Caller(what=what, arn=SERVICE, source=arns))
            for kind in (f"function:2{function}", f"function:{function}2", "layer:any"):
                arns = {region: f"arn:aws:lambda:{region}:{principal.account}:{kind}" for region in regions}
                found.append(Caller(what=f"{name}: {kind}", arn=SERVICE, source=arns))
            arns = {region: f"arn:aws:lambda:{region}:{principal.account}:function:{function}" for region in regions}
            found.append(Caller(what=f"{name}: another service", arn=OTHER_SERVICE, source=arns))
    found.append(Caller(what="a role of this account without a grant", arn=role(registry.account, "bystander")))
    found.append(Caller(what="a role of nobody's", arn=role(BYSTANDERS, "bystander"), organization=ELSEWHERE))
    return iter({caller.what: caller for caller in found}.values())
