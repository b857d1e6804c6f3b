"""Who there is: principals, named once, and what the roles made for them have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictInt, StrictStr

from registry.limits import (
    ACCOUNT,
    FUNCTION,
    GIT_REF,
    GITHUB_ENVIRONMENT,
    GITHUB_ID,
    GITHUB_REPOSITORY,
    GITLAB_PROJECT,
    HOST,
    IAM_ROLE_ARN,
    OIDC_PROVIDER_ARN,
    ORGANIZATION,
    ORGANIZATIONAL_UNIT,
    POLICY_ARN,
    ROLE_PATH,
    ROLE_PATH_LENGTH,
    SESSION_SECONDS,
    anchored,
)
from registry.shape.base import NotNull, Shape, TextOr, TrueOnly, optional

EVERY_TEAM = "*"
GITLAB_HOST = "gitlab.com"


class PrincipalShape(Shape):
    """One identity: a repository's branch, tag or environment in CI, a role, an account, an organization, Lambda.

    Exactly one of github, gitlab, role, account, organization, organizational_unit and lambda_account.
    """

    github: Annotated[StrictStr | None, NotNull] = optional(
        "GitHub Actions of a repository, OWNER/NAME; a role is made, which they assume by OpenID Connect.",
        examples=["acme/web"],
        pattern=anchored(GITHUB_REPOSITORY),
    )
    owner_id: Annotated[StrictInt | None, NotNull] = optional(
        "GitHub's number of the owner. With both numbers only tokens in the immutable form are trusted, which a "
        "recycled name cannot forge; repositories made or renamed since 2026-07-15 send it.",
        examples=[84790634],
        minimum=GITHUB_ID[0],
        maximum=GITHUB_ID[1],
    )
    repository_id: Annotated[StrictInt | None, NotNull] = optional(
        "GitHub's number of the repository.", examples=[1304267049], minimum=GITHUB_ID[0], maximum=GITHUB_ID[1]
    )
    gitlab: Annotated[StrictStr | None, NotNull] = optional(
        "GitLab CI of a project, GROUP/PROJECT; a role is made, which it assumes by OpenID Connect.",
        examples=["acme/web"],
        pattern=anchored(GITLAB_PROJECT),
    )
    gitlab_host: Annotated[StrictStr | None, NotNull] = optional(
        "Where GitLab runs. The `aud` of its tokens must be https:// and this.",
        otherwise=GITLAB_HOST,
        examples=["gitlab.example.com"],
        pattern=anchored(HOST),
    )
    branch: Annotated[StrictStr | None, NotNull] = optional(
        "Jobs of this branch; `*` is a wildcard.", examples=["main"], pattern=anchored(GIT_REF)
    )
    tag: Annotated[StrictStr | None, NotNull] = optional(
        "Jobs of these git tags; `*` is a wildcard.", examples=["v*"], pattern=anchored(GIT_REF)
    )
    environment: Annotated[StrictStr | None, NotNull] = optional(
        "Jobs of this GitHub environment.", examples=["prod"], pattern=anchored(GITHUB_ENVIRONMENT)
    )
    pull_requests: Annotated[TrueOnly | None, NotNull] = optional("true: jobs of GitHub pull requests.")
    role: Annotated[StrictStr | None, NotNull] = optional(
        "A role that exists, by ARN: of nodes, tasks or build agents. In this account policies are attached to it.",
        examples=["arn:aws:iam::123456789012:role/eks-node"],
        pattern=anchored(IAM_ROLE_ARN),
    )
    account: Annotated[StrictStr | None, NotNull] = optional(
        "Another AWS account: its administrators decide who in it may.",
        examples=["210987654321"],
        pattern=anchored(ACCOUNT),
    )
    organization: Annotated[StrictStr | None, NotNull] = optional(
        "Every account of an organization.", examples=["o-a1b2c3d4e5"], pattern=anchored(ORGANIZATION)
    )
    organizational_unit: Annotated[StrictStr | None, NotNull] = optional(
        "Every account of an organizational unit and those below, by its path.",
        examples=["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"],
        pattern=anchored(ORGANIZATIONAL_UNIT),
    )
    lambda_account: Annotated[StrictStr | None, NotNull] = optional(
        "Lambda functions of an account, this one or another; in the region of the image.",
        examples=["123456789012"],
        pattern=anchored(ACCOUNT),
    )
    lambda_function: Annotated[StrictStr | None, NotNull] = optional(
        "Only the function of this name. Without it, all of the account.",
        examples=["resize"],
        pattern=anchored(FUNCTION),
    )
    teams: Annotated[tuple[StrictStr, ...], NotNull] = Field(
        default=(),
        description="Namespaces whose team files may grant to this principal; `*`: all. Without the key, none.",
        examples=[["web"]],
    )
    outside_organization: Annotated[TrueOnly | None, NotNull] = optional(
        "true: the role or account is of another organization than access.organization says."
    )
    without_boundary: Annotated[TrueOnly | None, NotNull] = optional(
        "true: policies are attached to the role although it has no permissions boundary, where access has one for "
        "its account. Whoever deploys can then attach others to it."
    )


class AccessShape(Shape):
    """What the roles made here have in common, and whose organization this is."""

    organization: Annotated[StrictStr | None, NotNull] = optional(
        "The organization this account is in: grants to other accounts hold only as long as they are in it.",
        examples=["o-a1b2c3d4e5"],
        pattern=anchored(ORGANIZATION),
    )
    path: Annotated[StrictStr | None, NotNull] = optional(
        "IAM path that ours begins with: roles and policies made here lie in PATHecr-registry/NAME/.",
        otherwise="/",
        examples=["/ci/"],
        pattern=anchored(ROLE_PATH),
        maxLength=ROLE_PATH_LENGTH,
    )
    permissions_boundary: Annotated[dict[StrictStr, StrictStr] | None, TextOr("account", POLICY_ARN), NotNull] = (
        optional(
            "ARN of the managed policy that bounds the roles made in its account, or a map from account to one.",
            examples=["arn:aws:iam::123456789012:policy/ci-boundary"],
        )
    )
    max_session_duration: Annotated[StrictInt | None, NotNull] = optional(
        "Longest session of the roles made here, in seconds.",
        otherwise=SESSION_SECONDS[0],
        minimum=SESSION_SECONDS[0],
        maximum=SESSION_SECONDS[1],
    )
    oidc_providers: Annotated[tuple[StrictStr, ...], NotNull] = Field(
        default=(),
        description="OpenID Connect providers of this account that exist, by ARN. Others are made; an account has one "
        "for an issuer.",
        examples=[["arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"]],
        json_schema_extra={"items": {"type": "string", "pattern": anchored(OIDC_PROVIDER_ARN)}},
    )
