"""`ecrctl drift`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ops.options import DEFAULT_FILE, Json, Markdown, RegistryFile, Yes, confirm_unless
from ops.program import Panel, app
from ops.terminal import print_json, print_markdown, print_table, say, warn
from registry.errors import ExitCode

if TYPE_CHECKING:
    from registry.model import Registry

_WAYS_OUT = """\
A deploy writes only what changes in its templates: it would overwrite some of this by accident, and leave the rest.
    way out: write what shall stay into the file, and put back what shall not with `ecrctl drift --fix`; or deploy in
    spite of it with `make deploy FORCE=1`, where it cannot wait"""

_TAKEN = """\
CloudFormation does not create what exists: the deploy would fail with AlreadyExists and be rolled back.
    way out: write it into the file as it is live, take it into its stack with `ecrctl import --all`, then change it.
    What is of IAM, monitoring or a pipeline is not imported: delete it in AWS, and the deploy creates it"""

_OWNED = """\
What another stack has, another file or app answers for; two of them would take it from each other.
    way out: for what an account has once in a region write `manage: [repositories]` in this file, as
    docs/registry-yaml.md says of several files in one account; or have it handed over to this one: docs/adopting.md"""


@app.command("drift", rich_help_panel=Panel.LATER)
def drift(
    file: RegistryFile = DEFAULT_FILE,
    before_deploy: Annotated[
        bool,
        typer.Option("--before-deploy", help="Compare with the last deploy, not with the file."),
    ] = False,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix", help="Put back each difference after a question, and name those that cannot be put back."
        ),
    ] = False,
    as_json: Json = False,
    as_markdown: Markdown = False,
    yes: Yes = False,
) -> None:
    """Compare what the file declares with what AWS has, policies included.

    Covers all locations of the credentials' account: repositories with their policies, lifecycles and tags, scanning,
    replication, the registry policy, creation templates, pull-through cache rules, signing and account settings; in
    IAM the managed policies, the roles they are attached to, and the roles made for principals and for ECR;
    associations of pods, and secrets made for caches, never what is in them; of monitoring the event rules, topics,
    subscriptions, queue, alarms, dashboards and chats; pipelines and projects. Undeclared repositories in the file's
    namespaces are listed but do not count as drift. CloudFormation's own drift detection does not see a policy that
    the template does not have.

    With --before-deploy, which `make deploy` runs, changes in the file that are not deployed yet do not count. Only
    manual changes since the last deploy do, and existing resources on which the next deploy would fail.

    With --fix the command puts each row back with the API of its service after a question. It creates a deleted
    repository again, without its images (docs/operations.md), and gives the reason for each row that it does not put
    back.

    Exits 0 without drift, 1 with drift.
    """
    from ops.drift.compare import INFORMATIONAL, State
    from ops.drift.run import drift as against_file
    from ops.drift.run import drift_before_deploy
    from ops.output import drift as shown
    from ops.registry_file import load

    if fix and (before_deploy or as_json or as_markdown):
        raise typer.BadParameter("it goes with no other way of showing drift", param_hint="--fix")
    registry, _ = load(file)
    if fix:
        _fix(registry, yes)
    found = drift_before_deploy(registry) if before_deploy else against_file(registry)
    if refused := [each for each in found if each.refused]:
        warn(shown.refused_text(refused, registry.name))
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
        outside = [each for each in wrong if each.state is State.EXISTS_OUTSIDE_STACK]
        if any(each.owner is None for each in outside):
            warn(_TAKEN)
        if any(each.owner is not None for each in outside):
            warn(_OWNED)
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
