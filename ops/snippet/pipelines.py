"""GitLab, Jenkins, CodeBuild and Buildkite: each starts the script that pushes, and the one that promotes.

A tag that no other build has comes from each: ECR refuses a fixed tag a second time, also for a job that is run again.
"""

from __future__ import annotations

import re
from typing import Any, Final

from ops.snippet.scripts import DOCKER, INSTALL, promote_path, push_path, scripts
from ops.snippet.subject import Subject
from ops.snippet.tags import Job, as_regex, build_prefix, environments, job_of
from ops.snippet.yaml_text import as_yaml
from registry.model import ExistingRole, Federated

#: https://buildkite.com/resources/plugins/buildkite-plugins/aws-assume-role-with-web-identity-buildkite-plugin
_ASSUMES: Final = "aws-assume-role-with-web-identity#v1.8.1"
_PLACE: Final = re.compile(r"<<([a-z]+)>>")
_TOKEN: Final = "AWS_ID_TOKEN"  # noqa: S105


def gitlab(subject: Subject, command: str) -> dict[str, str]:
    """`.gitlab-ci.yml`: jobs that get their credentials by OpenID Connect.

    https://docs.gitlab.com/ci/cloud_services/aws/
    """
    principal, job = subject.principal, job_of(subject)
    assert isinstance(principal, Federated)
    common: dict[str, Any] = {
        "image": f"{DOCKER}-cli",
        "id_tokens": {_TOKEN: {"aud": principal.audience}},
        "variables": {
            "AWS_REGION": subject.registry.region,
            "AWS_ROLE_ARN": {"value": principal.arn, "expand": False},
            "AWS_ROLE_SESSION_NAME": "gitlab-$CI_JOB_ID",
            "AWS_WEB_IDENTITY_TOKEN_FILE": "/tmp/aws-id-token",  # noqa: S108 - of a container of its own
        },
        "before_script": [
            INSTALL,
            f'(umask 077 && printf "%s" "${_TOKEN}" > "$AWS_WEB_IDENTITY_TOKEN_FILE")',
        ],
    }
    jobs: dict[str, Any] = {}
    if subject.may("push"):
        prefix = build_prefix(subject)
        tag = '"$CI_COMMIT_TAG"' if prefix is None else f'"{prefix}$CI_JOB_ID"'
        jobs["push"] = {
            **common,
            "stage": "build",
            "services": [f"{DOCKER}-dind"],
            "variables": {
                **common["variables"],
                "DOCKER_HOST": "tcp://docker:2376",
                "DOCKER_TLS_CERTDIR": "/certs",
                "DOCKER_TLS_VERIFY": "1",
                "DOCKER_CERT_PATH": "/certs/client",
            },
            "script": [f"TAG={tag} bash {push_path(subject)}"],
            "rules": [{"if": _condition(job)}],
        }
    if subject.may("promote"):
        words = environments(subject)
        jobs |= {
            f"promote-{each}": {
                **common,
                "stage": "deploy",
                "environment": {"name": each},
                "resource_group": f"promote-{subject.slug}",
                "script": [f'bash {promote_path(subject)} "${{IMAGE:?the tag or digest to promote}}" {each}'],
                "rules": [{"if": _condition(job), "when": "manual"}],
            }
            for each in words
        }
    stages = list(dict.fromkeys(it["stage"] for it in jobs.values()))
    document = {"stages": stages, **{f"{name}-{subject.slug}": it for name, it in jobs.items()}}
    text = as_yaml(
        document,
        f"The image of {subject.repository.name}. Written by `{command}`.",
        f"No AWS keys are stored: {principal.arn} trusts {principal.subject}.",
        "Docker in Docker needs a privileged runner; one with a Docker of its own needs no services and no DOCKER_*.",
    )
    return {".gitlab-ci.yml": text, **scripts(subject, command)}


def jenkins(subject: Subject, command: str) -> dict[str, str]:
    """A Jenkinsfile. No name of the file is in it but those with letters, digits and `-`.

    Groovy reads `\\u000a` as a line's end even in a comment, so an ARN, which may have that in its path, stands only
    in the script: https://groovy-lang.org/syntax.html
    """
    pushes = subject.may("push")
    script = push_path(subject) if pushes else promote_path(subject)
    words = [] if pushes else list(environments(subject))
    choices = ", ".join(f"'{it}'" for it in words)
    step = (
        f"sh 'TAG=\"{build_prefix(subject)}$BUILD_NUMBER-$(git rev-parse --short=12 HEAD)\" bash {script}'"
        if pushes
        else f'sh \'bash {script} "$IMAGE" "$ENVIRONMENT"\''
    )
    placed = {
        "parameters": "" if pushes else _PLACE.sub(lambda _: choices, _JENKINS_PARAMETERS),
        "stage": "Image" if pushes else "Promote",
        "step": step,
    }
    text = _PLACE.sub(lambda place: placed[place[1]], _JENKINSFILE)
    return {"Jenkinsfile": text, **scripts(subject, command, both=False)}


def codebuild(subject: Subject, command: str) -> dict[str, str]:
    """A buildspec. https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html"""
    pushes = subject.may("push")
    script = push_path(subject) if pushes else promote_path(subject)
    lines = (
        [f'TAG="{build_prefix(subject)}$CODEBUILD_BUILD_NUMBER" bash {script}']
        if pushes
        else [f'bash {script} "${{IMAGE:?the tag or digest to promote}}" "${{ENVIRONMENT:?the tag that moves}}"']
    )
    text = as_yaml(
        {"version": 0.2, "env": {"shell": "bash"}, "phases": {"build": {"on-failure": "ABORT", "commands": lines}}},
        f"The image of {subject.repository.name}. Written by `{command}`.",
        f"The project's service role is {_role(subject)}. Only a project that builds images needs privileged mode."
        if pushes
        else f"The project's service role is {_role(subject)}; start it with the variables IMAGE and ENVIRONMENT.",
    )
    return {"buildspec.yml": text, **scripts(subject, command, both=False)}


def buildkite(subject: Subject, command: str) -> dict[str, str]:
    """A pipeline. A `$` that the agent's shell is to read is doubled: the upload reads single ones.

    https://buildkite.com/docs/agent/cli/reference/pipeline#environment-variable-substitution
    """
    if subject.may("push"):
        prefix = build_prefix(subject)
        number = "$$BUILDKITE_BUILD_NUMBER-$$BUILDKITE_RETRY_COUNT"
        tag = "$$BUILDKITE_TAG" if prefix is None else f"{prefix}{number}"
        run = f'TAG="{tag}" bash {push_path(subject)}'
        steps: list[dict[str, Any]] = [{"label": "image", "key": "image", "command": run, "timeout_in_minutes": 30}]
    else:
        options = [{"label": it, "value": it} for it in environments(subject)]
        fields = [
            {"text": "Image", "key": "image", "hint": "A tag or a digest, such as v1.2.3", "required": True},
            {"select": "Environment", "key": "environment", "options": options, "required": True},
        ]
        run = (
            f"bash {promote_path(subject)} "
            '"$$(buildkite-agent meta-data get image)" "$$(buildkite-agent meta-data get environment)"'
        )
        group = {"concurrency": 1, "concurrency_group": f"promote-{subject.slug}"}
        steps = [
            {"input": "What to promote", "key": "what", "fields": fields},
            {"label": "promote", "depends_on": "what", "command": run, "timeout_in_minutes": 30, **group},
        ]
    who, principal = f"The agents have the credentials of {_role(subject)}.", subject.principal
    if isinstance(principal, Federated):
        who = f"No AWS keys are stored: {principal.arn} trusts {principal.subject}."
        job, plugin = job_of(subject), {_ASSUMES: {"role-arn": principal.arn}}
        only = {"branches": job.name} if job.kind == "branch" else {"if": "build.tag != null"}
        steps = [{**step, **only, "plugins": [plugin]} if "command" in step else step for step in steps]
    text = as_yaml({"steps": steps}, f"The image of {subject.repository.name}. Written by `{command}`.", who)
    return {".buildkite/pipeline.yml": text, **scripts(subject, command, both=False)}


def _role(subject: Subject) -> str:
    assert isinstance(subject.principal, ExistingRole | Federated)
    return subject.principal.arn


def _condition(job: Job) -> str:
    """Whether a pipeline is what the role trusts; `*` there matches everything, `/` included.

    https://docs.gitlab.com/ci/jobs/job_rules/
    """
    variable = {"tag": "$CI_COMMIT_TAG", "branch": "$CI_COMMIT_BRANCH"}[job.kind]
    if "*" not in job.name:
        return f'{variable} == "{job.name}"'
    return f"{variable} =~ {as_regex(job.name)}"


_JENKINSFILE: Final = """\
// The agent has docker with buildx, the AWS CLI, and the role that the script names. Jenkins stores no credentials.
pipeline {
  agent any
<<parameters>>  options {
    disableConcurrentBuilds()
    timeout(time: 1, unit: 'HOURS')
  }
  stages {
    stage('<<stage>>') {
      steps {
        <<step>>
      }
    }
  }
}
"""
_JENKINS_PARAMETERS: Final = """\
  parameters {
    string(name: 'IMAGE', description: 'A tag or a digest, such as v1.2.3')
    choice(name: 'ENVIRONMENT', choices: [<<choices>>])
  }
"""
