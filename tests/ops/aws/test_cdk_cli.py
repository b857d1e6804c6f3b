"""What is said where the cdk CLI fails."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ops.aws import cdk_cli
from ops.aws.cdk_cli import Assembly
from ops.aws.cloud import CloudError

SAID = """\
acme-Registry: creating CloudFormation changeset...

failed: ToolkitError: Template too large to deploy ("cdk bootstrap" is required)
    at makeBodyParameter (node_modules/aws-cdk/lib/index.js:109095:11)
    at async exec (node_modules/aws-cdk/lib/index.js:384044:12) {
  type: 'toolkit',
  '$fault': 'client',
  cause: undefined
}
Template too large to deploy ("cdk bootstrap" is required)
"""


def test_its_reason_is_said_without_its_code_and_without_its_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    program = f"import sys; sys.stderr.write({SAID!r}); sys.exit(1)"
    monkeypatch.setattr(cdk_cli, "COMMAND", (sys.executable, "-c", program))
    with pytest.raises(CloudError) as failed:
        Assembly(Path(), {}).cdk("import", doing="prepare the import")
    said = str(failed.value)
    assert said.startswith("cdk could not prepare the import:\nacme-Registry: creating")
    assert "index.js" not in said
    assert "'client'" not in said
    assert "cdk bootstrap" not in said
    assert said.count('Template too large to deploy ("make bootstrap" is required)') == 2
    assert said.endswith("way out: run `make bootstrap` with credentials that may create roles in that account")
