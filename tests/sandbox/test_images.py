"""Looking at images through the local AWS: what was pushed is listed, read and logged in to."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from ops.images import ImageRegistry
from registry.model import Registry
from sandbox.environment import environment
from tests.sandbox.conftest import Sandbox
from tests.synth import ROOT, SEED

FILE = ("--registry", str(SEED))


def test_what_was_pushed_is_seen_at_home_and_at_the_replica(
    sandbox: Sandbox, shipped: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = sandbox.push(shipped, "my-web-app", "seen-1", "seen")
    listed = sandbox.ecrctl(shipped, "images", "my-web-app", "--tag", "seen-*", "--manifests", "--json", *FILE)
    assert listed.returncode == 0, listed.stderr
    (row,) = json.loads(listed.stdout)
    assert (row["imageTags"], row["imageDigest"], row["arrivedIn"]) == (["seen-1"], digest, ["us-west-2"])
    assert row["uniqueLayersInBytes"] > 0

    for name, value in environment(sandbox.place, shipped.account, shipped.region).items():
        monkeypatch.setenv(name, value)
    found = ImageRegistry(shipped.region, account=shipped.account).find("my-web-app:seen-1")
    assert (found.digest, found.tags) == (digest, ("seen-1",))

    helper = [str(ROOT / "scripts" / "docker-credential-ecrctl"), "get"]
    asked = ImageRegistry(shipped.region, account=shipped.account).host
    answer = subprocess.run(helper, input=asked, env={**os.environ}, capture_output=True, text=True, check=True).stdout
    assert json.loads(answer)["Username"] == "AWS"
    printed = sandbox.ecrctl(shipped, "login", "--print", *FILE)
    assert printed.returncode == 0, printed.stderr
    assert len(printed.stdout.strip()) > 20
