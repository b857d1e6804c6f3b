"""Who there is: principals, named once, and what the roles made for them have in common."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, StrictInt, StrictStr

from registry.limits import (
    CFN_GUIDE,
    IAM_GUIDE,
    OIDC_PROVIDER_ARN,
    POLICY_ARN,
    ROLE_PATH,
    ROLE_PATH_LENGTH,
    SESSION_SECONDS,
    SHARED_STACK,
    SHARED_STACK_LENGTHS,
)
from registry.shape.base import NotNull, Shape, TextOr, TrueOnly, optional, unwritten
from registry.shape.forms import Limit, number, text
from registry.shape.identities import (
    Branch,
    Environment,
    FunctionName,
    FunctionPattern,
    GitHubId,
    GitHubRepository,
    GitLabHost,
    GitLabProject,
    GitTag,
    RoleArn,
    UnitPath,
)
from registry.shape.issuers import (
    AlsoShape,
    BitbucketShape,
    BuildkiteShape,
    CircleCiShape,
    IrsaShape,
    OidcShape,
    PodIdentityShape,
    ServiceShape,
    TerraformShape,
)
from registry.shape.names import AccountId, OrganizationId

EVERY_TEAM = "*"
GITLAB_HOST = "gitlab.com"

#: The rules of these ids say more: in which account or path something may be.
_SETTINGS: Final = Limit("access-settings", f"{IAM_GUIDE}/id_roles.html")
_BOUNDARY: Final = Limit("boundary-arn", f"{IAM_GUIDE}/access_policies_boundaries.html")

RolePath = Annotated[
    StrictStr,
    text(
        _SETTINGS,
        ROLE_PATH,
        "IAM does not take this path",
        "/, or a path such as /ci/, without wildcards",
        lambda path: f"write /{path.strip('/')}/",
        lengths=(0, ROLE_PATH_LENGTH),
    ),
]
SessionSeconds = Annotated[
    StrictInt,
    number(
        _SETTINGS,
        SESSION_SECONDS,
        "IAM does not take sessions of this length",
        f"{SESSION_SECONDS[0]} to {SESSION_SECONDS[1]} seconds",
        unit=" seconds",
    ),
]
ProviderArn = Annotated[
    StrictStr,
    text(
        _SETTINGS,
        OIDC_PROVIDER_ARN,
        "this is not an OpenID Connect provider",
        "arn:aws:iam::123456789012:oidc-provider/HOST",
        "copy it from `aws iam list-open-id-connect-providers`",
    ),
]
BoundaryArn = Annotated[
    StrictStr,
    text(
        _BOUNDARY,
        POLICY_ARN,
        "this is not the ARN of a managed policy",
        "arn:aws:iam::123456789012:policy/NAME",
        "copy it from `aws iam list-policies`",
    ),
]
AccessStackName = Annotated[
    StrictStr,
    text(
        Limit(
            "access-stack",
            f"{CFN_GUIDE}/cfn-using-console-create-stack-parameters.html",
            "Name an Access stack with lower-case letters, digits and hyphens",
            "The name ends the stack's name, and capitals in it belong to this project.",
            subject="Access",
        ),
        SHARED_STACK,
        "this is not a name of an Access stack",
        "1 to 40 lower-case letters and digits, with single hyphens between them",
        "write a word such as more",
        lengths=SHARED_STACK_LENGTHS,
    ),
]


class PrincipalShape(Shape):
    """One identity: a repository's branch, tag or environment in CI, pods, a role, an account, a service.

    Exactly one of github, gitlab, circleci, buildkite, bitbucket, terraform, irsa, pod_identity, oidc, role, account,
    organization, organizational_unit, lambda_account and service.
    """

    github: Annotated[GitHubRepository | None, NotNull] = optional(
        "GitHub Actions of a repository, OWNER/NAME. The registry creates a role, which the jobs assume by "
        "OpenID Connect.",
        examples=["acme/web"],
    )
    owner_id: Annotated[GitHubId | None, NotNull] = optional(
        "GitHub's id of the owner. With both ids the role trusts only tokens with the immutable subject, which "
        "nobody can get by taking an old name. Repositories created or renamed since 2026-07-15 send it.",
        examples=[84790634],
    )
    repository_id: Annotated[GitHubId | None, NotNull] = optional(
        "GitHub's id of the repository.", examples=[1304267049]
    )
    classic_subject: Annotated[TrueOnly | None, NotNull] = optional(
        "true: the role trusts the classic subject, without ids, as well: while the repository switches. With a "
        "warning."
    )
    gitlab: Annotated[GitLabProject | None, NotNull] = optional(
        "GitLab CI of a project, GROUP/PROJECT. The registry creates a role, which the jobs assume by OpenID Connect.",
        examples=["acme/web"],
    )
    gitlab_host: Annotated[GitLabHost | None, NotNull] = unwritten(
        "The host of GitLab. The `aud` of its tokens must be https:// and this host.",
        GITLAB_HOST,
        examples=["gitlab.example.com"],
    )
    branch: Annotated[Branch | None, NotNull] = optional("Jobs of this branch; `*` is a wildcard.", examples=["main"])
    tag: Annotated[GitTag | None, NotNull] = optional("Jobs of these git tags; `*` is a wildcard.", examples=["v*"])
    environment: Annotated[Environment | None, NotNull] = optional(
        "Jobs of this GitHub environment.", examples=["prod"]
    )
    pull_requests: Annotated[TrueOnly | None, NotNull] = optional("true: jobs of GitHub pull requests.")
    also: Annotated[tuple[AlsoShape, ...], NotNull] = Field(
        default=(),
        description="Further repositories, branches, tags, workspaces or pods of the same issuer that take the same "
        "role: in each what makes it another one.",
        examples=[[{"branch": "release"}]],
    )
    circleci: Annotated[CircleCiShape | None, NotNull] = optional("Jobs of CircleCI.")
    buildkite: Annotated[BuildkiteShape | None, NotNull] = optional("Jobs of Buildkite.")
    bitbucket: Annotated[BitbucketShape | None, NotNull] = optional("Steps of Bitbucket Pipelines.")
    terraform: Annotated[TerraformShape | None, NotNull] = optional("Runs of HCP Terraform.")
    irsa: Annotated[IrsaShape | None, NotNull] = optional("Pods, by IAM roles for service accounts.")
    pod_identity: Annotated[PodIdentityShape | None, NotNull] = optional("Pods, by EKS Pod Identity.")
    oidc: Annotated[OidcShape | None, NotNull] = optional("Tokens of any other issuer of OpenID Connect.")
    role: Annotated[RoleArn | None, NotNull] = optional(
        "An existing role, by ARN: of nodes, tasks or build agents. In this account the deploy attaches "
        "policies to it.",
        examples=["arn:aws:iam::123456789012:role/eks-node"],
    )
    account: Annotated[AccountId | None, NotNull] = optional(
        "Another AWS account; its administrators decide which of its roles may use the grant.",
        examples=["210987654321"],
    )
    every_role_writes: Annotated[TrueOnly | None, NotNull] = optional(
        "true: more than pull and read may be granted to the account, so every role there may write."
    )
    organization: Annotated[OrganizationId | None, NotNull] = optional(
        "Every account of an organization.", examples=["o-a1b2c3d4e5"]
    )
    organizational_unit: Annotated[UnitPath | None, NotNull] = optional(
        "Every account of an organizational unit and those below, by its path.",
        examples=["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"],
    )
    lambda_account: Annotated[AccountId | None, NotNull] = optional(
        "Lambda functions of an account, this one or another; in the region of the image.",
        examples=["123456789012"],
    )
    lambda_function: Annotated[FunctionName | None, NotNull] = optional(
        "Only the function of this name. Without the key, all functions of the account.",
        examples=["resize"],
    )
    lambda_function_pattern: Annotated[FunctionPattern | None, NotNull] = optional(
        "Only functions whose names begin so.", examples=["resize-*"]
    )
    service: Annotated[ServiceShape | None, NotNull] = optional("An AWS service that pulls, such as CodeBuild.")
    teams: Annotated[tuple[StrictStr, ...], NotNull] = Field(
        default=(),
        description="Namespaces whose team files may grant to this principal; `*` for all. Without the key, none.",
        examples=[["web"]],
    )
    stack: Annotated[AccessStackName | None, NotNull] = optional(
        "Name of the Access stack that has the role and the policies of this principal, for more principals than one "
        "stack can have: about 240 with a role of their own. Decide it before the first deploy of the principal: a "
        "change deletes the role and makes it anew. Without the key, the Access stack of the account.",
        examples=["more"],
    )
    outside_organization: Annotated[TrueOnly | None, NotNull] = optional(
        "true: the role or account is in another organization than access.organization."
    )
    without_boundary: Annotated[TrueOnly | None, NotNull] = optional(
        "true: the deploy attaches policies to the role even if it has no permissions boundary and access has "
        "one for its account. Whoever deploys can then attach any policy to it."
    )


class AccessShape(Shape):
    """What the roles made here have in common, and whose organization this is."""

    organization: Annotated[OrganizationId | None, NotNull] = optional(
        "The organization of this account: grants to other accounts hold only while the account is in it.",
        examples=["o-a1b2c3d4e5"],
    )
    path: Annotated[RolePath, NotNull] = optional(
        "IAM path before ours: the registry creates roles and policies in PATHecr-registry/NAME/.",
        "/",
        examples=["/ci/"],
    )
    permissions_boundary: Annotated[dict[StrictStr, BoundaryArn], TextOr("account"), NotNull] = optional(
        "ARN of the managed policy that bounds the registry's roles in its account, or a map from account to one.",
        {},
        examples=["arn:aws:iam::123456789012:policy/ci-boundary"],
    )
    max_session_duration: Annotated[SessionSeconds, NotNull] = optional(
        "Longest session of the registry's roles, in seconds.",
        SESSION_SECONDS[0],
    )
    oidc_providers: Annotated[tuple[ProviderArn, ...], NotNull] = Field(
        default=(),
        description="Existing OpenID Connect providers of this account, by ARN. The registry creates the "
        "others; an account has one for an issuer.",
        examples=[["arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"]],
    )
