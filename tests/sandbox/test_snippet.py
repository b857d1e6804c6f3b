"""What `ecrctl snippet` writes, run against the local AWS as the role that it names: log in, push, promote, go back.

Scripts run as they are; of a workflow of GitHub the steps are taken one after another, with the actions' inputs.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.snippet.make import Request, Snippet, Target, make
from registry.load import load
from registry.locations import Location
from registry.model import Registry
from registry.naming import registry_host
from sandbox.clients import client
from sandbox.environment import environment
from tests.sandbox import tools
from tests.sandbox.conftest import HOME, Sandbox
from tests.sandbox.test_access import World, github_token
from tests.snippets import BUCKET, CIRCLE, UUID, bitbucket_steps, workflow, written
from tests.synth import ROOT

ACCOUNT = "220000000051"
GITHUB = "github: acme/web, owner_id: 84790634, repository_id: 1304267049"
SUBJECT = "repo:acme@84790634/web@1304267049:{}"
FILE = f"""\
registry: {{name: acme, account: "{ACCOUNT}", region: {HOME}}}
principals:
  ci: {{{GITHUB}, branch: main}}
  tags: {{{GITHUB}, tag: "v*"}}
  prod: {{{GITHUB}, environment: prod}}
  lab: {{gitlab: acme/web, branch: main}}
  circle: {{circleci: {{{CIRCLE}}}, branch: main}}
  bucket: {{bitbucket: {{{BUCKET}, every_branch: true}}}}
  agent: {{role: "arn:aws:iam::{ACCOUNT}:role/agent"}}
  other: {{role: "arn:aws:iam::{ACCOUNT}:role/other"}}
defaults: {{moving_tags: [prod, latest, buildcache]}}
repositories:
  web/api: {{push: [ci], promote: [prod]}}
  web/releases: {{push: [tags]}}
  web/lab: {{push: [lab], promote: [lab]}}
  web/circle: {{push: [circle]}}
  web/bucket: {{push: [bucket]}}
  web/agent: {{push: [agent], promote: [agent, other]}}
"""
SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@dataclass
class Site(World):
    """The deployed registry, and a repository of code with the files of a snippet."""

    code: Path = field(default_factory=Path)
    tools: tools.Tools | None = None

    @property
    def registry(self) -> Registry:
        return load(self.file)[0]

    def snippet(self, name: str, target: Target, **more: Any) -> Snippet:
        made = make(self.registry, Request(name=name, target=target, **more))
        written(made, self.code)
        return made

    def change(self, text: str) -> None:
        """What the next build builds."""
        (self.code / "app.txt").write_text(text)

    def shell(self, credentials: Mapping[str, str] | None, **more: str) -> dict[str, str]:
        """The environment of a job; without credentials for one that gets them by itself."""
        place = self.sandbox.place
        plain = {key: it for key, it in environment(place, ACCOUNT, HOME).items() if key not in SECRETS}
        own = (
            {}
            if credentials is None
            else dict(
                zip(
                    SECRETS,
                    (credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]),
                    strict=True,
                )
            )
        )
        assert self.tools is not None
        return {**plain, "PATH": f"{self.tools.folder}:/usr/bin:/bin", **own, **more}

    def bash(self, line: str, shell: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-e", "-c", line], cwd=self.code, env=dict(shell), capture_output=True, text=True, check=False
        )

    def tags(self, repository: str) -> dict[str, str]:
        pages = (
            client(self.sandbox.place, ACCOUNT, HOME)
            .get_paginator("describe_images")
            .paginate(repositoryName=repository)
        )
        return {
            tag: it["imageDigest"] for page in pages for it in page["imageDetails"] for tag in it.get("imageTags", ())
        }

    def github(self, made: Snippet, job: str, context: Mapping[str, str]) -> list[str]:
        """Run a workflow: what its shells said. Expressions become what they say."""
        (of,) = workflow(made)["jobs"].values()
        values, said, credentials = dict(context), list[str](), dict[str, str]()

        def filled(text: Any) -> str:
            found = re.sub(
                r"\$\{\{ (.*?) \}\}",
                lambda it: next(filter(None, (values.get(w, "") for w in it[1].split(" || "))), ""),
                str(text),
            )
            return found

        values |= {f"env.{key}": filled(it) for key, it in of.get("env", {}).items()}
        for step in of["steps"]:
            action, told = step.get("uses", "").partition("@")[0], step.get("with", {})
            if step.get("if") == "steps.found.outputs.digest == ''" and values.get("steps.found.outputs.digest"):
                continue
            if action == "aws-actions/configure-aws-credentials":
                credentials = self._by_web_identity(told["role-to-assume"], SUBJECT.format(job))
                assert told["allowed-account-ids"] == ACCOUNT
            elif action == "aws-actions/amazon-ecr-login":
                values["password"] = self._password(credentials, told["registries"])
            elif action == "docker/build-push-action":
                values["steps.build.outputs.digest"] = self._build(told, filled, values["password"])
            elif "run" in step:
                shown = {key.removeprefix("env."): it for key, it in values.items() if key.startswith("env.")}
                shown |= {key: filled(it) for key, it in step.get("env", {}).items()}
                outputs = {name: str(self.code / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
                done = self.bash(step["run"], self.shell(credentials, **shown, **outputs))
                assert done.returncode == 0, done.stderr
                said.append(done.stdout)
                if "id" in step and (output := self.code / "GITHUB_OUTPUT").exists():
                    pairs = [it.split("=", 1) for it in output.read_text().split()]
                    values |= {f"steps.{step['id']}.outputs.{key}": it for key, it in pairs}
                    output.unlink()
        return said

    def _by_web_identity(self, role: str, subject: str) -> dict[str, str]:
        token = github_token(subject, "sts.amazonaws.com")
        sts = client(self.sandbox.place, ACCOUNT, HOME, "sts")
        answer = sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="job", WebIdentityToken=token)
        return dict(answer["Credentials"])

    def _password(self, credentials: dict[str, str], account: str) -> str:
        assert account == ACCOUNT
        token = self.ecr(credentials).get_authorization_token()["authorizationData"][0]["authorizationToken"]
        return base64.b64decode(token).decode().partition(":")[2]

    def _build(self, told: dict[str, Any], filled: Any, password: str) -> str:
        text, place = (self.code / "app.txt").read_text(), self.sandbox.place
        digests = {tools.push(place, tag, password, text) for tag in filled(told["tags"]).split()}
        cache = dict(it.split("=", 1) for it in told["cache-to"].split(","))
        tools.push(place, cache["ref"], password, f"cache of {text}")
        (digest,) = digests
        return digest


@pytest.fixture(scope="module")
def deployed(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Site:
    file = tmp_path_factory.mktemp("snippet") / "registry.yaml"
    file.write_text(FILE)
    site = Site(sandbox, file)
    sandbox.bootstrap(site.registry, Location(ACCOUNT, HOME))
    site.role(ACCOUNT, "agent")
    site.role(ACCOUNT, "other")
    sandbox.put(file)
    return site


@pytest.fixture
def site(deployed: Site, tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "code").mkdir()
    with tempfile.TemporaryDirectory() as folder, tools.installed(Path(folder), deployed.sandbox.place) as found:
        yield Site(deployed.sandbox, deployed.file, tmp_path / "code", found)  # a socket's path is a short one


def run(number: int) -> dict[str, str]:
    return {
        "github.sha": "c0ffee",
        "github.run_id": str(number),
        "github.run_attempt": "1",
        "github.ref_name": "v1.0.0",
    }


def test_github_builds_twice_then_promotes_and_ecrctl_takes_it_back(site: Site) -> None:
    built = site.snippet("web/api", "github")
    for number in (1, 2):
        site.change(f"version {number}")
        site.github(built, "ref:refs/heads/main", run(number))
    tags = site.tags("web/api")
    assert set(tags) == {"build-1-1", "build-2-1", "latest", "buildcache"}
    assert tags["latest"] == tags["build-2-1"]
    summary = (site.code / "GITHUB_STEP_SUMMARY").read_text()
    assert f"/web/api@{tags['build-2-1']}`" in summary

    promoted = site.snippet("web/api", "github", as_="prod")
    said = []
    for image in ("build-1-1", tags["build-2-1"]):
        said += site.github(promoted, "environment:prod", {"inputs.image": image})
    assert site.tags("web/api")["prod"] == tags["build-2-1"]
    assert f"web/api:prod is now on {tags['build-2-1']}, remembered as prod-20260102T0304" in said[-1]
    assert site.github(promoted, "environment:prod", {"inputs.image": "build-2-1"})[-1] == (
        f"web/api:prod is on {tags['build-2-1']} already\n"
    )
    credentials = site._by_web_identity(
        f"arn:aws:iam::{ACCOUNT}:role/ecr-registry/acme/acme-prod", SUBJECT.format("environment:prod")
    )
    shell = site.shell(credentials)
    words = f"python -m ops promote web/api prod --rollback --yes --json --registry {site.file}"
    path = environment(site.sandbox.place, ACCOUNT, HOME)["PATH"]
    done = site.bash(words, {**shell, "PATH": path, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["imageDigest"] == tags["build-1-1"]


def test_a_git_tag_that_was_built_is_not_built_again(site: Site) -> None:
    """moby/buildkit #3776: ECR refuses a fixed tag that is there, also for the same image."""
    built = site.snippet("web/releases", "github")
    site.change("one")
    site.github(built, "ref:refs/tags/v1.0.0", run(1))
    before = site.tags("web/releases")
    assert "v1.0.0" in before
    site.change("another")
    site.github(built, "ref:refs/tags/v1.0.0", run(2))
    assert site.tags("web/releases") == before


def test_gitlab_gets_its_credentials_by_its_token_and_pushes_and_promotes(site: Site) -> None:
    document = yaml.safe_load(site.snippet("web/lab", "gitlab").files[".gitlab-ci.yml"])
    site.change("of the lab")

    def job(name: str, **more: str) -> subprocess.CompletedProcess[str]:
        it = document[name]
        token = lab_token("project_path:acme/web:ref_type:branch:ref:main", it["id_tokens"]["AWS_ID_TOKEN"]["aud"])
        variables = {
            key: value["value"] if isinstance(value, dict) else value for key, value in it["variables"].items()
        }
        variables |= {"AWS_ROLE_SESSION_NAME": "gitlab-7", "AWS_WEB_IDENTITY_TOKEN_FILE": str(site.code / "token")}
        shell = site.shell(None, **variables, AWS_ID_TOKEN=token, CI_JOB_ID="7", **more)
        return site.bash("\n".join([*it["before_script"], *it["script"]]), shell)

    done = job("push-web-lab")
    assert done.returncode == 0, done.stderr
    tags = site.tags("web/lab")
    assert done.stdout.splitlines()[-1].endswith(
        f"/web/lab:build-7, which is {registry_host(ACCOUNT, HOME)}/web/lab@{tags['build-7']}"
    )
    assert (site.code / "token").stat().st_mode & 0o077 == 0
    done = job("promote-prod-web-lab", IMAGE="build-7")
    assert done.returncode == 0, done.stderr
    assert site.tags("web/lab")["prod"] == tags["build-7"]
    refused = job("promote-prod-web-lab", IMAGE="build-8")
    assert (refused.returncode, refused.stderr) == (1, "there is no image build-8 in web/lab\n")


def test_circleci_and_bitbucket_push_with_the_tokens_of_their_issuers(site: Site) -> None:
    own = {key: it.partition(": ")[2] for key, it in zip(("organization", "project"), CIRCLE.split(", "), strict=False)}
    user = f"{UUID}9"
    circle = yaml.safe_load(site.snippet("web/circle", "circleci").files[".circleci/config.yml"])
    (job,) = circle["jobs"].values()
    token = lab_token(
        f"org/{own['organization']}/project/{own['project']}/user/{user}/vcs-origin/github.com/acme/web"
        "/vcs-ref/refs/heads/main",
        own["organization"],
        f"https://oidc.circleci.com/org/{own['organization']}",
    )
    said = {**job["environment"], "AWS_WEB_IDENTITY_TOKEN_FILE": str(site.code / "token")}
    lines = [it["run"]["command"] for it in job["steps"] if "run" in it]
    site.change("of CircleCI")
    done = site.bash("\n".join(lines), site.shell(None, **said, CIRCLE_OIDC_TOKEN_V2=token, CIRCLE_BUILD_NUM="7"))
    assert done.returncode == 0, done.stderr
    assert "build-7" in site.tags("web/circle")

    bucket = yaml.safe_load(site.snippet("web/bucket", "bitbucket").files["bitbucket-pipelines.yml"])
    (step,) = bitbucket_steps(bucket)
    workspace = "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc"
    token = lab_token(f"{{{UUID}4}}:{{{user}}}", f"ari:cloud:bitbucket::workspace/{UUID}3", workspace)
    numbers = {"BITBUCKET_BUILD_NUMBER": "12", "BITBUCKET_STEP_RUN_NUMBER": "1"}
    site.change("of Bitbucket")
    shell = site.shell(None, **numbers, BITBUCKET_STEP_OIDC_TOKEN=token, TMPDIR=str(site.code))
    done = site.bash("\n".join(step["script"]), shell)
    assert done.returncode == 0, done.stderr
    assert "build-12-1" in site.tags("web/bucket")


@pytest.mark.parametrize("target", ["jenkins", "codebuild", "buildkite"])
def test_an_agent_with_the_role_pushes_and_leaves_no_password(site: Site, target: Target) -> None:
    script = site.snippet("web/agent", target, as_="agent")
    (push,) = [path for path in script.files if "push" in path]
    site.change(f"by {target}")
    shell = site.shell(
        site.assumed(ACCOUNT, "agent"), TAG=f"build-{target}", HOME=str(site.code), TMPDIR=str(site.code)
    )
    done = site.bash(f"bash {push}", shell)
    assert done.returncode == 0, done.stderr
    assert f"build-{target}" in site.tags("web/agent")
    assert not list(site.code.glob("**/config.json")), "the log-in is gone with the job"
    assert not list(site.code.glob("tmp.*"))
    site.change("something else under the same tag")
    again = site.bash(f"bash {push}", shell)
    assert again.returncode != 0, "a fixed tag stays what it is"


def test_an_agent_with_another_role_is_told_before_it_builds(site: Site) -> None:
    (push,) = [path for path in site.snippet("web/agent", "jenkins", as_="agent").files if "push" in path]
    site.change("never")
    before = site.tags("web/agent")
    done = site.bash(f"bash {push}", site.shell(site.assumed(ACCOUNT, "other"), TAG="build-9"))
    assert done.returncode == 1
    assert done.stderr.startswith(f"this agent is arn:aws:sts::{ACCOUNT}:assumed-role/other/")
    assert f"arn:aws:iam::{ACCOUNT}:role/agent is who may" in done.stderr
    assert site.tags("web/agent") == before


def test_who_may_only_promote_can_do_that_with_the_script(site: Site) -> None:
    push = site.snippet("web/agent", "jenkins", as_="agent")
    site.change("to be promoted")
    (path,) = [it for it in push.files if "push" in it]
    done = site.bash(f"bash {path}", site.shell(site.assumed(ACCOUNT, "agent"), TAG="build-10"))
    assert done.returncode == 0, done.stderr
    site.snippet("web/agent", "buildkite", as_="other")
    shell = site.shell(site.assumed(ACCOUNT, "other"))
    done = site.bash("bash ci/promote-web-agent.sh build-10 prod", shell)
    assert done.returncode == 0, done.stderr
    assert site.tags("web/agent")["prod"] == site.tags("web/agent")["build-10"]
    for words, message in (("build-10 buildcache", "allowed are prod"), ("'a b' prod", "neither a tag nor a digest")):
        refused = site.bash(f"bash ci/promote-web-agent.sh {words}", shell)
        assert (refused.returncode, message in refused.stderr) == (2, True)


def lab_token(subject: str, audience: str, issuer: str = "https://gitlab.com") -> str:
    """A token of an issuer; the emulator looks at its claims, not at its signature."""
    claims = {"iss": issuer, "aud": audience, "sub": subject, "exp": 4102444800, "iat": 0}
    parts = ({"alg": "RS256", "typ": "JWT", "kid": "k"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join((*encoded, "c2lnbmF0dXJl"))
