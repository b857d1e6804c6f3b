"""The commands of `ecrctl lifecycle`, each in a file of its own."""

import typer

from ops.program import Panel, app

lifecycle = typer.Typer(
    no_args_is_help=True,
    help="Lifecycle policies: what ECR accepts, and what they will delete.",
    rich_markup_mode="markdown",
)
app.add_typer(lifecycle, name="lifecycle", rich_help_panel=Panel.FILE)
