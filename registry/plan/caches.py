"""Pull-through caches: which upstream registries are pulled from where, and with which secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from registry import naming
from registry.access.cache_role import role_of_cache
from registry.cost.charges import Charge, month
from registry.cost.declared import secrets
from registry.cost.money import Range
from registry.cost.prices import Item
from registry.limits import ECR_GUIDE
from registry.locations import Location, value_at
from registry.plan.change import Change, Kind, Part, Risk, comparison, kinds_about
from registry.plan.sides import Side, Sides
from registry.shape import PullThroughCacheRuleShape

kind = kinds_about("Registry-wide settings")
PAGE = f"{ECR_GUIDE}/pull-through-cache.html"
ADDED = kind(
    "cache-added",
    Risk.OPENS,
    "Images of an upstream registry can be pulled",
    "Whoever may pull below the prefix has ECR fetch images, and create repositories for them, that nobody here built. "
    "Their storage is billed.",
    PAGE,
)
CHANGED = kind(
    "cache-changed",
    Risk.BREAKS,
    "A pull-through cache rule changes, which CloudFormation can only replace",
    "The prefix is taken, so the deploy fails.",
    PAGE,
)
REMOVED = kind(
    "cache-removed",
    Risk.BREAKS,
    "An upstream registry can no longer be pulled from",
    "What is cached stays; the first pull of anything else fails.",
    PAGE,
)
SECRET_ADDED = kind(
    "cache-secret-made",
    Risk.COSTS,
    "A secret for an upstream registry is created",
    "Secrets Manager bills each secret monthly. Until somebody stores a credential in it, every first pull fails: "
    "`ecrctl cache validate` says how.",
    f"{ECR_GUIDE}/pull-through-cache-creating-secret.html",
)
SECRET_LEFT = kind(
    "cache-secret-left",
    Risk.SAFE,
    "A secret for an upstream registry is no longer declared",
    "It stays in AWS with its credential, and goes on being billed. Delete it when nothing uses it.",
    f"{ECR_GUIDE}/pull-through-cache-creating-secret.html",
)
Rules = dict[Location, PullThroughCacheRuleShape]


@comparison
def caches(sides: Sides) -> Iterator[Change]:
    """By prefix: where it comes, where it goes, and where another upstream is behind it."""
    olds, news = (_rules(side, sides.new.registry.home) for side in sides.both)
    for prefix in sorted({*olds, *news}):
        old, new = olds.get(prefix, {}), news.get(prefix, {})
        changed = {
            at: new[at]
            for at in old.keys() & new.keys()
            if _said(sides.old, old[at], _there(sides.old, sides, at)) != _said(sides.new, new[at], at)
        }
        more = {at: rule for at, rule in new.items() if at not in old}
        less = {at: rule for at, rule in old.items() if at not in new}
        for of, rules, message in (
            (ADDED, more, "images of an upstream can be pulled below this prefix"),
            (REMOVED, less, "nothing more is fetched below this prefix"),
            (CHANGED, changed, "changes, which CloudFormation can only replace: this deploy will fail"),
        ):
            if rules:
                yield _change(sides, of, prefix, message, (old, new), rules)


def _change(sides: Sides, of: Kind, prefix: str, message: str, both: tuple[Rules, Rules], rules: Rules) -> Change:
    old, new = both
    where, gone = sides.at(("pull_through_cache_rules", prefix))
    home = sides.new.registry.home
    places = "" if set(rules) == {home} else f" in {', '.join(at.beside(home) for at in sorted(rules))}"
    return Change(
        kind=of,
        subjects=(f"cache {prefix}",),
        message=f"{message}{places}",
        before=_upstream({at: old[at] for at in rules if at in old}),
        after=_upstream({at: new[at] for at in rules if at in new}),
        where=where,
        gone=gone,
        explains=_parts(sides, rules, naming.logical_id(prefix, "Cache")),
        bill=_named(sides, {at: rule for at, rule in new.items() if at in rules}),
    )


def _rules(side: Side, home: Location) -> dict[str, Rules]:
    """The rules that are made, by prefix and location; `home` stands for the side's own, which may have moved."""
    found: dict[str, Rules] = {}
    for at in side.registry.locations if side.registry.manages_registry else ():
        for prefix, rule in side.registry.caches_in(at).items():
            found.setdefault(prefix, {})[home if at == side.registry.home else at] = rule
    return found


def _said(side: Side, rule: PullThroughCacheRuleShape, at: Location) -> tuple[Any, ...]:
    """What the rule of a location has; CloudFormation can change none of it."""
    return (
        rule.upstream_registry,
        rule.host,
        rule.upstream_repository_prefix,
        rule.secret,
        value_at(rule.credential_arn, at),
        role_of_cache(side.registry, rule, at),
    )


def _upstream(rules: Rules) -> str:
    return ", ".join(dict.fromkeys(rule.host or rule.upstream_registry for rule in rules.values())) or "none"


def _parts(sides: Sides, locations: Rules | set[Location], logical_id: str) -> frozenset[Part]:
    return frozenset(
        (side.stack(_there(side, sides, at), naming.REGISTRY_UNIT), logical_id, "")
        for side in sides.both
        for at in locations
    )


def _there(side: Side, sides: Sides, at: Location) -> Location:
    """A location of `_rules` as the side has it."""
    return side.registry.home if at == sides.new.registry.home else at


def _named(sides: Sides, rules: Rules) -> tuple[Charge, ...]:
    """Secrets that exist and nothing named before; one that is no longer named stays, and is billed."""
    before = secrets(sides.old.registry)
    named = {
        (at, arn.rpartition(":secret:")[2]) for at, rule in rules.items() if (arn := value_at(rule.credential_arn, at))
    }
    return tuple(month(sides.prices, Item.SECRET, at, Range.of(1)) for at, _ in sorted(named - before.keys()))


@comparison
def made_secrets(sides: Sides) -> Iterator[Change]:
    """The secrets that are made, by name."""
    old, new = ({it for it, made in secrets(side.registry).items() if made} for side in sides.both)
    home = sides.new.registry.home
    for name in sorted({name for _, name in old ^ new}):
        for of, (some, others), word in (
            (SECRET_ADDED, (new, old), "is created without a credential in"),
            (SECRET_LEFT, (old, new), "is no longer declared in"),
        ):
            places = {at for at, each in some - others if each == name}
            if places:
                where, gone = sides.at(("pull_through_cache_rules", _rule_with(sides, name)))
                yield Change(
                    kind=of,
                    subjects=(f"secret {name}",),
                    message=f"{word} {', '.join(at.beside(home) for at in sorted(places))}",
                    where=where,
                    gone=gone,
                    explains=_parts(sides, places, naming.logical_id(name, "Secret")),
                    bill=tuple(month(sides.prices, Item.SECRET, at, Range.of(1)) for at in sorted(places))
                    if of is SECRET_ADDED
                    else (),
                )


def _rule_with(sides: Sides, secret: str) -> str:
    """The prefix of a rule that has a secret made."""
    rules = [item for side in reversed(sides.both) for item in side.registry.pull_through_cache_rules.items()]
    return next(prefix for prefix, rule in rules if rule.secret == secret)
