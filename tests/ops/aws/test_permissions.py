"""`ecrctl permissions`: the one table, and the policies that come of it. tests/ops/conftest.py looks at every call."""

from __future__ import annotations

import ast
import json
import re
from fnmatch import fnmatch
from importlib.resources import files
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from typer.testing import CliRunner

from ops.aws.needs import On
from ops.aws.permissions import COMMANDS, policy_documents
from ops.cli import app
from ops.images.blobs import _ACTIONS
from registry.errors import ExitCode, UnknownName
from registry.load import load
from tests.ops.aws.test_cloud import OFFLINE
from tests.ops.conftest import ABOUT
from tests.ops.test_commands import IDS
from tests.synth import ROOT, SMALL, declared

KNOWN = json.loads((files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json").read_text())
COMPANY = ROOT / "examples" / "company" / "registry.yaml"
#: The resource types that the Service Authorization Reference knows, by what the table calls them.
TYPES = {
    On.REPOSITORIES: {"repository"},
    On.PUBLIC: {"repository"},
    On.PUBLISHED: {"repository"},
    On.STACKS: {"stack"},
    On.BOOTSTRAP: {"stack"},
    On.ROLES: {"role"},
    On.EXISTING_ROLES: {"role"},
    On.PEOPLE: {"user", "group"},
    On.POLICIES: {"policy"},
    On.EXECUTION: {"policy"},
    On.PROVIDERS: {"oidc-provider"},
    On.KEYS: {"key"},
    On.PROFILES: {"signing-profile"},
    On.FILTERS: {"Filter"},
    On.CDK: {"role"},
    On.BUCKET: {"bucket"},
    On.IMAGES: {"repository"},
    On.PARAMETER: {"parameter"},
    On.CLUSTERS: {"cluster"},
    On.ASSOCIATIONS: {"podidentityassociation"},
    On.SECRETS: {"Secret"},
    On.WATCHED: {"rule-on-default-event-bus", "topic", "queue", "alarm", "dashboard"},
    On.PIPELINES: {"pipeline", "project"},
}
#: On everything, although AWS could bound it: what is looked at is not known before, or may be of others.
LOOKED_FOR = {
    *("cloudformation:DescribeStacks", "cloudformation:DescribeStackResources", "cloudformation:GetTemplate"),
    "cloudwatch:DescribeAlarms",
    *("ecs:DescribeServices", "ecs:DescribeTasks", "ecs:ListServices", "ecs:ListTasks", "lambda:GetFunction"),
}
#: Younger than cfn-lint's copy of the reference: botocore knows the calls.
YOUNGER = {f"ecr:{name}" for name in (
    "DescribeReplicationBackfillResults", "ListReplicationBackfills", "StartReplicationBackfill",
    "StopReplicationBackfill",
)}  # fmt: skip
#: What requests to the OCI registry count as: ops/images/blobs.py.
BY_PROTOCOL = {*_ACTIONS.values(), "ecr:UploadLayerPart"}
ROWS = sorted({(action, on) for needs in COMMANDS.values() for on, actions in needs.items() for action in actions})


@pytest.mark.parametrize(("action", "on"), ROWS, ids=[f"{action} {on}" for action, on in ROWS])
def test_every_action_exists_and_is_done_to_what_the_table_says(action: str, on: On) -> None:
    service, _, name = action.partition(":")
    if action in YOUNGER:
        assert action in OPERATIONS.values()
        return
    types = set(KNOWN[service]["Actions"][name.lower()].get("Resources", []))
    if on not in (On.ANYTHING, On.WATCHED_LISTS):
        assert types & TYPES[on], types
    elif types:
        assert action in LOOKED_FOR, f"{action} can be bounded to {types}"


def test_every_command_that_asks_aws_has_an_entry_and_no_other_has() -> None:
    online = set(IDS) - OFFLINE
    assert {name for name in COMMANDS if name in IDS or name.partition(" --")[0] in IDS} | {"deploy", "diff"} == set(
        COMMANDS
    )
    assert {name for name in IDS if name in COMMANDS} == online


def test_the_calls_of_every_command_are_recorded_somewhere() -> None:
    """`deploy`, `diff` and what goes before and after are made of others; who runs is asked by the guard, too."""
    recorded = {name for names in ABOUT.values() for name in names}
    made_of_others = {"after-deploy", "before-deploy", "deploy", "diff", "lifecycle running", "retire --check"}
    assert recorded | made_of_others == set(COMMANDS)
    for file in ABOUT:
        assert (Path(__file__).parent.parent / file).exists(), file


def test_a_deploy_may_do_what_its_parts_may() -> None:
    for whole, parts in {
        "before-deploy": [
            "replacements",
            "bootstrap --check",
            "clear-failed",
            "drift --before-deploy",
            "lifecycle guard",
        ],
        "after-deploy": ["settings", "retire --check"],
        "deploy": ["before-deploy", "after-deploy"],
        "lifecycle guard": ["lifecycle running"],
        "plan --live": ["drift --before-deploy", "lifecycle guard", "retire --check"],
    }.items():
        for part in parts:
            for on, actions in COMMANDS[part].items():
                assert actions <= COMMANDS[whole].get(on, frozenset()), (whole, part, on)


OPERATIONS = {
    xform_name(name): f"{service}:{name}"
    for service in (
        "accessanalyzer",
        "cloudformation",
        "ecr",
        "ecr-public",
        "ecs",
        "iam",
        "inspector2",
        "kms",
        "lambda",
        "sts",
        "ec2",
        "pricing",
        "signer",
        "events",
        "sns",
        "sqs",
        "cloudwatch",
        "chatbot",
        "codebuild",
        "codepipeline",
        "eks",
        "secretsmanager",
    )
    for name in botocore.session.get_session().get_service_model(service).operation_names
}


def test_every_call_in_the_code_is_in_the_table() -> None:
    """By name, wherever it stands: also one that no test makes."""
    found = set()
    for file in (ROOT / "ops").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            name = (
                node.attr if isinstance(node, ast.Attribute) else node.value if isinstance(node, ast.Constant) else ""
            )
            if isinstance(name, str) and name in OPERATIONS and ("_" in name or name in {"subscribe", "unsubscribe"}):
                found.add(name)
    names = {action.partition(":")[2].lower() for action, _ in ROWS} | {"getcalleridentity"}
    not_calls = {"delete_replication", "list_image_referrers"}  # a key of the file; UNDER another action
    assert {name for name in found - not_calls if name.replace("_", "") not in names} == set()
    assert len(found) >= 70
    # And what stands in the table is called, or is what `cdk bootstrap` does with stack, roles, bucket and parameter.
    called, of_the_cdk = {name.replace("_", "") for name in found}, {On.BOOTSTRAP, On.CDK, On.BUCKET, On.PARAMETER}
    called |= {action.partition(":")[2].lower() for action in BY_PROTOCOL}
    idle = {action for action, on in ROWS if on not in of_the_cdk and action.partition(":")[2].lower() not in called}
    assert idle == {"sts:GetServiceBearerToken"}  # which AWS asks for a login to ECR Public


def statements(command: str, account: str = "123456789012") -> list[dict[str, Any]]:
    registry, _ = load(COMPANY)
    return [each for document in policy_documents(command, registry, account) for each in document["Statement"]]


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_but_looking_is_allowed_on_everything(command: str) -> None:
    for statement in statements(command):
        if statement["Resource"] == "*":
            changing = {
                action
                for action in statement["Action"]
                if not re.match(r"[\w-]+:(Get|List|Describe)|access-analyzer:(Check|Validate)", action)
            }  # fmt: skip
            # ECR's registry is one in a region, and has no resource type; neither has Inspector's configuration.
            assert all(action.startswith(("ecr:", "inspector2:UpdateConfiguration")) for action in changing), changing


@pytest.mark.parametrize(
    "command",
    ["drift", "diff", "lifecycle guard", "lifecycle running", "plan --live", "replacements", "retire --check"],
)
def test_what_only_looks_changes_nothing(command: str) -> None:
    actions = {action for statement in statements(command) for action in statement["Action"]}
    reading = re.compile(r"[\w-]+:(Get|List|Describe|BatchGet)|sts:AssumeRole")
    assert {action for action in actions if not reading.match(action)} == set()


def test_roles_are_those_of_the_registrys_own_bootstrap() -> None:
    (statement,) = (it for it in statements("deploy") if it["Action"] == ["sts:AssumeRole"])
    registry, _ = load(COMPANY)
    assert len(statement["Resource"]) == len(registry.deployed_accounts)
    for arn in statement["Resource"]:
        assert re.fullmatch(r"arn:aws:iam::\d{12}:role/cdk-comp\w{5}-\*", arn), arn


def test_the_stacks_are_those_of_the_registry_and_of_no_other() -> None:
    registry, _ = load(COMPANY)
    (patterns,) = (it["Resource"] for it in statements("clear-failed") if it["Sid"] == "Stacks")
    names = {name for at in registry.stack_locations for name in registry.stack_names_in(at)}
    assert len(names) >= 8

    def covered(name: str) -> bool:
        return any(
            fnmatch(f"arn:aws:cloudformation:{registry.region}:123456789012:stack/{name}/1", it) for it in patterns
        )

    assert {name for name in names if not covered(name)} == set()
    assert not any(map(covered, ("company-web-Access", "company-other", "ecr-deployer-company")))


def test_a_policy_can_be_attached_to_a_principals_role_only_where_it_is_one_of_the_registrys() -> None:
    (statement,) = (it for it in statements("drift --fix") if it["Sid"] == "ExistingRoles")
    (policies,) = (it["Resource"] for it in statements("drift --fix") if it["Sid"] == "Policies")
    assert statement["Condition"] == {"ArnLike": {"iam:PolicyARN": policies}}
    assert all("*" not in arn for arn in statement["Resource"])


def test_another_partition_is_another_word_in_every_arn() -> None:
    registry = declared(SMALL.replace("ap-northeast-2", "cn-north-1") + "repositories: {web/api: }\n")
    text = json.dumps([policy_documents(command, registry, registry.account) for command in COMMANDS])
    assert "arn:aws:" not in text


def run(*words: str) -> tuple[int, str]:
    finished = CliRunner().invoke(app, ["permissions", *words, "--registry", str(COMPANY)])
    if finished.exception is not None and not isinstance(finished.exception, SystemExit):
        raise finished.exception
    return finished.exit_code, finished.output


def test_it_prints_the_policies_of_a_command() -> None:
    code, said = run("drift --fix")
    assert code == ExitCode.FINE
    assert json.loads(said)[0]["Version"] == "2012-10-17"
    assert run()[1].splitlines() == list(COMMANDS)


def test_an_unknown_command_and_account_are_bad_usage_with_the_way_out() -> None:
    with pytest.raises(UnknownName, match=r"no command .* is called drif\n    way out: did you mean drift\?"):
        run("drif")
    assert run("drift", "--account", "999999999999")[0] == ExitCode.INVALID
