"""`ecrctl clear-failed`."""

from __future__ import annotations

from ops.options import DEFAULT_FILE, RegistryFile, Yes, confirm_unless
from ops.program import Panel, app
from ops.terminal import say


@app.command("clear-failed", rich_help_panel=Panel.DEPLOY)
def clear_failed_(
    file: RegistryFile = DEFAULT_FILE,
    yes: Yes = False,
) -> None:
    """Remove stacks whose first deploy failed, so that the next deploy can create them.

    Such a stack is empty: CloudFormation has deleted its resources. Termination protection keeps the CDK from removing
    it. `make deploy` runs this first.
    """
    from ops.deploy.failed_stacks import clear_failed
    from ops.registry_file import load

    registry, _ = load(file)
    for stack in clear_failed(registry, confirm_unless(yes)):
        say(f"removed {stack.name} in {stack.region}, whose creation had failed")
