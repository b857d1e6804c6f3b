"""What runs, as references to images, and which of them a lifecycle policy would take away.

A reference comes from ECS, from Lambda or from any text: a list, or what kubectl prints in whatever form.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-pull-ecr-image.html
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from registry.lifecycle.algorithm import FollowUp, Mark, Outcome
from registry.lifecycle.images import Image
from registry.limits import REPOSITORY_NAME

_REFERENCE: Final = (
    rf"(?P<repository>{REPOSITORY_NAME.pattern})"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
# Also the endpoints for FIPS and for IPv6, and those of other partitions.
_HOST: Final = r"(?P<account>[0-9]{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]{1,32})\.[a-z0-9.-]{1,64}/"
_WITH_HOST: Final = re.compile(_HOST + _REFERENCE)
_BARE: Final = re.compile(_REFERENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An image that something needs, and what that is; account and region are None where it names no registry."""

    repository: str
    tag: str | None
    digest: str | None
    where: str
    account: str | None = None
    region: str | None = None

    def __str__(self) -> str:
        host = f"{self.account}.dkr.ecr.{self.region}.amazonaws.com/" if self.account else ""
        tag, digest = f":{self.tag}" if self.tag else "", f"@{self.digest}" if self.digest else ""
        return f"{host}{self.repository}{tag}{digest}"

    def means(self, account: str, region: str, repository: str) -> bool:
        """Whether it speaks of a repository."""
        return self.repository == repository and self.account in (None, account) and self.region in (None, region)

    def names(self, digests: Container[str], tags: Container[str]) -> bool:
        """Whether it is one of the images with these digests, or with these tags.

        Of several names the most exact one counts: who names a digest runs that image, whatever its tag is on today.
        """
        return self.digest in digests if self.digest is not None else self.tag in tags


def references(text: str, name: str) -> Iterator[Reference]:
    """Every reference in a text: those that name an ECR registry wherever they stand, others as the first word of
    a line. What follows a tab is where it runs; without it, the place in the text is.

    :param name: what the text is called.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.isspace():
            continue
        place = f"{name}:{number}"
        head, _, tail = line.partition("\t")
        where = f"{tail.strip()} ({place})" if tail.strip() and not _WITH_HOST.search(tail) else place
        found = list(_WITH_HOST.finditer(line))
        yield from (_reference(match, where) for match in found)
        words = head.split()
        if not found and words and (bare := _BARE.fullmatch(words[0])):
            yield _reference(bare, where)


def reference(text: str, where: str) -> Reference | None:
    """The reference a text is, as ECS and Lambda write it; None for an image of another registry."""
    match = _WITH_HOST.fullmatch(text)
    return _reference(match, where) if match else None


def _reference(match: re.Match[str], where: str) -> Reference:
    said = match.groupdict()
    tag = said["tag"] or (None if said["digest"] else "latest")  # what a container runtime pulls
    return Reference(
        repository=said["repository"],
        tag=tag,
        digest=said["digest"],
        where=where,
        account=said.get("account"),
        region=said.get("region"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageAtRisk:
    """An image that a policy would take away although something needs it.

    :param running: where it runs; where that is empty, `pulled_at` or `used_at` (seconds since 1970) is why it is here.
    :param because: the other image with which it goes; empty where the rule acts on the image itself.
    :param added: the policy that is live does not do as much to it: this change would.
    """

    account: str
    region: str
    repository: str
    image: Image
    action: str
    priority: int
    description: str
    because: str
    running: tuple[str, ...]
    pulled_at: float | None = None
    used_at: float | None = None
    added: bool = True

    @property
    def stops(self) -> bool:
        """Whether a deploy must not go on: it runs, and it is this change that would take it away."""
        return bool(self.running) and self.added


def removed_images(outcome: Outcome) -> tuple[Mark | FollowUp, ...]:
    """Every image a policy takes away, in its next run or in those after it."""
    return (*outcome.marks, *outcome.later)


def taken(outcome: Outcome) -> dict[str, str]:
    """What a policy does to which image, in its next run or in those after it: actions by digests."""
    return {gone.image.digest: gone.rule.action for gone in reversed(removed_images(outcome))}


def images_at_risk(
    outcome: Outcome,
    images: Sequence[Image],
    needed: Iterable[Reference],
    *,
    live: Mapping[str, str],
    account: str,
    region: str,
    repository: str,
    since: float,
    used: Mapping[str, float],
) -> Iterator[ImageAtRisk]:
    """What a policy would take away from one repository although it runs, or was pulled or used since a time.

    Archiving takes away too: an archived image cannot be pulled
    (https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html).

    :param live: what the policy that is live does (`taken`).
    :param used: when images were last seen in use, by digest; `since` is in seconds since 1970 as well.
    """
    here = [each for each in needed if each.means(account, region, repository)]
    for gone in removed_images(outcome):
        digest, action = gone.image.digest, gone.rule.action
        where = tuple(dict.fromkeys(it.where for it in here if it.names((digest,), gone.image.tags or ())))
        pulled = gone.image.pulled.timestamp() if gone.image.pulled else None
        if where or max(pulled or 0, used.get(digest, 0)) >= since:
            yield ImageAtRisk(
                account=account,
                region=region,
                repository=repository,
                image=gone.image,
                action=action,
                priority=gone.rule.priority,
                description=gone.rule.description,
                because=f"{gone.how} {gone.because}" if isinstance(gone, FollowUp) else "",
                running=where,
                pulled_at=pulled,
                used_at=used.get(digest),
                added=live.get(digest) not in (action, "expire"),
            )
