"""Lifecycle policies before they delete: the guard and the preview, against real pushes and a real ECS service."""

from __future__ import annotations

import json
from pathlib import Path

from registry.load import load
from registry.locations import Location
from tests.sandbox.conftest import Sandbox

ACCOUNT, HOME = "210000000020", "ap-northeast-2"
TEXT = f"""\
registry: {{name: acme, account: "{ACCOUNT}", region: {HOME}}}
lifecycles: {{newest: [{{keep: {{tagged: "v*", last: 1}}}}]}}
defaults: {{lifecycle: newest}}
repositories: {{web/api: }}
"""


def test_the_guard_passes_a_first_deploy_and_stops_a_change_that_would_take_a_running_image(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(TEXT.replace("last: 1", "last: 9"))
    registry = load(file)[0]
    sandbox.bootstrap(registry, Location(ACCOUNT, HOME))
    guard = ("lifecycle", "guard", "--registry", str(file), "--pulled-days", "0")

    first = sandbox.ecrctl(registry, *guard)
    assert (first.returncode, first.stdout) == (
        0,
        "repositories: 0; images to be deleted: 0; of them running: 0; by this change: 0\n",
    ), first.stderr
    sandbox.put(file)
    for tag in ("v1", "v2"):
        sandbox.push(registry, "web/api", tag, f"image {tag}")
    file.write_text(TEXT)

    preview = sandbox.ecrctl(registry, "lifecycle", "preview", "web/api", "--registry", str(file), "--json")
    assert preview.returncode == 0, preview.stderr
    (gone,) = json.loads(preview.stdout)["previewResults"]  # both may be of the same second
    assert "this service has no preview of lifecycle policies" in preview.stderr
    assert sandbox.ecrctl(registry, *guard).returncode == 0

    ecs = sandbox.client(registry, service="ecs")
    image = f"{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com/web/api:{gone['imageTags'][0]}"
    ecs.create_cluster(clusterName="blue")
    ecs.register_task_definition(family="api", containerDefinitions=[{"name": "api", "image": image, "memory": 128}])
    ecs.create_service(cluster="blue", serviceName="api", taskDefinition="api", desiredCount=0)
    stopped = sandbox.ecrctl(registry, *guard)
    assert stopped.returncode == 1, stopped.stderr
    assert (
        f"error: web/api in {HOME}: {gone['imageDigest']} ({gone['imageTags'][0]}) would expire by rule 1"
        in stopped.stdout
    )
    assert "    runs in:  ECS service api of cluster blue\n" in stopped.stdout
    accepted = sandbox.ecrctl(registry, *guard, "--accept", "the service is stopped")
    assert accepted.returncode == 0, accepted.stderr
    assert accepted.stdout.endswith("accepted, because: the service is stopped\n")

    sandbox.put(file)
    live = sandbox.ecrctl(registry, *guard)
    assert (live.returncode, live.stdout.startswith("warning: web/api")) == (0, True), live.stderr
