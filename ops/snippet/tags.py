"""Which tags the files of a snippet may write: those that the file allows, and that move only where they may."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ops.snippet.subject import NoSnippet, Subject
from registry.findings import listed
from registry.limits import BITBUCKET_ISSUER, BUILDKITE_ISSUER, CIRCLECI_ISSUER, EXCLUSION_FILTERS, GITHUB_ISSUER
from registry.model import Federated, Repository
from registry.naming import repository_uri
from registry.patterns import meet

_CIRCLECI_REF: Final = re.compile(r"/vcs-ref/refs/(heads|tags)/")
_CACHES: Final = ("buildcache", "cache")
_PREFIXES: Final = ("build-", "sha-", "git-", "commit-", "ci-")
#: What docs/promoting.md and the convention for environments call so, where no list says what may move.
_ENVIRONMENTS: Final = ("dev", "staging", "prod")
#: What remembers a promotion: docs/decisions/0057-promotion-memory.md.
_MEMORY: Final = "-20261126T081500Z"
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Job:
    """What a job runs for: `kind` is the event, `name` its branch, tag or environment, which may be a pattern."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildTags:
    """What a build writes beside its own tag.

    `moving` are tags that go along. `cache` is the whole reference of the build cache, None where no tag of one may
    move; `reads_only` says that the build must not write it.
    """

    moving: tuple[str, ...]
    cache: str | None
    reads_only: bool
    notes: tuple[str, ...]


def job_of(subject: Subject) -> Job:
    """What the jobs of the subject's principal run for, from the `sub` that its role trusts."""
    principal = subject.principal
    if not isinstance(principal, Federated):
        return Job("any", "")
    if principal.issuer in (GITHUB_ISSUER, BUILDKITE_ISSUER):
        # repo:OWNER/NAME: before it, or organization:NAME:pipeline:NAME:, and then :commit:* behind it
        colons = 2 if principal.issuer == GITHUB_ISSUER else 4
        said = principal.subject.split(":", colons)[-1].partition(":commit:")[0]
        for before, kind in (("environment:", "environment"), ("ref:refs/tags/", "tag"), ("ref:refs/heads/", "branch")):
            if said.startswith(before):
                return Job(kind, said.removeprefix(before))
        return Job("pull_request", "")
    if principal.issuer.startswith(f"{CIRCLECI_ISSUER}/"):
        # …/vcs-origin/HOST/OWNER/NAME/vcs-ref/refs/heads/NAME
        found = _CIRCLECI_REF.search(principal.subject)
        assert found is not None  # registry/resolve/subjects.py puts it together
        return Job("tag" if found[1] == "tags" else "branch", principal.subject[found.end() :])
    if principal.issuer.startswith(f"{BITBUCKET_ISSUER}/"):
        # {repository}:{step}, with {deployment}: between them for the steps of one
        _, *deployment, _ = principal.subject.split(":")
        return Job("deployment", deployment[0].strip("{}")) if deployment else Job("any", "")
    said = principal.subject.split(":ref_type:", 1)[1]
    kind, _, name = said.partition(":ref:")
    return Job(kind, name)


def as_regex(pattern: str) -> str:
    """A pattern of branches or tags as a regular expression between slashes: `*` matches everything, `/` included."""
    parts = (re.escape(part).replace("/", r"\/") for part in pattern.split("*"))
    return f"/^{'.*'.join(parts)}$/"


def build_tags(subject: Subject) -> BuildTags:
    """What a build of the subject's principal writes beside its own tag."""
    job = job_of(subject)
    cache = _cache(subject)
    notes = [] if cache else [_no_cache(subject)]
    return BuildTags(
        moving=_moving(subject.repository, job),
        cache=cache,
        reads_only=job.kind == "pull_request",
        notes=tuple(notes),
    )


def build_prefix(subject: Subject) -> str | None:
    """What the tag of a build begins with; None where it is the git tag's own name.

    :raises NoSnippet: where `tags_must_match` leaves no tag for it.
    """
    repository, job = subject.repository, job_of(subject)
    allowed = repository.tags_must_match
    if job.kind == "tag":
        if allowed and not any(meet(pattern, job.name) for pattern in allowed):
            raise _no_tag(repository, f"git tags {job.name}", job.name)
        return None
    wanted = ("pr-",) if job.kind == "pull_request" else _PREFIXES
    for prefix in wanted:
        if repository.allows(f"{prefix}1-1"):
            return prefix
    raise _no_tag(repository, "pull requests" if wanted == ("pr-",) else "builds", f"{wanted[0]}*")


def environments(subject: Subject) -> tuple[str, ...]:
    """The tags that stand for environments: those that the file lists by name, or the convention where all may move.

    A principal of one environment of GitHub gets the tag of that name alone, where there is one.

    :raises NoSnippet: where no such tag may move.
    """
    repository = subject.repository
    lists = repository.image_tag_mutability == "IMMUTABLE_WITH_EXCLUSION"
    words = repository.exclusion_filters if lists else _ENVIRONMENTS
    left_out = {"latest", *_CACHES}
    found = [
        it
        for it in words
        if "*" not in it and it not in left_out and _moves(repository, it) and repository.allows(f"{it}{_MEMORY}")
    ]
    if not found:
        raise NoSnippet(
            f"no tag of an environment may move in {repository.name}, so there is nothing to promote to\n"
            f"    way out: `moving_tags: {{add: [prod]}}` of {repository.name} in registry.yaml"
            + (", and prod* in its tags_must_match" if repository.tags_must_match else "")
        )
    job = job_of(subject)
    return (job.name,) if job.kind == "environment" and job.name in found else tuple(found)


def to_run(subject: Subject, image: str | None) -> str:
    """What of a repository to run: `image`, a tag or a digest, or the tag of an environment that moves.

    :raises NoSnippet: where a tag is not allowed, or none is given and none moves.
    """
    repository = subject.repository
    if image is None:
        named = [it for it in ("prod", "production", "main", "latest") if _listed(repository, it)]
        if not named:
            raise NoSnippet(
                f"no tag of {repository.name} always is what to run\n    allowed: a fixed tag or a digest\n"
                f"    way out: --image, such as --image v1.2.3; `ecrctl images {repository.name}` lists them"
            )
        return named[0]
    if not image.startswith("sha256:") and not repository.allows(image):
        raise NoSnippet(
            f"the file does not allow {image} in {repository.name}\n"
            f"    allowed: {listed(repository.tags_must_match, _SHOWN)}\n    way out: choose another tag"
        )
    return image


def moves(subject: Subject, image: str) -> bool:
    """Whether a tag, or a digest, may be another image tomorrow."""
    return not image.startswith("sha256:") and subject.repository.may_move(image)


def _no_tag(repository: Repository, of: str, missing: str) -> NoSnippet:
    return NoSnippet(
        f"tags_must_match of {repository.name} leaves no tag for images of {of}\n"
        f"    allowed: {listed(repository.tags_must_match, _SHOWN)}\n"
        f'    way out: add "{missing}" to tags_must_match of {repository.name} in registry.yaml'
    )


def _moving(repository: Repository, job: Job) -> tuple[str, ...]:
    """`latest` is the newest build of a branch, where the file lists it among tags that move."""
    one_branch = job.kind == "branch" and "*" not in job.name
    return ("latest",) if one_branch and _listed(repository, "latest") else ()


def _listed(repository: Repository, tag: str) -> bool:
    return tag in repository.exclusion_filters and _moves(repository, tag)


def _moves(repository: Repository, tag: str) -> bool:
    return repository.may_move(tag) and repository.allows(tag)


def _cache(subject: Subject) -> str | None:
    """Where a build may keep its cache: in a repository for caches next to it, or in its own.

    https://docs.docker.com/build/cache/backends/registry/ : each export replaces what the tag was on before.
    """
    own = subject.repository
    for repository in _caches(subject):
        names = _CACHES if repository == own else tuple(f"{it}-{subject.slug}" for it in _CACHES) + _CACHES
        for tag in names:
            if len(tag) <= 128 and _moves(repository, tag):
                return f"{repository_uri(subject.registry.account, subject.registry.region, repository.name)}:{tag}"
    return None


def _caches(subject: Subject) -> Iterable[Repository]:
    own, registry = subject.repository, subject.registry
    near = own.name.rpartition("/")[0]
    for name in (f"{own.name}-cache", *(f"{near}/{it}" for it in _CACHES if near)):
        found = registry.repository(name)
        if found is not None and found != own and _pushes(found, subject):
            yield found
    yield own


def _pushes(repository: Repository, subject: Subject) -> bool:
    return any(it.granted == "push" and it.principal == subject.principal for it in repository.grants)


def _no_cache(subject: Subject) -> str:
    """Why there is none, and how to get one: where the file has as many filters as ECR takes, in another repository."""
    repository, cache = subject.repository, _CACHES[0]
    name, filters = repository.name, len(repository.exclusion_filters)
    must = f', and "{cache}" to its tags_must_match' if repository.tags_must_match else ""
    full = filters >= EXCLUSION_FILTERS or repository.image_tag_mutability.startswith("MUTABLE")
    here = "" if full else f"`moving_tags: {{add: [{cache}]}}` of {name}{must}; or "
    return (
        f"builds of {name} keep no cache: each build moves the tag of its cache, and {cache} may not move there\n"
        f"    way out: {here}a repository for it, `{name}-cache: {{moving_tags: [{cache}], push: "
        f"[{subject.principal.name if subject.principal else '...'}]}}` (docs/access.md)"
    )
