"""What the page says, as plain frozen data: every word of it is chosen here or in gather.py, none in a template.

Texts are as the file has them. The page escapes all of them in one place, page.py, and the diagram in another,
mermaid.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryFacts:
    """One repository; `at` is where it is declared, `tags` is whether tags of images may move, and which.

    `labels` are its resource tags that not all of its namespace have. `heard` says who hears of it, and which alarms
    name it; nothing where nothing is watched.
    """

    name: str
    tags: str
    labels: tuple[str, ...]
    lifecycle: str
    encryption: str
    scanned: str
    owner: str
    at: str
    heard: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceFacts:
    """The repositories of a namespace, and the locations that receive their images, the home's left out.

    `labels` are the resource tags that all of them have. `created` says by what ECR makes more repositories in it.
    """

    name: str
    owners: tuple[str, ...]
    labels: tuple[str, ...]
    created: tuple[str, ...]
    places: tuple[str, ...]
    repositories: tuple[RepositoryFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFacts:
    """An account and a region with a registry; `receives` are namespaces, `is_home` is where images are pushed.

    `everything`: it receives all there is, declared or not. `deletes`: what is deleted at home is deleted there too.
    """

    account: str
    region: str
    is_home: bool
    everything: bool
    deletes: bool
    receives: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalFacts:
    """Somebody whom the file knows by name: `kind` says what, `who` which one, `role` whether it is made here."""

    name: str
    kind: str
    who: str
    account: str
    role: str
    may: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFacts:
    """Somebody may do something somewhere, because a line of a file says so.

    `principal` is a name of the file, and empty where there is none; then `who` says who. `namespaces` are those of
    `where`, none where it is the whole registry. `written`: it comes from a policy in AWS's own form.
    """

    principal: str
    who: str
    may: str
    where: str
    namespaces: tuple[str, ...]
    places: tuple[str, ...]
    at: str
    written: bool

    @property
    def denies(self) -> bool:
        """Whether it takes away instead of giving."""
        return self.may.startswith("denied: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleFacts:
    """One lifecycle in words, a sentence a rule, and who has it: repositories, templates, and in which namespaces."""

    name: str
    sentences: tuple[str, ...]
    repositories: int
    namespaces: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFacts:
    """A warning; `link` is an address that begins with https:, or empty."""

    rule: str
    at: str
    message: str
    given: str
    allowed: str
    way_out: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceFacts:
    """A warning that somebody accepts, why and until when; `silences` are the warnings that it leaves out today."""

    rule: str
    title: str
    reason: str
    until: str
    at: str
    silences: tuple[FindingFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFacts:
    """A VPC: endpoints made there, endpoints of others, and who passes them to this registry.

    `organization`: all of its members pass, besides `passing`. `pulls_from` are accounts of other registries.
    """

    name: str
    account: str
    region: str
    made: tuple[str, ...]
    existing: tuple[str, ...]
    passing: tuple[str, ...]
    organization: str
    pulls_from: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingFacts:
    """Something the registry has once: what it is about, what it is, and its value."""

    about: str
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One change of a plan: how dangerous, what it does, to what, by which line, and what was and will be there."""

    risk: str
    title: str
    subject: str
    line: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRowFacts:
    """What a repository holds, in all places together, in words."""

    name: str
    owner: str
    places: int
    images: int
    size: str
    new: str
    unpulled: str
    unpulled_images: int
    last_pull: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageLayerFacts:
    """A layer that takes much room, an image that has it, and by how many it is shared."""

    example: str
    place: str
    stored: str
    repositories: int
    images: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BarFacts:
    """A bar: its name, its number in words, and its parts of the longest bar, from 0 to 1."""

    name: str
    text: str
    sure: float
    most: float
    unpulled: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageFacts:
    """What the registry holds on a day. `exact`: sizes are numbers, and no ranges; `saved` is empty unasked."""

    day: str
    new_since: str
    unpulled_since: str
    not_asked: tuple[str, ...]
    total: str
    once: str
    images: int
    unpulled: str
    unpulled_images: int
    never_pulled: int
    exact: bool
    saved: str
    rows: tuple[UsageRowFacts, ...]
    more_rows: int
    room: tuple[BarFacts, ...]
    growth: tuple[BarFacts, ...]
    layers: tuple[UsageLayerFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the page says. `revision` is what the caller calls this state of the file; the page knows no time."""

    name: str
    file: str
    team_files: tuple[str, ...]
    revision: str
    manages_registry: bool
    places: tuple[PlaceFacts, ...]
    namespaces: tuple[NamespaceFacts, ...]
    lifecycles: tuple[LifecycleFacts, ...]
    principals: tuple[PrincipalFacts, ...]
    access: tuple[AccessFacts, ...]
    networks: tuple[NetworkFacts, ...]
    settings: tuple[SettingFacts, ...]
    findings: tuple[FindingFacts, ...]
    acceptances: tuple[AcceptanceFacts, ...]
    plan: tuple[PlanRow, ...] | None = None
    usage: UsageFacts | None = None

    @property
    def home(self) -> PlaceFacts:
        """Where images are pushed."""
        return self.places[0]

    @property
    def watched(self) -> bool:
        """Whether somebody hears of what happens."""
        return any(it.heard for namespace in self.namespaces for it in namespace.repositories)

    @property
    def repositories(self) -> int:
        """How many are declared."""
        return sum(len(namespace.repositories) for namespace in self.namespaces)

    def beside_home(self, place: PlaceFacts) -> str:
        """How a file writes a place: the region alone in the home's account."""
        return place.region if place.account == self.home.account else f"{place.account}/{place.region}"


def names(words: Iterable[str]) -> tuple[str, ...]:
    """Words without repetition, in their order, empty ones left out."""
    return tuple(word for word in dict.fromkeys(words) if word)
