"""CloudFormation's rules, native: the same findings, to the byte, as the CDK's own plugin in WebAssembly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from stacks import cloudformation_rules
from stacks.checked_app import checked_app
from stacks.cloudformation_rules import CloudFormationRules
from tests.synth import ROOT, context

BROKEN: dict[str, tuple[str, dict[str, Any]]] = {
    "Enum": ("AWS::ECR::Repository", {"ImageTagMutability": "SOMETIMES"}),
    "Unknown": ("AWS::ECR::Repository", {"RepositoryName": "UPPER", "Unknown": 1}),
    "Types": ("AWS::ECR::Repository", {"EmptyOnDelete": [1], "Tags": [{"Key": "a"}]}),
    "Nothing": ("AWS::ECR::Nothing", {}),
    "Bucket": ("AWS::S3::Bucket", {"BucketName": "Not_Valid", "AccessControl": "PublicRead"}),
}


def add_broken(app: cdk.App, *acknowledged: str) -> None:
    """Add two stacks in which much is wrong."""
    for name in ("One", "Two"):
        stack = cdk.Stack(app, name, env=cdk.Environment(account="123456789012", region="ap-northeast-2"))
        cdk.CfnParameter(stack, "Unused", type="String")
        for logical_id, (kind, properties) in BROKEN.items():
            resource = cdk.CfnResource(stack, logical_id, type=kind, properties=properties)
            for rule in acknowledged:
                cdk.Validations.of(resource).acknowledge(cdk.Acknowledgment(id=rule, reason="a test"))


def reported(app: cdk.App, folder: Path, **options: Any) -> str:
    """The report of an app that is refused."""
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth(**options)
    return (folder / "validation-report.json").read_text().replace(str(folder), "FOLDER")


def checked(folder: Path) -> cdk.App:
    return checked_app(context=context(), outdir=str(folder))


def test_the_engine_is_the_one_inside_the_cdk() -> None:
    assert CloudFormationRules().version == cdk.CloudFormationValidatePlugin().version


@pytest.mark.parametrize("acknowledged", [(), ("CloudFormation-Validate::F3031", "CloudFormation-Validate::W3030")])
def test_what_is_wrong_is_found_in_the_same_words(tmp_path: Path, acknowledged: tuple[str, ...]) -> None:
    ours, builtin = checked(tmp_path / "ours"), cdk.App(context=context(), outdir=str(tmp_path / "builtin"))
    for app in (ours, builtin):
        add_broken(app, *acknowledged)
    report = reported(ours, tmp_path / "ours")
    assert '"ruleName": "F3002"' in report
    assert ('"a test"' in report) == bool(acknowledged)
    assert report == reported(builtin, tmp_path / "builtin")


def test_an_app_can_be_synthesized_again(tmp_path: Path) -> None:
    app = checked(tmp_path)
    add_broken(app)
    assert reported(app, tmp_path) == reported(app, tmp_path, force=True)


def test_an_engine_that_fails_does_not_let_a_template_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: object) -> None:
        raise RuntimeError("the engine broke")

    monkeypatch.setattr(cloudformation_rules, "_judged", failing)
    app = checked(tmp_path)
    cdk.Stack(app, "Fine")
    with pytest.raises(RuntimeError, match="the engine broke"):
        app.synth()


@pytest.mark.parametrize("problem", ["ImportError('not installed')", "OSError('GLIBC_2.34')", "RuntimeError('armv7l')"])
def test_where_the_library_cannot_be_loaded_the_cdks_own_engine_judges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: str
) -> None:
    (tmp_path / "cloudformation_validate.py").write_text(f"raise {problem}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for module in ("cloudformation_validate", "stacks.cloudformation_rules"):
        monkeypatch.delitem(sys.modules, module)
    app = checked(tmp_path / "out")
    add_broken(app)
    report = reported(app, tmp_path / "out")
    assert '"ruleName": "F3031"' in report
    assert report.count('"pluginName": "CloudFormation Validate"') == 1


@pytest.mark.parametrize(("validation", "code"), [("true", 1), ("false", 0)])
def test_no_validation_leaves_the_rules_out_as_the_cdk_does(tmp_path: Path, validation: str, code: int) -> None:
    program = (
        "from tests.stacks.test_cloudformation_rules import *; from pathlib import Path;"
        f"app = checked(Path({str(tmp_path)!r})); add_broken(app); app.synth()"
    )
    # `cdk synth --no-validation` tells the app so by this variable, which Node reads when it starts.
    environment = {**os.environ, "CDK_VALIDATION": validation}
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode == code, finished.stderr
