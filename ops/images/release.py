"""Releases: a fixed tag v1.2.3, and v1.2.x and v1.x moved to it where it is the newest of theirs.

Versions and their order are those of registry/delivery/steps/versions.py, as in pipelines. What is newest is read
again after the fixed tag is written and once more at the end, because somebody else may release at the same time: a
moving tag ends on the newest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from ops.aws.cloud import CloudError
from ops.images.kinds import Manifest, StoredRepository
from ops.images.promotion import TagIsFixed
from ops.images.reference import ImageReference, parsed
from registry.delivery.steps import versions
from registry.delivery.steps.versions import Version
from registry.errors import ExitCode, RegistryError

if TYPE_CHECKING:
    from ops.images.registry import ImageRegistry

#: Rounds in which moving tags are compared with what is newest, before this is given up.
_ROUNDS: Final = 5


class VersionRefused(RegistryError):
    """A version cannot be released so."""

    exit_code = ExitCode.INVALID


class Unfinished(CloudError):
    """AWS failed between the tags of a release; the text says which are written."""


class AlreadyReleased(RegistryError):
    """The version is there, as another image: a release stays what it is."""


@dataclass(frozen=True, slots=True)
class Form:
    """How tags of versions are written: v1.2.3, v1.2.x, v1.x; or bare, 1.2.3, 1.2, 1."""

    bare: bool

    def fixed(self, version: Version) -> str:
        """The tag of one version."""
        return str(version) if self.bare else versions.fixed_tag(version)

    def moving(self, version: Version) -> tuple[str, str]:
        """The tags of its minor and of its major version."""
        if self.bare:
            return f"{version.major}.{version.minor}", f"{version.major}"
        return versions.moving_tags(version)


_V, _BARE = Form(bare=False), Form(bare=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a release will do: fixed tags, then moving ones, to one image."""

    repository: str
    version: Version
    digest: str
    forms: tuple[Form, ...]
    moves: bool
    tags: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def fixed(self) -> tuple[str, ...]:
        """The fixed tags."""
        return tuple(form.fixed(self.version) for form in self.forms)

    @property
    def written(self) -> tuple[str, ...]:
        """Every tag that is put, or is there already: the fixed ones, and those that are moved."""
        return (*self.fixed, *_wanted(self, self.tags))


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What was done. `moved` are tags with the digest that they were on before; None where they are new.

    `kept` are moving tags that stay, with the newer version that they belong to.
    """

    repository: str
    version: str
    digest: str
    fixed: tuple[str, ...]
    moved: Mapping[str, str | None]
    kept: Mapping[str, str]
    notes: tuple[str, ...] = field(default=())


def plan(client: ImageRegistry, repository: str, source: str, version: str, *, fixed_only: bool = False) -> Plan:
    """What tagging an image with a version takes. Asks AWS, and writes nothing.

    :param source: a tag or a digest in the repository, alone or behind its name.
    :param fixed_only: move no tag.
    :raises VersionRefused: for what is no version of https://semver.org, or cannot be a tag.
    :raises AlreadyReleased: where the version is another image.
    :raises TagIsFixed: where a tag that has to move may not.
    """
    wanted = _version(version)
    image = client.find_active(_reference(repository, source))
    stored = client.repository(repository)
    tags = _tags(client, repository)
    forms = _forms(stored, wanted)
    moves = not fixed_only and wanted.prerelease is None
    made = Plan(
        repository=repository,
        version=wanted,
        digest=image.digest,
        forms=forms,
        moves=moves,
        tags=tags,
        notes=tuple(_notes(stored, forms, wanted)),
    )
    for tag in (form.fixed(wanted) for form in (_V, _BARE)):
        if tags.get(tag, image.digest) != image.digest:
            raise AlreadyReleased(
                f"{repository}:{tag} is {tags[tag]}, and {source} is {image.digest}: a release stays what it is\n"
                "    way out: release it as another version"
            )
    forbidden = [tag for tag in _wanted(made, tags) if tags.get(tag) != image.digest and not stored.may_move(tag)]
    if forbidden:
        filters = " or ".join(f"[{', '.join(patterns)}]" for patterns in (["v*.x"], list(_BARE.moving(wanted))))
        raise TagIsFixed(
            f"{' and '.join(forbidden)} may not move in {repository}: it is {stored.mutability}\n"
            f"    way out: `moving_tags: {filters}` of {repository} in registry.yaml, and deploy; or --fixed-only, "
            f"which writes {made.fixed[0]} alone"
        )
    missing = [tag for tag, digest in _wanted(made, tags).items() if tags.get(tag) != digest]
    if missing and made.fixed[0] in tags:
        note = f"{made.fixed[0]} is there already, {' and '.join(missing)} not on it: the release is finished now"
        return replace(made, notes=(*made.notes, note))
    return made


def carry_out(client: ImageRegistry, made: Plan) -> Release:
    """Do what was planned. The same once more finishes what was not finished.

    :raises Unfinished: where AWS fails after a tag was written, or perhaps was.
    """
    begun: list[str] = []
    done: list[str] = []

    def put(manifest: Manifest, tag: str) -> None:
        begun.append(tag)
        client.put(made.repository, manifest, tag)
        done.append(tag)

    try:
        return _carried_out(client, made, put)
    except CloudError as problem:
        if not begun:
            raise
        said = [f"{tag} is written" if tag in done else f"it is not known whether {tag} is" for tag in begun]
        raise Unfinished(f"{', '.join(said)} in {made.repository}: the same again finishes it\n{problem}") from problem


def _carried_out(client: ImageRegistry, made: Plan, put: Callable[[Manifest, str], None]) -> Release:
    manifest = client.manifest(made.repository, made.digest)
    for tag in made.fixed:
        if made.tags.get(tag) != made.digest:
            put(manifest, tag)
    tags = _tags(client, made.repository)
    moved: dict[str, str | None] = {}
    manifests = {made.digest: manifest}
    for _ in range(_ROUNDS):
        late = {tag: digest for tag, digest in _wanted(made, tags, ours=moved).items() if tags.get(tag) != digest}
        if not late:
            break
        for tag, digest in late.items():
            if digest not in manifests:
                manifests[digest] = client.manifest(made.repository, digest)
            put(manifests[digest], tag)
            moved.setdefault(tag, tags.get(tag))
        tags = _tags(client, made.repository)
    kept = _kept(made, tags)
    return Release(
        repository=made.repository,
        version=str(made.version),
        digest=made.digest,
        fixed=made.fixed,
        moved=moved,
        kept=kept,
        notes=(*made.notes, *_untagged(made, moved, tags), *_behind(made, tags)),
    )


def _wanted(made: Plan, tags: Mapping[str, str], ours: Iterable[str] = ()) -> dict[str, str]:
    """The moving tags whose newest this release is, with its digest; of those that this run has moved, the newest."""
    if not made.moves:
        return {}
    found: dict[str, str] = {}
    for form in made.forms:
        for tag, newest in zip(form.moving(made.version), _newest(made.version, tags), strict=True):
            if newest is None or newest[0].order <= made.version.order:
                found[tag] = made.digest
            elif tag in ours:
                found[tag] = newest[1]
    return found


def _newest(version: Version, tags: Mapping[str, str]) -> list[tuple[Version, str] | None]:
    """The newest version of the same minor, and of the same major one, with its digest. No pre-release is."""
    return [found and (found[0], tags[found[1]]) for found in versions.newest(version, tags)]


def _kept(made: Plan, tags: Mapping[str, str]) -> dict[str, str]:
    if not made.moves:
        return {}
    return {
        tag: str(newest[0])
        for form in made.forms
        for tag, newest in zip(form.moving(made.version), _newest(made.version, tags), strict=True)
        if newest is not None and newest[0].order > made.version.order
    }


def _forms(stored: StoredRepository, version: Version) -> tuple[Form, ...]:
    """v1.2.3, unless the repository lists the bare moving tags among those that may move; both where it lists both.

    `*` alone, or a filter such as `1*`, lists nothing: it would let 1.2.3 move as well.
    """
    if stored.mutability != "IMMUTABLE_WITH_EXCLUSION":
        return (_V,)
    listed = [
        form
        for form in (_V, _BARE)
        if any(stored.may_move(tag) for tag in form.moving(version)) and not stored.may_move(form.fixed(version))
    ]
    return tuple(listed) or (_V,)


def _notes(stored: StoredRepository, forms: tuple[Form, ...], version: Version) -> list[str]:
    notes = [
        f"{tag} is not fixed: {stored.name} is {stored.mutability}"
        for tag in (form.fixed(version) for form in forms)
        if stored.may_move(tag)
    ]
    if version.prerelease is not None:
        notes.append(f"{version} is a pre-release, which moves no tag")
    return notes


def _untagged(made: Plan, moved: Mapping[str, str | None], tags: Mapping[str, str]) -> list[str]:
    named = set(tags.values())
    return [
        f"{tag} was the last tag of {before}, which untagged images go away with: tag it, if it is still needed"
        for tag, before in moved.items()
        if before is not None and before not in named
    ]


def _behind(made: Plan, tags: Mapping[str, str]) -> list[str]:
    """Moving tags of newer releases that are not where they should be: somebody's release was not finished."""
    said = []
    for form in made.forms:
        for tag, newest in zip(form.moving(made.version), _newest(made.version, tags), strict=True):
            if newest is not None and newest[0].order > made.version.order and tags.get(tag) not in (None, newest[1]):
                fixed = form.fixed(newest[0])
                said.append(
                    f"{tag} is not on {fixed}, the newest: was its release not finished? "
                    f"`ecrctl release {made.repository} {fixed} --version {newest[0]}` finishes it"
                )
    return said


def _tags(client: ImageRegistry, repository: str) -> dict[str, str]:
    return {tag: image.digest for image in client.images(repository, tagged=True) for tag in image.tags}


def _version(text: str) -> Version:
    plain, plus, build = text.partition("+")
    version = versions.parsed(plain)
    if version is None:
        raise VersionRefused(
            f"{text} is no version\n    allowed: MAJOR.MINOR.PATCH, such as 1.2.3, or 1.2.3-rc.1 (https://semver.org)\n"
            "    way out: --version 1.2.3"
        )
    if plus:
        raise VersionRefused(f"{text} has build metadata, and no tag has a + in it\n    way out: leave +{build} away")
    return version


def _reference(repository: str, source: str) -> ImageReference:
    """The image that a source means: `build-7`, `sha256:…`, or the whole reference."""
    if "/" in source or "@" in source or (":" in source and not source.startswith("sha256:")):
        reference = parsed(source)
    else:
        reference = parsed(f"{repository}{'@' if source.startswith('sha256:') else ':'}{source}")
    if reference.repository != repository:
        raise VersionRefused(
            f"{source} is in another repository than {repository}\n"
            f"    way out: `ecrctl promote {source} TAG --to {repository}` copies it there first"
        )
    return reference
