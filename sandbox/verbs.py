"""`python -m sandbox push` and `run`: what docker does elsewhere, as whoever the shell belongs to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ops.images import ImageRegistry
from ops.images.places import location
from ops.images.reference import parsed
from ops.registry_file import load
from registry.locations import Location
from sandbox import images, show
from sandbox.dockerfile import build
from sandbox.place import Place, SandboxError
from sandbox.service import asked


def push(place: Place, folder: Path, reference: str, arguments: Mapping[str, str], file: Path) -> None:
    """Build the image of a folder and push it to the home of a registry; what was left out is said."""
    image = parsed(reference)
    built = build(folder, arguments)
    if built.left_out:
        show.note("left out, as it takes Docker: " + "; ".join(it.partition("@")[0] for it in built.left_out))
    oci = _logged_in(place, location(load(file)[0], None))
    sent = sum(not oci.has(image.repository, layer) for layer in built.image.layers)
    digest = oci.push_image(image.repository, image.tag or "latest", built.image)
    show.note(f"pushed {reference}, {digest}; layers sent: {sent}, there already: {len(built.image.layers) - sent}")


def run(place: Place, reference: str, region: str | None, file: Path) -> None:
    """Pull an image, start what it runs, and print what that answers."""
    image = parsed(reference)
    oci = _logged_in(place, location(load(file)[0], region))
    runs, files = oci.pull_image(image.repository, image.digest or image.tag or "latest")
    show.note(asked(runs, files))


def _logged_in(place: Place, at: Location) -> images.Registry:
    if os.environ.get("AWS_ENDPOINT_URL") != place.endpoint:
        raise SandboxError(
            "This shell does not point at a running sandbox.\nStart one with: make sandbox\nand then: . .sandbox/env"
        )
    login = ImageRegistry(at.region, account=at.account).login()
    return images.Registry(place, at.account, at.region, login.password)
