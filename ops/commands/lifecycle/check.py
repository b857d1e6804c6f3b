"""`ecrctl lifecycle check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ops.commands.lifecycle import lifecycle
from ops.options import Json
from ops.terminal import print_json


@lifecycle.command("check")
def check(
    policy: Annotated[Path, typer.Argument(metavar="POLICY.json", help="ECR's own lifecycle policy text.")],
    as_json: Json = False,
) -> None:
    """Check a lifecycle policy against every rule of ECR, and warn of rules that people regret.

    POLICY.json is the lifecycle-policy-text of `aws ecr put-lifecycle-policy`. Exits 0 when ECR would accept it, 1 when
    an error was found, 2 when the file cannot be read. Needs no AWS account and no network.
    """
    from ops.output.findings import exit_code, print_findings, report
    from registry.lifecycle.check import check_policy

    findings = check_policy(policy)
    if as_json:
        print_json(report(str(policy), findings))
    else:
        print_findings(str(policy), findings, "ECR accepts this policy")
    raise typer.Exit(exit_code(findings))
