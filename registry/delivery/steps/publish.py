"""Publish what was built: one image of all platforms, scanned, with its tags. Nothing has a tag before.

Builds push by digest. So what a scan stops has no name, and goes as untagged images go.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from registry.delivery.steps.ecr import (
    INDEX,
    INDEXES,
    CallFailed,
    Manifest,
    Repository,
    Stopped,
    call,
    made,
    run,
    variable,
)
from registry.delivery.steps.findings import DONE, RUNNING, Acceptance, Finding, active, counted, judged
from registry.delivery.steps.versions import fixed_tag, moving_tags, newest, parsed

_SECONDS, _TRIES = 10, 180  # half an hour
_SHOWN: Final = 5


def joined(repository: Repository, digests: Mapping[str, str]) -> Manifest:
    """One image of what was built for each platform: what one build pushed as it is, of several an index.

    A build with provenance pushes an index itself, so the entries of those are taken, with what is attached.
    """
    manifests = {platform: repository.manifest(digest) for platform, digest in digests.items()}
    if len(manifests) == 1:
        return next(iter(manifests.values()))
    entries: list[dict[str, Any]] = []
    for platform, manifest in manifests.items():
        system, _, architecture = platform.partition("/")
        alone = {
            "mediaType": manifest.media_type,
            "digest": manifest.digest,
            "size": manifest.size,
            "platform": {"architecture": architecture, "os": system},
        }
        entries += manifest.entries or [alone]
    return made(INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})


def platforms(image: Manifest) -> list[str]:
    """The digests of what is scanned: images for a platform, not indexes nor what is attached to images."""
    if image.media_type not in INDEXES:
        return [image.digest]
    return [it["digest"] for it in image.entries if it.get("platform", {}).get("os") != "unknown"]


def gate(
    repository: Repository, image: Manifest, severity: str, accepted: Mapping[str, Acceptance], today: date,
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:  # fmt: skip
    """Stop an image with findings of a severity or a worse one, and one that is not scanned in half an hour.

    :param accepted: what of them is let through, by vulnerability.
    :returns: a line for each of these.
    :raises Stopped: with the numbers of the findings, or with the state of the scan.
    """
    said: list[str] = []
    scanned = platforms(image)
    if not scanned:
        raise Stopped(
            f"{image.digest} has no image for a platform, so no scan says what is in it; nothing was tagged\n"
            "    way out: build it for linux/amd64 or linux/arm64, or scan_gate: NONE"
        )
    for digest in scanned:
        bad, lines = judged(_scanned(repository, digest, sleep), severity, accepted, today)
        if bad:
            names = ", ".join(sorted({it.id for it in bad})[:_SHOWN])
            raise Stopped(
                f"the scan of {digest} found {counted(bad)} (scan_gate: {severity}): {names}; nothing was tagged\n"
                f"    way out: `ecrctl findings {repository.name}@{digest}` shows all, and what a newer version fixes; "
                "accepted_findings accepts one for a time"
            )
        said += lines
    return list(dict.fromkeys(said))


def accepted(text: str) -> dict[str, Acceptance]:
    """What the variable of a build lets through, by vulnerability; nothing where it is empty or not there.

    :raises Stopped: where it is not as registry/delivery/accepted.py writes it: somebody changed the project.
    """
    try:
        found = {name: Acceptance(reason, until) for name, (reason, until) in json.loads(text or "{}").items()}
        for it in found.values():
            date.fromisoformat(it.until)
    except (AttributeError, TypeError, ValueError) as problem:
        raise Stopped(
            f"the variable ACCEPTED of this build cannot be read ({problem}); nothing was tagged\n"
            "    way out: deploy the registry again, which writes it from accepted_findings"
        ) from problem
    return found


def _scanned(repository: Repository, digest: str, sleep: Callable[[float], None]) -> list[Finding]:
    status = ""
    for number in range(_TRIES):
        if number:
            sleep(_SECONDS)
        try:
            found = call(
                "ecr", "describe-image-scan-findings", repositoryName=repository.name, imageId={"imageDigest": digest}
            )
        except CallFailed as problem:
            if problem.code != "ScanNotFoundException":
                raise
            status = "not begun"
            continue
        status = found.get("imageScanStatus", {}).get("status", "it says no status")
        if status in DONE:
            try:
                return list(active(found))
            except KeyError as problem:
                raise Stopped(
                    f"the scan of {digest} has a finding without {problem.args[0]}; nothing was tagged\n"
                    f"    way out: look at it with `ecrctl findings {repository.name}@{digest}`, and report it"
                ) from problem
        if status not in RUNNING:
            raise Stopped(
                f"ECR cannot scan {digest}: {status}; nothing was tagged\n"
                "    way out: an image that ECR scans, or scan_gate: NONE"
            )
    raise Stopped(
        f"the scan of {digest} is {status} after half an hour; nothing was tagged\n"
        "    way out: look whether `scanning` of the registry reaches the repository, and start the stage again"
    )


def release(repository: Repository, image: Manifest, text: str, lines: bool) -> list[str]:
    """Tag a version that is new: v1.2.3, and v1.2.x and v1.x where it is their newest. The tags that were written.

    The same version of another image stays what it is, so that not every push needs a new one.

    :param lines: v1.2.x and v1.x may move.
    :raises Stopped: for what is no version.
    """
    version = parsed(text.strip())
    if version is None:
        raise Stopped(
            f"{text.strip()[:60]!r} is no version\n    way out: write one line such as 1.2.3 or 1.2.3-rc.1 in the file"
        )
    tags = repository.tags()
    fixed = fixed_tag(version)
    if tags.get(fixed, image.digest) != image.digest:
        print(f"{fixed} is released already; this image has no version")
        return []
    written = [fixed]
    repository.put(image, fixed)
    if version.prerelease is None and lines:
        for tag, found in zip(moving_tags(version), newest(version, tags), strict=True):
            if found is None or found[0].order <= version.order:
                repository.put(image, tag)
                written.append(tag)
    return written


def publish(sleep: Callable[[float], None] = time.sleep, now: datetime | None = None) -> None:
    """What the build's variables say. The file `digest` holds what the next steps go on with."""
    now = now or datetime.now(UTC)
    repository = Repository(variable("REPOSITORY"))
    built = {name.removeprefix("BUILT_"): variable(name) for name in variable("BUILT").split()}
    names = {"AMD64": "linux/amd64", "ARM64": "linux/arm64"}
    image = joined(repository, {names[name]: digest for name, digest in built.items()})
    severity = variable("SCAN_GATE")
    if not severity:  # whoever takes the variable away must not open the gate
        raise Stopped(
            "the build has no SCAN_GATE, so nobody says which findings stop it\n"
            "    way out: deploy the pipeline again; scan_gate: NONE says that none does"
        )
    if severity != "NONE":
        for line in gate(repository, image, severity, accepted(variable("ACCEPTED")), now.date(), sleep):
            print(line)
    tag = f"build-{now:%Y%m%dT%H%M%SZ}-{variable('COMMIT')[:12]}"
    repository.put(image, tag)
    written = [tag]
    if file := variable("VERSION_FILE"):
        path = Path(variable("CODEBUILD_SRC_DIR")) / file
        if path.is_symlink() or not path.is_file():
            raise Stopped(f"the source has no file {file}\n    way out: add it, or write another version_file")
        written += release(repository, image, path.read_text(encoding="utf-8"), bool(variable("LINES")))
    print(f"{image.digest} is {', '.join(written)}")
    Path("digest").write_text(image.digest, encoding="utf-8")


if __name__ == "__main__":
    run(publish)
