"""CloudFormation's own rules, by the engine that the CDK ships in WebAssembly, as a native library."""

from __future__ import annotations

import atexit
import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any, Final

import aws_cdk as cdk
import cloudformation_validate as engine
import jsii

#: What the CDK leaves out, too, of every template: core/lib/validation/cloudformation-validate-plugin.js
_LEFT_OUT: Final = engine.RuleFilterConfig(
    ids=["W3005", "W1020", "E1018", "W9002", "W9013", "W1103"],
    services=[engine.ServiceFilter(rule_id="W3697", service="AWS::AutoScaling")],
)
_SEVERITIES: Final = {"FATAL": "error", "ERROR": "error", "WARN": "warning"}
_THREADS: Final = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="cloudformation-rules")


@jsii.implements(cdk.IPolicyValidationPlugin)
class CloudFormationRules:
    """What `cdk.CloudFormationValidatePlugin` finds, in the same words, without compiling its WebAssembly in each run.

    stacks/checked_app.py is where an app gets it. The name is the CDK's, so that acknowledgements
    (`CloudFormation-Validate::F3002`) hold for both. Templates are judged on all cores.
    https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.IPolicyValidationPlugin.html
    """

    def __init__(self) -> None:
        """Begin to make the engine: it takes a quarter of a second, in which the app is built."""
        _engine()

    @property
    def name(self) -> str:
        """The name of the CDK's own plugin."""
        return "CloudFormation Validate"

    @property
    def version(self) -> str:
        """The engine's; tests/stacks/test_cloudformation_rules.py keeps it the one inside aws-cdk-lib."""
        version: str = engine.version()
        return version

    @property
    def rule_ids(self) -> None:
        """For analytics, which are off."""
        return None

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Judge every template of the app."""
        stacks = context.stack_templates
        violations = _violations(stacks, list(_THREADS.map(_judged, stacks)))
        success = all(each.severity != "error" for each in violations)
        return cdk.PolicyValidationPluginReport(success=success, violations=violations)


@cache
def _engine() -> Future[engine.CompositeEngine]:
    """The one engine of this process."""
    atexit.register(_engine.cache_clear)  # left to the interpreter, it would be freed after its library has gone
    return _THREADS.submit(engine.CompositeEngine)


def _judged(stack: cdk.PolicyValidationStack) -> engine.ValidationReport:
    return (
        _engine()
        .result()
        .validate_template(
            stack.template_path,
            engine.ValidateConfig(
                detail_level=engine.DetailLevel.STANDARD,
                severity_level=engine.Severity.WARN,
                pseudo_parameter_overrides=engine.PseudoParameterOverrides(
                    account_id=stack.account_id, region=stack.region
                ),
                exclude=_LEFT_OUT,
            ),
        )
    )


def _violations(
    stacks: Sequence[cdk.PolicyValidationStack], reports: Sequence[engine.ValidationReport]
) -> list[cdk.PolicyViolation]:
    """One for each rule, severity and words, with every resource that it was found at."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for stack, report in zip(stacks, reports, strict=True):
        for diagnostic in report.diagnostics:
            path, entity = diagnostic.property_path, diagnostic.entity
            of_resource = entity is not None and entity.entity_type is engine.EntityType.RESOURCE
            severity = _SEVERITIES[diagnostic.severity.name]
            words = f"{path.removeprefix('Properties.')}: {diagnostic.message}" if path else diagnostic.message
            violation = found.setdefault(
                (diagnostic.rule_id, severity, words),
                {
                    "rule_name": diagnostic.rule_id,
                    "description": words,
                    "severity": severity,
                    "fix": diagnostic.suggested_fix,
                    "rule_metadata": {"category": diagnostic.category} if diagnostic.category else None,
                    "violating_resources": [],
                },
            )
            violation["violating_resources"].append(
                cdk.PolicyViolatingResource(
                    resource_logical_id=entity.logical_id if entity is not None and of_resource else None,
                    construct_path=None if of_resource else stack.stack_construct_path,
                    template_path=stack.template_path,
                    locations=[path] if path else [],
                )
            )
    return [cdk.PolicyViolation(**each) for each in found.values()]
