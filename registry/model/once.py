"""What follows from a registry is computed once: rules weigh it, constructs carry it and ecrctl prints it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

if TYPE_CHECKING:
    from registry.model.registry import Registry

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def once(
    compute: Callable[Concatenate[Registry, Arguments], Result],
) -> Callable[Concatenate[Registry, Arguments], Result]:
    """Keep what `compute` returns for a registry and its other arguments, which are hashable.

    Everybody gets the same object, so nobody changes it.
    """

    @wraps(compute)
    def computed(registry: Registry, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        key = (compute, args, tuple(kwargs.items()))
        if key not in registry.computed:
            registry.computed[key] = compute(registry, *args, **kwargs)
        found: Result = registry.computed[key]
        return found

    return computed
