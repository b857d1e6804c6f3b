"""Dockerfiles of several stages, one for each language. Nothing of the registry's file is in them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ops.snippet.scripts import push_path, push_script
from ops.snippet.subject import Subject

_FILES: Final = Path(__file__).with_name("files")
#: Where the base images of Docker Hub are cached, by the upstream's word in the file, and what stands before the name.
_CACHED: Final = {"docker-hub": "library/", "ecr-public": "docker/library/"}
LANGUAGES: Final = tuple(sorted(file.name.partition(".")[0] for file in _FILES.glob("*.Dockerfile.template")))


def files(language: str) -> dict[str, str]:
    """The Dockerfile, and what is not sent to the builder."""
    return {
        "Dockerfile": (_FILES / f"{language}.Dockerfile.template").read_text(encoding="utf-8"),
        ".dockerignore": (_FILES / "dockerignore.template").read_text(encoding="utf-8"),
    }


def with_script(subject: Subject, language: str, command: str) -> dict[str, str]:
    """The same, and the script that builds and pushes, for a person or any CI."""
    return {**files(language), push_path(subject): push_script(subject, command, own_login=False)}


def notes(subject: Subject) -> list[str]:
    """Where the file has a cache for the base images."""
    rules = subject.registry.caches_in(subject.registry.home)
    return [
        f"base images come from public.ecr.aws; {prefix}/ of this registry caches them, too\n    way out: where builds "
        f"may pull from there, begin the ARG with {subject.uri.partition('/')[0]}/{prefix}/{_CACHED[upstream]}"
        for prefix, rule in rules.items()
        if (upstream := str(rule.upstream_registry)) in _CACHED
    ]
