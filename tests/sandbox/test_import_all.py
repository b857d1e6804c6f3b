"""An account that had repositories before this project: all of them are imported, and what was killed goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from ops.adopt.imports import BATCH
from registry.model import Registry
from sandbox.cdk import ADMINISTRATOR
from sandbox.environment import environment
from tests.sandbox import plain_app
from tests.sandbox.conftest import HOME, REPLICA, Sandbox, Scenario
from tests.sandbox.put import as_the_cli_does
from tests.synth import ROOT

FILE = f"""\
replicas: {{{REPLICA}: }}
scanning: {{scan_on_push: ["web/*", "data/*"]}}
repositories: {{web/api: , web/ui: , web/new: , data/x: {{lifecycle: none}}}}
lifecycles: {{none: []}}
"""


def make_repository(client: Any, name: str, **changed: Any) -> None:
    """A repository that somebody made before, without a policy or a lifecycle."""
    settings = {"imageTagMutability": "IMMUTABLE", "imageScanningConfiguration": {"scanOnPush": True}}
    client.create_repository(repositoryName=name, **(settings | changed))


def held(sandbox: Sandbox, registry: Registry, stack: str, region: str = HOME) -> set[str]:
    """What a stack has; nothing where there is none."""
    cloudformation = sandbox.client(registry, region, "cloudformation")
    try:
        rows = cloudformation.list_stack_resources(StackName=stack)["StackResourceSummaries"]
    except cloudformation.exceptions.ClientError:
        return set()
    return {row["PhysicalResourceId"] for row in rows}


def test_an_account_that_had_repositories_is_aligned_imported_and_deployed(
    sandbox: Sandbox, scenario: Scenario, tmp_path: Path
) -> None:
    account = "210000000171"
    registry, file = scenario(account, FILE)
    as_the_cli_does(file, tmp_path / "app")
    here, there = sandbox.client(registry), sandbox.client(registry, REPLICA)
    for name in ("web/api", "web/ui", "data/x"):
        make_repository(here, name)
    destinations = [{"region": REPLICA, "registryId": account}]
    filters = [{"filter": "web/", "filterType": "PREFIX_MATCH"}, {"filter": "data/", "filterType": "PREFIX_MATCH"}]
    here.put_replication_configuration(
        replicationConfiguration={"rules": [{"destinations": destinations, "repositoryFilters": filters}]}
    )
    digest = sandbox.push(registry, "data/x", "v1", "from before")
    (made,) = there.describe_repositories(repositoryNames=["data/x"])["repositories"]  # by ECR itself
    assert made["imageTagMutability"] == "MUTABLE"
    sandbox.push(registry, "web/api", "v1", "from before, too")

    options, app = ("--registry", str(file), "--yes"), ("--app", str(tmp_path / "app"))
    first = sandbox.ecrctl(registry, "import", "--all", *app, *options)
    assert first.returncode == 1, first.stdout + first.stderr
    left = {tuple(line.split("\t")[:3]) for line in first.stdout.splitlines() if line.startswith("repository ")}
    assert left == {
        ("repository data/x", REPLICA, "imageTagMutability"),
        ("repository data/x", REPLICA, "scanOnPush"),
        ("repository web/api", REPLICA, "imageTagMutability"),
        ("repository web/api", REPLICA, "scanOnPush"),
        ("repository web/api", REPLICA, "lifecyclePolicy"),
        ("repository web/api", HOME, "lifecyclePolicy"),
        ("repository web/ui", HOME, "lifecyclePolicy"),
    }
    assert held(sandbox, registry, "acme-Repositories-data") == {"data/x"}
    assert held(sandbox, registry, "acme-Registry") == {account}  # the replication; scanning is not as the file says

    aligned = sandbox.ecrctl(registry, "align", REPLICA, *options)
    assert aligned.returncode == 0, aligned.stdout + aligned.stderr
    assert "changed 5 settings in us-west-2" in aligned.stdout
    again = sandbox.ecrctl(registry, "align", REPLICA, *options)
    assert (again.returncode, "there is nothing to align" in again.stdout) == (0, True)
    policy = there.get_lifecycle_policy(repositoryName="web/api")["lifecyclePolicyText"]
    for name in ("web/api", "web/ui"):
        here.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=policy)

    second = sandbox.ecrctl(registry, "import", "--all", "--json", *app, *options)
    assert second.returncode == 0, second.stdout + second.stderr
    answer = json.loads(second.stdout)
    assert {(it["region"], it["name"]) for it in answer["imported"]} == {
        (HOME, "web/api"),
        (HOME, "web/ui"),
        (REPLICA, "web/api"),
        (REPLICA, "data/x"),
    }
    third = sandbox.ecrctl(registry, "import", "--all", *app, *options)
    assert (third.returncode, "nothing to import" in third.stdout) == (0, True)

    sandbox.put(file)
    assert sandbox.ecrctl(registry, "drift", "--registry", str(file)).returncode == 0
    for region in (HOME, REPLICA):
        assert sandbox.tags(registry, "data/x", region) == {"v1": digest}
        assert held(sandbox, registry, "acme-Repositories-web", region) == {"web/api", "web/ui", "web/new"}


#: Where an import is killed: the function that dies when it is called for the so-many-th time.
DEATHS = {
    "before the first change set is executed": ("ops.adopt.imports", "execute", 1),
    "while CloudFormation imports": ("ops.adopt.change_sets", "_settled", 1),
    "between two stacks": ("ops.adopt.imports", "execute", 2),
}
INSTEAD = """\
import boto3, importlib, os, signal, sys
from ops.adopt import imports
from ops.cli import main
imports._STACKS = 1
module, name, number, instead, *sys.argv[1:] = sys.argv[1:]
module, calls = importlib.import_module(module), []
function = getattr(module, name)
def called(*arguments):
    calls.append(arguments)
    if len(calls) == int(number):
        exec(instead)
    return function(*arguments)
setattr(module, name, called)
main()
"""
KILL = "os.kill(os.getpid(), signal.SIGKILL)"
DELETE = "boto3.client('ecr').delete_repository(repositoryName='web/api')"


def interrupted(
    sandbox: Sandbox, registry: Registry, place: tuple[str, str, int], instead: str, *words: str
) -> subprocess.CompletedProcess[str]:
    """Run ecrctl, in which something happens just before a function is called for the so-many-th time."""
    return subprocess.run(
        [sys.executable, "-c", INSTEAD, *map(str, place), instead, *words],
        cwd=ROOT,
        env=environment(sandbox.place, registry.account, registry.region),
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_import_that_is_killed_anywhere_goes_on_when_it_is_run_again(
    sandbox: Sandbox, scenario: Scenario, tmp_path: Path
) -> None:
    made = {"before the first change set is executed": ["a/x"], "while CloudFormation imports": ["b/x"]}
    names = [name for death in DEATHS for name in made.setdefault(death, ["c/x", "d/x"])]
    text = ", ".join(f"{name}: {{lifecycle: none}}" for name in names)
    registry, file = scenario("210000000172", f"lifecycles: {{none: []}}\nrepositories: {{{text}}}")
    as_the_cli_does(file, tmp_path / "app")
    words = ("import", "--all", "--yes", "--registry", str(file), "--app", str(tmp_path / "app"))
    for death, place in DEATHS.items():
        for name in made[death]:
            make_repository(sandbox.client(registry), name)
        dead = interrupted(sandbox, registry, place, KILL, *words)
        assert dead.returncode == -signal.SIGKILL, dead.stdout + dead.stderr
        finished = sandbox.ecrctl(registry, *words)
        assert finished.returncode == 0, (death, finished.stdout, finished.stderr)
        for name in made[death]:
            assert held(sandbox, registry, f"acme-Repositories-{name[0]}") == {name}, death


def test_more_than_one_change_set_takes_and_a_template_that_has_to_be_uploaded(
    sandbox: Sandbox, scenario: Scenario, tmp_path: Path
) -> None:
    names = [f"web/r{number}" for number in range(BATCH + 1)]
    text = "lifecycles: {none: []}\nnamespaces: {web: {lifecycle: none}}\n"
    registry, file = scenario("210000000175", f"{text}repositories: {{{''.join(f'{name}: , ' for name in names)}}}")
    client = sandbox.client(registry)
    for name in names:
        make_repository(client, name)
    as_the_cli_does(file, tmp_path / "app")
    words = ("import", "--all", "--yes", "--json", "--registry", str(file), "--app", str(tmp_path / "app"))
    finished = sandbox.ecrctl(registry, *words)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert len(json.loads(finished.stdout)["imported"]) == BATCH + 1
    cloudformation = sandbox.client(registry, service="cloudformation")
    stack = "acme-Repositories-web"
    assert len(json.dumps(cloudformation.get_template(StackName=stack)["TemplateBody"])) > 51_200
    (described,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    assert (described["StackStatus"], described["EnableTerminationProtection"]) == ("IMPORT_COMPLETE", True)


def test_an_import_that_cloudformation_rolled_back_goes_on(
    sandbox: Sandbox, scenario: Scenario, tmp_path: Path
) -> None:
    registry, file = scenario("210000000173", "lifecycles: {none: []}\nrepositories: {web/api: {lifecycle: none}}")
    as_the_cli_does(file, tmp_path / "app")
    words = ("import", "--all", "--yes", "--registry", str(file), "--app", str(tmp_path / "app"))
    make_repository(sandbox.client(registry), "web/api")
    failed = interrupted(sandbox, registry, ("ops.adopt.imports", "execute", 1), DELETE, *words)
    assert failed.returncode == 3, failed.stdout + failed.stderr
    assert "acme-Repositories-web in ap-northeast-2 ended in " in failed.stdout
    make_repository(sandbox.client(registry), "web/api")
    refused = sandbox.ecrctl(registry, *words)
    assert refused.returncode == 1
    assert "ecrctl clear-failed" in refused.stdout
    cleared = sandbox.ecrctl(registry, "clear-failed", "--yes", "--registry", str(file))
    assert cleared.returncode == 0, cleared.stderr
    finished = sandbox.ecrctl(registry, *words)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_cdk_orphan_hands_a_repository_of_another_app_over(
    sandbox: Sandbox, scenario: Scenario, tmp_path: Path
) -> None:
    account = "210000000174"
    registry, file = scenario(account, "lifecycles: {none: []}\nrepositories: {web/api: {lifecycle: none}}")
    as_the_cli_does(file, tmp_path / "app")
    shell = environment(sandbox.place, account, HOME) | {"CDK_REQUIRE_APPROVAL": "never"}
    app = str(tmp_path / "plain")
    plain_app.main(account, HOME, "x", "web/api", folder=app)

    def cdk(*words: str) -> None:
        finished = subprocess.run(
            [*sandbox.cli, *words], cwd=tmp_path, env=shell, capture_output=True, text=True, check=False, input="y\n"
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr

    cdk("bootstrap", f"aws://{account}/{HOME}", "--cloudformation-execution-policies", ADMINISTRATOR)
    cdk("deploy", "Plain", "--app", app)
    words = ("import", "--all", "--yes", "--registry", str(file), "--app", str(tmp_path / "app"))
    left = sandbox.ecrctl(registry, *words)
    assert (left.returncode, "in the stack Plain" in left.stdout) == (1, True), left.stdout + left.stderr
    cdk("orphan", "Plain/Repository", "--unstable=orphan", "--yes", "--app", app)
    taken = sandbox.ecrctl(registry, *words)
    assert taken.returncode == 0, taken.stdout + taken.stderr
    assert held(sandbox, registry, "acme-Repositories-web") == {"web/api"}
    assert "web/api" not in held(sandbox, registry, "Plain")
