"""Manifest lists that are taken with their images, noted on this machine until that is done.

A list that is gone, or in the archive, does not say any more which images it has, so the line that took it could not go
on where it was interrupted. What a digest names never changes: a note is true for ever, and only not needed any more.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ops.images.kinds import StoredImage
from ops.images.whole_file import replace
from registry.errors import ExitCode, RegistryError

if TYPE_CHECKING:
    from ops.images.deleting import Record
    from ops.images.deletion import Plan, Step
    from registry.locations import Location

_FOLDER: Final = Path("ecrctl", "begun")


class DamagedNote(RegistryError):
    """A note is not what was written."""

    exit_code = ExitCode.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A manifest list as it was before it was taken, and the digests of the images that it names."""

    image: StoredImage
    children: tuple[str, ...]

    @property
    def manifest(self) -> dict[str, Any]:
        """What it names, as its manifest says it."""
        return {"manifests": [{"digest": each} for each in self.children]}


class Begun:
    """The notes of the registry at a location: a file for each manifest list."""

    def __init__(self, at: Location) -> None:
        """Read nothing yet."""
        state = _state()
        self._place = None if state is None else state / _FOLDER / at.account / at.region

    def of(self, repository: str, images: Sequence[StoredImage]) -> dict[str, Note]:
        """By digest, the manifest lists of a repository of whose images some are left.

        :param images: what is there.
        :raises DamagedNote: for a file that is none.
        """
        if self._place is None:
            return {}
        beside = sorted((self._place / repository).glob("*.json"))
        files = {file: _read(file, repository) for file in beside if not file.is_dir()}  # a repository can be called so
        notes = {note.image.digest: note for note in files.values() if note}
        there = {image.digest for image in images}
        left = there | set(notes)
        for file, note in files.items():
            if note and note.image.digest not in there and left.isdisjoint(note.children):
                _drop(file)
        return {digest: note for digest, note in notes.items() if not left.isdisjoint(note.children)}

    def note(self, plans: Sequence[Plan]) -> str:
        """Note the lists that will go, of whose images some go with them; why that is not possible, or empty."""
        try:
            for step, _ in _with_images(plans):
                if self._place is None:
                    return "HOME is not set"
                if not step.gone:
                    replace(self._file(step), _text(Note(image=step.image, children=step.children)))
        except OSError as problem:
            return f"{problem.filename}: {problem.strerror}"
        return ""

    def forget(self, plans: Sequence[Plan], record: Record) -> None:
        """Drop the notes of what is done, and of what was not begun: there the list itself says what it names."""
        kept: set[str] = set()
        for step, images in reversed(list(_with_images(plans))):  # a list in a list is needed as long as its images are
            begun = step.gone or record.is_begun(step)
            done = all(record.outcome(it).done and it.image.digest not in kept for it in images)
            if begun and not done:
                kept.add(step.image.digest)
            elif self._place is not None:
                _drop(self._file(step))

    def _file(self, step: Step) -> Path:
        assert self._place is not None
        return self._place / step.image.repository / f"{step.image.digest.replace(':', '-')}.json"


def _with_images(plans: Sequence[Plan]) -> Iterator[tuple[Step, list[Step]]]:
    """The lists that go, or are gone, each with those of its images that go with it."""
    for plan in plans:
        going = {step.image.digest: step for step in plan.steps if not step.stays and not step.asked}
        for step in plan.steps:
            images = [going[child] for child in step.children if child in going]
            if images and not step.stays:
                yield step, images


def _state() -> Path | None:
    """Where programs of this user keep what may be lost (https://specifications.freedesktop.org/basedir-spec/latest/)."""
    said = os.environ.get("XDG_STATE_HOME", "")
    try:
        return Path(said) if os.path.isabs(said) else Path.home() / ".local" / "state"
    except RuntimeError:  # HOME is not set, and the system does not know the user, as in many containers
        return None


def _read(file: Path, repository: str) -> Note | None:
    try:
        said: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        image = StoredImage(
            repository=repository,
            digest=str(said["imageDigest"]),
            tags=tuple(map(str, said["imageTags"])),
            pushed=datetime.fromisoformat(said["imagePushedAt"]),
            size=None,
            media_type=str(said["imageManifestMediaType"]),
            artifact_type="",
            subject=None,
            pulled=None,
            status="ACTIVE",
            scan="",
            severities=None,
        )
        return Note(image=image, children=tuple(map(str, said["children"])))
    except FileNotFoundError:  # another run has finished it
        return None
    except (OSError, ValueError, TypeError, KeyError) as problem:
        raise DamagedNote(
            f"{file} should say what an interrupted deletion has left, and cannot be read: {type(problem).__name__}\n"
            f"    way out: remove it; `ecrctl delete {repository} --untagged` finds images that belong to no other"
        ) from problem


def _drop(file: Path) -> None:
    with contextlib.suppress(OSError):  # one that stays does no harm
        file.unlink(missing_ok=True)


def _text(note: Note) -> str:
    return json.dumps(
        {
            "imageDigest": note.image.digest,
            "imageTags": note.image.tags,
            "imagePushedAt": note.image.pushed.isoformat(),
            "imageManifestMediaType": note.image.media_type,
            "children": note.children,
        }
    )
