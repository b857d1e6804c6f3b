"""`ecrctl network`."""

from __future__ import annotations

from ops.options import DEFAULT_FILE, Json, RegistryFile
from ops.program import Panel, app
from ops.terminal import print_json


@app.command("network", rich_help_panel=Panel.FILE)
def network(file: RegistryFile = DEFAULT_FILE, as_json: Json = False) -> None:
    """Show the endpoints of each VPC, and what the owners of existing ones must add to their policies.

    Image layers come from S3. If another team owns the S3 endpoint, pulls fail until its policy has the statement that
    this command prints. Needs no AWS account and no network.
    """
    from ops.output import network as shown
    from ops.registry_file import load

    registry, _ = load(file)
    found = shown.rows(registry)
    if as_json:
        print_json(found)
    else:
        shown.print_rows(found)
