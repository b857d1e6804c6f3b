"""Bitbucket Pipelines: a step that builds and pushes, and one that promotes, with the role that trusts these steps.

A step has no map of variables, so what the file says stands in its script, quoted for the shell by shlex.
"""

from __future__ import annotations

import shlex
from typing import Any, Final

from ops.snippet.scripts import DOCKER, INSTALL, promote_path, push_path, scripts
from ops.snippet.subject import NoSnippet, Subject
from ops.snippet.tags import build_prefix, environments, job_of
from ops.snippet.yaml_text import as_yaml
from registry.findings import shown
from registry.model import Federated

_TOKEN: Final = (
    "AWS_WEB_IDENTITY_TOKEN_FILE=$(mktemp)",
    "export AWS_WEB_IDENTITY_TOKEN_FILE",
    'printf "%s" "$BITBUCKET_STEP_OIDC_TOKEN" > "$AWS_WEB_IDENTITY_TOKEN_FILE"',
)
#: Before this runtime a step may use neither buildx nor what it starts: https://github.com/anomalyco/sst/issues/5372
#: https://support.atlassian.com/bitbucket-cloud/docs/enable-and-use-runtime-v3/
_RUNTIME: Final = {"cloud": {"version": "3"}}
#: A step that is run again has the number of its pipeline: https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
_NUMBER: Final = "$BITBUCKET_BUILD_NUMBER-$BITBUCKET_STEP_RUN_NUMBER"


def files(subject: Subject, command: str, *, deployment: str | None) -> dict[str, str]:
    """`bitbucket-pipelines.yml`, and the scripts that its steps start.

    :param deployment: the name of the environment whose UUID the role trusts; None where it trusts steps without one.
    :raises NoSnippet: where a name is missing, or would make another `sub` of the token than the role trusts.

    https://support.atlassian.com/bitbucket-cloud/docs/deploy-on-aws-using-bitbucket-pipelines-openid-connect/
    """
    principal = subject.principal
    assert isinstance(principal, Federated)
    _check(subject, deployment)
    pipelines: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    if subject.may("push"):
        run = f'TAG="{build_prefix(subject)}{_NUMBER}" bash {push_path(subject)}'
        step = {**_step("image", subject, principal, deployment, run), "services": ["docker"]}
        if deployment is None:
            pipelines["default"] = [{"step": step}]
        else:  # which branches may deploy, Bitbucket's own settings of the environment say
            custom[f"push-{subject.slug}"] = [{"step": step}]
    if subject.may("promote"):
        words = list(environments(subject))
        chosen = {"name": "ENVIRONMENT", "default": words[0], "allowed-values": words}
        run = f'bash {promote_path(subject)} "${{IMAGE:?the tag or digest to promote}}" "$ENVIRONMENT"'
        step = {**_step("promote", subject, principal, deployment, run), "concurrency-group": f"promote-{subject.slug}"}
        custom[f"promote-{subject.slug}"] = [{"variables": [{"name": "IMAGE"}, chosen]}, {"step": step}]
    text = as_yaml(
        {"image": f"{DOCKER}-cli", "pipelines": {**pipelines, **({"custom": custom} if custom else {})}},
        f"The image of {subject.repository.name}. Written by `{command}`.",
        f"No AWS keys are stored: {principal.arn} trusts {principal.subject}.",
        *(
            ["To push from a branch that may deploy, move the step of `custom` below `branches:` and its name."]
            if deployment is not None and subject.may("push")
            else []
        ),
    )
    return {"bitbucket-pipelines.yml": text, **scripts(subject, command)}


def _step(name: str, subject: Subject, principal: Federated, deployment: str | None, run: str) -> dict[str, Any]:
    """A step with the token of the role."""
    said = {"AWS_REGION": subject.registry.region, "AWS_ROLE_ARN": principal.arn}
    exports = [f"export {key}={shlex.quote(value)}" for key, value in said.items()]
    session = 'export AWS_ROLE_SESSION_NAME="bitbucket-$BITBUCKET_BUILD_NUMBER"'
    return {
        "name": name,
        "oidc": True,
        **({"deployment": deployment} if deployment is not None else {}),
        "runtime": _RUNTIME,
        "max-time": 30,
        "script": [INSTALL, *exports, session, *_TOKEN, run],
    }


def _check(subject: Subject, deployment: str | None) -> None:
    principal, job = subject.principal, job_of(subject)
    assert principal is not None
    if job.kind == "deployment" and deployment is None:
        raise NoSnippet(
            f"a step says its deployment environment by name, and {principal.name} has its UUID alone: {job.name}\n"
            "    allowed: the name that Bitbucket shows in the repository settings, under Deployments\n"
            "    way out: --deployment NAME, such as --deployment production"
        )
    if job.kind != "deployment" and deployment is not None:
        raise NoSnippet(
            f"{principal.name} stands for steps without a deployment\n    given:   --deployment {shown(deployment)}\n"
            "    allowed: no --deployment\n"
            f"    way out: leave it out, or write deployment: UUID instead of every_branch in {principal.name}"
        )
