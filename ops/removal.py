"""How the commands that take images away go on from a plan: list, ask, do, and say what became of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from ops.images.asked import Found
from ops.images.begun import Begun
from ops.images.deleting import Call, Record, carry_out
from ops.images.deletion import Plan
from ops.options import confirm_unless
from ops.output import removal as shown
from ops.terminal import print_json, print_table, say, warn
from registry.errors import ExitCode


def ask_and_do(
    found: Sequence[Found],
    plans: Sequence[Plan],
    call: Call,
    *,
    verb: str,
    warnings: Sequence[str],
    accept: str | None,
    as_json: bool,
    yes: bool,
    begun: Begun | None,
) -> None:
    """List a plan, ask, carry it out and report, also where a person interrupts it.

    :param verb: what is done to an image, as the question begins.
    :param begun: where images go with their manifest lists: what the same line has to know if this is interrupted.
    :param accept: why what runs may go.
    :raises Exit: with what came of it; NO where something that was asked for is not done.
    """
    record = Record()
    for line in warnings:
        warn(line)
    steps = [step for plan in plans for step in plan.steps]
    doing = [step for step in steps if not step.stays]
    complete = not any(each.missing for each in found) and not any(step.stays and step.asked for step in steps)
    if as_json and not (yes and doing):
        print_json(shown.rows([record.outcome(step) for step in steps], found, carried_out=False))
    elif steps and not as_json:
        print_table(shown.COLUMNS, shown.plan_table(plans, short=sys.stdout.isatty()))
    if accept is not None and any(step.running for step in doing):
        warn(f"what runs goes, too: {accept}")
    if not doing:
        warn(f"there is nothing to {verb.lower()}")
        raise typer.Exit(ExitCode.FINE if complete else ExitCode.NO)
    if as_json and not yes:
        return
    if not confirm_unless(yes)(f"{shown.sentence(plans, verb)}?"):
        raise typer.Exit(ExitCode.NO)
    try:
        _carry_out(call, plans, record, begun)
    finally:
        outcomes = [record.outcome(step) for step in steps]
        if as_json:
            print_json(shown.rows(outcomes, found, carried_out=True))
        for line in shown.ended(outcomes):
            (warn if as_json else say)(line)
    if record.error is not None:
        warn(str(record.error))
        raise typer.Exit(ExitCode.UNKNOWN)
    complete = complete and all(it.done for it in outcomes if not it.step.stays)
    raise typer.Exit(ExitCode.FINE if complete else ExitCode.NO)


def _carry_out(call: Call, plans: Sequence[Plan], record: Record, begun: Begun | None) -> None:
    if begun is None:
        carry_out(call, plans, record)
        return
    if why := begun.note(plans):
        warn(f"no note can be left: {why}. If this is interrupted, --untagged finds the images of its manifest lists")
    try:
        carry_out(call, plans, record)
    finally:
        begun.forget(plans, record)
