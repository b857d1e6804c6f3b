"""An image is copied to another repository, also of another account: the same digest, with all that belongs to it.

Layers go first, then manifests, each after those it names: the images of an index before the index, and what refers to
an image (signatures, SBOMs, attestations) after the image. No tag is put here but those by which older tools find
signatures. So a copy that ends early leaves what nobody sees, and the next run finds it there.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.aws.parallel import map_parallel
from ops.images.kinds import Manifest
from ops.images.listing import children
from ops.images.reference import HOST, ImageReference, WrongReference
from ops.images.registry import ImageRegistry, TagTaken
from ops.images.rows import manifest_of
from registry.limits import REPOSITORY_NAME
from registry.locations import Location

_TARGET: Final = re.compile(rf"(?:{HOST.pattern}/)?(?P<repository>{REPOSITORY_NAME.pattern})")
#: Layers under way at a time, each on disk.
_AT_ONCE: Final = 4
#: Behind sha256-… in a tag: cosign's before OCI 1.1, and the scheme for registries without referrers.
#: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema
_SUFFIXES: Final = ("", ".sig", ".att", ".sbom")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a copy came to: manifests, and layers that were there, were mounted and were sent, with their bytes."""

    manifests: int
    present: int
    mounted: int
    sent: int
    size: int
    notes: tuple[str, ...]

    @property
    def said(self) -> str:
        """The same in a line, with notes."""
        line = (
            f"copied {self.manifests} manifests; of the layers {self.present} were there, {self.mounted} were mounted, "
            f"{self.sent} were sent ({self.size:,} bytes)"
        )
        return "\n".join([line, *(f"note: {note}" for note in self.notes)])


def destination(
    client: ImageRegistry, image: ImageReference, to: str | None, *, profile: str | None
) -> tuple[ImageRegistry, str]:
    """The registry and the repository that `--to` means; those of the image where it is None.

    :raises WrongReference: for a text that is no repository; a tag has no place in it.
    """
    if to is None:
        return client, image.repository
    match = _TARGET.fullmatch(to)
    if match is None:
        raise WrongReference(
            f"{to} is no repository of ECR\n    allowed: REPOSITORY, or HOST/REPOSITORY, without a tag\n"
            "    way out: write it as `ecrctl repositories` lists it; the tag is the second argument"
        )
    at = Location(match["account"], match["region"]) if match["account"] else Location(client.account, client.region)
    if at == Location(client.account, client.region) and profile is None:
        return client, match["repository"]
    return ImageRegistry(at.region, account=at.account, profile=profile), match["repository"]


def copy(source: ImageRegistry, name: str, digest: str, target: ImageRegistry, repository: str) -> Copied:
    """Copy an image, and what refers to it, from the repository `name` to another; what is there is not sent again.

    :raises NoSuchImage: where a part of it is not there, or is in the archive.
    """
    from ops.images.blobs import Blobs  # oras, which takes its time

    notes: list[str] = []
    tags = {tag: it.digest for it in source.images(name, tagged=True) for tag in it.tags}
    manifests = list(_graph(source, name, digest, tags, set(), notes))
    parts = {blob: size for it in manifests for blob, size in _blobs(it).items()}
    there, here = Blobs(target, repository), Blobs(source, name)
    same = (source.account, source.region) == (target.account, target.region)
    with tempfile.TemporaryDirectory(prefix="ecrctl-") as folder:

        def bring(blob: str) -> str:
            if there.has(blob):
                return "present"
            if same and there.mount(blob, name):
                return "mounted"
            file = Path(folder) / blob.replace(":", "-")
            try:
                here.download(blob, file)
                there.upload(blob, file)
            finally:
                file.unlink(missing_ok=True)
            return "sent"

        how = dict(zip(parts, map_parallel(list(parts), bring, "copying layers", at_once=_AT_ONCE), strict=True))
    for manifest in manifests:
        target.put(repository, manifest)
    by_digest = {it.digest: it for it in manifests}
    for tag in (tag for it in manifests for tag in _old_names(it.digest) if tag in tags):
        try:
            target.put(repository, by_digest[tags[tag]], tag)
        except TagTaken:
            notes.append(f"{repository} has another {tag}, which is fixed and stays")
    return Copied(
        manifests=len(manifests),
        present=sum(it == "present" for it in how.values()),
        mounted=sum(it == "mounted" for it in how.values()),
        sent=sum(it == "sent" for it in how.values()),
        size=sum(parts[blob] for blob, it in how.items() if it == "sent"),
        notes=tuple(notes),
    )


def _graph(
    client: ImageRegistry, repository: str, digest: str, tags: Mapping[str, str], seen: set[str], notes: list[str]
) -> Iterator[Manifest]:
    """Every manifest of an image, each after those that it names or refers to."""
    if digest in seen:
        return
    seen.add(digest)
    manifest = client.manifest(repository, digest)
    for child in children(manifest_of(manifest.text)):
        yield from _graph(client, repository, child, tags, seen, notes)
    yield manifest
    for it in client.referrers(repository, digest):
        if it.status == "ACTIVE":
            yield from _graph(client, repository, it.digest, tags, seen, notes)
        else:
            notes.append(f"{it.kind} {it.digest} of {digest} is in the archive, and is not copied")
    for name in _old_names(digest):
        if name in tags:
            yield from _graph(client, repository, tags[name], tags, seen, notes)


def _old_names(digest: str) -> list[str]:
    """The tags by which older tools find the signatures of an image."""
    return [f"{digest.replace(':', '-')}{suffix}" for suffix in _SUFFIXES]


def _blobs(manifest: Manifest) -> dict[str, int]:
    document = manifest_of(manifest.text)
    parts = (document.get("config"), *document.get("layers", ()))
    return {it["digest"]: it["size"] for it in parts if it}
