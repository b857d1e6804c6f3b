"""Which repository a snippet is about, and as whom its jobs come."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from registry.errors import ExitCode, RegistryError, UnknownName
from registry.findings import listed
from registry.limits import BITBUCKET_ISSUER, BUILDKITE_ISSUER, CIRCLECI_ISSUER, GITHUB_ISSUER
from registry.model import (
    ExistingRole,
    Federated,
    Granted,
    LambdaFunctions,
    PipelineRole,
    Principal,
    Registry,
    Repository,
)
from registry.naming import repository_uri
from registry.nearest import Nearest

Kind = Literal["github", "gitlab", "circleci", "bitbucket", "terraform", "buildkite", "role"]
_SHOWN: Final = 20
#: As registry/resolve/subjects.py puts them together. `oidc`, for a host of one's own, may have others, and patterns.
_GITLAB: Final = re.compile(r"project_path:[^:]+:ref_type:(?:branch|tag):ref:.+")
_TERRAFORM: Final = re.compile(r"organization:[^:*]+:project:[^:*]+:workspace:[^:*]+:run_phase:(?:plan|apply)")


def _is_of(principal: Principal, issuers: str) -> bool:
    """Whether tokens of such an issuer take the principal's role."""
    return isinstance(principal, Federated) and principal.issuer.startswith(issuers)


def _says(principal: Principal, subject: re.Pattern[str]) -> bool:
    """Whether a token with such a `sub` takes the principal's role."""
    return isinstance(principal, Federated) and subject.fullmatch(principal.subject) is not None


_KINDS: Final[dict[Kind, tuple[str, Callable[[Principal], bool]]]] = {
    "github": ("jobs of GitHub", lambda it: isinstance(it, Federated) and it.issuer == GITHUB_ISSUER),
    "gitlab": ("jobs of GitLab", lambda it: _says(it, _GITLAB)),
    "circleci": ("jobs of CircleCI", lambda it: _is_of(it, f"{CIRCLECI_ISSUER}/")),
    "bitbucket": ("steps of Bitbucket Pipelines", lambda it: _is_of(it, f"{BITBUCKET_ISSUER}/")),
    "terraform": ("runs of HCP Terraform", lambda it: _says(it, _TERRAFORM)),
    "buildkite": (
        "jobs of Buildkite or an existing role",
        lambda it: isinstance(it, ExistingRole) or (isinstance(it, Federated) and it.issuer == BUILDKITE_ISSUER),
    ),
    "role": ("an existing role", lambda it: isinstance(it, ExistingRole)),
}


class NoSnippet(RegistryError):
    """The file does not say enough for these files, or says what they cannot be made of."""

    exit_code = ExitCode.INVALID


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A repository at home, and the principal whose role the jobs assume; None where no job is written."""

    registry: Registry
    repository: Repository
    principal: Principal | None

    @property
    def uri(self) -> str:
        """What docker calls the repository, without a tag."""
        return repository_uri(self.registry.account, self.registry.region, self.repository.name)

    @property
    def slug(self) -> str:
        """The repository's name as a part of names of files: letters, digits, `.`, `_` and `-`."""
        return self.repository.name.replace("/", "-")

    @property
    def for_lambda(self) -> bool:
        """Whether Lambda runs the images."""
        return any(isinstance(it, LambdaFunctions) for it in pullers(self.repository))

    def may(self, granted: Granted) -> bool:
        """Whether the principal is granted that."""
        return self.principal is not None and self.principal.name in _names(self.repository, granted)


def label_of(name: str) -> str:
    """A repository's name as a DNS label, which Kubernetes and ECS want: letters, digits and `-`, 63 at most."""
    return re.sub(r"[^a-z0-9]+", "-", name)[-63:].strip("-")


def pullers(repository: Repository) -> tuple[Principal, ...]:
    """Who is granted `pull`."""
    return tuple({it.principal.name: it.principal for it in repository.grants if it.granted == "pull"}.values())


def find(registry: Registry, name: str, *, kind: Kind | None, as_: str | None, wants: tuple[Granted, ...]) -> Subject:
    """The repository and the principal that a name and `--as` mean.

    :param name: of a repository; or of a principal, where that leads to one repository.
    :param kind: which principals can be the jobs'; None where no job is written.
    :param wants: grants, any of which the principal needs; earlier ones are looked for first.
    :raises UnknownName: for a name that the file does not declare, with the nearest one.
    :raises NoSnippet: where there is no such principal, or no repository, or a choice; with what there is.
    """
    names = {it.name for it in registry.principals}
    repository = registry.repository(name)
    if repository is None and name in names and as_ in (None, name):
        as_, repository = name, _repository_of(registry, name, wants)
    if repository is None:
        near = Nearest([*(it.name for it in registry.repositories), *names]).way_out(name)
        raise UnknownName(
            f"the file declares no repository and no principal {name}\n"
            f"    way out: {near or '`ecrctl access` lists them'}"
        )
    if as_ is not None and as_ not in names:
        near = Nearest(names).way_out(as_) or "`ecrctl access` lists them"
        raise UnknownName(f"the file declares no principal {as_}\n    way out: {near}")
    principal = None if kind is None else _principal(repository, kind, as_, wants)
    return Subject(registry=registry, repository=repository, principal=principal)


def _repository_of(registry: Registry, principal: str, wants: tuple[Granted, ...]) -> Repository:
    wanted = wants or ("push", "promote", "pull")
    found = [it for it in registry.repositories if any(principal in _names(it, granted) for granted in wanted)]
    if len(found) == 1:
        return found[0]
    may = " or ".join(wanted)
    if not found:
        raise NoSnippet(
            f"{principal} may {may} in no repository\n"
            f"    way out: grant it, such as `{wanted[0]}: [{principal}]` of a repository, or name a repository"
        )
    raise NoSnippet(
        f"{principal} may {may} in {len(found)} repositories\n"
        f"    allowed: {listed([it.name for it in found], _SHOWN)}\n"
        f"    way out: name one of them, with --as {principal}"
    )


def _principal(repository: Repository, kind: Kind, as_: str | None, wants: tuple[Granted, ...]) -> Principal:
    noun, fits = _KINDS[kind]
    granted = {
        it.principal.name: it.principal
        for it in repository.grants
        if it.granted in wants and not isinstance(it.principal, PipelineRole)
    }
    fitting = {name: it for name, it in granted.items() if fits(it)}
    may = " or ".join(wants)
    if as_ is not None:
        if as_ in fitting:
            return fitting[as_]
        why = f"is not {noun}" if as_ in granted else f"may not {may} in {repository.name}"
        raise NoSnippet(f"{as_} {why}\n    allowed: {_or_nobody(fitting)}\n    way out: {_grant(wants[0], noun)}")
    for each in wants:
        chosen = sorted(set(_names(repository, each)) & set(fitting))
        if len(chosen) == 1:
            return fitting[chosen[0]]
        if chosen:
            raise NoSnippet(
                f"{len(chosen)} principals that are {noun} may {each} in {repository.name}\n"
                f"    allowed: {listed(sorted(fitting), _SHOWN)}\n    way out: choose with --as, such as "
                f"--as {chosen[0]}"
            )
    raise NoSnippet(
        f"no principal that is {noun} may {may} in {repository.name}\n"
        f"    allowed: {_or_nobody(granted)} may, for another --for\n    way out: {_grant(wants[0], noun)}"
    )


def _names(repository: Repository, granted: Granted) -> Iterable[str]:
    return {it.principal.name for it in repository.grants if it.granted == granted}


def _or_nobody(found: Iterable[str]) -> str:
    return listed(sorted(found), _SHOWN) or "nobody"


def _grant(granted: str, noun: str) -> str:
    return f"name a principal that is {noun}, and grant it `{granted}` in the file (docs/access.md)"
