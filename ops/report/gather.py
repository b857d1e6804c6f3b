"""From a file that has been checked to what the page says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Final

from ops.report import words
from ops.report.facts import (
    AcceptanceFacts,
    AccessFacts,
    FindingFacts,
    LifecycleFacts,
    NamespaceFacts,
    NetworkFacts,
    PlaceFacts,
    PlanRow,
    PrincipalFacts,
    Report,
    RepositoryFacts,
    UsageFacts,
    names,
)
from ops.report.settings import settings
from registry.access.endpoint_policies import passing
from registry.access.publishing import PUBLIC_HOST
from registry.access.rows import Row, rows
from registry.errors import InvalidRegistry
from registry.findings import Finding, listed
from registry.limits import ROOT_PREFIX
from registry.load import CheckResult, check_sources
from registry.model import CreationTemplate, LifecyclePolicy, Network, Registry, Repository
from registry.model.endpoints import service_name
from registry.monitoring.reach import alarms_of, heard_of
from registry.naming import OWNER_TAG, namespace_of
from registry.reading.include import read_files
from registry.reading.sources import Sources
from registry.rules import RULES, RuleContext
from registry.rules.acceptances import acceptances

_SHOWN: Final = 6  # repositories or namespaces in a summary of what somebody may


def read(
    file: Path,
    *,
    revision: str = "",
    today: date | None = None,
    plan: Iterable[PlanRow] | None = None,
    usage: UsageFacts | None = None,
) -> Report:
    """What the page says of a registry file. Where the file lies is not told, so every checkout makes the same page.

    :param today: the day on which acceptances are looked at (default: today's date in UTC).
    :raises InvalidRegistry: with every finding, where one is an error.
    :raises UnreadableFile: where the path names no file that can be read.
    """
    sources = read_files(file, file.name)
    outcome = check_sources(sources, today=today)
    registry = outcome.registry
    if registry is None:
        raise InvalidRegistry(outcome.findings)
    access = tuple(_access(registry, sources))
    return Report(
        name=registry.name,
        file=file.name,
        team_files=tuple(sources.teams),
        revision=revision,
        manages_registry=registry.manages_registry,
        places=tuple(_places(registry)),
        namespaces=tuple(_namespaces(registry, sources, outcome, access)),
        lifecycles=tuple(_lifecycles(registry)),
        principals=tuple(_principals(registry)),
        access=access,
        networks=tuple(_network(registry, network) for network in registry.networks),
        settings=tuple(settings(registry)),
        findings=tuple(map(_finding, outcome.findings)),
        acceptances=tuple(_acceptances(outcome, sources)),
        plan=None if plan is None else tuple(plan),
        usage=usage,
    )


def _places(registry: Registry) -> Iterator[PlaceFacts]:
    every = tuple(sorted({it.namespace for it in registry.repositories}))
    home = registry.home
    yield PlaceFacts(
        account=home.account, region=home.region, is_home=True, everything=False, deletes=False, receives=every
    )
    for replica in registry.replicas:
        yield PlaceFacts(
            account=replica.location.account,
            region=replica.location.region,
            is_home=False,
            everything=replica.all_repositories,
            deletes=replica.delete_replication,
            receives=tuple(sorted(replica.namespaces)),
        )


def _namespaces(
    registry: Registry, sources: Sources, outcome: CheckResult, access: Iterable[AccessFacts]
) -> Iterator[NamespaceFacts]:
    """Those of declared repositories, and those that somebody may use or that ECR fills."""
    found: dict[str, list[Repository]] = {it: [] for row in access for it in row.namespaces}
    created: dict[str, list[str]] = {}
    for prefix, cache in registry.pull_through_cache_rules.items():
        if prefix != ROOT_PREFIX:
            created.setdefault(namespace_of(f"{prefix}/"), []).append(f"below {prefix}: cached from {cache.host}")
    for template in registry.creation_templates:
        if template.prefix != ROOT_PREFIX and "CREATE_ON_PUSH" in template.applied_for:
            created.setdefault(namespace_of(f"{template.prefix}/"), []).append(f"below {template.prefix}: when pushed")
    for repository in registry.repositories:
        found.setdefault(repository.namespace, []).append(repository)
    for name in sorted({**found, **created}):
        repositories = found.get(name, [])
        tags = [{f"{key}: {value}" for key, value in it.tags if key != OWNER_TAG} for it in repositories]
        shared = set.intersection(*tags) if tags else set()
        yield NamespaceFacts(
            name=name,
            owners=names(sorted(it.owner or "" for it in repositories)),
            labels=tuple(sorted(shared)),
            created=tuple(created.get(name, ())),
            places=tuple(it.location.beside(registry.home) for it in registry.replicas if name in it.namespaces),
            repositories=tuple(_repository(registry, sources, outcome, it, shared) for it in repositories),
        )


def _repository(
    registry: Registry, sources: Sources, outcome: CheckResult, repository: Repository, shared: set[str]
) -> RepositoryFacts:
    assert outcome.written is not None
    labels = (f"{key}: {value}" for key, value in repository.tags if key != OWNER_TAG)
    return RepositoryFacts(
        name=repository.name,
        tags=words.mutability(
            repository.image_tag_mutability, repository.exclusion_filters, repository.tags_must_match
        ),
        labels=tuple(label for label in labels if label not in shared),
        lifecycle=words.lifecycle_name(repository.lifecycle),
        encryption=words.encryption(repository.encryption),
        scanned=words.scanning(registry, repository.name, repository.scan_on_push),
        owner=repository.owner or "",
        at=_line(sources, outcome.written.entries[repository.name].place),
        heard=(
            *map(str, heard_of(registry, repository)),
            *(f"alarm {name}" for name in alarms_of(registry, repository)),
        ),
    )


def _line(sources: Sources, place: tuple[str | int, ...]) -> str:
    """File and line; a reader of a page needs no column."""
    position = sources.position(place, key=True)
    return f"{position.file}:{position.line}"


def _lifecycles(registry: Registry) -> Iterator[LifecycleFacts]:
    using: dict[LifecyclePolicy | None, list[Repository | CreationTemplate]] = {}
    every: list[Repository | CreationTemplate] = [*registry.repositories, *registry.creation_templates]
    for each in every:
        using.setdefault(each.lifecycle, []).append(each)
    for lifecycle in sorted(using, key=lambda it: (it is None, it.name if it else "", it.text if it else "")):
        having = using[lifecycle]
        templates = (f"template {it.prefix}" for it in having if isinstance(it, CreationTemplate))
        repositories = [it for it in having if isinstance(it, Repository)]
        yield LifecycleFacts(
            name=words.lifecycle_name(lifecycle),
            sentences=words.sentences(lifecycle),
            repositories=len(repositories),
            namespaces=(*names(it.namespace for it in repositories), *templates),
        )


def _principals(registry: Registry) -> Iterator[PrincipalFacts]:
    granted: dict[str, dict[str, dict[str, None]]] = {}
    for grant in registry.grants:
        granted.setdefault(grant.principal.name, {}).setdefault(grant.granted, {})[grant.scope] = None
    for principal in registry.principals:
        account = getattr(principal, "account", "")
        yield PrincipalFacts(
            name=principal.name,
            kind=words.kind(principal),
            who=words.who(principal),
            account=account,
            role=words.role(principal),
            may=tuple(f"{verb} {listed(where, _SHOWN)}" for verb, where in granted.get(principal.name, {}).items()),
        )


def _access(registry: Registry, sources: Sources) -> Iterator[AccessFacts]:
    granted = {grant.at for grant in registry.grants}
    granted |= {at for it in registry.public_repositories for _, at in it.pushers}
    found = [
        AccessFacts(
            principal=row.principal,
            who=row.who,
            may=row.may,
            where=row.where,
            namespaces=_in_namespaces(row),
            places=tuple(at.beside(registry.home) for at in row.locations),
            at=_line(sources, row.at),
            written=row.at not in granted,
        )
        for row in rows(registry)
    ]
    yield from sorted(found, key=lambda it: (it.where, it.denies, it.may, it.principal, it.who, it.at))


def _in_namespaces(row: Row) -> tuple[str, ...]:
    """The namespaces of `where`; none where it is, or may be, more than those."""
    where = row.where.partition(" (template ")[0]
    if where.startswith(f"{PUBLIC_HOST} "):
        return ()  # no repository of these namespaces
    parts = where.split(", ")
    if where.startswith("all but ") or any("*" in part.removesuffix("/*") for part in parts):
        return ()
    return names(sorted(namespace_of(part) for part in parts))


def _network(registry: Registry, network: Network) -> NetworkFacts:
    def called(services: Iterable[str]) -> tuple[str, ...]:
        every = (service_name(service, network.region, fips=network.fips) for service in services)
        return tuple(name.rpartition(f"{network.region}.")[2] for name in every)

    s3 = called(["s3"])
    return NetworkFacts(
        name=network.name,
        account=network.account,
        region=network.region,
        made=called(network.services) + (s3 if network.s3 == "gateway" else ()),
        existing=called(network.existing) + (s3 if network.s3 == "existing" else ()),
        passing=names(grant.principal.name for grant, _ in passing(registry, network)),
        organization=network.organization or "",
        pulls_from=network.pull_from,
    )


def _finding(finding: Finding) -> FindingFacts:
    return FindingFacts(
        rule=finding.rule,
        at=str(finding.position),
        message=finding.message,
        given=finding.given,
        allowed=finding.allowed,
        way_out=finding.way_out,
        link=finding.link if finding.link.startswith("https://") else "",
    )


def _acceptances(outcome: CheckResult, sources: Sources) -> Iterator[AcceptanceFacts]:
    assert outcome.written is not None
    assert outcome.registry is not None
    declared = RuleContext(written=outcome.written, registry=outcome.registry)
    for place, file, acceptance in acceptances(declared):
        silenced = [it for it in outcome.accepted if it.rule == acceptance.rule and file in (None, it.position.file)]
        yield AcceptanceFacts(
            rule=acceptance.rule,
            title=RULES[acceptance.rule].title,
            reason=" ".join(acceptance.reason.split()),
            until=acceptance.until or "",
            at=_line(sources, place),
            silences=tuple(map(_finding, silenced)),
        )
