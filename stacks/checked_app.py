"""The one place where an app is made: for deploys, for tests and for the benchmark."""

from __future__ import annotations

import os
from typing import Any

import aws_cdk as cdk


def checked_app(**properties: Any) -> cdk.App:
    """An app whose templates CloudFormation's rules judge at each synth; `properties` are those of `cdk.App`.

    By the engine as a native library, six times as fast as the CDK's own WebAssembly, which finds the same and takes
    over where the library is missing: on musl, on a glibc before 2.34. `cdk synth --no-validation`, which says so by
    CDK_VALIDATION, leaves both out (docs/decisions/0049-native-cloudformation-rules.md).
    """
    if os.environ.get("CDK_VALIDATION") == "false":
        return cdk.App(**properties)
    try:
        from stacks.cloudformation_rules import CloudFormationRules
    except (ImportError, OSError, RuntimeError):  # not installed; its libraries are not here; another processor
        return cdk.App(**properties)
    app = cdk.App(builtin_cloud_formation_validation=False, **properties)  # or each template is judged twice
    cdk.Validations.of(app).add_plugins(CloudFormationRules())
    return app
