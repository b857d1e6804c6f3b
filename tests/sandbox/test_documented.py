"""Every command line of README.md and docs/: run as it is written, or named here with the reason why not.

They are typed in a copy of the checkout, in a path with spaces and of more than 255 bytes, with a registry.yaml that is
the user's own. Those that make and deploy are typed here, against the sandbox that `make sandbox` starts there;
test_documented_commands.py, test_documented_accounts.py and test_documented_changes.py type the others, where a
registry is deployed already.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from registry.load import load
from sandbox.environment import write_environment_file
from sandbox.existing import make_existing
from tests.checkout import typed, typed_in_a_terminal
from tests.sandbox.conftest import Sandbox, free_port, serving
from tests.synth import ACCOUNT, ROOT
from tests.warm import warm_checkout

ANOTHER = "210987654321"  # the second account in the documents
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

REGISTRY = f"""\
registry: {{name: web-team, account: "{ACCOUNT}", region: ap-northeast-2}}
replicas: {{us-west-2: }}
principals:
  web-main: {{github: acme/web, owner_id: 84790634, repository_id: 1304267049, branch: main}}
  nodes: {{role: "arn:aws:iam::{ACCOUNT}:role/eks-node"}}
repositories: {{web/api: {{push: [web-main], pull: [nodes]}}}}
"""
TWO_ACCOUNTS = REGISTRY.replace("us-west-2: ", f"us-west-2: , {ANOTHER}/us-west-2: ")
SELECTION = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1}
POLICY = {"rules": [{"rulePriority": 1, "selection": SELECTION, "action": {"type": "expire"}}]}
#: What the lines take from the folder they are typed in.
FILES = {"POLICY.json": POLICY, "policy.json": POLICY, "images.json": {"imageDetails": []}, "pods.json": {"items": []}}


@dataclass(frozen=True)
class Line:
    """A command as a document has it, and how it is typed here."""

    command: str
    terminal: bool = False  # with a person before it, who says yes to what is asked
    name: str = ""  # in place of the words in capitals
    account: str = ACCOUNT  # whose credentials
    says: str = ""
    code: int = 0  # with which it ends

    @property
    def typed(self) -> str:
        """What goes into the shell."""
        return re.sub(r" (NAME(\.\.\.)?|ID|PRINCIPAL ACTION REPOSITORY)$", f" {self.name}", self.command)


ALONE = [
    Line("make setup"),
    Line("make sandbox", terminal=True, says="read back from us-west-2, the same digest"),
    Line("make sandbox", says="already running"),
]
#: After `make sandbox`, in that order.
DEPLOYS = [
    Line("make synth"),
    Line("make docs"),
    Line("make bootstrap", says="bootstrapped"),
    Line("make diff", says="Number of stacks with differences: 0"),
    Line("make deploy", terminal=True, says="is in the app"),
    Line("make deploy GUARD='--running pods.json'", says="is in the app"),
    Line("make deploy GUARD='--accept \"stopped on Monday, OPS-17\"'", says="is in the app"),
    Line("make deploy FORCE=1", says="is in the app"),
    Line("make deploy STACKS='123456789012/us-west-2/**'", says="is in the app"),
    Line("cdk synth"),
    Line("cdk diff", says="Number of stacks with differences: 0"),
    Line("cdk deploy --all", says="(no changes)"),
    Line("cdk deploy '123456789012/ap-northeast-2/**' --exclusively", says="(no changes)"),
]
#: Where everything is deployed.
IN_ONE_ACCOUNT = [
    Line(".venv/bin/ecrctl --help", says="Usage: ecrctl"),
    Line("ecrctl --version", says="ecrctl 0."),
    Line(".venv/bin/ecrctl rewrite", says="every key has its name of today"),
    Line(".venv/bin/ecrctl permissions", says="drift --fix"),
    Line(".venv/bin/ecrctl permissions deploy", says="cloudformation:DescribeStacks"),
    Line('.venv/bin/ecrctl permissions "drift --fix"', says="iam:UpdateRole"),
    Line('ecrctl permissions "lifecycle guard"', says="ecs:ListTasks"),
    Line(".venv/bin/ecrctl bootstrap --deployer ORG/REPO --environment registry > deployer.json"),
    Line(".venv/bin/ecrctl validate", says="registry.yaml: 1 repository in ap-northeast-2, us-west-2; no findings"),
    Line("make validate", says="registry.yaml: 1 repository in ap-northeast-2, us-west-2; no findings"),
    Line("ecrctl show web/api", says="encryption_type"),
    Line(".venv/bin/ecrctl images web/api"),
    Line(".venv/bin/ecrctl images web/api --tag 'v*' --since 7d"),
    Line("ecrctl images web/api --tag 'prod-*'"),
    Line('ecrctl permissions "plan --live"', says="ecr:DescribeImages"),
    Line('ecrctl permissions "plan --prove"', says="access-analyzer:CheckNoNewAccess"),
    Line('ecrctl permissions "access --prove"', says="access-analyzer:ValidatePolicy"),
    Line("ecrctl permissions adopt", says="ecr-public:DescribeRepositories"),
    Line("ecrctl permissions promote", says="ecr:PutImage"),
    Line(".venv/bin/ecrctl images web/api --manifests", says="in unique layers"),
    Line("ecrctl permissions images", says="ecr:DescribeImages"),
    Line("ecrctl permissions delete", says="ecr:BatchDeleteImage"),
    Line(".venv/bin/ecrctl delete web/api --untagged --older-than 30d"),
    Line(".venv/bin/ecrctl delete web/api --tag 'pr-*' --yes"),
    Line(".venv/bin/ecrctl repositories", says="web/api\tdeclared"),
    Line(".venv/bin/ecrctl repositories --sizes --region us-west-2", says="web/api\tdeclared"),
    Line(".venv/bin/ecrctl usage", says="web/api\t2\t"),
    Line(".venv/bin/ecrctl usage --by layer --manifests", says="web/api:v1"),
    Line(".venv/bin/ecrctl usage --what-if 'keep: {any: true, last: 20}'", says="0 of the images expire"),
    Line("ecrctl usage --json", says='"whole": true'),
    Line(".venv/bin/ecrctl usage --json > usage.json"),
    Line(".venv/bin/ecrctl report --usage usage.json", says="wrote report.html"),
    Line("ecrctl permissions usage", says="ecr:ListPullTimeUpdateExclusions"),
    Line(".venv/bin/ecrctl login --print"),
    Line(".venv/bin/ecrctl snippet web/api --for github", says="role-to-assume: arn:aws:iam::"),
    Line("ecrctl schema", says='"$schema"'),
    Line(".venv/bin/ecrctl rule ID", name="grant-kind", says="why:"),
    Line(".venv/bin/ecrctl access", says="web-main"),
    Line(".venv/bin/ecrctl cost", says="a month"),
    Line("ecrctl cost", says="a month"),
    Line(".venv/bin/ecrctl cost --live", says="storage"),
    Line(".venv/bin/ecrctl cost --assume rescans=10 --assume kms-requests=500000", says="a month"),
    Line(".venv/bin/ecrctl prices", says="2026-10-01"),
    Line('ecrctl permissions "prices --renew"', says="pricing:GetProducts"),
    Line("ecrctl access | grep arn:", says="role/eks-node"),
    Line("ecrctl access --can PRINCIPAL ACTION REPOSITORY", name="web-main ecr:PutImage web/api"),
    Line(".venv/bin/ecrctl network"),
    Line(".venv/bin/ecrctl cache validate", says="no pull-through cache rule"),
    Line("ecrctl cache validate", says="no pull-through cache rule"),
    Line("make report", says="wrote report.html"),
    Line("ecrctl report --mermaid", says="flowchart LR"),
    Line("ecrctl report --revision TEXT", says="wrote report.html"),  # a word like any other
    Line(".venv/bin/ecrctl bootstrap --print", says='"Version": "2012-10-17"'),
    Line(".venv/bin/ecrctl lifecycle check POLICY.json"),
    Line(".venv/bin/ecrctl lifecycle simulate --policy policy.json --images images.json"),
    Line(".venv/bin/ecrctl lifecycle preview web/api --compare"),
    Line("ecrctl lifecycle preview --all"),
    Line(".venv/bin/ecrctl lifecycle guard --running pods.json"),
    Line(".venv/bin/ecrctl lifecycle running --region us-west-2"),
    Line("ecrctl bootstrap", terminal=True, says="bootstrapped"),
    Line(".venv/bin/ecrctl bootstrap --check"),
    Line(".venv/bin/ecrctl drift"),
    Line("make drift", says="no drift"),
    Line(".venv/bin/ecrctl drift --fix"),
    Line(".venv/bin/ecrctl replacements"),
    Line(".venv/bin/ecrctl drift --before-deploy"),
    Line("ecrctl clear-failed"),
    Line("ecrctl settings"),
    Line(".venv/bin/ecrctl signing"),
    Line(".venv/bin/ecrctl signing web/api --since 2w --all", says="no rule of the file signs this", code=1),
    Line(".venv/bin/ecrctl retire", says="is in the app"),
    Line("ecrctl retire --account ID", name=ACCOUNT, says="is in the app"),
    Line(".venv/bin/ecrctl import NAME", name="web/api", says="nothing to import"),
    Line("ecrctl import NAME...", name="web/api", says="nothing to import"),
    Line("ecrctl import --registry-wide"),
    Line(".venv/bin/ecrctl import --all", says="nothing to import"),
    Line(".venv/bin/ecrctl adopt acme --region ap-northeast-2", says="the file says everything that is there"),
    Line(".venv/bin/ecrctl adopt acme --region ap-northeast-2 --write adopted", says="repositories at home"),
    Line(".venv/bin/ecrctl align us-west-2", says="there is nothing to align in us-west-2"),
    Line(".venv/bin/ecrctl backfill us-west-2", terminal=True),
    Line(".venv/bin/ecrctl backfill", terminal=True),
    Line(".venv/bin/ecrctl backfill --list"),
    Line(".venv/bin/ecrctl backfill us-west-2 --stop"),
]
#: Where no image is: the local AWS does not scan one.
WITHOUT_IMAGES = [Line(".venv/bin/ecrctl findings")]
#: In a repository of git, where the file on main is deployed and the one that is there is not.
OF_A_CHANGE = [
    Line("make plan", says="from main to registry.yaml: "),
    Line("make plan BASE=main", says="[lifecycle-takes-more]"),
    Line(".venv/bin/ecrctl plan main", says="[lifecycle-takes-more]"),
    Line(".venv/bin/ecrctl plan v1.0.0 HEAD", says="from v1.0.0 to HEAD: "),
    Line(".venv/bin/ecrctl plan old.yaml new.yaml", says="[repository-removed]"),
    Line(".venv/bin/ecrctl plan main --images images.json", says="1 of 2 images go that would have stayed: v1"),
    Line(".venv/bin/ecrctl plan main --live", says="[live-stack-left]"),
    Line(".venv/bin/ecrctl cost --plan main --by owner", says="what\tbefore\tafter"),
    Line(
        ".venv/bin/ecrctl plan main --annotations --fail-on destroys --fail-on opens",
        says="title=lifecycle-takes-more::",
        code=1,
    ),
]
IN_TWO_ACCOUNTS = [
    Line("make bootstrap && make deploy ACCOUNT=210987654321", terminal=True, account=ANOTHER, says="is in the app"),
    Line("make bootstrap && make deploy ACCOUNT=123456789012", says="is in the app"),
    Line("make bootstrap TRUST_HOME=1", account=ANOTHER, says="bootstrapped"),
    Line("make bootstrap && make deploy", says="is in the app"),
    Line("ecrctl bootstrap --no-trust-home", terminal=True, account=ANOTHER, says="bootstrapped"),
]
AT_THE_END = [Line("make sandbox-stop", says="stopped"), Line("make sandbox-stop", says="no sandbox runs here")]
LINES = (*ALONE, *DEPLOYS, *IN_ONE_ACCOUNT, *WITHOUT_IMAGES, *OF_A_CHANGE, *IN_TWO_ACCOUNTS, *AT_THE_END)

NOT_RUN = {
    ".venv/bin/ecrctl prices --renew": "asks AWS's price list, which the local AWS does not have: test_prices.py",
    "ecrctl prices --renew": "the same",
    ".venv/bin/ecrctl cost --usage usage.json": "of a file that `ecrctl usage` wrote: tests/ops/cost/test_live.py",
    ".venv/bin/ecrctl cost --images images.json": "of images, and this list has none: tests/ops/cost/test_cost.py",
    "make test": "is what runs this",
    "make check": "the other half of the project's own suite: it installs checkov, and takes minutes",
    "make compliance": "installs checkov; make check runs the same over every example",
    "make demo": "tests/sandbox/test_demo.py types it",
    **dict.fromkeys(
        (json.loads(file.read_text())["command"] for file in (ROOT / "docs" / "reliability").glob("*.json")),
        "minutes or hours, with the options of the last run; its figures are in docs/reliability.md",
    ),
    **dict.fromkeys(
        ("cdk deploy, the first", "cdk deploy, a change", "make deploy, the first", "make deploy, a change"),
        "rows of docs/reliability.md: python -m tests.faults.typed kills and types them",
    ),
    **dict.fromkeys(
        (
            *(".venv/bin/ecrctl image web/api:before", ".venv/bin/ecrctl image web/api:after"),
            "python -m benchmarks.sizes",
        ),
        "of images that are built for it: tests/sandbox/test_image_size.py",
    ),
    "make audit": "asks the package servers for known holes; tests/test_audit.py has their answers",
    **dict.fromkeys(
        (
            *("make setup; make setup", "make -j4 validate synth report plan BASE=HEAD", "make plan BASE=HEAD"),
            *(".venv/bin/ecrctl report", "make report & make report & wait -n && wait -n"),
        ),
        "rows of docs/reliability.md: python -m benchmarks.environments types them",
    ),
    "python -m pytest tests/registry tests/constructs tests/stacks tests/ops/drift tests/test_refused.py "
    "tests/test_golden.py tests/ops/plan/test_live.py -m 'not hypothesis'": "a part of this suite, in Python 3.14",
    **dict.fromkeys(
        (
            "python -m benchmarks.deploys",
            "python -m benchmarks.fleet /tmp/fleet --accounts 200 --regions 15 --repositories 100000",
            "make validate REGISTRY=/tmp/fleet/accounts/100000000001/registry.yaml",
            "make synth REGISTRY=/tmp/fleet/accounts/100000000001/registry.yaml",
            "make bootstrap REGISTRY=…",
        ),
        "of 200 accounts: tests/test_fleet.py and tests/test_generated.py do the same with fewer",
    ),
    **dict.fromkeys(("cdk deploy --concurrency", "cdk deploy --concurrency 4"), "a name: make deploy calls it"),
    "make deploy CONCURRENCY=16": "what it passes on: tests/ops/deploy/test_around_a_deploy.py",
    "ecrctl bootstrap --deployer": "a name: the line with a repository is run",
    "ecrctl show REPOSITORY": "a name: the line with a repository is run",
    "ecrctl signing [REPOSITORY]": "a name: the lines with and without a repository are run",
    "ecrctl promote --gate": "a name: tests/sandbox/test_promote.py",
    **dict.fromkeys(
        (".venv/bin/ecrctl access --prove", "ecrctl access --prove"),
        "the local AWS has no IAM Access Analyzer: tests/ops/plan/test_prove_all.py",
    ),
    "make bench": "a race of a quarter of an hour; its figures are in benchmarks/README.md",
    ". .sandbox/env": "begins every line that is typed here",
    "cdk bootstrap": "what a person must not type: it makes CloudFormation an administrator",
    "cdk bootstrap --cloudformation-execution-policies": "what make bootstrap calls",
    "cdk deploy": "says to choose stacks or --all where there are several",
    "cdk deploy --revert-drift": "takes drift-aware change sets, which the local AWS does not have",
    "cdk drift": "tests/sandbox/test_first_light.py runs it with --all",
    "ecrctl before-deploy": "make deploy begins with it",
    "ecrctl after-deploy": "make deploy ends with it",
    "ecrctl import": "a name: the lines with NAME, --registry-wide and --all are run",
    "ecrctl adopt": "a name: the lines with a region are run",
    "ecrctl adopt NAME --region REGION": "the same",
    ".venv/bin/ecrctl import --all --registry adopted/registry.yaml": "of what is in no stack: test_adopt.py",
    "make deploy REGISTRY=adopted/registry.yaml": "the same",
    "ecrctl align": "a name: the line with a region is run",
    "ecrctl align REPLICA": "the line with a region is run",
    "ecrctl backfill us-west-2": "the same by its other name",
    "cdk orphan Stack/Construct --unstable=orphan": "of another app: tests/sandbox/test_import_all.py",
    "cdk refactor": "a name",
    "ecrctl access --for-account": "a name: tests/ops/output/test_access.py asks for accounts",
    "ecrctl access --for-account 345678901234": "of an upstream account: tests/registry/access/test_cache_role.py",
    ".venv/bin/ecrctl retire --name OLD": "of a registry that was renamed: tests/sandbox/test_replacements.py",
    "make deploy FORCE=1 STACKS=\"'ACCOUNT/*/Repositories-webS[12]' --exclusively\"": "of a namespace that gets more "
    "shards: tests/sandbox/test_replacements.py, and python -m benchmarks.large types it",
    "make deploy FORCE=1 STACKS=\"'ACCOUNT/*/Access' --exclusively\"": "of a principal that moves: "
    "tests/sandbox/test_replacements.py",
    **dict.fromkeys(
        ("ecrctl retire --yes", "ecrctl import --all --yes", "cdk deploy --exclusively"),
        "rows of docs/reliability.md: python -m benchmarks.large types them",
    ),
    **dict.fromkeys(
        (
            *(".venv/bin/ecrctl init DIR", "ecrctl init", "make fetch", "make use", "make use VERSION=v0.2.0"),
            *("make upgrade-check", "make upgrade-check VERSION=v0.2.0"),
        ),
        "about a company's own repository: tests/sandbox/test_own_repository.py",
    ),
    **dict.fromkeys(
        ("ecrctl plan", "ecrctl plan OLD NEW"), "a name: the lines with a revision, two and two files are run"
    ),
    ".venv/bin/ecrctl plan main --prove": "the local AWS has no IAM Access Analyzer: tests/ops/plan/test_prove.py",
    **dict.fromkeys(
        ("ecrctl snippet", ".venv/bin/ecrctl snippet web/api --for github --language node --write ../web"),
        "writes beside the copy: tests/ops/snippet/test_command.py",
    ),
    "ecrctl upgrade-check OLD NEW": "a name: tests/ops/upgrade/test_upgrade_check.py",
    "ecrctl upgrade-check": "the same",
    "ecrctl images REPOSITORY --manifests": "the same",
    **dict.fromkeys(
        (
            *("ecrctl delete", "ecrctl archive", "ecrctl restore", "ecrctl delete REPOSITORY --untagged"),
            *("ecrctl delete REFERENCE...", "ecrctl archive REFERENCE...", "ecrctl restore REFERENCE..."),
            ".venv/bin/ecrctl delete web/api:v1.2.3 web/api:test",
            ".venv/bin/ecrctl delete web/api:v1.2.3 --with-children",
            ".venv/bin/ecrctl delete web/api:v1.2.3 --json",
            ".venv/bin/ecrctl archive web/api:v1.2.3",
            ".venv/bin/ecrctl restore web/api:v1.2.3 --wait",
        ),
        "of an image: no line pushes one; tests/sandbox/test_delete.py",
    ),
    "ecrctl images": "a name: the lines with a repository are run",
    **dict.fromkeys(
        (
            *("ecrctl image", "ecrctl image REFERENCE", ".venv/bin/ecrctl image web/api:v1.2.3"),
            ".venv/bin/ecrctl image web/api:v1.2.3 --compare",
        ),
        "of an image: no line pushes one, and the local AWS has no referrers; tests/ops/images/test_image.py",
    ),
    **dict.fromkeys(
        (
            *("ecrctl findings [REFERENCE]", "ecrctl scan REFERENCE", ".venv/bin/ecrctl scan web/api:v1.2.3"),
            ".venv/bin/ecrctl findings web/api:v1.2.3 --fail-on HIGH --fixable",
            ".venv/bin/ecrctl findings web/api --sarif > findings.sarif",
            "ecrctl scan",
        ),
        "of an image: the local AWS does not scan; tests/ops/images/test_findings.py",
    ),
    **dict.fromkeys(
        (
            *("ecrctl release", "ecrctl promote", ".venv/bin/ecrctl release web/api build-7 --version 1.2.3"),
            *(".venv/bin/ecrctl promote web/api:v1.2.3 prod", "ecrctl promote web/api prod --rollback"),
        ),
        "of an image: tests/sandbox/test_promote.py",
    ),
    "ecrctl images REPOSITORY": "a name: the lines with a repository are run",
    ".venv/bin/ecrctl login": "takes docker or its like: tests/ops/images/test_login.py",
    "ecrctl login": "the same",
    ".venv/bin/ecrctl access --prove": "the local AWS has no Access Analyzer: tests/ops/plan/test_prove_all.py",
    ".venv/bin/ecrctl login --public": "the local ECR Public takes no pushes: tests/ops/images/test_login.py",
    ".venv/bin/ecrctl login --helper": "writes what is whoever runs the tests': tests/ops/images/test_login.py",
    "ecrctl permissions COMMAND": "a name: the lines with a command are run",
    "ecrctl lifecycle running": "a name: the line with a region is run",
}


def documented() -> set[str]:
    """Every command line: after a `$ ` in a console block, and between backticks with at least one argument.

    Those that call the AWS CLI or skopeo are left out: they are the user's, and not needed.
    """
    found: set[str] = set()
    for document in DOCUMENTS:
        text = document.read_text()
        for block in re.findall(r"^```console\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL):
            lines = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
            found |= {re.sub(r"\s+#.*", "", line).strip() for line in lines if not re.search(r"\b(aws|skopeo) ", line)}
        prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
        for code in re.findall(r"`([^`]+)`", prose):
            if re.match(r"(make|cdk|python|(\.venv/bin/)?ecrctl|\.) ", code):
                found.add(" ".join(code.split()))
    return found


def typed_somewhere() -> set[str]:
    """What the lines type, and each part of those that are two."""
    commands = {line.command for line in LINES}
    return commands | {part for command in commands for part in command.split(" && ")}


def person(**more: str) -> dict[str, str]:
    """The shell of somebody who sits before a checkout."""
    return {"HOME": str(Path.home()), "PATH": "/usr/bin:/bin", "COLUMNS": "200", **more}


@contextmanager
def project(folder: Path, registry: str = REGISTRY) -> Iterator[Path]:
    """The copy, warm."""
    with warm_checkout(folder, registry) as place:
        for name, content in FILES.items():
            (place / name).write_text(json.dumps(content))
        yield place


@contextmanager
def inside_a_sandbox(folder: Path, registry: str, *, image: bool) -> Iterator[Path]:
    """The copy, whose .sandbox/env leads to a sandbox that has the bootstraps and stacks of the registry already.

    :param image: whether there is an image, too, as after `make sandbox`.
    """
    with project(folder, registry) as place, serving(folder) as sandbox:
        _deploy(sandbox, place / "registry.yaml", image=image)
        write_environment_file(sandbox.place, ACCOUNT, "ap-northeast-2")
        own = f'export PATH={shlex.quote(str(place / ".venv" / "bin"))}:"$PATH"\n'
        (place / ".sandbox" / "env").write_text(sandbox.place.environment_file.read_text() + own)
        yield place


def _deploy(sandbox: Sandbox, file: Path, *, image: bool) -> None:
    registry, _ = load(file)
    sandbox.bootstrap(registry, *registry.stack_locations_in(ACCOUNT))
    sandbox.allow(registry, ACCOUNT)
    make_existing(sandbox.place, registry)  # the roles it names, as `make sandbox` does
    sandbox.put(file, only=[ACCOUNT])
    if image:
        sandbox.push(registry, "web/api", "v1", "one")


def wrong(lines: Iterable[Line], place: Path, shell: dict[str, str], *, inside: bool = False) -> str:
    """What is wrong with commands that are typed; nothing where all do what they should."""
    return "\n".join(said for line in lines if (said := wrongly(line, place, shell, inside=inside)))


def wrongly(line: Line, place: Path, shell: dict[str, str], *, inside: bool = False) -> str:
    """What is wrong with a command that is typed; nothing where it does what it should.

    :param inside: in a shell that was pointed at the sandbox.
    """
    # Another account's credentials are, in the sandbox, its id: sandbox/environment.py
    enter = f". .sandbox/env && export AWS_ACCESS_KEY_ID={line.account} && " if inside else ""
    if line.terminal:
        finished = typed_in_a_terminal(enter + line.typed, place, shell, answers="y\n")
    else:
        finished = typed(enter + line.typed, place, shell)
    if finished.returncode == line.code and line.says in finished.stdout and "Traceback" not in finished.stdout:
        return ""
    return f"$ {line.typed}  # a terminal: {line.terminal}, exit code {finished.returncode}\n{finished.stdout[-3000:]}"


def test_every_command_line_of_the_documents_is_run_here_or_has_a_reason() -> None:
    run = typed_somewhere()
    assert run & set(NOT_RUN) == set()
    assert ({line.command for line in LINES} | set(NOT_RUN)) - documented() == set(), "no document has it any more"
    found = run | set(NOT_RUN) | {command.removeprefix(".venv/bin/") for command in run}  # one program by both names
    assert documented() - found == set(), "run it here as it is written, or say why not"


def test_the_lines_that_make_and_deploy_do_what_they_say(tmp_path: Path) -> None:
    shell = person(PORT=str(free_port()))
    with project(tmp_path) as place:
        try:
            assert not (failed := wrong(ALONE, place, shell)), failed
            failed = wrong(DEPLOYS, place, shell, inside=True) + wrong(AT_THE_END, place, shell)
        finally:
            typed("make sandbox-stop", place, shell)
    assert not failed, failed
