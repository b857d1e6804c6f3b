"""Which images several references mean, repository by repository: each is listed once, whatever is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ops.aws.parallel import map_parallel
from ops.images.kinds import StoredImage
from ops.images.reference import ImageReference, WrongReference, parsed
from ops.images.registry import ImageRegistry
from registry.limits import REPOSITORY_NAME
from registry.nearest import did_you_mean

if TYPE_CHECKING:
    from ops.images.begun import Begun, Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An image that is meant: by some of its tags, or `whole`, by its digest."""

    image: StoredImage
    tags: tuple[str, ...]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A repository with all its images, those that are meant, and the references that mean none, with a word each.

    `begun` are manifest lists by digest that an interrupted run took, or may have taken, without all their images. One
    that is meant and not there any more is among `asked`, and not among `images`.
    """

    repository: str
    images: tuple[StoredImage, ...]
    asked: tuple[Asked, ...]
    missing: tuple[tuple[ImageReference, str], ...] = ()
    begun: Mapping[str, Note] = field(default_factory=dict)

    @property
    def absent(self) -> list[str]:
        """A line for each reference that means no image."""
        return [f"there is no image {reference}{f': {why}' if why else ''}" for reference, why in self.missing]


def by_reference(client: ImageRegistry, references: Sequence[str], begun: Begun | None = None) -> list[Found]:
    """The images that references mean. Of a tag and a digest both must hold: the tag, at that digest.

    :param begun: where images are to go with their manifest lists: what earlier runs have begun.
    :raises WrongReference: for a text that is no reference to an image of this registry.
    :raises NoSuchRepository: for a repository that is not there. An image that is not there is no error here, so that
        what was interrupted can be run again.
    """
    wanted: dict[str, list[ImageReference]] = {}
    for text in references:
        each = client.reference(text)
        wanted.setdefault(each.repository, []).append(each)
    listed = map_parallel(list(wanted), client.images, "listing images")
    return [
        _found(name, images, wanted[name], _of(begun, name, images))
        for name, images in zip(wanted, listed, strict=True)
    ]


def images_of(found: Sequence[Found]) -> list[Found]:
    """The same, where a tag means its image and not the tag alone."""
    return [replace(each, asked=tuple(replace(it, whole=True) for it in each.asked)) for each in found]


def by_choice(
    client: ImageRegistry,
    repositories: Sequence[str],
    chosen: Callable[[StoredImage], Iterable[str] | None],
    begun: Begun | None = None,
) -> list[Found]:
    """The images that are chosen in whole repositories.

    :param chosen: the tags that are meant of an image; None for the whole image, and nothing for none of it.
    :param begun: as for `by_reference`.
    :raises WrongReference: for a text that is no name of a repository.
    :raises NoSuchRepository: for one that is not there.
    """
    names = list(dict.fromkeys(repositories))
    for name in names:
        if not REPOSITORY_NAME.fullmatch(name):
            raise WrongReference(
                f"{name} is no name of a repository, and images are to be chosen from whole ones\n"
                f"    way out: write {parsed(name).repository} alone"
            )
    listed = map_parallel(names, client.images, "listing images")
    return [_chosen(name, images, chosen, _of(begun, name, images)) for name, images in zip(names, listed, strict=True)]


def _of(begun: Begun | None, repository: str, images: Sequence[StoredImage]) -> Mapping[str, Note]:
    return {} if begun is None else begun.of(repository, images)


def _gone(images: Sequence[StoredImage], begun: Mapping[str, Note]) -> list[StoredImage]:
    """The lists that are not there any more, with those of their tags that no other image has now."""
    there, tags = {image.digest for image in images}, {tag for image in images for tag in image.tags}
    return [
        replace(note.image, tags=tuple(tag for tag in note.image.tags if tag not in tags))
        for digest, note in begun.items()
        if digest not in there
    ]


def _chosen(
    repository: str,
    images: Sequence[StoredImage],
    chosen: Callable[[StoredImage], Iterable[str] | None],
    begun: Mapping[str, Note],
) -> Found:
    gone = {image.digest: image for image in _gone(images, begun)}
    asked = []
    for image in (*images, *gone.values()):
        said = chosen(image)
        if said is None or (tags := tuple(said)):
            whole = said is None or image.digest in gone
            asked.append(Asked(image=image, tags=() if said is None else tags, whole=whole))
    return Found(repository=repository, images=tuple(images), asked=tuple(asked), begun=begun)


def _found(
    repository: str, images: Sequence[StoredImage], wanted: Sequence[ImageReference], begun: Mapping[str, Note]
) -> Found:
    gone = _gone(images, begun)
    by_digest = {image.digest: image for image in (*gone, *images)}
    by_tag = {tag: image for image in (*gone, *images) for tag in image.tags}
    tags: dict[str, list[str]] = {}
    whole = {image.digest for image in gone}  # no tag is left to keep it
    missing: list[tuple[ImageReference, str]] = []
    for each in dict.fromkeys(wanted):
        image = by_tag.get(each.tag) if each.tag else by_digest.get(each.digest or "")
        if image is None:
            missing.append((each, did_you_mean(each.tag, by_tag) if each.tag else ""))
        elif each.digest not in (None, image.digest):
            missing.append((each, f"the tag is at {image.digest} now"))
        else:
            tags.setdefault(image.digest, []).extend([each.tag] if each.tag else [])
            whole |= set() if each.tag else {image.digest}
    return Found(
        repository=repository,
        images=tuple(images),
        asked=tuple(
            Asked(image=by_digest[digest], tags=tuple(said), whole=digest in whole) for digest, said in tags.items()
        ),
        missing=tuple(missing),
        begun=begun,
    )
