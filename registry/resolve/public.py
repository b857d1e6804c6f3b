"""Public repositories, from what is written to the model. Total, as resolve.py is."""

from __future__ import annotations

from collections.abc import Mapping

from registry.access.publishing import public_policy
from registry.model import Principal, PublicRepository
from registry.naming import OWNER_TAG
from registry.shape import FileShape, PublicRepositoryShape


def public_repositories_of(root: FileShape, principals: Mapping[str, Principal]) -> tuple[PublicRepository, ...]:
    """The public repositories by name, with who may push them; a name that no principal has is left out."""
    return tuple(_resolved(root, name, shape, principals) for name, shape in sorted(root.public_repositories.items()))


def _resolved(
    root: FileShape, name: str, shape: PublicRepositoryShape, principals: Mapping[str, Principal]
) -> PublicRepository:
    pushers = tuple(
        (principals[who], ("public_repositories", name, "push", index))
        for index, who in enumerate(shape.push)
        if who in principals
    )
    owner = {OWNER_TAG: shape.owner} if shape.owner is not None else {}
    return PublicRepository(
        name=name,
        shape=shape,
        tags=tuple(sorted({**owner, **shape.tags}.items())),
        pushers=pushers,
        policy=public_policy([who for who, _ in pushers], root.registry.account, root.registry.region),
    )
