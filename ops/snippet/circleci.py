"""CircleCI: a job that builds and pushes, and one that promotes, with the role that trusts exactly these jobs.

What is `<< … >>` in its file CircleCI reads as an expression, wherever it stands: a name that has it is escaped.
https://circleci.com/docs/reference/reusing-config/
"""

from __future__ import annotations

from typing import Any, Final

from ops.snippet.scripts import DOCKER, INSTALL, promote_path, push_path, scripts
from ops.snippet.subject import Subject
from ops.snippet.tags import Job, as_regex, build_prefix, environments, job_of
from ops.snippet.yaml_text import as_yaml
from registry.model import Federated

#: Before bash is installed. https://circleci.com/docs/reference/configuration-reference/#default-shell-options
_SHELL: Final = "/bin/sh -e"
_TAKE: Final = '(umask 077 && printf "%s" "$CIRCLE_OIDC_TOKEN_V2" > "$AWS_WEB_IDENTITY_TOKEN_FILE")'
#: That an image is named is what tells a promotion from a push.
_IMAGE: Final = "<< pipeline.parameters.image >>"


def files(subject: Subject, command: str) -> dict[str, str]:
    """`.circleci/config.yml`, and the scripts that its jobs start.

    https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/
    """
    principal, job = subject.principal, job_of(subject)
    assert isinstance(principal, Federated)
    jobs: dict[str, Any] = {}
    workflows: dict[str, Any] = {}
    document: dict[str, Any] = {"version": 2.1}
    pushes, promotes = subject.may("push"), subject.may("promote")
    if promotes:
        words = list(environments(subject))
        document["parameters"] = {
            "image": {"description": "A tag or a digest to promote", "type": "string", "default": ""},
            "environment": {"type": "enum", "enum": words, "default": words[0]},
        }
    if pushes:
        name, prefix = f"push-{subject.slug}", build_prefix(subject)
        tag = '"$CIRCLE_TAG"' if prefix is None else f'"{prefix}$CIRCLE_BUILD_NUM"'
        run = {"name": "Build and push", "command": f"TAG={tag} bash {push_path(subject)}"}
        jobs[name] = _job(subject, principal, {}, ["setup_remote_docker"], run)
        workflows[name] = {
            **({"when": {"not": _IMAGE}} if promotes else {}),
            "jobs": [{name: {"filters": _filters(job)}}],
        }
    if promotes:
        name = f"promote-{subject.slug}"
        said = {"SOURCE": _IMAGE, "ENVIRONMENT": "<< pipeline.parameters.environment >>"}
        run = {"name": "Promote", "command": f'bash {promote_path(subject)} "$SOURCE" "$ENVIRONMENT"'}
        jobs[name] = _job(subject, principal, said, [], run)
        workflows[name] = {
            "when": _IMAGE,
            "jobs": [{name: {"serial-group": f"promote-{subject.slug}", "filters": _filters(job)}}],
        }
    text = as_yaml(
        {**document, "jobs": jobs, "workflows": workflows},
        f"The image of {subject.repository.name}. Written by `{command}`.",
        f"No AWS keys are stored: {principal.arn} trusts {principal.subject}.",
        *(["To promote: trigger a pipeline with the parameters image and environment."] if promotes else []),
    )
    return {".circleci/config.yml": text, **scripts(subject, command)}


def _job(
    subject: Subject, principal: Federated, said: dict[str, str], before: list[Any], run: dict[str, str]
) -> dict[str, Any]:
    environment = {
        "AWS_REGION": subject.registry.region,
        "AWS_ROLE_ARN": _literal(principal.arn),
        "AWS_ROLE_SESSION_NAME": "circleci",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/tmp/aws-id-token",  # noqa: S108 - of a container of its own
        **said,
    }
    install = {"name": "Install the AWS CLI", "shell": _SHELL, "command": f"{INSTALL} openssh-client"}
    token = {"name": "Take the token that AWS checks", "shell": _SHELL, "command": _TAKE}
    steps = [{"run": install}, "checkout", *before, {"run": token}, {"run": run}]
    return {"docker": [{"image": f"{DOCKER}-cli"}], "environment": environment, "steps": steps}


def _filters(job: Job) -> dict[str, Any]:
    """Which pipelines are what the role trusts. A job of tags runs for none without a filter, and then for no branch.

    https://circleci.com/docs/guides/orchestrate/workflows/#using-regular-expressions-to-filter-tags-and-branches
    """
    only = {"only": as_regex(job.name) if "*" in job.name else job.name}
    return {"tags": only, "branches": {"ignore": "/.*/"}} if job.kind == "tag" else {"branches": only}


def _literal(text: str) -> str:
    return text.replace("<<", "\\<<")
