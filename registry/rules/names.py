"""Rules about the names of repositories and namespaces, and about references between parts of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.findings import Severity, listed, shown
from registry.lifecycle import BUILT_IN_NAME
from registry.limits import ECR_API, ECR_GUIDE, NAMESPACE, REPOSITORY_NAME, REPOSITORY_NAME_LENGTH
from registry.naming import ROOT_NAMESPACE, namespace_of
from registry.rules.mechanism import Declared, Problem, rule
from registry.shape_findings import Nearest


def namespaces_used(declared: Declared) -> set[str]:
    """The namespaces that have a repository, those with an illegal name left out."""
    return {n for n in map(namespace_of, declared.file.repositories) if n == ROOT_NAMESPACE or NAMESPACE.fullmatch(n)}


@rule("repository-name", "A repository's name follows ECR's pattern", f"{ECR_API}/API_CreateRepository.html")
def repository_name(declared: Declared) -> Iterator[Problem]:
    shortest, longest = REPOSITORY_NAME_LENGTH

    def legal(name: str) -> bool:
        return REPOSITORY_NAME.fullmatch(name) is not None and shortest <= len(name) <= longest

    for name in declared.file.repositories:
        if not legal(name):
            near = "/".join(
                filter(None, (re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in name.split("/")))
            )
            yield Problem(
                at=("repositories", name),
                message="ECR does not accept this repository name",
                given=shown(name),
                allowed=f"{shortest} to {longest} characters: lower-case words joined by . _ __ or hyphens, with / "
                "between namespace and name",
                way_out=f"write {near}" if legal(near) else "choose another name",
                key=True,
            )


@rule("namespace", "A namespace is one word of repository names, or `_`", f"{ECR_API}/API_CreateRepository.html")
def namespace(declared: Declared) -> Iterator[Problem]:
    for name in declared.file.namespaces:
        if name != ROOT_NAMESPACE and not NAMESPACE.fullmatch(name):
            yield Problem(
                at=("namespaces", name),
                message="no repository can be in a namespace of this name",
                given=shown(name),
                allowed="the part of repository names before the first /, or _ for names without one",
                way_out=f"write {name.split('/')[0]}" if NAMESPACE.fullmatch(name.split("/")[0]) else "rename it",
                key=True,
            )


@rule(
    "namespace-unused",
    "A namespace without repositories does nothing",
    f"{ECR_GUIDE}/Repositories.html",
    Severity.WARNING,
)
def namespace_unused(declared: Declared) -> Iterator[Problem]:
    if ("repositories",) in declared.damaged:
        return
    used = namespaces_used(declared)
    nearest, allowed = Nearest(sorted(used)), listed(sorted(used))
    for name in declared.file.namespaces:
        if name not in used and NAMESPACE.fullmatch(name):
            yield Problem(
                at=("namespaces", name),
                message=f"no repository is in the namespace {name}",
                given=name,
                allowed=allowed,
                way_out=nearest.way_out(name) or f"declare a repository {name}/…, or remove the namespace",
                key=True,
            )


@rule("lifecycle-name", "A lifecycle that is used is declared", f"{ECR_GUIDE}/LifecyclePolicies.html")
def lifecycle_name(declared: Declared) -> Iterator[Problem]:
    if ("lifecycles",) in declared.damaged:
        return
    known = dict.fromkeys([*declared.file.lifecycles, BUILT_IN_NAME])
    nearest, allowed = Nearest(known), listed(known)
    for at, settings in declared.layers():
        if settings.lifecycle is not None and settings.lifecycle not in known:
            yield Problem(
                at=(*at, "lifecycle"),
                message=f"there is no lifecycle {settings.lifecycle}",
                given=shown(settings.lifecycle),
                allowed=allowed,
                way_out=nearest.way_out(settings.lifecycle) or "declare it under lifecycles",
            )


@rule("lifecycle-built-in", "The built-in lifecycle keeps its meaning", f"{ECR_GUIDE}/LifecyclePolicies.html")
def lifecycle_built_in(declared: Declared) -> Iterator[Problem]:
    if BUILT_IN_NAME in declared.file.lifecycles:
        yield Problem(
            at=("lifecycles", BUILT_IN_NAME),
            message=f"{BUILT_IN_NAME} is the lifecycle of repositories that name none",
            given=BUILT_IN_NAME,
            allowed="any other name",
            way_out="rename it, and name the new one under defaults if all repositories are to have it",
            key=True,
        )
