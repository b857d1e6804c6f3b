"""From what is written to the model: layers merged, names resolved, everything sorted.

Total: it never raises, also for files that a rule refuses, so that rules can look at the outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from registry.access.policies import by_location, repository_policy
from registry.findings import YamlPath
from registry.locations import Location, located
from registry.model import (
    CreationTemplate,
    Encryption,
    Grant,
    Granted,
    LifecyclePolicy,
    Principal,
    Registry,
    Replica,
    Repository,
    WrittenPolicy,
)
from registry.naming import OWNER_TAG, ROOT_NAMESPACE, namespace_of
from registry.patterns import scanned
from registry.resolve import lifecycles
from registry.resolve.files import Layer, Written, team_of
from registry.resolve.monitoring import monitoring_of
from registry.resolve.namespaces import namespaces_of, spoken_of
from registry.resolve.networks import networks_of
from registry.resolve.principals import pipeline_role, principals_of, role_settings
from registry.resolve.public import public_repositories_of
from registry.resolve.registry_wide import (
    account_settings_of,
    cached_at,
    exclusions_of,
    has_template,
    mutability_of,
    namespace_below,
    places_of_statements,
    replicated_template,
    template_of,
)
from registry.shape import (
    BUILT_IN,
    BUILT_IN_LIFECYCLE,
    CACHED,
    AddedShape,
    CreationTemplateShape,
    FileShape,
    Settings,
)

#: The keys that grant something: layers add to each other, and nobody is granted anything where none says so.
GRANTS: Final[tuple[Granted, ...]] = get_args(Granted)
#: The parts of a pipeline that do something in ECR, and what.
_PARTS: Final[tuple[tuple[Literal["build", "promote"], Granted], ...]] = (("build", "push"), ("promote", "promote"))


def resolved(written: Written) -> Registry:
    """The registry the files declare."""
    root = written.root
    of = _Resolver(written)
    repositories = tuple(of.repository(name) for name in sorted(written.entries))
    grants = dict.fromkeys((*(grant for it in repositories for grant in it.grants), *of.of_namespaces()))
    return Registry(
        name=root.registry.name,
        account=root.registry.account,
        region=root.registry.region,
        manages_registry="registry" in root.manage,
        replicas=of.replicas,
        principals=(*of.principals.values(), *of.of_pipelines()),
        roles=role_settings(root),
        grants=tuple(grants),
        scanning=root.scanning,
        creation_templates=tuple(
            of.template(prefix, shape) for prefix, shape in sorted(root.creation_templates.items())
        ),
        kms_keys=MappingProxyType(dict(sorted(root.kms_keys.items()))),
        pull_through_cache_rules=MappingProxyType(dict(sorted(root.pull_through_cache_rules.items()))),
        signing=root.signing,
        signing_profiles=MappingProxyType(dict(sorted(root.signing_profiles.items()))),
        registry_policies=MappingProxyType(dict(of.registry_policies())),
        networks=networks_of(root),
        pipelines=MappingProxyType(dict(sorted(root.pipelines.items()))),
        monitoring=monitoring_of(root),
        account_settings=account_settings_of(root),
        pull_time_update_exclusions=exclusions_of(root, of.principals),
        accepted_findings=MappingProxyType(dict(sorted(root.accepted_findings.items()))),
        repositories=repositories,
        public_repositories=public_repositories_of(root, of.principals),
        shards=MappingProxyType({name: shape.shards for name, shape in root.namespaces.items()}),
        shared_stacks=MappingProxyType({name: shape.stack for name, shape in root.namespaces.items() if shape.stack}),
        access_stacks=MappingProxyType({name: shape.stack for name, shape in root.principals.items() if shape.stack}),
        budgets=MappingProxyType(dict(sorted(root.budgets.items()))),
    )


def home_of(root: FileShape) -> Location:
    """Where images are pushed."""
    return Location(root.registry.account, root.registry.region)


class _Resolver:
    """What repositories and namespaces come to, given all the files say."""

    def __init__(self, written: Written) -> None:
        root = written.root
        self.written = written
        self.home = home_of(root)
        self.principals = principals_of(root)
        self.lifecycles: dict[YamlPath | None, LifecyclePolicy | None] = {
            place: lifecycles.to_ecr_policy(name, declared) for place, name, declared in written.lifecycles()
        }
        self.lifecycles[None] = lifecycles.to_ecr_policy(BUILT_IN_LIFECYCLE, lifecycles.BUILT_IN)
        self._documents: dict[YamlPath, Mapping[str, Any]] = {
            at: layer.repository_policy.model_dump(exclude_none=True)
            for at, layer in written.every_layer()
            if layer.repository_policy is not None
        }
        self._namespaces_of = namespaces_of(written)
        self.replicas = tuple(self._replicas())

    def repository(self, name: str) -> Repository:
        """What a declared repository comes to."""
        return self._repository(name, list(self.written.layers(name)), name)

    def lifecycle_of_template(self, shape: CreationTemplateShape) -> LifecyclePolicy | None:
        """What is named; without a name the built-in one, or none where caches are made: what they hold is pinned."""
        if shape.lifecycle is None and CACHED in shape.applied_for:
            return None
        return self.lifecycles[_meant(self.written, shape.lifecycle)]

    def _repository(self, name: str, layers: Sequence[Layer], own_scope: str) -> Repository:
        grants = (*_grants(layers, name, own_scope, self.principals), *self.of_pipeline(name))

        def nearest(key: str) -> Any:
            return next((value for _, layer in layers if (value := getattr(layer, key)) is not None), BUILT_IN[key])

        mutability, filters = mutability_of(
            nearest("image_tag_mutability"), moving=listed(layers, "moving_tags"), fixed=listed(layers, "fixed_tags")
        )
        encryption_type = nearest("encryption_type")
        at = next((place for place, layer in layers if layer.repository_policy is not None), None)
        document = self._documents[at] if at is not None else None
        locations = self._locations_of(namespace_of(name))
        scanning = self.written.root.scanning
        flag = nearest("scan_on_push")
        return Repository(
            name=name,
            image_tag_mutability=mutability,
            exclusion_filters=filters,
            tags_must_match=nearest("tags_must_match"),
            encryption=Encryption(
                encryption_type=encryption_type,
                keys=MappingProxyType({} if encryption_type == "AES256" else nearest("kms_key")),
            ),
            lifecycle=self._lifecycle(layers),
            scan_on_push=scanned(name, (*scanning.scan_on_push, *scanning.continuous_scan)) if flag is None else flag,
            empty_on_delete=nearest("empty_on_delete"),
            tags=tuple(sorted(_tags(layers, nearest("owner")).items())),
            policies=MappingProxyType(
                by_location({it: repository_policy(document, grants, it, self.home) for it in locations})
            ),
            written_at=places_of_statements(at, document) if at is not None else (),
            opened_because=self._acceptance_of("repository-policy-open", at) if at is not None else None,
            grants=grants,
        )

    def _replicas(self) -> Iterator[Replica]:
        """The replicas: those in the account of the registry, then others."""
        root, account = self.written.root, self.home.account
        templates = {
            namespace: self._template(namespace)
            for namespace in sorted(frozenset().union(*self._namespaces_of.values()))
            if namespace != ROOT_NAMESPACE and not has_template(root, namespace)
        }
        found = {located(name, account): shape for name, shape in root.replicas.items()}
        for location in sorted(found, key=lambda it: (it.account != account, it)):
            namespaces = self._namespaces_of[location]
            yield Replica(
                location=location,
                namespaces=namespaces,
                all_repositories=bool(found[location].all_repositories),
                delete_replication=bool(found[location].delete_replication),
                templates=tuple(template for name, template in templates.items() if name in namespaces),
            )

    def of_namespaces(self) -> Iterator[Grant]:
        """The grants of every namespace there is, also where no repository is in it yet."""
        for namespace in sorted(spoken_of(self.written) - {ROOT_NAMESPACE}):
            for place, layer in self._layers_of(namespace):
                yield from _said(place, layer, f"{namespace}/*", self.principals)

    def of_pipeline(self, name: str) -> Iterator[Grant]:
        """What the roles of a repository's pipeline are granted: one builds, another tags what is there."""
        if name in self.written.root.pipelines:
            for part, granted in _PARTS:
                role = pipeline_role(self.written.root, name, part)
                yield Grant(principal=role, granted=granted, scope=name, at=("pipelines", name))

    def of_pipelines(self) -> Iterator[Principal]:
        """The roles of pipelines that are granted something."""
        for name in sorted(self.written.root.pipelines):
            yield from (grant.principal for grant in self.of_pipeline(name))

    def registry_policies(self) -> Iterator[tuple[Location, WrittenPolicy]]:
        """The registry policies that are written, by location."""
        root = self.written.root
        for at, policy in self.written.registry_policies():
            yield (
                self.home if len(at) == 1 else located(str(at[1]), root.registry.account),
                WrittenPolicy(
                    document=policy.model_dump(mode="json", exclude_none=True),
                    at=at,
                    opened_because=self._acceptance_of("registry-policy-open", at),
                ),
            )

    def template(self, prefix: str, shape: CreationTemplateShape) -> CreationTemplate:
        """A creation template of the file, with what is granted in its namespace where that is."""
        namespace = namespace_below(prefix)
        layers = self._layers_of(namespace) if namespace else []
        grants = tuple(g for place, layer in layers for g in _said(place, layer, f"{namespace}/*", self.principals))
        document = shape.repository_policy.model_dump(exclude_none=True) if shape.repository_policy else None
        here = {*self._locations_of(namespace or ROOT_NAMESPACE), *cached_at(self.written.root, prefix, shape)}
        return template_of(
            prefix,
            shape,
            lifecycle=self.lifecycle_of_template(shape),
            policies=by_location(
                {
                    at: repository_policy(document, grants if at in here else (), at, self.home)
                    for at in (self.home, *self._namespaces_of)
                }
            ),
            written_at=places_of_statements(("creation_templates", prefix), document),
            grants=grants,
        )

    def _layers_of(self, namespace: str) -> list[Layer]:
        team = next((file for file, team in self.written.teams.items() if team.namespace == namespace), None)
        return list(self.written.namespace_layers(namespace, team))

    def _acceptance_of(self, rule: str, at: YamlPath) -> str | None:
        """Why a warning at a place is accepted: in the root file for all files, in a team's for its own."""
        team = team_of(at)
        accepted = [*self.written.root.acceptances, *(self.written.teams[team].acceptances if team else ())]
        return next((it.reason for it in accepted if it.rule == rule), None)

    def _template(self, namespace: str) -> CreationTemplate:
        """What replication creates in a namespace besides the declared repositories: one as its layers say."""
        layers = self._layers_of(namespace)
        return replicated_template(namespace, self._repository(f"{namespace}/*", layers, f"{namespace}/*"))

    def _locations_of(self, namespace: str) -> tuple[Location, ...]:
        """Where a namespace is: at home, and at the replicas that receive it."""
        return (self.home, *(at for at, namespaces in self._namespaces_of.items() if namespace in namespaces))

    def _lifecycle(self, layers: Sequence[Layer]) -> LifecyclePolicy | None:
        for place, layer in layers:
            if layer.lifecycle is not None:
                meant = self.written.lifecycle_place(layer.lifecycle, team_of(place))
                return self.lifecycles[meant]  # without a place the built-in one, or a name that a rule refuses
        return self.lifecycles[None]


def _grants(layers: Sequence[Layer], name: str, own_scope: str, principals: Mapping[str, Principal]) -> Iterator[Grant]:
    """The grants of every layer; those above the repository's own hold for its namespace."""
    namespace = namespace_of(name)
    for index, (place, layer) in enumerate(layers):
        scope = own_scope if index == 0 or namespace == ROOT_NAMESPACE else f"{namespace}/*"
        yield from _said(place, layer, scope, principals)


def _said(place: YamlPath, layer: Settings, scope: str, principals: Mapping[str, Principal]) -> Iterator[Grant]:
    for granted in GRANTS:
        for index, name in enumerate(getattr(layer, granted)):
            if name in principals:
                yield Grant(principal=principals[name], granted=granted, scope=scope, at=(*place, granted, index))


def listed(layers: Sequence[Layer], key: str) -> tuple[str, ...]:
    """A list over the layers, nearest first: the nearest bare list, and what nearer layers add to it."""
    added: list[str] = []
    for _, layer in layers:
        value = getattr(layer, key)
        if isinstance(value, AddedShape):
            added[:0] = value.add
        elif value is not None:
            return tuple(dict.fromkeys((*value, *added)))
    return tuple(dict.fromkeys((*BUILT_IN[key], *added)))


def _meant(written: Written, lifecycle: str | None) -> YamlPath | None:
    return None if lifecycle is None else written.lifecycle_place(lifecycle, None)


def _tags(layers: Sequence[Layer], owner: str | None) -> dict[str, str]:
    tags = {OWNER_TAG: owner} if owner is not None else {}
    for _, layer in reversed(layers):
        tags.update(layer.tags or {})
    return tags
