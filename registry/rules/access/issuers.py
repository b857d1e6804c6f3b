"""Rules about principals that an issuer, a cluster or a service vouches for: the key that is made for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.access.callers import LAMBDA
from registry.findings import YamlPath, shown
from registry.limits import (
    BITBUCKET_ISSUER,
    BUILDKITE_ISSUER,
    CIRCLECI_ISSUER,
    GITHUB_ISSUER,
    IAM_GUIDE,
    TERRAFORM_HOST,
)
from registry.naming import account_of, partition, region_of
from registry.rules.access.principals import ACCESS_PAGE, PRINCIPALS, principals
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import GITLAB_HOST

#: Issuers of many customers, and the key that says exactly whose tokens are meant. An enterprise of GitHub may have an
#: issuer of its own, below GitHub's: https://docs.github.com/en/actions/reference/security/oidc
_KNOWN: Final = {
    GITHUB_ISSUER: "github",
    GITLAB_HOST: "gitlab",
    BUILDKITE_ISSUER: "buildkite",
    TERRAFORM_HOST: "terraform",
}
#: The same, by how they begin.
_BEGINNINGS: Final = {
    f"{CIRCLECI_ISSUER}/": "circleci",
    f"{BITBUCKET_ISSUER}/": "bitbucket",
    "oidc.eks.": "irsa",
    "oidc-eks.": "irsa",
}
#: IAM trusts these without a provider, under condition keys of their own.
_BUILT_IN: Final = ("accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com")


@rule("principal-issuer", "Name an issuer by the key that is made for it", ACCESS_PAGE)
def principal_issuer(declared: RuleContext) -> Iterator[Problem]:
    """Such an issuer has many customers, and its key says exactly which one of them is meant. IAM has providers built
    in for a few others, whose tokens it reads in another way.
    """
    for name, shape in principals(declared):
        if shape.oidc is None:
            continue
        issuer = shape.oidc.issuer
        key = _KNOWN.get(issuer) or next(
            (key for begins, key in _BEGINNINGS.items() if issuer.startswith(begins)), None
        )
        if key is not None or issuer in _BUILT_IN:
            yield Problem(
                at=(PRINCIPALS, name, "oidc", "issuer"),
                message=f"{key} is the key for this issuer"
                if key
                else "IAM has this provider built in, and this registry knows no principal for it",
                given=shown(issuer),
                allowed=f"principals with {key}" if key else "issuers with a provider of the account",
                way_out=f"write {key}: and its keys" if key else "use a role that exists, with role:",
            )


@rule(
    "principal-classic-subject",
    "Write classic_subject beside GitHub's two numbers",
    "https://docs.github.com/en/actions/reference/security/oidc",
)
def principal_classic_subject(declared: RuleContext) -> Iterator[Problem]:
    """Without owner_id and repository_id the classic subject is the only one, so the key would say nothing."""
    for name, shape in principals(declared):
        if (
            shape.classic_subject
            and shape.github is not None
            and shape.owner_id is None
            and shape.repository_id is None
        ):
            yield Problem(
                at=(PRINCIPALS, name, "classic_subject"),
                message="the role trusts no other subject than the classic one",
                given="classic_subject: true, without owner_id and repository_id",
                allowed="classic_subject with owner_id and repository_id",
                way_out="write both numbers, or remove classic_subject",
                key=True,
            )


@rule("principal-cluster", "Name clusters of the account the registry is in", f"{IAM_GUIDE}/id_roles.html")
def principal_cluster(declared: RuleContext) -> Iterator[Problem]:
    """EKS gives pods a role of the cluster's own account. With another one no pod ever gets the role."""
    own = declared.registry.account
    for name, shape in principals(declared):
        said = [((), shape.pod_identity), *((("also", index), it.pod_identity) for index, it in enumerate(shape.also))]
        written: list[tuple[YamlPath, str | None]] = [(where, it.cluster) for where, it in said if it is not None]
        for where, cluster in written:
            if cluster is None:
                continue
            account = account_of(cluster)
            if account == own and cluster.split(":")[1] == partition(declared.registry.region):
                continue
            yield Problem(
                at=(PRINCIPALS, name, *where, "pod_identity", "cluster"),
                message=f"EKS gives pods of {account} no role of {own}",
                given=shown(cluster, 90),
                allowed=f"a cluster of account {own}",
                way_out="write irsa:, whose issuer may be of any account; or name a role of that account, with role:",
            )


@rule("principal-association", "Associate pods of clusters in the home region", ACCESS_PAGE)
def principal_association(declared: RuleContext) -> Iterator[Problem]:
    """The Access stack is in the home region, and CloudFormation makes an association where its stack is."""
    home = declared.registry.region
    for name, shape in principals(declared):
        pods = shape.pod_identity
        if pods is not None and pods.association and region_of(pods.cluster) != home:
            yield Problem(
                at=(PRINCIPALS, name, "pod_identity", "association"),
                message=f"this cluster is in {region_of(pods.cluster)}, and the Access stack in {home}",
                given="association: true",
                allowed=f"association for clusters in {home}",
                way_out="remove it, and make the association there: aws eks create-pod-identity-association",
                key=True,
            )


@rule("principal-service", "Name a service by its key, in the partition of the registry", ACCESS_PAGE)
def principal_service(declared: RuleContext) -> Iterator[Problem]:
    """Lambda asks on behalf of functions in the region of the image, which its own key says. A source of another
    partition is nobody.
    """
    own = partition(declared.registry.region)
    for name, shape in principals(declared):
        if shape.service is None:
            continue
        source = shape.service.source_arn
        if shape.service.name == LAMBDA:
            yield Problem(
                at=(PRINCIPALS, name, "service", "name"),
                message="lambda_account is the key for Lambda",
                given=shown(LAMBDA),
                allowed="services other than Lambda",
                way_out="write lambda_account:, and lambda_function: for one function",
            )
        elif source is not None and source.split(":")[1] != own:
            yield Problem(
                at=(PRINCIPALS, name, "service", "source_arn"),
                message=f"this is of the partition {source.split(':')[1]}",
                given=shown(source, 90),
                allowed=f"arn:{own}:…",
                way_out=f"copy the ARN of the one in {own}",
            )


@rule("principal-functions", "Name functions either by one name or by a pattern", ACCESS_PAGE)
def principal_functions(declared: RuleContext) -> Iterator[Problem]:
    """Of two keys one would not hold, and a reviewer could not see which."""
    for name, shape in principals(declared):
        if shape.lambda_function is not None and shape.lambda_function_pattern is not None:
            yield Problem(
                at=(PRINCIPALS, name, "lambda_function_pattern"),
                message="the functions are named twice",
                given="lambda_function and lambda_function_pattern",
                allowed="one of them",
                way_out="remove one of them",
                key=True,
            )
