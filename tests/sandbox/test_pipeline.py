"""A pipeline's steps as its roles, through the local AWS: build, publish, promote, and the way back.

The local AWS has neither CodePipeline nor CodeConnections, and scans nothing: its stack is deployed without the
pipeline, and the steps run in the order in which the pipeline starts them. Docker and the AWS CLI are shims.py's.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from registry.access.delivery_roles import delivery_roles
from registry.delivery.buildspecs import program, variables
from registry.load import load
from registry.locations import Location
from registry.model import Registry
from sandbox.clients import client
from sandbox.environment import environment
from tests.sandbox.conftest import HOME, Sandbox
from tests.sandbox.put import as_the_cli_does, put_template, uploaded
from tests.sandbox.shims import Shims, served

ACCOUNT = "220000000066"
FILE = f"""\
registry: {{name: acme, account: "{ACCOUNT}", region: {HOME}}}
repositories:
  web/api: {{moving_tags: [staging, prod, "v*.x", "cache-*"]}}
  web/other:
pipelines:
  web/api:
    connection: arn:aws:codeconnections:{HOME}:{ACCOUNT}:connection/12345678-90ab-cdef-1234-567890abcdef
    source: acme/web
    platforms: [linux/amd64, linux/arm64]
    scan_gate: NONE
    cache: cache
    version_file: VERSION
    promote_to: [staging, prod]
"""
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass
class Pipeline:
    """A deployed pipeline, and a folder with its source."""

    sandbox: Sandbox
    registry: Registry
    file: Path
    source: Path
    shims: Shims
    first: str = ""

    def credentials(self, part: str) -> dict[str, str]:
        """Those of the role of a part. CodeBuild alone may assume it, so the account is let in for this call."""
        (role,) = (it for it in delivery_roles(self.registry) if it.part == part)
        iam, sts = (client(self.sandbox.place, ACCOUNT, HOME, service) for service in ("iam", "sts"))
        name = role.arn.rpartition("/")[2]
        trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        allowed = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
        for document in ({"Version": "2012-10-17", "Statement": [allowed]}, trust):
            if document is trust:
                answer = sts.assume_role(RoleArn=role.arn, RoleSessionName="build")
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(document))
        return dict(answer["Credentials"])

    def run(self, project: str, part: str, **said: str) -> subprocess.CompletedProcess[str]:
        """A project's program with its variables and what its action says; the last line is what it exports."""
        credentials = self.credentials(part)
        shell = environment(self.sandbox.place, ACCOUNT, HOME)
        shell |= {
            "PATH": f"{self.shims.folder}{os.pathsep}{shell['PATH']}",
            "SHIMS": str(self.shims.port),
            "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": credentials["SessionToken"],
            "CODEBUILD_SRC_DIR": str(self.source),
            **{"CACHE": "", "LINES": "", "SCAN_GATE": "NONE"},
            **variables(self.registry, "web/api", self.registry.pipelines["web/api"], project),
            **said,
        }
        text = f'{program(project)}\necho "${{DIGEST:-}}"\n'
        return subprocess.run(
            ["bash", "-c", text], cwd=self.source, env=shell, capture_output=True, text=True, check=False
        )

    def built(self, text: str, version: str) -> str:
        """Build and publish a source; the digest that is promoted."""
        (self.source / "app").write_text(text)
        (self.source / "VERSION").write_text(f"{version}\n")
        digests = {}
        for platform in ("Amd64", "Arm64"):
            done = self.run(f"Build{platform}", "build")
            assert done.returncode == 0, done.stderr
            digests[f"BUILT_{platform.upper()}"] = done.stdout.splitlines()[-1]
        done = self.run("Publish", "promote", COMMIT="0123456789abcdef0123", **digests)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()[-1]

    def promoted(self, name: str, digest: str) -> str:
        done = self.run("Promote", "promote", ENVIRONMENT=name, DIGEST=digest, CONTAINER="api")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def tags(self) -> dict[str, str]:
        return self.sandbox.tags(self.registry, "web/api")

    def ecr(self, part: str) -> Any:
        """ECR's API as a part."""
        credentials = self.credentials(part)
        return boto3.client(
            "ecr",
            region_name=HOME,
            endpoint_url=self.sandbox.place.endpoint,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            verify=str(self.sandbox.place.authority),
        )


@pytest.fixture(scope="module")
def pipeline(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("pipeline")
    file, source, programs = folder / "registry.yaml", folder / "source", folder / "bin"
    source.mkdir()
    programs.mkdir()
    file.write_text(FILE)
    registry, _ = load(file)
    sandbox.bootstrap(registry, Location(ACCOUNT, HOME))
    sandbox.put(file, only=[f"acme-{unit}" for unit in ("Access", "Registry", "Repositories-web")])
    with tempfile.TemporaryDirectory() as assembly:
        (stack,) = (it for it in as_the_cli_does(file, Path(assembly)).stacks if "Delivery" in it.stack_name)
        template = {**stack.template, "Resources": {**stack.template["Resources"]}}
        del template["Resources"]["Pipeline"]
    cloudformation = client(sandbox.place, ACCOUNT, HOME, "cloudformation")
    put_template(cloudformation, stack.stack_name, uploaded(sandbox.place, file, stack, template))
    with served(sandbox.place, HOME, programs) as shims:
        found = Pipeline(sandbox, registry, file, source, shims)
        found.first = found.built("one", "1.2.3")
        yield found


def refused(call: Any, **parameters: Any) -> bool:
    with pytest.raises(ClientError) as told:
        call(**parameters)
    return told.value.response["Error"]["Code"] in ("AccessDeniedException", "AccessDenied")


def test_what_is_built_is_published_promoted_and_can_go_back(pipeline: Pipeline) -> None:
    first, tags = pipeline.first, pipeline.tags()
    assert {tag for tag, digest in tags.items() if digest == first} >= {"v1.2.3", "v1.2.x", "v1.x"}
    (build,) = (tag for tag in tags if tag.startswith("build-"))
    assert re.fullmatch(r"build-\d{8}T\d{6}Z-0123456789ab", build)
    for name in ("staging", "prod"):
        assert pipeline.promoted(name, first).startswith(f"{name} is on {first}, remembered as")
    second = pipeline.built("two", "1.2.4")
    assert second != first
    pipeline.promoted("prod", second)
    tags = pipeline.tags()
    assert (tags["prod"], tags["staging"], tags["v1.2.3"], tags["v1.2.x"]) == (second, first, first, second)
    (definition,) = json.loads((pipeline.source / "imagedefinitions.json").read_text())
    host = f"{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com"
    assert definition == {"name": "api", "imageUri": f"{host}/web/api@{second}"}
    here = ("--registry", str(pipeline.file))
    back = pipeline.sandbox.ecrctl(pipeline.registry, "promote", "web/api", "prod", "--rollback", "--yes", *here)
    assert back.returncode == 0, back.stderr
    assert pipeline.tags()["prod"] == first


def test_several_platforms_are_one_image(pipeline: Pipeline) -> None:
    ecr = client(pipeline.sandbox.place, ACCOUNT, HOME)
    (image,) = ecr.batch_get_image(repositoryName="web/api", imageIds=[{"imageDigest": pipeline.first}])["images"]
    entries = json.loads(image["imageManifest"])["manifests"]
    assert [it["platform"]["architecture"] for it in entries] == ["amd64", "arm64"]
    assert all(DIGEST.fullmatch(it["digest"]) for it in entries)


def test_docker_is_asked_to_push_by_digest_with_a_cache_of_each_platform(pipeline: Pipeline) -> None:
    builds = [words for words in pipeline.shims.asked if words[:2] == ["buildx", "build"]]
    image = f"{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com/web/api"
    for words, name in zip(builds[:2], ("amd64", "arm64"), strict=True):
        assert f"type=image,name={image},push=true,push-by-digest=true,name-canonical=true" in words
        cache = f"type=registry,ref={image}:cache-{name}"
        assert cache in words
        assert f"{cache},mode=max,image-manifest=true,oci-mediatypes=true" in words
        assert words[-2:] == ["--", "."]


def test_who_builds_may_push_to_its_repository_alone_and_delete_nothing(pipeline: Pipeline) -> None:
    build, here = pipeline.ecr("build"), {"repositoryName": "web/api"}
    assert build.initiate_layer_upload(**here)["uploadId"]
    assert refused(build.initiate_layer_upload, repositoryName="web/other")
    assert refused(build.batch_delete_image, **here, imageIds=[{"imageTag": "staging"}])


def test_who_promotes_may_upload_no_layer_and_delete_nothing(pipeline: Pipeline) -> None:
    promote, here = pipeline.ecr("promote"), {"repositoryName": "web/api"}
    assert promote.describe_images(**here)["imageDetails"] is not None
    assert refused(promote.initiate_layer_upload, **here)
    assert refused(promote.batch_delete_image, **here, imageIds=[{"imageTag": "staging"}])
    assert refused(promote.describe_images, repositoryName="web/other")


def test_a_source_without_its_version_stops_and_says_so(pipeline: Pipeline) -> None:
    (pipeline.source / "VERSION").write_text("next one; $(touch pwned)\n")
    done = pipeline.run("Publish", "promote", COMMIT="0", BUILT="BUILT_AMD64", BUILT_AMD64=pipeline.first)
    assert done.returncode == 1
    assert "is no version" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(pipeline.source.glob("pwned"))
