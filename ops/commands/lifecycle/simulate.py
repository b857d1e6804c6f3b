"""`ecrctl lifecycle simulate`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ops.commands.lifecycle import lifecycle
from ops.options import Json
from ops.terminal import print_json_in_pieces


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is no time; write ISO 8601, such as 2026-11-23T12:00:00+00:00") from None
    if found.tzinfo is None:
        raise typer.BadParameter(f"{text} has no zone; write {found.isoformat()}+00:00, or your own")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise typer.BadParameter(f"{text} is no time that is reckoned with; write one of this century") from None


@lifecycle.command("simulate")
def simulate(
    policy: Annotated[Path, typer.Option("--policy", metavar="POLICY.json", help="ECR's own lifecycle policy text.")],
    images: Annotated[
        Path, typer.Option("--images", metavar="IMAGES.json", help="The output of `aws ecr describe-images`.")
    ],
    manifests: Annotated[
        Path | None,
        typer.Option(
            "--manifests",
            metavar="FILE",
            help="The output of `aws ecr batch-get-image` for manifest lists.",
            show_default=False,
        ),
    ] = None,
    now: Annotated[
        datetime | None,
        typer.Option(
            "--now", metavar="TIME", parser=_moment, help="The time of the run (default: now).", show_default=False
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a lifecycle policy would do to a list of images.

    List the images with `aws ecr describe-images --repository-name NAME --filter imageStatus=ANY`: without the filter,
    AWS leaves archived images out. The JSON has the shape of `aws ecr get-lifecycle-policy-preview`, and also lists the
    images that later runs delete because other images are gone. Exits 0, or 2 if a file cannot be read. Needs no AWS
    account and no network.
    """
    from registry.lifecycle import algorithm, indexes, inventory, preview_json
    from registry.lifecycle import policy as policies
    from registry.reading.file_text import content_of

    text = policies.text_of(policy)
    rules = policies.rules_of(text, str(policy))
    with inventory.without_collector():
        found = inventory.read(content_of(images), str(images))
        known = indexes.read(content_of(manifests), str(manifests)) if manifests else indexes.Manifests()
        outcome = algorithm.simulate(rules, found.images, known, (now or datetime.now(UTC)).timestamp())
        said = preview_json.answer(outcome, policy=text, repository=found.repository)
        if as_json:
            print_json_in_pieces(preview_json.pieces(said))
        else:
            from ops.output.lifecycle import print_answer

            print_answer(said, found.repository or str(images))
