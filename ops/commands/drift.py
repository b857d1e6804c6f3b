"""`ecrctl drift`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ops.options import DEFAULT_FILE, Json, Markdown, RegistryFile, Yes, confirm_unless
from ops.output.terminal import print_json, print_markdown, print_table, say, warn
from ops.program import Panel, app
from registry.errors import ExitCode

if TYPE_CHECKING:
    from registry.model import Registry

_WAYS_OUT = """\
A deploy writes only what changes in its templates: it would overwrite some of this by accident, and leave the rest.
    way out: write what shall stay into the file, and put back what shall not with `ecrctl drift --fix`; or deploy in
    spite of it with `make deploy FORCE=1`, where it cannot wait"""

_TAKEN = """\
CloudFormation does not create what exists: the deploy would fail with AlreadyExists and be rolled back.
    way out: write it into the file as it is live, take it into its stack with `ecrctl import NAME` (a repository) or
    `ecrctl import --registry-wide` (everything else), then change it; or delete it in AWS first. A
    repository of another stack is handed over there before: docs/operations.md says how"""


@app.command("drift", rich_help_panel=Panel.LATER)
def drift(
    file: RegistryFile = DEFAULT_FILE,
    before_deploy: Annotated[
        bool,
        typer.Option("--before-deploy", help="Compare with what the last deploy said, not with the file."),
    ] = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Put back what differs from the file, row by row, and say what cannot be.")
    ] = False,
    as_json: Json = False,
    as_markdown: Markdown = False,
    yes: Yes = False,
) -> None:
    """Compare what the file declares with what AWS has, policies included.

    Everything at the locations of the credentials' account: repositories with their policies, lifecycles and tags,
    scanning, replication, the registry policy, creation templates, pull-through cache rules, signing and account
    settings. What exists in the file's namespaces and is not declared is told, and is no drift. CloudFormation's own
    drift detection looks at no policy that a template does not have.

    With --before-deploy, which `make deploy` runs, a change in the file that is not deployed yet is no drift: only
    what somebody changed by hand since the last deploy, and what the next one would fail on because it exists.

    With --fix each row is put back with ECR's API after a question, a deleted repository is made again (its images
    are not: docs/operations.md), and each row that is not put back is named with the reason.

    Exits 0 without drift, 1 with drift.
    """
    from ops.drift.compare import INFORMATIONAL, State
    from ops.drift.run import drift as against_file
    from ops.drift.run import drift_before_deploy
    from ops.output import drift as shown
    from registry.load import load

    if fix and (before_deploy or as_json or as_markdown):
        raise typer.BadParameter("it goes with no other way of showing drift", param_hint="--fix")
    registry, _ = load(file)
    if fix:
        _fix(registry, yes)
    found = drift_before_deploy(registry) if before_deploy else against_file(registry)
    wrong = [each for each in found if each.state not in INFORMATIONAL]
    if as_json:
        print_json(shown.as_json(found, "the last deploy" if before_deploy else "the file"))
    elif as_markdown:
        print_markdown(*shown.table(found, registry.home))
    else:
        if found:
            print_table(*shown.table(found, registry.home))
        say(f"{file}: {shown.summary(found)}")
        if before_deploy and any(each.state is not State.EXISTS_OUTSIDE_STACK for each in wrong):
            warn(_WAYS_OUT)
        if any(each.state is State.EXISTS_OUTSIDE_STACK for each in wrong):
            warn(_TAKEN)
    raise typer.Exit(ExitCode.NO if wrong else ExitCode.FINE)


def _fix(registry: Registry, yes: bool) -> None:
    """Show every row, ask for each that can be put back, and put it back."""
    from ops.drift.fix import Step, put_back
    from ops.drift.run import drift_to_fix
    from ops.output import drift as shown

    rows, steps = drift_to_fix(registry)
    if rows:
        print_table(*shown.table(rows, registry.home))
    ask = confirm_unless(yes)

    def confirm(step: Step) -> bool:
        text = shown.step_text(step, registry.home)
        if any(row.setting == "lifecyclePolicy" for row in step.rows):
            warn("note: its next run expires images; `ecrctl lifecycle guard` says which of them run")
        agreed = ask(f"Put back {text}?")
        say(f"{'put back' if agreed else 'left'}: {text}")
        return agreed

    for step in steps:
        if step.reason:
            say(f"not put back: {shown.step_text(step, registry.home)}\n    why: {step.reason}")
    put_back(steps, confirm)
