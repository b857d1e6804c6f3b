"""The commands that ask AWS what became of a registry. Each imports what it needs when it runs, as those of cli.py."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, Json, Markdown, RegistryFile

_WAYS_OUT = """\
A deploy writes only what changes in its templates: it would overwrite some of this by accident, and leave the rest.
    way out: write what shall stay into the file, and put back by hand what shall not; or deploy in spite of it with
    `make deploy FORCE=1`, for example where this deploy is what undoes it, or where it cannot wait"""
_TAKEN = """\
CloudFormation does not create what exists: the deploy would fail with AlreadyExists and be rolled back.
    way out: write it into the file as it is live, take it into its stack with `ecrctl import NAME` (a repository) or
    `ecrctl import --registry-wide` (everything else), then change it; or delete it in AWS first"""


def drift(
    file: RegistryFile = DEFAULT_FILE,
    before_deploy: Annotated[
        bool,
        typer.Option("--before-deploy", help="Compare with what the last deploy said, not with the file."),
    ] = False,
    as_json: Json = False,
    as_markdown: Markdown = False,
) -> None:
    """Compare what the file declares with what AWS has, policies included.

    Everything at the locations of the credentials' account: repositories with their policies, lifecycles and tags,
    scanning, replication, the registry policy, creation templates, pull-through cache rules, signing and account
    settings. What exists in the file's namespaces and is not declared is told, and is no drift. CloudFormation's own
    drift detection looks at no policy that a template does not have.

    With --before-deploy, which `make deploy` runs, a change in the file that is not deployed yet is no drift: only
    what somebody changed by hand since the last deploy, and what the next one would fail on because it exists.

    Exits 0 without drift, 1 with drift.
    """
    from ops.drift import shown
    from ops.drift.compare import TOLD, State
    from ops.drift.run import drift as against_file
    from ops.drift.run import drift_before_deploy
    from registry.load import load

    registry, _ = load(file)
    found = drift_before_deploy(registry) if before_deploy else against_file(registry)
    wrong = [each for each in found if each.state not in TOLD]
    if as_json:
        print(shown.as_json(found, "the last deploy" if before_deploy else "the file"))
    elif as_markdown:
        print(shown.markdown(found, registry.home))
    else:
        shown.print_table(found, registry.home)
        typer.echo(f"{file}: {shown.summary(found)}")
        if before_deploy and any(each.state is not State.TAKEN for each in wrong):
            typer.echo(_WAYS_OUT, err=True)
        if any(each.state is State.TAKEN for each in wrong):
            typer.echo(_TAKEN, err=True)
    raise typer.Exit(1 if wrong else 0)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("drift")(drift)
