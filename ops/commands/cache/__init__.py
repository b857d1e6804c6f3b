"""The commands of `ecrctl cache`, each in a file of its own."""

import typer

from ops.program import Panel, app

cache = typer.Typer(
    no_args_is_help=True,
    help="Pull-through caches: whether ECR can log in upstream.",
    rich_markup_mode="markdown",
)
app.add_typer(cache, name="cache", rich_help_panel=Panel.LATER)
