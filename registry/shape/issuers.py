"""Principals with several keys of their own: jobs of other CI systems, pods, services, and further identities."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from registry.limits import CIRCLECI_ISSUER, TERRAFORM_HOST
from registry.shape.base import NotNull, Shape, TrueOnly, optional, required, unwritten
from registry.shape.forms import Form, Limit, exactly_one
from registry.shape.identities import Branch, Environment, GitHubId, GitHubRepository, GitLabProject, GitTag
from registry.shape.issuer_values import (
    Audience,
    ClusterArn,
    EksIssuer,
    Host,
    Issuer,
    Namespace,
    RunPhases,
    ServiceAccount,
    ServiceName,
    Slug,
    SourceArn,
    Subject,
    SubjectPattern,
    TerraformName,
    TerraformProject,
    Uuid,
    VcsRepository,
)
from registry.shape.names import AccountId

TERRAFORM_AUDIENCE: Final = "aws.workload.identity"
_WIDE: Final = Limit(
    "principal-width",
    "docs/access.md",
    "Say which one is meant, or say out loud that all are",
    "A key that is left out would mean everybody. Then a reviewer sees no word of it.",
    subject="Access",
)


class CircleCiShape(Shape):
    """Jobs of one project of CircleCI; `branch` or `tag` stands beside it."""

    organization: Uuid = required(
        f"The organization's id; its issuer is {CIRCLECI_ISSUER}/ID, and `aud` of its tokens is the id.",
        examples=["b1a2c3d4-0000-4000-8000-000000000001"],
    )
    project: Uuid = required("The project's id.", examples=["b1a2c3d4-0000-4000-8000-000000000002"])
    repository: VcsRepository = required(
        "The source, as vcs-origin in `sub` has it. Jobs present CIRCLE_OIDC_TOKEN_V2.",
        examples=["github.com/acme/web"],
    )


class BuildkiteShape(Shape):
    """Jobs of one pipeline of Buildkite; `branch` or `tag` stands beside it."""

    organization: Slug = required("The organization, as in its address.", examples=["acme"])
    pipeline: Slug = required("The pipeline, as in its address.", examples=["web"])


class BitbucketShape(Shape):
    """Steps of Bitbucket Pipelines of one repository. Exactly one of deployment and every_branch.

    `sub` of their tokens names no branch.
    """

    forms: ClassVar[tuple[Form, ...]] = (
        exactly_one(
            _WIDE,
            ("deployment", "every_branch"),
            lambda said: "these are two kinds of steps" if said else "which steps of the repository is not said",
            "exactly one of deployment and every_branch",
            ("name a deployment environment whose branches are restricted, or write every_branch: true",
             "remove one of them"),
        ),
    )  # fmt: skip
    workspace: Slug = required("The workspace, as in its address.", examples=["acme"])
    workspace_id: Uuid = required(
        "The workspace's UUID, which is in `aud`.", examples=["b1a2c3d4-0000-4000-8000-000000000003"]
    )
    repository_id: Uuid = required("The repository's UUID.", examples=["b1a2c3d4-0000-4000-8000-000000000004"])
    deployment: Annotated[Uuid | None, NotNull] = optional(
        "Only steps of the deployment environment with this UUID.", examples=["b1a2c3d4-0000-4000-8000-000000000005"]
    )
    every_branch: Annotated[TrueOnly | None, NotNull] = optional(
        "true: steps without a deployment, on every branch and in every pull request of the repository."
    )


class TerraformShape(Shape):
    """Runs of one workspace of HCP Terraform, or of Terraform Enterprise."""

    organization: TerraformName = required("The organization, by name.", examples=["acme"])
    project: TerraformProject = required("The project, by name.", examples=["Default Project"])
    workspace: TerraformName = required("The workspace, by name.", examples=["registry"])
    run_phases: RunPhases = required("In which phases: a plan runs before anyone has agreed.", examples=[["apply"]])
    host: Annotated[Host | None, NotNull] = unwritten(
        "The host that issues the tokens.", TERRAFORM_HOST, examples=["tfe.example.com"]
    )
    audience: Annotated[Audience | None, NotNull] = unwritten(
        "`aud` of the tokens: TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE of the workspace.", TERRAFORM_AUDIENCE
    )


class IrsaShape(Shape):
    """Pods of one service account of a cluster of EKS, by IAM roles for service accounts."""

    issuer: EksIssuer = required(
        "The cluster's issuer, without https://.",
        examples=["oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"],
    )
    namespace: Namespace = required("The namespace of Kubernetes.", examples=["flux-system"])
    service_account: ServiceAccount = required("The service account.", examples=["image-reflector-controller"])


class PodIdentityShape(Shape):
    """Pods of one service account of a cluster of EKS in the registry's account, by EKS Pod Identity."""

    cluster: ClusterArn = required(
        "The cluster, by ARN.", examples=["arn:aws:eks:eu-central-1:123456789012:cluster/main"]
    )
    namespace: Namespace = required("The namespace of Kubernetes.", examples=["argocd"])
    service_account: ServiceAccount = required("The service account.", examples=["argocd-image-updater"])
    association: Annotated[TrueOnly | None, NotNull] = optional(
        "true: the deploy associates the role with the service account. The cluster is in the home region then."
    )


class OidcShape(Shape):
    """Tokens of any other issuer of OpenID Connect. Exactly one of subject and subject_pattern."""

    forms: ClassVar[tuple[Form, ...]] = (
        exactly_one(
            _WIDE,
            ("subject", "subject_pattern"),
            lambda said: "these are two subjects" if said else "whose tokens is not said",
            "exactly one of subject and subject_pattern",
            ("write subject: and `sub` of a token", "remove subject_pattern"),
        ),
    )
    issuer: Issuer = required("`iss` of the tokens, without https://.", examples=["ci.example.com/oidc"])
    audience: Audience = required("`aud` of the tokens.", examples=["sts.amazonaws.com"])
    subject: Annotated[Subject | None, NotNull] = optional(
        "`sub` of the tokens, whole.", examples=["job:acme/web:main"]
    )
    subject_pattern: Annotated[SubjectPattern | None, NotNull] = optional(
        "`sub` of the tokens, with `*` for any characters, `:` and `/` included. With a warning.",
        examples=["job:acme/web:*"],
    )


class ServiceShape(Shape):
    """An AWS service that pulls. Exactly one of source_arn and source_account."""

    forms: ClassVar[tuple[Form, ...]] = (
        exactly_one(
            _WIDE,
            ("source_arn", "source_account"),
            lambda said: "these are two sources" if said else "the service would be let in for anyone who uses it",
            "exactly one of source_arn and source_account",
            ("write source_arn: of what the service acts for", "remove source_account: the ARN names it"),
        ),
    )
    name: ServiceName = required("The service, as IAM knows it.", examples=["codebuild.amazonaws.com"])
    source_arn: Annotated[SourceArn | None, NotNull] = optional(
        "Only on behalf of this one.", examples=["arn:aws:codebuild:eu-central-1:123456789012:project/web"]
    )
    source_account: Annotated[AccountId | None, NotNull] = optional(
        "On behalf of anything of this account.", examples=["123456789012"]
    )


class AlsoCircleCiShape(Shape):
    """Another project of the same organization of CircleCI; what is left out is the principal's."""

    project: Annotated[Uuid | None, NotNull] = optional(
        "Another project's id.", examples=["b1a2c3d4-0000-4000-8000-000000000006"]
    )
    repository: Annotated[VcsRepository | None, NotNull] = optional("Its source.", examples=["github.com/acme/api"])


class AlsoBuildkiteShape(Shape):
    """Another pipeline of the same organization of Buildkite."""

    pipeline: Slug = required("The other pipeline, as in its address.", examples=["api"])


class AlsoBitbucketShape(Shape):
    """Other steps in the same workspace of Bitbucket. Exactly one of deployment and every_branch."""

    forms: ClassVar[tuple[Form, ...]] = BitbucketShape.forms
    repository_id: Annotated[Uuid | None, NotNull] = optional(
        "Another repository's UUID; without the key, the principal's.",
        examples=["b1a2c3d4-0000-4000-8000-000000000007"],
    )
    deployment: Annotated[Uuid | None, NotNull] = optional(
        "Only steps of the deployment environment with this UUID.", examples=["b1a2c3d4-0000-4000-8000-000000000008"]
    )
    every_branch: Annotated[TrueOnly | None, NotNull] = optional("true: steps without a deployment.")


class AlsoTerraformShape(Shape):
    """Runs of another workspace of the same organization; what is left out is the principal's."""

    project: Annotated[TerraformProject | None, NotNull] = optional("Another project, by name.", examples=["Platform"])
    workspace: Annotated[TerraformName | None, NotNull] = optional("Another workspace, by name.", examples=["images"])
    run_phases: Annotated[RunPhases | None, NotNull] = optional("In which phases.", examples=[["apply"]])


class AlsoIrsaShape(Shape):
    """Pods of another service account of the same cluster; what is left out is the principal's."""

    namespace: Annotated[Namespace | None, NotNull] = optional("Another namespace.", examples=["flux-system"])
    service_account: Annotated[ServiceAccount | None, NotNull] = optional(
        "Another service account.", examples=["image-automation-controller"]
    )


class AlsoPodIdentityShape(Shape):
    """Pods of another service account or cluster; what is left out is the principal's. The deploy associates none."""

    cluster: Annotated[ClusterArn | None, NotNull] = optional(
        "Another cluster of the registry's account, by ARN.",
        examples=["arn:aws:eks:eu-central-1:123456789012:cluster/staging"],
    )
    namespace: Annotated[Namespace | None, NotNull] = optional("Another namespace.", examples=["argocd"])
    service_account: Annotated[ServiceAccount | None, NotNull] = optional(
        "Another service account.", examples=["argocd-image-updater"]
    )


class AlsoOidcShape(Shape):
    """Another subject of the same issuer, for the same audience. Exactly one of subject and subject_pattern."""

    forms: ClassVar[tuple[Form, ...]] = OidcShape.forms
    subject: Annotated[Subject | None, NotNull] = optional("`sub`, whole.", examples=["job:acme/api:main"])
    subject_pattern: Annotated[SubjectPattern | None, NotNull] = optional(
        "`sub`, with `*` for any characters. With a warning.", examples=["job:acme/api:*"]
    )


class AlsoShape(Shape):
    """A further identity of the same issuer that may take the role: what makes it another one.

    What names a repository, a project or pods holds on where it is left out; the kind of job is said anew.
    """

    github: Annotated[GitHubRepository | None, NotNull] = optional("Another repository.", examples=["acme/api"])
    owner_id: Annotated[GitHubId | None, NotNull] = optional("GitHub's id of its owner.", examples=[84790634])
    repository_id: Annotated[GitHubId | None, NotNull] = optional("GitHub's id of it.", examples=[1304267050])
    gitlab: Annotated[GitLabProject | None, NotNull] = optional("Another project.", examples=["acme/api"])
    branch: Annotated[Branch | None, NotNull] = optional("Jobs of this branch.", examples=["release"])
    tag: Annotated[GitTag | None, NotNull] = optional("Jobs of these git tags.", examples=["v*"])
    environment: Annotated[Environment | None, NotNull] = optional("Jobs of this environment.", examples=["staging"])
    pull_requests: Annotated[TrueOnly | None, NotNull] = optional("true: jobs of pull requests.")
    circleci: Annotated[AlsoCircleCiShape | None, NotNull] = optional("Another project of CircleCI.")
    buildkite: Annotated[AlsoBuildkiteShape | None, NotNull] = optional("Another pipeline of Buildkite.")
    bitbucket: Annotated[AlsoBitbucketShape | None, NotNull] = optional("Other steps of Bitbucket Pipelines.")
    terraform: Annotated[AlsoTerraformShape | None, NotNull] = optional("Other runs of HCP Terraform.")
    irsa: Annotated[AlsoIrsaShape | None, NotNull] = optional("Other pods, by IAM roles for service accounts.")
    pod_identity: Annotated[AlsoPodIdentityShape | None, NotNull] = optional("Other pods, by EKS Pod Identity.")
    oidc: Annotated[AlsoOidcShape | None, NotNull] = optional("Another subject.")
