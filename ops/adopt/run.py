"""An import from the first look to the last: look, show, ask, import, compare again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from ops.adopt import shown
from ops.adopt.change_sets import ImportRefused
from ops.adopt.imports import Outcome, Plan, carry_out, planned
from ops.adopt.left import Left, Reason
from ops.adopt.outside import outside
from ops.aws import cloud
from ops.deploy.bootstrap_check import unprepared
from ops.drift.kind import StackKind
from ops.terminal import say, warn
from registry.errors import ExitCode, UnknownName
from registry.model import Registry
from registry.nearest import did_you_mean


def refuse_unknown(registry: Registry, names: Collection[str]) -> None:
    """Stop at a name that the file does not declare.

    :raises UnknownName: with the nearest one.
    """
    known = [repository.name for repository in registry.repositories]
    for name in names:
        if name not in known:
            near = did_you_mean(name, known) or "declare it as it is live, then import it"
            raise UnknownName(f"the file declares no repository {name}\n    way out: {near}")


def refuse_unprepared(registry: Registry) -> None:
    """Stop where the account has no bootstrap of this registry: the CDK would advise another one.

    :raises ImportRefused: with `make bootstrap` as the way out.
    """
    if problems := unprepared(registry, cloud.own_account(registry)):
        raise ImportRefused("\n".join(problems))


def import_found(
    registry: Registry,
    kinds: Sequence[StackKind],
    *,
    names: Collection[str] = (),
    file: Path,
    folder: Path | None = None,
    confirm: Callable[[str], bool],
    strict: bool,
    quiet: bool = False,
) -> Outcome:
    """Import what the file declares of these kinds, AWS has, and no stack holds.

    :param names: only repositories of these names (default: all of them).
    :param folder: as of `synthesized_assembly`.
    :param strict: all of it or nothing.
    :param quiet: show no tables; somebody prints the outcome as JSON.
    :raises ImportRefused: with `strict`, where something would be left out, or was.
    """
    with planned(registry, outside(registry, kinds, names=names), file, folder) as plan:
        left = [each for each in plan.left if each.reason is not Reason.NOT_COMPARED]
        for each in plan.left:
            if each.reason is Reason.NOT_COMPARED:
                where = each.thing.at.beside(registry.home)
                warn(
                    f"note: {shown.called(each.thing)} in {where}: its KMS key is not compared: these credentials may "
                    "not call KMS"
                )
        if strict and left:
            raise ImportRefused(shown.refusal(left, registry.home))
        outcome = _after_asking(plan, left, confirm, quiet)
    if strict and outcome.left:
        refused = ImportRefused(shown.refusal(outcome.left, registry.home))
        refused.exit_code = outcome.exit_code  # that AWS could not be asked is no answer
        raise refused
    if not quiet:
        _show(registry, outcome)
    return outcome


def _after_asking(plan: Plan, left: Sequence[Left], confirm: Callable[[str], bool], quiet: bool) -> Outcome:
    code = ExitCode.NO if left else ExitCode.FINE
    if not plan.taken:
        return Outcome(imported=(), left=tuple(left), exit_code=code)
    if not quiet:
        shown.print_taken(plan.things, plan.registry.home)
    more = f" {len({each.thing for each in left}):,} will be left out." if left else ""
    if not confirm(f"Import {shown.number_of(plan.things)}?{more}"):
        return Outcome(imported=(), left=tuple(left), exit_code=ExitCode.NO)
    done = carry_out(plan)
    return Outcome(
        imported=done.imported,
        left=(*left, *done.left),
        exit_code=max(code, done.exit_code),
    )


def _show(registry: Registry, outcome: Outcome) -> None:
    if outcome.left:
        shown.print_left(outcome.left, registry.home)
    if outcome.imported and not outcome.left:
        say("imported, and the same as in the file; you can deploy changes now")
    elif outcome.imported:
        say(f"imported {shown.number_of(outcome.imported)}; what the table names is not as the file says")
    elif not outcome.left and outcome.exit_code is ExitCode.FINE:
        say("nothing to import: everything declared is in its stack, or a deploy creates it")
