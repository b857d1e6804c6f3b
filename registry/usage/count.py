"""Images counted one after the other, by unique layers: a layer that ten images have is stored once.

ECR's own number, imageSizeInBytes, counts it ten times, and an index as large as its largest image, which is counted as
well: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html. A sum of these is more than there
is, and the largest of them less. Both are said where the layers of an image are not known.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from registry.locations import Location
from registry.usage.images import UsedImage
from registry.usage.layers import LayerTable
from registry.usage.totals import Bytes, Effect, RegistryUsage, RepositoryUsage

DAY: Final = 86_400  # seconds
MOST: Final = 20  # layers, and bases, that are named
_STANDARD, _ARCHIVE, _USED, _STAYS, _STAYS_STANDARD = 1, 2, 4, 8, 16
_FLAGS: Final = 5  # bits, of which these are
_EVERY: Final = (1 << _FLAGS) - 1


@dataclass(frozen=True, slots=True)
class Since:
    """From when an image counts as used, and as new."""

    used: datetime
    new: datetime


@dataclass(slots=True)
class _Unread:
    """Sums of images whose layers are not known, in bytes: they may share all of them, or none."""

    images: int = 0
    largest: dict[int, int] = field(default_factory=lambda: {_STANDARD: 0, _ARCHIVE: 0})
    by_flag: Counter[int] = field(default_factory=Counter)  # images that have the flag
    without: Counter[int] = field(default_factory=Counter)  # those that have it not
    months: Counter[str] = field(default_factory=Counter)
    new: int = 0


class RegistryCount:
    """The registry of a location while it is counted. Not for several threads at once."""

    def __init__(self, at: Location, since: Since) -> None:
        self.at, self.since = at, since
        self.layers = LayerTable()
        self._counted: list[RepositoryUsage] = []
        self._unread = 0

    def repository(self, name: str, owner: str) -> RepositoryCount:
        """Begin one of its repositories."""
        return RepositoryCount(self, name, owner)

    def counted(self, usage: RepositoryUsage, unread: int) -> None:
        """A repository came to its end; `unread` are the bytes of its images whose layers are not known."""
        self._counted.append(usage)
        self._unread += unread

    def usage(self) -> RegistryUsage:
        """What the repositories came to that came to their end."""
        low = self.layers.total()
        least = max((it.total.low for it in self._counted), default=0)
        return RegistryUsage(
            at=self.at,
            repositories=tuple(sorted(self._counted, key=lambda it: it.repository)),
            once=Bytes(max(low, least), low + self._unread),
            layers=tuple(self.layers.largest(MOST)),
            bases=tuple(self.layers.bases(MOST)),
        )


class RepositoryCount:
    """One repository while it is counted."""

    def __init__(self, registry: RegistryCount, name: str, owner: str) -> None:
        self._registry, self._name, self._owner = registry, name, owner
        self._first_used, self._first_new = registry.since.used.timestamp(), _day(registry.since.new)
        self._layers: dict[int, int] = {}  # by number: the day of the first push, and flags
        self._unread = _Unread()
        self._counts: Counter[str] = Counter()
        self._months: Counter[str] = Counter()
        self._last: list[datetime | None] = [None, None]

    def add(self, image: UsedImage) -> None:
        """One image more; it is not kept."""
        day = _day(image.pushed)
        unused = image.used.timestamp() < self._first_used and not image.archived
        self._counts["images"] += 1
        self._counts["archived"] += image.archived
        self._counts["unused"] += unused
        self._counts["never"] += image.pulled is None and not image.archived
        self._counts["new"] += day >= self._first_new
        self._counts[image.fate] += 1
        self._months[_month(day)] += 1
        for which, time in enumerate((image.pushed, image.pulled)):
            last = self._last[which]
            if time is not None and (last is None or time > last):
                self._last[which] = time
        if image.is_index:
            return  # its images are listed themselves
        flags = _ARCHIVE if image.archived else _STANDARD
        if not unused:
            flags |= _USED
        if image.fate != "expires":
            flags |= _STAYS
        if image.fate == "stays" and not image.archived:
            flags |= _STAYS_STANDARD
        if image.layers is None:
            self._add_unread(image.size, flags, day)
            return
        known = self._layers
        for number in self._registry.layers.add(image):
            was = known.get(number)
            if was is None:
                known[number] = day << _FLAGS | flags
            else:
                known[number] = min(was >> _FLAGS, day) << _FLAGS | was & _EVERY | flags

    def _add_unread(self, size: int, flags: int, day: int) -> None:
        unread = self._unread
        unread.images += 1
        unread.months[_month(day)] += size
        unread.new += size if day >= self._first_new else 0
        storage = flags & (_STANDARD | _ARCHIVE)
        unread.largest[storage] = max(unread.largest[storage], size)
        unread.by_flag[storage] += size
        for flag in (_USED, _STAYS, _STAYS_STANDARD):
            if flags & flag:
                unread.by_flag[flag] += size
            elif flag != _STAYS_STANDARD or storage == _STANDARD:
                unread.without[flag] += size

    def end(self, *, effect: bool = False, unknown: int = 0) -> RepositoryUsage:
        """What it came to, which its registry now counts, too.

        :param effect: whether `fate` of the images was somebody's question; `unknown` is what Effect says of it.
        """
        sizes, unread = self._registry.layers.sizes, self._unread
        total = standard = archive = both = 0
        used = stays = stays_standard = moved = new = 0
        months: Counter[str] = Counter()
        for number, packed in self._layers.items():
            size, day = sizes[number], packed >> _FLAGS
            total += size
            if packed & _STANDARD:
                standard += size
                both += size if packed & _ARCHIVE else 0
                if packed & _STAYS_STANDARD:
                    stays_standard += size
                elif packed & _STAYS:
                    moved += size
            else:
                archive += size
            used += size if packed & _USED else 0
            stays += size if packed & _STAYS else 0
            new += size if day >= self._first_new else 0
            months[_month(day)] += size
        in_standard = Bytes(max(standard, unread.largest[_STANDARD]), standard + unread.by_flag[_STANDARD])
        in_archive = Bytes(
            max(0, archive - unread.by_flag[_STANDARD], unread.largest[_ARCHIVE] - in_standard.high),
            archive + both + unread.by_flag[_ARCHIVE],
        )
        low = max(total, in_standard.low + in_archive.low)
        leaving = standard - stays_standard + unread.without[_STAYS_STANDARD]
        usage = RepositoryUsage(
            at=self._registry.at,
            repository=self._name,
            owner=self._owner,
            images=self._counts["images"],
            standard=in_standard,
            archive=in_archive,
            archived_images=self._counts["archived"],
            pushed={
                month: Bytes(0 if unread.images else months[month], months[month] + unread.months[month])
                for month in sorted(self._months)
            },
            pushed_images=dict(sorted(self._months.items())),
            new=Bytes(0 if unread.images else new, new + unread.new),
            new_images=self._counts["new"],
            unpulled=self._without(_USED, total - used, low - used),
            unpulled_images=self._counts["unused"],
            never_pulled=self._counts["never"],
            last_push=self._last[0],
            last_pull=self._last[1],
            unread=unread.images,
            effect=Effect(
                expires=self._counts["expires"],
                archives=self._counts["is archived"],
                freed=self._without(_STAYS, total - stays, low - stays),
                moved=Bytes(max(0, moved - unread.by_flag[_STAYS_STANDARD]), leaving if unread.images else moved),
                unknown=unknown,
            )
            if effect
            else None,
        )
        self._registry.layers.kept_in_one_more(self._layers)
        self._registry.counted(usage, unread.by_flag[_STANDARD] + unread.by_flag[_ARCHIVE])
        self._layers = {}
        return usage

    def _without(self, flag: int, known: int, rest: int) -> Bytes:
        """The bytes that would go if every image went that has not the flag.

        :param known: of layers that no known image with the flag has; `rest` of all there is at least, without those.
        """
        kept = self._unread.by_flag[flag]
        return Bytes(max(0, known - kept, rest - kept), known + self._unread.without[flag])


def _day(time: datetime) -> int:
    return int(time.timestamp() // DAY)


def _month(day: int) -> str:
    if (found := _MONTHS.get(day)) is None:
        found = _MONTHS[day] = datetime.fromtimestamp(day * DAY, UTC).strftime("%Y-%m")
    return found


_MONTHS: Final[dict[int, str]] = {}
