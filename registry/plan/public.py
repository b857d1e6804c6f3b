"""Public repositories: what the world gets, and who may put something there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry import naming
from registry.access.publishing import PUBLIC_HOST
from registry.limits import PUBLIC_GUIDE
from registry.model import PublicRepository
from registry.model.ecr_documents import catalog_data
from registry.plan.change import Change, Kind, Part, Risk, comparison, kinds_about
from registry.plan.sides import Side, Sides

_KEY: Final = "public_repositories"
kind = kinds_about("Public repositories")
PUBLISHED = kind(
    "public-repository-added",
    Risk.OPENS,
    "A repository is published to the world",
    "Everybody may pull what is pushed there, without an account, and keeps it: nothing that is deleted later comes "
    "back from who has pulled it.",
    "docs/public.md",
)
LEFT = kind(
    "public-repository-removed",
    Risk.BREAKS,
    "A public repository is no longer declared",
    "It stays public, with its images, and nothing declares any more who may push. To end it, delete it in AWS: "
    "builds of strangers that pull from it then fail.",
    "docs/public.md",
)
PUSHES = kind(
    "public-push-gained",
    Risk.OPENS,
    "Somebody may push to a public repository",
    "What they push, the world runs under your name.",
    f"{PUBLIC_GUIDE}/public-repository-policies.html",
)
PUSHES_NOT = kind(
    "public-push-lost",
    Risk.BREAKS,
    "Somebody may no longer push to a public repository",
    "The jobs that publish there fail.",
    f"{PUBLIC_GUIDE}/public-repository-policies.html",
)
SHOWN = kind(
    "public-catalog-data",
    Risk.SAFE,
    "The gallery shows other texts, badges or tags",
    "Everybody can read them; images stay as they are.",
    f"{PUBLIC_GUIDE}/public-repository-catalog-data.html",
)


@comparison
def public_repositories(sides: Sides) -> Iterator[Change]:
    """By name, and then by who may push."""
    old, new = ({it.name: it for it in side.registry.public_repositories} for side in sides.both)
    for name in sorted({*old, *new}):
        was, becomes = old.get(name), new.get(name)
        if becomes is None:
            yield _change(sides, LEFT, name, "is no longer declared, and stays public with its images")
        elif was is None:
            yield _change(sides, PUBLISHED, name, "is published: everybody may pull its images, and keeps them")
        elif _said(was) != _said(becomes):
            yield _change(sides, SHOWN, name, "is shown otherwise in the gallery")
        before, after = ({who.name for who, _ in it.pushers} if it else set() for it in (was, becomes))
        for of, who, may in ((PUSHES, after - before, "may push"), (PUSHES_NOT, before - after, "may no longer push")):
            for each in sorted(who):
                yield _change(sides, of, name, f"{each} {may}", each)


def _said(repository: PublicRepository) -> tuple[object, ...]:
    return catalog_data(repository.shape), repository.tags


def _change(sides: Sides, of: Kind, name: str, message: str, pusher: str = "") -> Change:
    keys = ("push",) if pusher else ()
    where, gone = sides.at((_KEY, name, *keys), (_KEY, name))
    return Change(
        kind=of,
        subjects=(f"{PUBLIC_HOST} {name}",),
        message=message,
        where=where,
        gone=gone,
        explains=frozenset(part for side in sides.both for part in _parts(side, name, pusher)),
    )


def _parts(side: Side, name: str, pusher: str) -> Iterator[Part]:
    for unit in side.registry.published:
        yield side.stack(unit.location, unit.construct_id), naming.logical_id(name), ""
    if pusher in side.principals:
        yield from side.parts_of_principal(side.principals[pusher])
