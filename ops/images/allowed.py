"""Which tags the file lets a repository have: `tags_must_match`. ECR does not ask, so what writes tags does."""

from __future__ import annotations

from collections.abc import Iterable

from registry.errors import RegistryError
from registry.findings import listed
from registry.locations import Location
from registry.model import Registry

_SHOWN = 10


class TagNotAllowed(RegistryError):
    """A tag is none that the file allows in the repository: nothing was written."""


def refuse_unlisted(registry: Registry, at: Location, repository: str, tags: Iterable[str]) -> None:
    """Refuse tags that `tags_must_match` of a declared repository leaves out; what is not declared may have every tag.

    :raises TagNotAllowed: with every such tag.
    """
    if at != registry.home:
        return
    declared = registry.repository(repository)
    if declared is None or not (wrong := [tag for tag in tags if not declared.allows(tag)]):
        return
    raise TagNotAllowed(
        f"the file does not allow {' and '.join(wrong)} in {repository}\n"
        f"    allowed: {listed(declared.tags_must_match, _SHOWN)}\n"
        f"    way out: choose another tag, or add a pattern to tags_must_match of {repository} in registry.yaml"
    )
