"""`ecrctl plan`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, ImageLists, Json, Markdown, RegistryFile, Without, sources_asked
from ops.program import Panel, app
from ops.terminal import print_json, print_markdown, say, warn
from registry.errors import ExitCode


@app.command("plan", rich_help_panel=Panel.FILE)
def plan(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A registry file, or a revision of git: main, v1.2.3.")],
    new: Annotated[
        str | None, typer.Argument(metavar="NEW", help="The same; default: the registry file.", show_default=False)
    ] = None,
    file: RegistryFile = DEFAULT_FILE,
    images: ImageLists = None,
    prove: Annotated[
        bool,
        typer.Option(
            "--prove", help="Ask IAM Access Analyzer about each policy that changes; AWS bills each question."
        ),
    ] = False,
    live: Annotated[
        bool,
        typer.Option(
            "--live",
            help="Look at AWS as it is: manual changes, images that would go or be copied, what runs, stacks left.",
        ),
    ] = False,
    without: Without = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on",
            metavar="RISK",
            help="Exit 1 if there is a change of this risk: destroys, opens, breaks, costs or safe; may be repeated.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
    as_markdown: Markdown = False,
    sarif: Annotated[bool, typer.Option("--sarif", help="Print SARIF, for code scanning of a forge.")] = False,
    annotations: Annotated[bool, typer.Option("--annotations", help="Print annotations of GitHub Actions.")] = False,
    pull_request: Annotated[
        int | None,
        typer.Option(
            "--pull-request",
            metavar="NUMBER",
            help="Also say it there, at GitHub: in one comment and with labels; prints Markdown.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show what a change of the registry file does: what it destroys, opens, breaks and costs.

    Each change has its risk, its line and whom it concerns. Access is compared by effect, lifecycles by their rules,
    and both sides are synthesized: what differs in the templates and no line explains is shown as well. Needs no AWS
    account and no network, but for two options. --prove takes any account's credentials, and shows where AWS finds
    access that the plan does not tell. --live takes credentials that may read in an account of the file.

    Exits 0, or 1 if there is a change of a risk that --fail-on names, or 2 if a file is invalid. With --pull-request it
    also exits 1 while what the change destroys has no approval: the label "plan: may destroy".
    """
    from ops.output import plan as shown
    from ops.plan.run import planned
    from registry.plan.change import Risk

    for word in fail_on or ():
        if word not in set(Risk):
            raise typer.BadParameter(f"--fail-on {word}: there are {', '.join(Risk)}")
    if without and not live:
        raise typer.BadParameter("it goes with --live: nothing else asks what runs", param_hint="--without")
    asked = sources_asked(without, None) if live else None
    found = planned(old, new, file, images or (), datetime.now(UTC), proved=prove, live=asked)
    if pull_request is not None:
        from ops.plan.pull_request import tell

        say(shown.markdown_text(found))
        if not tell(pull_request, shown.told(found, str(file)), list(Risk)):
            raise typer.Exit(ExitCode.NO)
    elif as_json:
        print_json(shown.report(found))
    elif sarif:
        print_json(shown.sarif(found))
    elif annotations:
        shown.print_annotations(found)
        warn(shown.summary(found))
    elif as_markdown:
        print_markdown(*shown.table(found))
        warn(shown.summary(found))
    else:
        shown.print_plan(found)
    if {str(it.risk) for it in found.changes} & {*(fail_on or ())}:
        raise typer.Exit(ExitCode.NO)
