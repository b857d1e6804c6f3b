"""The one version of ministack that the patches fit."""

from importlib.metadata import PackageNotFoundError, version

PINNED = "1.5.33"


def installed_version() -> str | None:
    """The version of ministack beside this Python, or None where there is none."""
    try:
        return version("ministack")
    except PackageNotFoundError:
        return None


def problem(found: str | None) -> str | None:
    """Why the emulator cannot start, in one line, or None.

    ministack has no plugin interface: the patches replace functions inside it, and on another version they
    could quietly replace nothing.
    """
    if found == PINNED:
        return None
    return (
        f"sandbox.emulator needs ministack {PINNED} and found {found or 'none'}: "
        "install requirements-sandbox.txt and run it with that environment's Python"
    )
