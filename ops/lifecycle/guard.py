"""The in-use guard: what the policies would take away, compared with what runs.

A deploy stops for what it would newly take away; what the live policy takes already is warned about
(docs/decisions/0046-the-guard-stops-for-what-is-new.md).
https://github.com/aws/containers-roadmap/issues/1078: the first complaint about lifecycle policies.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ops.aws import cloud
from ops.aws.parallel import map_parallel
from ops.lifecycle import inspector
from ops.lifecycle import running as running_
from ops.lifecycle.inspector import Seen
from ops.lifecycle.live import images_in, manifests_in, policy_of
from ops.lifecycle.running import running_in
from ops.lifecycle.targets import Target, of_account
from registry.errors import InvalidFile, UnreadableFile
from registry.lifecycle.algorithm import DAY, Outcome, simulate
from registry.lifecycle.images import Image
from registry.lifecycle.in_use import ImageAtRisk, Reference, images_at_risk, references, removed_images, taken
from registry.lifecycle.policy import rules_of
from registry.model import Registry
from registry.reading.file_text import content_of

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

#: Which services of AWS know what runs.
SOURCES: Final = (*running_.SOURCES, inspector.NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardResult:
    """What the guard saw: repositories looked at, images that would go, and those of them that are needed.

    `absent` names what could not be asked because it is not there; `unknown` counts indexes whose children nobody
    could say; `unread` names repositories whose live policy cannot be read, so that all of this one counts as new;
    `empty` names lists in which nothing was found.
    """

    repositories: int
    going: int
    found: tuple[ImageAtRisk, ...]
    absent: tuple[str, ...] = ()
    unknown: int = 0
    unread: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()

    @property
    def running(self) -> tuple[ImageAtRisk, ...]:
        """The images that run."""
        return tuple(each for each in self.found if each.running)

    @property
    def stopping(self) -> tuple[ImageAtRisk, ...]:
        """Those of them that this change would take away, and the live policy does not."""
        return tuple(each for each in self.found if each.stops)


@dataclass(frozen=True, slots=True)
class _Looked:
    """`live` is what the policy does that the repository has now; None where that cannot be read."""

    target: Target
    images: tuple[Image, ...]
    outcome: Outcome
    live: Mapping[str, str] | None

    @property
    def inspectable(self) -> frozenset[str]:
        """What goes and Amazon Inspector could see, by digests: archived images are not scanned."""
        return frozenset(gone.image.digest for gone in removed_images(self.outcome) if not gone.image.archived)


def guard(
    registry: Registry,
    targets: Sequence[Target],
    *,
    sources: Sequence[str],
    files: Sequence[Path],
    pulled_days: int,
    now: float | None = None,
) -> GuardResult:
    """Compare what policies would take away with what runs.

    :param sources: which services of AWS to ask (`SOURCES`).
    :param files: texts with references to images, such as what kubectl prints.
    :param pulled_days: an image pulled in so many days is reported too; 0 for none.
    :param now: seconds since 1970 (default: the time).
    :raises CloudError: where AWS cannot be asked; UnreadableFile for a file that cannot be read.
    """
    now = time.time() if now is None else now
    listed = {str(file): references_in(file) for file in files}
    needed = [reference for found in listed.values() for reference in found]
    absent: tuple[str, ...] = ()
    targets = of_account(targets, cloud.own_account(registry))
    clients = {region: cloud.ecr(region) for region in sorted({target.region for target in targets})}
    looked = [
        found
        for found in map_parallel(targets, lambda it: _look(clients[it.region], it, now), "looking at images")
        if found is not None
    ]
    seen = _inspected(clients, looked) if inspector.NAME in sources else {}
    needed += [reference for each_ in seen.values() for reference in each_.running]
    if any(removed_images(found.outcome) for found in looked):  # otherwise nothing can be in use that goes
        runs, absent = running_in(list(clients), [source for source in sources if source != inspector.NAME])
        needed += runs
    since = now - pulled_days * DAY
    return GuardResult(
        repositories=len(looked),
        going=sum(len(removed_images(found.outcome)) for found in looked),
        found=tuple(it for found in looked for it in _endangered(found, needed, since, seen.get(found.target, Seen()))),
        absent=absent,
        unknown=sum(len(found.outcome.unknown) for found in looked),
        unread=tuple(str(found.target) for found in looked if found.live is None),
        empty=tuple(name for name, found in listed.items() if not found),
    )


def _look(client: ECRClient, target: Target, now: float) -> _Looked | None:
    """What a policy does to a repository, beside what its live policy does; None before its first deploy."""
    images = images_in(client, target.repository)
    if images is None:
        return None
    text = policy_of(client, target.repository)
    try:
        live = rules_of(text, f"the live policy of {target}") if text else ()
    except InvalidFile:
        live = None
    manifests = manifests_in(client, target.repository, images, (*target.rules, *(live or ())))
    outcome = simulate(target.rules, images, manifests, now)
    if live is None:
        return _Looked(target, images, outcome, None)
    same = live == target.rules
    return _Looked(target, images, outcome, taken(outcome if same else simulate(live, images, manifests, now)))


def _inspected(clients: Mapping[str, ECRClient], looked: Sequence[_Looked]) -> Mapping[Target, Seen]:
    """What Amazon Inspector sees of the repositories of which something goes."""
    wanted = {found.target: found.inspectable for found in looked if found.inspectable}
    inspectors = {
        region: cloud.client("inspector2", region)
        for region in sorted({target.region for target in wanted})
        if inspector.is_enhanced(clients[region], region)
    }
    asked = [target for target in wanted if target.region in inspectors]
    found = map_parallel(asked, lambda it: inspector.seen(inspectors[it.region], it, wanted[it]), "asking Inspector")
    return dict(zip(asked, found, strict=True))


def _endangered(found: _Looked, needed: Sequence[Reference], since: float, seen: Seen) -> Iterator[ImageAtRisk]:
    target = found.target
    return images_at_risk(
        found.outcome,
        found.images,
        needed,
        live=found.live or {},
        account=target.account,
        region=target.region,
        repository=target.repository,
        since=since,
        used=seen.used or {},
    )


def references_in(file: Path) -> list[Reference]:
    """The references of a text.

    :raises UnreadableFile: also for one in another encoding, which would seem to name nothing, so that all would pass.
    """
    try:
        text = content_of(file).decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UnreadableFile(
            f"{file}: this is not UTF-8 text: byte {problem.start + 1} is 0x{problem.object[problem.start]:02x}\n"
            "    way out: save it as UTF-8, in Windows PowerShell with `Out-File -Encoding utf8` in place of `>`"
        ) from problem
    return list(references(text, str(file)))
