"""Files of a user that another program may be reading."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def replace(file: Path, text: str) -> None:
    """Write all of it or nothing, for nobody else's eyes. A link stays a link; folders are made.

    :raises OSError: where that is not possible; the file is as it was.
    """
    place = Path(os.path.realpath(file))
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(text)
        os.replace(name, place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
