"""What `ecrctl usage` shows: its tables, and its JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from ops.output.images import moment, shortened, size_text
from ops.terminal import count
from ops.usage.reading import Answered, Question
from registry.findings import listed
from registry.locations import Location
from registry.usage.groups import By, Group, Order, group, grouped, months, ordered
from registry.usage.totals import Bytes, Effect, RegistryUsage, RepositoryUsage

Shown = Literal["repository", "namespace", "owner", "location", "month", "layer", "base"]
Table = tuple[list[str], list[list[Any]]]

_EXCLUDE: Final = "aws ecr register-pull-time-update-exclusion --principal-arn ROLE"


def bytes_text(size: Bytes) -> str:
    """A size for people; two where it is not known exactly."""
    return size_text(size.low) if size.exact else f"{size_text(size.low)} to {size_text(size.high)}"


def table(found: Answered, by: Shown, order: Order, *, short: bool) -> Table:
    """One kind of rows as columns and rows. `short`: digests as people tell them apart."""
    if by == "month":
        return _month_table(repositories_of(found))
    if by == "layer":
        return _layer_table(found, short=short)
    if by == "base":
        return _base_table(found)
    return _group_table(ordered(grouped(repositories_of(found), by), order), by)


def repositories_of(found: Answered) -> list[RepositoryUsage]:
    """Every repository of every location."""
    return [it for registry in found.registries for it in registry.repositories]


def _group_table(groups: Sequence[Group], by: By) -> Table:
    asked = any(it.effect for it in groups)
    columns = [by, "places" if by == "repository" else "repositories"]
    columns += ["owner"] if by == "repository" else []
    columns += ["images", "size", "new images", "new", "unpulled images", "unpulled", "last pull"]
    columns += ["expire", "are archived", "frees", "moves to the archive"] if asked else []
    return columns, [_cells(it, by, asked=asked) for it in groups]


def _cells(it: Group, by: By, *, asked: bool) -> list[Any]:
    cells: list[Any] = [it.name, it.repositories]
    cells += [list(it.owners)] if by == "repository" else []
    cells += [it.images, bytes_text(it.total), it.new_images, bytes_text(it.new), it.unpulled_images]
    cells += [bytes_text(it.unpulled), moment(it.last_pull) if it.images else ""]
    if not asked:
        return cells
    effect = it.effect
    if effect is None:
        return [*cells, "", "", "", ""]
    return [*cells, effect.expires, effect.archives, bytes_text(effect.freed), bytes_text(effect.moved)]


def _month_table(repositories: Iterable[RepositoryUsage]) -> Table:
    rows = [[month, images, bytes_text(size)] for month, (images, size) in months(repositories).items()]
    return ["month", "images pushed", "new layers"], rows


def _layer_table(found: Answered, *, short: bool) -> Table:
    rows: list[list[Any]] = []
    for registry in found.registries:
        rows += [
            [
                *(str(registry.at), shortened(it.digest, short=short), size_text(it.stored), size_text(it.size)),
                *(it.repositories, it.images, it.example),
            ]
            for it in registry.layers
        ]
    return ["location", "layer", "takes", "size", "repositories", "images", "such as"], rows


def _base_table(found: Answered) -> Table:
    rows: list[list[Any]] = []
    for registry in found.registries:
        rows += [
            [str(registry.at), it.name or f"below {it.example}", it.layers, size_text(it.size), it.images]
            for it in registry.bases
        ]
    return ["location", "base", "layers", "size", "images"], rows


def as_dict(found: Answered, question: Question, unasked: Sequence[Location], what_if: str | None) -> dict[str, Any]:
    """Everything for programs, whatever the table shows; keys as ECR writes them, and ours like them."""
    every = repositories_of(found)
    return {
        "asOf": question.now,
        "newSince": question.since.new,
        "unpulledSince": question.since.used,
        "whatIf": what_if,
        "whole": not unasked,
        "notAsked": [str(at) for at in unasked],
        "total": _numbers(group("total", every)),
        "registries": [_registry(it, read=it.at in found.were_read) for it in found.registries],
    }


def _registry(it: RegistryUsage, *, read: bool) -> dict[str, Any]:
    return {
        "registryId": it.at.account,
        "region": it.at.region,
        "manifestsRead": read,
        "eachLayerOnceInBytes": _range(it.once),
        "repositories": [_repository(each) for each in it.repositories],
        "layers": [
            {
                "layerDigest": layer.digest,
                "sizeInBytes": layer.size,
                "storedInBytes": layer.stored,
                "imageCount": layer.images,
                "repositoryCount": layer.repositories,
                "example": layer.example,
            }
            for layer in it.layers
        ],
        "bases": [
            {
                "name": base.name or None,
                "layerCount": base.layers,
                "sizeInBytes": base.size,
                "imageCount": base.images,
                "example": base.example,
            }
            for base in it.bases
        ],
    }


def _repository(it: RepositoryUsage) -> dict[str, Any]:
    return {
        "repositoryName": it.repository,
        "owner": it.owner or None,
        **_numbers(group(it.repository, [it])),
        "standardInBytes": _range(it.standard),
        "archiveInBytes": _range(it.archive),
        "pushedByMonth": [
            {"month": month, "imageCount": images, "newInBytes": _range(it.pushed[month])}
            for month, images in it.pushed_images.items()
        ],
    }


def _numbers(it: Group) -> dict[str, Any]:
    effect = it.effect
    return {
        "imageCount": it.images,
        "archivedImageCount": it.archived_images,
        "imagesWithUnknownLayers": it.unread,
        "sizeInBytes": _range(it.total),
        "newImageCount": it.new_images,
        "newInBytes": _range(it.new),
        "unpulledImageCount": it.unpulled_images,
        "unpulledInBytes": _range(it.unpulled),
        "neverPulledImageCount": it.never_pulled,
        "lastPushedAt": it.last_push,
        "lastRecordedPullTime": it.last_pull,
        "lifecycle": None if effect is None else _effect(effect),
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "expiringImageCount": effect.expires,
        "transitioningImageCount": effect.archives,
        "freedInBytes": _range(effect.freed),
        "movedToArchiveInBytes": _range(effect.moved),
        "indexesWithUnknownChildren": effect.unknown,
    }


def _range(size: Bytes) -> dict[str, int]:
    return {"atLeast": size.low, "atMost": size.high}


def summary(found: Answered, days: int, new_since: datetime, what_if: str | None) -> list[str]:
    """The lines below the table: the whole, and what has to be known to read it."""
    every = repositories_of(found)
    it = group("total", every)
    once = sum((registry.once for registry in found.registries), Bytes())
    lines = [
        f"{count(len(every), 'repository', 'repositories')} in {count(len(found.registries), 'registry', 'registries')}"
        f", {count(it.images, 'image')}: {bytes_text(it.total)} in unique layers of each repository"
        + (f"; {bytes_text(once)} if a layer were there once in each registry" if once != it.total else ""),
        f"new: pushed since {new_since.date().isoformat()}; unpulled: neither pushed nor pulled for "
        f"{count(days, 'day')}; {it.never_pulled:,} were never pulled",
    ]
    if it.effect is not None:
        lines.append(
            f"with {what_if}: {it.effect.expires:,} of the images expire and {it.effect.archives:,} are archived, "
            f"which frees {bytes_text(it.effect.freed)}"
            + (f" and moves {bytes_text(it.effect.moved)} to the archive" if it.effect.archives else "")
        )
    if it.effect is not None and it.effect.unknown:
        lines.append(
            f"note: {count(it.effect.unknown, 'manifest list')} not read, so their images are judged as if they stood "
            "for themselves"
        )
    return lines + _notes(found, it)


def _notes(found: Answered, it: Group) -> list[str]:
    lines = []
    blind = [registry.at for registry in found.registries if registry.at not in found.were_read]
    if it.archived_images:
        lines.append(
            f"note: {count(it.archived_images, 'image')} in the archive: nobody can read which layers they have"
        )
    if blind:
        lines.append(
            f"note: sizes in {listed([str(at) for at in blind])} are from the largest image to the sum of all: "
            "manifests were not read, because ECR would record that as a pull\n"
            f"    way out: have pulls by the role of these credentials not recorded (`{_EXCLUDE}`), or say --manifests"
        )
    if recorded := [str(at) for at in found.recorded if at in found.were_read]:
        lines.append(
            f"note: ECR recorded the reading of manifests in {listed(recorded)} as pulls, so for some time nothing "
            f"will be unpulled there\n    way out: `{_EXCLUDE}`"
        )
    if found.spared:
        lines.append(
            f"note: manifests of {listed(found.spared, 5)} were not read: to ECR that is a pull, and a lifecycle "
            "counts days since the last one"
        )
    return lines
