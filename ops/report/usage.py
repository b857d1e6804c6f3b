"""What the page says of usage: rows for a table, and bars, from what `ecrctl usage --json` printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ops.output.images import size_text
from ops.output.usage import bytes_text
from ops.report.facts import BarFacts, UsageFacts, UsageLayerFacts, UsageRowFacts
from registry.usage.groups import Group, group, grouped, months, ordered
from registry.usage.saved import SavedUsage
from registry.usage.totals import Bytes, summed

_ROWS: Final = 50  # repositories in the table
_BARS: Final = 12  # of them as bars
_MONTHS: Final = 24


def usage_facts(found: SavedUsage) -> UsageFacts:
    """The page's words; a repository is one row with its replicas."""
    repositories = found.repositories
    groups = ordered(grouped(repositories, "repository"), "size")
    by_month = list(months(repositories).items())[-_MONTHS:]
    whole = group("", repositories)
    effect = whole.effect
    return UsageFacts(
        day=found.as_of.date().isoformat(),
        new_since=found.new_since.date().isoformat(),
        unpulled_since=found.unpulled_since.date().isoformat(),
        not_asked=found.not_asked,
        total=bytes_text(whole.total),
        once=bytes_text(summed(it.once for it in found.registries)),
        images=whole.images,
        unpulled=bytes_text(whole.unpulled),
        unpulled_images=whole.unpulled_images,
        never_pulled=whole.never_pulled,
        exact=whole.total.exact,
        saved="" if effect is None else bytes_text(effect.freed),
        rows=tuple(map(_row, groups[:_ROWS])),
        more_rows=max(0, len(groups) - _ROWS),
        room=_bars([(it.name, it.total, it.unpulled) for it in groups[:_BARS]]),
        growth=_bars([(month, size, Bytes()) for month, (_, size) in by_month]),
        layers=tuple(
            UsageLayerFacts(
                example=it.example,
                place=str(registry.at),
                stored=size_text(it.stored),
                repositories=it.repositories,
                images=it.images,
                digest=it.digest,
            )
            for registry in found.registries
            for it in registry.layers[:10]
        ),
    )


def _row(it: Group) -> UsageRowFacts:
    return UsageRowFacts(
        name=it.name,
        owner=", ".join(it.owners),
        places=it.repositories,
        images=it.images,
        size=bytes_text(it.total),
        new=bytes_text(it.new),
        unpulled=bytes_text(it.unpulled),
        unpulled_images=it.unpulled_images,
        last_pull=it.last_pull.date().isoformat() if it.last_pull else "never" if it.images else "",
    )


def _bars(rows: Sequence[tuple[str, Bytes, Bytes]]) -> tuple[BarFacts, ...]:
    """As parts of the longest, which is 1; a part that is not known exactly is not drawn as unpulled."""
    longest = max((size.high for _, size, _ in rows), default=0) or 1
    return tuple(
        BarFacts(
            name=name,
            text=bytes_text(size),
            sure=size.low / longest,
            most=size.high / longest,
            unpulled=min(part.high, size.low) / longest if part.exact and size.exact else 0.0,
        )
        for name, size, part in rows
    )
