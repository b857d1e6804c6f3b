"""Which of a registry's locations a command is about."""

from __future__ import annotations

from registry.errors import UnknownName
from registry.locations import Location, located
from registry.model import Registry


def location(registry: Registry, region: str | None) -> Location:
    """The location that `REGION` or `ACCOUNT/REGION` means; the home where it is None.

    :raises UnknownName: for one that the file does not have, with those that it has.
    """
    if region is None:
        return registry.home
    asked = located(region, registry.account)
    if asked not in registry.locations:
        known = ", ".join(at.beside(registry.home) for at in registry.locations)
        raise UnknownName(f"the file declares nothing in {region}\n    way out: {known}")
    return asked
