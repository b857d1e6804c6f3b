"""The commands that ask AWS what became of a registry. Each imports what it needs when it runs, as those of cli.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ops.commands.options import DEFAULT_FILE, App, Json, Markdown, RegistryFile, Yes, asking
from ops.commands.output import count, print_json, print_markdown, print_table, say, warn
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
    from ops.commands import drift_output
    from ops.drift.compare import TOLD, State
    from ops.drift.run import drift as against_file
    from ops.drift.run import drift_before_deploy
    from registry.load import load

    if fix and (before_deploy or as_json or as_markdown):
        raise typer.BadParameter("it goes with no other way of showing drift", param_hint="--fix")
    registry, _ = load(file)
    if fix:
        _fix(registry, yes)
    found = drift_before_deploy(registry) if before_deploy else against_file(registry)
    wrong = [each for each in found if each.state not in TOLD]
    if as_json:
        print_json(drift_output.as_json(found, "the last deploy" if before_deploy else "the file"))
    elif as_markdown:
        print_markdown(*drift_output.table(found, registry.home))
    else:
        if found:
            print_table(*drift_output.table(found, registry.home))
        say(f"{file}: {drift_output.summary(found)}")
        if before_deploy and any(each.state is not State.TAKEN for each in wrong):
            warn(_WAYS_OUT)
        if any(each.state is State.TAKEN for each in wrong):
            warn(_TAKEN)
    raise typer.Exit(ExitCode.NO if wrong else ExitCode.FINE)


def _fix(registry: Registry, yes: bool) -> None:
    """Show every row, ask for each that can be put back, and put it back."""
    from ops.commands import drift_output
    from ops.drift.fix import Step, put_back
    from ops.drift.run import drift_to_fix

    rows, steps = drift_to_fix(registry)
    if rows:
        print_table(*drift_output.table(rows, registry.home))
    ask = asking(yes)

    def confirm(step: Step) -> bool:
        text = drift_output.step_text(step, registry.home)
        if any(row.setting == "lifecyclePolicy" for row in step.rows):
            warn("note: its next run expires images; `ecrctl lifecycle guard` says which of them run")
        agreed = ask(f"Put back {text}?")
        say(f"{'put back' if agreed else 'left'}: {text}")
        return agreed

    for step in steps:
        if step.reason:
            say(f"not put back: {drift_output.step_text(step, registry.home)}\n    why: {step.reason}")
    put_back(steps, confirm)


def retire(
    file: RegistryFile = DEFAULT_FILE,
    check: Annotated[
        bool, typer.Option("--check", help="Only look: exit 1 where a stack has left the app, as `make deploy` does.")
    ] = False,
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="ID", help="An account that left the file: everything there goes."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="A name the registry had before: every stack of it goes."),
    ] = None,
    folder: App = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what would go as JSON, and remove nothing.")] = False,
    yes: Yes = False,
) -> None:
    """Remove stacks of this registry that the app no longer has, after showing what goes.

    They are found by the tag ecr-registry, in every region that is switched on for the credentials' account. A stack
    that the app makes of the file is never touched. Repositories are kept with their images, unless the file said
    empty_on_delete when they were deployed. The order is the reverse of a deploy, and termination protection is
    taken off stack by stack.

    Exits 0 when no such stack is left, 1 when one is, 3 when a region of the file could not be looked into.
    """
    from ops.aws.cdk_cli import app_stacks
    from ops.deploy import retired_stacks as retiring
    from registry.load import load

    registry, _ = load(file)
    of = retiring.account_of(registry, account)
    stacks, closed = retiring.retired(registry, of, app_stacks(file, folder=folder), name=name)
    going = retiring.looked_at(stacks)
    blind = retiring.blind(registry, of, closed)
    if closed:
        warn(f"not looked at, because these credentials may not: {', '.join(closed)}")
    if as_json:
        print_json([it.as_dict() for it in going])
    elif going:
        say(retiring.shown(going))
    elif not blind:
        say(f"every stack of {registry.name if name is None else name} in {of} is in the app")
    if blind:
        warn(
            f"the file has stacks in {', '.join(blind)}, so whether one has left the app there is not known\n"
            "    way out: allow these credentials cloudformation:DescribeStacks there"
        )
    if going:
        if check and not as_json:
            warn(f"    way out: look at them and remove them with `ecrctl retire --registry {file}`")
        if check or as_json or not retiring.retire(going, asking(yes)):
            raise typer.Exit(ExitCode.NO)
        say(f"removed {count(len(going), 'stack')}")
    if blind:
        raise typer.Exit(ExitCode.UNKNOWN)


def settings(file: RegistryFile = DEFAULT_FILE, yes: Yes = False) -> None:
    """Apply the account settings that the file declares; CloudFormation has no type for them.

    Shows what differs at each location of the credentials' account, asks, and puts it. What the file does not say
    stays as it is. `make deploy` runs this, and `ecrctl drift` compares them.

    Exits 0 when every setting is as the file says.
    """
    from ops.aws.cloud import own_locations
    from ops.deploy import account_settings
    from registry.load import load

    registry, _ = load(file)
    if not registry.account_settings:
        say(f"{file}: declares no account settings")
        return
    found = account_settings.differing(registry, own_locations(registry))
    for each in found:
        say(each.shown(registry.home))
    counted = count(len(found), "setting")
    if found and not asking(yes)(f"Change {counted}?"):
        raise typer.Exit(ExitCode.NO)
    account_settings.apply(found)
    say(f"{file}: {f'{counted} changed' if found else 'every account setting is as declared'}")


def backfill(
    destinations: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DESTINATION]...", help="REGION or ACCOUNT/REGION of replicas; all without."),
    ] = None,
    file: RegistryFile = DEFAULT_FILE,
    list_: Annotated[bool, typer.Option("--list", help="Show the backfills of the last 90 days.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Stop what is on its way; what has arrived stays.")] = False,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """Send the images that are at home already to replicas that were added later.

    Replication copies what is pushed after it was set up. This starts AWS's replication backfill for each
    destination, or follows one that is running, and lists every image that did not arrive. Images that match the
    deployed replication rules are sent, no others. One runs at a time for a region, ten for a registry; the others
    wait. Data transfer between regions is charged.

    Exits 0 when everything arrived, 1 otherwise.
    """
    from ops import backfill as filling
    from registry.findings import listed
    from registry.load import load

    registry, _ = load(file)
    home = registry.home
    wanted = filling.destinations_of(registry, destinations or ())
    client = filling.client_of(registry)
    if list_ or stop:
        rows = filling.stop(client, wanted) if stop else filling.history(client)
        if as_json:
            print_json([dict(row) for row in rows])
        else:
            said = [f"{'stopping ' if stop else ''}{filling.shown(row, home)}" for row in rows]
            say("\n".join(said) or ("nothing is on its way" if stop else "no backfill in the last 90 days"))
        return
    if not wanted:
        say(f"{file}: declares no replicas")
        return
    filling.refuse_unconfigured(client, wanted, home)
    names = listed([each.beside(home) for each in wanted])
    if not asking(yes)(f"Send the images of {home} that are not in {names} yet?"):
        raise typer.Exit(ExitCode.NO)
    bars = filling.Bars(home)
    try:
        with bars.progress:
            outcomes = filling.follow(client, wanted, bars.look)
    except KeyboardInterrupt:
        warn("AWS goes on with it; the same command follows it again, and --stop stops it")
        raise
    if as_json:
        print_json([each.as_dict() for each in outcomes])
    else:
        for each in outcomes:
            say("\n".join([filling.shown(each.row, home), *map(filling.failed, each.failures)]))
    raise typer.Exit(ExitCode.FINE if all(each.complete for each in outcomes) else ExitCode.NO)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("drift")(drift)
    app.command("retire")(retire)
    app.command("settings")(settings)
    app.command("backfill")(backfill)
