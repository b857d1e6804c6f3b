"""From a name and a tool to files: which parts make them, and what to say beside."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, get_args

from ops.snippet import bitbucket, circleci, dockerfile, github, pipelines, running, tags, terraform
from ops.snippet.subject import Kind, NoSnippet, Subject, find
from registry.findings import listed, shown
from registry.limits import IMAGE_TAG
from registry.locations import Location
from registry.model import Granted, Registry

Target = Literal[
    "github", "gitlab", "circleci", "bitbucket", "jenkins", "codebuild", "buildkite", "terraform", "docker", "compose",
    "kubernetes", "ecs", "lambda",
]  # fmt: skip
Language = Literal["go", "java", "node", "python"]
TARGETS: Final[tuple[Target, ...]] = get_args(Target)

_JOBS: Final[Mapping[str, tuple[Kind, Callable[[Subject, str], dict[str, str]]]]] = {
    "github": ("github", github.files),
    "gitlab": ("gitlab", pipelines.gitlab),
    "circleci": ("circleci", circleci.files),
    "jenkins": ("role", pipelines.jenkins),
    "codebuild": ("role", pipelines.codebuild),
    "buildkite": ("buildkite", pipelines.buildkite),
}
_RUNS: Final[Mapping[str, Callable[[running.Running, str], dict[str, str]]]] = {
    "compose": running.compose,
    "kubernetes": running.kubernetes,
    "ecs": running.ecs,
    "lambda": running.lambda_,
}
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asked for. `image` is a tag or a digest, `at` the location that it is pulled from; `deployment` is
    the name of an environment of Bitbucket.
    """

    name: str
    target: Target
    as_: str | None = None
    language: Language | None = None
    image: str | None = None
    at: Location | None = None
    deployment: str | None = None

    @property
    def command(self) -> str:
        """What to type for the same again; on one line."""
        options = (
            ("--as", self.as_),
            ("--language", self.language),
            ("--image", self.image),
            ("--deployment", self.deployment),
        )
        words = [word for option, value in options if value is not None for word in (option, value)]
        return f"ecrctl snippet {shlex.join([self.name, '--for', self.target, *words])}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Files by their paths, with `/`; and what somebody should know about them."""

    repository: str
    principal: str | None
    files: Mapping[str, str]
    notes: tuple[str, ...]


def make(registry: Registry, asked: Request) -> Snippet:
    """The files of a tool for a repository, or for a principal's.

    :raises UnknownName: for a name that the file does not declare.
    :raises NoSnippet: where the file says too little, or forbids what they would do; with the way out.
    """
    _check(asked)
    if asked.target in (*_JOBS, "bitbucket"):
        files, subject, notes = _job(registry, asked)
    elif asked.target == "terraform":
        files, subject, notes = _terraform(registry, asked)
    elif asked.target in _RUNS:
        files, subject, notes = _run(registry, asked)
    else:
        files, subject, notes = _docker(registry, asked)
    return Snippet(
        repository=subject.repository.name,
        principal=subject.principal.name if subject.principal else None,
        files=files,
        notes=tuple(notes),
    )


Made = tuple[dict[str, str], Subject, list[str]]


def _job(registry: Registry, asked: Request) -> Made:
    kind, write = _JOBS.get(asked.target, ("bitbucket", partial(bitbucket.files, deployment=asked.deployment)))
    subject = find(registry, asked.name, kind=kind, as_=asked.as_, wants=("push", "promote"))
    files, notes = write(subject, asked.command), list[str]()
    if subject.may("push"):
        notes += tags.build_tags(subject).notes
        if subject.for_lambda:
            notes.append(
                "images have no provenance and no SBOM: Lambda runs them, and takes no index of several manifests"
            )
        if asked.language is not None:
            files |= dockerfile.files(asked.language)
            notes += dockerfile.notes(subject)
        else:
            notes.append(
                "it builds the Dockerfile of the repository\n    way out: --language writes one, where none is yet"
            )
    others = sorted({it.principal.name for it in subject.repository.grants if it.granted == "promote"})
    if not subject.may("promote") and others:
        notes.append(
            f"{listed(others)} may promote {subject.repository.name}\n    way out: --as {others[0]} writes that job"
        )
    return files, subject, notes


def _run(registry: Registry, asked: Request) -> Made:
    kind: Kind | None = "role" if asked.target == "ecs" else None
    wants: tuple[Granted, ...] = ("pull",) if asked.target == "ecs" else ()
    subject = find(registry, asked.name, kind=kind, as_=asked.as_, wants=wants)
    at = asked.at or registry.home
    if subject.repository not in registry.repositories_in(at):
        places = [it for it in registry.locations if subject.repository in registry.repositories_in(it)]
        raise NoSnippet(
            f"{subject.repository.name} is not in {at.beside(registry.home)}\n"
            f"    allowed: {', '.join(it.beside(registry.home) for it in places)}\n"
            "    way out: choose one with --region"
        )
    run = running.Running(subject, tags.to_run(subject, asked.image), at)
    return _RUNS[asked.target](run, asked.command), subject, running.notes(run, asked.target)


def _terraform(registry: Registry, asked: Request) -> Made:
    wants: tuple[Granted, ...] = ("read", "push", "promote", "delete")
    subject = find(registry, asked.name, kind="terraform", as_=asked.as_, wants=wants)
    files = terraform.files(subject, tags.to_run(subject, asked.image), asked.command)
    return files, subject, terraform.notes(subject)


def _docker(registry: Registry, asked: Request) -> Made:
    if asked.language is None:
        raise NoSnippet(
            f"a Dockerfile is one of a language\n    allowed: {', '.join(dockerfile.LANGUAGES)}\n"
            "    way out: say it with --language"
        )
    subject = find(registry, asked.name, kind=None, as_=asked.as_, wants=("push",))
    files = dockerfile.with_script(subject, asked.language, asked.command)
    return files, subject, [*tags.build_tags(subject).notes, *dockerfile.notes(subject)]


def _check(asked: Request) -> None:
    image = asked.image
    if image is not None and not _DIGEST.fullmatch(image) and ("*" in image or not IMAGE_TAG.fullmatch(image)):
        raise NoSnippet(
            f"this is neither a tag nor a digest\n    given:   {shown(image)}\n"
            "    allowed: a tag, such as v1.2.3, or sha256: and 64 hexadecimal digits\n"
            f"    way out: `ecrctl images {asked.name}` lists them"
        )
    for option, value, fits in (
        ("--image", image, asked.target in (*_RUNS, "terraform")),
        ("--deployment", asked.deployment, asked.target == "bitbucket"),
        ("--region", asked.at, asked.target in _RUNS),
        ("--language", asked.language, asked.target in (*_JOBS, "docker", "bitbucket")),
    ):
        if value is not None and not fits:
            raise NoSnippet(f"{option} does not go with --for {asked.target}\n    way out: leave it out")
