"""Every validator over every template: of every example in `make check`, of one file in `make compliance`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
import yaml
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NagPack, NIST80053R5Checks, PCIDSS321Checks

from registry.load import load
from stacks.build import build
from stacks.checked_app import checked_app
from tests.synth import ROOT, SEED, context, synthesized

pytestmark = pytest.mark.compliance
PACKS: dict[type[NagPack], str] = {  # and how the ids of its findings begin
    AwsSolutionsChecks: "AwsSolutions-",
    NIST80053R5Checks: "NIST.800.53.R5-",
    HIPAASecurityChecks: "HIPAA.Security-",
    PCIDSS321Checks: "PCI.DSS.321-",
}
#: Its script begins with the path of an interpreter, which the kernel takes up to 255 bytes of.
CFN_LINT = "from cfnlint.runner import main; main()"
CHECKOV = ROOT / ".check" / "venv" / "bin" / "checkov"


@pytest.fixture(scope="module")
def assembly(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The synthesized templates of a file (conftest.py says which). The synth itself runs every pack of cdk-nag."""
    folder = tmp_path_factory.mktemp("example")
    synthesized(load(request.param)[0], folder, list(PACKS))
    return folder / "cdk.out"


#: Newer than the schemas of the CDK and of cfn-lint (constructs/replication_configuration.py); nothing else is.
NEWER = "'DeleteReplication' was unexpected"


def test_no_pack_of_cdk_nag_finds_anything(assembly: Path) -> None:
    reports = json.loads((assembly / "validation-report.json").read_text())["pluginReports"]
    assert [found for report in reports for found in report["violations"]] == []
    acknowledged = [found["description"] for report in reports for found in report["suppressedViolations"]]
    assert [description for description in acknowledged if NEWER not in description] == []


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.__name__)
def test_each_pack_is_awake(pack: type[NagPack], tmp_path: Path) -> None:
    app = checked_app(context=context(), outdir=str(tmp_path))
    build(app, load(SEED)[0], [pack])
    stack = next(child for child in app.node.find_all() if isinstance(child, cdk.Stack))
    s3.Bucket(stack, "Plain")
    with pytest.raises(RuntimeError, match=PACKS[pack]):
        app.synth()


def test_cfn_lint_finds_nothing(assembly: Path) -> None:
    templates = sorted(map(str, assembly.glob("*.template.json")))
    assert templates
    finished = subprocess.run(
        [sys.executable, "-c", CFN_LINT, "--format", "json", *templates], capture_output=True, text=True, check=False
    )
    assert finished.returncode in range(0, 16, 2), finished.stderr  # a bit for each severity; 1 is a crash
    found = [f"{match['Rule']['Id']} {match['Message']}" for match in json.loads(finished.stdout)]
    newer = [each for each in found if each.startswith("E3002 ") and NEWER in each]
    assert [each for each in found if each not in newer] == []
    # An acknowledgement that is no longer needed goes.
    assert bool(newer) == any('"DeleteReplication"' in Path(template).read_text() for template in templates)


def test_checkov_finds_nothing_but_what_is_acknowledged(assembly: Path) -> None:
    finished = subprocess.run(
        [str(CHECKOV), "-d", str(assembly), "--framework", "cloudformation", "--compact", "--quiet", "-o", "json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "BC_SKIP_MAPPING": "TRUE"},
    )
    report = json.loads(finished.stdout)
    assert report["summary"]["resource_count"] > 0
    assert report["summary"]["parsing_errors"] == 0
    acknowledged = yaml.safe_load((Path(__file__).parent / "checkov.yaml").read_text())
    left = [
        f"{found['check_id']} {found['check_name']}: {found['resource']}"
        for found in report["results"]["failed_checks"]
        if not any(_covers(entry, found, assembly) for entry in acknowledged)
    ]
    assert left == []


def _covers(entry: dict[str, Any], found: dict[str, Any], assembly: Path) -> bool:
    template = json.loads((assembly / found["file_path"].lstrip("/")).read_text())
    properties = template["Resources"][found["resource"].split(".")[-1]]["Properties"]
    value = properties.get(entry["property"])
    if entry["check"] != found["check_id"] or entry.get("repository") not in (None, properties.get("RepositoryName")):
        return False
    if "conditions" in entry:
        return _narrowed(value, entry["conditions"])
    return _everywhere(value) <= {*entry["everywhere"]} if "everywhere" in entry else bool(value == entry["value"])


def _everywhere(policy: dict[str, Any]) -> set[str]:
    """The actions that a policy allows on everything."""
    actions = [s["Action"] for s in policy["Statement"] if s["Resource"] == "*"]
    return {action for each in actions for action in ([each] if isinstance(each, str) else each)}


def _narrowed(policy: dict[str, Any], keys: list[str]) -> bool:
    """Whether each statement that allows everyone something has a condition with one of the keys."""
    open_to_all = [
        s for s in policy["Statement"] if s["Effect"] == "Allow" and s.get("Principal") in ("*", {"AWS": "*"})
    ]
    return all(any(key in inner for inner in s.get("Condition", {}).values() for key in keys) for s in open_to_all)
