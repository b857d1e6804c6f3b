"""What can be dropped, one thing at a time: a rule, a kind of change, a kind of drift, an action of a role.

Dropping one changes this process for good, so it is done in a fork (tests/mutants/trial.py).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, Final

from ops.drift import kinds as drift_kinds
from ops.drift import run as drift_run
from registry.access import audit, cloudformation_actions, cloudformation_delivery, cloudformation_secrets, ecr_actions
from registry.access import delivery as delivery_actions
from registry.access.purposes import PURPOSES, Purpose
from registry.cost import price_file
from registry.load import CheckResult
from registry.plan import change as plan_change
from registry.reading import yaml_reader
from registry.rules import RULES
from registry.rules.other_findings import ACCEPTING, COSTS, OLD_KEYS, READING
from registry.rules.rule import Rule
from registry.shape.forms import FORMS, Form

#: The tables of registry/access beside the purposes, whose every tuple is of actions.
_TABLES: Final = (
    audit, cloudformation_actions, cloudformation_delivery, cloudformation_secrets, delivery_actions, ecr_actions,
)  # fmt: skip
_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Za-z]+|[A-Z][A-Za-z]+")
_OURS: Final = ("ops", "registry", "tests")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One thing that is dropped: `word` is what the tests of it say, which run first."""

    part: str
    name: str
    word: str
    drop: Callable[[], object]


def mutants() -> Iterator[Mutant]:
    """Every one there is, by part."""
    for rule in RULES.values():
        yield Mutant(part="rules", name=rule.id, word=rule.id, drop=partial(_drop_rule, rule))
    for index, form in enumerate(FORMS):
        id = form.limit.id
        yield Mutant(part="forms of values", name=f"{id}, {index}", word=id, drop=partial(_drop_form, form))
    for id in (*READING, OLD_KEYS.id, *ACCEPTING, *COSTS):
        yield Mutant(part="other findings", name=id, word=id, drop=partial(_drop_finding, id))
    for id in plan_change.KINDS:
        yield Mutant(part="changes of a plan", name=id, word=id, drop=partial(_drop_change, id))
    for kind in drift_kinds.KINDS:
        yield Mutant(part="kinds of drift", name=kind.noun, word=kind.noun, drop=partial(_drop_kind, kind))
    yield from _actions()


def _actions() -> Iterator[Mutant]:
    for purpose in PURPOSES:
        listed = {key.name: getattr(purpose, key.name) for key in fields(purpose) if key.name not in ("name", "link")}
        for key, action in ((key, action) for key, actions in listed.items() for action in actions):
            drop = partial(_drop_of_purpose, purpose, key, action)
            name = f"{purpose.name}, {key}: {action}"
            yield Mutant(part="actions of purposes", name=name, word=action, drop=drop)
    tables = ((module, name, actions) for module in _TABLES for name, actions in vars(module).items())
    for module, table, actions in tables:
        for action in sorted(actions) if table.isupper() and _is_table(actions) else ():
            drop = partial(rebind, actions, type(actions)(it for it in actions if it != action), table)
            name = f"{module.__name__.rpartition('.')[2]}.{table}: {action}"
            yield Mutant(part="actions of roles", name=name, word=action, drop=drop)


def _is_table(value: object) -> bool:
    return isinstance(value, tuple | frozenset) and all(isinstance(it, str) and _ACTION.fullmatch(it) for it in value)


def rebind(old: object, new: object, called: str = "") -> None:
    """Let every module of the project have something else by the names that something has, or by one of them.

    Equal tuples of a module can be one object, so a table goes by its name.
    """
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _OURS:
            for key, value in list(vars(module).items()):
                if value is old and called in ("", key):
                    setattr(module, key, new)


def _drop_rule(rule: Rule) -> None:
    RULES[rule.id] = replace(rule, check=lambda declared: ())


def _drop_form(form: Form) -> None:
    object.__setattr__(form, "refuse", lambda value: None)


def _drop_kind(kind: object) -> None:
    for value in list(vars(drift_kinds).values()):
        if isinstance(value, tuple) and kind in value:
            rebind(value, tuple(it for it in value if it is not kind))
    drift_run.__dict__["_BY_NOUN"] = {it.noun: it for it in drift_kinds.KINDS}


def _drop_of_purpose(purpose: Purpose, key: str, action: str) -> None:
    kept = tuple(it for it in getattr(purpose, key) if it != action)
    object.__setattr__(purpose, key, kept)  # as it is everywhere: the tables of others hold the purpose itself


def _drop_finding(id: str) -> None:
    """Of what is found while a file is read, where its findings are put together; of prices where it is found."""
    _without("Finding", lambda finding: getattr(finding, "rule", "") == id)
    made = CheckResult.__init__

    def without(self: CheckResult, registry: Any, findings: Iterable[Any], *more: Any, **named: Any) -> None:
        made(self, registry, tuple(it for it in findings if it.rule != id), *more, **named)

    CheckResult.__init__ = without  # type: ignore[method-assign]
    for reader in (yaml_reader._Reader, price_file._Reader):
        _deafen(reader, id)


def _deafen(reader: type[Any], id: str) -> None:
    """What a reader refuses as this it does not refuse."""
    refuse = reader.refuse

    def without(self: Any, *said: Any, **named: Any) -> None:
        refuse(self, *said, **named)
        self.findings[:] = [it for it in self.findings if it.rule != id]

    reader.refuse = without


def _drop_change(id: str) -> None:
    _without("Change", lambda change: change.kind.id == id)


def _without(what: str, lost: Callable[[Any], bool]) -> None:
    """From now on no function that gives several of these gives one that is lost."""
    kept_in: tuple[list[Any], ...] = (plan_change.COMPARISONS, plan_change.FOLLOWERS)
    several = re.compile(rf"(Iterator|Sequence|list|tuple)\[{what}\b")
    for name, module in list(sys.modules.items()):
        for value in list(vars(module).values()) if name.startswith(("registry.", "ops.")) else ():
            said = getattr(value, "__annotations__", {}).get("return", "") if callable(value) else ""
            if isinstance(said, str) and several.match(said) and value.__module__ == name:
                lossy = partial(_left, value, lost)
                rebind(value, lossy)
                for registered in kept_in:
                    registered[:] = [lossy if it is value else it for it in registered]


def _left(make: Callable[..., Iterable[Any]], lost: Callable[[Any], bool], *given: Any, **named: Any) -> Iterable[Any]:
    made = make(*given, **named)
    left = (it for it in made if not lost(it))
    return type(made)(left) if isinstance(made, list | tuple) else left
