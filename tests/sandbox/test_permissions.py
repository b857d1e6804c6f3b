"""What `ecrctl permissions` prints is enough: commands run in roles that may do nothing else, and IAM is asked.

The local AWS does not ask IAM for CloudFormation, which works in a role of its own, and does not know every call;
tests/ops/conftest.py looks at all calls that the other tests make.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.aws.permissions import policy_documents
from ops.deploy.deployer import deployer_template
from registry.model import Registry
from sandbox.environment import environment
from tests import forks
from tests.checkout import typed
from tests.sandbox.conftest import REPLICA, Sandbox, Scenario
from tests.sandbox.put import as_the_cli_does
from tests.sandbox.test_access import github_token

LOOKING = {
    "drift": "drift",
    "drift --before-deploy": "drift --before-deploy",
    "replacements": "replacements",
    "bootstrap --check": "bootstrap --check",
    "lifecycle guard": "lifecycle guard",
    "lifecycle preview": "lifecycle preview --all",
    "retire --check": "retire --check",
    "settings": "settings --yes",
    "clear-failed": "clear-failed --yes",
    "backfill": "backfill --list",
}
#: Which of them compare with what the app makes.
OF_THE_APP = {"replacements", "retire --check"}


def ecrctl(sandbox: Sandbox, registry: Registry, key: Any, *words: str) -> subprocess.CompletedProcess[str]:
    shell = environment(sandbox.place, registry.account, registry.region)
    shell |= {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    shell |= {"AWS_SESSION_TOKEN": key["SessionToken"]} if "SessionToken" in key else {}
    return forks.ecrctl(*words, environment=shell)


def test_commands_that_look_need_nothing_else(sandbox: Sandbox, scenario: Scenario, tmp_path: Path) -> None:
    rest = f"account_settings: {{blob_mounting: ENABLED}}\nreplicas: {{{REPLICA}: }}\nrepositories: {{web/api: }}"
    registry, file = scenario("210000000211", rest)
    sandbox.put(file)
    sandbox.push(registry, "web/api", "v1", "one")
    iam = sandbox.client(registry, service="iam")
    as_the_cli_does(file, tmp_path / "app")
    failed = []
    for number, (command, words) in enumerate(LOOKING.items()):
        user = f"only-{number}"
        app = ("--app", str(tmp_path / "app")) if words in OF_THE_APP else ()
        here = ("--registry", str(file), *app)
        iam.create_user(UserName=user)
        key = iam.create_access_key(UserName=user)["AccessKey"]
        refused = ecrctl(sandbox, registry, key, *words.split(), *here)
        assert refused.returncode == 3, f"{command} needs no permission here, so this proves nothing: {refused.stdout}"
        for each, document in enumerate(policy_documents(command, registry, registry.account)):
            iam.put_user_policy(UserName=user, PolicyName=f"p{each}", PolicyDocument=json.dumps(document))
        finished = ecrctl(sandbox, registry, key, *words.split(), *here)
        said = finished.stdout + finished.stderr
        if finished.returncode not in (0, 1) or "may not" in said:
            failed.append(f"{command}: {said[-600:]}")
    assert not failed, "\n".join(failed)


def test_a_deploy_works_in_the_deployers_role_and_only_the_environment_may_assume_it(
    sandbox: Sandbox, desk: Path, scenario: Scenario
) -> None:
    registry, file = scenario("210000000212", "repositories: {web/api: }")
    formation = sandbox.client(registry, service="cloudformation")
    formation.create_stack(
        StackName="ecr-deployer-acme",
        TemplateBody=json.dumps(deployer_template(registry, "acme/registry", "registry")),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": "GitHubProvider", "ParameterValue": "create"}],
    )
    (stack,) = formation.describe_stacks(StackName="ecr-deployer-acme")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    arn = stack["Outputs"][0]["OutputValue"]
    sts = sandbox.client(registry, service="sts")

    def assume(subject: str) -> Any:
        return sts.assume_role_with_web_identity(
            RoleArn=arn, RoleSessionName="deploy", WebIdentityToken=github_token(subject, "sts.amazonaws.com")
        )["Credentials"]

    for other in ("environment:staging", "ref:refs/heads/main", "pull_request"):
        with pytest.raises(ClientError, match="AccessDenied"):
            assume(f"repo:acme/registry:{other}")
    with pytest.raises(ClientError, match="AccessDenied"):
        assume("repo:acme/other:environment:registry")
    key = assume("repo:acme/registry:environment:registry")
    shell = environment(sandbox.place, registry.account, registry.region) | {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_SESSION_TOKEN": key["SessionToken"],
    }
    deployed = typed(f"make deploy REGISTRY={file}", desk, shell)
    assert deployed.returncode == 0, deployed.stdout
    assert f"every stack of acme in {registry.account} is in the app" in deployed.stdout
    assert "may not" not in deployed.stdout
    assert ecrctl(sandbox, registry, key, "settings", "--registry", str(file)).returncode == 0
