"""The verbs as people type them: no change is refused half-way, drift stops a deploy, what left is not forgotten."""

from __future__ import annotations

import json
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from registry.load import load
from registry.model import Registry
from sandbox.environment import environment
from tests.checkout import typed, typed_in_a_terminal
from tests.sandbox.conftest import HOME, REPLICA, Sandbox, Scenario


def make_deploy(sandbox: Sandbox, desk: Path, registry: Registry, file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "deploy", f"REGISTRY={file}"],
        cwd=desk,
        env=environment(sandbox.place, registry.account, registry.region),
        capture_output=True,
        text=True,
        check=False,
    )


def make(sandbox: Sandbox, desk: Path, registry: Registry, file: Path, verb: str, *, terminal: bool) -> str:
    """Type a verb, with a person before a terminal who says yes to what is asked, or where nobody is; what it says."""
    shell = environment(sandbox.place, registry.account, registry.region)
    line = f"make {verb} REGISTRY={shlex.quote(str(file))}"
    finished = typed_in_a_terminal(line, desk, shell, answers="y\n") if terminal else typed(line, desk, shell)
    assert finished.returncode == 0, finished.stdout
    return finished.stdout


def stacks(sandbox: Sandbox, registry: Registry, region: str = HOME) -> set[str]:
    rows = sandbox.client(registry, region, "cloudformation").describe_stacks()["Stacks"]
    return {row["StackName"] for row in rows if row["StackName"].startswith("acme-")}


def test_what_left_the_app_fails_the_deploy_until_it_was_shown_and_removed(
    sandbox: Sandbox, desk: Path, scenario: Scenario
) -> None:
    account = "210000000111"
    repositories = "repositories: {web/api: , old/kept: , old/scratch: {empty_on_delete: true}}"
    rest = f"account_settings: {{blob_mounting: ENABLED}}\nreplicas: {{{REPLICA}: }}\n{repositories}"
    registry, file = scenario(account, rest)
    first = sandbox.make_deploy(registry, file)
    assert first.returncode == 0, first.stdout + first.stderr
    assert f"every stack of acme in {account} is in the app" in first.stdout
    for region in (HOME, REPLICA):
        setting = sandbox.client(registry, region).get_account_setting(name="BLOB_MOUNTING")
        assert setting["value"] == "ENABLED"
    digest = sandbox.push(registry, "old/kept", "v1", "kept")
    sandbox.push(registry, "old/scratch", "v1", "lost on purpose")

    scenario(account, "repositories: {web/api: }")
    left = make_deploy(sandbox, desk, registry, file)
    assert left.returncode == 2, left.stdout + left.stderr  # make's own
    assert f"acme-Repositories-old in {account}/{HOME}" in left.stdout
    assert f"acme-Registry in {account}/{REPLICA}" in left.stdout
    assert "    kept:    old/kept; 1 image stays in it" in left.stdout
    assert "    emptied: old/scratch; 1 image is deleted with it" in left.stdout
    assert stacks(sandbox, registry, REPLICA) == {"acme-Registry", "acme-Repositories-old", "acme-Repositories-web"}

    removed = sandbox.ecrctl_of(registry, file, "retire", "--yes")
    assert removed.returncode == 0, removed.stderr
    assert removed.stdout.endswith("removed 4 stacks\n")
    assert stacks(sandbox, registry, REPLICA) == set()
    assert stacks(sandbox, registry) == {"acme-Access", "acme-Registry", "acme-Repositories-web"}
    assert sandbox.tags(registry, "old/kept") == {"v1": digest}
    names = {row["repositoryName"] for row in sandbox.client(registry).describe_repositories()["repositories"]}
    assert {"web/api", "old/kept"} <= names
    assert "old/scratch" not in names
    assert sandbox.make_deploy(registry, file).returncode == 0


def test_a_change_by_hand_stops_the_deploy_unless_it_is_forced(sandbox: Sandbox, scenario: Scenario) -> None:
    registry, file = scenario("210000000112", "repositories: {web/api: , web/ui: }")
    sandbox.put(file)
    client = sandbox.client(registry)
    client.put_image_tag_mutability(repositoryName="web/ui", imageTagMutability="MUTABLE")
    scenario(registry.account, 'repositories: {web/api: {tags: {a: "1"}}, web/ui: }')
    stopped = sandbox.make_deploy(registry, file)
    assert stopped.returncode == 1
    assert "imageTagMutability" in stopped.stdout
    assert "make deploy FORCE=1" in stopped.stderr
    arn = client.describe_repositories(repositoryNames=["web/api"])["repositories"][0]["repositoryArn"]
    assert {tag["Key"] for tag in client.list_tags_for_resource(resourceArn=arn)["tags"]}.isdisjoint({"a"})

    forced = sandbox.make_deploy(registry, file, force=True)
    assert forced.returncode == 0, forced.stdout + forced.stderr
    assert {tag["Key"] for tag in client.list_tags_for_resource(resourceArn=arn)["tags"]} >= {"a"}


CI = "ci: {github: acme/web, owner_id: 84790634, repository_id: 1304267049, branch: main}"
TWO = "{github: acme/two, owner_id: 84790634, repository_id: 1304267050, branch: main}"
GRANTED = f"principals: {{{CI}}}\nrepositories: {{web/api: {{push: [ci]}}, web/ui: }}"
#: Each would have been a question of the CDK, which nobody can answer in the middle of four deploys.
CHANGES = [
    GRANTED,  # the first deploy makes roles and policies
    # a trust widened, a role and a grant more, endpoints with groups that let in
    GRANTED.replace("branch: main", 'tag: "v*"')
    .replace("}\nrepositories", f", two: {TWO}}}\nrepositories")
    .replace("web/ui: ", "web/ui: {push: [ci, two]}")
    + "\nnetwork: [{trial_vpc: {name: trial, cidr: 10.99.0.0/24}}]",
]


def test_no_kind_of_change_is_refused_half_way_in_a_terminal_or_without_one(
    sandbox: Sandbox, desk: Path, tmp_path: Path
) -> None:
    file = tmp_path / "my team's file.yaml"
    head = f'registry: {{name: acme, account: "210000000113", region: {HOME}}}\n'
    for number, rest in enumerate(CHANGES):
        file.write_text(f"{head}{rest}\n")
        registry, _ = load(file)
        make(sandbox, desk, registry, file, "bootstrap", terminal=not number)
        said = make(sandbox, desk, registry, file, "diff", terminal=bool(number % 2))
        assert "Number of stacks with differences: 0" not in said
        make(sandbox, desk, registry, file, "deploy", terminal=not number % 2)
    assert "acme-Network-Trial-trial" in stacks(sandbox, registry)
    said = make(sandbox, desk, registry, file, "diff", terminal=False)
    assert "Number of stacks with differences: 0" in said


def test_a_diff_needs_to_read_stacks_and_nothing_else(sandbox: Sandbox, desk: Path, scenario: Scenario) -> None:
    registry, file = scenario("210000000114", "repositories: {web/api: }")
    sandbox.put(file)
    scenario(registry.account, "repositories: {web/api: , web/ui: , other/app: }")
    iam = sandbox.client(registry, service="iam")
    iam.create_user(UserName="reviewer")
    may = {
        "Effect": "Allow",
        "Action": ["cloudformation:DescribeStacks", "cloudformation:GetTemplate"],
        "Resource": "*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    iam.put_user_policy(UserName="reviewer", PolicyName="reads", PolicyDocument=document)
    key = iam.create_access_key(UserName="reviewer")["AccessKey"]
    shell = environment(sandbox.place, registry.account, registry.region)
    shell |= {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    before, cloudformation = stacks(sandbox, registry), sandbox.client(registry, service="cloudformation")
    diff = typed(f"make diff REGISTRY={file}", desk, shell)
    assert diff.returncode == 0, diff.stdout
    assert "Number of stacks with differences: 2" in diff.stdout
    assert stacks(sandbox, registry) == before
    change_sets = cloudformation.list_change_sets(StackName="acme-Repositories-web")["Summaries"]
    assert [row["ChangeSetName"] for row in change_sets] == ["cdk-deploy-change-set"]  # the one of the deploy


def test_two_deploys_of_one_checkout_do_not_meet(
    sandbox: Sandbox, desk: Path, scenario: Scenario, tmp_path: Path
) -> None:
    registries = []
    for account in ("210000000115", "210000000116"):
        registry, file = scenario(account, "repositories: {web/api: }")
        registries.append((registry, file.rename(tmp_path / f"{account}.yaml")))
    with ThreadPoolExecutor() as pool:
        for finished in pool.map(lambda each: make_deploy(sandbox, desk, *each), registries):
            assert finished.returncode == 0, finished.stdout + finished.stderr
