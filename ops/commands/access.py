"""`ecrctl access`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, Json, Markdown, RegistryFile
from ops.program import Panel, app
from ops.terminal import print_json, print_markdown, print_table, say
from registry.errors import ExitCode


@app.command("access", rich_help_panel=Panel.FILE)
def access(
    file: RegistryFile = DEFAULT_FILE,
    can: Annotated[
        tuple[str, str, str] | None,
        typer.Option(
            "--can", metavar="PRINCIPAL ACTION REPOSITORY", help="Ask one question; exits 1 if the answer is no."
        ),
    ] = None,
    for_account: Annotated[
        str | None,
        typer.Option("--for-account", metavar="ID", help="Print the policies another account needs on its side."),
    ] = None,
    prove: Annotated[
        bool,
        typer.Option("--prove", help="Have IAM Access Analyzer prove every policy; AWS bills most questions."),
    ] = False,
    as_json: Json = False,
    as_markdown: Markdown = False,
) -> None:
    """Show who may do what where, and which line of which file says so.

    Includes the grants, and everything that a `repository_policy` or a `registry_policy` allows or denies. Needs no AWS
    account and no network, but for --prove: it takes credentials of any account, synthesizes, and asks AWS of every
    policy whether it is valid, administers, is public, or allows more than is shown here. It exits 1 if one does.
    """
    from ops.output import access as shown

    registry, sources = shown.read(file)
    if can is not None:
        found = shown.answer(registry, *can)
        if as_json:
            print_json(shown.answer_as_dict(found, sources))
        else:
            shown.print_answer(found, registry, sources, can)
        raise typer.Exit(ExitCode.FINE if found.allowed else ExitCode.NO)
    if prove:
        from ops.output.proof import print_proof, proof_as_dict
        from ops.plan.prove_all import prove_all

        answers = prove_all(registry, file)
        if as_json:
            print_json(proof_as_dict(answers))
        else:
            print_proof(answers)
        raise typer.Exit(ExitCode.FINE if all(each.fine for each in answers) else ExitCode.NO)
    if for_account is not None:
        print_json(shown.for_account(registry, for_account))
        return
    rows = shown.rows(registry, sources)
    if as_json:
        print_json(rows)
    elif as_markdown:
        print_markdown(*shown.table(rows))
    elif rows:
        print_table(*shown.table(rows))
    else:
        say("nothing is granted to anyone")
