"""What an account has of ECR: everything that a file could declare, at the home and wherever it replicates to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from botocore.exceptions import ClientError

from ops.adopt.beside import BESIDE, published_at, read_inspected, read_published
from ops.adopt.folding.yaml_text import Writer
from ops.aws import cloud
from ops.drift import normalize
from ops.drift.compare import Drift, against_file
from ops.drift.kinds import REGISTRY_WIDE
from ops.drift.named import CACHE_RULE, REPOSITORY, is_of_the_cdk
from ops.drift.reading import Keys, Live, ResourceKey, declared, live
from ops.drift.registry_wide import ACCOUNT_SETTING, REPLICATION
from ops.drift.repository_settings import Settings
from registry.errors import InvalidRegistry, RegistryError, UnknownName
from registry.limits import ROOT_PREFIX
from registry.load import check_sources
from registry.locations import Location
from registry.model import Registry
from registry.patterns import below
from registry.reading import yaml_reader

KINDS: Final = (REPOSITORY, *REGISTRY_WIDE, ACCOUNT_SETTING)
_BY_NOUN: Final = {kind.noun: kind for kind in (*KINDS, *BESIDE)}


_ANYBODY: Final = "123456789012"  # in place of an account that is not known yet


class NothingThere(RegistryError):
    """There is nothing to adopt."""


@dataclass(frozen=True, kw_only=True)
class LiveAccount:
    """What there is, by location: `settings` in the words of ECR's API.

    `profiles` are those of the accounts that were read, None the credentials of the environment; `unread` the replicas
    of accounts without one. `own_keys` are the ARNs of KMS keys that AWS manages itself. `cached` are the repositories
    of the home that ECR makes for a pull-through cache: no file declares them. `not_read` says of a kind at a location
    (without a name) why.
    """

    name: str
    home: Location
    locations: tuple[Location, ...]
    unread: tuple[Location, ...]
    profiles: Mapping[str, str | None]
    settings: Mapping[ResourceKey, Settings]
    own_keys: frozenset[str]
    cached: frozenset[str]
    not_read: Mapping[ResourceKey, str] = field(default_factory=dict)

    def named(self, noun: str, at: Location | None = None) -> dict[str, Settings]:
        """The things of a kind at a location (default: at home), by name in order; what is there once is ""."""
        return self._by_kind.get((at or self.home, noun), {})

    @cached_property
    def _by_kind(self) -> dict[tuple[Location, str], dict[str, Settings]]:
        found: dict[tuple[Location, str], dict[str, Settings]] = {}
        for thing in sorted(self.settings):
            found.setdefault((thing.at, thing.noun), {})[thing.name] = self.settings[thing]
        return found

    @cached_property
    def repositories(self) -> dict[str, Settings]:
        """The repositories of the home that a file declares."""
        return {name: it for name, it in self.named(REPOSITORY.noun).items() if name not in self.cached}


def read_account(name: str, region: str, profiles: Mapping[str, str]) -> LiveAccount:
    """Read the account of the credentials, at its home region and at every replica that credentials are there for.

    :param name: of the registry to be; `profiles` are those of ~/.aws/config by account, for replicas elsewhere.
    :raises InvalidRegistry: where no registry can have this name or region.
    :raises NothingThere: where no repository is at home.
    :raises UnknownName: where a profile is for an account that nothing is replicated to.
    :raises CloudError: where AWS refuses a call, or a profile is not of its account.
    """
    _sketch(name, Location(_ANYBODY, region), ())  # before AWS is asked: boto3 makes a host's name of the region
    account = cloud.caller(region)
    home = Location(account, region)
    at_home_alone = _sketch(name, home, ())
    at_home = live(at_home_alone, (home,), KINDS, None)
    rows = at_home.settings[ResourceKey(home, REPLICATION.noun, "")]["rules"]
    replicas = tuple(dict.fromkeys(Location(*row["destination"].split("/", 1)) for row in rows))
    _refuse_unused(profiles, home, replicas)
    known: dict[str, str | None] = {account: None, **profiles}
    if not any(thing.noun == REPOSITORY.noun and not _left_out(thing) for thing in at_home.settings):
        raise NothingThere(
            f"the account {account} has no repository in {region}\n"
            "    way out: name the region that images are pushed to with --region; a new registry starts with an empty "
            "registry.yaml (README.md)"
        )
    found, own_keys = dict(at_home.settings), set(_keys_of_aws(at_home.settings))
    not_read: dict[ResourceKey, str] = {}
    for beside in (read_published(at_home_alone, home), read_inspected(at_home_alone, [home], found)):
        found |= beside.settings
        not_read |= beside.not_read
    reached = [at for at in replicas if at.account in known]
    sketch = _sketch(name, home, replicas)
    for owner in dict.fromkeys(at.account for at in reached):
        with cloud.credentials_of(known[owner]):
            _refuse_stranger(owner, region)
            here = [at for at in reached if at.account == owner]
            there = live(sketch, here, KINDS, None).settings
            own_keys |= set(_keys_of_aws(there))
            inspected = read_inspected(sketch, here, there)
            found |= {**there, **inspected.settings}
            not_read |= inspected.not_read
    prefixes = [thing.name for thing in at_home.settings if thing.noun == CACHE_RULE.noun and thing.name != ROOT_PREFIX]
    return LiveAccount(
        name=name,
        home=home,
        locations=(home, *reached),
        unread=tuple(at for at in replicas if at.account not in known),
        profiles={owner: known[owner] for owner in dict.fromkeys(at.account for at in (home, *reached))},
        settings={thing: _in_order(it) for thing, it in found.items() if not _left_out(thing)},
        own_keys=frozenset(own_keys),
        cached=frozenset(
            thing.name
            for thing in found
            if thing.noun == REPOSITORY.noun and any(below(prefix, thing.name) for prefix in prefixes)
        ),
        not_read=not_read,
    )


def differences(account: LiveAccount, registry: Registry) -> list[Drift]:
    """Where a file that was written for an account does not say what is there, at every location that was read."""
    found: list[Drift] = []
    for owner, profile in account.profiles.items():
        there = [at for at in account.locations if at.account == owner and at in registry.locations]
        wanted = expected(registry, there)
        places = {*there, *(thing.at for thing in wanted)}
        settings = {thing: it for thing, it in account.settings.items() if thing.at in places}
        with cloud.credentials_of(profile):
            found += against_file(
                registry, _BY_NOUN, wanted, Live(there=frozenset(settings), settings=settings), Keys()
            )
    return found


def expected(registry: Registry, locations: Sequence[Location]) -> dict[ResourceKey, Settings]:
    """What a file declares at some of its locations, and of public repositories where the home is one of them."""
    published = published_at(registry.home) if registry.home in locations else ()
    return declared(registry, tuple(dict.fromkeys((*locations, *published))), (*KINDS, *BESIDE))


def _sketch(name: str, home: Location, replicas: Iterable[Location]) -> Registry:
    """A registry that declares nothing but where it is: what is read there does not depend on the rest."""
    root = {
        "registry": {"name": name, "account": home.account, "region": home.region},
        "replicas": {at.beside(home): None for at in replicas},
        "repositories": {"any": None},
    }
    text = Writer().text(root)
    outcome = check_sources(yaml_reader.parse(text.encode(), "NAME and --region"))
    if outcome.registry is None:
        raise InvalidRegistry(outcome.errors)
    return outcome.registry


def _refuse_unused(profiles: Mapping[str, str], home: Location, replicas: Iterable[Location]) -> None:
    """A profile that nothing is read with is a mistake: an account that somebody means is not read."""
    others = sorted({at.account for at in replicas} - {home.account})
    for account in profiles:
        if account not in others:
            raise UnknownName(
                f"nothing is replicated from {home} to the account {account}, so its profile is of no use\n"
                f"    given:   --profile {account}={profiles[account]}\n"
                f"    allowed: {', '.join(others) or 'none: images are not replicated to another account'}\n"
                f"    way out: leave it out, or name an account of these; {home.account} itself is read with the "
                "credentials of the environment"
            )


def _refuse_stranger(account: str, region: str) -> None:
    if (caller := cloud.caller(region)) != account:
        raise cloud.CloudError(
            f"these credentials belong to the account {caller}, not to {account}\n"
            "    way out: name a profile of that account, as in --profile 210987654321=NAME"
        )


#: How AWS's own examples put the keys of a policy.
_ORDER: Final = (
    *("Version", "Id", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource"),
    *("Condition", "Statement"),
)


def _in_order(settings: Settings) -> Settings:
    """The same, with policies as a deploy and the file write them, and people do not: the keys in one order, statements
    as a list, numbers and truth values as text.
    """

    def ordered(document: Any) -> Any:
        if isinstance(document, list):
            return [ordered(it) for it in document]
        if not isinstance(document, dict):
            return document if document is None or isinstance(document, str) else normalize.word(document)
        places = {key: _ORDER.index(key) if key in _ORDER else len(_ORDER) for key in document}
        found = {key: ordered(document[key]) for key in sorted(document, key=places.__getitem__)}
        if isinstance(found.get("Statement"), dict):
            found["Statement"] = [found["Statement"]]
        return found

    return {key: ordered(value) if key in _POLICIES else value for key, value in settings.items()}


_POLICIES: Final = frozenset({"repositoryPolicy", "policyText"})


def _left_out(thing: ResourceKey) -> bool:
    return thing.noun == REPOSITORY.noun and is_of_the_cdk(thing.name)


def _keys_of_aws(found: Mapping[ResourceKey, Settings]) -> Iterator[str]:
    """The keys, of those that something is encrypted with, that AWS made: a file does not name them.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html
    """
    used = {(thing.at, key): None for thing, settings in found.items() if (key := settings.get("kmsKey"))}
    for at, key in used:
        try:
            metadata = cloud.client("kms", at.region).describe_key(KeyId=key)["KeyMetadata"]
        except ClientError as problem:
            if problem.response.get("Error", {}).get("Code") in (*cloud.NOT_ALLOWED, "NotFoundException"):
                continue
            raise
        if metadata.get("KeyManager") == "AWS":
            yield key
