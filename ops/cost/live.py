"""What AWS holds, counted for a bill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from ops.aws import cloud
from ops.cost.held import Held
from ops.usage.reading import Answered, Question, answered
from registry.model import Registry
from registry.usage.count import Since


def held(registry: Registry, profiles: Mapping[str, str], now: datetime, *, manifests: bool | None) -> Held:
    """Count the images at every location of a registry.

    :param profiles: of ~/.aws/config by account.
    :param manifests: whether they are read, which tells layers apart; None where that is no pull.
    :raises CloudError: where AWS refuses anything: a part is not shown for the whole.
    """
    own = cloud.own_account(registry)
    asked = tuple(at for at in registry.locations if at.account == own or at.account in profiles)
    since = Since(used=now - timedelta(days=90), new=now - timedelta(days=30))
    question = Question(
        locations=asked,
        chosen=lambda name, owner: True,
        since=since,
        now=now,
        manifests=manifests,
        profiles=profiles,
    )
    found = answered(registry, question)
    return Held(
        usages=tuple(it for each in found.registries for it in each.repositories),
        asked=asked,
        unasked=tuple(at for at in registry.locations if at not in asked),
        notes=tuple(_notes(found, registry)),
    )


def _notes(found: Answered, registry: Registry) -> Iterator[str]:
    unread = [it.at.beside(registry.home) for it in found.registries if it.at not in found.were_read]
    if unread:
        yield (
            f"manifests were not read in {', '.join(unread)}, where ECR records that as a pull: sizes are ranges; "
            "--manifests reads them"
        )
    if found.spared:
        yield f"{len(found.spared):,} repositories count days since the last pull, so their manifests were not read"
