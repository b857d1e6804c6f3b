"""Where images are used: on ECS, on Lambda, in what Amazon Inspector sees, and in lists that people have."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.aws import cloud
from ops.aws.parallel import map_parallel
from ops.images.kinds import StoredImage
from ops.lifecycle import inspector
from ops.lifecycle.guard import references_in
from ops.lifecycle.running import running_in
from ops.lifecycle.targets import Target
from registry.lifecycle.in_use import Reference
from registry.locations import Location
from registry.model import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """What is used of the registry at a location. `absent` could not be asked, because there is no such service."""

    at: Location
    references: tuple[Reference, ...] = ()
    absent: tuple[str, ...] = ()

    def of(self, image: StoredImage, digests: Container[str]) -> tuple[str, ...]:
        """Where the image's repository is used by one of these digests: what a running task has pulled."""
        return self._where(image.repository, digests, ())

    def of_tags(self, image: StoredImage, tags: Container[str]) -> tuple[str, ...]:
        """Where the image's repository is used by one of these tags: what the next task will pull."""
        return self._where(image.repository, (), tags)

    def _where(self, repository: str, digests: Container[str], tags: Container[str]) -> tuple[str, ...]:
        means = (self.at.account, self.at.region, repository)
        return tuple(dict.fromkeys(it.where for it in self.references if it.means(*means) and it.names(digests, tags)))


def uses(
    registry: Registry,
    at: Location,
    digests: Mapping[str, frozenset[str]],
    *,
    sources: Sequence[str],
    files: Sequence[Path],
) -> Uses:
    """What uses images of a registry, in every region that it has and in the account of the credentials.

    :param digests: by repository the images that Amazon Inspector is asked about, where it scans.
    :param sources: which services to ask (`ops.lifecycle.guard.SOURCES`).
    :param files: texts with references to images, such as what kubectl prints.
    :raises CloudError: where a service cannot be asked: whether something runs is then not known.
    """
    found = [reference for file in files for reference in references_in(file)]
    regions = sorted({location.region for location in registry.locations})
    running, absent = running_in(regions, [source for source in sources if source != inspector.NAME])
    found += running
    if inspector.NAME in sources and digests and inspector.is_enhanced(cloud.ecr(at.region), at.region):
        client = cloud.client("inspector2", at.region)
        targets = [
            Target(account=at.account, region=at.region, repository=name, policy="", rules=()) for name in digests
        ]
        seen = map_parallel(
            targets, lambda it: inspector.seen(client, it, digests[it.repository]), "asking Amazon Inspector"
        )
        found += [reference for each in seen for reference in each.running]
    return Uses(at=at, references=tuple(found), absent=absent)
