"""Which tokens a principal of an OpenID Connect issuer stands for: issuer, `aud` and `sub`. Total, as resolve.py is.

Where a part of `sub` is another in each job, the pattern has as many characters as that part, or the part is the last:
so nothing that stands before it, such as the name of a branch, can be made to look like what is trusted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from registry.findings import YamlPath
from registry.limits import (
    ANY_UUID,
    BITBUCKET_ISSUER,
    BUILDKITE_ISSUER,
    CIRCLECI_ISSUER,
    GITHUB_ISSUER,
    TERRAFORM_HOST,
)
from registry.shape import GITLAB_HOST, PrincipalShape, Shape
from registry.shape.issuers import (
    TERRAFORM_AUDIENCE,
    AlsoShape,
    BitbucketShape,
    BuildkiteShape,
    CircleCiShape,
    TerraformShape,
)

#: What each identity says for itself, as it says a branch or a tag. An association is made for the principal's pods
#: alone.
_SAID_ANEW: Final = ("deployment", "every_branch", "subject", "subject_pattern", "association")
STS_AUDIENCE: Final = "sts.amazonaws.com"  # what aws-actions/configure-aws-credentials and pods of EKS ask for


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens that are trusted; a subject with `*` or `?` is a pattern."""

    issuer: str
    audience: str
    subjects: tuple[str, ...]


def identities(shape: PrincipalShape) -> Iterator[tuple[YamlPath, PrincipalShape]]:
    """A principal, and each further identity of its `also` as a principal of its own; by the place within it.

    What names the repository, the project or the pods holds on where an entry names none. A key of another kind of
    principal says nothing here: a rule refuses it.
    """
    yield (), shape
    of_jobs = dict.fromkeys(("branch", "tag", "environment", "pull_requests"))
    for index, other in enumerate(shape.also):
        said = {key: value for key in AlsoShape.model_fields if (value := getattr(other, key)) is not None}
        ids = {} if other.github is None else dict.fromkeys(("owner_id", "repository_id"))
        changed = {key: _merged(getattr(shape, key), value) for key, value in said.items()}
        yield ("also", index), shape.model_copy(update={**of_jobs, **ids, **changed, "also": ()})


def _merged(own: Any, other: Any) -> Any:
    """What an entry says of a key: a text instead of the principal's, and of a map what it writes."""
    if not isinstance(other, Shape):
        return other
    if own is None:
        return None
    said = {key: value for key in type(other).model_fields if (value := getattr(other, key)) is not None}
    anew = dict.fromkeys(key for key in _SAID_ANEW if key in type(own).model_fields)
    return own.model_copy(update={**anew, **said})


def tokens_of(shape: PrincipalShape) -> Tokens | None:
    """The tokens of a principal; None where no issuer vouches for it."""
    found = [tokens for _, each in identities(shape) if (tokens := _tokens(each)) is not None]
    if not found:
        return None
    subjects = tuple(dict.fromkeys(subject for each in found for subject in each.subjects))
    return Tokens(found[0].issuer, found[0].audience, subjects)


def _tokens(shape: PrincipalShape) -> Tokens | None:
    if shape.github is not None:
        return Tokens(GITHUB_ISSUER, STS_AUDIENCE, _github(shape))
    if shape.gitlab is not None:
        host = shape.gitlab_host or GITLAB_HOST
        return Tokens(host, f"https://{host}", (_gitlab(shape),))
    if shape.circleci is not None:
        return _circleci(shape.circleci, _ref(shape))
    if shape.buildkite is not None:
        return _buildkite(shape.buildkite, _ref(shape))
    if shape.bitbucket is not None:
        return _bitbucket(shape.bitbucket)
    if shape.terraform is not None:
        return _terraform(shape.terraform)
    if shape.irsa is not None:
        # https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
        pods = f"system:serviceaccount:{shape.irsa.namespace}:{shape.irsa.service_account}"
        return Tokens(shape.irsa.issuer, STS_AUDIENCE, (pods,))
    if shape.oidc is not None:
        subject = shape.oidc.subject or shape.oidc.subject_pattern or ""
        return Tokens(shape.oidc.issuer, shape.oidc.audience, (subject,))
    return None


def _ref(shape: PrincipalShape) -> str:
    return f"refs/tags/{shape.tag}" if shape.tag is not None else f"refs/heads/{shape.branch}"


def _github(shape: PrincipalShape) -> tuple[str, ...]:
    """The `sub` of GitHub's tokens: the immutable form where the ids are written, else the classic one.

    https://docs.github.com/en/actions/reference/security/oidc
    """
    if shape.environment is not None:
        job = f"environment:{shape.environment}"
    elif shape.pull_requests:
        job = "pull_request"
    else:
        job = f"ref:{_ref(shape)}"
    owner, _, repository = (shape.github or "").partition("/")
    classic = f"repo:{owner}/{repository}:{job}"
    if shape.owner_id is None or shape.repository_id is None:
        return (classic,)
    immutable = f"repo:{owner}@{shape.owner_id}/{repository}@{shape.repository_id}:{job}"
    return (immutable, classic) if shape.classic_subject else (immutable,)


def _gitlab(shape: PrincipalShape) -> str:
    """The `sub` of GitLab's ID tokens. https://docs.gitlab.com/ci/secrets/id_token_authentication/"""
    kind, ref = ("tag", shape.tag) if shape.tag is not None else ("branch", shape.branch)
    return f"project_path:{shape.gitlab}:ref_type:{kind}:ref:{ref}"


def _circleci(shape: CircleCiShape, ref: str) -> Tokens:
    """CIRCLE_OIDC_TOKEN_V2, whose `sub` says who started the job before it says of which branch.

    With `*` in place of the user, a branch `x/vcs-origin/HOST/OWNER/NAME/vcs-ref/refs/heads/main` would be taken for
    `main`. https://circleci.com/docs/openid-connect-tokens/
    """
    job = f"org/{shape.organization}/project/{shape.project}/user/{ANY_UUID}"
    subject = f"{job}/vcs-origin/{shape.repository}/vcs-ref/{ref}"
    return Tokens(f"{CIRCLECI_ISSUER}/{shape.organization}", shape.organization, (subject,))


def _buildkite(shape: BuildkiteShape, ref: str) -> Tokens:
    """Commit and step come last, and no name of a branch has a `:`.

    https://buildkite.com/docs/pipelines/security/oidc/aws
    """
    subject = f"organization:{shape.organization}:pipeline:{shape.pipeline}:ref:{ref}:commit:*"
    return Tokens(BUILDKITE_ISSUER, STS_AUDIENCE, (subject,))


def _bitbucket(shape: BitbucketShape) -> Tokens:
    """The repository, the deployment environment where a step has one, and the step; each in braces.

    https://support.atlassian.com/bitbucket-cloud/docs/deploy-on-aws-using-bitbucket-pipelines-openid-connect/
    """
    ids = [shape.repository_id, *([shape.deployment] if shape.deployment else []), ANY_UUID]
    issuer = f"{BITBUCKET_ISSUER}/{shape.workspace}/pipelines-config/identity/oidc"
    audience = f"ari:cloud:bitbucket::workspace/{shape.workspace_id}"
    return Tokens(issuer, audience, (":".join(f"{{{each}}}" for each in ids),))


def _terraform(shape: TerraformShape) -> Tokens:
    """https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/aws-configuration"""
    run = f"organization:{shape.organization}:project:{shape.project}:workspace:{shape.workspace}"
    subjects = tuple(f"{run}:run_phase:{phase}" for phase in shape.run_phases or ("",))  # none is refused
    return Tokens(shape.host or TERRAFORM_HOST, shape.audience or TERRAFORM_AUDIENCE, subjects)
