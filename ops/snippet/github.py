"""GitHub Actions: a workflow that builds and pushes, one that promotes, as the role that trusts exactly these jobs.

Expressions of GitHub stand only in `with`, `env` and `if`, never in a shell: what they become is text there.
https://docs.github.com/en/actions/concepts/security/script-injections
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ops.snippet.actions import pinned, with_versions
from ops.snippet.scripts import PLATFORM, attestations, cache_options, promote_path, promote_script
from ops.snippet.subject import Subject
from ops.snippet.tags import Job, build_prefix, build_tags, environments, job_of
from ops.snippet.yaml_text import as_yaml
from registry.model import Federated
from registry.naming import registry_host

_RUNNER: Final = "ubuntu-24.04"
_CHECKOUT: Final = {"uses": pinned("actions/checkout"), "with": {"persist-credentials": False}}
#: What GitHub's filters read as more than a character: a trusted `*` matches `/` too, which theirs does not.
#: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
_SPECIAL: Final = re.compile(r"[+?\[\]!\\]")


def files(subject: Subject, command: str) -> dict[str, str]:
    """The workflows, by their paths, and the script that promotes."""
    found = {}
    if subject.may("push"):
        found[f".github/workflows/image-{subject.slug}.yml"] = _push(subject, command)
    if subject.may("promote"):
        found[f".github/workflows/promote-{subject.slug}.yml"] = _promote(subject, command)
        found[promote_path(subject)] = promote_script(subject, command)
    return found


def _push(subject: Subject, command: str) -> str:
    job, tags, registry = job_of(subject), build_tags(subject), subject.registry
    build: dict[str, Any] = {
        "context": ".",
        "platforms": PLATFORM,
        "push": True,
        **{key: value if "=" in value else value == "true" for key, value in attestations(subject).items()},
        "labels": "org.opencontainers.image.revision=${{ github.sha }}",
        "tags": "\n".join(["${{ env.IMAGE }}:${{ env.TAG }}", *(f"{subject.uri}:{tag}" for tag in tags.moving), ""]),
        **cache_options(tags),
    }
    if not tags.moving:
        build["tags"] = build["tags"].strip()
    looks = job.kind == "tag"
    login = {"registries": registry.account}
    host = registry_host(registry.account, registry.region)
    steps: list[dict[str, Any]] = [
        _CHECKOUT,
        _credentials(subject),
        *([{"name": "Look whether it is there already", "id": "found", "run": _LOOK}] if looks else []),
        {"uses": pinned("aws-actions/amazon-ecr-login"), "with": login},
        {"uses": pinned("docker/setup-buildx-action")},
        {
            "id": "build",
            **({"if": "steps.found.outputs.digest == ''"} if looks else {}),
            "uses": pinned("docker/build-push-action"),
            "with": build,
        },
        {
            "name": "Say what to deploy",
            "env": {"DIGEST": "${{ steps.build.outputs.digest" + (" || steps.found.outputs.digest" * looks) + " }}"},
            "run": 'echo "$IMAGE:$TAG is \\`$IMAGE@$DIGEST\\`" >> "$GITHUB_STEP_SUMMARY"\n',
        },
    ]
    environment = {
        "IMAGE": subject.uri,
        "TAG": _tag(build_prefix(subject), job),
        **(
            {"ACCOUNT": registry.account, "REGION": registry.region, "REPOSITORY": subject.repository.name}
            if looks
            else {}
        ),
    }
    workflow = {
        "name": f"image of {subject.repository.name}",
        "on": _on(job),
        "permissions": {},
        "concurrency": {"group": f"image-{subject.slug}-${{{{ github.ref }}}}", "cancel-in-progress": False},
        "jobs": {"image": {**_job("build and push", job), "env": environment, "steps": steps}},
    }
    return with_versions(
        as_yaml(
            workflow,
            f"Builds the image of {subject.repository.name} and pushes it to {host}.",
            f"Written by `{command}`.",
            f"No AWS keys are stored: {_who(subject)}, and its jobs alone.",
        )
    )


def _promote(subject: Subject, command: str) -> str:
    job, words = job_of(subject), environments(subject)
    chosen = {"description": "The environment", "type": "choice", "required": True, "options": list(words)}
    inputs = {
        "image": {"description": "A tag or a digest, such as v1.2.3", "type": "string", "required": True},
        **({"environment": chosen} if len(words) > 1 else {}),
    }
    promote = {
        "run": f'bash {promote_path(subject)} "$SOURCE" "$ENVIRONMENT"',
        "env": {
            "SOURCE": "${{ inputs.image }}",
            "ENVIRONMENT": "${{ inputs.environment }}" if len(words) > 1 else words[0],
        },
    }
    workflow = {
        "name": f"promote {subject.repository.name}",
        "on": {"workflow_dispatch": {"inputs": inputs}},
        "permissions": {},
        "concurrency": {"group": f"promote-{subject.slug}", "cancel-in-progress": False},
        "jobs": {"promote": {**_job("promote", job), "steps": [_CHECKOUT, _credentials(subject), promote]}},
    }
    return with_versions(
        as_yaml(
            workflow,
            f"Moves the tag of an environment to an image of {subject.repository.name} that exists.",
            f"Written by `{command}`.",
            f"No AWS keys are stored: {_who(subject)}, and its jobs alone.",
        )
    )


def _job(name: str, job: Job) -> dict[str, Any]:
    own = {"if": "github.event.pull_request.head.repo.full_name == github.repository"}  # forks get no token
    return {
        "name": name,
        **(own if job.kind == "pull_request" else {}),
        "runs-on": _RUNNER,
        "timeout-minutes": 30,
        **({"environment": job.name} if job.kind == "environment" else {}),
        "permissions": {"contents": "read", "id-token": "write"},
    }


def _credentials(subject: Subject) -> dict[str, Any]:
    principal = subject.principal
    assert isinstance(principal, Federated)
    options = {
        "role-to-assume": principal.arn,
        "aws-region": subject.registry.region,
        "allowed-account-ids": principal.account,
    }
    return {"uses": pinned("aws-actions/configure-aws-credentials"), "with": options}


def _on(job: Job) -> Mapping[str, Any]:
    match job.kind:
        case "branch":
            return {"push": {"branches": [_filter(job.name)]}}
        case "tag":
            return {"push": {"tags": [_filter(job.name)]}}
        case "pull_request":
            return {"pull_request": {}}
        case _:
            return {"workflow_dispatch": {}}  # which branches may deploy to it, the environment's own rules say


def _filter(pattern: str) -> str:
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", pattern).replace("*", "**")


def _tag(prefix: str | None, job: Job) -> str:
    if prefix is None:
        return "${{ github.ref_name }}"
    number = "${{ github.event.number }}-" if job.kind == "pull_request" else ""
    return f"{prefix}{number}${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}"


def _who(subject: Subject) -> str:
    principal = subject.principal
    assert isinstance(principal, Federated)
    return f"{principal.arn} trusts {principal.subject}"


_LOOK: Final = """\
if [[ ! $TAG =~ ^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$ ]]; then
  echo "$TAG cannot be the tag of an image" >&2
  exit 2
fi
if digest=$(aws ecr describe-images --registry-id "$ACCOUNT" --region "$REGION" --repository-name "$REPOSITORY" \\
  --image-ids "imageTag=$TAG" --query 'imageDetails[0].imageDigest' --output text 2> /dev/null); then
  echo "digest=$digest" >> "$GITHUB_OUTPUT"
fi
"""
