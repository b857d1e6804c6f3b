"""The documents that CodeBuild reads, as data. What differs between pipelines is in `variables`, never in a program.

A document is JSON, which is YAML too. https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from registry import naming
from registry.access.delivery import build_project
from registry.delivery.accepted import as_variable
from registry.model import Registry
from registry.shape import PipelineShape

STEPS: Final = Path(__file__).with_name("steps")
#: In the images below. https://docs.aws.amazon.com/codebuild/latest/userguide/available-runtimes.html
_PYTHON: Final = "3.12"
#: AWS keeps these, with docker and the AWS CLI. https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html
IMAGES: Final = {
    "linux/amd64": ("LINUX_CONTAINER", "aws/codebuild/amazonlinux-x86_64-standard:5.0"),
    "linux/arm64": ("ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:3.0"),
}
_END: Final = "END_OF_STEP"
#: The modules of the steps, by the project that runs the last of them.
_MODULES: Final = {
    "Publish": ("ecr", "findings", "versions", "publish"),
    "Promote": ("ecr", "history", "promote"),
    "Deploy": ("ecr", "deploy"),
}
#: Where the promoted image is said to ECS. https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html
DEFINITIONS: Final = "imagedefinitions.json"


def buildspec(project: str, shape: PipelineShape) -> str:
    """The document of a project of a pipeline."""
    document: dict[str, Any] = {"version": 0.2, "env": {"shell": "bash"}, "phases": {}}
    if project == "Test":
        document["phases"]["build"] = {"commands": list(shape.test)}
        return json.dumps(document, ensure_ascii=False)
    if project in _MODULES:
        document["phases"]["install"] = {"runtime-versions": {"python": _PYTHON}}
    if project not in ("Promote", "Deploy"):
        document["env"]["exported-variables"] = ["DIGEST"]
    if project == "Promote":
        document["artifacts"] = {"files": [DEFINITIONS]}
    document["phases"]["build"] = {"commands": [program(project)]}
    return json.dumps(document, ensure_ascii=False)


@cache
def program(project: str) -> str:
    """What bash runs: the steps are written into an empty folder, where no file of the source is one of theirs."""
    if project not in _MODULES:
        return (STEPS / "build.sh").read_text(encoding="utf-8")
    modules, folder = _MODULES[project], "registry/delivery/steps"
    lines = ["set -euo pipefail", 'cd "$(mktemp -d)"', f"mkdir -p {folder}"]
    for name in modules:
        text = (STEPS / f"{name}.py").read_text(encoding="utf-8")
        lines.append(f"cat > {folder}/{name}.py << '{_END}'\n{text}{_END}")
    lines.append(f"python3 -m {folder.replace('/', '.')}.{modules[-1]}")
    if project == "Publish":
        lines += ["DIGEST=$(cat digest)", "export DIGEST"]
    if project == "Promote":
        # A link of that name in the source is replaced, and not written through.
        lines.append(f'mv -f -T {DEFINITIONS} "$CODEBUILD_SRC_DIR/{DEFINITIONS}"')
    return "\n".join([*lines, ""])


def variables(registry: Registry, repository: str, shape: PipelineShape, project: str) -> dict[str, str]:
    """What a project's program reads that is the same in every run."""
    image = naming.repository_uri(registry.account, registry.region, repository)
    if project.startswith("Build"):
        platform = next(it for it in shape.platforms if build_project(it) == project)
        return {
            "IMAGE": image,
            "PLATFORM": platform,
            "DOCKERFILE": shape.dockerfile,
            "CONTEXT": shape.context,
            "BUILDKIT": shape.buildkit,
            "CACHE": f"{shape.cache}-{platform.rpartition('/')[2]}" if shape.cache else "",
            "PROVENANCE": "mode=max" if shape.provenance else "false",
        }
    if project == "Publish":
        return {
            "REPOSITORY": repository,
            "BUILT": " ".join(f"BUILT_{platform.rpartition('/')[2].upper()}" for platform in shape.platforms),
            "SCAN_GATE": shape.scan_gate,
            "ACCEPTED": "" if shape.scan_gate == "NONE" else as_variable(registry, repository),
            "VERSION_FILE": shape.version_file or "",
            "LINES": "yes" if moves_lines(registry, repository) else "",
        }
    return {"Promote": {"REPOSITORY": repository, "IMAGE": image}, "Deploy": {"IMAGE": image}}.get(project, {})


def moves_lines(registry: Registry, repository: str) -> bool:
    """Whether v1.2.x and v1.x may move in a repository, and v1.2.3 may not."""
    declared = registry.repository(repository)
    return declared is not None and all(declared.may_move(tag) for tag in ("v1.2.x", "v1.x"))
