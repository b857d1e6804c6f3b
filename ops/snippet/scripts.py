"""The shell of snippets: one script that builds and pushes, one that promotes; every CI but GitHub starts the first.

Each is bash, with every name of the file quoted by shlex, so that linters and tests read whole files and no shell
stands inside of YAML or Groovy. What a name of the file becomes is a variable at the top; below there are no names.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import Final

from ops.snippet.subject import Subject
from ops.snippet.tags import BuildTags, build_tags, environments, job_of
from ops.snippet.yaml_text import comments
from registry.delivery.steps.history import TIME_FORMAT
from registry.model import ExistingRole, Repository
from registry.naming import account_of, registry_host

#: The platform of images. For two of them: `linux/amd64,linux/arm64`, and QEMU or a builder of each.
PLATFORM: Final = "linux/amd64"
#: Of Docker's own images, from where no limit of Docker Hub holds: https://gallery.ecr.aws/docker/library/docker
DOCKER: Final = "public.ecr.aws/docker/library/docker:28.5.1"
#: What its small image lacks for the scripts.
INSTALL: Final = "apk add --no-cache aws-cli bash git"
#: A tag that docker takes; ECR's may be longer.
_TAG: Final = "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$"
_HEAD: Final = "#!/usr/bin/env bash\n"


def push_path(subject: Subject) -> str:
    """Where the script that pushes lies in the repository of the code."""
    return f"ci/push-{subject.slug}.sh"


def promote_path(subject: Subject) -> str:
    """Where the script that promotes lies."""
    return f"ci/promote-{subject.slug}.sh"


def scripts(subject: Subject, command: str, *, both: bool = True) -> dict[str, str]:
    """The scripts of what a principal may do; with `both` of pushing and promoting, if it may both."""
    found = {}
    if subject.may("push"):
        found[push_path(subject)] = push_script(subject, command)
    if subject.may("promote") and (both or not found):
        found[promote_path(subject)] = promote_script(subject, command)
    return found


def attestations(subject: Subject) -> dict[str, str]:
    """What is attested of an image: how it was built, and what is in it.

    Both make an index of it, which Lambda does not take: https://github.com/aws/aws-lambda-roadmap/issues/82
    """
    return {"provenance": "false" if subject.for_lambda else "mode=max", "sbom": str(not subject.for_lambda).lower()}


def cache_options(tags: BuildTags) -> dict[str, str]:
    """Where BuildKit reads its cache, and writes it; empty without one.

    ECR takes a cache only as an image of OCI: https://github.com/aws/containers-roadmap/issues/876 and
    https://docs.docker.com/build/cache/backends/registry/
    """
    if tags.cache is None:
        return {}
    read = {"cache-from": f"type=registry,ref={tags.cache}"}
    if tags.reads_only:  # what a pull request builds is nothing that main should build on
        return read
    written = f"type=registry,ref={tags.cache},mode=max,image-manifest=true,oci-mediatypes=true"
    return {**read, "cache-to": written}


def push_script(subject: Subject, command: str, *, own_login: bool = True) -> str:
    """Builds the image in the folder that it is started in, pushes it as $TAG, and says its digest.

    :param command: what wrote it.
    :param own_login: keep the password of the registry out of the agent's own configuration, and away at the end. On an
        agent with several jobs, another's log-out ends this one's log-in otherwise:
        https://github.com/aws-actions/amazon-ecr-login/issues/337
    """
    tags, repository, registry = build_tags(subject), subject.repository, subject.registry
    fixed = job_of(subject).kind == "tag"
    options = {"platform": PLATFORM, **attestations(subject), **cache_options(tags)}
    build = [
        'docker buildx build --builder "$builder" --push',
        *(f"--{key}={shlex.quote(value)}" for key, value in options.items()),
        '--label "org.opencontainers.image.revision=$revision"',
        '--metadata-file "$work/metadata.json"',
        '--tag "$image:$tag"',
        *(f'--tag "$image:"{shlex.quote(tag)}' for tag in tags.moving),
        ".",
    ]
    return "".join(
        (
            _HEAD,
            comments(
                f"Builds the image of {repository.name} and pushes it as $TAG.",
                f"Written by `{command}`.",
                "Needs docker with buildx, and the AWS CLI with credentials of whoever may push. Nothing is stored.",
            ),
            "set -euo pipefail\n",
            _assigned(
                host=registry_host(registry.account, registry.region),
                region=registry.region,
                repository=repository.name,
            ),
            'image="$host/$repository"\ntag=${TAG:?set it to the tag of the image, such as build-7}\n',
            _tag_check(repository),
            _caller_check(subject),
            _CONFIG if own_login else _FOLDER,
            _assigned(account=registry.account) + _FOUND if fixed and not repository.may_move("v1.2.3") else "",
            _LOGIN,
            _BUILDER,
            " \\\n  ".join(build) + "\n",
            _DIGEST,
        )
    )


def promote_script(subject: Subject, command: str) -> str:
    """Puts an image that exists under the tag of an environment: `ci/promote-….sh SOURCE ENVIRONMENT`.

    AWS's own way to do it: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-retag.html
    What is remembered is what `ecrctl promote` reads: docs/decisions/0057-promotion-memory.md.
    """
    registry, words = subject.registry, environments(subject)
    return "".join(
        (
            _HEAD,
            comments(
                f"Promotes an image of {subject.repository.name}: SOURCE, a tag or a digest, gets the tag ENVIRONMENT.",
                "The digest stays the same, and a fixed tag with the time remembers it, as of `ecrctl promote`.",
                f"Written by `{command}`. Needs the AWS CLI, with credentials of whoever may promote.",
            ),
            "set -euo pipefail\n",
            _assigned(region=registry.region, account=registry.account, repository=subject.repository.name),
            "source=${1:?the tag or the digest to promote}\nenvironment=${2:?the tag that moves to it}\n",
            _case("environment", words, "there is no environment $environment here"),
            _caller_check(subject),
            _PROMOTE,
        )
    )


def _assigned(**values: str) -> str:
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())


def _tag_check(repository: Repository) -> str:
    said = "if [[ ! $tag =~ " + _TAG + ' ]]; then\n  echo "$tag cannot be the tag of an image" >&2\n  exit 2\nfi\n'
    if not repository.tags_must_match:
        return said
    return said + _case("tag", repository.tags_must_match, "the file of the registry does not allow the tag $tag")


def _case(name: str, patterns: Sequence[str], otherwise: str) -> str:
    """Patterns of tags have letters, digits, `.`, `_`, `-` and `*`, which the shell reads as they are meant."""
    return (
        f'case "${name}" in\n  {" | ".join(patterns)}) ;;\n'
        f'  *)\n    echo "{otherwise}: {_words(patterns)}" >&2\n    exit 2\n    ;;\nesac\n'
    )


def _words(patterns: Iterable[str]) -> str:
    return f"allowed are {', '.join(patterns)}"


def _caller_check(subject: Subject) -> str:
    """Where the agent has the role already, somebody else's credentials are told before anything is built."""
    principal = subject.principal
    if not isinstance(principal, ExistingRole):
        return ""
    wanted = f":{account_of(principal.arn)}:assumed-role/{principal.role_name}/"
    return _assigned(role=principal.arn, session=wanted) + _CALLER


_CALLER: Final = """\
caller=$(aws sts get-caller-identity --query Arn --output text)
if [[ $caller != *"$session"* ]]; then
  echo "this agent is $caller, and $role is who may" >&2
  exit 1
fi
"""
_CONFIG: Final = """\
work=$(mktemp -d)
export DOCKER_CONFIG="$work"
"""
_FOLDER: Final = "work=$(mktemp -d)\n"
#: A second run for one git tag: ECR refuses a fixed tag that is there, https://github.com/moby/buildkit/issues/3776
_FOUND: Final = """\
if digest=$(aws ecr describe-images --region "$region" --registry-id "$account" --repository-name "$repository" \\
  --image-ids "imageTag=$tag" --query 'imageDetails[0].imageDigest' --output text 2> /dev/null); then
  echo "$image:$tag is there already, and stays what it is: $image@$digest"
  rm -rf "$work"
  exit 0
fi
"""
_LOGIN: Final = """\
aws ecr get-login-password --region "$region" | docker login --username AWS --password-stdin "$host"
"""
#: The default builder neither writes a cache to a registry nor attests. With TLS from the environment, as beside Docker
#: in Docker, it wants a context: https://docs.gitlab.com/ci/docker/docker_in_docker/
_BUILDER: Final = """\
endpoint=()
if [[ -n ${DOCKER_TLS_VERIFY:-} ]]; then
  docker context inspect ci > /dev/null 2>&1 || docker context create ci > /dev/null
  endpoint=(ci)
fi
builder=$(docker buildx create --driver docker-container ${endpoint[@]+"${endpoint[@]}"})
trap 'docker buildx rm --force "$builder" || true; rm -rf "$work"' EXIT
revision=$(git rev-parse HEAD 2> /dev/null || echo "${CI_COMMIT_SHA:-${CODEBUILD_RESOLVED_SOURCE_VERSION:-unknown}}")
"""
_DIGEST: Final = """\
digest=$(sed -n 's/.*"containerimage.digest": *"\\(sha256:[0-9a-f]*\\)".*/\\1/p' "$work/metadata.json")
echo "pushed $image:$tag, which is $image@$digest"
"""
#: The digest is of the bytes of the manifest; if what is put were others, ECR would refuse it. It is put from a file,
#: because a command line has an end that the manifest of many platforms may not have.
_PROMOTE: Final = """\
if [[ ! $source =~ ^(sha256:[0-9a-f]{64}|[A-Za-z0-9_][A-Za-z0-9._-]*)$ ]]; then
  echo "$source is neither a tag nor a digest" >&2
  exit 2
fi
case "$source" in
  sha256:*) id="imageDigest=$source" ;;
  *) id="imageTag=$source" ;;
esac
ecr() {
  local verb=$1
  shift
  aws ecr "$verb" --region "$region" --registry-id "$account" --repository-name "$repository" "$@"
}
read_image() {
  ecr batch-get-image --image-ids "$1" --query "images[0].$2" --output text
}
put() {
  ecr put-image --image-tag "$1" --image-digest "$digest" --image-manifest "file://$work/manifest.json" \\
    --image-manifest-media-type "$media_type" > /dev/null
}
digest=$(read_image "$id" imageId.imageDigest)
if [[ $digest != sha256:* ]]; then
  echo "there is no image $source in $repository" >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
manifest=$(read_image "imageDigest=$digest" imageManifest)
printf '%s' "$manifest" > "$work/manifest.json"
media_type=$(read_image "imageDigest=$digest" imageManifestMediaType)
before=$(read_image "imageTag=$environment" imageId.imageDigest)
if [[ $before == "$digest" ]]; then
  echo "$repository:$environment is on $digest already"
  exit 0
fi
memory="$environment-$(date -u +TIME_FORMAT)"
put "$memory"
put "$environment"
echo "$repository:$environment is now on $digest, remembered as $memory; before it was on $before"
""".replace("TIME_FORMAT", TIME_FORMAT)
